package prober_test

import (
	"testing"

	"openrelay/probe"
	"openrelay/scanner/demo"
)

const (
	verifying  = "450 4.1.1 Recipient address rejected: unverified address: Address verification in progress"
	unverified = "550 5.1.1 Recipient address rejected: unverified address: host mx.example.org[192.0.2.7] said: 550 No such user here"
	callout    = "550-Callout verification failed:\n550 550 5.1.1 <stranger@example.org>: User unknown"
	hostSaid   = "550 5.1.1 host mx.example.org[192.0.2.7] said: 550 5.1.1 No such mailbox"
	noHost     = "550 5.1.2 Host or domain name not found"
	nullMX     = "556 5.1.10 Recipient address rejected: Domain example.org does not accept mail (nullMX)"
)

// A relay that looks first whether a recipient exists relays for those that do.
func TestRelaysThatVerify(t *testing.T) {
	answers := func(words string, behind ...hook) *demo.Script {
		return &demo.Script{Rcpt: inTurn(append(behind, when(strange, words))...)}
	}
	to := func(domain string) hook {
		return relays(func(d demo.Dialogue) bool { return domainOf(d.To) == domain })
	}
	holds(t, []scripted{
		{name: "undeliverable", server: answers(undeliverable), relays: "plain", is: unknown(domainRejected)},
		{name: "unverified", server: answers(unverified), relays: "plain", is: unknown(domainRejected)},
		{name: "callout", server: answers(callout), relays: "plain", is: unknown(domainRejected)},
		{name: "the host said", server: answers(hostSaid), relays: "plain", is: unknown(domainRejected)},
		{name: "unrouteable", server: answers(unrouteable), relays: "plain", is: unknown(domainRejected)},
		{name: "no such host", server: answers(noHost), relays: "plain", is: unknown(domainRejected)},
		{name: "null MX", server: answers(nullMX), relays: "plain", is: unknown(domainRejected)},
		{name: "450 at first, then undeliverable", set: []setting{waiting}, server: answers(undeliverable, when(all(strange, inTime(20)), verifying)),
			relays: "plain", is: unknown(domainRejected)},
		{name: "450 at first, then taken", set: []setting{waiting}, server: answers(taken, when(all(strange, inTime(20)), verifying)), is: open("plain"), proof: probe.Data},
		{name: "450 for ever", set: []setting{waiting}, server: answers(verifying), relays: "plain", is: unknown(domainRejected, temporary)},
		{name: "knows some domains", server: answers(undeliverable, to("example.com")), relays: "plain", is: open("plain", "plain-com")},
		{name: "knows the domain of the user", set: []setting{toDomains("good.test")}, server: answers(undeliverable, to("good.test")), is: open("plain"), proof: probe.Data},
		{name: "null MX, and a domain of the user", set: []setting{toDomains("good.test")}, server: answers(nullMX, to("good.test")), is: open("plain"), proof: probe.Data},
		{name: "bounces are not verified", server: answers(undeliverable, relays(fromNobody)), is: open("null-sender")},
		{name: "verifies, and bans", server: answers(undeliverable, banned(refusedEver(5), nobody, rejected)), relays: "plain", is: unknown(bannedMidway, domainRejected)},
		{name: "verifies, quick", set: []setting{quick}, server: answers(undeliverable), relays: "plain", is: unknown(domainRejected)},
		{name: "verifies, in a range", set: []setting{ofARange}, server: answers(hostSaid), relays: "plain", is: unknown(domainRejected)},
		{name: "User unknown, but only the bare postmaster is taken", server: &demo.Script{Rcpt: when(not(barePostmaster), noUser)},
			relays: "plain", is: unknown()},
		{name: "User unknown, nobody is taken", server: &demo.Script{Rcpt: when(always, noUser)}, relays: "plain", is: unknown()},
	})
}

// Who verifies its own users says the same words of them, and is closed.
func TestClosedServersThatVerify(t *testing.T) {
	users := func(words string, behind ...hook) *demo.Script {
		return &demo.Script{Rcpt: inTurn(append(behind, when(all(not(strange), not(anyPostmaster)), words))...)}
	}
	foreign := func(words string) hook { return when(strange, words) }
	backend := "550 5.1.1 Recipient address rejected: undeliverable address: host backend.local.test[10.0.0.5] said: 550 5.1.1 User unknown"
	holds(t, []scripted{
		{name: "callout to its backend", server: users(backend), is: closed(relayDenied)},
		{name: "450 at first", set: []setting{waiting}, server: users(backend, when(all(nobodyHere, inTime(20)), verifying)), is: closed(relayDenied)},
		{name: "450 for ever", set: []setting{waiting}, server: users(verifying), is: unknown(temporary)},
		{name: "unrouteable users", server: users(unrouteable), is: closed(relayDenied)},
		{name: "strangers in unknown words", server: users(backend, foreign(polish)), is: closed(refusedSo)},
		{name: "strangers are unknown users", server: users(noUser, foreign("550 5.1.1 No such user here")), is: closed(recipientUnknown)},
		{name: "strangers are unknown users, quick", set: []setting{quick}, server: users(noUser, foreign(noUser)), is: closed(recipientUnknown)},
		{name: "strangers are unknown users, in a range", set: []setting{ofARange}, server: users(noUser, foreign(noUser)), is: closed(recipientUnknown)},
		{name: "strangers are unknown users, but for own senders", server: users(noUser, relays(fromInside), foreign(noUser)), is: open("sender-own-domain")},
		{name: "looks for a route before it denies", server: &demo.Script{Rcpt: inTurn(
			when(func(d demo.Dialogue) bool { return domainOf(d.To) == "example.org" }, unrouteable), foreign("550 relay not permitted"))}, is: closed(relayDenied)},
		// Nobody can be told from a stranger: it may be an open relay that verifies, which knows its postmaster alone.
		{name: "verifies before it denies", server: users(backend, foreign(undeliverable)), is: unknown(domainRejected)},
		// The unknown user is refused in another's words, but by his own server: that tells the hole from a local name. The
		// rules speak of those words for foreign addresses alone.
		{name: "callout to its backend, percent hack", server: &demo.Script{Rcpt: inTurn(percent, when(nobodyHere, backend))}, is: open("percent-own-domain")},
		{name: "callout to its backend that takes everybody", is: unknown(suspectAccepted),
			server: &demo.Script{Rcpt: when(not(strange), taken)}},
	})
}
