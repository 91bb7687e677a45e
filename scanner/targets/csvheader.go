package targets

import (
	"iter"
	"slices"
	"strings"
	"unicode"
)

var csvHeader = ListForm{
	Name:  "CSV with a header",
	About: "columns ip or host, and port, domain, expect and more",
	Sample: `"Host Name";"IP Address";Ports;Domain;Status;Local-User
mail.example.org;192.0.2.25;"25,587";example.org;production;ada
mx2.example.net;;;;;
old.example.org;192.0.2.26;25;;closed;
office.example.org;198.51.100.0/31;2525;;;
`,
	looks: func(head string) bool { return headerOf(head).list() },
	read:  readTable,
}

var zmap = ListForm{
	Name:  "zmap",
	About: "what answered: CSV with a column saddr, and sport",
	Sample: `saddr,sport,classification,success,repeat
192.0.2.25,25,synack,1,0
192.0.2.26,25,rst,0,0
2001:db8::25,25,synack,1,0
`,
	looks: func(head string) bool { h := headerOf(head); return h.zmap && h.list() },
	read:  readTable,
}

// columns are those of a table that mean something, each with the names it may have in the header, the clearest first.
// Upper case, white space, - and _ are no part of a name.
var columns = []struct {
	key    string
	names  []string
	leaves []string // values by which the row is left out
}{
	{"address", []string{"saddr", "ipaddress", "ipaddr", "ip", "ipv4address", "ipv4", "address", "addr"}, nil},
	{"IPv6 address", []string{"ipv6address", "ipv6addr", "ipv6"}, nil},
	{"host", []string{"fqdn", "hostname", "dnsname", "host", "mailserver", "mailhost", "mx", "servername", "server", "target", "name"}, nil},
	{"port", []string{"sport", "port", "ports"}, nil},
	{"domain", []string{"domain", "maildomain"}, nil},
	{"expect", []string{"expect"}, nil},
	{"local-domain", []string{"localdomain"}, nil},
	{"local-user", []string{"localuser"}, nil},
	{"state", []string{"state"}, notOpen},
	{"status", []string{"status"}, notOpen},
	{"port state", []string{"portstate"}, notOpen},
	{"protocol", []string{"protocol", "proto"}, []string{"udp", "sctp", "icmp", "arp"}},
	{"success", []string{"success"}, []string{"0", "false"}},
	{"secret", []string{"password", "passwd", "passphrase", "secret", "pwd"}, nil}, // such a table lists no servers
}

// notOpen is what programs say of ports and hosts that do not answer. What else a state says, "production", is about
// something else.
var notOpen = []string{"closed", "filtered", "open|filtered", "closed|filtered", "down"}

// header is what the first row of a table says of its columns.
type header struct {
	comma rune
	keys  []string // of each column; "" for those that mean nothing
	known int      // how many mean something
	zmap  bool     // its addresses are what zmap found
}

// headerOf reads the beginning of a list as a table: by the separator that shows the most columns.
func headerOf(head string) (best header) {
	comma, rest := separator(head)
	for _, c := range separators {
		if comma != 0 && c != comma {
			continue
		}
		rows := csvReader(strings.NewReader(rest), c)
		cells, err := rows.Read()
		if err != nil {
			continue
		}
		h := header{comma: c, keys: make([]string, len(cells))}
		h.name(row{cells: cells})
		if len(cells) == 1 && h.known == 1 {
			next, err := rows.Read()
			if alone := err != nil && h.zmap; !alone && !(word{text: row{cells: next}.cell(0)}).certain() {
				continue // a host may be called "host"
			}
		}
		if h.known > best.known {
			best = h
		}
	}
	return best
}

// name finds the columns that mean something. A cell that is a target is no header.
func (h *header) name(first row) {
	for i := range first.cells {
		if (word{text: first.cell(i)}).certain() {
			return
		}
	}
	for _, column := range columns {
		for _, name := range column.names {
			i := slices.IndexFunc(first.cells, func(cell string) bool { return columnName(cell) == name })
			if i >= 0 && !slices.Contains(h.keys, column.key) {
				h.keys[i] = column.key
				h.known++
				h.zmap = h.zmap || name == "saddr"
			}
		}
	}
}

// columnName is how a column is compared.
func columnName(cell string) string {
	return strings.ToLower(strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '-' || r == '_' {
			return -1
		}
		return r
	}, cell))
}

// list reports whether the table lists servers.
func (h header) list() bool {
	return slices.ContainsFunc(h.keys, namesServer) && !slices.Contains(h.keys, "secret")
}

func namesServer(key string) bool { return key == "address" || key == "IPv6 address" || key == "host" }

// readTable reads a table with a header.
func readTable(t *text) iter.Seq2[entry, error] {
	h := headerOf(t.head())
	var first []string
	return t.eachRow(h.comma, func(r row) iter.Seq2[entry, error] {
		if first == nil {
			first = slices.Clone(r.cells)
		}
		if slices.Equal(r.cells, first) { // once more where two files are one behind the other
			return func(func(entry, error) bool) {}
		}
		return h.read(r)
	})
}

// read reads a row. Where it has both an address and a host, it is the address that is tested; or two, of both families.
func (h header) read(r row) iter.Seq2[entry, error] {
	return func(yield func(entry, error) bool) {
		if !r.empty(len(h.keys)) {
			yield(entry{word: r.word}, r.errorf(howTargets, "has more cells than the header"))
			return
		}
		t, texts := h.target(r)
		for _, t.text = range texts {
			for e, err := range t.entries {
				if !yield(e, err) {
					return
				}
			}
		}
	}
}

// target is what a row says, and of what: of an address of each family, else of a host. Of nothing, if the row is left out.
func (h header) target(r row) (t target, texts []string) {
	t = target{word: r.word, found: h.zmap}
	host := ""
	for i, key := range h.keys {
		cell := r.cell(i)
		switch key {
		case "address", "IPv6 address":
			if cell != "" && !slices.Contains(texts, cell) {
				texts = append(texts, cell)
			}
		case "host":
			host = cell
		case "port":
			t.ports = cell
		case "domain":
			t.domain = cell
		case "expect", "local-domain", "local-user":
			if cell != "" {
				t.remarks = append(t.remarks, remarkCell{key, cell})
			}
		default:
			if leaves(key, cell) {
				return t, nil
			}
		}
	}
	if texts == nil {
		texts, t.found = []string{host}, false
	}
	return t, texts
}

// leaves reports whether a row is left out for what a column says.
func leaves(key, value string) bool {
	for _, column := range columns {
		if column.key == key && slices.Contains(column.leaves, strings.ToLower(value)) {
			return true
		}
	}
	return false
}
