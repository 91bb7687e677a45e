package netaddr

import (
	"strings"
	"testing"
)

func TestUsers(t *testing.T) {
	for text, want := range map[string]bool{
		"ada": true, "ada.lovelace+test@example.org": true, "o'brien": true, "ada@localhost": true, "_x-1": true, strings.Repeat("a", 64): true,
		"": false, "@example.org": false, "ada@": false, "ada@@example.org": false, "ada@-x": false, "ada@192.0.2.1": false, "ada@[192.0.2.1]": false,
		"ada lovelace": false, "ada\r\nDATA": false, "ada\n": false, "<ada>": false, "ada>": false, ".ada": false, "ada.": false, "a..b": false,
		"ada%example.org": false, "example.org!ada": false, `"ada"`: false, "ada,bob": false, "ada:bob": false, "\u00e4da": false, strings.Repeat("a", 65): false,
	} {
		if got := User(text); got != want {
			t.Errorf("%q is a user: %v", text, got)
		}
	}
}
