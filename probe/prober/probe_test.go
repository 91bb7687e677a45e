package prober_test

import (
	"context"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"openrelay/probe"
	"openrelay/probe/prober"
	"openrelay/probe/words"
	"openrelay/scanner/demo"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func listenScript(t *testing.T, s *demo.Script) probe.Target {
	return listen(t, func(l net.Listener) { _ = s.Serve(l) })
}

// standard is a prober of the standard profile, by a clock of its own.
func standard(t *testing.T) *clocked {
	t.Helper()
	vectors, err := probe.Select("standard", false)
	if err != nil {
		t.Fatal(err)
	}
	return &clocked{t: t, Prober: &prober.Prober{
		Vectors: vectors, Helo: "probe.example.net", LocalDomains: []string{"local.test"}, Dial: network.DialContext,
		Limits: prober.Limits{Greeting: 300 * time.Millisecond, Reply: 300 * time.Millisecond, Total: 20 * time.Second, Retry: -1},
	}}
}

func TestDemoGetsItsVerdicts(t *testing.T) {
	f, err := demo.Start(demo.Members)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Stop()
	for _, m := range f.Running {
		t.Run(m.Name, func(t *testing.T) {
			p := standard(t).Prober
			if p.Dial, p.Limits = nil, inRealTime; m.Reason == probe.ReasonNoBanner {
				p.Limits.Greeting = 300 * time.Millisecond
			}
			res := p.Probe(t.Context(), probe.Target{Addr: m.Addr, Named: true})
			wantVerdict(t, res, m.Verdict, m.Reason)
			if m.Verdict == probe.Open && res.Proof != probe.Data {
				t.Errorf("proof %q, want data", res.Proof)
			}
		})
	}
	if n := f.Messages(); n != 0 {
		t.Errorf("the servers received %d messages", n)
	}
}

func wantVerdict(t *testing.T, res *probe.Result, v probe.Verdict, r probe.Reason) {
	t.Helper()
	explained(t, res)
	if res.Verdict == v && res.Reason == r {
		return
	}
	t.Errorf("%v (%s), want %v (%s); detail %q", res.Verdict, res.Reason, v, r, res.Detail)
	for _, f := range res.Findings {
		t.Logf("%s over %s: %s %s %q", f.Vector, f.Via, f.Outcome, f.Meaning, f.Reply)
	}
}

// explained: the reason of a verdict has a row for just that verdict.
func explained(t *testing.T, res *probe.Result) {
	t.Helper()
	if _, ok := words.Reason(res.Verdict, res.Reason); !ok && res.Verdict != probe.Open && res.Reason != "" {
		t.Errorf("nobody explains %q as a reason of %v", res.Reason, res.Verdict)
	}
}

// says answers RCPT for foreign recipients.
func says(reply string) func(demo.Dialogue) string {
	return func(d demo.Dialogue) string {
		if strings.Contains(d.To, "local.test") && !strings.ContainsAny(d.To, `%!:"`) || d.To == "<postmaster>" {
			return ""
		}
		return reply
	}
}

// Each server is right or wrong in its own way; none may be judged for anything but relaying.
func TestVerdicts(t *testing.T) {
	for _, tc := range []struct {
		name    string
		server  *demo.Script
		verdict probe.Verdict
		reason  probe.Reason
	}{
		{"the usual words of Postfix", &demo.Script{}, probe.Closed, probe.ReasonRelayDenied},
		{"no PIPELINING", &demo.Script{Extensions: []string{}}, probe.Closed, probe.ReasonRelayDenied},
		{"HELO only", &demo.Script{EHLO: func(d demo.Dialogue) string {
			if d.Verb == "EHLO" {
				return "502 5.5.1 unknown"
			}
			return ""
		}}, probe.Closed, probe.ReasonRelayDenied},
		{"hangs up at EHLO", &demo.Script{EHLO: func(d demo.Dialogue) string {
			if d.Verb == "EHLO" {
				return "-"
			}
			return ""
		}}, probe.Closed, probe.ReasonRelayDenied},
		{"wants a literal for a name", &demo.Script{EHLO: func(d demo.Dialogue) string {
			if !strings.HasPrefix(d.Helo, "[") {
				return "550 5.7.1 Helo command rejected: go away"
			}
			return ""
		}}, probe.Closed, probe.ReasonRelayDenied},
		{"refuses every name", &demo.Script{EHLO: func(demo.Dialogue) string {
			return "550 5.7.1 Helo command rejected: go away"
		}}, probe.Inconclusive, probe.ReasonHeloRejected},
		{"unknown language", &demo.Script{Rcpt: says("550 5.7.1 收件人不在本系统")}, probe.Closed, probe.ReasonRefused},
		{"unknown language, temporary", &demo.Script{Rcpt: says("450 4.7.1 nie teraz")}, probe.Closed, probe.ReasonRefused},
		{"refuses for no reason, postmaster too", &demo.Script{Rcpt: func(demo.Dialogue) string { return "550 5.7.1 no" }},
			probe.Inconclusive, probe.ReasonClientBlocked},
		{"the same, and offers AUTH", &demo.Script{Extensions: []string{"PIPELINING", "AUTH PLAIN"},
			Rcpt: func(demo.Dialogue) string { return "550 5.7.1 no" }}, probe.Inconclusive, probe.ReasonClientBlocked},
		{"blocks our address", &demo.Script{Rcpt: func(demo.Dialogue) string {
			return "554 5.7.1 Service unavailable; Client host [127.0.0.1] blocked using bl.example.net"
		}}, probe.Inconclusive, probe.ReasonClientBlocked},
		{"blocks our address in the greeting", &demo.Script{Greeting: "554 5.7.1 Service unavailable; Client host [127.0.0.1] blocked using bl.example.net"},
			probe.Inconclusive, probe.ReasonClientBlocked},
		{"refuses all service", &demo.Script{Greeting: "554 no SMTP service here"}, probe.Inconclusive, probe.ReasonServiceRefused},
		{"greylists", &demo.Script{Rcpt: says("450 4.2.0 Greylisted, see http://postgrey.example.org/")}, probe.Inconclusive, probe.ReasonGreylisted},
		{"knows no foreign domain", &demo.Script{Rcpt: says("450 4.1.2 Recipient address rejected: Domain not found")},
			probe.Inconclusive, probe.ReasonRecipientDomainRejected},
		{"checks senders, relays for none", &demo.Script{Mail: func(d demo.Dialogue) string {
			if strings.HasSuffix(d.From, ".net>") || strings.HasSuffix(d.From, ".org>") {
				return "550 5.1.8 Sender address rejected: Domain not found"
			}
			return ""
		}}, probe.Closed, probe.ReasonRelayDenied},
		{"checks senders, relays bounces", &demo.Script{Mail: func(d demo.Dialogue) string {
			if strings.HasSuffix(d.From, ".net>") || strings.HasSuffix(d.From, ".org>") {
				return "550 5.1.8 Sender address rejected: Domain not found"
			}
			return ""
		}, Rcpt: func(d demo.Dialogue) string {
			if d.From == "<>" {
				return "250 ok"
			}
			return ""
		}}, probe.Open, "plain"},
		{"demands TLS and has none", &demo.Script{Mail: func(demo.Dialogue) string { return "530 5.7.0 Must issue a STARTTLS command first" }},
			probe.Inconclusive, probe.ReasonTLSUnavailable},
		{"relays for all", &demo.Script{Rcpt: says("250 2.1.5 Ok")}, probe.Open, "plain"},
		{"forwards", &demo.Script{Rcpt: says("251 2.1.5 will forward")}, probe.Open, "plain"},
		{"relays bounces", &demo.Script{Rcpt: func(d demo.Dialogue) string {
			if d.From == "<>" {
				return "250 ok"
			}
			return ""
		}}, probe.Open, "null-sender"},
		{"trusts its own host's senders", &demo.Script{Rcpt: func(d demo.Dialogue) string {
			if strings.HasSuffix(d.From, "@mx.local.test>") {
				return "250 ok"
			}
			return ""
		}}, probe.Open, "sender-own-host"},
		{"honours source routes", &demo.Script{Rcpt: func(d demo.Dialogue) string {
			if strings.HasPrefix(d.To, "<@mx.local.test:") {
				return "250 ok"
			}
			return ""
		}}, probe.Open, "route-own-host"},
		{"percent hack, and knows its users", &demo.Script{Rcpt: percent}, probe.Open, "percent-own-domain"},
		{"takes any name for a mailbox", &demo.Script{Rcpt: func(d demo.Dialogue) string {
			if strings.HasSuffix(d.To, "@local.test>") {
				return "250 ok"
			}
			return ""
		}}, probe.Inconclusive, probe.ReasonSuspectFormAccepted},
		{"refuses at DATA", &demo.Script{Rcpt: says("250 ok"), Data: func(demo.Dialogue) string {
			return "554 5.7.1 relaying denied"
		}}, probe.Closed, probe.ReasonRelayDenied},
		{"offers XCLIENT", &demo.Script{Extensions: []string{"PIPELINING", "XCLIENT NAME ADDR"}}, probe.Inconclusive, probe.ReasonXCLIENTOffered},
		{"leaves after three errors", &demo.Script{ErrorLimit: 3}, probe.Closed, probe.ReasonRelayDenied},
		{"leaves after every error", &demo.Script{ErrorLimit: 1}, probe.Closed, probe.ReasonRelayDenied},
		{"hangs up at a quote", &demo.Script{Rcpt: func(d demo.Dialogue) string {
			if strings.Contains(d.To, `"`) {
				return "-"
			}
			return ""
		}}, probe.Inconclusive, probe.ReasonCutOff},
		{"hangs up at every foreign recipient", &demo.Script{Rcpt: says("-")}, probe.Inconclusive, probe.ReasonCutOff},
		{"421 to everything", &demo.Script{Mail: func(demo.Dialogue) string { return "421 4.3.2 closing" }}, probe.Inconclusive, probe.ReasonCutOff},
		{"busy", &demo.Script{Greeting: "421 4.7.0 too many connections from you"}, probe.Inconclusive, probe.ReasonRateLimited},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			res := standard(t).Probe(t.Context(), listenScript(t, tc.server))
			wantVerdict(t, res, tc.verdict, tc.reason)
			if n := tc.server.Seen().Messages; n != 0 {
				t.Errorf("%d messages were sent", n)
			}
			evidenced(t, res)
		})
	}
}

