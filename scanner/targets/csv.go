package targets

import (
	"encoding/csv"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"openrelay/probe"
	"openrelay/probe/netaddr"
)

var csvBare = ListForm{
	Name:  "CSV without a header",
	About: "with quotes or ; in it: the target, then its ports",
	Sample: `"192.0.2.25";25;"Berlin; ground floor"
"mail.example.org";"465,587";
198.51.100.0/31;;the office
`,
	looks: func(head string) bool {
		comma, first := firstRow(head)
		return (comma == ';' || strings.Contains(firstLine(head), `"`)) && word{text: first.cell(0)}.certain()
	},
	read: func(t *text) iter.Seq2[entry, error] {
		comma, _ := firstRow(t.head())
		return t.eachRow(comma, row.bare)
	},
}

// bare reads a row without a header. What stands in it besides means nothing, unless it looks as if it were meant too.
func (r row) bare() iter.Seq2[entry, error] {
	t := target{word: r.word, ports: r.cell(1)}
	t.text = r.cell(0)
	if strings.IndexFunc(t.ports, noPorts) >= 0 {
		t.ports = ""
	}
	for i := 1; i < len(r.cells); i++ {
		cell := r.cell(i)
		switch {
		case (word{text: cell}).certain():
			return mistaken(t.word, t.second(i, cell))
		case i > 1 && t.ports != "" && isNumber(cell):
			try := howTargets
			if slices.Contains(mailPorts, cell) { // else it is perhaps a secret
				try = command(ported([]string{t.text, t.ports, cell})...)
			}
			return mistaken(t.word, t.errorf(try, "cell %d may be a second port: several stand in one cell, in quotes", i+1))
		}
	}
	return t.entries
}

// second refuses a cell that looks like another target. Only an address is quoted: a password may look like a name.
func (t target) second(i int, cell string) error {
	if isAddresses(t.text) && isAddresses(cell) {
		return t.errorf(command(t.text, cell), "a row of CSV names one target, and %q is a second", cell)
	}
	return t.errorf(howTargets, "a row of CSV names one target, and cell %d looks like a second", i+1)
}

// mistaken is an entry that is none.
func mistaken(w word, err error) iter.Seq2[entry, error] {
	return func(yield func(entry, error) bool) { yield(entry{word: w}, err) }
}

// certain reports whether a cell can be nothing but a target: an address, a network, or a name with a dot.
func (w word) certain() bool {
	if text := strings.TrimSuffix(w.text, "."); text == "" || !(word{text: text}).telling() || strings.ContainsFunc(text, unicode.IsSpace) {
		return false
	}
	_, err := w.parseListed()
	return err == nil
}

// target is what a row of CSV says of one.
type target struct {
	word           // the text as Kinds have it
	ports   string // a list of them; "" for the usual ones
	domain  string // whose mail it takes
	remarks []remarkCell
	found   bool // by a port scanner
}

// remarkCell says what a comment of a plain list would.
type remarkCell struct{ key, value string }

// entries are the target on each of its ports.
func (t target) entries(yield func(entry, error) bool) {
	ports, err := t.portList()
	for _, port := range ports {
		var e entry
		if e, err = t.entry(port); err != nil {
			break
		}
		if !yield(e, nil) {
			return
		}
	}
	if err != nil {
		yield(entry{word: t.word}, t.discreet(err))
	}
}

// entry is the target on one port, 0 for the usual ones.
func (t target) entry(port uint16) (e entry, err error) {
	if t.text == "" {
		return e, t.errorf(howTargets, "names neither an address nor a host")
	}
	if t.found {
		digits := ""
		if port != 0 {
			digits = strconv.Itoa(int(port))
		}
		return found(t.word, t.text, digits)
	}
	e.word = t.word
	for _, r := range t.remarks {
		if err := e.remark(r.key, r.value); err != nil {
			return e, unquoted(err)
		}
	}
	if e.spec, err = e.parseListed(); err != nil {
		return e, err
	}
	if e.port != 0 && port != 0 && e.port != port {
		return e, t.errorf(howTargets, "names two ports for one target")
	}
	e.port = max(e.port, port)
	return e, e.takesMailFor(t.domain)
}

// takesMailFor says whose mail a target takes. A host is one target, whatever domains it takes mail for.
func (e *entry) takesMailFor(domain string) error {
	switch _, err := netaddr.ASCII(domain); {
	case domain == "":
	case err != nil:
		return e.errorf(howTargets, "names a domain that is none")
	case e.host == "":
		e.domain = fold(domain)
	default:
		e.local = together([]*probe.Local{e.local, {Domains: []string{fold(domain)}}})
	}
	return nil
}

// noPorts reports whether a character is part of no list of ports.
func noPorts(r rune) bool { return !strings.ContainsRune("0123456789,; ", r) }

