package prober_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"openrelay/probe"
	"openrelay/probe/dialogue"
	"openrelay/scanner/demo"
)

// A recipient under each top level is asked for, whatever the domains of the user, and never as mail within one domain.
func TestTopLevels(t *testing.T) {
	for _, tc := range []struct {
		from, to []string
		want     map[string]string
	}{
		{want: map[string]string{"plain": "example.org", "plain-com": "example.com", "plain-net": "example.net", "plain-org": "example.org"}},
		{to: []string{"foo.org"}, want: map[string]string{"plain": "foo.org", "plain-com": "example.com", "plain-net": "example.net", "plain-org": "foo.org"}},
		{to: []string{"foo.net"}, want: map[string]string{"plain": "foo.net", "plain-com": "example.com", "plain-net": "foo.net", "plain-org": "example.org"}},
		{to: []string{"foo.test"}, want: map[string]string{"plain": "foo.test", "plain-com": "example.com", "plain-net": "example.net", "plain-org": "example.org"}},
		{to: []string{"example.net"}, want: map[string]string{"plain": "example.net", "plain-org": "example.org"}},
		{from: []string{"example.org"}, want: map[string]string{"plain": "example.com", "plain-net": "example.net", "plain-org": "example.org"}},
		{from: []string{"example.com"}, want: map[string]string{"plain": "example.org", "plain-com": "example.com", "plain-org": "example.org"}},
		{from: []string{"mine.org"}, to: []string{"foo.test"}, want: map[string]string{"plain": "foo.test", "plain-org": "example.org"}},
	} {
		p := standard(t)
		p.FromDomains, p.ToDomains = tc.from, tc.to
		res := p.Probe(t.Context(), listenScript(t, &demo.Script{}))
		wantVerdict(t, res, probe.Closed, probe.ReasonRelayDenied)
		for id, domain := range tc.want {
			i := slices.IndexFunc(res.Findings, func(f probe.Finding) bool { return f.Vector == id })
			if i < 0 {
				t.Fatalf("from %q to %q: %s is missing", tc.from, tc.to, id)
			}
			if f := res.Findings[i]; domainOf(f.To) != domain || domainOf(f.From) == domain || f.Outcome != probe.OutcomeRefused {
				t.Errorf("from %q to %q: %s is %s to %s, %s", tc.from, tc.to, id, f.From, f.To, f.Outcome)
			}
		}
	}
}

// Where plain goes to .org already, plain-org costs nothing, and shows the same exchange.
func TestPlainGoesToOrg(t *testing.T) {
	for name, rcpt := range map[string]hook{"closed": nil, "open": says("250 2.1.5 Ok"), "refuses in unknown words": says(polish), "refuses the domain for itself": when(
		func(d demo.Dialogue) bool { return domainOf(d.To) == "example.org" }, "556 5.1.10 Domain does not accept mail (nullMX)"),
		"makes up its mind": relays(all(strange, not(until(1))))} {
		for _, set := range []setting{func(*clocked, *probe.Target) {}, ofARange, proofRcpt, toDomains("foo.org"), toDomains("foo.org", "foo.net")} {
			ask := func(left string) (*probe.Result, []string) {
				p, target := standard(t), listenScript(t, &demo.Script{Rcpt: rcpt})
				p.Vectors = slices.DeleteFunc(p.Vectors, func(v probe.Vector) bool { return v.ID == left })
				var said []string
				p.Trace = func(_ probe.Target, transcript dialogue.Transcript) {
					for _, l := range transcript {
						if l.From == dialogue.Client {
							said = append(said, l.Data)
						}
					}
				}
				p.Evidence = true
				set(p, &target)
				p.Prober.Nonce = func() string { return "nonce" }
				return p.Probe(t.Context(), target), said
			}
			without, before := ask("plain-org")
			res, said := ask("")
			if !slices.Equal(said, before) || res.Verdict != without.Verdict || res.Reason != without.Reason {
				t.Errorf("%s: %v (%s), %d commands; without plain-org %v (%s), %d", name, res.Verdict, res.Reason, len(said), without.Verdict, without.Reason, len(before))
			}
			shown := map[string]string{}
			for _, f := range slices.Backward(res.Findings) {
				shown[f.Vector] = fmt.Sprintln(f.From, f.To, f.Outcome, f.Proof, f.Reply, f.Transcript)
			}
			if f := shown["plain"]; shown["plain-org"] != f && !strings.Contains(f, "example.com") { // where it went when the other was refused
				t.Errorf("%s: plain shows\n%s\nplain-org shows\n%s", name, f, shown["plain-org"])
			}
		}
	}
}