func percent(d demo.Dialogue) string {
	if strings.HasSuffix(d.To, "%example.org@local.test>") {
		return "250 ok"
	}
	return ""
}

// evidenced: a verdict that is not closed shows what it rests on, in a dialogue or in words.
func evidenced(t *testing.T, res *probe.Result) {
	t.Helper()
	if res.Verdict == probe.Closed {
		return
	}
	shown := len(res.Transcript) > 0
	for _, f := range res.Findings {
		shown = shown || len(f.Transcript) > 0 && f.Cause != "" && f.Fix != ""
	}
	if !shown && res.Detail == "" {
		t.Errorf("%v (%s) without evidence", res.Verdict, res.Reason)
	}
}

// An answer that comes after we gave up is an answer to nothing.
func TestLateRefusalIsNotRead(t *testing.T) {
	s := &demo.Script{Extensions: []string{}, Rcpt: func(d demo.Dialogue) string {
		time.Sleep(400 * time.Millisecond)
		return "554 5.7.1 Relay access denied"
	}}
	p := standard(t)
	p.Vectors, _ = probe.Select("quick", false)
	res := p.Probe(t.Context(), listenScript(t, s))
	wantVerdict(t, res, probe.Inconclusive, probe.ReasonSlow)
}

func TestRefusalsPerConnection(t *testing.T) {
	s := &demo.Script{}
	res := standard(t).Probe(t.Context(), listenScript(t, s))
	wantVerdict(t, res, probe.Closed, probe.ReasonRelayDenied)
	seen := s.Seen()
	if seen.Refusals > 8 {
		t.Errorf("%d refusals on one connection, want at most 8", seen.Refusals)
	}
	if i := slices.IndexFunc(seen.Commands, func(c string) bool { return strings.HasPrefix(c, "VRFY") || c == "DATA" }); i >= 0 {
		t.Errorf("said %q to a closed server", seen.Commands[i])
	}
	quick := &demo.Script{}
	p := standard(t)
	p.Quick = true
	p.Vectors, _ = probe.Select("quick", false)
	wantVerdict(t, p.Probe(t.Context(), listenScript(t, quick)), probe.Closed, probe.ReasonRelayDenied)
	if n := quick.Seen().Connections; n != 1 {
		t.Errorf("the quick profile made %d connections, want 1", n)
	}
}

