package report

import (
	"maps"
	"slices"
	"strings"
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

// What is known of a server stands in its block, and what is nobody's concern stays one line.
func TestTableExpected(t *testing.T) {
	open := probe.Expectation{Verdict: probe.Open, Vectors: []string{"plain"}, Until: "2026-12-31", Because: "CHG-1234"}
	firewall := probe.Expectation{Verdict: probe.Unreachable}
	const line = "\n    expected  open plain until 2026-12-31 because CHG-1234 (expect.txt:3)\n    found     "
	const wall = "\n    expected  unreachable (expect.txt:3)\n    found     "
	for _, test := range []struct {
		name   string
		result probe.Result
		want   string // in the report, "" for no word of it
		quiet  bool   // printed all the same
	}{
		{"open, and nobody expects it", accepting("plain"), "", true},
		{"open as expected", expecting(accepting("plain"), open, probe.AsExpected), "accepted plain" + line + "as expected\n    accepted  ", false},
		{"open to more", expecting(accepting("plain", "quoted"), open, probe.Worse), line + "worse than expected: accepts quoted. Mend it.", true},
		{"closed by now", expecting(result("closed 192.0.2.1:25"), open, probe.Better), line + "better than expected: is closed. Take the expectation out", false},
		{"closed as expected", expecting(result("closed 192.0.2.1:25"), probe.Expectation{}, probe.AsExpected), "", false},
		{"not told", expecting(result("inconclusive 192.0.2.1:25"), open, probe.Untold), line + "untold: is inconclusive", false},
		{"down", expecting(result("timeout 192.0.2.1:25"), open, probe.Untold), line + "untold: is unreachable (timeout)", false},
		{"down, of a range", expecting(result("timeout~ 192.0.2.1:25"), open, probe.Untold), line + "untold: is unreachable (timeout)", false},
		{"perhaps not offered", expecting(result("timeout? 192.0.2.1:465"), open, probe.Untold), line + "untold: is unreachable (timeout)", false},
		{"the firewall holds", expecting(result("timeout 192.0.2.1:25"), firewall, probe.AsExpected), wall + "as expected\n", false},
		{"the firewall holds, of a range", expecting(result("timeout~ 192.0.2.1:25"), firewall, probe.AsExpected), "", false},
		{"the firewall answers", expecting(result("closed 192.0.2.1:25"), firewall, probe.Worse), wall + "worse than expected: answers, and is closed. ", true},
		{"the firewall answers somehow", expecting(result("inconclusive~ 192.0.2.1:25"), firewall, probe.Worse), wall + "worse than expected: answers, and is inconclusive", true},
	} {
		table := format(t, "table")
		out := render(t, table, Options{}, []probe.Result{test.result})
		if test.want == "" && strings.Contains(out, "    expected  ") || !strings.Contains(out, test.want) {
			t.Errorf("%s: no %q in\n%s", test.name, test.want, out)
		}
		if quiet := render(t, table, Options{Quiet: true}, []probe.Result{test.result}); strings.Contains(quiet, "192.0.2.1:25") != test.quiet {
			t.Errorf("%s, quiet:\n%s", test.name, quiet)
		}
	}
}

// Colour marks what nobody expects, and nothing that somebody does.
func TestTint(t *testing.T) {
	for _, test := range []struct {
		result probe.Result
		want   string
	}{
		{accepting("plain"), "\x1b[1;31mopen"},
		{expecting(accepting("plain"), probe.Expectation{Verdict: probe.Open}, probe.AsExpected), "\x1b[33mopen"},
		{expecting(accepting("plain"), probe.Expectation{Verdict: probe.Open}, probe.Worse), "\x1b[1;31mopen"},
		{result("closed 192.0.2.1:25"), "\x1b[32mclosed"},
		{expecting(result("closed 192.0.2.1:25"), probe.Expectation{Verdict: probe.Open}, probe.Better), "\x1b[32mclosed"},
		{expecting(result("closed 192.0.2.1:25"), probe.Expectation{Verdict: probe.Unreachable}, probe.Worse), "\x1b[1;31mclosed"},
		{expecting(result("timeout 192.0.2.1:25"), probe.Expectation{Verdict: probe.Unreachable}, probe.AsExpected), "\x1b[2munreachable"},
	} {
		if out := render(t, format(t, "table"), Options{Colour: true}, []probe.Result{test.result}); !strings.HasPrefix(out, test.want) {
			t.Errorf("%q, want %q first", out, test.want)
		}
	}
}

// Ports of one address that are missing alike are told together, unless something else is expected of them.
func TestTableMissingAlike(t *testing.T) {
	down := expecting(result("timeout? 192.0.2.1:25"), probe.Expectation{Verdict: probe.Unreachable}, probe.AsExpected)
	other := result("timeout? 192.0.2.1:465")
	same := down
	same.Target = "192.0.2.1:587"
	out := render(t, format(t, "table"), Options{}, []probe.Result{down, other, same})
	want := "unreachable   192.0.2.1:25  timeout: "
	if !strings.HasPrefix(out, want) || strings.Count(out, "    expected  ") != 1 || strings.Count(out, "    try ") != 2 {
		t.Errorf("got\n%s", out)
	}
}

// Counted is what somebody is told of, whatever order it comes in: ports that are not offered are not.
func TestComparisons(t *testing.T) {
	open := probe.Expectation{Verdict: probe.Open}
	results := []probe.Result{
		accepting("plain"), result("inconclusive 192.0.2.2:25"), result("timeout 192.0.2.3:25"), result("closed~ 192.0.2.4:25"),
		result("refused? 192.0.2.4:465"), result("refused? 192.0.2.5:465"), result("closed? 192.0.2.4:587"), result("timeout~ 192.0.2.6:25"),
		expecting(result("timeout~ 192.0.2.7:25"), open, probe.Untold), expecting(result("timeout~ 192.0.2.8:25"), probe.Expectation{Verdict: probe.Unreachable}, probe.AsExpected),
		expecting(result("closed~ 192.0.2.9:25"), open, probe.Better), expecting(accepting("plain"), open, probe.AsExpected),
		expecting(result("refused? 192.0.2.4:26"), open, probe.Untold),
	}
	want := map[probe.Standing]int{probe.Worse: 1, probe.Untold: 5, probe.Better: 1, probe.AsExpected: 3}
	for range 2 {
		var sum Summary
		var found comparisons
		for _, r := range results {
			sum.Add(r)
			found.add(r)
		}
		if got := found.of(&sum); !maps.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
		slices.Reverse(results)
	}
}

// What a person is shown of an open server is what nobody expects, with the whole fix.
func TestTelling(t *testing.T) {
	open := probe.Expectation{Verdict: probe.Open, Vectors: []string{"plain"}}
	fixed := func(r probe.Result) probe.Result {
		r.Findings[0].Fix = "Do this." + probe.TestAgain + "a"
		last := &r.Findings[len(r.Findings)-1]
		if len(r.Findings) > 1 {
			last.Fix = probe.FixedWith("plain") + probe.TestAgain + "b"
		}
		return r
	}
	for _, test := range []struct {
		result      probe.Result
		vector, fix string
	}{
		{accepting("plain", "quoted"), "plain", "a"},
		{expecting(accepting("plain", "?quoted"), open, probe.AsExpected), "plain", "a"},
		{expecting(accepting("plain", "quoted"), open, probe.Worse), "quoted", "b"},
		{expecting(accepting("null-sender", "quoted"), open, probe.Worse), "null-sender", "a"},
	} {
		f := telling(fixed(test.result))
		if f.Vector != test.vector || f.Fix != "Do this."+probe.TestAgain+test.fix {
			t.Errorf("%+v: %s, %q", test.result.Expected, f.Vector, f.Fix)
		}
	}
	if telling(result("closed 192.0.2.1:25")) != nil {
		t.Error("a server without findings has one")
	}
}
