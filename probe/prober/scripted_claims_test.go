package prober_test

import (
	"slices"
	"strings"
	"testing"

	"openrelay/probe"
	"openrelay/scanner/demo"
)

// said is what this connection has heard before, saidBefore what any has.
func said(prefix string) test {
	return func(d demo.Dialogue) bool { return anyBegins(d.Said, prefix) }
}
func saidBefore(prefix string) test {
	return func(d demo.Dialogue) bool { return anyBegins(d.SaidInAll, prefix) }
}
func anyBegins(lines []string, prefix string) bool {
	return slices.ContainsFunc(lines, func(line string) bool { return strings.HasPrefix(line, prefix) })
}

// Who refuses everybody that claims something refuses the claim, if who claims nothing is welcome afterwards.
func TestRefusedClaims(t *testing.T) {
	own := called("mx.local.test")
	refuses := func(is test, words string, behind ...hook) *demo.Script {
		return &demo.Script{Rcpt: inTurn(append([]hook{when(is, words)}, behind...)...)}
	}
	auth := func(reply string, rcpt hook) *demo.Script {
		return &demo.Script{Extensions: []string{"PIPELINING", "AUTH ANONYMOUS"}, Rcpt: rcpt,
			Other: when(func(d demo.Dialogue) bool { return d.Verb == "AUTH" }, reply)}
	}
	loggedIn := said("AUTH ")
	holds(t, []scripted{
		{name: "own name, client rejected", server: refuses(own, noClient), is: closed(relayDenied)},
		{name: "own name, client rejected but to bare postmaster", server: refuses(all(own, not(barePostmaster)), noClient), is: closed(relayDenied)},
		{name: "own name, unknown language", server: refuses(own, polish), is: closed(relayDenied)},
		{name: "own name, relay words", server: refuses(own, denied), is: closed(relayDenied)},
		{name: "own name, User unknown", server: refuses(own, noUser), is: closed(relayDenied)},
		{name: "localhost, rejected", server: refuses(called("localhost"), rejected), is: closed(relayDenied)},
		{name: "literals, rejected", server: refuses(func(d demo.Dialogue) bool { return strings.HasPrefix(d.Helo, "[") }, rejected), is: closed(relayDenied)},
		{name: "every name but ours, rejected", server: refuses(not(called("probe.example.net")), rejected), is: closed(relayDenied)},
		{name: "own name, rejected, localhost relays", server: refuses(own, rejected, relays(called("localhost"))), is: open("helo-localhost")},
		{name: "own name relays", server: refuses(own, taken), is: open("helo-own-host")},
		{name: "own name, not found", server: refuses(own, "450 4.7.1 Helo command rejected: Host not found"), is: closed(relayDenied)},
		{name: "HELO in place of EHLO, rejected", server: refuses(said("HELO "), rejected), is: closed(relayDenied)},

		{name: "bounces, rejected", server: refuses(fromNobody, rejected), is: closed(relayDenied)},
		{name: "bounces, unknown language, own senders", server: refuses(fromNobody, polish, relays(fromInside)), is: open("sender-own-domain")},
		{name: "own senders, client rejected", server: refuses(fromInside, noClient), is: closed(relayDenied)},
		{name: "own senders, User unknown", server: refuses(fromInside, noUser), is: closed(relayDenied)},
		{name: "own senders, login", server: refuses(fromInside, login), is: closed(relayDenied)},
		{name: "own senders, unknown language, bounces", server: refuses(fromInside, polish, relays(fromNobody)), is: open("null-sender")},
		{name: "senders at localhost, rejected", server: refuses(func(d demo.Dialogue) bool { return strings.HasSuffix(d.From, "@localhost>") }, rejected), is: closed(relayDenied)},
		{name: "senders without a domain, unknown language", server: refuses(func(d demo.Dialogue) bool { return d.From == "<audit>" }, polish), is: closed(relayDenied)},
		{name: "bounces, rejected, quick", set: []setting{quick}, server: refuses(fromNobody, rejected), is: closed(relayDenied)},
		{name: "own senders, unknown language, in a range", set: []setting{quick, ofARange}, server: refuses(fromInside, polish), is: closed(relayDenied)},

		{name: "login, everybody rejected", server: auth("235 2.7.0 ok", when(loggedIn, rejected)), is: closed(relayDenied)},
		{name: "login, strangers denied", server: auth("235 2.7.0 ok", nil), is: closed(relayDenied)},
		{name: "login, relays", server: auth("235 2.7.0 ok", relays(loggedIn)), is: open("auth-anonymous")},
		{name: "login refused", server: auth("535 5.7.8 no", nil), is: closed(relayDenied)},
		{name: "login refused in unknown language", server: auth(polish, nil), is: closed(relayDenied)},
	})
}

