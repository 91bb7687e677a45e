package prober_test

import (
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"openrelay/probe"
	"openrelay/scanner/demo"
)

func intrusive(t *testing.T) *clocked {
	p := noPause(t)
	p.Vectors, _ = probe.Select("standard", true)
	return p
}

func ownHelo(d demo.Dialogue) bool { return d.Helo == "mx.local.test" }

// bans everything at EHLO, once it has heard its own name
func bansAtEHLO(reply string) *demo.Script {
	var banned atomic.Bool
	return &demo.Script{EHLO: func(d demo.Dialogue) string {
		if ownHelo(d) {
			banned.Store(true)
		}
		if banned.Load() {
			return reply
		}
		return ""
	}, Rcpt: when(func(d demo.Dialogue) bool { return d.Helo == "localhost" }, "250 ok")}
}

func TestSetupBanAtEHLO(t *testing.T) {
	for _, r := range []string{"-", "554 5.7.1 Client host [127.0.0.1] blocked using bl.example.net", "550 5.7.1 too many errors, go away"} {
		t.Run(r, func(t *testing.T) {
			t.Parallel()
			wantNot(t, noPause(t).Probe(t.Context(), listenScript(t, bansAtEHLO(r))), probe.Closed)
		})
	}
}

// The same without a word, and without the vector that happens to notice.
func TestSetupBanByHangup(t *testing.T) {
	p := noPause(t)
	p.Vectors = slices.DeleteFunc(p.Vectors, func(v probe.Vector) bool { return v.ID == "helo-verb" })
	wantNot(t, p.Probe(t.Context(), listenScript(t, bansAtEHLO("-"))), probe.Closed)
}

// closed, minds its own name, later than EHLO
func TestSetupOwnNameRefusedLate(t *testing.T) {
	for _, r := range []string{
		"550 REJECTED - Bad HELO - Host impersonating domain name [mx.local.test]",
		"550 5.7.1 Spoofed HELO, that is my name",
		"554 5.7.1 Access denied",
		"550 5.7.1 You are not me",
		"550 Forged HELO: you are not mx.local.test",
		"421 4.7.0 you are not me",
	} {
		for stage, s := range map[string]*demo.Script{
			"rcpt": {Rcpt: when(ownHelo, r)}, "mail": {Mail: when(ownHelo, r)}, "ehlo": {EHLO: when(ownHelo, r)},
		} {
			t.Run(stage+" "+r, func(t *testing.T) {
				t.Parallel()
				wantVerdict(t, noPause(t).Probe(t.Context(), listenScript(t, s)), probe.Closed, probe.ReasonRelayDenied)
			})
		}
	}
}

// with AUTH/XCLIENT
type special struct {
	ext  string
	auth func(connection int, line string) string // to any line during login
	helo func(line string) string
}

func (s special) server() rawServer {
	var in, trusted sync.Map
	usual := honest(true, nil)
	return rawServer{answer: func(c int, line string) []string {
		_, inAuth := in.Load(c)
		_, is := trusted.Load(c)
		verb, _, _ := strings.Cut(strings.ToUpper(line), " ")
		switch {
		case inAuth || verb == "AUTH" || verb == "XCLIENT":
			r := s.auth(c, line)
			in.Delete(c)
			if strings.HasPrefix(r, "334") {
				in.Store(c, true)
			}
			if strings.HasPrefix(r, "2") {
				trusted.Store(c, true)
			}
			if strings.HasPrefix(r, "421") {
				return []string{r, "-"}
			}
			return []string{r}
		case (verb == "EHLO" || verb == "HELO") && s.helo != nil && s.helo(line) != "":
			return []string{s.helo(line)}
		case verb == "EHLO":
			return []string{"250-mx.local.test\n250-PIPELINING\n250 " + s.ext}
		case verb == "RCPT" && is:
			return []string{"250 ok"}
		}
		return usual(c, line)
	}}
}

