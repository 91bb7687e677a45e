package probe_test

import (
	"net/netip"
	"testing"
	"time"

	"openrelay/probe"
)

func sentTo(target, vector string) probe.Issued {
	return probe.Issued{Run: "run7", Target: target, Vector: vector, Via: probe.Plain, Serial: "s1", At: issuedAt}
}

func TestArrive(t *testing.T) {
	for _, c := range []struct {
		target, relay string
		multiHop      bool
	}{
		{"192.0.2.1:25", "192.0.2.1", false},
		{"192.0.2.1:25", "::ffff:192.0.2.1", false},
		{"192.0.2.1:25", "192.0.2.2", true},
		{"[2001:db8::1]:25", "2001:db8::1", false},
		{"[2001:db8::1]:25", "192.0.2.1", true},
		{"[fe80::1%eth0]:25", "fe80::1", false},
	} {
		a := sentTo(c.target, "plain").Arrive(netip.MustParseAddr(c.relay), issuedAt.Add(1500*time.Millisecond))
		if a.MultiHop != c.multiHop || a.DelayMS != 1500 || a.Target != c.target || a.Scan != "run7" || a.Schema != probe.Schema {
			t.Errorf("%s to %s: %+v", c.target, c.relay, a)
		}
	}
}

// suspected is a result whose one accepted vector proves nothing by itself.
func suspected() *probe.Result {
	return &probe.Result{
		Schema: probe.Schema, Scan: &probe.Scan{ID: "run7"}, Target: "192.0.2.1:25", Verdict: probe.Inconclusive,
		Reason: probe.ReasonSuspectFormAccepted, Stage: "rcpt", Detail: "percent-own-domain was answered \"250\"",
		Findings: []probe.Finding{
			{Vector: "plain", Via: probe.Plain, Outcome: probe.OutcomeRefused},
			{Vector: "percent-own-domain", Via: probe.Plain, Outcome: probe.OutcomeUnanswered},
			{Vector: "percent-own-domain", Via: probe.Plain, Outcome: probe.OutcomeAccepted, Proof: probe.Data, Cause: probe.MayBeLocal + "known", Deciding: true, Unproven: true},
		},
		Coverage: probe.Coverage{Of: 44, Asked: 2, Answered: 1},
		Vantage:  probe.Vantage{Source: "198.51.100.7", Kind: probe.Public},
	}
}

// A delivery may decide for a finding whose fix stands with another one: then it needs the text itself.
func TestDeliverWritesTheFixOut(t *testing.T) {
	r := suspected()
	r.Findings[0].Fix = "Turn it off." + probe.TestAgain + "openrelay scan a"
	f := &r.Findings[2]
	f.Fix = probe.FixedWith("plain") + probe.TestAgain + "openrelay scan b"
	if !r.Deliver(sentTo("192.0.2.1:25", "percent-own-domain").Arrive(netip.MustParseAddr("192.0.2.1"), issuedAt)) {
		t.Fatal("not taken")
	}
	if want := "Turn it off." + probe.TestAgain + "openrelay scan b"; f.Fix != want {
		t.Errorf("the fix is %q, want %q", f.Fix, want)
	}
}

