package probe

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// TestTopics: a topic has a name of its own, fits a terminal, and names nobody's domain.
func TestTopics(t *testing.T) {
	taken := map[string]bool{}
	for _, r := range Reasons {
		taken[string(r.Reason)] = true
	}
	for _, topic := range Topics {
		if _, ok := Find(topic.ID); ok || taken[topic.ID] || strings.Contains(topic.ID, " ") {
			t.Errorf("%q is something else already", topic.ID)
		}
		taken[topic.ID] = true
		if topic.Title == "" || topic.Text == "" {
			t.Errorf("%s says nothing", topic.ID)
		}
		for line := range strings.SplitSeq(topic.Text, "\n") {
			if n := utf8.RuneCountInString(line); n > 112 {
				t.Errorf("%s: %d columns: %s", topic.ID, n, line)
			}
		}
	}
}
