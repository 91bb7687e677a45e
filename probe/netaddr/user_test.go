package netaddr

import (
	"errors"
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

// A domain is converted, and a user is not.
func TestASCIIUser(t *testing.T) {
	const noUTF8 = "its user is not ASCII, and openrelay does not speak SMTPUTF8 (RFC 6531)"
	for _, c := range []struct{ text, want, why, meant string }{
		{text: "ada", want: "ada"},
		{text: "Ada@Example.org", want: "Ada@Example.org"},
		{text: "Ada@Bücher.example", want: "Ada@xn--bcher-kva.example"},
		{text: "ädä", why: noUTF8},
		{text: "jürgen@bücher.example", why: noUTF8},
		{text: "ada@bü\u200bcher.example", why: "it holds U+200B, which cannot be seen", meant: "ada@xn--bcher-kva.example"},
		{text: "ada@１９２．０．２．１", why: "it is an address in other digits", meant: "ada@192.0.2.1"},
		{text: "ada lovelace"},
		{text: "a b@bücher.example"},
		{text: "ada@-x"},
		{text: "ada@"},
		{text: ""},
	} {
		got, err := ASCIIUser(c.text)
		bad, _ := errors.AsType[*NameError](err)
		if bad == nil {
			bad = &NameError{}
		}
		if got != c.want || (err == nil) != (c.want != "") || bad.Why != c.why || bad.Meant != c.meant {
			t.Errorf("%q is %q, %#v; want %q, %q, %q", c.text, got, err, c.want, c.why, c.meant)
		}
	}
}
