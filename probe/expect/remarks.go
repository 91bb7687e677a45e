package expect

import (
	"fmt"
	"slices"
	"time"

	"openrelay/probe"
)

// Remark is what is to be told of a line that does not do what its writer meant.
type Remark struct {
	Line
	About string // completes "the line …"
}

func (r Remark) String() string { return fmt.Sprintf("%s: %q %s", r.Origin, r.Text, r.About) }

// Remarks are about the lines that have no effect. They can be told before the first test.
func (s *Set) Remarks() (remarks []Remark) {
	if s == nil {
		return nil
	}
	s.ready()
	for _, l := range s.lines {
		if l.idle != "" && l.idle != elsewhere {
			remarks = append(remarks, Remark{l.Line, l.idle})
		}
	}
	return remarks
}

// elsewhere is of lines for another of several vantages, of which nothing is to be told.
const elsewhere = "is for another vantage"

// withoutEffect says why a line has none; "" for one that has.
func (s *Set) withoutEffect(l *line) string {
	now := time.Now
	if s.Now != nil {
		now = s.Now
	}
	e := l.expect
	switch {
	case e.Until != "" && now().UTC().Format(time.DateOnly) > e.Until:
		return "has expired: its last day was " + e.Until
	case e.Verdict == probe.Open && (l.wide() || l.subject.Domain != ""):
		return "is too wide, and left out: open can be expected of one address only"
	case len(e.At) == 0 || slices.Contains(e.At, s.Vantage):
		return ""
	case s.Vantage == "":
		return "is left out: it is for tests from a vantage, and this one has no name"
	}
	return elsewhere
}

// Unused are remarks to be told when every result has been judged: of the lines that no result was about, and of host
// names of which another address was open too. The comments beside targets are not among those without a result.
func (s *Set) Unused() (remarks []Remark) {
	if s == nil {
		return nil
	}
	s.ready()
	for _, l := range s.lines {
		switch {
		case l.another.IsValid():
			remarks = append(remarks, Remark{l.Line, fmt.Sprintf("counted for %s alone: open can be expected of one address only, and %s is open too", l.open, l.another)})
		case l.idle == "" && !l.Comment && !s.tested(l):
			remarks = append(remarks, Remark{l.Line, "is about nothing that was tested"})
		}
	}
	return remarks
}

// tested reports whether a result was about what a line names.
func (s *Set) tested(l *line) bool {
	if l.wide() {
		return s.ranges[l.span()].tested(l)
	}
	return l.used
}
