package report

import (
	"strings"
	"testing"

	"openrelay/probe"
	"openrelay/probe/changes"
)

func TestFailOn(t *testing.T) {
	const (
		closed, open, unclear, dead = "closed a:25", "open b:25", "inconclusive c:25", "timeout d:25"
	)
	opened := changesOf([]probe.Result{result("closed b:25")}, []probe.Result{result(open)})
	other := []changes.Change{{Kind: changes.BannerChanged}}
	for _, test := range []struct {
		results []string
		changes []changes.Change
		want    string // the status by default, and for each of Policies in order
	}{
		{nil, nil, "3 33330"},
		{[]string{closed}, nil, "0 00000"},
		{[]string{open}, nil, "1 10100"},
		{[]string{open}, opened, "1 11110"},
		{[]string{open}, other, "1 10110"},
		{[]string{closed}, other, "0 00010"},
		{[]string{unclear}, nil, "3 03130"},
		{[]string{unclear}, other, "3 03110"},
		{[]string{dead}, nil, "3 03330"},
		{[]string{open, unclear}, nil, "1 13130"},
		{[]string{open, dead}, nil, "1 13130"},
		{[]string{open, dead}, opened, "1 11110"},
	} {
		var results []probe.Result
		for _, r := range test.results {
			results = append(results, result(r))
		}
		if got := statuses(results, test.changes); got != test.want {
			t.Errorf("%q, %d changes: statuses %s, want %s (%v)", test.results, len(test.changes), got, test.want, policies())
		}
	}
}

// statuses are the exit status by default, and for each of Policies in order.
func statuses(results []probe.Result, all []changes.Change) (text string) {
	for _, policy := range append([]FailOn{""}, policies()...) {
		s := Summary{FailOn: policy}
		for _, r := range results {
			s.Add(r)
		}
		s.Compare(all)
		text += string(rune('0' + s.ExitStatus()))
		if policy == "" {
			text += " "
		}
	}
	return text
}

// What is as expected fails nothing, and what is worse fails as if it were open.
func TestFailOnExpected(t *testing.T) {
	const (
		closed  = "closed a:25 -plain"
		known   = "open a:25 plain =as-expected:open:plain"
		other   = "open a:25 plain null-sender =worse:open:plain"
		expired = "open a:25 plain"
		fixed   = "closed a:25 -plain =better:open:plain"
		holds   = "timeout a:25 =as-expected:unreachable"
		answers = "closed a:25 -plain =worse:unreachable"
		unclear = "inconclusive a:25 =as-expected:inconclusive"
	)
	for _, test := range []struct {
		name, was, now, want string // as in TestFailOn
	}{
		{"a known finding", known, known, "0 00000"},
		{"a finding that is known as soon as it is there", closed, known, "0 00000"},
		{"a finding that is known now", expired, known, "0 00000"},
		{"another vector", known, other, "1 11110"},
		{"another vector for long", other, other, "1 10100"},
		{"the expectation is gone, or its date past", known, expired, "1 11110"},
		{"it was so before", expired, expired, "1 10100"},
		{"a finding that is mended", known, fixed, "0 00010"},
		{"it was before", fixed, fixed, "0 00000"},
		{"a known server is not there", known, "timeout a:25 =untold:open:plain", "3 03310"},
		{"a known server answers unclearly", known, "inconclusive a:25 =untold:open:plain", "3 03110"},
		{"a firewall that holds", holds, holds, "0 00000"},
		{"it holds again", answers, holds, "0 00000"},
		{"it answers", holds, answers, "1 11110"},
		{"it answers unclearly", holds, "inconclusive a:25 =worse:unreachable", "1 11110"},
		{"it answers, and is open", holds, "open a:25 plain =worse:unreachable", "1 11110"},
		{"it has answered for long", answers, answers, "1 10100"},
		{"it has, unclearly", "inconclusive a:25 =worse:unreachable", "inconclusive a:25 =worse:unreachable", "1 13130"},
		{"it has, and is open now", answers, "open a:25 plain =worse:unreachable", "1 11110"},
		{"a dead address of a range answers", "timeout~ a:25 =as-expected:unreachable", "closed~ a:25 =worse:unreachable", "1 11110"},
		{"an address of a range where a server is expected", "timeout~ a:25", "timeout~ a:25 =untold:closed", "3 03330"},
		{"inconclusive as expected", closed, unclear, "0 00000"},
		{"inconclusive in another way", unclear, "inconclusive a:25 =untold:inconclusive", "3 03130"},
		{"a new server, as expected", "closed b:25", known, "0 00010"},
	} {
		now := []probe.Result{scanned("new", test.now)}
		if got := statuses(now, changesOf([]probe.Result{scanned("old", test.was)}, now)); got != test.want {
			t.Errorf("%s: statuses %s, want %s (%v)", test.name, got, test.want, policies())
		}
	}
}

