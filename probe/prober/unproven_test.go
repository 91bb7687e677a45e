package prober_test

import (
	"strings"
	"testing"

	"openrelay/probe"
	"openrelay/scanner/demo"
)

// A form that may be the name of a local mailbox is marked as proving nothing, beside what is open too, unless the
// server is known to refuse unknown users.
func TestUnprovenIsMarked(t *testing.T) {
	trusting := func(d demo.Dialogue) bool { return strings.HasSuffix(d.From, "@local.test>") }
	for _, tc := range []struct {
		name     string
		rcpt     func(demo.Dialogue) string
		reason   probe.Reason
		unproven bool
	}{
		{"takes any name, and trusts its own domain", when(func(d demo.Dialogue) bool { return trusting(d) || strings.HasSuffix(d.To, "@local.test>") }, "250 ok"),
			"sender-own-domain", true},
		{"relays %, and knows its users", percent, "percent-own-domain", false},
	} {
		res := standard(t).Probe(t.Context(), listenScript(t, &demo.Script{Rcpt: tc.rcpt}))
		wantVerdict(t, res, probe.Open, tc.reason)
		forms := 0
		for _, f := range res.Findings {
			v, _ := probe.Find(f.Vector)
			if f.Outcome == probe.OutcomeAccepted && v.Suspect {
				forms++
			}
			want := tc.unproven && f.Outcome == probe.OutcomeAccepted && v.Suspect
			if f.Unproven != want || strings.HasPrefix(f.Cause, "Not proven: ") != want {
				t.Errorf("%s: %s %s, unproven %v: %s", tc.name, f.Vector, f.Outcome, f.Unproven, f.Cause)
			}
		}
		if forms == 0 {
			t.Errorf("%s: no suspect form was accepted", tc.name)
		}
	}
}
