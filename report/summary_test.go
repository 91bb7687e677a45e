package report

import (
	"slices"
	"strings"
	"testing"

	"openrelay/probe"
)

// result writes a result as tests like to read it: "closed 192.0.2.1:25", "refused? 192.0.2.1:465" (a
// port of the default list), "timeout~ 192.0.2.1:25" (out of a range).
func result(s string) probe.Result {
	what, target, _ := strings.Cut(s, " ")
	r := probe.Result{Target: target, Named: !strings.HasSuffix(what, "~"), Optional: strings.HasSuffix(what, "?")}
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
