package targets

import (
	"encoding/xml"
	"fmt"
	"io"
	"iter"
	"strings"

	"golang.org/x/text/encoding/charmap"
)

var nmapXML = ListForm{
	Name:  "nmap -oX",
	About: "the open TCP ports of each address. masscan -oX is alike",
	Sample: `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE nmaprun>
<?xml-stylesheet href="file:///usr/bin/../share/nmap/nmap.xsl" type="text/xsl"?>
<!-- Nmap 7.93 scan initiated Mon Nov 30 09:00:00 2026 as: nmap -p25,465 -oX - 192.0.2.0/24 -->
<nmaprun scanner="nmap" args="nmap -p25,465 -oX - 192.0.2.0/24" start="1796029200" startstr="Mon Nov 30 09:00:00 2026" version="7.93" xmloutputversion="1.05">
<scaninfo type="syn" protocol="tcp" numservices="2" services="25,465"/>
<verbose level="0"/>
<debugging level="0"/>
<host starttime="1796029200" endtime="1796029207"><status state="up" reason="arp-response" reason_ttl="0"/>
<address addr="192.0.2.25" addrtype="ipv4"/>
<address addr="00:00:5E:00:53:19" addrtype="mac"/>
<hostnames>
<hostname name="mail.example.org" type="PTR"/>
</hostnames>
<ports><port protocol="tcp" portid="25"><state state="open" reason="syn-ack" reason_ttl="64"/><service name="smtp" method="table" conf="3"/></port>
<port protocol="tcp" portid="465"><state state="closed" reason="reset" reason_ttl="64"/><service name="smtps" method="table" conf="3"/></port>
</ports>
<times srtt="144" rttvar="2863" to="100000"/>
</host>
<runstats><finished time="1796029207" timestr="Mon Nov 30 09:00:07 2026" summary="Nmap done at Mon Nov 30 09:00:07 2026; 256 IP addresses (1 host up) scanned in 7.21 seconds" elapsed="7.21" exit="success"/><hosts up="1" down="255" total="256"/>
</runstats>
</nmaprun>
`,
	looks: func(head string) bool { return strings.HasPrefix(strings.TrimSpace(head), "<") },
	read:  readXML,
}

// breaksOff is said of a list whose program was stopped, or whose disk was full.
const breaksOff = "breaks off: what stands before is not tested either"

// mostNested is how deep elements may stand within each other. Each open one takes memory; nmap needs a dozen.
const mostNested = 100

// xmlHost is what is read of a host element so far.
type xmlHost struct {
	addrs []string
	ports []xmlPort // the open TCP ones
	proto string    // of the port element that is read
	id    string
}

type xmlPort struct{ id, where string }

func readXML(t *text) iter.Seq2[entry, error] {
	return func(yield func(entry, error) bool) {
		in := xml.NewDecoder(t)
		in.CharsetReader = singleByte
		host, depth, begun := xmlHost{}, 0, false
		for {
			token, err := in.Token()
			line, _ := in.InputPos()
			at := word{where: fmt.Sprintf("%s:%d", t.name, line)}
			if err != nil {
				if err = t.endOfXML(at, err, begun); err != nil {
					yield(entry{word: at}, err)
				}
				return
			}
			switch token := token.(type) {
			case xml.StartElement:
				depth++
				if err := at.checkElement(token, depth); err != nil {
					yield(entry{word: at}, err)
					return
				}
				begun = true
				host.start(token, at.where)
			case xml.EndElement:
				depth--
				if token.Name.Local == "host" && !host.end(yield) {
					return
				}
			}
		}
	}
}

// checkElement refuses a text that is of no port scanner.
func (w word) checkElement(e xml.StartElement, depth int) error {
	switch {
	case depth == 1 && e.Name.Local != "nmaprun":
		return w.errorf(howTargets, "is XML, but not of nmap or masscan")
	case depth > mostNested:
		return w.errorf(howTargets, "has elements in each other, more than %d deep", mostNested)
	}
	return nil
}

// endOfXML is what is wrong with a text that ends here; nil where it is whole. What it holds is not quoted.
func (t *text) endOfXML(at word, err error, begun bool) error {
	if failed := t.failed(nil); failed != nil {
		return failed
	}
	syntax, isSyntax := err.(*xml.SyntaxError)
	switch {
	case err == io.EOF && begun:
		return nil
	case err == io.EOF, isSyntax && syntax.Msg == "unexpected EOF":
		return at.errorf(howTargets, breaksOff)
	case isSyntax:
		return at.errorf(howTargets, "is no XML")
	}
	return t.failed(err)
}

// singleByte reads other encodings than UTF-8. UTF-16 is UTF-8 by now, and what an address is written in is ASCII in all
// others.
func singleByte(charset string, in io.Reader) (io.Reader, error) {
	if strings.HasPrefix(strings.ToLower(charset), "utf") {
		return in, nil
	}
	return charmap.ISO8859_1.NewDecoder().Reader(in), nil
}

func (h *xmlHost) start(e xml.StartElement, where string) {
	switch e.Name.Local {
	case "host":
		*h = xmlHost{}
	case "address":
		if attr(e, "addrtype") != "mac" {
			h.addrs = append(h.addrs, attr(e, "addr"))
		}
	case "port":
		h.proto, h.id = attr(e, "protocol"), attr(e, "portid")
	case "state":
		if h.proto == "tcp" && attr(e, "state") == "open" {
			h.ports = append(h.ports, xmlPort{h.id, where})
		}
		h.proto = ""
	}
}

func (h *xmlHost) end(yield func(entry, error) bool) bool {
	for _, port := range h.ports {
		for _, addr := range h.addrs {
			if !yield(found(word{where: port.where}, addr, port.id)) {
				return false
			}
		}
	}
	*h = xmlHost{}
	return true
}

func attr(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}
