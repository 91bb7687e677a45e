package dialogue_test

import (
	"slices"
	"testing"

	"openrelay/internal/variants"
	"openrelay/probe/dialogue"
)

// FuzzParseReply: a reply that parses is written as what was read, line endings and a missing
// separator apart.
func FuzzParseReply(f *testing.F) {
	for text := range variants.Of(5000, "250-one\r\n250 two", "554 5.7.1 <a@example.org>: Relay access denied", "220") {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r, err := dialogue.ParseReply(s)
		if err != nil {
			return
		}
		again, err := dialogue.ParseReply(r.String())
		if err != nil || again.String() != r.String() {
			t.Errorf("%q reads as %q, and that as %q, %v", s, r, again, err)
		}
	})
}

// FuzzParseTranscript: a transcript that parses is printed as one that parses to the same lines.
func FuzzParseTranscript(f *testing.F) {
	for text := range variants.Of(5000,
		"*: connected\nS: 220 mx.example.org ESMTP\nC: EHLO x\nS: 250-a\nS: 250 b\n",
		"S: 220 lf\\n\nS: half\\\n\nC: \\\\ \\x00\\xff\\r\n*: back\\\\slash\\\n",
		"S:\nC: \n*:\n",
		"S: a\\r\\n\nS: a\\r\\r\\n\nS: \\n\\n\nS: a\\nb",
	) {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		once, err := dialogue.ParseTranscript(text)
		if err != nil {
			return
		}
		again, err := dialogue.ParseTranscript(once.String())
		if err != nil || !slices.Equal(once, again) {
			t.Errorf("%q reads as %q, is printed as %q, and that reads as %q, %v", text, once, once.String(), again, err)
		}
	})
}

func TestParseTranscriptRefuses(t *testing.T) {
	for _, s := range []string{"X: 220", "220 x", `S: \q`, `S: \x1`, `S: \xzz`} {
		if _, err := dialogue.ParseTranscript(s); err == nil {
			t.Errorf("%q parsed", s)
		}
	}
}
