package prober_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"openrelay/probe"
	"openrelay/scanner/demo"
)

// rawServer says what no [demo.Script] would. Each string it says is a segment of its own, 30 ms after
// the one before; "-" hangs up.
type rawServer struct {
	greeting []string
	answer   func(connection int, line string) []string
	forgets  bool // the lines that came in one segment with another
}

func (r rawServer) listen(t *testing.T) probe.Target {
	return listen(t, func(l net.Listener) {
		var connections sync.WaitGroup
		defer connections.Wait()
		for n := 1; ; n++ {
			nc, err := l.Accept()
			if err != nil {
				return
			}
			connections.Go(func() {
				defer nc.Close()
				r.talk(nc, n)
			})
		}
	})
}

func (r rawServer) talk(nc net.Conn, connection int) {
	say := func(segments []string) bool {
		for i, s := range segments {
			if i > 0 {
				time.Sleep(30 * time.Millisecond)
			}
			if s == "-" {
				return false
			}
			if _, err := io.WriteString(nc, strings.ReplaceAll(s, "\n", "\r\n")+"\r\n"); err != nil {
				return false
			}
		}
		return true
	}
	greeting := r.greeting
	if greeting == nil {
		greeting = []string{"220 mx.local.test ESMTP"}
	}
	in := bufio.NewReader(nc)
	for more := say(greeting); more; {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		if r.forgets {
			_, _ = in.Discard(in.Buffered())
		}
		more = say(r.answer(connection, strings.TrimRight(line, "\r\n")))
	}
}

// honest answers like a Postfix of local.test that relays for the recipients that relay picks, nil for
// none. Its one oddity is 354 to every DATA, recipients or not (RFC 2920 3.1 warns of such servers).
func honest(pipelining bool, relay func(to string) bool) func(int, string) []string {
	return func(_ int, line string) []string {
		verb, _, _ := strings.Cut(strings.ToUpper(line), " ")
		_, to, _ := strings.Cut(line, ":")
		switch {
		case verb == "EHLO" && pipelining:
			return []string{"250-mx.local.test\n250 PIPELINING"}
		case verb == "EHLO":
			return []string{"250 mx.local.test"}
		case verb == "DATA":
			return []string{"354 go"}
		case verb == "QUIT":
			return []string{"221 bye", "-"}
		case verb != "RCPT", to == "<postmaster>", relay != nil && relay(to):
			return []string{"250 2.0.0 Ok"}
		case strings.HasSuffix(to, "@local.test>"):
			return []string{"550 5.1.1 " + to + ": User unknown in local recipient table"}
		}
		return []string{"554 5.7.1 " + to + ": Relay access denied"}
	}
}

func routed(to string) bool { return strings.HasPrefix(to, "<@mx.local.test:") }

// when answers the commands of one kind, and leaves the others to the script.
func when(is func(demo.Dialogue) bool, reply string) func(demo.Dialogue) string {
	return func(d demo.Dialogue) string {
		if is(d) {
			return reply
		}
		return ""
	}
}

func always(demo.Dialogue) bool { return true }

func atFirst(d demo.Dialogue) bool { return d.Connection == 1 }

func encrypted(d demo.Dialogue) bool { return d.TLS }

// noPause is the standard prober where waiting takes no time.
func noPause(t *testing.T) *clocked {
	t.Helper()
	p := standard(t)
	p.Pause = func(context.Context, time.Duration) error { return nil }
	return p
}

// wantNot is for a server that more than one verdict is right about, and one is wrong.
func wantNot(t *testing.T, res *probe.Result, wrong probe.Verdict) {
	t.Helper()
	if res.Verdict != wrong {
		return
	}
	t.Errorf("%v (%s), which is wrong", res.Verdict, res.Reason)
	for _, f := range res.Findings {
		t.Logf("%s over %s: %s %s %q\n%s", f.Vector, f.Via, f.Outcome, f.Meaning, f.Reply, f.Transcript)
	}
}

func serverTLS(t *testing.T) *tls.Config {
	t.Helper()
	config, err := demo.TLS()
	if err != nil {
		t.Fatal(err)
	}
	return config
}

