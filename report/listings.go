package report

import (
	"fmt"
	"io"
	"strings"

	"openrelay/probe/dnsbl"
)

// ListingsWriter writes what block lists say of addresses and names. They may come in any order;
// Close writes what only the end can tell.
type ListingsWriter interface {
	Write(dnsbl.Listings) error
	Close() error
}

// ListingsFormat is a kind of report on block lists. They are not those of Formats: there every record
// has a verdict on a relay, and here nobody asked for one.
type ListingsFormat struct {
	Name  string
	About string
	New   func(io.Writer, ListingsOptions) ListingsWriter
}

// ListingsOptions say how such a report looks, and what it is about.
type ListingsOptions struct {
	Options
	Spec string // the ranges asked about, as the user wrote them: "192.0.2.0/24"
}

// ListingsFormats lists the formats of `openrelay blocklist`.
var ListingsFormats = []ListingsFormat{
	{"table", "for people: who lists it, what for, and where to ask for removal", newListingsTable},
	{"markdown", "for a ticket or a mail to the hosting company", newListingsMarkdown},
	{"csv", "for a spreadsheet: a row for each address and list", newListingsCSV},
	{"jsonl", "for programs: the whole record, one JSON object a line for each address or name", newListingsJSONL},
}

// NewListings returns a writer of the named format.
func NewListings(name string, w io.Writer, o ListingsOptions) (ListingsWriter, error) {
	f, err := byName(ListingsFormats, name, func(f ListingsFormat) string { return f.Name })
	if err != nil {
		return nil, err
	}
	return f.New(w, o), nil
}

// ListingsSummary counts listings. The exit status comes from here.
type ListingsSummary struct {
	Listed     int
	Clean      int
	NotChecked int // got no answer from any list that works
}

// Add counts one.
func (s *ListingsSummary) Add(st dnsbl.Listings) {
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
func (s *ListingsSummary) ExitStatus() int {
	switch {
	case s.Listed > 0:
		return exitOpen
	case s.NotChecked > 0, s.Clean == 0:
		return exitUnknown
	}
	return exitClosed
}

// String says it in one line: "1 listed, 254 clean, 1 not checked".
func (s *ListingsSummary) String() string {
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

// listingsJSONL writes the records themselves.
type listingsJSONL struct {
	out output
	enc encoder
}

func newListingsJSONL(w io.Writer, _ ListingsOptions) ListingsWriter {
	return &listingsJSONL{out: output{w: w}}
}

func (j *listingsJSONL) Write(s dnsbl.Listings) error {
	line, err := j.enc.encode(s)
	if err != nil {
		return fmt.Errorf("%s: %w", s.Target, err)
	}
	return j.out.write(line)
}

func (j *listingsJSONL) Close() error { return j.out.err }
