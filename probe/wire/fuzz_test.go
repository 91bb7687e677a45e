package wire_test

import (
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"openrelay/internal/variants"
	"openrelay/probe/dialogue"
	"openrelay/probe/wire"
)

// FuzzReply states two laws for whatever a server sends: every byte that was read is in the transcript,
// in order; and a transcript printed and parsed again is the same transcript.
func FuzzReply(f *testing.F) {
	for text := range variants.Of(2000,
		"220 mx.example.org ESMTP\r\n", "220-a\r\n220 b\r\n", "220 x\n250 y\n", "220\r\n", "220-a\r\n250 b\r\n",
		"SSH-2.0-x\r\n", "220 \xff\x00\x1b[2J\r\n", "220 back\\slash\r\r\n", "421 bye\r\n250 more\r\n", "220 unfin", "\r\n",
	) {
		f.Add(text)
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
			if l.From == dialogue.Server {
				heard.WriteString(l.Data)
			}
		}
		if !strings.HasPrefix(sent, heard.String()) {
			t.Errorf("server sent %q, transcript holds %q", sent, heard.String())
		}
		again, err := dialogue.ParseTranscript(transcript.String())
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
