package wire_test

import (
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"openrelay/probe/wire"
)

// FuzzReply states two laws for whatever a server sends: every byte that was read is in the transcript,
// in order; and a transcript printed and parsed again is the same transcript.
func FuzzReply(f *testing.F) {
	for _, seed := range []string{
		"220 mx.example.org ESMTP\r\n", "220-a\r\n220 b\r\n", "220 x\n250 y\n", "220\r\n", "220-a\r\n250 b\r\n",
		"SSH-2.0-x\r\n", "220 \xff\x00\x1b[2J\r\n", "220 back\\slash\r\r\n", "421 bye\r\n250 more\r\n", "220 unfin", "\r\n",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, sent string) {
		ours, theirs := net.Pipe()
		done := make(chan struct{})
		go func() {
			defer close(done)
			_, _ = io.WriteString(theirs, sent)
			_ = theirs.Close()
		}()
		c := wire.New(ours, wire.Limits{Greeting: 5 * time.Minute})
		for {
			if _, err := c.Greeting(t.Context()); err != nil {
				break
			}
		}
		c.Close()
		<-done
		transcript := c.Since(0)
		var heard strings.Builder
		for _, l := range transcript {
			if l.From == wire.Server {
				heard.WriteString(l.Data)
			}
		}
		if !strings.HasPrefix(sent, heard.String()) {
			t.Errorf("server sent %q, transcript holds %q", sent, heard.String())
		}
		again, err := wire.ParseTranscript(transcript.String())
		if err != nil {
			t.Fatalf("transcript does not parse: %v\n%s", err, transcript)
		}
		if len(again) != len(transcript) {
			t.Fatalf("%d lines printed, %d parsed\n%s", len(transcript), len(again), transcript)
		}
		for i := range again {
			if again[i] != transcript[i] {
				t.Errorf("line %d: %q became %q", i+1, transcript[i], again[i])
			}
		}
	})
}

// FuzzParseReply: a reply that parses is written as what was read, line endings and a missing
// separator apart.
func FuzzParseReply(f *testing.F) {
	f.Add("250-one\r\n250 two")
	f.Add("554 5.7.1 <a@example.org>: Relay access denied")
	f.Add("220")
	f.Fuzz(func(t *testing.T, s string) {
		r, err := wire.ParseReply(s)
		if err != nil {
			return
		}
		again, err := wire.ParseReply(r.String())
		if err != nil || again.String() != r.String() {
			t.Errorf("%q reads as %q, and that as %q, %v", s, r, again, err)
		}
	})
}

// FuzzParseTranscript: a transcript that parses is printed as one that parses to the same lines.
func FuzzParseTranscript(f *testing.F) {
	f.Add("*: connected\nS: 220 mx.example.org ESMTP\nC: EHLO x\nS: 250-a\nS: 250 b\n")
	f.Add("S: 220 lf\\n\nS: half\\\n\nC: \\\\ \\x00\\xff\\r\n*: back\\\\slash\\\n")
	f.Add("S:\nC: \n*:\n")
	f.Add("S: a\\r\\n\nS: a\\r\\r\\n\nS: \\n\\n\nS: a\\nb")
	f.Fuzz(func(t *testing.T, text string) {
		once, err := wire.ParseTranscript(text)
		if err != nil {
			return
		}
		again, err := wire.ParseTranscript(once.String())
		if err != nil || !slices.Equal(once, again) {
			t.Errorf("%q reads as %q, is printed as %q, and that reads as %q, %v", text, once, once.String(), again, err)
		}
	})
}

func TestParseTranscriptRefuses(t *testing.T) {
	for _, s := range []string{"X: 220", "220 x", `S: \q`, `S: \x1`, `S: \xzz`} {
		if _, err := wire.ParseTranscript(s); err == nil {
			t.Errorf("%q parsed", s)
		}
	}
}
