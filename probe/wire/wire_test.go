package wire_test

import (
	"bufio"
	"context"
	"errors"
	"io"
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
