package wire_test

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"math/big"
	"net"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"openrelay/probe/dialogue"
	"openrelay/probe/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// serve gives a conversation whose other end is run by server, which ends when it returns.
func serve(t *testing.T, l wire.Limits, server func(net.Conn)) *wire.Conn {
	t.Helper()
	ours, theirs := net.Pipe()
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer theirs.Close()
		server(theirs)
	}()
	c := wire.New(ours, l)
	t.Cleanup(func() { c.Close(); <-done })
	return c
}

// say answers each line that arrives with the next of replies, written as it stands.
func say(replies ...string) func(net.Conn) {
	return func(nc net.Conn) {
		in := bufio.NewScanner(nc)
		for i, r := range replies {
			if i > 0 && !in.Scan() {
				return
			}
			if r == "" {
				continue // nothing to say before the first command
			}
			if _, err := io.WriteString(nc, r); err != nil {
				return
			}
		}
		_, _ = io.Copy(io.Discard, nc)
	}
}

func TestGreeting(t *testing.T) {
	long := strings.Repeat("x", 3000)
	for _, tc := range []struct {
		name, sent string
		want       string // the reply, or
		err        error
	}{
		{"usual", "220 mx.example.org ESMTP\r\n", "220 mx.example.org ESMTP", nil},
		{"several lines", "220-one\r\n220-two\r\n220 three\r\n", "220-one\n220-two\n220 three", nil},
		{"bare code", "220\r\n", "220 ", nil},
		{"bare LF", "220 x\n", "220 x", nil},
		{"refusal", "554 5.3.2 no\r\n", "554 5.3.2 no", nil},
		{"eight bit", "220 \xff\xfe\r\n", "220 \xff\xfe", nil},
		{"SSH", "SSH-2.0-OpenSSH_9.2\r\n", "", wire.ErrNotSMTP},
		{"HTTP", "HTTP/1.1 400 Bad Request\r\n\r\n", "", wire.ErrNotSMTP},
		{"POP3", "+OK ready\r\n", "", wire.ErrNotSMTP},
		{"MySQL, which ends no line", "J\x00\x00\x00\x0a5.7", "", wire.ErrNotSMTP},
		{"MySQL, whose length is a digit", "2\x00\x00\x01\xff\x6a\x04Host", "", wire.ErrNotSMTP},
		{"bare CR", "220 one\rtwo\r\r\n", "220 one\rtwo\r", nil},
		{"bare CR between replies", "220 one\r250 two\r\n", "", wire.ErrNotSMTP},
		{"TLS alert", "\x15\x03\x01\x00\x02\x02\x46", "", wire.ErrNotSMTP},
		{"empty line", "\r\n", "", wire.ErrNotSMTP},
		{"code out of range", "999 x\r\n", "", wire.ErrNotSMTP},
		{"two digits", "22 x\r\n", "", wire.ErrNotSMTP},
		{"code changes", "220-a\r\n250 b\r\n", "", wire.ErrNotSMTP},
		{"endless line", "220 " + long + "\r\n", "", wire.ErrTooLong},
		{"ends inside a line", "220 mx.exam", "", wire.ErrTruncated},
		{"ends inside a reply", "220-one\r\n", "", wire.ErrClosed},
		{"closes", "", "", wire.ErrClosed},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := serve(t, wire.Limits{}, func(nc net.Conn) { _, _ = io.WriteString(nc, tc.sent) })
			r, err := c.Greeting(t.Context())
			if !errors.Is(err, tc.err) {
				t.Fatalf("Greeting of %q: error %v, want %v", tc.sent, err, tc.err)
			}
			if err == nil && r.String() != tc.want {
				t.Errorf("Greeting of %q = %q, want %q", tc.sent, r, tc.want)
			}
			if err != nil && c.Err() == nil {
				t.Error("the conversation goes on after an error")
			}
		})
	}
}

