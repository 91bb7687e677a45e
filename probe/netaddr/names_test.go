package netaddr

import (
	"net/netip"
	"strings"
	"testing"

	"openrelay/internal/variants"
)

var long = strings.Repeat("a", 63)

var nameCases = []struct {
	text       string
	full, name bool
}{
	{"mail.example.org", true, true},
	{"mail.example.org.", true, true},
	{"MAIL.Example.ORG", true, true},
	{"mail_1.example.org", true, true},
	{"_dmarc.example.org", true, true},
	{"1.2.3.example", true, true},
	{"xn--bcher-kva.example", true, true},
	{"mail.example.x-1", true, true},
	{"mail.example.4u", true, true},
	{long + "." + long + "." + long + "." + long[:61], true, true}, // 253
	{long + "." + long + "." + long + "." + long[:61] + ".", true, true},

	{"localhost", false, true},
	{"localhost.", false, true},
	{"mail_1", false, true},

	{"", false, false},
	{".", false, false},
	{"..", false, false},
	{".example.org", false, false},
	{"a..example.org", false, false},
	{"example.org..", false, false},
	{"-a.example.org", false, false},
	{"a-.example.org", false, false},
	{"a." + long + "a", false, false},
	{long + "." + long + "." + long + "." + long[:62], false, false}, // 254
	{"192.0.2.1", false, false},
	{"192.0.2.300", false, false},
	{"192.0.2.1.", false, false},
	{"mail.example.25", false, false},
	{"25", false, false},
	{"[192.0.2.1]", false, false},
	{"2001:db8::1", false, false},
	{"mail.example.org:25", false, false},
	{"user@example.org", false, false},
	{"mail example.org", false, false},
	{"mail.example.org\n", false, false},
	{"m\u00e4il.example.org", false, false},
	{"*.example.org", false, false},
}

func TestNames(t *testing.T) {
	for _, c := range nameCases {
		if got := HostName(c.text); got != c.full {
			t.Errorf("%q is the full name of a host: %v", c.text, got)
		}
		if got := Name(c.text); got != c.name {
			t.Errorf("%q is a name: %v", c.text, got)
		}
	}
}

func TestEndsInNumber(t *testing.T) {
	for text, want := range map[string]bool{
		"192.0.2.1": true, "192.0.2.300.": true, "25": true, "mail.example.25": true,
		"": false, ".": false, "1.example": false, "mail.4u": false, "::1": false,
	} {
		if got := EndsInNumber(text); got != want {
			t.Errorf("%q ends in a number: %v", text, got)
		}
	}
}

// A name is one in every case and with a final dot, is no address, and says nothing to a server or a
// shell but itself.
func FuzzHostName(f *testing.F) {
	var seeds []string
	for _, c := range nameCases {
		seeds = append(seeds, c.text)
	}
	for text := range variants.Of(5000, seeds...) {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if HostName(s) && !Name(s) {
			t.Errorf("%q is a full name and no name", s)
		}
		if !Name(s) {
			return
		}
		dotless := strings.TrimSuffix(s, ".")
		for _, same := range []string{dotless, dotless + ".", strings.ToUpper(s), strings.ToLower(s)} {
			if !Name(same) || HostName(same) != HostName(s) {
				t.Errorf("%q is a name, %q is not the like", s, same)
			}
		}
		if _, err := netip.ParseAddr(dotless); err == nil {
			t.Errorf("%q is an address", s)
		}
		if strings.ContainsAny(s, " \t\r\n<>@:;\"'\\()[],*?&|$`~#%!/") || len(dotless) > 253 {
			t.Errorf("%q is more than a name", s)
		}
	})
}
