package report

import (
	"slices"
	"strings"

	"openrelay/probe"
	"openrelay/probe/words"
)

// expectation says what is expected of a server, and where that is written: "open plain until 2026-12-31
// because CHG-1234 (expect.txt:3)"; "" where nobody said anything.
func expectation(r probe.Result) string {
	if r.Expected == nil {
		return ""
	}
	return r.Expected.String() + remark(r.Expected.Origin)
}

// found says how what was found compares with that, and what is not as expected: "worse than expected: accepts
// null-sender".
func found(r probe.Result) string {
	if r.Expected == nil {
		return ""
	}
	text := standingWords(r.Expected.Found)
	if what := unlike(r); what != "" {
		text += ": " + what
	}
	return text
}

// compared is both in one sentence, the standing first: whatever the reason of the user says stands behind it.
// Every report that has one line for it has this one.
func compared(r probe.Result) string {
	switch {
	case r.Expected == nil:
		return ""
	case unlike(r) == "":
		return found(r) + ": " + expectation(r)
	}
	return found(r) + "; expected is " + expectation(r)
}

// standingWords is a standing as it stands in a sentence. One of a later version stands for itself.
func standingWords(s probe.Standing) string {
	switch s {
	case probe.Better, probe.Worse:
		return string(s) + " than expected"
	}
	return strings.ReplaceAll(string(s), "-", " ")
}

// unlike says what was found and is not expected; "" where all is as expected.
func unlike(r probe.Result) string {
	found := r.Expected.Found
	if found == probe.AsExpected {
		return ""
	}
	if ids := unexpectedIDs(r); len(ids) > 0 {
		return "accepts " + strings.Join(ids, ", ")
	}
	what := "is " + r.Verdict.String()
	if r.Verdict == probe.Inconclusive || r.Verdict == probe.Unreachable {
		what += remark(string(r.Reason))
	}
	if found == probe.Worse && r.Verdict != probe.Open {
		what = "answers, and " + what
	}
	return what
}

// unexpectedIDs returns the vectors that show an open relay and that nobody expects, each once.
func unexpectedIDs(r probe.Result) (ids []string) {
	for i := range r.Findings {
		f := &r.Findings[i]
		if r.Proves(f) && !r.Allows(f) && !slices.Contains(ids, f.Vector) {
			ids = append(ids, f.Vector)
		}
	}
	return ids
}

// telling is the finding that a person is shown: the one that the verdict rests on or, where that one is expected and
// another is not, the other.
func telling(r probe.Result) *probe.Finding {
	f := decidingFinding(r)
	if f == nil || !r.Allows(f) {
		return f
	}
	for i := range r.Findings {
		if other := r.Findings[i]; r.Proves(&other) && !r.Allows(&other) {
			other.Fix = r.FixOf(&other)
			return &other
		}
	}
	return f
}

// wayBack says what to do where a server is not what it is expected to be.
func wayBack(r probe.Result) string {
	if r.Expected == nil {
		return ""
	}
	w, _ := words.Find(words.Standing, string(r.Expected.Found))
	return w.WayOut
}

// nobodyThere reports whether a result is one of an address of a range that has no mail server and need not have
// one. Such are most of any range, and only counted.
func nobodyThere(r probe.Result) bool {
	return r.Verdict == probe.Unreachable && !r.Named && r.Standing() == probe.AsExpected
}

// standings are the standings there are, worst news first.
var standings = []probe.Standing{probe.Worse, probe.Untold, probe.Better, probe.AsExpected}

// comparisons counts results by how they compare with what is expected. Ports that a server does not offer and dead
// addresses of ranges are not among them.
type comparisons struct {
	n    map[probe.Standing]int
	held []probe.Result // ports that may not be offered: the end of the scan tells
}

func (c *comparisons) add(r probe.Result) {
	switch {
	case nobodyThere(r):
	case r.MayBeAbsent():
		c.held = append(c.held, probe.Result{Target: r.Target, Named: r.Named, Verdict: r.Verdict, Expected: r.Expected})
	default:
		c.count(r)
	}
}

func (c *comparisons) count(r probe.Result) {
	if c.n == nil {
		c.n = map[probe.Standing]int{}
	}
	c.n[r.Standing()]++
}

// of returns the counts at the end of the scan that a summary is of.
func (c *comparisons) of(s *Summary) map[probe.Standing]int {
	for _, r := range c.held {
		if !s.answers(r) {
			c.count(r)
		}
	}
	c.held = nil
	return c.n
}

// news is what reports begin with the worst of: what is worse than expected, then by verdict.
type news struct {
	worse   bool
	verdict probe.Verdict
}

func newsOf(r probe.Result) news { return news{r.Standing() == probe.Worse, r.Verdict} }

// allNews lists all there can be, the worst first.
func allNews() (all []news) {
	for _, worse := range []bool{true, false} {
		for _, v := range worstFirst {
			all = append(all, news{worse, v})
		}
	}
	return all
}
