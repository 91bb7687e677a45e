package prober_test

import (
	"fmt"
	"testing"

	"openrelay/probe"
	"openrelay/scanner/demo"
)

// tricks are what a machine that relays for everybody takes as well, for no reason of their own.
var tricks = []string{"null-sender", "same-domain", "plain-net", "sender-own-domain", "sender-own-host", "sender-own-postmaster", "sender-localhost",
	"route-own-domain", "route-own-host", "trailing-dot", "mixed-case", "no-brackets"}

// One address, several machines: each answers every n-th connection, and some of them relay for everybody.
func TestBalancers(t *testing.T) {
	// Only the k-th machine relays, and does so for whoever asks in whatever form.
	one := func(k, n int) *demo.Script { return &demo.Script{Rcpt: when(all(strange, onConnection(k, n)), taken)} }
	var rows []scripted
	for n := 2; n <= 5; n++ {
		for k := 1; k <= n; k++ {
			row := scripted{name: fmt.Sprintf("machine %d of %d", k, n), server: one(k, n), relays: "plain",
				is: open(), untold: tricks, notQuick: k > 1, most: 40}
			if n > 3 { // four repetitions, or five: the rules do not say whether the first acceptance is one of them
				row.is, row.namedOnly = notClosed(), n > 4 // and a range may not need five connections
			}
			rows = append(rows, row)
		}
	}
	holds(t, rows)
}

// Machines behind one address may differ in other ways.
func TestUnlikeMachines(t *testing.T) {
	holds(t, []scripted{
		{name: "all but one of three", server: &demo.Script{Rcpt: when(all(strange, not(onConnection(1, 3))), taken)}, relays: "plain",
			is: open(), untold: tricks, notQuick: true},
		{name: "one of two relays bounces", server: &demo.Script{Rcpt: when(all(strange, fromNobody, onConnection(1, 2)), taken)}, is: open("null-sender")},
		{name: "one of two relays for own senders", server: &demo.Script{Rcpt: relays(all(fromInside, onConnection(1, 2)))}, is: open("sender-own-domain")},
		{name: "one of two offers TLS, and relays under it", is: notClosed(), relays: "plain", notQuick: true, server: &demo.Script{TLS: serverTLS(t),
			EHLO: when(func(d demo.Dialogue) bool { return d.Verb == "EHLO" && !d.TLS && d.Connection%2 == 0 }, "250-mx.local.test\n250 PIPELINING"),
			Rcpt: relays(encrypted)}},
		{name: "one of two refuses in unknown words", server: &demo.Script{Rcpt: when(all(strange, onConnection(2, 2)), polish)}, is: closed(relayDenied, refusedSo)},
		{name: "one of two refuses at DATA", is: notOpen(), server: &demo.Script{
			Rcpt: when(all(strange, onConnection(1, 2)), taken), Data: when(forStrangers, denied)}},
		{name: "one of two greylists", set: []setting{waiting}, is: closed(relayDenied), server: &demo.Script{
			Rcpt: when(all(strange, onConnection(2, 2), inTime(30)), "450 4.2.0 Greylisted")}},
		{name: "one of two greylists, and relays then", set: []setting{waiting}, is: open(), relays: "plain", namedOnly: true, notQuick: true,
			untold: tricks, server: &demo.Script{Rcpt: inTurn(
				when(all(strange, onConnection(2, 2), inTime(30)), "450 4.2.0 Greylisted"), when(all(strange, onConnection(2, 2)), taken))}},
		// A machine that takes every name says nothing of the holes of one that knows its users.
		{name: "one of two knows its users", is: notOpen(), server: &demo.Script{Rcpt: when(all(not(strange), onConnection(2, 2)), taken)}},
		{name: "one of two knows its users, the first", is: notOpen(), server: &demo.Script{Rcpt: when(all(not(strange), onConnection(1, 2)), taken)}},
		{name: "one of three knows its users", is: notOpen(), server: &demo.Script{Rcpt: when(all(not(strange), not(onConnection(2, 3))), taken)}},
	})
}

