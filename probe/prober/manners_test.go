package prober_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"openrelay/probe"
	"openrelay/probe/allowance"
	"openrelay/scanner/demo"
)

// patient is one that comes back when told to.
func patient(t *testing.T) *clocked {
	t.Helper()
	p := noPause(t)
	p.Limits.Retry = time.Minute
	return p
}

func mixedCase(to string) bool { return to == "<stranger@ExAmPlE.OrG>" }

// unsteady lets a script serve, and closes the connections that drop picks before a greeting.
func unsteady(t *testing.T, s *demo.Script, drop func(n int64) bool) (probe.Target, *atomic.Int64) {
	t.Helper()
	count := new(atomic.Int64)
	return listen(t, func(l net.Listener) {
		for {
			nc, err := l.Accept()
			if err != nil {
				return
			}
			if drop(count.Add(1)) {
				_ = nc.Close()
				continue
			}
			_ = s.Serve(&once{nc: nc})
		}
	}), count
}

// A tester without manners costs a server more errors than it forgives, and is banned for it.
func TestRefusalBudget(t *testing.T) {
	for name, s := range map[string]*demo.Script{
		"refuses postmaster too": {Rcpt: func(d demo.Dialogue) string { return "550 5.7.1 " + d.To + ": Relay access denied" }},
		"refuses senders":        {Mail: when(always, "550 5.7.1 Sender address rejected: no")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			standard(t).Probe(t.Context(), listenScript(t, s))
			if n := s.Seen().Refusals; n > 8 {
				t.Errorf("%d refusals on one connection, want at most 8", n)
			}
		})
	}
}

// A tester without manners asks again and again. The bounds leave some room above what each server
// costs now.
func TestConnectionBudget(t *testing.T) {
	for _, tc := range []struct {
		name    string
		server  *demo.Script
		most    int
		verdict probe.Verdict
		reason  probe.Reason
	}{
		{"says 421 to strangers", &demo.Script{Rcpt: says("421 4.7.0 no")}, 12, probe.Inconclusive, probe.ReasonCutOff},
		{"says 421, too many errors", &demo.Script{Rcpt: says("421 4.7.0 too many errors")}, 12, probe.Inconclusive, probe.ReasonCutOff},
		{"hangs up at strangers", &demo.Script{Rcpt: says("-")}, 12, probe.Inconclusive, probe.ReasonCutOff},
		{"leaves after every error", &demo.Script{ErrorLimit: 1}, 50, probe.Closed, probe.ReasonRelayDenied},
		{"refuses at DATA", &demo.Script{Rcpt: says("250 ok"), Data: when(always, "550 5.7.1 no relaying")}, 60, probe.Closed, probe.ReasonRelayDenied},
		{"refuses all recipients", &demo.Script{Rcpt: when(always, "550 5.7.1 no")}, 40, probe.Inconclusive, probe.ReasonClientBlocked},
		{"refuses all senders", &demo.Script{Mail: when(always, "550 5.7.1 no")}, 70, probe.Inconclusive, probe.ReasonUnclear},
		{"puts all recipients off", &demo.Script{Rcpt: when(always, "450 4.7.1 no")}, 90, probe.Inconclusive, probe.ReasonTemporary},
		{"puts all senders off", &demo.Script{Mail: when(always, "450 4.7.1 no")}, 130, probe.Inconclusive, probe.ReasonTemporary},
		{"finds fault with every address", &demo.Script{Rcpt: when(always, "501 5.5.2 syntax error")}, 100, probe.Inconclusive, probe.ReasonUnclear},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			wantVerdict(t, patient(t).Probe(t.Context(), listenScript(t, tc.server)), tc.verdict, tc.reason)
			if n := tc.server.Seen().Connections; n > tc.most {
				t.Errorf("%d connections, want at most %d", n, tc.most)
			}
		})
	}
}

