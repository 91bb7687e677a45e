package report

import (
	"fmt"
	"io"
	"strings"

	"openrelay/probe/dnsbl"
)

// StandingWriter writes what block lists say of addresses and names. Standings may come in any order;
// Close writes what only the end can tell.
type StandingWriter interface {
	Write(dnsbl.Listings) error
	Close() error
}

// StandingFormat is a kind of report on block lists. They are not those of Formats: there every record
// has a verdict on a relay, and here nobody asked for one.
type StandingFormat struct {
	Name  string
	About string
	New   func(io.Writer, StandingOptions) StandingWriter
}

// StandingOptions say how such a report looks, and what it is about.
type StandingOptions struct {
	Options
	Spec string // the ranges asked about, as the user wrote them: "192.0.2.0/24"
}

// StandingFormats lists the formats of `openrelay blocklist`.
var StandingFormats = []StandingFormat{
	{"table", "for people: who lists it, what for, and where to ask for removal", newStandingTable},
	{"markdown", "for a ticket or a mail to the hosting company", newStandingMarkdown},
	{"csv", "for a spreadsheet: a row for each address and list", newStandingCSV},
	{"jsonl", "for programs: the whole record, one JSON object a line for each address or name", newStandingJSONL},
}

// NewStanding returns a writer of the named format.
func NewStanding(name string, w io.Writer, o StandingOptions) (StandingWriter, error) {
	f, err := byName(StandingFormats, name, func(f StandingFormat) string { return f.Name })
	if err != nil {
		return nil, err
	}
	return f.New(w, o), nil
}

// StandingSummary counts standings. The exit status comes from here.
type StandingSummary struct {
	Listed     int
	Clean      int
	NotChecked int // got no answer from any list that works
}

// Add counts one.
func (s *StandingSummary) Add(st dnsbl.Listings) {
	switch st.Status {
	case dnsbl.Listed:
		s.Listed++
	case dnsbl.Clean:
		s.Clean++
	default:
		s.NotChecked++
	}
}

// ExitStatus returns 1 where anything is listed; else 3 where anything could not be checked, or nothing
// was; else 0.
func (s *StandingSummary) ExitStatus() int {
	switch {
	case s.Listed > 0:
		return exitOpen
	case s.NotChecked > 0, s.Clean == 0:
		return exitUnknown
	}
	return exitClosed
}

// String says it in one line: "1 listed, 254 clean, 1 not checked".
func (s *StandingSummary) String() string {
	var counts []string
	for _, c := range []struct {
		n    int
		what string
	}{{s.Listed, "listed"}, {s.Clean, "clean"}, {s.NotChecked, "not checked"}} {
		if c.n > 0 {
			counts = append(counts, fmt.Sprintf("%d %s", c.n, c.what))
		}
	}
	if len(counts) == 0 {
		return "nothing was asked about"
	}
	return strings.Join(counts, ", ")
}

// standingJSONL writes the records themselves.
type standingJSONL struct {
	out output
	enc encoder
}

func newStandingJSONL(w io.Writer, _ StandingOptions) StandingWriter {
	return &standingJSONL{out: output{w: w}}
}

func (j *standingJSONL) Write(s dnsbl.Listings) error {
	line, err := j.enc.encode(s)
	if err != nil {
		return fmt.Errorf("%s: %w", s.Target, err)
	}
	return j.out.write(line)
}

func (j *standingJSONL) Close() error { return j.out.err }