// A server that bans us in the middle is not closed.
func TestBannedMidway(t *testing.T) {
	res := standard(t).Probe(t.Context(), listen(t, func(l net.Listener) {
		nc, err := l.Accept()
		if err != nil {
			return
		}
		_ = l.Close()
		one := &demo.Script{}
		_ = one.Serve(&once{nc: nc})
	}))
	wantVerdict(t, res, probe.Inconclusive, probe.ReasonBannedMidway)
}

// once is a listener with one connection.
type once struct {
	net.Listener
	nc net.Conn
}

func (o *once) Accept() (net.Conn, error) {
	if o.nc == nil {
		return nil, net.ErrClosed
	}
	nc := o.nc
	o.nc = nil
	return nc, nil
}

// The proof is one way to be sure; --proof rcpt leaves it out.
func TestProofRcpt(t *testing.T) {
	s := &demo.Script{Rcpt: says("250 2.1.5 Ok")}
	p := standard(t)
	p.Proof = probe.Rcpt
	res := p.Probe(t.Context(), listenScript(t, s))
	wantVerdict(t, res, probe.Open, "plain")
	if res.Proof != probe.Rcpt {
		t.Errorf("proof %q, want rcpt", res.Proof)
	}
	if slices.Contains(s.Seen().Commands, "DATA") {
		t.Error("DATA was said")
	}
}