// Every so many connections are closed at once, as by a rate limit. A careless tester gives up, or
// hammers.
func TestUnsteadyServer(t *testing.T) {
	for _, tc := range []struct{ every, most int64 }{{2, 35}, {3, 25}, {5, 22}} {
		t.Run(fmt.Sprintf("every %d", tc.every), func(t *testing.T) {
			t.Parallel()
			target, count := unsteady(t, &demo.Script{}, func(n int64) bool { return n%tc.every == 0 })
			wantVerdict(t, noPause(t).Probe(t.Context(), target), probe.Closed, probe.ReasonRelayDenied)
			if n := count.Load(); n > tc.most {
				t.Errorf("%d connections, want at most %d", n, tc.most)
			}
		})
	}
}

// It relays for all, then bans us. What was accepted stays so, and a tester without manners would go on
// asking for its proof.
func TestBannedBeforeProof(t *testing.T) {
	t.Parallel()
	target, count := unsteady(t, &demo.Script{Rcpt: when(always, "250 ok")}, func(n int64) bool { return n > 8 })
	wantVerdict(t, noPause(t).Probe(t.Context(), target), probe.Open, "plain")
	if n := count.Load(); n > 20 {
		t.Errorf("%d connections, want at most 20", n)
	}
}

// It relays, and in the session that goes as far as DATA says one reply too many: what we read there is the
// reply to RCPT, while it waits for a message. A careless tester says QUIT, which is the first line of one.
func TestNoBodyByte(t *testing.T) {
	t.Parallel()
	var inData, mails sync.Map
	var body atomic.Value
	usual := honest(false, func(string) bool { return true })
	server := rawServer{answer: func(connection int, line string) []string {
		if _, is := inData.Load(connection); is {
			body.Store(line)
			return nil
		}
		replies := usual(connection, line)
		verb, _, _ := strings.Cut(line, " ")
		n, _ := mails.Load(connection)
		mail, _ := n.(int)
		if verb == "MAIL" {
			mail++
			mails.Store(connection, mail)
		}
		switch {
		case verb == "DATA":
			inData.Store(connection, true)
			time.Sleep(30 * time.Millisecond) // the 354 comes when we have left
		case mail > 2 && verb == "MAIL":
			replies = append(replies, "250 by the way")
		case mail > 2 && verb == "RCPT":
			time.Sleep(30 * time.Millisecond) // until we have said DATA
		}
		return replies
	}}
	p := standard(t)
	p.Quick = true
	plain, _ := probe.Find("plain")
	p.Vectors = []probe.Vector{plain}
	wantVerdict(t, p.Probe(t.Context(), server.listen(t)), probe.Open, "plain") // and the server has read all that was sent
	if _, said := inData.Load(1); !said {
		t.Error("DATA was never said")
	}
	if line := body.Load(); line != nil {
		t.Errorf("in a message: %q", line)
	}
}

// Every reply is as long as it may be, and every vector accepted. A careless tester writes a record that
// no reader of lines can hold.
func TestRecordSize(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("250-"+strings.Repeat("\xff", 900)+"\n", 17) + "250 x"
	usual := honest(true, func(string) bool { return true })
	server := rawServer{greeting: []string{strings.ReplaceAll(long, "250", "220")}, answer: func(connection int, line string) []string {
		if strings.HasPrefix(line, "EHLO") || strings.HasPrefix(line, "RCPT") {
			return []string{long}
		}
		return usual(connection, line)
	}}
	res := standard(t).Probe(t.Context(), server.listen(t))
	wantVerdict(t, res, probe.Open, "plain")
	record, err := json.Marshal(res)
	if err != nil {
		t.Fatal(err)
	}
	if len(record) > 2<<20 {
		t.Errorf("a record of %d bytes, want at most 2 MB", len(record))
	}
}

// Whenever the time is up, some vectors have been refused and the others not been asked. A careless
// tester calls the server closed.
func TestTimeIsUp(t *testing.T) {
	t.Parallel()
	config := serverTLS(t)
	for limit := 300 * time.Millisecond; limit <= 1500*time.Millisecond; limit += 200 * time.Millisecond {
		p, target := standard(t), listenScript(t, &demo.Script{Delay: 30 * time.Millisecond, TLS: config})
		p.Limits.Total = limit
		wantVerdict(t, p.Probe(t.Context(), target), probe.Inconclusive, probe.ReasonSlow)
	}
}

