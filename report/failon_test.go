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
	opened := []changes.Change{{Kind: changes.Opened, NewlyOpen: true}}
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
		got := ""
		for _, policy := range append([]FailOn{""}, policies()...) {
			s := Summary{FailOn: policy}
			for _, r := range test.results {
				s.Add(result(r))
			}
			s.Compare(test.changes)
			got += string(rune('0' + s.ExitStatus()))
			if policy == "" {
				got += " "
			}
		}
		if got != test.want {
			t.Errorf("%q, %d changes: statuses %s, want %s (%v)", test.results, len(test.changes), got, test.want, policies())
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
	for _, tc := range []struct {
		name    string
		results []probe.Result
		want    bool
	}{
		{"nobody answers", []probe.Result{timeout, noRoute}, true},
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
