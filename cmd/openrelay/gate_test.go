package main

import (
	"bytes"
	"context"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"openrelay/probe"
	"openrelay/probe/changes"
	"openrelay/probe/prober"
	"openrelay/scanner/demo"
)

// A server that is waited for is greeted, and asked nothing.
func TestWaitAsksNothing(t *testing.T) {
	s, err := newStaged()
	if err != nil {
		t.Fatal(err)
	}
	defer s.stop()
	server := &demo.Script{}
	if err := s.start(server); err != nil {
		t.Fatal(err)
	}
	vectors, err := probe.Select("standard", false)
	if err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	j := &job{sinks: sinks{ui: &ui{stderr: &said}}, wait: 10 * time.Second, prober: prober.Prober{Vectors: vectors, Proof: probe.Data}}
	if err := j.await(context.Background(), demoTargets{{Addr: netip.MustParseAddrPort(s.addr)}}); err != nil {
		t.Fatal(err)
	}
	for _, command := range server.Seen().Commands {
		if verb, _, _ := strings.Cut(command, " "); !slices.Contains([]string{"EHLO", "QUIT"}, verb) {
			t.Errorf("asked %q", command)
		}
	}
	if said.Len() > 0 || server.Seen().Connections != 1 {
		t.Errorf("%d connections, said %q", server.Seen().Connections, said.String())
	}
}

func TestAwaited(t *testing.T) {
	for _, test := range []struct {
		name, target string
		anyPort      bool
		want         string
	}{
		{"mx.example.org", "192.0.2.1:25", true, "mx.example.org"},
		{"mx.example.org", "192.0.2.1:2525", false, "mx.example.org:2525"},
		{"", "192.0.2.1:25", true, "192.0.2.1"},
		{"", "[2001:db8::1]:25", true, "[2001:db8::1]"},
		{"", "[2001:db8::1]:25", false, "[2001:db8::1]:25"},
	} {
		if got := awaited(test.name, test.target, test.anyPort); got != test.want {
			t.Errorf("%+v: %q", test, got)
		}
	}
}

func TestSaysThatPort25IsBlocked(t *testing.T) {
	for _, test := range []struct {
		target string
		want   bool
	}{{"198.51.100.1:25", true}, {"10.0.0.1:25", false}, {"198.51.100.1:2525", false}} {
		var said bytes.Buffer
		j := &job{sinks: sinks{ui: &ui{stderr: &said}}}
		j.summary.Add(probe.Result{Target: test.target, Named: true, Verdict: probe.Unreachable, Reason: probe.ReasonTimeout, Stage: probe.StageConnect})
		if err := j.end(demoTargets{}, nil); err != exitStatus(3) {
			t.Errorf("%s: %v", test.target, err)
		}
		if got := strings.Contains(said.String(), "openrelay: port 25 seems blocked from here"); got != test.want {
			t.Errorf("%s: %s", test.target, said.String())
		}
	}
}

// Quietly, a baseline tells what is newly worse than expected, be it open or not, and nothing else.
func TestQuietBaseline(t *testing.T) {
	closed := probe.Result{Target: "192.0.2.1:25", Named: true, Verdict: probe.Closed, Reason: probe.ReasonRelayDenied}
	known, unknown, answers := closed, closed, closed
	known.Verdict, known.Reason = probe.Open, "plain"
	known.Expected = &probe.Expected{Expectation: probe.Expectation{Verdict: probe.Open, Vectors: []string{"plain"}}, Found: probe.AsExpected}
	unknown.Verdict, unknown.Reason, unknown.Target = probe.Open, "plain", "192.0.2.2:25"
	answers.Target = "192.0.2.3:25"
	answers.Expected = &probe.Expected{Expectation: probe.Expectation{Verdict: probe.Unreachable}, Found: probe.Worse}
	var said bytes.Buffer
	s := sinks{ui: &ui{stderr: &said}, quiet: true, since: &changes.Diff{}}
	for _, now := range []probe.Result{known, unknown, answers} {
		was := closed
		was.Target = now.Target
		s.since.Before(was)
		s.since.After(now)
	}
	s.compare()
	for target, told := range map[string]bool{known.Target: false, unknown.Target: true, answers.Target: true} {
		if got := strings.Contains(said.String(), target); got != told {
			t.Errorf("%s is told: %v, want %v, in\n%s", target, got, told, said.String())
		}
	}
}

// Code scanning shows what is not as expected, too.
func TestMisplacedBesideExpected(t *testing.T) {
	closed := probe.Result{Target: "192.0.2.1:25", Verdict: probe.Closed}
	dead := probe.Result{Target: "192.0.2.1:25", Verdict: probe.Unreachable}
	for _, test := range []struct {
		result probe.Result
		found  probe.Standing
		want   bool
	}{{closed, "", false}, {dead, "", false}, {closed, probe.Worse, true}, {closed, probe.Better, true}, {closed, probe.AsExpected, false}, {dead, probe.AsExpected, false}, {dead, probe.Untold, true}} {
		if test.found != "" {
			test.result.Expected = &probe.Expected{Found: test.found}
		}
		if got := new(sinks).misplaced(test.result); got != test.want {
			t.Errorf("%v, %q: %v", test.result.Verdict, test.found, got)
		}
	}
}