// Each server misleads; the comment says what a careless tester would conclude.
func TestTraps(t *testing.T) {
	config := serverTLS(t)
	for _, tc := range []struct {
		name    string
		server  *demo.Script
		verdict probe.Verdict
		reason  probe.Reason
	}{
		// That there is no EHLO here: it says HELO ever after, which shows neither STARTTLS nor XCLIENT.
		{"hangs up at one EHLO, open under TLS", &demo.Script{EHLO: when(atFirst, "-"), TLS: config, Rcpt: when(encrypted, "250 ok")},
			probe.Open, "plain"},
		{"hangs up at one EHLO, offers XCLIENT", &demo.Script{EHLO: when(atFirst, "-"), Extensions: []string{"PIPELINING", "XCLIENT ADDR"}},
			probe.Inconclusive, probe.ReasonXCLIENTOffered},
		// That our name is at fault: the service is.
		{"busy at every EHLO", &demo.Script{EHLO: when(always, "421 4.3.2 Service not available, closing")},
			probe.Inconclusive, probe.ReasonServiceRefused},
		// That the bounce was refused: 503 is about the order of commands.
		{"503 for a sender", &demo.Script{Mail: when(func(d demo.Dialogue) bool { return d.From == "<>" }, "503 5.5.1 Error: send HELO/EHLO first")},
			probe.Inconclusive, probe.ReasonUnclear},
		// That nobody may relay: it reads "need MAIL" as the refusal of all that comes after the first.
		{"forgets the sender at every refusal", forgetful(), probe.Open, "route-own-host"},
		// That it waits for patience, or is greylisted for ever: one message takes two recipients.
		{"two recipients a message", limited(2), probe.Closed, probe.ReasonRelayDenied},
		// That the questions beside the culprit have no answer either.
		{"421 for an unknown user", &demo.Script{Extensions: []string{}, Rcpt: when(func(d demo.Dialogue) bool {
			return strings.HasPrefix(d.To, "<nobody")
		}, "421 4.7.0 go away")}, probe.Closed, probe.ReasonRelayDenied},
		// That relaying was refused at DATA: the words are about something else.
		{"dislikes the sender at DATA", &demo.Script{Rcpt: says("250 ok"), Data: when(always,
			"550 5.1.8 <audit@example.net>: Sender address rejected: Domain not found")}, probe.Inconclusive, probe.ReasonSenderRejected},
		{"dislikes the domain at DATA", &demo.Script{Rcpt: says("250 ok"), Data: when(always,
			"556 5.1.10 <stranger@example.org>: Recipient address rejected: Domain example.org does not accept mail (nullMX)")},
			probe.Inconclusive, probe.ReasonRecipientDomainRejected},
		// That percent-own-domain is just a mailbox: the unknown user was refused for his sender.
		{"checks senders, percent hack", &demo.Script{Rcpt: percent, Mail: when(func(d demo.Dialogue) bool {
			return strings.HasSuffix(d.From, ".net>") || strings.HasSuffix(d.From, ".org>")
		}, "550 5.1.8 Sender address rejected: Domain not found")}, probe.Open, "percent-own-domain"},
		// That a suspect form is relayed: unknown users are refused, but not under the name it ends in.
		{"any bare name is a mailbox", &demo.Script{Rcpt: func(d demo.Dialogue) string {
			if strings.Contains(d.To, "@") {
				return "554 5.7.1 " + d.To + ": Relay access denied"
			}
			return "250 ok"
		}}, probe.Inconclusive, probe.ReasonSuspectFormAccepted},
		{"any name at the host is a mailbox", &demo.Script{Rcpt: when(func(d demo.Dialogue) bool {
			return strings.HasSuffix(d.To, "@mx.local.test>") && !strings.HasPrefix(d.To, "<@")
		}, "250 ok")}, probe.Inconclusive, probe.ReasonSuspectFormAccepted},
		// That it put us off under TLS too: the wait in clear is over, and its EHLO fails for a while.
		{"greylists in clear, open under TLS", &demo.Script{TLS: config, Rcpt: func(d demo.Dialogue) string {
			if encrypted(d) {
				return "250 ok"
			}
			return "450 4.2.0 Greylisted"
		}, EHLO: when(func(d demo.Dialogue) bool { return d.Connection >= 2 && d.Connection <= 4 }, "550 5.7.1 no")},
			probe.Open, "plain"},
		// That same-domain is refused: only the domain is, and another one has to be both sender and recipient.
		{"trusts mail inside one domain, not this one", &demo.Script{Rcpt: func(d demo.Dialogue) string {
			_, from, _ := strings.Cut(strings.Trim(d.From, "<>"), "@")
			_, to, _ := strings.Cut(strings.Trim(d.To, "<>"), "@")
			if strings.EqualFold(strings.TrimSuffix(to, "."), "example.org") {
				return "556 5.1.10 Recipient address rejected: Domain does not accept mail (nullMX)"
			}
			if from == to {
				return "250 ok"
			}
			return ""
		}}, probe.Open, "same-domain"},
		// That it relays for everybody: it does after a local recipient.
		{"takes what comes second", &demo.Script{Rcpt: when(func(d demo.Dialogue) bool { return len(d.Rcpts) > 0 }, "250 ok")},
			probe.Open, "second-recipient"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			res := noPause(t).Probe(t.Context(), listenScript(t, tc.server))
			wantVerdict(t, res, tc.verdict, tc.reason)
			evidenced(t, res)
			for _, f := range res.Findings {
				if f.Outcome == probe.OutcomeUnanswered && f.Cause == "" {
					t.Errorf("%s over %s is unanswered without a cause: %q", f.Vector, f.Via, f.Reply)
				}
			}
		})
	}
}

