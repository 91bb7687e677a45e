package prober_test

import (
	"fmt"
	"strings"
	"testing"

	"openrelay/probe"
	"openrelay/scanner/demo"
)

// Words that nobody knows are read by who else gets them.
func TestUnknownWords(t *testing.T) {
	strangers := func(behind ...hook) *demo.Script {
		return &demo.Script{Rcpt: inTurn(append(behind, when(strange, polish))...)}
	}
	at := func(domains ...string) test {
		return func(d demo.Dialogue) bool {
			for _, name := range domains {
				if domainOf(d.To) == name {
					return true
				}
			}
			return false
		}
	}
	later := "450 4.7.1 nie teraz"
	holds(t, []scripted{
		{name: "to strangers", server: strangers(), is: closed(refusedSo), most: 30},
		{name: "to strangers, quick", set: []setting{quick}, server: strangers(), is: closed(refusedSo), most: 4},
		{name: "to strangers, in a range", set: []setting{quick, ofARange}, server: strangers(), is: closed(refusedSo), most: 4},
		{name: "to strangers and unknown users", server: strangers(when(nobodyHere, polish)), is: closed(refusedSo)},
		{name: "each with a number of its own", is: closed(refusedSo), server: strangers(func(d demo.Dialogue) string {
			if strange(d) {
				return fmt.Sprintf("550 5.7.1 odrzucono (ref %04x)", 0x1712*d.RefusedInAll)
			}
			return ""
		})},
		{name: "to strangers, but for own senders", server: strangers(relays(fromInside)), is: open("sender-own-domain")},
		{name: "to strangers, but for bounces", server: strangers(relays(fromNobody)), is: open("null-sender")},
		{name: "to all but bare postmaster", server: &demo.Script{Rcpt: when(not(barePostmaster), polish)}, relays: "plain", is: unknown(clientBlocked)},
		{name: "to everybody", server: &demo.Script{Rcpt: when(always, polish)}, relays: "plain", is: unknown(clientBlocked)},

		{name: "of one domain", server: strangers(relays(not(at("example.org")))), is: open("plain", "plain-com"), relays: "plain"},
		{name: "of two domains", server: strangers(relays(at("example.net"))), is: open("plain-net", "plain")},
		{name: "of the domain of the user", set: []setting{toDomains("partner.com")}, server: &demo.Script{Rcpt: inTurn(when(at("partner.com"), polish), relays(always))},
			is: open(), relays: "plain"},
		{name: "of both domains of the user", set: []setting{toDomains("partner.com", "partner.net")}, server: strangers(), is: closed(refusedSo)},
		{name: "the domain of the user is its own", set: []setting{toDomains("local.test")}, server: strangers(), is: closed(refusedSo)},
		{name: "the domain of the user is its own, and it relays for another", set: []setting{toDomains("local.test", "other.test")},
			server: strangers(relays(at("other.test"))), is: open("plain"), proof: probe.Data},
		{name: "its domain is one of ours", set: []setting{ofExampleOrg}, server: &demo.Script{Host: "mail.example.org",
			Rcpt: inTurn(when(at("example.org"), noUser), when(strange, polish))}, is: closed(refusedSo)},

		{name: "450 for a minute", set: []setting{waiting}, server: strangers(when(strange, later)), is: closed(refusedSo)},
		{name: "450 for a minute, to all but bare postmaster", set: []setting{waiting}, server: &demo.Script{Rcpt: when(not(barePostmaster), later)}, relays: "plain", is: unknown()},
		// In a range nobody waits, and the rules do not say what a 450 in unknown words is there: today it is a refusal.
		{name: "450 at first, then taken", set: []setting{waiting}, server: strangers(when(all(strange, inTime(30)), later), when(strange, taken)), is: open("plain"), proof: probe.Data, namedOnly: true},
		{name: "450 at first, then relay words", set: []setting{waiting}, server: strangers(when(all(strange, inTime(30)), later), when(strange, denied)), is: closed(relayDenied)},
		{name: "450 that says later", set: []setting{waiting}, server: strangers(when(strange, "451 4.7.1 Please try again later")), relays: "plain", is: unknown(temporary, probe.ReasonGreylisted)},
		{name: "450 to strangers, 550 to unknown users", set: []setting{waiting}, server: strangers(when(nobodyHere, polish), when(strange, later)), is: closed(refusedSo)},

		{name: "to foreign senders", server: &demo.Script{Mail: when(func(d demo.Dialogue) bool { return strings.Contains(d.From, "@example.") }, polish)}, is: closed(relayDenied)},
		{name: "to foreign senders, and bounces are relayed", is: open("plain", "null-sender"), relays: "null-sender", server: &demo.Script{
			Mail: when(func(d demo.Dialogue) bool { return strings.Contains(d.From, "@example.") }, polish), Rcpt: relays(fromNobody)}},
		{name: "to own senders", server: &demo.Script{Mail: when(fromInside, polish)}, is: closed(relayDenied)},
		{name: "to all senders", server: &demo.Script{Mail: when(always, polish)}, relays: "plain", is: unknown()},
	})
}

