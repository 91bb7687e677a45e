package prober_test

import (
	"testing"
	"time"

	"openrelay/probe"
	"openrelay/scanner/demo"
)

// A server may be slower than our time allows. What was not asked keeps it from closed, and the result says how much.
func TestSlowServers(t *testing.T) {
	slow := func(rcpt hook) *demo.Script { return &demo.Script{Delay: 3 * time.Second, Rcpt: rcpt} }
	takes := func(d time.Duration, is test) hook {
		return func(dialogue demo.Dialogue) string {
			if is(dialogue) {
				time.Sleep(d)
			}
			return ""
		}
	}
	holds(t, []scripted{
		{name: "two minutes", set: []setting{within(2 * time.Minute)}, server: slow(nil), is: unknown(probe.ReasonSlow), detail: "closed for "},
		{name: "two minutes, unknown words", set: []setting{within(2 * time.Minute)}, server: slow(when(strange, polish)), is: unknown(probe.ReasonSlow), detail: "closed for "},
		{name: "an hour", set: []setting{within(time.Hour)}, server: slow(nil), is: closed(relayDenied)},
		{name: "two minutes, open", set: []setting{within(2 * time.Minute)}, server: slow(relays(always)), is: open("plain")},
		{name: "two minutes, own senders", set: []setting{within(2 * time.Minute)}, server: slow(relays(fromInside)), is: open("sender-own-domain")},
		{name: "two minutes, mixed case", set: []setting{within(2 * time.Minute)}, relays: "mixed-case", is: notClosed(),
			server: slow(when(func(d demo.Dialogue) bool { return mixedCase(d.To) }, taken))},
		{name: "an hour, mixed case", set: []setting{within(time.Hour)}, is: open("mixed-case"), server: slow(when(func(d demo.Dialogue) bool { return mixedCase(d.To) }, taken))},
		{name: "two minutes, rejects after 3 on a connection", set: []setting{within(2 * time.Minute)}, is: unknown(probe.ReasonSlow), detail: "closed for ",
			server: slow(banned(refusedHere(3), nobody, rejected))},
		{name: "not even time for the core", set: []setting{within(20 * time.Second)}, server: slow(nil), relays: "plain", is: unknown(probe.ReasonSlow)},
		{name: "slow at first", set: []setting{within(10 * time.Minute)}, server: &demo.Script{Rcpt: takes(4*time.Second, inTime(60))}, is: closed(relayDenied)},
		{name: "slow at first, mixed case", set: []setting{within(10 * time.Minute)}, is: open("mixed-case"), server: &demo.Script{Rcpt: inTurn(
			takes(4*time.Second, inTime(60)), when(func(d demo.Dialogue) bool { return mixedCase(d.To) }, taken))}},
		{name: "slow to strangers", set: []setting{within(2 * time.Minute)}, server: &demo.Script{Rcpt: takes(10*time.Second, strange)}, is: unknown(probe.ReasonSlow), detail: "closed for "},
		{name: "silent in the end", set: []setting{within(2 * time.Minute)}, server: &demo.Script{Rcpt: takes(3*time.Minute, all(strange, not(until(3))))},
			is: unknown(probe.ReasonSlow), detail: "closed for "},
		{name: "quick", set: []setting{quick, within(10 * time.Minute)}, server: slow(nil), is: closed(relayDenied)},
		{name: "quick, in a range, half a minute", set: []setting{quick, ofARange, within(30 * time.Second)}, server: slow(nil), is: unknown(probe.ReasonSlow)},
	})
}

