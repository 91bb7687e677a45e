package report

import (
	"slices"

	"openrelay/probe"
)

// expect shows what is expected of the server.
func (v *cardView) expect(r probe.Result) {
	e := r.Expected
	if e == nil {
		return
	}
	v.Found, v.Badge = show(string(e.Found)), show(standingWords(e.Found))
	v.Expected, v.Compared, v.WayBack = show(expectation(r)), show(found(r)), show(wayBack(r))
	if slices.Contains(standings, e.Found) {
		v.BadgeClass = e.Found
	}
}

// listed says which servers have a card, where not all have.
func (h *htmlReport) listed() string {
	switch {
	case !h.o.Quiet:
		return ""
	case len(h.found.of(&h.sum)) > 0:
		return "Only servers that are worse than expected are listed; the rest is only counted."
	}
	return "Only open servers are listed; the rest is only counted."
}

// standingCount is how many servers compare so with what is expected of them.
type standingCount struct {
	Class probe.Standing
	Words string
	N     int
}

// expected counts the servers of which something is expected, the worst standing first.
func (h *htmlReport) expected() (counts []standingCount) {
	n := h.found.of(&h.sum)
	for _, s := range standings {
		if n[s] > 0 {
			counts = append(counts, standingCount{s, standingWords(s), n[s]})
		}
	}
	return counts
}
