package prober_test

import (
	"slices"
	"strings"
	"testing"

	"openrelay/probe"
	"openrelay/probe/dialogue"
	"openrelay/scanner/demo"
)

func users(list ...string) setting {
	return func(p *clocked, _ *probe.Target) { p.LocalUsers = list }
}

func ofThisOne(local probe.Local) setting {
	return func(p *clocked, t *probe.Target) { p.LocalDomains, t.Local = nil, &local }
}

// A user of the server tells what bare postmaster cannot: that it takes mail from us, and for whom it relays.
func TestLocalUsers(t *testing.T) {
	toAda := func(d demo.Dialogue) bool { return d.To == "<ada@local.test>" }
	fromAda := func(d demo.Dialogue) bool { return d.From == "<ada@local.test>" }
	knows := func(words string, behind ...hook) *demo.Script {
		return &demo.Script{Rcpt: inTurn(append(behind, when(not(toAda), words))...)}
	}
	ada := []setting{users("ada")}
	holds(t, []scripted{
		{name: "all others in its own words", set: ada, server: knows(polish, when(toAda, taken)), is: closed(refusedSo), most: 30},
		{name: "all others in its own words, quick", set: []setting{users("ada"), quick}, server: knows(polish, when(toAda, taken)), is: closed(refusedSo)},
		{name: "all others in its own words, in a range", set: []setting{users("ada"), ofARange}, server: knows(polish, when(toAda, taken)), is: closed(refusedSo)},
		{name: "all others in its own words, and nobody is known", relays: "sender-own-user", is: notClosed(), server: knows(polish, relays(fromAda), when(toAda, taken))},
		{name: "all others as rejected clients", set: ada, server: knows(noClient, when(toAda, taken)), is: closed(refusedSo)},
		{name: "everybody, the user too", set: ada, server: &demo.Script{Rcpt: when(not(barePostmaster), polish)}, relays: "plain", is: unknown(clientBlocked)},
		{name: "no such user, but a postmaster", set: []setting{users("eve")}, server: &demo.Script{}, is: closed(relayDenied)},
		{name: "relays for its users", set: ada, server: knows(denied, relays(fromAda), when(toAda, taken)), is: open("sender-own-user"), proof: probe.Data, notQuick: true},
		{name: "relays for its second user", set: []setting{users("bob@local.test", "ada@LOCAL.test")}, server: &demo.Script{
			Rcpt: inTurn(relays(func(d demo.Dialogue) bool { return strings.EqualFold(d.From, "<ada@local.test>") }))}, is: open("sender-own-user"), notQuick: true},
		{name: "relays for a user of this one server", set: []setting{ofThisOne(probe.Local{Domains: []string{"local.test"}, Users: []string{"ada"}})},
			server: knows(denied, relays(fromAda), when(toAda, taken)), is: open("sender-own-user"), proof: probe.Data, notQuick: true},
		{name: "relays for all of its domain", set: ada, server: &demo.Script{Rcpt: relays(fromInside)}, is: open("sender-own-domain")},
		{name: "relays beside a user", set: ada, is: open("second-recipient"), notQuick: true, server: knows(polish, when(toAda, taken),
			relays(func(d demo.Dialogue) bool { return len(d.Rcpts) > 0 && len(d.Rcpts) == d.Asked-1 }))},
	})
}

// A user is told to servers of his domain, and to no other.
func TestUsersAreToldAtHome(t *testing.T) {
	for _, tc := range []struct {
		name   string
		users  []string
		given  []string // --local-domain
		target probe.Target
		host   string // in the greeting
		want   []string
	}{
		{"at a domain that was given", []string{"ada"}, []string{"local.test", "second.test"}, probe.Target{Named: true}, "mx.else.test", []string{"ada@local.test", "ada@second.test"}},
		{"at that of mx:", []string{"ada"}, nil, probe.Target{Named: true, Name: "mx1.provider.test", Domain: "local.test"}, "mx1.provider.test", []string{"ada@local.test"}},
		{"at that of the host", []string{"ada"}, nil, probe.Target{Named: true, Name: "mx.local.test"}, "mx.else.test", []string{"ada@local.test"}},
		{"at none of the greeting alone", []string{"ada"}, nil, probe.Target{Named: true}, "mx.local.test", nil},
		{"in a range, at what was given", []string{"ada"}, []string{"local.test"}, probe.Target{}, "mx.else.test", []string{"ada@local.test"}},
		{"with a domain, at a host that says it is of it", []string{"ada@local.test"}, nil, probe.Target{Named: true}, "mx.local.test", []string{"ada@local.test"}},
		{"with a domain, at a host name", []string{"ada@mx.local.test"}, nil, probe.Target{Named: true}, "mx.local.test", []string{"ada@mx.local.test"}},
		{"with a domain, elsewhere", []string{"ada@local.test"}, []string{"second.test"}, probe.Target{Named: true}, "mx.else.test", nil},
		{"no user", []string{"ada>\r\nDATA", "ada lovelace", "@local.test"}, []string{"local.test"}, probe.Target{Named: true}, "mx.local.test", nil},
	} {
		p := standard(t)
		p.LocalUsers, p.LocalDomains = tc.users, tc.given
		tc.target.Addr = listenScript(t, &demo.Script{Host: tc.host}).Addr
		told := make(map[string]bool)
		p.Trace = func(_ probe.Target, said dialogue.Transcript) {
			for _, l := range said {
				if i := strings.Index(l.Data, "<ada"); i >= 0 && l.From == dialogue.Client {
					told[strings.Trim(strings.TrimSpace(l.Data[i:]), "<>")] = true
				}
			}
		}
		res := p.Probe(t.Context(), tc.target)
		wantVerdict(t, res, probe.Closed, probe.ReasonRelayDenied)
		for _, user := range tc.want {
			if !told[user] {
				t.Errorf("%s: %s was not named", tc.name, user)
			}
			delete(told, user)
		}
		if len(told) > 0 {
			t.Errorf("%s: it was told %v", tc.name, told)
		}
		skipped := slices.Contains(res.Coverage.Skipped, probe.Skip{Vector: "sender-own-user", Why: "own-user unknown"})
		if skipped != (len(tc.want) == 0) {
			t.Errorf("%s: skipped %v", tc.name, res.Coverage.Skipped)
		}
	}
}
