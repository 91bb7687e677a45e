package report

import (
	"strings"
	"testing"
	"time"

	"openrelay/probe"
	"openrelay/probe/dnsbl"
)

var (
	onBL  = dnsbl.Listing{Zone: "bl.test", List: "Example BL", Query: "192.0.2.5", Status: dnsbl.Listed, Kind: dnsbl.Accusation, Codes: []string{"127.0.0.2"}, Means: "an open relay", Reason: "\x1b[2Jrelay", Delist: "https://bl.test/out"}
	onDUL = dnsbl.Listing{Zone: "dul.test", List: "Example DUL", Query: "192.0.2.5", Status: dnsbl.Listed, Kind: dnsbl.Policy}
)

// at is a result on a port of 192.0.2.5.
func at(port string, v probe.Verdict, reason probe.Reason, listings ...dnsbl.Listing) probe.Result {
	return probe.Result{Schema: 1, Target: "192.0.2.5:" + port, Name: "mx.example.org", Named: true, Verdict: v, Reason: reason, Listings: listings,
		Coverage: probe.Coverage{Of: 41, Asked: 41, Answered: 41}, Vantage: probe.Vantage{Source: "203.0.113.9", Kind: probe.Public},
		Started: time.Date(2026, 11, 23, 22, 31, 0, 0, time.UTC)}
}

func TestListings(t *testing.T) {
	inRange := at("25", probe.Unreachable, probe.ReasonTimeout, onBL)
	inRange.Named, inRange.Name = false, ""
	oursListed := at("25", probe.Inconclusive, probe.ReasonClientBlocked)
	oursListed.Vantage.Listings = []dnsbl.Listing{onBL}
	for _, test := range []struct {
		name    string
		results []probe.Result
		want    []string
		not     []string
	}{
		{"closed", []probe.Result{at("25", probe.Closed, probe.ReasonRelayDenied, onBL, onDUL), at("587", probe.Closed, probe.ReasonAuthRequired, onBL, onDUL)}, []string{
			"    listed    Example BL (accusation)\n", "    listed    Example DUL (policy)\n",
			"\nlisted though closed: mx.example.org [192.0.2.5], by Example BL, Example DUL\n",
			"to send   On 2026-11-23 at 22:31 UTC, openrelay tested 192.0.2.5 from 203.0.113.9; port 25: 41 of 41 vectors refused (relay-denied); port 587: 41 of 41 vectors refused (auth-required). It did not relay",
			"accused   Example BL: an open relay (127.0.0.2)\n", `it says: \x1b[2Jrelay`, "removal: https://bl.test/out\n"}, []string{"\x1b"}},
		{"closed beside a port that is not offered", []probe.Result{at("25", probe.Closed, probe.ReasonRelayDenied, onBL), at("587", probe.Unreachable, probe.ReasonRefused, onBL)},
			[]string{"listed though closed: ", "port 25: 41 of 41"}, []string{"port 587"}},
		{"open", []probe.Result{at("25", probe.Open, "plain", onBL)}, []string{"listed    Example BL (accusation)"}, []string{"though"}},
		{"open on one port", []probe.Result{at("25", probe.Closed, probe.ReasonRelayDenied, onBL), at("587", probe.Open, "plain", onBL)}, nil, []string{"though"}},
		{"inconclusive", []probe.Result{at("25", probe.Inconclusive, probe.ReasonGreylisted, onBL)}, []string{"listed    Example BL (accusation)"}, []string{"though"}},
		{"by policy only", []probe.Result{at("25", probe.Closed, probe.ReasonRelayDenied, onDUL)}, []string{"listed    Example DUL (policy)"}, []string{"though"}},
		{"unreachable, in a range", []probe.Result{inRange}, []string{"listed though unreachable: 192.0.2.5, by Example BL", "port 25: no mail service answered (timeout)."}, []string{"did not relay"}},
		{"not listed", []probe.Result{at("25", probe.Closed, probe.ReasonRelayDenied)}, nil, []string{"listed"}},
		{"we are listed", []probe.Result{oursListed}, []string{"note      the address we test from, 203.0.113.9, is listed itself: Example BL; that may be why"}, []string{"though"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := render(t, format(t, "table"), Options{}, test.results)
			for _, want := range test.want {
				if !strings.Contains(got, want) {
					t.Errorf("%q is missing in\n%s", want, got)
				}
			}
			for _, not := range test.not {
				if strings.Contains(got, not) {
					t.Errorf("%q is in\n%s", not, got)
				}
			}
		})
	}
}

// Listings never touch what a scan ends with.
func TestListingsExitStatus(t *testing.T) {
	var with, without Summary
	listed := at("25", probe.Closed, probe.ReasonRelayDenied, onBL)
	listed.Vantage.Listings = []dnsbl.Listing{onBL}
	with.Add(listed)
	without.Add(at("25", probe.Closed, probe.ReasonRelayDenied))
	if with.ExitStatus() != without.ExitStatus() || with.ExitStatus() != exitClosed {
		t.Errorf("%d, %d", with.ExitStatus(), without.ExitStatus())
	}
}
