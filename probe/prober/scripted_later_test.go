package prober_test

import (
	"slices"
	"strings"
	"testing"

	"openrelay/probe"
	"openrelay/scanner/demo"
)

// A firewall makes NOOP of every verb that it does not know: EHLO is answered, and not heard.
func TestEHLOIsNotHeard(t *testing.T) {
	saidHELO := func(d demo.Dialogue) bool {
		return slices.ContainsFunc(d.Said, func(line string) bool { return strings.HasPrefix(line, "HELO ") })
	}
	deaf := func(mail string, rcpt hook) *demo.Script {
		return &demo.Script{EHLO: when(func(d demo.Dialogue) bool { return d.Verb == "EHLO" }, "250 2.0.0 Ok"),
			Mail: when(not(saidHELO), mail), Rcpt: rcpt}
	}
	const first = "503 5.5.1 Error: send HELO/EHLO first"
	holds(t, []scripted{
		{name: "closed", server: deaf(first, nil), is: closed(relayDenied), most: 40},
		{name: "closed, quick", set: []setting{quick}, server: deaf(first, nil), is: closed(relayDenied), most: 6},
		{name: "closed, in a range", set: []setting{ofARange}, server: deaf(first, nil), is: closed(relayDenied)},
		{name: "relays for all", server: deaf(first, relays(always)), is: open("plain"), proof: probe.Data},
		{name: "relays for own senders", server: deaf(first, relays(fromInside)), is: open("sender-own-domain")},
		{name: "relays for all, quick", set: []setting{quick}, server: deaf(first, relays(always)), is: open("plain")},
		{name: "other words", server: deaf("503 polite people say HELO first", nil), is: closed(relayDenied)},
		{name: "other words, relays bounces", server: deaf("503 5.5.2 Send hello first", relays(fromNobody)), is: open("null-sender")},
		{name: "HELO is not heard either", server: &demo.Script{EHLO: when(always, "250 2.0.0 Ok"), Mail: when(always, first)}, relays: "plain", is: unknown()},
	})
}

// What is busy now is asked again, as often as --retry-for allows, and at a price.
func TestBusyServers(t *testing.T) {
	patience := []setting{waiting}
	const busy, later = "421 4.3.2 Service not available, try again later", "451 4.3.0 Try again later\n-"
	stages := func(is test, words string, open hook) map[string]*demo.Script {
		return map[string]*demo.Script{
			"greeting": {Greet: when(is, words), Rcpt: open},
			"EHLO":     {EHLO: when(is, words), Rcpt: open},
			"MAIL":     {Mail: when(is, words), Rcpt: open},
			"RCPT":     {Rcpt: inTurn(when(all(strange, is), words), open)},
		}
	}
	greets := func(stage string) bool { return stage == "greeting" || stage == "EHLO" }
	var rows []scripted
	for _, words := range []string{busy, later} {
		for stage, s := range stages(inTime(20), words, nothing) {
			rows = append(rows, scripted{name: words[:3] + " at first, " + stage, set: patience, server: s, is: closed(relayDenied), most: 40})
		}
		for stage, s := range stages(inTime(20), words, relays(always)) {
			rows = append(rows, scripted{name: words[:3] + " at first, then open, " + stage, set: patience, server: s, is: open("plain"), proof: probe.Data})
		}
		for stage, s := range stages(always, words, nothing) {
			row := scripted{name: words[:3] + " for ever, " + stage, set: patience, server: s, relays: "plain", is: unknown(temporary), most: 10}
			if greets(stage) {
				row.is = unknown(temporary, probe.ReasonServiceRefused)
			}
			rows = append(rows, row)
		}
	}
	holds(t, rows)
}

// A 421 that says no more is SMTP, and no service.
func TestPlain421(t *testing.T) {
	says := func(reply string) *demo.Script { return &demo.Script{Greeting: reply} }
	holds(t, []scripted{
		{name: "no words", server: says("421"), relays: "plain", is: unknown(temporary, probe.ReasonServiceRefused)},
		{name: "a host name", server: says("421 mx.local.test"), relays: "plain", is: unknown(temporary, probe.ReasonServiceRefused)},
		{name: "no service", server: says("421 mx.local.test Service not available"), relays: "plain", is: unknown(temporary, probe.ReasonServiceRefused)},
		{name: "at EHLO", server: &demo.Script{EHLO: when(always, "421")}, relays: "plain", is: unknown(temporary, probe.ReasonServiceRefused)},
		{name: "at MAIL", server: &demo.Script{Mail: when(always, "421 mx.local.test")}, relays: "plain", is: unknown(temporary, probe.ReasonCutOff)},
		{name: "at RCPT, to strangers", server: &demo.Script{Rcpt: when(strange, "421")}, relays: "plain", is: unknown(temporary, probe.ReasonCutOff)},
		{name: "too many connections", set: []setting{waiting}, server: says("421 4.7.0 Too many connections from 127.0.0.1"), relays: "plain",
			is: unknown(probe.ReasonRateLimited), most: 10},
		{name: "to strangers on every third connection", set: []setting{waiting}, is: closed(relayDenied), most: 40, server: &demo.Script{
			Rcpt: when(all(strange, onConnection(2, 3)), "421 4.3.2 Try again later")}},
		{name: "to strangers on every third connection, own senders", set: []setting{waiting}, is: open("sender-own-domain", "sender-own-postmaster"), server: &demo.Script{
			Rcpt: inTurn(when(all(strange, onConnection(2, 3)), "421 4.3.2 Try again later"), relays(fromInside))}},
	})
}
