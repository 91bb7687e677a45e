package prober_test

import (
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"openrelay/probe"
	"openrelay/scanner/demo"
)

// lossy is a server that offers PIPELINING and loses the nth command of a write of four and more. It
// relays to one recipient alone; silent says that it hangs up at a QUIT without a word.
type lossy struct {
	nth    int
	relays string
	silent bool
}

func (f lossy) serve(l net.Listener) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		go f.talk(conn)
	}
}

func (f lossy) talk(conn net.Conn) {
	defer conn.Close()
	_, _ = io.WriteString(conn, "220 mx.local.test ESMTP\r\n")
	buf, accepted := make([]byte, 8192), false
	for {
		n, err := conn.Read(buf)
		if err != nil {
			return
		}
		lines := strings.SplitAfter(string(buf[:n]), "\r\n")
		lines = lines[:len(lines)-1]
		replies, over := "", false
		for i, line := range lines {
			if len(lines) >= 4 && i == f.nth {
				continue
			}
			verb, to, _ := strings.Cut(strings.TrimSpace(line), ":")
			reply := "250 2.0.0 Ok\r\n"
			switch {
			case strings.HasPrefix(verb, "EHLO"):
				reply = "250-mx.local.test\r\n250 PIPELINING\r\n"
			case verb == "RCPT TO" && strings.HasPrefix(to, "<nobody"):
				reply = "550 5.1.1 Unknown user\r\n"
			case verb == "RCPT TO" && to != f.relays && !strings.HasPrefix(to, "<postmaster"):
				reply = "550 5.7.1 Relaying denied\r\n"
			case verb == "RCPT TO":
				accepted = true
			case verb == "DATA" && accepted:
				reply = "354 go ahead\r\n"
			case verb == "DATA":
				reply = "503 5.5.1 RCPT first\r\n"
			case verb == "QUIT":
				over = true
				if reply = "221 2.0.0 Bye\r\n"; f.silent {
					reply = ""
				}
			default:
				accepted = false
			}
			replies += reply
		}
		if _, err := io.WriteString(conn, replies); err != nil || over {
			return
		}
	}
}

// Where one command of a write is lost, all replies behind it answer others: they say nothing.
func TestLostCommand(t *testing.T) {
	const route = "<@local.test:stranger@example.org>"
	for nth := range 9 {
		for _, f := range []lossy{{nth, "nobody", false}, {nth, "nobody", true}, {nth, route, false}, {nth, route, true}} {
			for _, named := range []bool{true, false} {
				t.Run(fmt.Sprint(f, named), func(t *testing.T) {
					t.Parallel()
					target := listen(t, f.serve)
					target.Named = named
					p := noPause(t)
					wrong := probe.Closed
					if f.relays != route {
						wrong, p.Proof = probe.Open, probe.Rcpt
					}
					wantNot(t, p.Probe(t.Context(), target), wrong)
				})
			}
		}
	}
}

// A 421 may be the answer to any command, the last before our QUIT too.
func TestErrorLimitInRange(t *testing.T) {
	for limit := 1; limit <= 12; limit++ {
		target := listenScript(t, &demo.Script{ErrorLimit: limit})
		target.Named = false
		wantNot(t, noPause(t).Probe(t.Context(), target), probe.Open)
	}
}

// The dialogue of a finding is of one session: the one that answered.
func TestDialogueOfOneSession(t *testing.T) {
	for _, from := range []string{"<audit@example.net>", "<>", "<audit@example.org>", "<audit@local.test>", "<postmaster@local.test>"} {
		for _, named := range []bool{true, false} {
			t.Run(fmt.Sprint(from, named), func(t *testing.T) {
				var asked sync.Map
				target := listenScript(t, &demo.Script{Rcpt: func(d demo.Dialogue) string { // accepts once
					switch {
					case !strings.Contains(d.To, "stranger"):
						return ""
					case d.From == from:
						if _, again := asked.LoadOrStore(d.To, true); !again {
							return "250 2.1.5 Ok"
						}
					}
					return "550 5.7.1 Relaying denied"
				}})
				target.Named = named
				p := noPause(t)
				p.Evidence = true
				for _, f := range p.Probe(t.Context(), target).Findings {
					if said := f.Transcript.String(); f.Stage == "rcpt" && !strings.Contains(said, "C: MAIL FROM:"+f.From+"\n") {
						t.Errorf("%s: MAIL is missing in its dialogue:\n%s", f.Vector, said)
					}
				}
			})
		}
	}
}

// The reply to a local recipient belongs to the session in which it came, as the one behind it does: here
// the second one says much more in its greeting than the first.
func TestLocalRecipientOfOneSession(t *testing.T) {
	for _, end := range []string{"-", "451 4.3.0 Try again later"} { // to the stranger; to the local one
		for _, extension := range []string{"PIPELINING", "8BITMIME"} {
			t.Run(end+extension, func(t *testing.T) {
				var tries atomic.Int32
				s := &demo.Script{}
				s.EHLO = func(demo.Dialogue) string {
					more := strings.Repeat("250-X-MORE\n", 100*min(int(tries.Load()), 1))
					return "250-mx.local.test\n" + more + "250 " + extension
				}
				s.Rcpt = func(d demo.Dialogue) string {
					local := strings.HasPrefix(d.To, "<postmaster@")
					switch {
					case local && tries.Load() > 0 && end != "-":
						return end
					case local:
						return "250 2.1.5 Ok"
					case !strings.Contains(d.To, "stranger"):
						return ""
					case len(d.Rcpts) == 0:
						return "550 5.7.1 Relaying denied"
					}
					if tries.Add(1) > 1 {
						return end
					}
					return "451 4.3.0 Try again later"
				}
				p := noPause(t)
				p.Evidence = true
				wantNot(t, p.Probe(t.Context(), listenScript(t, s)), probe.Open)
				if tries.Load() == 0 {
					t.Error("the second recipient was never asked for")
				}
			})
		}
	}
}
