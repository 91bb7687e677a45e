package netaddr

import (
	"strings"
	"testing"
)

func TestMayQuote(t *testing.T) {
	for text, want := range map[string]bool{
		"mail.example.org:25": true, "[2001:db8::1%eth0]:25": true, "192.0.2.0/33": true, "*.example.org": true, "": true,
		"hunter2!": false, "a b": false, "root:$6$salt": false, "ada@example.org": false, "mäil": false, "\x1b[2J": false, strings.Repeat("a", 81): false,
	} {
		if MayQuote(text) != want {
			t.Errorf("%q: %t", text, !want)
		}
	}
}

func TestUnquoted(t *testing.T) {
	for message, want := range map[string]string{
		`"a b" is more than one target`:                     `"…" is more than one target`,
		`port "x" of "y:x" is not a number from 1 to 65535`: `port "…" of "…" is not a number from 1 to 65535`,
		`"a\"b\\" is not`:                                   `"…" is not`,
		`nothing`:                                           `nothing`,
	} {
		if got := Unquoted(message); got != want {
			t.Errorf("%s: %s, want %s", message, got, want)
		}
	}
}
