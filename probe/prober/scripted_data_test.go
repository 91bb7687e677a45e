package prober_test

import (
	"slices"
	"strings"
	"testing"

	"openrelay/probe"
	"openrelay/scanner/demo"
)

// refusesData takes every stranger at RCPT, and answers DATA as it is told.
func refusesData(data hook) *demo.Script { return &demo.Script{Rcpt: when(strange, taken), Data: data} }

// forStrangers is a mail that is for a stranger, among others.
func forStrangers(d demo.Dialogue) bool {
	return slices.ContainsFunc(d.Rcpts, func(to string) bool { return strange(demo.Dialogue{To: to}) })
}

// At DATA words about relaying or a login count. Others count where a local recipient gets a 354, and a command that is
// not known, or comes too early, is no denial.
func TestRefusedAtData(t *testing.T) {
	const ref = "554 5.7.1 Not today (ref 0x17)"
	config := serverTLS(t)
	holds(t, []scripted{
		{name: "unknown words, to everybody", server: refusesData(when(always, ref)), is: unknown(probe.ReasonUnclear)},
		{name: "unknown words, to strangers", server: refusesData(when(forStrangers, ref)), is: closed(refusedSo)},
		{name: "unknown language, to everybody", server: refusesData(when(always, polish)), is: unknown(probe.ReasonUnclear)},
		{name: "unknown language, to strangers", server: refusesData(when(forStrangers, polish)), is: closed(refusedSo)},
		{name: "unknown words, to strangers but from inside", server: refusesData(when(all(forStrangers, not(fromInside)), ref)),
			is: open("sender-own-domain"), proof: probe.Data},
		{name: "unknown words in clear, 354 under TLS", notQuick: true, is: open("plain"), proof: probe.Data,
			server: &demo.Script{TLS: config, Rcpt: when(strange, taken), Data: when(not(encrypted), ref)}},
		{name: "unknown words, then a ban", relays: "null-sender", is: notClosed(), server: &demo.Script{
			Rcpt: inTurn(banned(refusedEver(3), nobody, rejected), when(strange, taken)), Data: when(all(forStrangers, not(fromNobody)), ref)}},

		{name: "500, to everybody", server: refusesData(when(always, "500 5.5.1 Command unrecognized")), is: unknown(probe.ReasonUnclear)},
		{name: "500, to strangers", server: refusesData(when(forStrangers, "500 5.5.1 Command unrecognized")), is: unknown(probe.ReasonUnclear)},
		{name: "502, to everybody", server: refusesData(when(always, "502 5.5.1 Command not implemented")), is: unknown(probe.ReasonUnclear)},
		{name: "502, to strangers", server: refusesData(when(forStrangers, "502 5.5.1 Command not implemented")), is: unknown(probe.ReasonUnclear)},
		{name: "503, to everybody", server: refusesData(when(always, "503 5.5.1 Bad sequence of commands")), is: unknown(probe.ReasonUnclear)},
		{name: "503, in one write", server: refusesData(when(inOneWrite, "503 5.5.1 Bad sequence of commands")), is: open("plain"), proof: probe.Data},
		{name: "503, in one write, and relay words step by step", is: closed(relayDenied),
			server: refusesData(inTurn(when(inOneWrite, "503 5.5.1 Bad sequence of commands"), when(forStrangers, denied)))},
		{name: "no valid recipients, to everybody", server: refusesData(when(always, "554 5.5.1 Error: no valid recipients")), is: unknown(probe.ReasonUnclear)},
		{name: "no valid recipients, in one write", server: refusesData(when(inOneWrite, "554 5.5.1 Error: no valid recipients")), is: open("plain"), proof: probe.Data},
		// Step by step, and not to local recipients: the rules say that these two are asked again, and not what they are then.
		// They refuse strangers, as any other words do.
		{name: "503, to strangers", server: refusesData(when(forStrangers, "503 5.5.1 Bad sequence of commands")), is: closed(refusedSo)},
		{name: "no valid recipients, to strangers", server: refusesData(when(forStrangers, "554 5.5.1 Error: no valid recipients")), is: closed(refusedSo)},

		{name: "temporarily unable to relay, to everybody", server: refusesData(when(always, "451 4.7.1 Temporarily unable to relay")), is: unknown(temporary)},
		{name: "temporarily unable to relay, to strangers", server: refusesData(when(forStrangers, "451 4.7.1 Temporarily unable to relay")), is: unknown(temporary)},
		{name: "unable to relay at this time, then 354", set: []setting{waiting}, is: open("plain"), proof: probe.Data,
			server: refusesData(when(all(forStrangers, inTime(20)), "450 4.7.1 Unable to relay at this time"))},
		{name: "try again later, then relay words", set: []setting{waiting}, is: closed(relayDenied),
			server: refusesData(inTurn(when(all(forStrangers, inTime(20)), "451 4.3.0 Try again later"), when(forStrangers, denied)))},

		{name: "relay words, to everybody", server: refusesData(when(always, denied)), is: closed(relayDenied)},
		{name: "relay words, to strangers", server: refusesData(when(forStrangers, denied)), is: closed(relayDenied)},
		{name: "relay words with 451", server: refusesData(when(forStrangers, "451 4.7.1 Relay access denied")), is: closed(relayDenied)},
		{name: "relay words, to strangers but for bounces", server: refusesData(when(all(forStrangers, not(fromNobody)), denied)),
			is: open("null-sender"), proof: probe.Data},
		{name: "relay words in clear, 354 under TLS", notQuick: true, is: open("plain"), proof: probe.Data,
			server: &demo.Script{TLS: config, Rcpt: when(strange, taken), Data: when(all(forStrangers, not(encrypted)), denied)}},
		{name: "relay words in clear and under TLS", is: closed(relayDenied), server: &demo.Script{TLS: config, Rcpt: when(strange, taken), Data: when(forStrangers, denied)}},
		{name: "relay words for the percent hack", is: closed(relayDenied), server: &demo.Script{Rcpt: percent, Data: when(always, denied)}},
		{name: "relay words, then a ban", is: unknown(bannedMidway), namedOnly: true, server: &demo.Script{
			Rcpt: inTurn(banned(refusedEver(4), nobody, rejected), when(strange, taken)), Data: when(forStrangers, denied)}},
		{name: "login words, to everybody", server: refusesData(when(always, login)), is: closed(authRequired)},
		{name: "login words, to strangers", server: refusesData(when(forStrangers, login)), is: closed(authRequired)},

		{name: "a list, to everybody", server: refusesData(when(always, listed)), is: unknown(clientBlocked)},
		{name: "spam", server: refusesData(when(always, "554 5.7.1 Message rejected as spam")), is: unknown()},
		{name: "another's words", server: refusesData(when(forStrangers, undeliverable)), is: unknown(domainRejected)},
		{name: "hangs up", server: refusesData(when(always, "-")), is: open("plain"), proof: probe.Rcpt},
		{name: "421", server: refusesData(when(always, "421 4.3.0 Closing")), is: open("plain"), proof: probe.Rcpt},

		// Local names in all forms get a 354, and unknown users too: nothing tells them from a hole.
		{name: "unknown words to strangers, takes every local name", is: unknown(suspectAccepted),
			server: &demo.Script{Rcpt: when(always, taken), Data: when(forStrangers, ref)}},
		// The 354 behind a local and a foreign recipient may be for the local one alone. The rules do not name this case.
		{name: "relay words where nobody local is among the recipients", is: notOpen(), server: refusesData(when(func(d demo.Dialogue) bool {
			return forStrangers(d) && !strings.HasPrefix(d.Rcpts[0], "<postmaster")
		}, denied))},

		{name: "unknown words to everybody, proof rcpt", set: []setting{proofRcpt}, server: refusesData(when(always, ref)), is: open("plain"), proof: probe.Rcpt},
		{name: "relay words, proof rcpt", set: []setting{proofRcpt}, server: refusesData(when(always, denied)), is: open("plain"), proof: probe.Rcpt},
		{name: "unknown words to strangers, quick", set: []setting{quick}, server: refusesData(when(forStrangers, ref)), is: closed(refusedSo)},
		{name: "unknown words to everybody, quick", set: []setting{quick}, server: refusesData(when(always, ref)), is: unknown(probe.ReasonUnclear)},
		{name: "502 to everybody, in a range", set: []setting{ofARange}, server: refusesData(when(always, "502 5.5.1 Command not implemented")), is: unknown(probe.ReasonUnclear)},
		{name: "relay words, in a range", set: []setting{ofARange}, server: refusesData(when(forStrangers, denied)), is: closed(relayDenied)},
		{name: "unknown words to strangers, in a range", set: []setting{quick, ofARange}, server: refusesData(when(forStrangers, ref)), is: closed(refusedSo)},
	})
}

func inOneWrite(d demo.Dialogue) bool { return d.Pipelined }
