package report

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"openrelay/probe"
	"openrelay/probe/dnsbl"
	"openrelay/probe/phrasebook"
)

// hostileText is what a server may say to whoever looks at its banner in a browser.
const hostileText = `<script>alert(1)</script><img src=x onerror=alert(2)>"' onmouseover='alert(3) ]]> --> </noscript></style></pre>` +
	"\x1b[31m\x1b]0;t\x07 \u202egnp.exe \u2066x\u2069 \x00 \r\n &lt;b&gt; {{.}} ${7*7} `x` \xff\u2028=cmd()|x"

// hostileResult has it in every field that comes from outside.
func hostileResult() probe.Result {
	return probe.Result{
		Schema: 1, Scan: &probe.Scan{ID: hostileText, Spec: hostileText, Version: hostileText, Authorized: hostileText},
		Target: hostileText + ":25", Name: hostileText, Named: true, Verdict: probe.Open, Proof: probe.Delivered, Reason: hostileText, Stage: hostileText, Detail: hostileText,
		Traits: []probe.Trait{{Name: hostileText, Evidence: hostileText}, {Name: probe.TraitVantageTrusted, Evidence: hostileText}},
		Server: probe.Server{Banner: hostileText, EHLO: []string{hostileText, hostileText}, MTA: hostileText, TLS: &probe.TLS{
			Version: hostileText, Cipher: hostileText, Cert: &probe.Cert{Subject: hostileText, Issuer: hostileText, VerifyError: hostileText},
		}},
		Findings: []probe.Finding{
			{Vector: hostileText, Via: hostileText, From: hostileText, To: hostileText, Outcome: probe.OutcomeAccepted, Deciding: true, Meaning: hostileText, Reply: hostileText, Cause: hostileText, Fix: hostileText + "\n  " + hostileText},
			{Vector: "plain", From: hostileText, To: hostileText, Outcome: probe.OutcomeRefused, Meaning: hostileText, Reply: "550 " + hostileText},
			{Vector: "null-sender", From: hostileText, To: hostileText, Outcome: hostileText, Reply: hostileText},
		},
		Coverage: probe.Coverage{Of: 3, Asked: 3, Answered: 3, Skipped: []probe.Skip{{Vector: hostileText, Why: hostileText}}},
		Vantage:  probe.Vantage{Source: hostileText, Kind: hostileText},
		Expected: &probe.Expected{Found: hostileText, Origin: hostileText, Expectation: probe.Expectation{
			Verdict: probe.Open, Reason: hostileText, Vectors: []string{"other " + hostileText}, At: []string{hostileText}, Until: hostileText, Because: hostileText,
		}},
		Listings:   []dnsbl.Listing{{Zone: hostileText, List: hostileText, Query: hostileText, Status: hostileText, Kind: hostileText, Codes: []string{hostileText}, Means: hostileText, Reason: hostileText, Why: hostileText, Lookup: "javascript:alert(4)", Delist: "https://" + hostileText}},
		Deliveries: []probe.Delivery{{Vector: hostileText, Via: hostileText, Relay: hostileText, Helo: hostileText, TLS: hostileText, Received: []string{hostileText}, SawClient: hostileText}},
	}
}

// deliveredResult is a server that passed a message on, and is on block lists.
func deliveredResult() probe.Result {
	at := time.Date(2026, 11, 23, 18, 4, 5, 0, time.UTC)
	return probe.Result{
		Schema: 1, Target: "203.0.113.77:25", Name: "relay.example.net", Named: true, Verdict: probe.Open, Proof: probe.Delivered, Reason: "plain", Started: at.Add(-time.Minute),
		Findings: []probe.Finding{{
			Vector: "plain", Via: probe.Plain, From: "<audit@example.net>", To: "<stranger@catch.example>", Outcome: probe.OutcomeAccepted, Deciding: true,
			Proof: probe.Delivered, Meaning: phrasebook.Accepted, Stage: phrasebook.Rcpt, Reply: "250 2.1.5 Ok", Cause: "It relays for everybody.",
		}},
		Deliveries: []probe.Delivery{{
			Vector: "plain", Via: probe.Plain, Relay: "203.0.113.78", MultiHop: true, Helo: "out.example.net", TLS: "TLS 1.3", SawClient: "198.51.100.7", At: at, DelayMS: 2250,
			Received: []string{"from relay.example.net (relay.example.net [203.0.113.77])\n\tby out.example.net", "from probe.example.com"},
		}},
		Listings: []dnsbl.Listing{
			{Zone: "bl.example.org", List: "Example Block List", Query: "203.0.113.77", Status: dnsbl.Listed, Kind: dnsbl.Accusation, Codes: []string{"127.0.0.2"}, Means: "open relay", Reason: "see https://bl.example.org/?203.0.113.77", Lookup: "https://bl.example.org/lookup", Delist: "https://bl.example.org/remove"},
			{Zone: "dead.example.org", Query: "203.0.113.77", Status: dnsbl.NotChecked, Why: "the zone answers for everything"},
		},
	}
}

