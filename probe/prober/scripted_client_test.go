package prober_test

import (
	"fmt"
	"testing"

	"openrelay/probe"
	"openrelay/scanner/demo"
)

// Postfix with an access table for clients spares the bare postmaster alone. Where users log in that is how strangers are
// kept out; elsewhere it is about our address.
func TestOnlyBarePostmaster(t *testing.T) {
	config := serverTLS(t)
	auth := []string{"PIPELINING", "AUTH PLAIN LOGIN"}
	type place struct {
		port     uint16
		auth     bool
		loggedIn bool // a refusal of everybody is a demand to log in
	}
	var rows []scripted
	for _, at := range []place{{25, false, false}, {25, true, false}, {587, false, false}, {587, true, true}, {465, false, false}, {465, true, true}} {
		stands := func(rcpt hook) *demo.Script {
			s := &demo.Script{Rcpt: rcpt}
			if at.auth {
				s.Extensions = auth
			}
			if at.port == 465 {
				s.TLS, s.Implicit = config, true
			}
			return s
		}
		for _, words := range []string{noClient, polish} {
			row := scripted{name: fmt.Sprintf("port %d, AUTH %v, %s", at.port, at.auth, words), set: []setting{onPort(at.port)},
				server: stands(when(not(barePostmaster), words)), relays: "plain", is: unknown(clientBlocked)}
			if at.loggedIn {
				row.relays, row.is = "", closed(authRequired)
			}
			rows = append(rows, row)
		}
		for behind, relay := range map[string]hook{"helo-localhost": relays(called("localhost")), "sender-own-domain": relays(fromInside)} {
			rows = append(rows, scripted{name: fmt.Sprintf("port %d, AUTH %v, open by %s", at.port, at.auth, behind), set: []setting{onPort(at.port)},
				server: stands(inTurn(relay, when(not(barePostmaster), noClient))), is: open(probe.Reason(behind)), proof: probe.Data})
		}
	}
	holds(t, rows)
}

// What else is refused to all but a postmaster, or to all.
func TestRefusedToAll(t *testing.T) {
	config := serverTLS(t)
	auth := []string{"PIPELINING", "AUTH PLAIN LOGIN"}
	submission := []setting{onPort(587)}
	holds(t, []scripted{
		{name: "AUTH under TLS only", set: submission, is: closed(authRequired), server: &demo.Script{TLS: config, Rcpt: when(not(barePostmaster), noClient),
			EHLO: when(func(d demo.Dialogue) bool { return d.TLS && d.Verb == "EHLO" }, "250-mx.local.test\n250-PIPELINING\n250 AUTH PLAIN")}},
		{name: "open under TLS", set: submission, is: open("plain"), notQuick: true,
			server: &demo.Script{TLS: config, Extensions: auth, Rcpt: inTurn(relays(encrypted), when(not(barePostmaster), noClient))}},
		// The rules speak of all but bare postmaster; a server that does not spare it refuses no fewer.
		{name: "the bare postmaster too", set: submission, is: closed(authRequired), server: &demo.Script{Extensions: auth, Rcpt: when(always, noClient)}},
		{name: "a list", set: submission, relays: "plain", is: unknown(clientBlocked), server: &demo.Script{Extensions: auth, Rcpt: when(not(barePostmaster), listed)}},
		{name: "no reverse name", set: submission, relays: "plain", is: unknown(clientBlocked), server: &demo.Script{Extensions: auth,
			Rcpt: when(not(barePostmaster), "554 5.7.1 Client host rejected: cannot find your reverse hostname, [127.0.0.1]")}},
		{name: "a 450 outlasts our patience, but the control is bare postmaster", set: []setting{onPort(587), waiting}, is: unknown(), relays: "plain",
			server: &demo.Script{Extensions: auth, Rcpt: when(not(barePostmaster), "450 4.7.1 nie teraz")}},
		{name: "takes its postmaster, refuses strangers in unknown words", set: submission, is: closed(refusedSo),
			server: &demo.Script{Extensions: auth, Rcpt: when(strange, polish)}},
		{name: "relay words to everybody else", server: &demo.Script{Rcpt: when(not(barePostmaster), denied)}, is: closed(relayDenied)},
		{name: "relay words to everybody", server: &demo.Script{Rcpt: when(always, denied)}, is: closed(relayDenied)},
		{name: "login words to everybody else", server: &demo.Script{Rcpt: when(not(barePostmaster), login)}, is: closed(authRequired)},
		{name: "relay words to everybody else, open by bounces", server: &demo.Script{Rcpt: inTurn(relays(fromNobody), when(not(barePostmaster), denied))},
			is: open("null-sender")},
		// Relay words count alone if plain is answered so again at the end.
		{name: "relay words to everybody else, then others", relays: "sender-own-domain", is: notClosed(), server: &demo.Script{Rcpt: inTurn(
			when(all(refusedEver(3), not(barePostmaster)), polish), relays(fromInside), when(not(barePostmaster), denied))}},
		{name: "relay words to everybody else, then others, closed", is: unknown(), server: &demo.Script{Rcpt: inTurn(
			when(all(refusedEver(6), not(barePostmaster)), polish), when(not(barePostmaster), denied))}},
	})
}
