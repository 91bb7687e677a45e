package main

import (
	"github.com/miekg/dns"
	"github.com/rogpeppe/go-internal/testscript"

	"openrelay/internal/dnstest"
)

// blockLists are the lists of the scripts: $RESOLVER answers for them and for a few hosts.
var blockLists = []dnstest.List{
	{Zone: "bl.test", Entries: map[string]dnstest.Entry{
		"203.0.113.7":  {Codes: []string{"127.0.0.2"}, TXT: []string{`an open relay \027[2J`}},
		"198.51.100.7": {Codes: []string{"127.0.0.2"}},
		"2001:db8::7":  {Codes: []string{"127.0.0.2"}},
	}},
	{Zone: "dul.test", Entries: map[string]dnstest.Entry{"203.0.113.7": {Codes: []string{"127.0.0.10"}}, "203.0.113.9": {Codes: []string{"127.0.0.10"}}}},
	{Zone: "names.test", Entries: map[string]dnstest.Entry{"spam.example": {Codes: []string{"127.0.0.2"}}}},
	{Zone: "dead.test", NoTest: true},
	{Zone: "wild.test", All: &dnstest.Entry{Codes: []string{"127.0.0.2"}}},
	{Zone: "public.test", All: &dnstest.Entry{Codes: []string{"127.255.255.254"}}},
	{Zone: "refused.test", All: &dnstest.Entry{Rcode: dns.RcodeRefused}},
	{Zone: "servfail.test", All: &dnstest.Entry{Rcode: dns.RcodeServerFailure}},
	{Zone: "silent.test", All: &dnstest.Entry{Silent: true}},
	{Zone: "key.zen.dq.spamhaus.net", Entries: map[string]dnstest.Entry{"203.0.113.7": {Codes: []string{"127.0.0.11"}}}},
}

var blockListHosts = map[string][]string{
	"mail.spam.example": {"203.0.113.7", "2001:db8::7"},
	"mail.fine.example": {"203.0.113.8"},
}

func startBlockLists(env *testscript.Env) error {
	s, err := dnstest.Start(0, blockLists, blockListHosts)
	if err != nil {
		return err
	}
	env.Defer(s.Stop)
	env.Setenv("RESOLVER", s.Addr.String())
	return nil
}
