package wire_test

import (
	"bufio"
	"errors"
	"io"
	"net"
	"strings"
	"testing"

	"openrelay/probe/wire"
)

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