// A claim may end in a ban. What comes after it is not known, and what came before stays.
func TestBannedForAClaim(t *testing.T) {
	own := saidBefore("EHLO mx.local.test")
	bans := func(is, spares test, words string, behind ...hook) *demo.Script {
		return &demo.Script{Rcpt: inTurn(append([]hook{banned(is, spares, words)}, behind...)...)}
	}
	midway := unknown(bannedMidway)
	holds(t, []scripted{
		{name: "own name, rejected", server: bans(own, nobody, rejected), is: midway},
		{name: "own name, relay words", server: bans(own, nobody, denied), is: midway},
		{name: "own name, relay words but to bare postmaster", server: bans(own, barePostmaster, denied), is: midway},
		{name: "own name, User unknown", server: bans(own, nobody, noUser), is: midway},
		{name: "own name, client rejected", server: bans(own, barePostmaster, noClient), is: unknown(bannedMidway, clientBlocked)},
		{name: "own name, unknown language", server: bans(own, barePostmaster, polish), is: midway},
		{name: "own name, refused at MAIL", server: &demo.Script{Mail: when(own, rejected)}, is: midway},
		{name: "own name, relay words, localhost relays", server: bans(own, nobody, denied, relays(called("localhost"))), relays: "helo-localhost", is: notClosed()},
		{name: "own name, rejected, own senders relay", server: bans(own, nobody, rejected, relays(fromInside)), is: open("sender-own-domain"), proof: probe.Data},
		{name: "own senders, rejected", server: bans(saidBefore("MAIL FROM:<audit@local.test>"), nobody, rejected), is: midway},
		{name: "own senders, relay words, mixed case relays", relays: "mixed-case", is: notClosed(), server: bans(
			saidBefore("MAIL FROM:<audit@local.test>"), nobody, denied, when(func(d demo.Dialogue) bool { return mixedCase(d.To) }, taken))},
		{name: "bounces, relay words, own senders relay", relays: "sender-own-domain", is: notClosed(), server: bans(
			saidBefore("MAIL FROM:<>"), nobody, denied, relays(fromInside))},
		{name: "bounces, User unknown, same domain", relays: "same-domain", is: notClosed(), server: bans(saidBefore("MAIL FROM:<>"), barePostmaster, noUser, relays(fromThere))},
		{name: "bounces, rejected on the connection", is: closed(relayDenied), server: bans(said("MAIL FROM:<>"), nobody, rejected)},
		{name: "bounces, rejected on the connection, own senders", is: open("sender-own-domain", "sender-own-postmaster"), server: bans(said("MAIL FROM:<>"), nobody, rejected, relays(fromInside))},
		{name: "bounces, relay words on the connection, own senders", is: open("sender-own-domain", "sender-own-postmaster"), server: bans(said("MAIL FROM:<>"), nobody, denied, relays(fromInside))},
		{name: "bounces, relay words on the connection, own senders, quick", set: []setting{quick}, is: open("sender-own-domain"),
			server: bans(said("MAIL FROM:<>"), nobody, denied, relays(fromInside))},
		{name: "a percent, rejected", server: bans(saidBefore("RCPT TO:<stranger%"), nobody, rejected), is: midway},
		{name: "a percent, relay words on the connection, source routes", is: open("route-own-host"), server: bans(
			said("RCPT TO:<stranger%"), nobody, denied, when(routedHere, taken))},
		{name: "a login, rejected", is: midway, server: &demo.Script{Extensions: []string{"PIPELINING", "AUTH ANONYMOUS"},
			Other: when(func(d demo.Dialogue) bool { return d.Verb == "AUTH" }, "235 2.7.0 ok"), Rcpt: when(saidBefore("AUTH "), rejected)}},
	})
}