// A domain that is only guessed may not be the server's own.
func TestGuessedNames(t *testing.T) {
	guessed := func(p *clocked, _ *probe.Target) { p.LocalDomains = nil }
	hosts := func(rcpt ...hook) *demo.Script {
		return &demo.Script{Host: "mx7.hoster.test", Rcpt: inTurn(append(rcpt, when(not(barePostmaster), "454 4.7.1 Relay access denied"))...)}
	}
	atHoster := func(d demo.Dialogue) bool { return strings.HasSuffix(d.From, "@hoster.test>") }
	holds(t, []scripted{
		{name: "closed", set: []setting{guessed}, server: hosts(), is: closed(relayDenied), most: 20},
		{name: "closed, in a range", set: []setting{guessed, quick, ofARange}, server: hosts(), is: closed(relayDenied), most: 2},
		{name: "trusts it all the same", set: []setting{guessed}, server: hosts(relays(atHoster)), is: open("sender-own-domain")},
		{name: "relays bounces", set: []setting{guessed}, server: hosts(relays(fromNobody)), is: open("null-sender")},
		{name: "unknown words", set: []setting{guessed}, server: hosts(when(not(barePostmaster), polish)), relays: "plain", is: unknown(clientBlocked)},
		{name: "takes every name of it", set: []setting{guessed}, server: hosts(when(func(d demo.Dialogue) bool {
			return strings.HasSuffix(d.To, "hoster.test>") && !strange(demo.Dialogue{To: strings.ReplaceAll(d.To, "hoster.test", "local.test")})
		}, taken)), is: unknown(suspectAccepted)},
	})
}

// A list of relay domains may end in a wildcard, whatever domain the user gives.
func TestWildcards(t *testing.T) {
	of := func(name string) *demo.Script {
		return &demo.Script{Rcpt: relays(func(d demo.Dialogue) bool { return strings.HasSuffix(domainOf(d.To), name) })}
	}
	given := []setting{toDomains("receiver.test")}
	holds(t, []scripted{
		{name: "com", set: given, server: of(".com"), is: open("plain-com")},
		{name: "net", set: given, server: of(".net"), is: open("plain-net")},
		{name: "org", set: given, server: of(".org"), is: open("plain-org")},
		{name: "test", set: given, server: of(".test"), is: open("plain"), proof: probe.Data},
		{name: "none", set: given, server: &demo.Script{}, is: closed(relayDenied)},
	})
}

func ofExampleOrg(p *clocked, _ *probe.Target) { p.LocalDomains = []string{"example.org"} }