func TestSetupAuth334ForEver(t *testing.T) {
	t.Parallel()
	s := special{ext: "AUTH ANONYMOUS", auth: func(int, string) string { return "334 " }}
	res := noPause(t).Probe(t.Context(), s.server().listen(t))
	wantVerdict(t, res, probe.Closed, probe.ReasonRelayDenied)
}

// four challenges, then no
func TestSetupAuth334FiveThenNo(t *testing.T) {
	t.Parallel()
	var n sync.Map
	s := special{ext: "AUTH ANONYMOUS", auth: func(c int, line string) string {
		v, _ := n.Load(c)
		k, _ := v.(int)
		n.Store(c, k+1)
		if k < 4 {
			return "334 "
		}
		return "535 5.7.8 authentication failed"
	}}
	wantVerdict(t, noPause(t).Probe(t.Context(), s.server().listen(t)), probe.Closed, probe.ReasonRelayDenied)
}

func TestSetupAuthTemporary(t *testing.T) {
	for _, r := range []string{"454 4.7.0 Temporary authentication failure", "421 4.3.0 closing", "432 4.7.12 transition needed"} {
		t.Run(r, func(t *testing.T) {
			t.Parallel()
			var n atomic.Int64
			s := special{ext: "AUTH ANONYMOUS", auth: func(int, string) string {
				if n.Add(1) == 1 {
					return r
				}
				return "235 2.7.0 ok"
			}}
			wantNot(t, patient(t).Probe(t.Context(), s.server().listen(t)), probe.Closed)
		})
	}
}

func TestSetupAuthRefused(t *testing.T) {
	for r, want := range map[string]probe.Verdict{
		"535 5.7.8 no": probe.Closed, "504 5.5.4 mechanism": probe.Closed, "-": probe.Closed,
		"421 4.7.0 no": probe.Inconclusive, "454 4.7.0 Temporary authentication failure": probe.Inconclusive,
	} {
		t.Run(r, func(t *testing.T) {
			t.Parallel()
			s := special{ext: "AUTH ANONYMOUS", auth: func(int, string) string { return r }}
			if res := noPause(t).Probe(t.Context(), s.server().listen(t)); res.Verdict != want {
				t.Errorf("%s: %s, want %s", res.Verdict, res.Reason, want)
			}
		})
	}
}

// the second greeting after XCLIENT is by literal, which it dislikes
func TestSetupXclientLiteral(t *testing.T) {
	t.Parallel()
	s := special{ext: "XCLIENT ADDR NAME LOGIN", auth: func(int, string) string { return "220 mx.local.test ESMTP" }, helo: func(line string) string {
		if strings.Contains(line, "[") {
			return "550 5.7.1 Helo command rejected: literals are not welcome"
		}
		return ""
	}}
	wantVerdict(t, intrusive(t).Probe(t.Context(), s.server().listen(t)), probe.Open, "xclient-loopback")
}

func TestSetupXclientReplies(t *testing.T) {
	for r, want := range map[string]probe.Verdict{
		"501 5.5.4 bad": probe.Closed, "550 5.7.0 no": probe.Closed, "503 no": probe.Closed, "-": probe.Closed,
		"421 4.7.0 no": probe.Inconclusive,
	} {
		t.Run(r, func(t *testing.T) {
			t.Parallel()
			s := special{ext: "XCLIENT ADDR NAME LOGIN", auth: func(int, string) string { return r }}
			if res := intrusive(t).Probe(t.Context(), s.server().listen(t)); res.Verdict != want {
				t.Errorf("%s: %s, want %s", res.Verdict, res.Reason, want)
			}
		})
	}
}

// XCLIENT offered under TLS only, not tried
func TestSetupXclientUnderTLS(t *testing.T) {
	t.Parallel()
	s := &demo.Script{TLS: serverTLS(t), EHLO: func(d demo.Dialogue) string {
		if d.TLS && d.Verb == "EHLO" {
			return "250-mx.local.test\n250-PIPELINING\n250 XCLIENT ADDR NAME"
		}
		return ""
	}}
	wantVerdict(t, noPause(t).Probe(t.Context(), listenScript(t, s)), probe.Inconclusive, probe.ReasonXCLIENTOffered)
}

