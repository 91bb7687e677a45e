package targets

import (
	"fmt"
	"iter"
	"regexp"
	"slices"
	"strings"

	"go4.org/netipx"
)

// ListForm is a way in which programs write lists of targets. It is recognised by its look.
type ListForm struct {
	Name   string // the program, and its option
	About  string // what is read of it, in a few words
	Note   string // and more of that, in sentences; "" for nothing
	Sample string

	looks func(head string) bool              // at the beginning of a list
	read  func(*text) iter.Seq2[entry, error] // an error may be about one entry, and others follow
}

// ListForms lists them, in the order they are tried. Of JSON the rows for one program come before the one for all.
// Texts that may quote anything, such as a banner, come before those that are known by a line. What people write is last.
var ListForms = []ListForm{
	nmapXML,
	masscanJSON,
	masscanLines,
	savedResults,
	jsonList,
	nmapNormal,
	nmapGreppable,
	masscanList,
	masscanGreppable,
	discoveredPorts,
	rustscanGreppable,
	zmap,
	csvHeader,
	zgrab2,
	csvBare,
	plainList,
}

// entry is what one place of a list names.
type entry struct {
	word
	spec
	expect string // what is expected of it, as it is written there; "" for nothing
	found  bool   // by a port scanner: nobody named it
}

// found is an address on which a port scanner found a port open. Nobody named it: it is as an address of a range.
func found(w word, addr, port string) (e entry, err error) {
	w.text = addr
	if strings.Contains(addr, ":") {
		w.text = "[" + addr + "]"
	}
	if port != "" {
		w.text += ":" + port
	}
	s, err := w.parseAddress()
	if err != nil {
		return entry{word: w}, err
	}
	for _, addr := range s.addrs {
		addr = addr.WithZone("")
		s.ranges = append(s.ranges, netipx.IPRangeFrom(addr, addr))
	}
	s.addrs = nil
	return entry{word: w, spec: s, found: true}, nil
}

// eachLine reads a list line by line.
func eachLine(read func(word) iter.Seq2[entry, error]) func(*text) iter.Seq2[entry, error] {
	return func(t *text) iter.Seq2[entry, error] {
		return func(yield func(entry, error) bool) {
			for line, err := range t.lines() {
				if err != nil {
					yield(entry{}, err)
					return
				}
				for e, err := range read(line) {
					if !yield(e, err) {
						return
					}
				}
			}
		}
	}
}

// framed reads a list line by line that its program begins and ends with a line of its own. Where only the first is there,
// the program was stopped, and has found more than it wrote.
func framed(first, last string, read func(word) iter.Seq2[entry, error]) func(*text) iter.Seq2[entry, error] {
	return func(t *text) iter.Seq2[entry, error] {
		var begun word
		lines := eachLine(func(line word) iter.Seq2[entry, error] {
			if strings.HasPrefix(line.text, last) {
				begun = word{}
			} else if strings.HasPrefix(line.text, first) {
				begun = word{where: line.where}
			}
			return read(line)
		})(t)
		return func(yield func(entry, error) bool) {
			whole := true
			for e, err := range lines {
				whole = whole && err == nil
				if !yield(e, err) {
					return
				}
			}
			if whole && begun.where != "" {
				yield(entry{word: begun}, begun.errorf(howTargets, "begins a list without its last line (%s ...), which breaks off: nothing of it is tested", last))
			}
		}
	}
}

func (p *parser) addStdin(w word) error {
	if p.stdinRead {
		return w.errorf(command("-"), "%q is named twice, but can be read only once", "-")
	}
	p.stdinRead = true
	in := p.Stdin
	if in == nil {
		in = strings.NewReader("")
	}
	t, err := readText("stdin", in)
	if err != nil {
		return err
	}
	return p.addList(w, t)
}

func (p *parser) addFile(w word) error {
	switch w.text {
	case "@":
		return w.errorf(command("-"), "%q names no file; - is standard input", w.text)
	case "@-":
		return w.errorf(command("-"), "%q: standard input is named - alone; a file of that name is @./-", w.text)
	}
	t, f, err := openText(w.text[1:], howTargets)
	if err != nil {
		return err
	}
	defer f.Close()
	return p.addList(w, t)
}

