package probe

import (
	"slices"
	"strings"
)

// Expectation is what the user expects of a server.
type Expectation struct {
	Verdict Verdict  `json:"verdict"`           // what a test is expected to find
	Reason  Reason   `json:"reason,omitempty"`  // of inconclusive: why
	Vectors []string `json:"vectors,omitempty"` // of open: the vectors that may be accepted
	At      []string `json:"at,omitempty"`      // of open: from where; empty for everywhere
	Until   string   `json:"until,omitempty"`   // of open: the last day, in UTC: "2026-12-31"
	Because string   `json:"because,omitempty"` // of open: why
}

// String writes it as package expect reads it.
func (e Expectation) String() string {
	words := []string{e.Verdict.String()}
	for _, part := range []struct{ key, value string }{
		{"", string(e.Reason)}, {"", strings.Join(e.Vectors, ",")}, {"at ", strings.Join(e.At, ",")}, {"until ", e.Until}, {"because ", e.Because},
	} {
		if part.value != "" {
			words = append(words, part.key+part.value)
		}
	}
	return strings.Join(words, " ")
}

// Allows reports whether the acceptance of a vector is expected.
func (e Expectation) Allows(vector string) bool {
	return e.Verdict == Open && slices.Contains(e.Vectors, vector)
}

// Expected is an Expectation beside what was found.
type Expected struct {
	Expectation
	Found  Standing `json:"found"`            // how what was found compares
	Origin string   `json:"origin,omitempty"` // the file and line that say so: "expect.txt:3"
}

// Standing is how what was found compares with what is expected.
type Standing string

// The standings.
const (
	AsExpected Standing = "as-expected" // nothing else was found
	Better     Standing = "better"      // closed, though worse was expected
	Worse      Standing = "worse"       // open to a vector that is not expected, or an answer where none is
	Untold     Standing = "untold"      // inconclusive or unreachable, where that is not expected
)

// Standing compares a result with what is expected of the server: that it is closed, where nobody said anything else.
func (r *Result) Standing() Standing {
	switch {
	case r.Expected != nil:
		return r.Expected.Found
	case r.Verdict == Open:
		return Worse
	case r.Verdict == Inconclusive, r.Verdict == Unreachable && r.Named:
		return Untold
	}
	return AsExpected
}

// Allows reports whether a finding of a result is one that is expected: an acceptance that somebody knows of.
func (r *Result) Allows(f *Finding) bool {
	return r.Expected != nil && f.Outcome == OutcomeAccepted && r.Expected.Allows(f.Vector)
}