// portList reads the ports of a target: 25, or 25,587, or 25/tcp 53/udp, of which only 25 is meant. {0} where none is
// named.
func (t target) portList() (ports []uint16, err error) {
	for _, text := range strings.FieldsFunc(t.ports, func(r rune) bool { return r == ',' || r == ';' || unicode.IsSpace(r) }) {
		digits, protocol, _ := strings.Cut(text, "/")
		n, err := strconv.ParseUint(digits, 10, 16)
		switch {
		case err != nil || n == 0:
			return nil, t.errorf(howTargets, "names a port that is not a number from 1 to 65535")
		case protocol == "" || strings.EqualFold(protocol, "tcp"):
			ports = append(ports, uint16(n))
		}
	}
	if strings.Trim(t.ports, ",; ") == "" {
		ports = []uint16{0}
	}
	return ports, nil
}

// discreet is a mistake without what the row says, unless that looks like a target: a table may hold anything.
func (t target) discreet(err error) error {
	if t.telling() {
		return err
	}
	return unquoted(err)
}

func unquoted(err error) error {
	mistake, ok := err.(*Error)
	if !ok {
		return err
	}
	return &Error{mistake.Where, netaddr.Unquoted(mistake.Msg), howTargets}
}

// row is a row of a CSV text, and where it stands.
type row struct {
	word
	cells []string
}

// cell is one of a row. Empty ones behind the last may be left out, and a dash is written for nothing.
func (r row) cell(i int) string {
	if i >= len(r.cells) {
		return ""
	}
	if text := strings.TrimSpace(r.cells[i]); text != "-" {
		return text
	}
	return ""
}

// empty reports whether there is nothing in a row from a cell on.
func (r row) empty(from int) bool {
	for i := from; i < len(r.cells); i++ {
		if r.cell(i) != "" {
			return false
		}
	}
	return true
}

// csvReader reads rows of any length, with spaces behind the separators.
func csvReader(in io.Reader, comma rune) *csv.Reader {
	rows := csv.NewReader(in)
	rows.Comma, rows.Comment, rows.FieldsPerRecord, rows.ReuseRecord = comma, '#', -1, true
	rows.TrimLeadingSpace = comma != '\t' // which would be a space itself
	return rows
}

// eachRow reads what the rows of a CSV text name.
func (t *text) eachRow(comma rune, read func(row) iter.Seq2[entry, error]) iter.Seq2[entry, error] {
	return func(yield func(entry, error) bool) {
		for r, err := range t.rows(comma) {
			if err != nil {
				if !yield(entry{word: r.word}, err) {
					return
				}
				continue
			}
			if r.empty(0) {
				continue
			}
			for e, err := range read(r) {
				if !yield(e, err) {
					return
				}
			}
		}
	}
}

// rows are those of a CSV text, each in the cells of the one before. One that is none is an error, and others follow.
func (t *text) rows(comma rune) iter.Seq2[row, error] {
	return func(yield func(row, error) bool) {
		skipped := t.skipSeparator()
		t.record.limited = true
		rows := csvReader(t.Reader, comma)
		for {
			t.record.n = 0
			cells, err := rows.Read()
			r := row{cells: cells}
			if bad, ok := err.(*csv.ParseError); ok {
				r.where = t.place(bad.StartLine + skipped)
				err = r.errorf(howTargets, "is no row of CSV: a quote too many, or one too few")
			} else if err == nil {
				line, _ := rows.FieldPos(0)
				r.where = t.place(line + skipped)
			} else {
				if err = t.failed(err); err != nil {
					yield(r, err)
				}
				return
			}
			if !yield(r, err) {
				return
			}
		}
	}
}

// separators are the characters that stand between the cells of a row.
const separators = ";\t,"

// separator is what the first line of a text names as such, in the way of Excel; 0 where it names none. rest is what
// follows.
func separator(head string) (comma rune, rest string) {
	first, rest, _ := strings.Cut(head, "\n")
	first = strings.Trim(first, "\"\r")
	if len(first) == 5 && strings.EqualFold(first[:4], "sep=") && strings.Contains(separators, first[4:]) {
		return rune(first[4]), rest
	}
	return 0, head
}

// skipSeparator passes over the line that names the separator, and returns how many lines that are.
func (t *text) skipSeparator() int {
	if comma, _ := separator(t.head()); comma == 0 {
		return 0
	}
	_, _ = t.ReadSlice('\n')
	return 1
}

// firstRow is the first row of a text without a header, and what stands between its cells.
func firstRow(head string) (comma rune, first row) {
	comma, rest := separator(head)
	if comma == 0 {
		comma = ','
		if strings.Contains(firstLine(rest), ";") {
			comma = ';'
		}
	}
	first.cells, _ = csvReader(strings.NewReader(rest), comma).Read()
	return comma, first
}