// A reply that comes after our timeout must not be read as the answer to the next command: that is how
// other testers call a closed server open.
func TestLateReplyIsNeverRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		heard := make(chan string, 1)
		c := serve(t, wire.Limits{Reply: 2 * time.Second}, func(nc net.Conn) {
			_, _ = io.WriteString(nc, "220 x\r\n")
			line, _ := bufio.NewReader(nc).ReadString('\n')
			time.Sleep(3 * time.Second)
			_, _ = io.WriteString(nc, "250 accepted\r\n")
			rest, _ := io.ReadAll(nc)
			heard <- line + string(rest)
		})
		if _, err := c.Greeting(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Cmd(t.Context(), "RCPT TO:<a@example.org>"); !errors.Is(err, wire.ErrTimeout) {
			t.Fatalf("late reply: error %v, want %v", err, wire.ErrTimeout)
		}
		time.Sleep(5 * time.Second)
		if r, err := c.Cmd(t.Context(), "RCPT TO:<b@example.org>"); err == nil {
			t.Fatalf("command after a timeout was answered %q", r)
		}
		if got := <-heard; got != "RCPT TO:<a@example.org>\r\n" {
			t.Errorf("the server heard %q", got)
		}
	})
}

func TestDeadlineIsTheLeastOfThree(t *testing.T) {
	for _, tc := range []struct {
		name   string
		limits wire.Limits
		ctx    time.Duration
		want   time.Duration
		err    error
	}{
		{"reply", wire.Limits{Reply: 5 * time.Second, Session: time.Hour}, time.Hour, 5 * time.Second, wire.ErrTimeout},
		{"session", wire.Limits{Reply: time.Hour, Session: 6 * time.Second}, time.Hour, 6 * time.Second, context.DeadlineExceeded},
		{"context", wire.Limits{Reply: time.Hour, Session: time.Hour}, 7 * time.Second, 7 * time.Second, context.DeadlineExceeded},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := serve(t, tc.limits, say("220 x\r\n"))
				ctx, cancel := context.WithTimeout(t.Context(), tc.ctx)
				defer cancel()
				start := time.Now()
				if _, err := c.Greeting(ctx); err != nil {
					t.Fatal(err)
				}
				_, err := c.Cmd(ctx, "NOOP")
				if took := time.Since(start); took != tc.want || !errors.Is(err, tc.err) {
					t.Errorf("gave up after %v with %v, want %v with %v", took, err, tc.want, tc.err)
				}
			})
		})
	}
}

// One byte a second keeps a connection busy for ever, but not past the time for one reply.
func TestDripIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := serve(t, wire.Limits{Greeting: 30 * time.Second}, func(nc net.Conn) {
			for next := "220 "; ; next = next[1:] + "x" {
				if _, err := io.WriteString(nc, next[:1]); err != nil {
					return
				}
				time.Sleep(time.Second)
			}
		})
		start := time.Now()
		_, err := c.Greeting(t.Context())
		if took := time.Since(start); took != 30*time.Second || !errors.Is(err, wire.ErrTimeout) {
			t.Errorf("gave up after %v with %v, want 30s with %v", took, err, wire.ErrTimeout)
		}
	})
}

func TestCancelEndsTheWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := serve(t, wire.Limits{}, say())
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		start := time.Now()
		if _, err := c.Greeting(ctx); !errors.Is(err, context.Canceled) || time.Since(start) != time.Second {
			t.Errorf("cancelled after 1s, returned after %v with %v", time.Since(start), err)
		}
	})
}

func TestEndlessReplyCostsLittle(t *testing.T) {
	for _, line := range []string{"220-x\r\n", "220-" + strings.Repeat("y", 500) + "\r\n", "220-\xff\r\n"} {
		c := serve(t, wire.Limits{}, func(nc net.Conn) {
			many := []byte(strings.Repeat(line, 100))
			for {
				if _, err := nc.Write(many); err != nil {
					return
				}
			}
		})
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := c.Greeting(t.Context())
		runtime.ReadMemStats(&after)
		if !errors.Is(err, wire.ErrTooLong) {
			t.Errorf("endless %q: error %v, want %v", line[:6], err, wire.ErrTooLong)
		}
		if cost := after.TotalAlloc - before.TotalAlloc; cost > 1<<20 {
			t.Errorf("endless %q allocated %d bytes", line[:6], cost)
		}
	}
}