// No answer to QUIT. A careless tester waits for it on every connection, and is out of time before the
// one vector that is relayed.
func TestSilentQuit(t *testing.T) {
	for _, tc := range []struct {
		name    string
		usual   func(int, string) []string
		verdict probe.Verdict
		reason  probe.Reason
	}{
		{"pipelining", honest(true, mixedCase), probe.Open, "mixed-case"},
		{"one by one", honest(false, nil), probe.Closed, probe.ReasonRelayDenied},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			server := rawServer{answer: func(connection int, line string) []string {
				if line == "QUIT" {
					return nil
				}
				return tc.usual(connection, line)
			}}
			p := standard(t)
			p.Limits.Reply = 5 * time.Second // a quarter of the time there is
			wantVerdict(t, p.Probe(t.Context(), server.listen(t)), tc.verdict, tc.reason)
		})
	}
}

// One slow reply, as of a server that looks our name up. A careless tester takes it for a tar pit and
// leaves the less likely vectors out, one of which is relayed.
func TestOneSlowReply(t *testing.T) {
	t.Parallel()
	s := &demo.Script{EHLO: func(d demo.Dialogue) string {
		if atFirst(d) {
			time.Sleep(2100 * time.Millisecond) // slow begins at 2 s
		}
		return ""
	}, Rcpt: when(func(d demo.Dialogue) bool { return mixedCase(d.To) }, "250 ok")}
	p := standard(t)
	p.Limits.Reply = 5 * time.Second
	wantVerdict(t, p.Probe(t.Context(), listenScript(t, s)), probe.Open, "mixed-case")
}

// A careless tester takes "later" for "no": most greylists do not say that they are one.
func TestLaterIsNotNo(t *testing.T) {
	for _, words := range []string{
		"451 4.7.1 Please try again later", "450 4.3.2 Service currently unavailable",
		"451 4.3.0 Temporary lookup failure", "451 4.3.5 Server configuration error",
	} {
		for to, s := range map[string]*demo.Script{
			"all, with AUTH":     {Extensions: []string{"PIPELINING", "AUTH PLAIN"}, Rcpt: when(always, words)},
			"all but postmaster": {Rcpt: says(words)},
		} {
			t.Run(words+", to "+to, func(t *testing.T) {
				t.Parallel()
				wantNot(t, standard(t).Probe(t.Context(), listenScript(t, s)), probe.Closed)
			})
		}
	}
}

// Coming back gets the true answer. A careless tester judges by what was said before, or does not put
// the control again that tells how to read it.
func TestSecondTryCounts(t *testing.T) {
	for _, tc := range []struct {
		name    string
		server  *demo.Script
		verdict probe.Verdict
		reason  probe.Reason
	}{
		{"busy at one EHLO, dislikes literals", &demo.Script{EHLO: func(d demo.Dialogue) string {
			if strings.HasPrefix(d.Helo, "[") {
				return "550 5.7.1 Helo command rejected: literals are not welcome"
			}
			return when(atFirst, "451 4.3.2 try again")(d)
		}}, probe.Closed, probe.ReasonRelayDenied},
		{"greylists one connection, percent hack", &demo.Script{Rcpt: func(d demo.Dialogue) string {
			if atFirst(d) {
				return "450 4.2.0 Greylisted"
			}
			return percent(d)
		}}, probe.Open, "percent-own-domain"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			wantVerdict(t, patient(t).Probe(t.Context(), listenScript(t, tc.server)), tc.verdict, tc.reason)
		})
	}
}

