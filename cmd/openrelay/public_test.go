package main

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"openrelay/internal/dnstest"
	"openrelay/probe"
	"openrelay/probe/bounce"
	"openrelay/probe/dnsbl"
	"openrelay/probe/dnsbl/lookup"
	"openrelay/probe/prober"
	"openrelay/report"
	"openrelay/scanner/demo"
	"openrelay/scanner/targets"
)

// publicOrNot are addresses that were once public to some parts of the program and not to others.
var publicOrNot = map[string]bool{
	"10.0.0.1": false, "100.64.0.1": false, "100.127.255.254": false, "198.18.0.1": false, "240.0.0.1": false,
	"fd00::1": false, "5f00::1": false,
	"64:ff9b::a00:1": false, "64:ff9b::6440:1": false, "64:ff9b:1::808:808": false, "2002:a00:1::1": false,
	"192.31.196.1": true, "100.128.0.1": true, "192.0.0.9": true,
	"2620:4f:8000::1": true, "64:ff9b::c01f:c401": true, "2002:c01f:c401::1": true,
}

// judges are all who ask whether an address is a public one, each by what it does then.
var judges = map[string]func(*testing.T, netip.Addr) bool{
	"we test from it": func(t *testing.T, a netip.Addr) bool {
		return probedFrom(t, a, "mx Hello").Vantage.Kind == probe.Public
	},
	"greeted by it, inside a network": func(t *testing.T, a netip.Addr) bool { return !lost(probedFrom(t, inside, helloTo(a))) },
	"received from it there":          func(_ *testing.T, a netip.Addr) bool { return !lost(receivedFrom(a)) },
	"it does not answer on port 25":   func(_ *testing.T, a netip.Addr) bool { return silentOn25(a).Port25Blocked() },
	"block lists are asked about it":  asksLists,
	scope:                             countsForScope,
	"a bounce comes from there":       comesFrom,
}

// examples are the addresses of documentation: public ones, but nobody has to allow a scan of them.
var examples = []string{"192.0.2.1", "198.51.100.1", "203.0.113.1", "2001:db8::1", "3fff::1"}

const scope = "it counts for the scope"

// Whoever asks whether an address is a public one is told the same.
func TestPublicForAll(t *testing.T) {
	for who, public := range judges {
		t.Run(who, func(t *testing.T) {
			for addr, want := range publicOrNot {
				if got := public(t, netip.MustParseAddr(addr)); got != want {
					t.Errorf("%s is public: %v", addr, got)
				}
			}
			for _, addr := range examples {
				if got := public(t, netip.MustParseAddr(addr)); got != (who != scope) {
					t.Errorf("%s, an example, is public: %v", addr, got)
				}
			}
		})
	}
}

var (
	inside = netip.MustParseAddr("192.168.1.5")
	server = netip.MustParseAddrPort("192.175.48.6:25")
)

func helloTo(a netip.Addr) string {
	if a.Is6() {
		return fmt.Sprintf("mx Hello [IPv6:%s]", a)
	}
	return fmt.Sprintf("mx Hello [%s]", a)
}

func lost(r *probe.Result) bool {
	return slices.ContainsFunc(r.Traits, func(t probe.Trait) bool { return t.Name == probe.TraitIdentityLost })
}

// from is a connection whose end here has another address.
type from struct {
	net.Conn
	local net.Addr
}

func (c from) LocalAddr() net.Addr { return c.local }

// probedFrom tests a server that refuses everything, as if from an address.
func probedFrom(t *testing.T, ours netip.Addr, hello string) *probe.Result {
	vectors, err := probe.Select("quick", false)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	s := &demo.Script{EHLO: func(demo.Dialogue) string { return "250-" + hello + "\n250 PIPELINING" }}
	go func() { _ = s.Serve(l) }()
	p := prober.Prober{Vectors: vectors, Quick: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		nc, err := new(net.Dialer).DialContext(ctx, network, l.Addr().String())
		return from{nc, net.TCPAddrFromAddrPort(netip.AddrPortFrom(ours, 12345))}, err
	}}
	r := p.Probe(t.Context(), probe.Target{Addr: server, Named: true})
	if r.Verdict != probe.Closed || r.Vantage.Source != ours.String() {
		t.Fatalf("%v (%s) from %s", r.Verdict, r.Reason, r.Vantage.Source)
	}
	return r
}

// receivedFrom is a result whose message came out with an address in its Received field that is not ours.
func receivedFrom(a netip.Addr) *probe.Result {
	r := &probe.Result{Target: server.String(), Vantage: probe.Vantage{Source: inside.String(), Kind: probe.Private},
		Findings: []probe.Finding{{Vector: "plain", Via: probe.Plain}}}
	arrival := probe.Issued{Target: r.Target, Vector: "plain", Via: probe.Plain}.Arrive(server.Addr(), time.Time{})
	arrival.SawClient = a.String()
	r.Deliver(arrival)
	return r
}

func silentOn25(a netip.Addr) *report.Summary {
	var s report.Summary
	s.Add(probe.Result{Target: netip.AddrPortFrom(a, 25).String(), Named: true, Verdict: probe.Unreachable,
		Reason: probe.ReasonTimeout, Stage: probe.StageConnect})
	return &s
}

func asksLists(t *testing.T, a netip.Addr) bool {
	s, err := dnstest.Start(0, []dnstest.List{{Zone: "bl.test"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Stop()
	c := &lookup.Checker{Resolvers: []netip.AddrPort{s.Addr}, Timeout: time.Minute, Rate: 10000, Zones: []dnsbl.Zone{{Zone: "bl.test", Asks: dnsbl.IP4 | dnsbl.IP6}}}
	answers := c.Addr(t.Context(), a)
	if len(answers) != 1 {
		t.Fatalf("%s: %+v", a, answers)
	}
	if asked := s.Queries("bl.test") > 0; asked != (answers[0].Problem != dnsbl.NotPublic) {
		t.Errorf("%s was asked about: %v, and %+v", a, asked, answers[0])
	}
	return answers[0].Problem != dnsbl.NotPublic
}

func countsForScope(t *testing.T, a netip.Addr) bool {
	l, err := targets.Parse([]string{a.String()}, targets.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return l.Public() == 1
}

// comesFrom reads a bounce of a message that, by its Received field, was never here.
func comesFrom(t *testing.T, a netip.Addr) bool {
	tag := map[bool]string{true: "IPv6:"}[a.Is6()]
	text := strings.NewReplacer("\n", "\r\n", "ADDRESS", tag+a.String()).Replace(returned)
	b, err := (&bounce.Reader{Ours: []string{"mail.example.org"}}).Parse(strings.NewReader(text))
	if err != nil || b.Original == nil || b.Original.Received != 1 {
		t.Fatalf("%v: %+v", err, b)
	}
	return b.Original.Origin == bounce.Elsewhere
}

const returned = `From: MAILER-DAEMON@mx.example.net
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net

Final-Recipient: rfc822; nobody@example.net
Action: failed
Status: 5.1.1

--b
Content-Type: text/rfc822-headers

Received: from [ADDRESS] (unknown [ADDRESS])
	by localhost (Postfix) with ESMTP id 4Xyz; Mon, 23 Nov 2026 18:00:02 +0100
From: ada@example.org

--b--
`
