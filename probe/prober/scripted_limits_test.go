package prober_test

import (
	"testing"

	"openrelay/probe"
	"openrelay/scanner/demo"
)

// A limit counts what we ask, whoever it is for. What is refused behind it is asked alone.
func TestLimits(t *testing.T) {
	const many = "452 4.5.3 Too many recipients"
	limit := func(is test, words string, behind ...hook) *demo.Script {
		return &demo.Script{Rcpt: inTurn(append([]hook{when(is, words)}, behind...)...)}
	}
	mails := func(words string, behind hook) *demo.Script {
		return &demo.Script{Mail: when(func(d demo.Dialogue) bool { return d.Mails > 1 }, words), Rcpt: behind}
	}
	second := func(d demo.Dialogue) bool { return d.Asked > 1 }
	beside := func(d demo.Dialogue) bool { return len(d.Rcpts) > 0 }
	holds(t, []scripted{
		{name: "one recipient a mail", set: []setting{waiting}, server: limit(second, many), is: closed(relayDenied), most: 40},
		{name: "one recipient a mail, in a range", set: []setting{quick, ofARange}, server: limit(second, many), is: closed(relayDenied), most: 6},
		{name: "one recipient a mail, quick", set: []setting{quick}, server: limit(second, many), is: closed(relayDenied), most: 6},
		{name: "one recipient a mail, bounces", server: limit(second, many, relays(fromNobody)), is: open("null-sender"), proof: probe.Data},
		{name: "one recipient a mail, percent", server: limit(second, many, percent), is: open("percent-own-domain")},
		{name: "one recipient a mail, unknown words", server: limit(second, many, when(strange, polish)), is: closed(refusedSo)},
		{name: "one recipient a mail, User unknown", server: limit(second, many, when(strange, noUser)), is: closed(recipientUnknown)},
		{name: "one recipient a mail, rejects after 3 on a connection", is: closed(relayDenied), most: 100,
			server: limit(second, many, banned(refusedHere(3), nobody, rejected))},
		{name: "one recipient a mail, rejects after 3 on a connection, bounces", is: open("null-sender"),
			server: limit(second, many, banned(refusedHere(3), nobody, rejected), relays(fromNobody))},
		{name: "one recipient a mail, rejects after 3", server: limit(second, many, banned(refusedEver(3), nobody, rejected)), is: unknown(bannedMidway)},
		{name: "one that is taken a mail", set: []setting{waiting}, server: limit(beside, many), is: closed(relayDenied), most: 40},
		{name: "one that is taken a mail, 451", set: []setting{waiting}, server: limit(beside, "451 4.5.3 One recipient at a time"), is: closed(relayDenied)},
		{name: "one that is taken a mail, own senders", server: limit(beside, many, relays(fromInside)), is: open("sender-own-domain"), proof: probe.Data},
		// Others are taken beside a local recipient: the limit is for strangers, and may pass.
		{name: "no stranger beside a local recipient", server: limit(all(beside, strange), many), is: notOpen()},
		{name: "two recipients a mail, bounces", server: limit(func(d demo.Dialogue) bool { return d.Asked > 2 }, many, relays(fromNobody)), is: open("null-sender")},
		{name: "three recipients a mail", set: []setting{waiting}, server: limit(func(d demo.Dialogue) bool { return d.Asked > 3 }, many), is: closed(relayDenied), most: 40},

		{name: "one mail a connection, 421", server: mails("421 4.7.0 One mail a connection", nil), is: closed(relayDenied), most: 100},
		{name: "one mail a connection, 452", server: mails("452 4.5.3 Only one mail per connection", nil), is: closed(relayDenied), most: 100},
		{name: "one mail a connection, 503", server: mails("503 5.5.1 Only one transaction per session", nil), is: closed(relayDenied), most: 100},
		{name: "one mail a connection, hangs up", server: mails("-", nil), is: closed(relayDenied), most: 100},
		{name: "one mail a connection, 421, bounces", server: mails("421 4.7.0 One mail a connection", relays(fromNobody)), is: open("null-sender")},
		{name: "one mail a connection, 452, same domain", server: mails("452 4.5.3 Only one mail per connection", relays(fromThere)), is: open("same-domain")},
		{name: "one mail a connection, 503, own senders", server: mails("503 5.5.1 Only one transaction per session", relays(fromInside)), is: open("sender-own-domain")},
		{name: "one recipient a mail, one mail a connection", is: closed(relayDenied), most: 100, server: &demo.Script{
			Mail: when(func(d demo.Dialogue) bool { return d.Mails > 1 }, "421 4.7.0 One mail a connection"), Rcpt: when(second, many)}},
		{name: "one recipient a mail, one mail a connection, bounces", is: open("null-sender"), server: &demo.Script{
			Mail: when(func(d demo.Dialogue) bool { return d.Mails > 1 }, "421 4.7.0 One mail a connection"), Rcpt: inTurn(when(second, many), relays(fromNobody))}},

		{name: "503 to DATA in one write, own senders", is: open("sender-own-domain"), proof: probe.Data, server: &demo.Script{
			Rcpt: relays(fromInside), Data: when(inOneWrite, "503 5.5.1 Bad sequence of commands")}},
		// The rules speak of DATA in one write. A recipient in one write with its mail may be answered so as well: it is no
		// refusal, and a server that stands by it in every connection may be asked step by step, or not be known.
		{name: "503 to a recipient in one write", server: limit(inOneWrite, "503 5.5.1 Bad sequence of commands"), is: notOpen()},
		{name: "503 to a recipient in one write, bounces", server: limit(inOneWrite, "503 5.5.1 Bad sequence of commands", relays(fromNobody)),
			relays: "null-sender", is: notClosed()},
		{name: "hangs up at what comes in one write", server: limit(inOneWrite, "-"), is: notOpen()},
		{name: "hangs up at what comes in one write, own senders", server: limit(inOneWrite, "-", relays(fromInside)), relays: "sender-own-domain", is: notClosed()},
		{name: "rejects what comes in one write, own senders", server: limit(inOneWrite, rejected, relays(fromInside)), relays: "sender-own-domain", is: notClosed()},
		{name: "leaves after one error, bounces", server: &demo.Script{ErrorLimit: 1, Rcpt: relays(fromNobody)}, is: open("null-sender")},
		{name: "leaves after three errors, own senders", server: &demo.Script{ErrorLimit: 3, Rcpt: relays(fromInside)}, is: open("sender-own-domain")},
	})
}

// A server that reads one command of each write loses what came with it.
func TestLostCommands(t *testing.T) {
	for _, tc := range []struct {
		name    string
		relay   func(string) bool
		verdict probe.Verdict
		reason  probe.Reason
	}{
		{"closed", nil, probe.Closed, relayDenied},
		{"source routes", routed, probe.Open, "route-own-host"},
		{"mixed case", mixedCase, probe.Open, "mixed-case"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			server := rawServer{answer: honest(true, tc.relay), forgets: true}
			wantVerdict(t, noPause(t).Probe(t.Context(), server.listen(t)), tc.verdict, tc.reason)
		})
	}
}
