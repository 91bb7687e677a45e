package targets

import (
	"iter"
	"strings"

	"openrelay/probe/netaddr"
)

var zgrab2 = ListForm{
	Name:  "zgrab2",
	About: "ip, domain, tag: the domain is the server's own",
	Sample: `192.0.2.25, example.org, mail
192.0.2.26, example.net
198.51.100.0/31,, office
, mail.example.com
`,
	looks: func(head string) bool {
		rows := csvReader(strings.NewReader(head), ',')
		cells, err := rows.Read()
		return err == nil && len(cells) > 1 && row{cells: cells}.isZGrab()
	},
	read: func(t *text) iter.Seq2[entry, error] { return t.eachRow(',', row.zgrab) },
}

// isZGrab reports whether a row is one of zgrab2's: an address or a network, or nothing; a domain, or nothing; a tag, and
// a port. A name may stand alone.
func (r row) isZGrab() bool {
	addr, domain := r.cell(0), r.cell(1)
	switch {
	case len(r.cells) > 4 || r.cell(3) != "" && !isNumber(r.cell(3)):
		return false
	case len(r.cells) == 1:
		return word{text: addr}.certain()
	case addr == "":
		return word{text: domain}.certain() && netaddr.Name(domain)
	case domain == "":
		return len(r.cells) > 2 && isAddresses(addr)
	}
	return isAddresses(addr) && netaddr.Name(domain) && strings.Contains(domain, ".")
}

// isAddresses reports whether a text is an address or a network.
func isAddresses(text string) bool {
	s, err := word{text: text}.parseListed()
	return err == nil && s.host == ""
}

// zgrab reads a row of zgrab2's input.
func (r row) zgrab() iter.Seq2[entry, error] {
	t := target{word: r.word, domain: r.cell(1), ports: r.cell(3)}
	if t.text = r.cell(0); t.text == "" {
		t.text, t.domain = t.domain, ""
	}
	if !r.isZGrab() {
		return func(yield func(entry, error) bool) {
			yield(entry{word: r.word}, r.errorf(howTargets, "is no line of zgrab2's input: ip, domain, tag"))
		}
	}
	return t.entries
}
