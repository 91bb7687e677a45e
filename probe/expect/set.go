package expect

import (
	"cmp"
	"fmt"
	"net/netip"
	"time"

	"openrelay/probe"
)

// Line is where an expectation is written down.
type Line struct {
	Text    string // as it was written: "192.0.2.1 unreachable"
	Origin  string // "expect.txt:3"
	Comment bool   // beside a target in a list, not in a file of expectations
}

// Set is what is expected of servers. Of the lines about a server one counts: that of a file before a comment, then
// the one that names fewest addresses (an address, a host name, a domain, more addresses), then one that names the
// port. The zero Set expects nothing. A Set is for one goroutine, and Now and Vantage are set before the first use.
type Set struct {
	Now     func() time.Time // whether a line has expired; nil = time.Now
	Vantage string           // the name of the one that tests; "" for none

	lines   []*line
	checked bool
	exact   map[key]*line
	ranges  map[span]cells
}

// span is what the lines with ranges have in common that are looked for at once.
type span struct {
	port    uint16
	comment bool
}

type line struct {
	Line
	expect  probe.Expectation
	subject Subject
	beyond  count      // the addresses of the subject beyond the first
	idle    string     // why it has no effect; "" for one that has
	used    bool       // what it names was tested; of several addresses the cells know
	open    netip.Addr // of a host name: the address that is open as expected
	another netip.Addr // a second one
}

// Add takes in what a line expects of a subject.
func (s *Set) Add(of Subject, e probe.Expectation, where Line) {
	l := &line{Line: where, expect: e, subject: of.normal()}
	l.beyond = l.subject.beyond()
	s.lines = append(s.lines, l)
	s.checked = false
}

// Anew is a Set of the same lines that has judged nothing yet: one scan uses up what another must find whole.
func (s *Set) Anew() *Set {
	if s == nil {
		return nil
	}
	anew := &Set{Now: s.Now, Vantage: s.Vantage}
	for _, l := range s.lines {
		anew.Add(l.subject, l.expect, l.Line)
	}
	return anew
}

// Check finds two lines of which neither comes before the other. The error is an *Error. Lines that have no effect,
// as Remarks says, are as if they were not there.
func (s *Set) Check() error {
	s.exact, s.ranges, s.checked = map[key]*line{}, map[span]cells{}, true
	wide := map[span][]*line{}
	for _, l := range s.lines {
		l.idle = s.withoutEffect(l)
		switch k := l.key(); {
		case l.idle != "":
		case l.wide():
			wide[l.span()] = append(wide[l.span()], l)
		case s.exact[k] != nil:
			return twice(s.exact[k], l)
		default:
			s.exact[k] = l
		}
	}
	for _, l := range s.lines {
		of := l.span()
		if wide[of] == nil || s.ranges[of] != nil {
			continue
		}
		var err error
		if s.ranges[of], err = cut(wide[of]); err != nil {
			return err
		}
	}
	return nil
}

// ready checks what was added, if nobody has: whoever wants to know of two equal lines has.
func (s *Set) ready() {
	if !s.checked {
		_ = s.Check()
	}
}

func twice(a, b *line) error {
	return &Error{fmt.Sprintf("%s and %s expect something of the same server, and neither names fewer addresses", a.Origin, b.Origin),
		"take one of the two lines out, or name a port or fewer addresses in it"}
}

// wide reports whether a line names more than one address, and not by a name.
func (l *line) wide() bool { return l.beyond != count{} }

func (l *line) span() span { return span{l.subject.Port, l.Comment} }

// key is what a line that is not wide is found by.
func (l *line) key() key {
	k := key{host: l.subject.Host, domain: l.subject.Domain, port: l.subject.Port, comment: l.Comment}
	if len(l.subject.Addrs) > 0 {
		k.addr = l.subject.Addrs[0].From()
	}
	return k
}

// find returns the line that counts. With tested, all lines about the same are used from now on.
func (s *Set) find(w whom, tested bool) (found *line) {
	s.ready()
	for _, comment := range []bool{false, true} {
		for _, k := range w.keys(comment) {
			if l := s.exact[k]; l != nil {
				l.used = l.used || tested
				found = cmp.Or(found, l)
			}
		}
		found = cmp.Or(found, s.inRanges(w, comment, tested))
	}
	return found
}

// inRanges returns the narrowest line with several addresses that has the one of w.
func (s *Set) inRanges(w whom, comment, tested bool) (found *line) {
	if !w.addr.IsValid() {
		return nil
	}
	for _, port := range []uint16{w.port, 0} {
		c := s.ranges[span{port, comment}].at(w.addr)
		if c == nil || c.line == nil {
			continue
		}
		c.hit = c.hit || tested
		if found == nil || c.line.beyond.compare(found.beyond) < 0 {
			found = c.line
		}
	}
	return found
}

// Judge writes into a result what is expected of the server, and how what was found compares; nothing where no line
// counts. A Set without lines leaves what is expected as it is, and compares again: a message that came out may have
// proven more since, and a record that was read may say anything.
func (s *Set) Judge(r *probe.Result) {
	if s == nil || len(s.lines) == 0 {
		if e := r.Expected; e != nil {
			r.Expected = &probe.Expected{Expectation: e.Expectation, Found: Compare(e.Expectation, r), Origin: e.Origin}
		}
		return
	}
	r.Expected = nil
	w := whomOf(r.Target, r.Name, r.Domain)
	if l := s.find(w, true); l != nil && l.judges(r) && !l.spent(w.addr, r) {
		r.Expected = &probe.Expected{Expectation: l.expect, Found: Compare(l.expect, r), Origin: l.Origin}
	}
}

// judges reports whether a line judges a result that it is about. That nobody answers where perhaps nobody should is
// no news, unless the line is about that very port or address; and no firewall holds that was not tried.
func (l *line) judges(r *probe.Result) bool {
	switch {
	case l.expect.Verdict == probe.Unreachable && untried(r):
		return false
	case l.expect.Verdict == probe.Unreachable:
		return true
	case r.MayBeAbsent():
		return l.subject.Port != 0
	case r.Verdict == probe.Unreachable && !r.Named:
		return !l.wide()
	}
	return true
}

// untried reports whether no connection was tried: no way leads from here, or the name has no address, be it that the DNS
// does not answer.
func untried(r *probe.Result) bool {
	return r.Verdict == probe.Unreachable && (r.Reason == probe.ReasonNoRouteHere || r.Reason == probe.ReasonDNS)
}

// spent reports whether open is expected of another address of the host name. It is expected of one address only, and
// how many a name has is known when they have been tested: so it is that of the first which is open as expected. How
// many of them are worse does not hang on the order of the tests, for what is not open is as good or bad either way.
func (l *line) spent(addr netip.Addr, r *probe.Result) bool {
	if l.subject.Host == "" || l.expect.Verdict != probe.Open {
		return false
	}
	if r.Verdict == probe.Open && Compare(l.expect, r) == probe.AsExpected {
		l.open = cmp.Or(l.open, addr)
		if l.open != addr {
			l.another = cmp.Or(l.another, addr)
		}
	}
	return l.open.IsValid() && l.open != addr
}

// Awaited is what is expected of a target before it is tested: that it is closed, where nobody said anything else.
func (s *Set) Awaited(t probe.Target) probe.Expectation {
	if s != nil {
		if l := s.find(whomOf(t.String(), t.Name, t.Domain), false); l != nil {
			return l.expect
		}
	}
	return probe.Expectation{Verdict: probe.Closed}
}