// A form that may be a local name is a hole where unknown users are refused, first of all, on the same connection.
func TestSuspectForms(t *testing.T) {
	hole := func(users ...hook) *demo.Script {
		return &demo.Script{Rcpt: inTurn(append([]hook{percent}, users...)...)}
	}
	catchAll := when(not(strange), taken)
	after := func(is test, words string) hook { return when(all(is, nobodyHere), words) }
	holds(t, []scripted{
		{name: "unknown users are refused", server: hole(), is: open("percent-own-domain"), proof: probe.Data},
		{name: "unknown users are refused, quick", set: []setting{quick}, server: hole(), is: open("percent-own-domain")},
		{name: "unknown users are refused, in a range", set: []setting{ofARange}, server: hole(), is: open("percent-own-domain")},
		{name: "unknown users are refused in unknown words", server: hole(when(nobodyHere, polish)), is: open("percent-own-domain")},
		// Relay words for a name of its own: the rules do not say whether they refuse an unknown user.
		{name: "unknown users are refused in relay words", server: hole(when(nobodyHere, "550 5.7.1 Relaying denied")), relays: "percent-own-domain", is: notClosed()},
		{name: "unknown users are put off", server: hole(when(nobodyHere, "450 4.3.0 Temporary lookup failure")), relays: "percent-own-domain", is: unknown(suspectAccepted, temporary)},
		{name: "unknown users are taken", server: hole(when(nobodyHere, taken)), relays: "percent-own-domain", is: unknown(suspectAccepted)},
		{name: "every local name is taken", server: &demo.Script{Rcpt: catchAll}, is: unknown(suspectAccepted)},
		{name: "every local name is taken, and strangers are too", is: open("plain"), server: &demo.Script{Rcpt: when(always, taken)}},
		{name: "taken until 2 were refused on a connection", server: &demo.Script{Rcpt: inTurn(after(refusedHere(2), noUser), catchAll)}, is: unknown(suspectAccepted)},
		{name: "taken until 1 was refused on a connection", server: &demo.Script{Rcpt: inTurn(after(refusedHere(1), noUser), catchAll)}, is: unknown(suspectAccepted)},
		{name: "taken until 5 were refused", namedOnly: true, server: &demo.Script{Rcpt: inTurn(after(refusedEver(5), noUser), catchAll)}, is: unknown(suspectAccepted, bannedMidway)},
		{name: "taken on the first connection", namedOnly: true, server: &demo.Script{Rcpt: inTurn(after(not(until(1)), noUser), catchAll)}, is: notOpen()},
		{name: "taken once each", is: notOpen(), server: &demo.Script{Rcpt: inTurn(func(d demo.Dialogue) string {
			for _, line := range d.SaidInAll {
				if nobodyHere(d) && line == d.Line {
					return noUser
				}
			}
			return ""
		}, catchAll)}},
		{name: "a hole behind a ban by connection", server: &demo.Script{Rcpt: inTurn(banned(refusedHere(2), nobody, denied), percent)}, is: open("percent-own-domain")},
		// The unknown user is the one refusal that is free, so nothing can be seen behind him.
		{name: "a hole behind a ban by connection after the first refusal", relays: "percent-own-domain", is: notClosed(),
			server: &demo.Script{Rcpt: inTurn(banned(refusedHere(1), nobody, denied), percent)}},
		{name: "a hole under the host name", is: open("percent-own-host"), server: &demo.Script{Rcpt: inTurn(when(nobodyHere, noUser), when(func(d demo.Dialogue) bool {
			return strings.HasSuffix(d.To, "%example.org@mx.local.test>")
		}, taken))}},
		{name: "every name of the host is taken", is: unknown(suspectAccepted), server: &demo.Script{Rcpt: when(func(d demo.Dialogue) bool {
			return strings.HasSuffix(d.To, "@mx.local.test>") && !strange(d)
		}, taken)}},
		{name: "every name without a domain is taken", is: unknown(suspectAccepted), server: &demo.Script{Rcpt: when(func(d demo.Dialogue) bool {
			return !strings.Contains(d.To, "@")
		}, taken)}},
	})
}