// Relays under TLS only. A careless tester makes one try at that, and where the connection fails calls
// the server by what it says in clear.
func TestOpenUnderTLS(t *testing.T) {
	t.Parallel()
	config := serverTLS(t)
	var last atomic.Int64 // connection on which mail was tried in clear
	relay := func(d demo.Dialogue) string {
		if d.TLS {
			return "250 ok"
		}
		last.Store(max(last.Load(), int64(d.Connection)))
		return ""
	}
	s := &demo.Script{TLS: config, Rcpt: relay}
	wantVerdict(t, noPause(t).Probe(t.Context(), listenScript(t, s)), probe.Open, "plain")
	next := int(last.Load()) + 1
	for _, reply := range []string{"-", "421 4.7.0 too many connections"} {
		s := &demo.Script{TLS: config, Rcpt: when(encrypted, "250 ok"), EHLO: when(func(d demo.Dialogue) bool {
			return d.Connection == next && !d.TLS
		}, reply)}
		wantNot(t, noPause(t).Probe(t.Context(), listenScript(t, s)), probe.Closed)
	}
}

// It answered, and was gone when we came back. A careless tester says that nothing is there.
func TestAnsweredThenGone(t *testing.T) {
	t.Run("busy, then refuses connections", func(t *testing.T) {
		t.Parallel()
		target := listen(t, func(l net.Listener) {
			nc, err := l.Accept()
			if err != nil {
				return
			}
			_ = l.Close()
			_, _ = io.WriteString(nc, "421 4.7.0 too many connections from you\r\n")
			_ = nc.Close()
		})
		wantVerdict(t, patient(t).Probe(t.Context(), target), probe.Inconclusive, probe.ReasonRateLimited)
	})
	t.Run("hangs up at EHLO, then before the greeting", func(t *testing.T) {
		t.Parallel()
		target, _ := unsteady(t, &demo.Script{EHLO: when(always, "-")}, func(n int64) bool { return n > 1 })
		wantNot(t, noPause(t).Probe(t.Context(), target), probe.Unreachable)
	})
}

// The server refuses our sender and is gone. A careless tester shows a dialogue that has another sender
// than the finding.
func TestEvidenceHasItsSender(t *testing.T) {
	t.Parallel()
	target := listen(t, func(l net.Listener) {
		nc, err := l.Accept()
		if err != nil {
			return
		}
		_ = l.Close()
		s := &demo.Script{Mail: when(always, "550 5.1.8 Sender address rejected: Domain not found")}
		_ = s.Serve(&once{nc: nc})
	})
	for _, f := range noPause(t).Probe(t.Context(), target).Findings {
		if f.Vector == "plain" && f.Reply != "" && !strings.Contains(f.Transcript.String(), "MAIL FROM:"+f.From) {
			t.Errorf("from %s, and the dialogue is\n%s", f.From, f.Transcript)
		}
	}
}

// Open in clear, closed under TLS. A careless tester asks again with the old answer still in hand, and
// has a proof of what was refused.
func TestNoProofOfRefusal(t *testing.T) {
	t.Parallel()
	s := &demo.Script{TLS: serverTLS(t), Rcpt: func(d demo.Dialogue) string {
		if encrypted(d) {
			return "554 5.7.1 Relay access denied"
		}
		return "250 ok"
	}}
	for _, f := range standard(t).Probe(t.Context(), listenScript(t, s)).Findings {
		if f.Outcome == probe.OutcomeRefused && f.Proof != probe.NoProof {
			t.Errorf("%s over %s: refused, with proof %s", f.Vector, f.Via, f.Proof)
		}
	}
}

// What is excused, as a wait of ours, is not counted as the server's.
func TestAllowanceIsExtended(t *testing.T) {
	for _, excused := range []bool{true, false} {
		target := listenScript(t, &demo.Script{})
		p := noPause(t)
		p.Limits.Total = time.Second
		p.Dial = func(ctx context.Context, kind, address string) (net.Conn, error) {
			const wait = 200 * time.Millisecond
			if excused {
				allowance.Extend(ctx, wait)
			}
			time.Sleep(wait)
			return network.DialContext(ctx, kind, address)
		}
		res := p.Probe(t.Context(), target)
		if want := map[bool]probe.Reason{true: probe.ReasonRelayDenied, false: probe.ReasonSlow}[excused]; res.Reason != want {
			t.Errorf("excused %v: %v (%s), want %s", excused, res.Verdict, res.Reason, want)
		}
	}
}
