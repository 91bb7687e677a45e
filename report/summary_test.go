package report

import (
	"slices"
	"strings"
	"testing"

	"openrelay/probe"
)

// result writes a result as tests like to read it: "closed 192.0.2.1:25", "refused? 192.0.2.1:465" (a
// port of the default list), "timeout~ 192.0.2.1:25" (out of a range). Behind it may stand what is expected, as
// expectedOf reads it.
func result(s string) probe.Result {
	s, expected, _ := strings.Cut(s, " =")
	what, target, _ := strings.Cut(s, " ")
	r := probe.Result{Target: target, Named: !strings.HasSuffix(what, "~"), Optional: strings.HasSuffix(what, "?"), Expected: expectedOf(expected)}
	switch what = strings.TrimRight(what, "?~"); what {
	case "open":
		r.Verdict = probe.Open
	case "closed":
		r.Verdict = probe.Closed
	case "inconclusive":
		r.Verdict = probe.Inconclusive
	default:
		r.Verdict, r.Reason, r.Stage = probe.Unreachable, probe.Reason(what), probe.StageConnect
	}
	return r
}

// expectedOf reads "worse:unreachable", or "as-expected:open:plain,null-sender".
func expectedOf(s string) *probe.Expected {
	if s == "" {
		return nil
	}
	standing, s, _ := strings.Cut(s, ":")
	verdict, vectors, _ := strings.Cut(s, ":")
	e := &probe.Expected{Found: probe.Standing(standing), Origin: "expect.txt:3"}
	if err := e.Verdict.UnmarshalText([]byte(verdict)); err != nil {
		panic(err)
	}
	switch e.Verdict {
	case probe.Open:
		e.Vectors, e.Until, e.Because = strings.Split(vectors, ","), "2026-12-31", "CHG-1234"
	case probe.Inconclusive:
		e.Reason = probe.ReasonGreylisted
	}
	return e
}

