package netaddr

import (
	"errors"
	"net/netip"
	"strings"
	"testing"

	"openrelay/internal/variants"
)

// Each name is right, or refused with the reason and what was meant: never another host than the one that is written.
var asciiCases = []struct {
	text, want string
	why, meant string
}{
	{text: "mail.example.org", want: "mail.example.org"},
	{text: "MAIL_1.example.org.", want: "MAIL_1.example.org."},
	{text: "r3---sn.example", want: "r3---sn.example"},
	{text: "xn--bcher-kva.example", want: "xn--bcher-kva.example"},

	{text: "bücher.example", want: "xn--bcher-kva.example"},
	{text: "bu\u0308cher.example", want: "xn--bcher-kva.example"}, // NFD
	{text: "BÜCHER.Example", want: "xn--bcher-kva.example"},
	{text: "bücher.example.", want: "xn--bcher-kva.example."},
	{text: "bücher。example．", want: "xn--bcher-kva.example."},
	{text: "bücher｡xn--bcher-kva.example", want: "xn--bcher-kva.xn--bcher-kva.example"},
	{text: "ｍａｉｌ．example", want: "mail.example"},
	{text: "straße.example", want: "xn--strae-oqa.example"},
	{text: "Straße.example", want: "xn--strae-oqa.example"},
	{text: "STRAẞE.example", want: "xn--strae-oqa.example"},
	{text: "βόλος.example", want: "xn--nxasmm1c.example"},
	{text: "İstanbul.example", want: "xn--istanbul-o0e.example"},
	{text: "_dmarc.bücher.example", want: "_dmarc.xn--bcher-kva.example"},
	{text: "r3---sn.bücher.example", want: "r3---sn.xn--bcher-kva.example"},
	{text: "例え.テスト", want: "xn--r8jz45g.xn--zckzah"},
	{text: "почта.пример.испытание", want: "xn--80a1acny.xn--e1afmkfd.xn--80akhbyknj4f"},
	{text: "mail.مثال.إختبار", want: "mail.xn--mgbh0fb.xn--kgbechtv"},
	{text: "نامه\u200cای.example", want: "xn--mgba3gch31f060k.example"}, // a joiner that counts
	{text: "❤\ufe0f.example", want: "xn--qei.example"},
	{text: "bücher", want: "xn--bcher-kva"},

	{text: ""},
	{text: "-mail.example.org"},
	{text: "192.0.2.1"},
	{text: "exam\u00adple.org", why: "it holds U+00AD, which cannot be seen", meant: "example.org"},
	{text: "bü\u200bcher.example", why: "it holds U+200B, which cannot be seen", meant: "xn--bcher-kva.example"},
	{text: "\ufeffmail.example", why: "it holds U+FEFF, which cannot be seen", meant: "mail.example"},
	{text: "mail\u202egro.example", why: "it holds U+202E, which cannot be seen", meant: "mailgro.example"},
	{text: "mail\u3164.example", why: "it holds U+1160, which cannot be seen", meant: "mail.example"},
	{text: "-ma\u00adil.example", why: "it holds U+00AD, which cannot be seen"},
	{text: "mail–1.example", why: "it holds U+2013, which is no hyphen", meant: "mail-1.example"},
	{text: "mail\u20111.example", why: "it holds U+2010, which is no hyphen", meant: "mail-1.example"},
	{text: "„bücher.example“", why: "it holds U+201E, which no name has", meant: "xn--bcher-kva.example"},
	{text: "«mail.example»", why: "it holds U+00AB, which no name has", meant: "mail.example"},
	{text: "•mail.example", why: "it holds U+2022, which no name has", meant: "mail.example"},
	{text: "mail‧example", why: "it holds U+2027, which no name has"},
	{text: "mail\u2024example", why: "it holds U+2024, which no name has"},
	{text: "mail\u2044example", why: "it holds U+2044, which no name has"},
	{text: "ex\u200dample.org", why: "it breaks the rules of international names (UTS 46)"},
	{text: "xn--ü.example", why: "it breaks the rules of international names (UTS 46)"},
	{text: "b\xfccher.example", why: "it is not UTF-8"},
	{text: "abאב.example", why: "it mixes letters written from left to right with letters written from right to left (RFC 5893)"},
	{text: "1.אב.example", why: "it mixes letters written from left to right with letters written from right to left (RFC 5893)"},
	{text: "１９２．０．２．１", why: "it is an address in other digits", meant: "192.0.2.1"},
	{text: "２００１：db8：：1", why: "it is an address in other digits", meant: "2001:db8::1"},
	{text: "mail.example.２５", why: `it would be "mail.example.25" in the DNS`},
	{text: "mail.example：25", why: `it would be "mail.example:25" in the DNS`},
	{text: "bücher..example", why: `it would be "xn--bcher-kva..example" in the DNS`},
	{text: "a℀.example", why: `it would be "aa/c.example" in the DNS`},
	{text: "ada@bücher.example", why: `it would be "xn--ada@bcher-u9a.example" in the DNS`},
	{text: "bücher-.example", why: "a label of it begins or ends with a hyphen"},
	{text: "-bücher.example", why: "a label of it begins or ends with a hyphen"},
	{text: strings.Repeat("ü", 63) + ".example", why: "a label of it is longer than 63 octets in the DNS"},
}

func TestASCII(t *testing.T) {
	for _, c := range asciiCases {
		got, err := ASCII(c.text)
		if got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%q is %q in the DNS (%v), want %q", c.text, got, err, c.want)
			continue
		}
		if err == nil {
			continue
		}
		bad, ok := errors.AsType[*NameError](err)
		if !ok || bad.Name != c.text || bad.Why != c.why || bad.Meant != c.meant {
			t.Errorf("%q: %#v, want %q, %q", c.text, err, c.why, c.meant)
		}
	}
}

// What comes out is a name in ASCII, of one form, which is shown as the name that it was made of. What was meant is a
// name, or an address.
func FuzzASCII(f *testing.F) {
	var seeds []string
	for _, c := range asciiCases {
		seeds = append(seeds, c.text)
	}
	for text := range variants.Of(5000, seeds...) {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := ASCII(s)
		if bad, ok := errors.AsType[*NameError](err); ok {
			again, err := ASCII(bad.Meant)
			if _, noAddr := netip.ParseAddr(bad.Meant); bad.Meant != "" && noAddr != nil && again != bad.Meant {
				t.Errorf("%q was meant by %q: %v", bad.Meant, s, err)
			}
			return
		}
		if err != nil || !Name(got) || strings.ContainsFunc(got, notASCII) {
			t.Fatalf("%q is %q, %v", s, got, err)
		}
		if again, err := ASCII(got); err != nil || again != got {
			t.Errorf("%q is %q, and that is %q, %v", s, got, again, err)
		}
		if Name(s) && got != s {
			t.Errorf("%q is a name, and %q", s, got)
		}
		if Name(s) {
			return
		}
		shown, err := lookup.ToUnicode(got)
		if back, noName := lookup.ToASCII(shown); err != nil || noName != nil || back != got {
			t.Errorf("%q is %q, and that is shown as %q, which is %q, %v %v", s, got, shown, back, err, noName)
		}
	})
}