// TLS that is offered and cannot be had hides what is behind it.
func TestUnusableTLS(t *testing.T) {
	const demand = "530 5.7.0 Must issue a STARTTLS command first"
	offers := func(starttls string, rcpt hook) *demo.Script {
		return &demo.Script{Extensions: []string{"PIPELINING", "STARTTLS"}, Rcpt: rcpt,
			Other: when(func(d demo.Dialogue) bool { return d.Verb == "STARTTLS" }, starttls)}
	}
	demands := func(starttls string) *demo.Script {
		s := offers(starttls, nil)
		s.Mail = when(always, demand)
		return s
	}
	noTLS := unknown(probe.ReasonTLSUnavailable)
	holds(t, []scripted{
		{name: "hangs up", server: offers("-", nil), is: noTLS},
		{name: "says something else", server: offers("220 2.0.0 Ready\n-", nil), is: noTLS},
		{name: "goes on in clear", server: offers("220 2.0.0 Ready", nil), is: noTLS},
		{name: "not available now", set: []setting{waiting}, server: offers("454 4.7.0 TLS not available due to temporary reason", nil), is: noTLS, detail: "454 4.7.0 TLS not available"},
		{name: "no such command", server: offers("502 5.5.1 Command not implemented", nil), is: noTLS, detail: "502 5.5.1 Command not implemented"},
		{name: "rejected", server: offers(rejected, nil), is: noTLS, detail: rejected},
		{name: "unknown words", server: offers("554 5.7.1 nie dla ciebie", when(strange, polish)), is: noTLS},
		{name: "demanded, hangs up", server: demands("-"), relays: "plain", is: noTLS},
		{name: "demanded, not available", server: demands("454 4.7.0 TLS not available"), relays: "plain", is: noTLS, detail: "454 4.7.0 TLS not available"},
		{name: "relays in clear", server: offers("-", relays(always)), is: open("plain"), proof: probe.Data},
		{name: "relays in clear for own senders", server: offers("454 4.7.0 TLS not available", relays(fromInside)), is: open("sender-own-domain")},
		{name: "in a range", set: []setting{ofARange}, server: offers("-", nil), is: noTLS},
		{name: "closed in clear and under TLS", server: &demo.Script{TLS: serverTLS(t)}, is: closed(relayDenied), most: 25},
		{name: "closed in clear, open under TLS", server: &demo.Script{TLS: serverTLS(t), Rcpt: relays(encrypted)}, is: open("plain"), notQuick: true},
		{name: "closed in clear, own senders under TLS", server: &demo.Script{TLS: serverTLS(t), Rcpt: relays(all(encrypted, fromInside))}, is: open("sender-own-domain"), notQuick: true},
		{name: "rejects under TLS after 2, own senders", relays: "sender-own-domain", notQuick: true, is: open("sender-own-domain"), server: &demo.Script{TLS: serverTLS(t),
			Rcpt: inTurn(banned(all(encrypted, refusedHere(2)), nobody, rejected), relays(all(encrypted, fromInside)))}},
		{name: "rejects everybody under TLS", server: &demo.Script{TLS: serverTLS(t), Rcpt: when(encrypted, rejected)}, relays: "plain", notQuick: true, is: unknown()},
	})
}

// What cannot be asked is skipped, and the rest is answered all the same.
func TestSkipped(t *testing.T) {
	intrusively := func(p *clocked, _ *probe.Target) { p.Vectors, _ = probe.Select("standard", true) }
	unnamed := func(p *clocked, _ *probe.Target) { p.LocalDomains = nil }
	holds(t, []scripted{
		{name: "no own name", set: []setting{unnamed}, server: &demo.Script{Greeting: "220 ESMTP", Rcpt: when(not(barePostmaster), denied)}, is: closed(relayDenied)},
		{name: "no own name, bounces", set: []setting{unnamed}, server: &demo.Script{Greeting: "220 ESMTP", Rcpt: inTurn(relays(fromNobody), when(not(barePostmaster), denied))},
			is: open("null-sender")},
		{name: "no local recipient", server: &demo.Script{Rcpt: when(always, denied)}, is: closed(relayDenied)},
		{name: "no XCLIENT, no login, and headers are no commands", set: []setting{intrusively}, server: &demo.Script{}, is: closed(relayDenied)},
		{name: "hangs up at headers", set: []setting{intrusively}, server: &demo.Script{Other: when(always, "-")}, is: closed(relayDenied)},
		{name: "TLS from the first byte, and no headers", set: []setting{intrusively, onPort(465)}, server: &demo.Script{TLS: serverTLS(t), Implicit: true}, is: closed(relayDenied)},
		{name: "TLS from the first byte, own senders", set: []setting{intrusively, onPort(465)}, server: &demo.Script{TLS: serverTLS(t), Implicit: true, Rcpt: relays(fromInside)},
			is: open("sender-own-domain")},
		{name: "XCLIENT that is not tried", server: &demo.Script{Extensions: []string{"PIPELINING", "XCLIENT NAME ADDR"}}, is: unknown(probe.ReasonXCLIENTOffered)},
		{name: "XCLIENT that is refused", set: []setting{intrusively}, is: closed(relayDenied), server: &demo.Script{Extensions: []string{"PIPELINING", "XCLIENT NAME ADDR"},
			Other: when(func(d demo.Dialogue) bool { return d.Verb == "XCLIENT" }, "550 5.7.0 Error: insufficient authorization")}},
	})
}
