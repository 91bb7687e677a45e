package prober_test

import (
	"strings"

	"openrelay/probe"
	"openrelay/scanner/demo"
)

// What the servers of the tables say, and when. Those of their hooks that say nothing leave it to the script, which
// takes mail for its postmaster, knows no other user, and refuses strangers in Postfix's words.
const (
	taken    = "250 2.1.5 Ok"
	denied   = "554 5.7.1 Relay access denied"
	noUser   = "550 5.1.1 User unknown"
	login    = "530 5.7.0 Authentication required"
	rejected = "550 5.7.1 Access denied"
	polish   = "550 5.7.1 nie dla ciebie" // in a language that no table has
	listed   = "554 5.7.1 Service unavailable; Client host [127.0.0.1] blocked using bl.example.net"
	// Postfix with an access table for clients; it spares the bare postmaster (RFC 5321 4.5.1).
	noClient = "554 5.7.1 <unknown[127.0.0.1]>: Client host rejected: Access denied"

	// What another server said of the recipient, or his domain's name servers.
	undeliverable = "550 5.1.1 Recipient address rejected: undeliverable address: host mx.example.org[192.0.2.7] said: 550 5.1.1 User unknown (in reply to RCPT TO command)"
	unrouteable   = "550 Unrouteable address"
)

const (
	relayDenied      = probe.ReasonRelayDenied
	authRequired     = probe.ReasonAuthRequired
	recipientUnknown = probe.ReasonRecipientUnknown
	refusedSo        = probe.ReasonRefused
	bannedMidway     = probe.ReasonBannedMidway
	clientBlocked    = probe.ReasonClientBlocked
	answersDiffer    = probe.Reason("answers-differ")
	temporary        = probe.Reason("temporary")
	suspectAccepted  = probe.ReasonSuspectFormAccepted
	domainRejected   = probe.ReasonRecipientDomainRejected
)

type (
	hook = func(demo.Dialogue) string
	test = func(demo.Dialogue) bool
)

// inTurn is the first of the hooks that has anything to say.
func inTurn(hooks ...hook) hook {
	return func(d demo.Dialogue) string {
		for _, h := range hooks {
			if reply := h(d); reply != "" {
				return reply
			}
		}
		return ""
	}
}

func all(tests ...test) test {
	return func(d demo.Dialogue) bool {
		for _, is := range tests {
			if !is(d) {
				return false
			}
		}
		return true
	}
}

func nobody(demo.Dialogue) bool { return false }

func nothing(demo.Dialogue) string { return "" }

func not(is test) test { return func(d demo.Dialogue) bool { return !is(d) } }

// relays takes the mail of whoever it is for, to a stranger's plain address.
func relays(is test) hook { return when(all(abroad, is), taken) }

// abroad is for a stranger in a plain form.
func abroad(d demo.Dialogue) bool {
	return strings.HasPrefix(d.To, "<stranger@") && !ours(domainOf(d.To)) && !strings.ContainsAny(d.To, `%!"`)
}

// strange is for a stranger in whatever form; but a name under one of its own domains is a local one.
func strange(d demo.Dialogue) bool { return !ours(domainOf(d.To)) || strings.HasPrefix(d.To, "<@") }

// Who a recipient is, and how he is written.
func barePostmaster(d demo.Dialogue) bool { return strings.EqualFold(d.To, "<postmaster>") }
func anyPostmaster(d demo.Dialogue) bool {
	return strings.HasPrefix(d.To, "<postmaster") && ours(domainOf(d.To)) || barePostmaster(d)
}
func nobodyHere(d demo.Dialogue) bool { return strings.HasPrefix(d.To, "<nobody-") }

func routedHere(d demo.Dialogue) bool { return routed(d.To) }

// Who a sender is.
func fromNobody(d demo.Dialogue) bool { return d.From == "<>" }
func fromInside(d demo.Dialogue) bool { return domainOf(d.From) == "local.test" }
func fromThere(d demo.Dialogue) bool {
	return d.From != "<>" && domainOf(d.From) != "" && domainOf(d.From) == domainOf(d.To)
}

func called(helo string) test { return func(d demo.Dialogue) bool { return d.Helo == helo } }

// banned says its words to everybody that the ban does not spare.
func banned(is, spares test, words string) hook { return when(all(is, not(spares)), words) }

// onConnection is every n-th, beginning with the k-th of them.
func onConnection(k, n int) test {
	return func(d demo.Dialogue) bool { return d.Connection%n == k%n }
}

func until(connection int) test {
	return func(d demo.Dialogue) bool { return d.Connection <= connection }
}

// refusedHere is a ban that begins with so many refusals on a connection.
func refusedHere(refusals int) test {
	return func(d demo.Dialogue) bool { return d.Refused >= refusals }
}

// refusedEver is one that begins with so many on all connections, and does not end.
func refusedEver(refusals int) test {
	return func(d demo.Dialogue) bool { return d.RefusedInAll >= refusals }
}

// inTime is so many seconds after the first connection.
func inTime(seconds float64) test {
	return func(d demo.Dialogue) bool { return d.AfterTheFirst.Seconds() < seconds }
}