func TestDeliver(t *testing.T) {
	r := suspected()
	a := sentTo("192.0.2.1:25", "percent-own-domain").Arrive(netip.MustParseAddr("192.0.2.1"), issuedAt)
	a.SawClient = "172.17.0.1"
	if !r.Deliver(a) {
		t.Fatal("not taken")
	}
	if r.Verdict != probe.Open || r.Proof != probe.Delivered || r.Reason != "percent-own-domain" || r.Stage != "" || r.Detail != "" {
		t.Errorf("%v %v %v %v %q", r.Verdict, r.Proof, r.Reason, r.Stage, r.Detail)
	}
	f := r.Findings[2]
	if f.Outcome != probe.OutcomeAccepted || f.Proof != probe.Delivered || !f.Deciding || f.Unproven || f.Cause != "known" {
		t.Errorf("finding %+v", f)
	}
	if len(r.Traits) != 1 || r.Traits[0].Name != "identity-lost" {
		t.Errorf("traits %v", r.Traits)
	}
	before := len(r.Deliveries)
	if r.Deliver(a) || len(r.Deliveries) != before {
		t.Error("the same delivery counts twice")
	}
	plain := sentTo("192.0.2.1:25", "plain").Arrive(netip.MustParseAddr("192.0.2.9"), issuedAt)
	plain.Token = "s2"
	if !r.Deliver(plain) || r.Findings[0].Outcome != probe.OutcomeAccepted || r.Findings[0].Fix == "" || r.Reason != "percent-own-domain" || !r.Findings[2].Deciding {
		t.Errorf("a second vector: %+v", r.Findings)
	}
	if r.Coverage.Asked != 2 || r.Coverage.Answered != 1 {
		t.Errorf("coverage %+v", r.Coverage)
	}
}

func TestDeliverElsewhere(t *testing.T) {
	relay := netip.MustParseAddr("192.0.2.1")
	for name, i := range map[string]probe.Issued{
		"another target": sentTo("192.0.2.2:25", "plain"),
		"another vector": sentTo("192.0.2.1:25", "null-sender"),
		"another scan":   {Run: "run8", Target: "192.0.2.1:25", Vector: "plain", Via: probe.Plain},
		"another way":    {Run: "run7", Target: "192.0.2.1:25", Vector: "plain", Via: probe.StartTLS},
	} {
		r := suspected()
		if r.Deliver(i.Arrive(relay, issuedAt)) || r.Verdict != probe.Inconclusive || len(r.Deliveries) != 0 {
			t.Errorf("%s: taken", name)
		}
	}
}

// TestIdentityLost: what the server believes of us is a trait only where it is wrong.
func TestIdentityLost(t *testing.T) {
	for _, c := range []struct {
		saw, vector string
		vantage     probe.Vantage
		lost        bool
	}{
		{"172.17.0.1", "plain", probe.Vantage{Source: "203.0.113.7", Kind: probe.Public}, true},
		{"198.51.100.5", "plain", probe.Vantage{Source: "203.0.113.7", Kind: probe.Public}, true},
		{"203.0.113.7", "plain", probe.Vantage{Source: "203.0.113.7", Kind: probe.Public}, false},
		{"198.51.100.5", "plain", probe.Vantage{Source: "10.1.1.1", Kind: probe.Private}, false}, // our own NAT
		{"172.17.0.1", "plain", probe.Vantage{Source: "10.1.1.1", Kind: probe.Private}, true},
		{"198.51.100.5", "plain", probe.Vantage{Source: "100.64.7.7", Kind: probe.Private}, false}, // our carrier's
		{"100.64.7.7", "plain", probe.Vantage{Source: "203.0.113.7", Kind: probe.Public}, true},
		{"192.0.2.1", "plain", probe.Vantage{Source: "203.0.113.7", Kind: probe.Public}, false}, // itself
		{"127.0.0.1", "xclient-loopback", probe.Vantage{Source: "203.0.113.7", Kind: probe.Public}, false},
		{"", "plain", probe.Vantage{Source: "203.0.113.7", Kind: probe.Public}, false},
		{"172.17.0.1", "plain", probe.Vantage{}, false},
	} {
		r := probe.Result{Target: "192.0.2.1:25", Vantage: c.vantage, Findings: []probe.Finding{{Vector: c.vector, Via: probe.Plain}}}
		a := sentTo("192.0.2.1:25", c.vector).Arrive(netip.MustParseAddr("192.0.2.1"), issuedAt)
		a.SawClient = c.saw
		if !r.Deliver(a) || (len(r.Traits) == 1) != c.lost {
			t.Errorf("%+v: traits %v", c, r.Traits)
		}
	}
}
