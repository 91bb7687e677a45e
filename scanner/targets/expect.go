package targets

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"go4.org/netipx"

	"openrelay/probe/expect"
	"openrelay/probe/words"
)

// ExpectForm is how a file of expectations is written, for the help.
const ExpectForm = `192.0.2.25:25       open plain until 2030-12-31 because CHG-1234, the old relay
192.0.2.0/28        unreachable       # the firewall must hold
mail.example.org    inconclusive greylisted
mx:example.net      closed            # as without the line
`

// ReadExpect adds what a file expects of servers to a set: a target and an expectation a line. An error is an *Error or
// *Errors.
func ReadExpect(path string, into *expect.Set) error {
	t, f, err := openText(path, howTargets)
	if err != nil {
		return err
	}
	defer f.Close()
	return readExpect(t, into)
}

func readExpect(t *text, into *expect.Set) error {
	if what := noList(t.head()); what != "" {
		return &Error{Where: t.name, Msg: "says of no server what is expected: it is " + what, Try: howTargets}
	}
	bad, n := mistakes{seen: evidence{file: t.name}}, 0
	for line, err := range t.lines() {
		if err != nil {
			return err
		}
		if line.text = line.withoutRemark(); line.text == "" {
			continue
		}
		n++
		if err := line.expected(into); err != nil {
			if line.expects() {
				bad.tell(err)
			} else {
				bad.add(line, err)
			}
			continue
		}
		bad.seen.saw(line)
	}
	switch {
	case bad.n > 0:
		return bad.err(t.name)
	case n == 0:
		return &Error{Where: t.name, Msg: "expects nothing", Try: howTargets}
	}
	return nil
}

// expects reports whether a line looks like an expectation, and so may be quoted: it is of no other kind of file.
func (w word) expects() bool {
	_, text, _ := strings.Cut(w.text, " ")
	first, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(text)), " ")
	var verdicts []string
	for _, f := range expect.Forms {
		verdicts = append(verdicts, f.Verdict.String())
	}
	return slices.Contains(verdicts, first) || words.Nearest(first, verdicts) != ""
}

// reason is where the reason of an expectation begins: what stands behind it is no remark, for a ticket may well be #1234.
var reason = regexp.MustCompile(`(?i)\sbecause\s`)

// withoutRemark is a line of a file of expectations without its remark.
func (w word) withoutRemark() string {
	end := strings.IndexByte(w.text, '#')
	if because := reason.FindStringIndex(w.text); end >= 0 && (because == nil || end < because[0]) {
		return strings.TrimSpace(w.text[:end])
	}
	return strings.TrimSpace(w.text)
}

// expected adds a line of a file of expectations.
func (w word) expected(into *expect.Set) error {
	target, text, _ := strings.Cut(strings.ReplaceAll(w.text, "\t", " "), " ")
	of := w
	of.text = target
	s, err := of.parseListed()
	if err != nil {
		return err
	}
	return of.expect(into, s, text, false)
}

// expect adds what is expected of a target.
func (w word) expect(into *expect.Set, s spec, text string, comment bool) error {
	e, err := expect.Parse(text)
	if err != nil {
		msg := err.Error()
		if h, ok := err.(interface{ Hint() string }); ok {
			msg = fmt.Sprintf("%s; for example: %s", msg, h.Hint())
		}
		return &Error{Where: w.where, Msg: msg, Try: howTargets}
	}
	if into != nil {
		into.Add(s.subject(), e, expect.Line{Text: w.text + " " + strings.TrimSpace(text), Origin: w.where, Comment: comment})
	}
	return nil
}

// subject is what a text names, as an expectation does.
func (s spec) subject() expect.Subject {
	of := expect.Subject{Addrs: s.ranges, Host: s.host, Port: s.port}
	if s.mx {
		of.Host, of.Domain = "", s.host
	}
	for _, addr := range s.addrs {
		addr = addr.WithZone("")
		of.Addrs = append(of.Addrs, netipx.IPRangeFrom(addr, addr))
	}
	return of
}