// forgetful forgets the transaction whenever it refuses a recipient, and honours source routes.
func forgetful() *demo.Script {
	var lost sync.Map
	return &demo.Script{
		Mail: func(d demo.Dialogue) string { lost.Delete(d.Connection); return "" },
		Rcpt: func(d demo.Dialogue) string {
			if _, is := lost.Load(d.Connection); is {
				return "503 5.5.1 Error: need MAIL command"
			}
			if routed(d.To) {
				return "250 ok"
			}
			if d.To != "<postmaster>" {
				lost.Store(d.Connection, true)
			}
			return ""
		},
	}
}

// limited counts recipients of one message, refused ones too.
func limited(most int) *demo.Script {
	var count sync.Map
	return &demo.Script{
		Mail: func(d demo.Dialogue) string { count.Delete(d.Connection); return "" },
		Rcpt: func(d demo.Dialogue) string {
			n, _ := count.Load(d.Connection)
			before, _ := n.(int)
			count.Store(d.Connection, before+1)
			if before >= most {
				return "452 4.5.3 Error: too many recipients"
			}
			return ""
		},
	}
}

// The foreign domain is the server's own, and takes any name. A careless tester finds it open; what it
// does prove is that two @ are taken.
func TestOwnDomainIsForeign(t *testing.T) {
	t.Parallel()
	s := &demo.Script{Host: "mail.example.org", Rcpt: when(func(d demo.Dialogue) bool {
		return strings.HasSuffix(strings.ToLower(d.To), "@example.org>") && !strings.ContainsAny(d.To, "%!:\"")
	}, "250 ok")}
	p := standard(t)
	p.LocalDomains = []string{"example.org"}
	res := p.Probe(t.Context(), listenScript(t, s))
	wantVerdict(t, res, probe.Inconclusive, probe.ReasonSuspectFormAccepted)
	for _, f := range res.Findings {
		if f.Vector == "plain" && f.Outcome == probe.OutcomeAccepted {
			t.Errorf("plain was accepted, to %s", f.To)
		}
	}
}