// PROXY: a healthy server
func TestSetupProxyPlainServer(t *testing.T) {
	t.Parallel()
	p := intrusive(t)
	p.Vectors = slices.DeleteFunc(p.Vectors, func(v probe.Vector) bool { return v.ID != "plain" && v.ID != "proxy-v1" })
	p.Limits.Reply, p.Limits.Greeting = 5*time.Second, 5*time.Second
	wantVerdict(t, p.Probe(t.Context(), listenScript(t, &demo.Script{Delay: 150 * time.Millisecond})), probe.Closed, probe.ReasonRelayDenied)
}

// expects nothing, believes a header if there is one, and is busy when we come with it first
func proxied(t *testing.T, busy func(n int64) string) probe.Target {
	var n, h atomic.Int64
	return listen(t, func(l net.Listener) {
		for {
			nc, err := l.Accept()
			if err != nil {
				return
			}
			n.Add(1)
			_ = nc.SetReadDeadline(time.Now().Add(10 * time.Millisecond))
			buf := make([]byte, 200)
			k, _ := nc.Read(buf)
			_ = nc.SetReadDeadline(time.Time{})
			head := k > 0
			s := &demo.Script{}
			if head {
				if r := busy(h.Add(1)); r != "" {
					_, _ = io.WriteString(nc, r+"\r\n")
					_ = nc.Close()
					continue
				}
				s.Rcpt = when(always, "250 ok")
			}
			_ = s.Serve(&once{nc: nc})
		}
	})
}

func TestSetupProxyBusy(t *testing.T) {
	t.Parallel()
	wantVerdict(t, intrusive(t).Probe(t.Context(), proxied(t, func(int64) string { return "" })), probe.Open, "proxy-v1")
	p := intrusive(t)
	p.Limits.Retry = time.Minute
	wantNot(t, p.Probe(t.Context(), proxied(t, func(n int64) string {
		if n <= 2 {
			return "421 4.7.0 too many connections from you"
		}
		return ""
	})), probe.Closed)
}

// busy at the first connection; a front is tried in place of waiting
func TestSetupBusyFirstIntrusive(t *testing.T) {
	t.Parallel()
	var n atomic.Int64
	target := listen(t, func(l net.Listener) {
		for {
			nc, err := l.Accept()
			if err != nil {
				return
			}
			s := &demo.Script{}
			if n.Add(1) == 1 {
				s.Greeting = "421 4.7.0 too many connections from you"
			}
			_ = s.Serve(&once{nc: nc})
		}
	})
	p := intrusive(t)
	p.Limits.Retry = time.Minute
	wantVerdict(t, p.Probe(t.Context(), target), probe.Closed, probe.ReasonRelayDenied)
}

// offers ANONYMOUS in clear, and wants TLS for it
func TestSetupAuthWantsTLS(t *testing.T) {
	t.Parallel()
	// Script has no AUTH, so this one is a raw talk with TLS in scriptTLS
	config := serverTLS(t)
	target := listen(t, func(l net.Listener) {
		var wg sync.WaitGroup
		defer wg.Wait()
		for {
			nc, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { defer nc.Close(); tlsAuth(nc, config) })
		}
	})
	wantVerdict(t, noPause(t).Probe(t.Context(), target), probe.Open, "auth-anonymous")
}

// greylists its own recipients only (Postfix, postgrey after reject_unauth_destination)
func TestSetupSecondRecipientGreylisted(t *testing.T) {
	t.Parallel()
	var seen atomic.Int64
	s := &demo.Script{Rcpt: func(d demo.Dialogue) string {
		if d.To == "<postmaster@local.test>" {
			if seen.Add(1) == 1 {
				return "450 4.2.0 Greylisted"
			}
			return "250 ok"
		}
		if len(d.Rcpts) > 0 && d.Rcpts[0] == "<postmaster@local.test>" {
			return "250 ok"
		}
		return ""
	}}
	wantVerdict(t, patient(t).Probe(t.Context(), listenScript(t, s)), probe.Open, "second-recipient")
}

