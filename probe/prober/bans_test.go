package prober_test

import (
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"

	"openrelay/probe"
	"openrelay/scanner/demo"
)

// A postmaster who is refused now, and was not before, is refused in a ban.
func TestBanIsNoLogin(t *testing.T) {
	for _, words := range []string{"550 5.7.1 Access denied", "550 5.7.1 Go away"} {
		t.Run(words, func(t *testing.T) {
			var n atomic.Int64
			s := &demo.Script{Extensions: []string{"PIPELINING", "AUTH PLAIN LOGIN"}, Rcpt: func(d demo.Dialogue) string {
				if n.Load() >= 10 {
					return words
				}
				if d.To == "<postmaster>" || d.To == "<postmaster@local.test>" {
					return "250 ok"
				}
				if mixedCase(d.To) {
					return "250 ok"
				}
				n.Add(1)
				return ""
			}}
			res := noPause(t).Probe(t.Context(), listenScript(t, s))
			wantNot(t, res, probe.Closed)
		})
	}
}

// The differential rule is for words that nobody knows.
func TestKnownWordsAreNoLogin(t *testing.T) {
	for _, words := range []string{"530 5.7.0 Must issue a STARTTLS command first", "501 5.5.2 Syntax error in parameters", "503 5.5.1 Bad sequence of commands", "552 5.3.4 Message size exceeds fixed limit"} {
		t.Run(words, func(t *testing.T) {
			s := &demo.Script{Extensions: []string{"PIPELINING", "AUTH PLAIN LOGIN"}, Rcpt: when(always, words)}
			res := noPause(t).Probe(t.Context(), listenScript(t, s))
			wantNot(t, res, probe.Closed)
		})
	}
}

// What a block list decided once is not decided by what else is refused later.
func TestListedOnce(t *testing.T) {
	for _, second := range []string{"550 5.7.1 no", "550 5.7.1 Access denied"} {
		s := &demo.Script{Extensions: []string{"PIPELINING", "AUTH PLAIN"}, Rcpt: func(d demo.Dialogue) string {
			if d.Connection <= 1 {
				return "554 5.7.1 Service unavailable; Client host [127.0.0.1] blocked using bl.example.net"
			}
			return second
		}}
		res := inOneSession(noPause(t)).Probe(t.Context(), listenScript(t, s))
		if res.Verdict == probe.Closed {
			t.Errorf("closed (%s)", res.Reason)
		}
	}
}

// An unknown user refused in a ban is no user that the server knows not to have.
func TestBanBeforeControls(t *testing.T) {
	for _, words := range []string{"550 5.7.1 Access denied", "550 5.7.1 go away"} {
		for limit := int64(8); limit <= 24; limit += 4 {
			for _, named := range []bool{true, false} {
				var n atomic.Int64
				s := &demo.Script{Rcpt: func(d demo.Dialogue) string {
					if n.Load() >= limit {
						return words
					}
					if ours(domainOf(d.To)) {
						return "250 ok"
					}
					n.Add(1)
					return "554 5.7.1 Relay access denied"
				}}
				target := listenScript(t, s)
				target.Named = named
				res := noPause(t).Probe(t.Context(), target)
				if res.Verdict == probe.Open {
					t.Errorf("%s %d %v: open (%s) %v", words, limit, named, res.Reason, res.Proof)
				}
			}
		}
	}
}

// What was accepted by itself, and is refused now, was accepted.
func TestAcceptedThenDenied(t *testing.T) {
	for _, most := range []int64{3, 6, 12} {
		var n atomic.Int64
		s := &demo.Script{Rcpt: func(d demo.Dialogue) string {
			if !strings.Contains(d.To, "stranger") {
				return ""
			}
			if n.Add(1) <= most {
				return "250 ok"
			}
			return ""
		}}
		res := noPause(t).Probe(t.Context(), listenScript(t, s))
		wantNot(t, res, probe.Closed)
	}
}

// A proxy that looks a recipient up while DATA is waiting behind it refuses DATA, and not the recipient.
func TestDataInOneWrite(t *testing.T) {
	for _, words := range []string{"503 5.5.1 Bad sequence of commands", "554 5.5.1 Error: no valid recipients", "503 valid RCPT command must precede DATA"} {
		t.Run(words, func(t *testing.T) {
			usual := honest(true, func(to string) bool { return !ours(domainOf(to)) })
			target := listen(t, func(l net.Listener) {
				for {
					conn, err := l.Accept()
					if err != nil {
						return
					}
					go func() {
						defer conn.Close()
						_, _ = io.WriteString(conn, "220 mx.local.test ESMTP\r\n")
						buf := make([]byte, 8192)
						for {
							n, err := conn.Read(buf)
							if err != nil {
								return
							}
							lines := strings.Split(strings.TrimSuffix(string(buf[:n]), "\r\n"), "\r\n")
							out := ""
							for _, line := range lines {
								r := usual(0, line)
								if line == "DATA" && len(lines) > 1 {
									r = []string{words}
								}
								out += strings.ReplaceAll(r[0], "\n", "\r\n") + "\r\n"
							}
							if _, err := io.WriteString(conn, out); err != nil {
								return
							}
						}
					}()
				}
			})
			res := inOneSession(noPause(t)).Probe(t.Context(), target)
			wantNot(t, res, probe.Closed)
		})
	}
}
