package report

import (
	"fmt"
	"strings"

	"openrelay/probe/dnsbl"
)

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
