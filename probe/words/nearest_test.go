package words

import (
	"strings"
	"testing"
)

func TestNearest(t *testing.T) {
	known := []string{"plain", "null-sender", "at"}
	for word, want := range map[string]string{
		"plain": "plain", "PLIAN": "plain", "plan": "plain", "plane": "plain", "null_sender": "null-sender", "ät": "at",
		"planes!": "", "to": "", "": "", strings.Repeat("plain", 1<<20): "",
	} {
		if got := Nearest(word, known); got != want {
			t.Errorf("%.20q: %q", word, got)
		}
	}
}