// What goes over the wire misleads; the comment says what a careless tester would conclude.
func TestTrapsOfTheWire(t *testing.T) {
	for _, tc := range []struct {
		name    string
		server  rawServer
		verdict probe.Verdict
		reason  probe.Reason
	}{
		// That all senders but the first are refused: RSET is unknown, so MAIL is nested.
		{"no RSET, trusts own senders", withoutRSET(), probe.Open, "sender-own-domain"},
		// That it is slow, or has answered less than it did: it reads one command of each segment.
		{"no pipelining, though it says so", rawServer{answer: honest(true, nil), forgets: true}, probe.Closed, probe.ReasonRelayDenied},
		// That this is no SMTP: the teaser of a postscreen and its drop have different codes.
		{"teases, then blocks", rawServer{greeting: []string{"220-mx.local.test ESMTP Postfix",
			"550 5.7.1 Service unavailable; client [127.0.0.1] blocked using bl.example.net", "-"}}, probe.Inconclusive, probe.ReasonClientBlocked},
		{"teases, then is busy", rawServer{greeting: []string{"220-mx.local.test ESMTP Postfix",
			"421 4.3.2 Service currently unavailable", "-"}}, probe.Inconclusive, probe.ReasonServiceRefused},
		// That it minds our name, or breaks off: it minds our address.
		{"blocks at EHLO and hangs up", rawServer{answer: func(int, string) []string {
			return []string{"554 5.7.1 Client host [127.0.0.1] blocked using bl.example.net", "-"}
		}}, probe.Inconclusive, probe.ReasonClientBlocked},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			wantVerdict(t, standard(t).Probe(t.Context(), tc.server.listen(t)), tc.verdict, tc.reason)
		})
	}
}

// withoutRSET knows no RSET, and relays for senders of its own domain.
func withoutRSET() rawServer {
	var sender sync.Map
	usual := honest(true, nil)
	return rawServer{answer: func(connection int, line string) []string {
		from, nested := sender.Load(connection)
		switch {
		case line == "RSET":
			return []string{"502 5.5.1 not implemented"}
		case strings.HasPrefix(line, "MAIL") && nested:
			return []string{"503 5.5.1 Error: nested MAIL command"}
		case strings.HasPrefix(line, "MAIL"):
			sender.Store(connection, line)
		case strings.HasPrefix(line, "RCPT") && strings.Contains(from.(string), "@local.test>"):
			return []string{"250 ok"}
		}
		return usual(connection, line)
	}}
}

// More is said than was asked. A careless tester pairs commands with the replies to others: it takes
// what was said of postmaster for a stranger, or the other way round.
func TestReplyTooMany(t *testing.T) {
	late := []string{"220 mx.local.test ESMTP", "250 by the way"}
	for _, tc := range []struct {
		name       string
		greeting   []string
		unknown    string // the replies to an unknown user
		pipelining bool
		relay      func(string) bool
		wrong      probe.Verdict
	}{
		{"after the greeting, open", late, "", false, routed, probe.Closed},
		{"after the greeting, closed", late, "", false, nil, probe.Open},
		{"after the greeting, pipelining, open", late, "", true, routed, probe.Closed},
		{"after the greeting, pipelining, closed", late, "", true, nil, probe.Open},
		{"to an unknown user, open", nil, "550 5.1.1 User unknown\n550 5.1.1 see our help pages", true, routed, probe.Closed},
		{"to an unknown user, closed", nil, "550 5.1.1 User unknown\n550 5.1.1 see our help pages", true, nil, probe.Open},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			usual := honest(tc.pipelining, tc.relay)
			server := rawServer{greeting: tc.greeting, answer: func(connection int, line string) []string {
				if tc.unknown != "" && strings.HasPrefix(line, "RCPT TO:<nobody") {
					return []string{tc.unknown}
				}
				return usual(connection, line)
			}}
			p := standard(t)
			if tc.wrong == probe.Open {
				p.Proof = probe.Rcpt // the proof would find the mistake
			}
			res := p.Probe(t.Context(), server.listen(t))
			wantNot(t, res, tc.wrong)
			for _, f := range res.Findings {
				if f.Outcome == probe.OutcomeAccepted && !routed(f.To) {
					t.Errorf("%s accepted by %q\n%s", f.Vector, f.Reply, f.Transcript)
				}
			}
		})
	}
}

// Port 465 speaks in clear, and refuses us. A careless tester says that TLS failed.
func TestImplicitPortInClear(t *testing.T) {
	t.Parallel()
	target := rawServer{greeting: []string{"554 5.7.1 Service unavailable; Client host [127.0.0.1] blocked using bl.example.net"},
		answer: honest(true, nil)}.listen(t)
	p := standard(t)
	p.server, target.Addr = target.Addr, netip.AddrPortFrom(target.Addr.Addr(), 465)
	p.Dial = func(ctx context.Context, kind, _ string) (net.Conn, error) {
		return network.DialContext(ctx, kind, p.server.String())
	}
	wantVerdict(t, p.Probe(t.Context(), target), probe.Inconclusive, probe.ReasonClientBlocked)
}