// addList takes in what a list names. An empty one is a mistake: a gate that tests nothing must not pass.
func (p *parser) addList(w word, t *text) error {
	head := t.head()
	form := formOf(head)
	if what := noList(head); what != "" && form.Name == plainList.Name {
		return &Error{Where: t.name, Msg: "is no list of targets: " + what, Try: howTargets}
	}
	bad := mistakes{seen: evidence{file: t.name, sure: form.Name != plainList.Name}, targets: true}
	n, left := 0, 0
	for e, err := range form.read(t) {
		if err == nil && e.expect != "" {
			if err := e.word.expect(p.Expect, e.spec, e.expect, true); err != nil {
				bad.tell(err)
				continue
			}
		}
		switch {
		case err != nil:
			bad.add(e.word, err)
		case e.found && e.port != 0 && p.Ports != nil && !slices.Contains(p.Ports, e.port):
			left++
		default:
			n++
			bad.seen.saw(e.word)
			if w.text != "-" {
				e.origin = e.where
			}
			p.take(e.spec, e.about)
		}
	}
	switch {
	case bad.n > 0:
		return bad.err(t.name)
	case n > 0:
		return nil
	}
	return w.emptyList(form, left)
}

// emptyList is the mistake of a list that names nobody, but so many ports that --ports leaves out.
func (w word) emptyList(form ListForm, left int) error {
	switch {
	case left > 0:
		return w.errorf(howTargets, "%q (%s) names no open port of --ports", w.text, form.Name)
	case form.Name != plainList.Name:
		return w.errorf(howTargets, "%q (%s) names no open port", w.text, form.Name)
	}
	return w.errorf(howTargets, "%q names no target", w.text)
}

// formOf recognises a list by its beginning.
func formOf(head string) ListForm {
	for _, form := range ListForms {
		if form.looks(head) {
			return form
		}
	}
	return plainList
}

// noLists are files that somebody may name by mistake, and none of whose lines is worth a mistake of its own.
var noLists = []struct {
	what  string
	looks *regexp.Regexp
}{
	{"a zip file", regexp.MustCompile(`^PK\x03\x04`)},
	{"a binary file", regexp.MustCompile(`[\x00-\x08\x0e-\x19\x1c-\x1f\x7f]`)},
	{"a report of openrelay", regexp.MustCompile(`(?m)\A## openrelay: |^(?:open|closed|inconclusive|unreachable) {2,}\S`)},
	{"a mail", regexp.MustCompile(`(?m)^(?:Return-Path|Received|From|Subject|MIME-Version): `)},
	{"a scope file, which --scope takes", regexp.MustCompile(`(?i)(?:^|\n)(?:owner|ticket):`)},
}

// noList says what a file is that is no list; "" of what may be one.
func noList(head string) string {
	for _, n := range noLists {
		if n.looks.MatchString(head) {
			return n.what
		}
	}
	return ""
}

// firstLine is the first line of a list that is neither empty nor a comment.
func firstLine(head string) string {
	for line := range strings.Lines(head) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			return line
		}
	}
	return ""
}

// mostTold is how many bad lines of a file are told one by one.
const mostTold = 10

// mistakes are the bad lines of a list.
type mistakes struct {
	seen    evidence
	first   []error
	n       int
	targets bool // and not of a file of something else, such as what is expected of them
}

// add takes in what is wrong with a line, of which no more is quoted than may be.
func (m *mistakes) add(w word, err error) {
	if m.n++; m.n > mostTold {
		return
	}
	try := howTargets
	if m.targets && !w.right() {
		err = w.mend(err)
		if texts := mended(w.text); addressesOnly(texts) { // which are no secrets
			try = short(command(texts...))
		}
	}
	if w.where != "" { // else it is about the file as a whole
		err = m.seen.say(err, w, try)
	}
	m.first = append(m.first, err)
}

// tell takes in a mistake as it is.
func (m *mistakes) tell(err error) {
	if m.n++; m.n <= mostTold {
		m.first = append(m.first, err)
	}
}

// err is all of them as one error.
func (m *mistakes) err(name string) error {
	if m.n == 1 {
		return m.first[0]
	}
	more := ""
	if m.n > mostTold {
		more = fmt.Sprintf(", of which the first %d are told", mostTold)
	}
	return &Errors{m.first, &Error{Where: name, Msg: fmt.Sprintf("%d bad lines%s", m.n, more), Try: howTargets}}
}

// Errors are the mistakes of one list, the first of them one by one.
type Errors struct {
	All []error // each an *Error
	Sum error   // how many there are
}

func (e *Errors) Error() string {
	var b strings.Builder
	for _, err := range e.All {
		b.WriteString(err.Error() + "; ")
	}
	return b.String() + e.Sum.Error()
}

// Unwrap gives each for itself.
func (e *Errors) Unwrap() []error { return append(e.All[:len(e.All):len(e.All)], e.Sum) }
