package report

import (
	"testing"

	"openrelay/probe"
)

// expecting is a result of which something is expected.
func expecting(r probe.Result, e probe.Expectation, found probe.Standing) probe.Result {
	r.Expected = &probe.Expected{Expectation: e, Found: found, Origin: "expect.txt:3"}
	return r
}

// accepting is an open server that accepted these vectors, the unproven ones behind a "?".
func accepting(ids ...string) probe.Result {
	r := probe.Result{Target: "192.0.2.1:25", Named: true, Verdict: probe.Open, Proof: probe.Rcpt, Reason: probe.Reason(ids[0])}
	for i, id := range ids {
		f := probe.Finding{Vector: id, Via: probe.Plain, Outcome: probe.OutcomeAccepted, Deciding: i == 0, Proof: probe.Rcpt}
		if id[0] == '?' {
			f.Vector, f.Unproven = id[1:], true
		}
		r.Findings = append(r.Findings, f)
	}
	return r
}

func TestCompared(t *testing.T) {
	open := probe.Expectation{Verdict: probe.Open, Vectors: []string{"plain", "null-sender"}, Until: "2026-12-31", Because: "CHG-1234"}
	firewall := probe.Expectation{Verdict: probe.Unreachable}
	closed := probe.Result{Verdict: probe.Closed, Reason: "relay-denied"}
	grey := probe.Result{Verdict: probe.Inconclusive, Reason: probe.ReasonGreylisted}
	down := probe.Result{Verdict: probe.Unreachable, Reason: probe.ReasonTimeout}
	const line = "open plain,null-sender until 2026-12-31 because CHG-1234 (expect.txt:3)"
	for _, test := range []struct {
		result probe.Result
		want   string
	}{
		{accepting("plain"), ""},
		{expecting(accepting("plain"), open, probe.AsExpected), "as expected: " + line},
		{expecting(accepting("plain", "?percent"), open, probe.AsExpected), "as expected: " + line},
		{expecting(accepting("plain", "header-auth", "header-auth", "quoted"), open, probe.Worse), "worse than expected: accepts header-auth, quoted; expected is " + line},
		{expecting(closed, open, probe.Better), "better than expected: is closed; expected is " + line},
		{expecting(grey, open, probe.Untold), "untold: is inconclusive (greylisted); expected is " + line},
		{expecting(down, open, probe.Untold), "untold: is unreachable (timeout); expected is " + line},
		{expecting(down, firewall, probe.AsExpected), "as expected: unreachable (expect.txt:3)"},
		{expecting(closed, firewall, probe.Worse), "worse than expected: answers, and is closed; expected is unreachable (expect.txt:3)"},
		{expecting(grey, firewall, probe.Worse), "worse than expected: answers, and is inconclusive (greylisted); expected is unreachable (expect.txt:3)"},
		{expecting(accepting("plain"), firewall, probe.Worse), "worse than expected: accepts plain; expected is unreachable (expect.txt:3)"},
		{expecting(accepting("plain"), probe.Expectation{Verdict: probe.Closed}, probe.Worse), "worse than expected: accepts plain; expected is closed (expect.txt:3)"},
		{expecting(closed, probe.Expectation{Verdict: probe.Closed}, probe.AsExpected), "as expected: closed (expect.txt:3)"},
		{expecting(grey, probe.Expectation{Verdict: probe.Inconclusive, Reason: "greylisted"}, probe.AsExpected), "as expected: inconclusive greylisted (expect.txt:3)"},
		{expecting(closed, open, "made-up-later"), "made up later: is closed; expected is " + line},
	} {
		if got := compared(test.result); got != test.want {
			t.Errorf("%v, %+v:\ngot  %q\nwant %q", test.result.Verdict, test.result.Expected, got, test.want)
		}
	}
}