func policies() (all []FailOn) {
	for _, p := range Policies {
		all = append(all, p.FailOn)
	}
	return all
}

func TestParseFailOn(t *testing.T) {
	for _, p := range policies() {
		if got, err := ParseFailOn(string(p)); got != p || err != nil {
			t.Errorf("%q: %q, %v", p, got, err)
		}
	}
	for name, want := range map[string]string{"newopen": `did you mean "new-open"?`, "closed": `cannot fail on "closed"`, "": `cannot fail on ""`} {
		if _, err := ParseFailOn(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestPort25Blocked(t *testing.T) {
	for _, test := range []struct {
		results []string
		want    bool
	}{
		{nil, false},
		{[]string{"timeout 198.51.100.1:25"}, true},
		{[]string{"timeout? [2001:db8::1]:25", "closed? [2001:db8::1]:587"}, true},
		{[]string{"timeout? 198.51.100.1:25", "timeout? 198.51.100.1:465", "closed? 198.51.100.1:587"}, true},
		{[]string{"timeout 198.51.100.1:25", "refused 198.51.100.1:587"}, true},
		{[]string{"timeout? 198.51.100.1:25", "timeout? 198.51.100.1:465", "timeout? 198.51.100.1:587"}, false}, // down, more likely
		{[]string{"timeout 198.51.100.1:25", "closed 198.51.100.2:25"}, false},
		{[]string{"timeout 198.51.100.1:25", "refused 198.51.100.2:25"}, false}, // an answer, and from port 25
		{[]string{"timeout 198.51.100.1:25", "no-route-here [2001:db8::1]:25"}, true},
		{[]string{"timeout~ 198.51.100.1:25", "timeout~ 198.51.100.2:25"}, false},
		{[]string{"timeout 10.0.0.1:25", "timeout 127.0.0.1:25", "timeout 100.64.0.1:25"}, false},
		{[]string{"timeout 198.51.100.1:25", "closed 10.0.0.1:25"}, true}, // that one is not behind the provider
		{[]string{"timeout 198.51.100.1:2525"}, false},
		{[]string{"dns mx:25"}, false},
		{[]string{"timeout 198.51.100.1:25 =as-expected:unreachable"}, false},
		{[]string{"timeout 198.51.100.1:25 =as-expected:unreachable", "timeout 198.51.100.2:25"}, true},
		{[]string{"timeout 198.51.100.1:25 =untold:closed"}, true},
	} {
		var s Summary
		for _, r := range test.results {
			s.Add(result(r))
		}
		if got := s.Port25Blocked(); got != test.want {
			t.Errorf("%q: %v", test.results, got)
		}
	}
	var s Summary
	r := result("timeout 198.51.100.1:25")
	r.Stage = probe.StageTLS
	s.Add(r)
	if s.Port25Blocked() {
		t.Error("a server that is slow is no block")
	}
}

func TestSilent(t *testing.T) {
	timeout := probe.Result{Target: "192.0.2.1:25", Verdict: probe.Unreachable, Reason: probe.ReasonTimeout, Stage: probe.StageConnect}
	noRoute, refused, named := timeout, timeout, timeout
	noRoute.Reason, refused.Reason, named.Named = probe.ReasonNoRouteHere, probe.ReasonRefused, true
	closed := probe.Result{Target: "192.0.2.2:25", Verdict: probe.Closed}
	holds := expecting(timeout, probe.Expectation{Verdict: probe.Unreachable}, probe.AsExpected)
	for _, tc := range []struct {
		name    string
		results []probe.Result
		want    bool
	}{
		{"nobody answers", []probe.Result{timeout, noRoute}, true},
		{"nobody is expected to", []probe.Result{holds}, false},
		{"somebody is not expected to", []probe.Result{holds, timeout}, true},
		{"somebody refuses", []probe.Result{timeout, refused}, false},
		{"somebody talks", []probe.Result{timeout, closed}, false},
		{"named ones are said to be unreachable anyway", []probe.Result{named}, false},
		{"nothing was tested", nil, false},
	} {
		var s Summary
		for _, r := range tc.results {
			s.Add(r)
		}
		if s.Silent() != tc.want {
			t.Errorf("%s: %v, want %v", tc.name, s.Silent(), tc.want)
		}
	}
}
