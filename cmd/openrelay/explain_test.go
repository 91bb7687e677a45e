package main

import (
	"bytes"
	"testing"

	"openrelay/probe"
	"openrelay/probe/phrasebook"
)

// What a record says in a word of ours, explain knows; and what a report shows of a dialogue.
func TestEveryWordIsExplained(t *testing.T) {
	words := []string{"rcpt", "data", "delivered", "vantage-trusted", "accepts-everything", "backscatter", "identity-lost", "tarpit", "starttls"}
	for _, v := range probe.Verdicts {
		words = append(words, v.String())
	}
	for _, o := range []probe.Outcome{probe.OutcomeAccepted, probe.OutcomeRefused, probe.OutcomeUnanswered, probe.OutcomeSkipped} {
		words = append(words, string(o))
	}
	for _, m := range phrasebook.Meanings {
		words = append(words, string(m.Meaning))
	}
	for _, r := range probe.Reasons {
		words = append(words, string(r.Reason))
	}
	for _, word := range append(words, "> S: 554 5.7.1 Relay access denied", "S: 454 4.7.1 no") {
		var out bytes.Buffer
		u := &ui{stdout: &out}
		if err := u.explain(word); err != nil || out.Len() == 0 {
			t.Errorf("%s: %q, %v", word, out.String(), err)
		}
	}
}