func TestBatchPairsCommandsWithReplies(t *testing.T) {
	c := serve(t, wire.Limits{}, func(nc net.Conn) {
		_, _ = io.WriteString(nc, "220 x\r\n")
		in := bufio.NewReader(nc)
		for range 3 {
			_, _ = in.ReadString('\n')
		}
		_, _ = io.WriteString(nc, "250 2.1.0 Ok\r\n454-4.7.1 one\r\n454 4.7.1 two\r\n250 2.0.0 Ok\r\n")
	})
	if _, err := c.Greeting(t.Context()); err != nil {
		t.Fatal(err)
	}
	replies, err := c.Batch(t.Context(), []string{"MAIL FROM:<>", "RCPT TO:<a@example.org>", "RSET"})
	if err != nil || len(replies) != 3 {
		t.Fatalf("Batch = %q, %v", replies, err)
	}
	want := "S: 220 x\nC: MAIL FROM:<>\nS: 250 2.1.0 Ok\nC: RCPT TO:<a@example.org>\nS: 454-4.7.1 one\nS: 454 4.7.1 two\nC: RSET\nS: 250 2.0.0 Ok\n"
	if got := c.Since(0).String(); got != want {
		t.Errorf("transcript:\n%swant:\n%s", got, want)
	}
	want = "C: RCPT TO:<a@example.org>\nS: 454-4.7.1 one\nS: 454 4.7.1 two\n"
	if got := c.Said(replies[1].Span).String(); got != want {
		t.Errorf("exchange:\n%swant:\n%s", got, want)
	}
	if got := replies[1].Enhanced(); got != "4.7.1" {
		t.Errorf("enhanced code %q", got)
	}
}

// After a 421 the rest of a batch has no answer, and nothing more is said.
func TestClosingEndsABatch(t *testing.T) {
	c := serve(t, wire.Limits{}, func(nc net.Conn) {
		in := bufio.NewReader(nc)
		for range 3 {
			_, _ = in.ReadString('\n')
		}
		_, _ = io.WriteString(nc, "250 ok\r\n421 too much\r\n250 never read\r\n")
	})
	replies, err := c.Batch(t.Context(), []string{"RSET", "MAIL FROM:<>", "RCPT TO:<a@example.org>"})
	if len(replies) != 2 || !errors.Is(err, wire.ErrClosing) {
		t.Fatalf("Batch = %q, %v", replies, err)
	}
	if _, err := c.Cmd(t.Context(), "NOOP"); !errors.Is(err, wire.ErrClosing) {
		t.Errorf("command after 421: %v", err)
	}
	if got := c.Since(0).String(); !strings.HasSuffix(got, "S: 421 too much\nC: RCPT TO:<a@example.org>\n") {
		t.Errorf("transcript:\n%s", got)
	}
}

// A reply nobody asked for would shift every later one by one.
func TestUnaskedReplyEndsIt(t *testing.T) {
	c := serve(t, wire.Limits{}, say("220 x\r\n", "250 one\r\n250 two\r\n", "550 no\r\n"))
	if _, err := c.Greeting(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Cmd(t.Context(), "NOOP"); err != nil {
		t.Fatal(err)
	}
	if r, err := c.Cmd(t.Context(), "RCPT TO:<a@example.org>"); !errors.Is(err, wire.ErrUnasked) {
		t.Errorf("after an unasked reply: %q, %v", r, err)
	}
}

// The same, where only the goodbye is left to say: the answers before it cannot be trusted.
func TestUnaskedReplyAtTheEnd(t *testing.T) {
	for name, server := range map[string]func(net.Conn){
		"in one write":   say("220 x\r\n", "550 one\r\n550 two\r\n", "221 bye\r\n"),
		"before goodbye": say("220 x\r\n", "550 one\r\n", "550 two\r\n221 bye\r\n"),
		"and agreeing":   say("220 x\r\n", "550 one\r\n", "250 two\r\n221 bye\r\n"),
	} {
		t.Run(name, func(t *testing.T) {
			c := serve(t, wire.Limits{}, server)
			if _, err := c.Greeting(t.Context()); err != nil {
				t.Fatal(err)
			}
			if _, err := c.Cmd(t.Context(), "RCPT TO:<a@example.org>"); err != nil {
				t.Fatal(err)
			}
			if err := c.Quit(t.Context()); !errors.Is(err, wire.ErrUnasked) {
				t.Errorf("Quit: %v, want %v", err, wire.ErrUnasked)
			}
		})
	}
}

// Leave says everything in one write, and trusts the replies no more than Batch and Quit do.
func TestLeave(t *testing.T) {
	for _, tc := range []struct {
		name, replies string
		want          int // replies
		err           error
	}{
		{"all answered", "250 a\r\n550 b\r\n221 bye\r\n", 2, nil},
		{"no goodbye", "250 a\r\n550 b\r\n", 2, nil},
		{"a limit in its place", "250 a\r\n550 b\r\n421 too many errors\r\n", 2, nil},
		{"one too many", "250 a\r\n550 b\r\n550 c\r\n221 bye\r\n", 2, wire.ErrUnasked},
		{"one too many that agrees", "250 a\r\n550 b\r\n250 c\r\n221 bye\r\n", 2, wire.ErrUnasked},
		{"one too few", "250 a\r\n", 1, wire.ErrClosed},
		{"a limit in place of the last", "250 a\r\n421 too many errors\r\n", 2, nil},
		{"a goodbye in place of the last", "250 a\r\n221 bye\r\n", 1, wire.ErrUnasked},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := serve(t, wire.Limits{}, func(nc net.Conn) {
				_, _ = io.WriteString(nc, "220 x\r\n")
				in, sent := bufio.NewReader(nc), ""
				for sent == "" || in.Buffered() > 0 {
					line, _ := in.ReadString('\n')
					sent += line
				}
				if want := "MAIL FROM:<>\r\nRCPT TO:<a@example.org>\r\nQUIT\r\n"; sent != want {
					t.Errorf("sent %q in one write, want %q", sent, want)
				}
				_, _ = io.WriteString(nc, tc.replies)
			})
			if _, err := c.Greeting(t.Context()); err != nil {
				t.Fatal(err)
			}
			replies, err := c.Leave(t.Context(), []string{"MAIL FROM:<>", "RCPT TO:<a@example.org>"})
			if len(replies) != tc.want || !errors.Is(err, tc.err) {
				t.Errorf("Leave: %d replies and %v, want %d and %v", len(replies), err, tc.want, tc.err)
			}
			if c.Err() == nil {
				t.Error("the connection is still open")
			}
		})
	}
}

