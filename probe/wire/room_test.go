package wire_test

import (
	"fmt"
	"strings"
	"testing"

	"openrelay/probe/dialogue"
	"openrelay/probe/wire"
)

// reply is one in lines of so many bytes each, as it is written.
func reply(code string, lines, width int) string {
	var b strings.Builder
	for n := range lines {
		separator := "-"
		if n == lines-1 {
			separator = " "
		}
		fmt.Fprintf(&b, "%s%s%0*d\r\n", code, separator, width, n)
	}
	return b.String()
}

// What is long for an honest server is kept as it came; what is longer to an end that says how much is missing.
func TestLongRepliesAreCut(t *testing.T) {
	for _, tc := range []struct {
		name            string
		greeting, other string
		cut             bool
	}{
		{"a list of 90 extensions", reply("250", 90, 30), reply("550", 12, 80), false},
		{"a line of 1,900 bytes", reply("220", 2, 1900), reply("550", 1, 1900), false},
		{"three lines of 1,900 bytes", reply("220", 2, 500), reply("550", 3, 1900), true},
		{"400 lines of 30 bytes", reply("220", 2, 500), reply("550", 400, 30), true},
		{"empty lines", reply("220", 1, 10), strings.Repeat("550-\r\n", 400) + "550 \r\n", true},
		{"letters of two bytes", reply("220", 1, 10), "550-" + strings.Repeat("é", 900) + "\r\n550 x" + strings.Repeat("é", 900) + "\r\n", true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := serve(t, wire.Limits{}, say(tc.greeting, tc.other, tc.other))
			if r, err := c.Greeting(t.Context()); err != nil || asRead(r) != tc.greeting {
				t.Errorf("greeting: %q, %v", r, err)
			}
			for range 2 {
				wantKept(t, c, tc.other, tc.cut)
			}
		})
	}
}

// wantKept asks, and looks what is left of the reply.
func wantKept(t *testing.T, c *wire.Conn, said string, cut bool) {
	t.Helper()
	r, err := c.Cmd(t.Context(), "NOOP")
	if err != nil {
		t.Fatal(err)
	}
	if !cut {
		if asRead(r) != said {
			t.Errorf("%q, want it as it was said", r)
		}
		return
	}
	kept, mark, _ := strings.Cut(asRead(r), " [")
	var more int
	if _, err := fmt.Sscanf(mark, "%d more bytes are left out]", &more); err != nil || len(kept)+more > len(said) || len(kept)+more < len(said)-10 {
		t.Errorf("%d of %d bytes are kept, and %q", len(kept), len(said), mark)
	}
	if n := len(c.Said(r.Span)); n != 1+len(r.Lines) {
		t.Errorf("%d lines in the transcript, and %d of the reply", n, len(r.Lines))
	}
	var heard strings.Builder
	for _, line := range c.Said(r.Span)[1:] {
		heard.WriteString(line.Data)
	}
	if again, err := dialogue.ParseReply(heard.String()); err != nil || again.String() != r.String() {
		t.Errorf("the transcript reads as %q, %v; want %q", again, err, r)
	}
}

// asRead is a reply as it came.
func asRead(r dialogue.Reply) string { return strings.ReplaceAll(r.String(), "\n", "\r\n") + "\r\n" }

// Of a server that has said much, in however many conversations, little is kept; an EHLO reply still lists something.
func TestRoomIsShared(t *testing.T) {
	var room wire.Room
	kept, ehlo := 0, 0
	for range 30 {
		replies := []string{reply("220", 1, 50), reply("250", 100, 12)}
		for range 20 {
			replies = append(replies, reply("550", 3, 500))
		}
		c := serve(t, wire.Limits{Room: &room}, say(replies...))
		if _, err := c.Greeting(t.Context()); err != nil {
			t.Fatal(err)
		}
		r, _, err := c.Hello(t.Context(), "x")
		if ehlo = len(r.Lines); err != nil {
			t.Fatal(err)
		}
		for range 20 {
			if _, err := c.Cmd(t.Context(), "NOOP"); err != nil {
				t.Fatal(err)
			}
		}
		for _, line := range c.Since(0) {
			kept += len(line.Data)
		}
	}
	if said := 30 * 20 * 1500; kept > said/3 || kept < said/10 {
		t.Errorf("%d bytes are kept of %d", kept, said)
	}
	if ehlo < 10 {
		t.Errorf("%d lines of the last EHLO reply are kept", ehlo)
	}
}

// A greeting that begins in good faith and breaks off shows so, though the middle is not kept.
func TestCutReplyThatIsNone(t *testing.T) {
	c := serve(t, wire.Limits{}, say(strings.Repeat("220-"+strings.Repeat("x", 500)+"\r\n", 25)+"554 5.7.1 go away\r\n"))
	if r, err := c.Greeting(t.Context()); err == nil {
		t.Fatalf("%q, want an error", r)
	}
	text := c.Since(0).String()
	if !strings.HasPrefix(text, "S: 220-x") || !strings.Contains(text, "more bytes are left out]\nS: 554 5.7.1 go away\n*: not an SMTP reply") || len(text) > 9<<10 {
		t.Errorf("transcript:\n%s", text)
	}
}