// many returns n results as of a large scan of named servers: most are closed, and every vector was
// asked, with replies as Postfix and Exim word them.
func many(n int) []probe.Result {
	all := make([]probe.Result, n)
	for i := range all {
		addr := netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 20, byte(i >> 8), byte(i)}), 25)
		all[i] = manyResult(i, addr)
	}
	return all
}

func manyResult(i int, addr netip.AddrPort) probe.Result {
	host := fmt.Sprintf("mx%d.example.org", i)
	r := probe.Result{
		Schema: 1, Scan: &probe.Scan{ID: "k3v9q2mxw7ab", Spec: "9f2c4e7a10bd", Version: "1.0.0", Authorized: "Ada Admin, CHG-1234"},
		Target: addr.String(), Name: host, Named: true, Verdict: probe.Closed, Reason: probe.ReasonRelayDenied,
		Vantage: probe.Vantage{Source: "203.0.113.9", Kind: probe.Public}, Started: time.Date(2026, 11, 23, 18, 0, i%3600, 0, time.UTC), TookMS: 1234,
	}
	if i%10 == 9 {
		r.Verdict, r.Reason, r.Stage, r.Detail = probe.Unreachable, probe.ReasonTimeout, probe.StageConnect, "no answer within 10s, tried twice"
		return r
	}
	r.Server = probe.Server{MTA: []string{"Postfix", "Exim", "Sendmail", ""}[i%4], Banner: host + " ESMTP ready", EHLO: strings.Fields(host + " PIPELINING SIZE VRFY ETRN STARTTLS ENHANCEDSTATUSCODES 8BITMIME DSN SMTPUTF8 CHUNKING"),
		TLS: &probe.TLS{Version: "TLS 1.3", Cipher: "TLS_AES_256_GCM_SHA384", Cert: &probe.Cert{Subject: "CN=" + host, Issuer: "CN=Example CA", NotAfter: time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)}}}
	vectors, _ := probe.Select("standard", false)
	for _, v := range vectors {
		to := strings.NewReplacer("{rcpt}", "stranger", "{to}", "example.com", "{own-domain}", "example.org", "{own-host}", host).Replace(v.To)
		r.Findings = append(r.Findings, probe.Finding{Vector: v.ID, Via: probe.Plain, From: "<audit@example.net>", To: to, Outcome: probe.OutcomeRefused, Meaning: phrasebook.RelayDenied, Stage: phrasebook.Rcpt, Reply: "454 4.7.1 " + to + ": Relay access denied"})
	}
	r.Coverage = probe.Coverage{Of: len(vectors), Asked: len(vectors), Answered: len(vectors)}
	f := &r.Findings[0]
	switch {
	case i%40 == 0:
		r.Verdict, r.Proof, r.Reason = probe.Open, probe.Data, "plain"
		f.Outcome, f.Proof, f.Meaning, f.Reply, f.Deciding = probe.OutcomeAccepted, probe.Data, phrasebook.Accepted, "250 2.1.5 Ok", true
		f.Cause, f.Fix = "The server relays for every client.", "Relay only for authenticated clients.\n  # main.cf\n  mynetworks = 127.0.0.0/8\nThen test again:\n  openrelay scan "+host
	case i%40 == 20:
		r.Verdict, r.Reason = probe.Inconclusive, probe.ReasonGreylisted
		f.Outcome, f.Meaning, f.Reply, f.Deciding = probe.OutcomeUnanswered, phrasebook.Greylisted, "450 4.2.0 Greylisted", true
	}
	return r
}