// A server at its limit of errors says 421 unasked, or to a QUIT, and means it: the answers before stand.
func TestLimitAtTheEnd(t *testing.T) {
	for name, server := range map[string]func(net.Conn){
		"unasked": say("220 x\r\n", "550 one\r\n421 4.7.0 too many errors\r\n"),
		"to QUIT": say("220 x\r\n", "550 one\r\n", "421 4.7.0 too many errors\r\n"),
	} {
		t.Run(name, func(t *testing.T) { limitAtTheEnd(t, server) })
	}
}

func limitAtTheEnd(t *testing.T, server func(net.Conn)) {
	t.Helper()
	c := serve(t, wire.Limits{}, server)
	if _, err := c.Greeting(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Cmd(t.Context(), "RCPT TO:<a@example.org>"); err != nil {
		t.Fatal(err)
	}
	if err := c.Quit(t.Context()); err != nil {
		t.Errorf("Quit: %v", err)
	}
}

func TestHello(t *testing.T) {
	for _, tc := range []struct {
		name     string
		replies  []string
		extended bool
		code     int
	}{
		{"EHLO", []string{"220 x\r\n", "250-x\r\n250-PIPELINING\r\n250 starttls\r\n"}, true, 250},
		{"HELO after 502", []string{"220 x\r\n", "502 what?\r\n", "250 x\r\n"}, false, 250},
		{"HELO after 550", []string{"220 x\r\n", "550 what?\r\n", "250 x\r\n"}, false, 250},
		{"neither", []string{"220 x\r\n", "550 no\r\n", "501 no\r\n"}, false, 501},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := serve(t, wire.Limits{}, say(tc.replies...))
			if _, err := c.Greeting(t.Context()); err != nil {
				t.Fatal(err)
			}
			r, extended, err := c.Hello(t.Context(), "probe.example.net")
			if err != nil || extended != tc.extended || r.Code != tc.code {
				t.Errorf("Hello = %q, %v, %v", r, extended, err)
			}
			_, pipelining := dialogue.Extension(r, "pipelining")
			_, startTLS := dialogue.Extension(r, "STARTTLS")
			if want := tc.name == "EHLO"; pipelining != want || startTLS != want {
				t.Errorf("pipelining %v, STARTTLS %v", pipelining, startTLS)
			}
		})
	}
}