func TestSetupHeloVerb(t *testing.T) {
	for _, r := range []string{"503 5.5.1 Error: send EHLO first", "550 5.7.1 EHLO required", "554 5.7.1 Access denied"} {
		t.Run(r, func(t *testing.T) {
			t.Parallel()
			var verb sync.Map
			s := &demo.Script{EHLO: func(d demo.Dialogue) string { verb.Store(d.Connection, d.Verb); return "" },
				Mail: func(d demo.Dialogue) string {
					if v, _ := verb.Load(d.Connection); v == "HELO" {
						return r
					}
					return ""
				}}
			wantVerdict(t, noPause(t).Probe(t.Context(), listenScript(t, s)), probe.Closed, probe.ReasonRelayDenied)
		})
	}
	for _, r := range []string{"-", "421 no HELO", "450 no HELO"} {
		s := &demo.Script{EHLO: when(func(d demo.Dialogue) bool { return d.Verb == "HELO" }, r)}
		wantVerdict(t, noPause(t).Probe(t.Context(), listenScript(t, s)), probe.Closed, probe.ReasonRelayDenied)
	}
}

// Hangs up on names it dislikes as often as it takes; the login behind them is open all the same.
func TestSetupDislikedNamesHideNoLogin(t *testing.T) {
	t.Parallel()
	s := special{ext: "AUTH ANONYMOUS", auth: func(int, string) string { return "235 2.7.0 ok" }}
	usual := s.server().answer
	var disliked sync.Map
	server := rawServer{answer: func(c int, line string) []string {
		verb, rest, _ := strings.Cut(strings.ToUpper(line), " ")
		if verb == "EHLO" && rest != "PROBE.TEST.TEST" {
			disliked.Store(c, true)
		}
		if _, is := disliked.Load(c); is && verb == "MAIL" {
			return []string{"-"}
		}
		return usual(c, line)
	}}
	p := noPause(t)
	p.Helo = "probe.test.test"
	wantVerdict(t, p.Probe(t.Context(), server.listen(t)), probe.Open, "auth-anonymous")
}

// Lets nobody in any more who has once claimed its name, which shows at RCPT only.
func TestSetupBanAtRcpt(t *testing.T) {
	t.Parallel()
	var banned atomic.Bool
	s := &demo.Script{
		EHLO: func(d demo.Dialogue) string {
			if ownHelo(d) {
				banned.Store(true)
				return "550 5.7.1 Spoofed HELO, that is my name"
			}
			return ""
		},
		Rcpt: func(d demo.Dialogue) string {
			if banned.Load() {
				return "554 5.7.1 Client host [127.0.0.1] blocked using bl.example.net"
			}
			if d.Helo == "localhost" {
				return "250 ok"
			}
			return ""
		},
	}
	wantNot(t, noPause(t).Probe(t.Context(), listenScript(t, s)), probe.Closed)
}

// Exim greets who comes without a header, and then refuses every command.
func TestSetupProxyDemanded(t *testing.T) {
	t.Parallel()
	refuses := &demo.Script{EHLO: func(demo.Dialogue) string { return "503 Command refused, required Proxy negotiation failed" }}
	wantVerdict(t, noPause(t).Probe(t.Context(), listenScript(t, refuses)), probe.Inconclusive, probe.ReasonHeloRejected)
	target := listen(t, func(l net.Listener) {
		for first := true; ; first = false {
			nc, err := l.Accept()
			if err != nil {
				return
			}
			s := refuses
			if !first {
				_, _ = nc.Read(make([]byte, 200)) // the header
				s = &demo.Script{Rcpt: when(always, "250 ok")}
			}
			_ = s.Serve(&once{nc: nc})
		}
	})
	wantVerdict(t, intrusive(t).Probe(t.Context(), target), probe.Open, probe.Reason("plain"))
}
