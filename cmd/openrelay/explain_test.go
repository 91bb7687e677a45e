package main

import (
	"bytes"
	"testing"

	"openrelay/probe/prober"
)

// Every word of a report is explained, and so is what it shows of a dialogue.
func TestEveryWordIsExplained(t *testing.T) {
	for _, word := range append(explained(), "> S: 554 5.7.1 Relay access denied", "S: 454 4.7.1 no") {
		var out bytes.Buffer
		u := &ui{stdout: &out}
		if err := u.explain(word, new(prober.Prober)); err != nil || out.Len() == 0 {
			t.Errorf("%s: %q, %v", word, out.String(), err)
		}
	}
}