func TestStartTLS(t *testing.T) {
	cert := selfSigned(t)
	c := serve(t, wire.Limits{}, func(nc net.Conn) {
		in := bufio.NewReader(nc)
		_, _ = in.ReadString('\n')
		_, _ = io.WriteString(nc, "220 go ahead\r\n")
		tc := tls.Server(nc, &tls.Config{Certificates: []tls.Certificate{cert}})
		say("", "250 under TLS\r\n")(tc)
	})
	r, err := c.StartTLS(t.Context(), &tls.Config{InsecureSkipVerify: true})
	if err != nil || r.Code != 220 {
		t.Fatalf("StartTLS = %q, %v", r, err)
	}
	if state, ok := c.TLS(); !ok || len(state.PeerCertificates) != 1 {
		t.Errorf("TLS state %v, %v", state.PeerCertificates, ok)
	}
	if r, err := c.Cmd(t.Context(), "EHLO x"); err != nil || r.Code != 250 {
		t.Errorf("command under TLS: %q, %v", r, err)
	}
}

// Bytes in clear behind the 220 would be read as replies under TLS (CVE-2021-38371 and its family).
func TestStartTLSInjection(t *testing.T) {
	c := serve(t, wire.Limits{}, say("", "220 go ahead\r\n250 injected\r\n"))
	if _, err := c.StartTLS(t.Context(), &tls.Config{InsecureSkipVerify: true}); !errors.Is(err, wire.ErrUnasked) {
		t.Errorf("injected reply: %v, want %v", err, wire.ErrUnasked)
	}
}

// The same in a segment of its own, which comes when the handshake has begun: how a network cuts what a
// server said must not decide what is concluded.
func TestStartTLSInjectionLater(t *testing.T) {
	c := serve(t, wire.Limits{}, func(nc net.Conn) {
		in := bufio.NewReader(nc)
		_, _ = in.ReadString('\n')
		_, _ = io.WriteString(nc, "220 go ahead\r\n")
		_, _ = in.Peek(1)
		_, _ = io.WriteString(nc, "250 injected\r\n")
		_, _ = io.Copy(io.Discard, in)
	})
	if _, err := c.StartTLS(t.Context(), &tls.Config{InsecureSkipVerify: true}); !errors.Is(err, wire.ErrUnasked) || !errors.Is(c.Err(), wire.ErrUnasked) {
		t.Errorf("injected reply: %v, then %v, want %v", err, c.Err(), wire.ErrUnasked)
	}
}

// A handshake has as long as a reply, however long the reply before it took; that it took too long is
// told from that it failed.
func TestHandshakeTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := serve(t, wire.Limits{Reply: 10 * time.Second, Greeting: 10 * time.Second}, func(nc net.Conn) {
			in := bufio.NewReader(nc)
			_, _ = in.ReadString('\n')
			time.Sleep(9 * time.Second)
			_, _ = io.WriteString(nc, "220 go ahead\r\n")
			_, _ = io.Copy(io.Discard, in)
		})
		begun := time.Now()
		_, err := c.StartTLS(t.Context(), &tls.Config{InsecureSkipVerify: true})
		if took := time.Since(begun); !errors.Is(err, wire.ErrTLS) || !errors.Is(err, wire.ErrTimeout) || took != 19*time.Second {
			t.Errorf("%v after %v, want %v after 19 s", err, took, wire.ErrTimeout)
		}
	})
}

func TestStartTLSGarbage(t *testing.T) {
	c := serve(t, wire.Limits{}, func(nc net.Conn) {
		in := bufio.NewReader(nc)
		_, _ = in.ReadString('\n')
		_, _ = io.WriteString(nc, "220 go ahead\r\n")
		_, _ = in.Peek(1)
		_, _ = io.WriteString(nc, "this is not TLS at all\r\n")
		_, _ = io.Copy(io.Discard, in)
	})
	if _, err := c.StartTLS(t.Context(), &tls.Config{InsecureSkipVerify: true}); !errors.Is(err, wire.ErrTLS) {
		t.Errorf("garbage for a handshake: %v, want %v", err, wire.ErrTLS)
	}
}

func TestLongWaitsAreNoted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := serve(t, wire.Limits{}, func(nc net.Conn) {
			in := bufio.NewReader(nc)
			_, _ = in.ReadString('\n')
			time.Sleep(2500 * time.Millisecond)
			_, _ = io.WriteString(nc, "250 ok\r\n")
		})
		if _, err := c.Cmd(t.Context(), "NOOP"); err != nil {
			t.Fatal(err)
		}
		if got, want := c.Since(0).String(), "C: NOOP\n*: after 2.5 s\nS: 250 ok\n"; got != want {
			t.Errorf("transcript %q, want %q", got, want)
		}
		if c.Slow() != 1 {
			t.Errorf("%d slow replies, want 1", c.Slow())
		}
	})
}

func selfSigned(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}