func TestSummary(t *testing.T) {
	for _, test := range []struct {
		results []string
		exit    int
		text    string
	}{
		{nil, 3, "nothing was tested"},
		{[]string{"closed a:25"}, 0, "1 closed"},
		{[]string{"closed a:25", "open b:25", "inconclusive c:25", "refused d:25", "timeout~ e:25"}, 1,
			"1 open, 1 inconclusive, 1 closed, 1 unreachable; no mail server at 1 target in ranges"},
		{[]string{"closed a:25", "inconclusive b:25"}, 3, "1 inconclusive, 1 closed"},
		{[]string{"closed a:25", "inconclusive~ b:25"}, 3, "1 inconclusive, 1 closed"},
		{[]string{"closed a:25", "open~ b:25"}, 1, "1 open, 1 closed"},
		{[]string{"closed a:25", "timeout b:25"}, 3, "1 closed, 1 unreachable"},
		{[]string{"closed~ a:25", "timeout~ b:25", "refused~ c:25"}, 0, "1 closed; no mail server at 2 targets in ranges"},
		{[]string{"timeout~ b:25", "not-smtp~ c:25"}, 0, "no mail server at 2 targets in ranges"},

		// Ports of the default list.
		{[]string{"closed? a:25", "refused? a:465", "timeout? a:587"}, 0, "1 closed, 2 not offered"},
		{[]string{"inconclusive a:25", "refused? a:465"}, 3, "1 inconclusive, 1 not offered"},
		{[]string{"refused? a:25", "refused? a:465", "timeout? a:587"}, 3, "3 unreachable"},
		{[]string{"closed? a:25", "refused? b:25"}, 3, "1 closed, 1 unreachable"},
		{[]string{"closed? a:25", "no-banner? a:465"}, 3, "1 closed, 1 unreachable"},
		{[]string{"no-banner? a:465", "refused? a:25"}, 3, "2 unreachable"},        // what listens there is no mail server
		{[]string{"closed? a:25", "refused a:2525"}, 3, "1 closed, 1 unreachable"}, // 2525 was asked for
		{[]string{"closed a:2525", "refused? a:25"}, 0, "1 closed, 1 not offered"},
		{[]string{"closed? [2001:db8::1]:25", "refused? [2001:db8::1]:465", "refused? [2001:db8::2]:25"}, 3, "1 closed, 1 unreachable, 1 not offered"},
		{[]string{"dns? mx.example.org:25"}, 3, "1 unreachable"},

		// Beside what is expected.
		{[]string{"open a:25 =as-expected:open:plain", "open b:25 =as-expected:open:plain"}, 0, "2 open (as expected)"},
		{[]string{"open a:25 =as-expected:open:plain", "closed b:25"}, 0, "1 open (as expected), 1 closed"},
		{[]string{"open a:25 =as-expected:open:plain", "open b:25", "closed c:25", "timeout d:25 =as-expected:unreachable"}, 1,
			"2 open (1 as expected), 1 closed, 1 unreachable (as expected)"},
		{[]string{"open a:25 =worse:open:plain"}, 1, "1 open (worse than expected)"},
		{[]string{"open a:25 =worse:open:plain", "open b:25 =as-expected:open:plain", "open c:25"}, 1, "3 open (1 worse than expected, 1 as expected)"},
		{[]string{"open~ a:25 =as-expected:open:plain"}, 0, "1 open (as expected)"},
		{[]string{"open a:25 =worse:closed"}, 1, "1 open (worse than expected)"},
		{[]string{"closed a:25 =better:open:plain"}, 0, "1 closed (better than expected)"},
		{[]string{"closed a:25 =as-expected:closed"}, 0, "1 closed"},
		{[]string{"closed a:25 =worse:unreachable"}, 1, "1 closed (worse than expected)"},
		{[]string{"closed~ a:25 =worse:unreachable", "closed b:25"}, 1, "2 closed (1 worse than expected)"},
		{[]string{"inconclusive a:25 =worse:unreachable"}, 1, "1 inconclusive (worse than expected)"},
		{[]string{"inconclusive a:25 =as-expected:inconclusive"}, 0, "1 inconclusive (as expected)"},
		{[]string{"inconclusive a:25 =as-expected:inconclusive", "inconclusive b:25 =untold:inconclusive"}, 3, "2 inconclusive (1 as expected)"},
		{[]string{"inconclusive a:25 =untold:open:plain"}, 3, "1 inconclusive"},
		{[]string{"timeout a:25 =untold:open:plain"}, 3, "1 unreachable"},

		// Whom nobody named, but a line of the expectations.
		{[]string{"timeout~ a:25 =untold:open:plain", "timeout~ b:25"}, 3, "1 unreachable; no mail server at 1 target in ranges"},
		{[]string{"timeout~ a:25 =untold:closed"}, 3, "1 unreachable"},
		{[]string{"timeout~ a:25 =as-expected:unreachable", "timeout~ b:25"}, 0, "no mail server at 2 targets in ranges (1 as expected)"},
		{[]string{"timeout~ a:25 =as-expected:unreachable"}, 0, "no mail server at 1 target in ranges (as expected)"},

		// Ports of the default list: expected to be unreachable, or just not offered.
		{[]string{"timeout? a:25 =as-expected:unreachable", "closed? a:587"}, 0, "1 closed, 1 unreachable (as expected)"},
		{[]string{"timeout? a:25 =as-expected:unreachable", "closed? a:587 =worse:unreachable"}, 1, "1 closed (worse than expected), 1 unreachable (as expected)"},
		{[]string{"refused? a:25 =untold:closed", "open? a:587 =as-expected:open:plain", "refused? a:465"}, 3, "1 open (as expected), 1 unreachable, 1 not offered"}, // a line names the port
		{[]string{"refused? a:25 =untold:open:plain", "refused? a:587 =untold:open:plain"}, 3, "2 unreachable"},

		// What a record does not say, nobody expects.
		{[]string{"open a:25 =:open:plain"}, 1, "1 open"},
	} {
		// Results come in any order.
		for range 2 {
			var s Summary
			for _, r := range test.results {
				s.Add(result(r))
			}
			if got := s.ExitStatus(); got != test.exit {
				t.Errorf("%q: exit status %d, want %d", test.results, got, test.exit)
			}
			if got := s.String(); got != test.text {
				t.Errorf("%q: %q, want %q", test.results, got, test.text)
			}
			slices.Reverse(test.results)
		}
	}
}

func TestTimeoutOfDialogueIsNoAbsence(t *testing.T) {
	var s Summary
	late := result("timeout? a:465")
	late.Stage = probe.StageTLS
	s.Add(result("closed? a:25"))
	s.Add(late)
	if s.Unreachable != 1 || s.ExitStatus() != 3 {
		t.Errorf("%+v", s)
	}
}

// A port of the default list that is expected to be unreachable is told as that in every format, though its neighbour
// answers; one of which nobody said anything is just not offered.
func TestPortExpectedToBeUnreachable(t *testing.T) {
	for _, f := range Results {
		for found, told := range map[string]bool{" =as-expected:unreachable": true, "": f.Name == "jsonl" || f.Name == "json" || f.Name == "csv" || f.Name == "junit"} {
			text := render(t, f, Options{}, []probe.Result{result("timeout? 192.0.2.1:465" + found), result("closed? 192.0.2.1:25")})
			if strings.Contains(text, "192.0.2.1:465") != told {
				t.Errorf("%s, expected %q: told %v\n%s", f.Name, found, !told, text)
			}
		}
	}
}
