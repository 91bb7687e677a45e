package main

import (
	"bytes"
	"context"
	"net/netip"
	"strings"
	"testing"

	"openrelay/internal/dnstest"
	"openrelay/probe"
	"openrelay/probe/dnsbl"
	"openrelay/probe/dnsbl/lookup"
)

// probeFrom is a probe that finds every target closed, from an address.
func probeFrom(source string) func(context.Context, probe.Target) *probe.Result {
	return func(_ context.Context, t probe.Target) *probe.Result {
		return &probe.Result{Schema: probe.Schema, Target: t.String(), Verdict: probe.Closed, Reason: probe.ReasonRelayDenied, Vantage: probe.Vantage{Source: source, Kind: probe.Public}}
	}
}

func TestScanListings(t *testing.T) {
	s, err := dnstest.Start(0, blockLists, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Stop()
	var stderr bytes.Buffer
	c := &lookup.Checker{Resolvers: []netip.AddrPort{s.Addr}, Rate: 1000, Zones: []dnsbl.Zone{
		{Zone: "bl.test", Name: "Our\x1b list", Asks: dnsbl.IP4 | dnsbl.IP6, Kind: dnsbl.Accusation}, {Zone: "dead.test", Asks: dnsbl.IP4, Kind: dnsbl.Accusation},
	}}
	l := newListings(&ui{stderr: &stderr}, c)
	ask := func(target, source string) *probe.Result {
		return l.probe(t.Context(), probe.Target{Addr: netip.MustParseAddrPort(target)}, probeFrom(source))
	}
	for range 2 { // ports of one address are looked up once
		r := ask("203.0.113.7:25", "198.51.100.7")
		if len(r.Listings) != 1 || r.Listings[0].Zone != "bl.test" || r.Listings[0].Status != dnsbl.Listed {
			t.Errorf("listings %+v", r.Listings)
		}
		if len(r.Vantage.Listings) != 1 || r.Vantage.Listings[0].Query != "198.51.100.7" {
			t.Errorf("our listings %+v", r.Vantage.Listings)
		}
		if r.Verdict != probe.Closed || r.Reason != probe.ReasonRelayDenied {
			t.Errorf("the verdict was touched: %v %s", r.Verdict, r.Reason)
		}
	}
	if r := ask("203.0.113.8:25", "198.51.100.8"); len(r.Listings) > 0 || len(r.Vantage.Listings) > 0 {
		t.Errorf("%+v", r)
	}
	ask("10.0.0.1:25", "10.0.0.2")
	ask("127.0.0.1:25", "127.0.0.1")
	if r := l.probe(t.Context(), probe.Target{Name: "nohost.example", DNSError: "no such host"}, probeFrom("")); r.Listings != nil {
		t.Errorf("a target without an address: %+v", r.Listings)
	}
	if n := s.Queries("bl.test"); n != 8 {
		t.Errorf("%d queries, want 8: two tests, four addresses, two reasons", n)
	}
	l.end()
	for _, want := range []string{
		`openrelay: note: the address we test from, 198.51.100.7, is listed itself: Our\x1b list; that may explain refusals`,
		"openrelay: note: the address we test from, 198.51.100.8, is on none of the block lists that answered\n",
		"openrelay: note: the address we test from, 10.0.0.2, is a private one",
		"openrelay: note: not checked: dead.test: its test entry is not there",
	} {
		if strings.Count(stderr.String(), want) != 1 {
			t.Errorf("%q is not there once in\n%s", want, stderr.String())
		}
	}
	if strings.Contains(stderr.String(), "127.0.0.1") {
		t.Errorf("loopback was spoken of:\n%s", stderr.String())
	}
}
