// Package expect says what is expected of a mail server, so that a hole that is known, or a firewall that must hold, is
// told apart from news. There is one grammar, for files, for comments in lists of targets and for configurations: see
// [Forms]. Of a server that nobody says anything of it is expected that it is closed.
//
// A [Set] holds what was said, each time of a [Subject], and judges results by it. [Lines] are those of a new file, made
// of what was found.
package expect

import (
	"slices"

	"openrelay/probe"
)

// Form is one way to write an expectation.
type Form struct {
	Verdict probe.Verdict
	Form    string
	About   string // completes "it is expected that the server …"
	Example string
}

// Forms is the grammar.
var Forms = []Form{
	{probe.Closed, "closed", "is closed, as of every server of which nothing is said", "closed"},
	{probe.Unreachable, "unreachable", "does not answer, for a firewall must hold", "unreachable"},
	{probe.Inconclusive, "inconclusive REASON", "cannot be judged, for this reason and no other", "inconclusive greylisted"},
	{probe.Open, "open VECTOR,... [at VANTAGE,...] until DATE because WHY", "is open to these vectors at most, to the end of that day (UTC) and for a reason; until may be left out where at says from where",
		"open plain,null-sender until " + exampleDay + " because " + exampleWhy},
}

// The day and the reason of examples and hints.
const (
	exampleDay = "2030-12-31"
	exampleWhy = "CHG-1234"
)

// standings says how each verdict that is found compares with each that is expected. Two verdicts that are the same
// differ if the reason of an inconclusive one does, or if an open server accepts what it is not expected to.
var standings = map[probe.Verdict]map[probe.Verdict]probe.Standing{
	probe.Closed:       {probe.Closed: probe.AsExpected, probe.Open: probe.Worse, probe.Inconclusive: probe.Untold, probe.Unreachable: probe.Untold},
	probe.Unreachable:  {probe.Closed: probe.Worse, probe.Open: probe.Worse, probe.Inconclusive: probe.Worse, probe.Unreachable: probe.AsExpected},
	probe.Inconclusive: {probe.Closed: probe.Better, probe.Open: probe.Worse, probe.Inconclusive: probe.AsExpected, probe.Unreachable: probe.Untold},
	probe.Open:         {probe.Closed: probe.Better, probe.Open: probe.AsExpected, probe.Inconclusive: probe.Untold, probe.Unreachable: probe.Untold},
}

// Compare says how what was found of a server compares with what is expected of it.
func Compare(e probe.Expectation, r *probe.Result) probe.Standing {
	switch {
	case e.Verdict == probe.Inconclusive && r.Verdict == probe.Inconclusive && e.Reason != r.Reason:
		return probe.Untold
	case e.Verdict == probe.Open && slices.ContainsFunc(r.OpenTo(), func(v string) bool { return !e.Allows(v) }):
		return probe.Worse
	}
	return standings[e.Verdict][r.Verdict]
}
