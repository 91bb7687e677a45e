package targets

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"iter"
	"strings"

	"golang.org/x/text/encoding/charmap"
)

var nmapXML = ListForm{
	Name:  "nmap -oX",
	About: "the open TCP ports of each address",
	Note:  "masscan -oX is alike.",
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

// mostAddrs is how many addresses a host may have, each of which is tested on all its open ports. nmap writes one.
const mostAddrs = 16

// xmlReader reads a text of nmap's XML. Of the host that is read it keeps the addresses and the open TCP ports.
type xmlReader struct {
	text  *text
	in    *xml.Decoder
	depth int
	begun bool
	addrs []string
	ports []xmlPort
	proto string // of the port element that is read
	id    string
}

type xmlPort struct{ id, where string }

func readXML(t *text) iter.Seq2[entry, error] {
	return func(yield func(entry, error) bool) {
		r := xmlReader{text: t, in: xml.NewDecoder(t)}
		r.in.CharsetReader = singleByte
		t.record.limited = true
		for {
			t.record.n = 0
			token, err := r.in.Token()
			switch token := token.(type) {
			case xml.StartElement:
				err = r.start(token)
			case xml.EndElement:
				if !r.end(token.Name.Local, yield) {
					return
				}
			case xml.CharData:
				err = r.between(token)
			}
			switch {
			case err == io.EOF && r.begun && t.failed(nil) == nil:
				return
			case err != nil:
				yield(entry{word: r.at()}, r.mistake(err))
				return
			}
		}
	}
}

// at is where the last token ends.
func (r *xmlReader) at() word {
	line, _ := r.in.InputPos()
	return word{where: fmt.Sprintf("%s:%d", r.text.name, line)}
}

func (r *xmlReader) start(e xml.StartElement) error {
	r.begun = true
	r.depth++
	name := e.Name.Local
	switch {
	case r.depth == 1 && name != "nmaprun":
		return r.at().errorf(howTargets, "is XML, but not of nmap or masscan")
	case r.depth > mostNested:
		return r.at().errorf(howTargets, "has elements in each other, more than %d deep", mostNested)
	case name == "host":
		r.addrs, r.ports = nil, nil
	case name == "address" && attr(e, "addrtype") != "mac":
		if len(r.addrs) == mostAddrs {
			return r.at().errorf(howTargets, "has a host with more than %d addresses", mostAddrs)
		}
		r.addrs = append(r.addrs, attr(e, "addr"))
	case name == "port":
		r.proto, r.id = attr(e, "protocol"), attr(e, "portid")
	case name == "state" && r.proto == "tcp" && attr(e, "state") == "open":
		r.ports = append(r.ports, xmlPort{r.id, r.at().where})
	}
	return nil
}

// between refuses what stands outside of elements, such as another list that was put behind this one.
func (r *xmlReader) between(text xml.CharData) error {
	if r.depth == 0 && len(bytes.TrimSpace(text)) > 0 {
		return r.at().errorf(howTargets, "has something else before or behind its elements")
	}
	return nil
}

// end yields a host that is read.
func (r *xmlReader) end(name string, yield func(entry, error) bool) bool {
	r.depth--
	switch name {
	case "port":
		r.proto = ""
	case "host":
		if len(r.addrs) == 0 && len(r.ports) > 0 && !yield(entry{word: r.at()}, r.at().errorf(howTargets, "is a host without an address")) {
			return false
		}
		for _, port := range r.ports {
			for _, addr := range r.addrs {
				if !yield(found(word{where: port.where}, addr, port.id)) {
					return false
				}
			}
		}
		r.addrs, r.ports = nil, nil
	}
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

// mistake is what is wrong with a text that cannot be read on. What it holds is not quoted.
func (r *xmlReader) mistake(err error) error {
	if failed := r.text.failed(nil); failed != nil {
		return failed
	}
	syntax, isSyntax := err.(*xml.SyntaxError)
	_, isOurs := err.(*Error)
	switch {
	case isOurs:
		return err
	case err == io.EOF, isSyntax && syntax.Msg == "unexpected EOF":
		return r.at().errorf(howTargets, breaksOff)
	case isSyntax:
		return r.at().errorf(howTargets, "is no XML")
	}
	return r.text.failed(err)
}

// singleByte reads other encodings than UTF-8. UTF-16 is UTF-8 by now, and what an address is written in is ASCII in all
// others.
func singleByte(charset string, in io.Reader) (io.Reader, error) {
	if strings.HasPrefix(strings.ToLower(charset), "utf") {
		return in, nil
	}
	return charmap.ISO8859_1.NewDecoder().Reader(in), nil
}