// A greylist that lets us in on the second try is waited for, and then the true answer counts.
func TestGreylistIsWaitedFor(t *testing.T) {
	s := &demo.Script{Rcpt: func(d demo.Dialogue) string {
		if d.Connection == 1 {
			return "450 4.2.0 Greylisted"
		}
		return ""
	}}
	p := standard(t)
	p.Limits.Retry = time.Minute
	var waited time.Duration
	p.Pause = func(_ context.Context, d time.Duration) error { waited += d; return nil }
	res := p.Probe(t.Context(), listenScript(t, s))
	wantVerdict(t, res, probe.Closed, probe.ReasonRelayDenied)
	if waited == 0 || waited > time.Minute {
		t.Errorf("waited %v", waited)
	}
}

// The delay a server names is kept to, if we have that much patience, and not begun if we have not.
func TestNamedDelay(t *testing.T) {
	for patience, want := range map[time.Duration]time.Duration{time.Minute: 31 * time.Second, 20 * time.Second: 0} {
		s := &demo.Script{Rcpt: func(d demo.Dialogue) string {
			if d.Connection == 1 {
				return "450 4.2.0 Greylisted, try again in 30 seconds"
			}
			return ""
		}}
		p := standard(t)
		p.Limits.Retry = patience
		var waited time.Duration
		p.Pause = func(_ context.Context, d time.Duration) error { waited += d; return nil }
		res := p.Probe(t.Context(), listenScript(t, s))
		if waited != want {
			t.Errorf("patience %v: waited %v, want %v (%v)", patience, waited, want, res.Verdict)
		}
	}
}