// What was accepted once and is refused ever after: by other machines where all else is as before, in a ban where nobody
// is welcome any more. In a ban the acceptance stands.
func TestAcceptedOnce(t *testing.T) {
	// hasty hangs up at DATA, so that an acceptance has no better proof.
	hasty := func(rcpt ...hook) *demo.Script { return &demo.Script{Rcpt: inTurn(rcpt...), Data: when(always, "-")} }
	atOnce := relays(until(1))
	late := not(until(1))
	holds(t, []scripted{
		{name: "then relay words", server: hasty(atOnce), relays: "plain", is: unknown(answersDiffer), most: 60},
		{name: "then unknown words", server: hasty(atOnce, when(strange, polish)), relays: "plain", is: unknown(answersDiffer)},
		{name: "then User unknown", server: hasty(atOnce, when(strange, noUser)), relays: "plain", is: unknown(answersDiffer)},
		{name: "then login words", server: hasty(atOnce, when(strange, login)), relays: "plain", is: unknown(answersDiffer)},
		{name: "then relay words, proof rcpt", set: []setting{proofRcpt}, server: &demo.Script{Rcpt: atOnce}, relays: "plain", is: unknown(answersDiffer)},
		{name: "then relay words, quick", set: []setting{quick}, server: hasty(atOnce), relays: "plain", is: unknown(answersDiffer)},
		{name: "on every other connection", server: hasty(relays(onConnection(1, 2))), relays: "plain", is: open("plain"), proof: probe.Rcpt},
		{name: "with 354, then relay words", server: &demo.Script{Rcpt: atOnce}, relays: "plain", is: notClosed()},
		{name: "on the second connection", server: hasty(relays(all(until(2), not(until(1))))), relays: "plain", is: notClosed(), notQuick: true},
		// A 4xx or a lost connection contradicts nothing.
		{name: "then 450", server: hasty(atOnce, when(strange, "450 4.7.1 nie teraz")), is: open("plain"), proof: probe.Rcpt},
		{name: "then 421", server: hasty(atOnce, when(strange, "421 4.3.0 closing")), is: open("plain"), proof: probe.Rcpt},
		{name: "then hangs up at EHLO", is: open("plain"), proof: probe.Rcpt, server: &demo.Script{Rcpt: atOnce, Data: when(always, "-"), EHLO: when(late, "-")}},
		{name: "then hangs up at strangers", server: hasty(atOnce, when(strange, "-")), is: open("plain"), proof: probe.Rcpt},
		// Bans.
		{name: "then rejects everybody", server: hasty(banned(late, nobody, rejected), atOnce), is: open("plain"), proof: probe.Rcpt, most: 60},
		{name: "then relay words to everybody", server: hasty(banned(late, nobody, denied), atOnce), is: open("plain"), proof: probe.Rcpt, most: 60},
		{name: "then User unknown to everybody", server: hasty(banned(late, nobody, noUser), atOnce), is: open("plain"), proof: probe.Rcpt},
		{name: "then relay words to all but bare postmaster", server: hasty(banned(late, barePostmaster, denied), atOnce), is: open("plain"), proof: probe.Rcpt},
		{name: "then client rejected", server: hasty(banned(late, barePostmaster, noClient), atOnce), is: open("plain"), proof: probe.Rcpt},
		{name: "then unknown language", server: hasty(banned(late, barePostmaster, polish), atOnce), is: open("plain"), proof: probe.Rcpt},
		{name: "then relay words to unknown users too", server: hasty(banned(late, anyPostmaster, denied), atOnce), is: open("plain"), proof: probe.Rcpt, namedOnly: true},
		{name: "then login words to everybody", server: hasty(banned(late, nobody, login), atOnce), is: open("plain"), proof: probe.Rcpt},
		{name: "with 354, then rejects everybody", server: &demo.Script{Rcpt: inTurn(banned(late, nobody, rejected), atOnce)}, is: open("plain"), proof: probe.Data},
		{name: "then rejects everybody, proof rcpt", set: []setting{proofRcpt}, server: &demo.Script{Rcpt: inTurn(banned(late, nobody, rejected), atOnce)},
			is: open("plain"), proof: probe.Rcpt},
		{name: "then rejects everybody, quick", set: []setting{quick}, server: hasty(banned(late, nobody, rejected), atOnce), is: open("plain"), proof: probe.Rcpt},
		{name: "then rejects everybody, in a range", set: []setting{ofARange}, server: hasty(banned(late, nobody, rejected), atOnce), is: open("plain"), proof: probe.Rcpt},
		{name: "bounces, then relay words to everybody", server: hasty(banned(late, nobody, denied), relays(fromNobody)), is: open("null-sender"), proof: probe.Rcpt},
		{name: "one recipient, then rejects everybody", is: notClosed(), relays: "plain", server: hasty(
			banned(func(d demo.Dialogue) bool { return tookAStranger(d.SaidInAll) }, nobody, rejected), relays(always))},
	})
}

// tookAStranger reports a mail for a plain stranger that was said before.
func tookAStranger(said []string) bool {
	for _, line := range said {
		if line == "RCPT TO:<stranger@example.org>" {
			return true
		}
	}
	return false
}
