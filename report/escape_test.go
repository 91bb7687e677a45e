package report

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"openrelay/internal/variants"
)

var printableTests = []struct{ name, in, want string }{
	{"plain", "220 mx.example.org ESMTP <ok> \\ ~", "220 mx.example.org ESMTP <ok> \\ ~"},
	{"empty", "", ""},
	{"letters of every script", "bücher 日本 אבג ñ €", "bücher 日本 אבג ñ €"},
	{"an accent of its own", "e\u0301", "e\u0301"},
	{"window title", "a\x1b]0;owned\x07b", `a\x1b]0;owned\x07b`},
	{"OSC 52, clipboard", "\x1b]52;c;cm0=\x1b\\", `\x1b]52;c;cm0=\x1b\`},
	{"OSC 8, link", "\x1b]8;;http://evil.example\x1b\\x\x1b]8;;\x1b\\", `\x1b]8;;http://evil.example\x1b\x\x1b]8;;\x1b\`},
	{"CSI", "\x1b[2J\x1b[31mred", `\x1b[2J\x1b[31mred`},
	{"CSI as C1", "\u009b31m", `\u{9b}31m`},
	{"CSI as a raw byte", "\x9b31m", `\x9b31m`},
	{"NUL, DEL, backspace, tab", "\x00\x7f\b\t", `\x00\x7f\x08\x09`},
	{"lines", "a\r\nb\u0085c\u2028d\u2029e\vf\fg", `a\x0d\x0ab\u{85}c\u{2028}d\u{2029}e\x0bf\x0cg`},
	{"bidi", "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c",
		`\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\u{2066}\u{2067}\u{2068}\u{2069}\u{200e}\u{200f}\u{61c}`},
	{"invisible", "\u200b\u200d\ufeff\u00ad\u3164\u034f\ufe0f\U000e0041", `\u{200b}\u{200d}\u{feff}\u{ad}\u{3164}\u{34f}\u{fe0f}\u{e0041}`},
	{"spaces that are none", "\u00a0\u3000", `\u{a0}\u{3000}`},
	{"private and unassigned", "\ue000\U0010ffff\u0378", `\u{e000}\u{10ffff}\u{378}`},
	{"not UTF-8", "\xff\xfe\xc3", `\xff\xfe\xc3`},
	{"a surrogate in UTF-8's clothes", "\xed\xa0\x80", `\xed\xa0\x80`},
	{"an overlong slash", "\xc0\xaf", `\xc0\xaf`},
	{"U+FFFD itself", "\ufffd", "\ufffd"},
	{"escapes of the record", `\xff \\ \n`, `\xff \\ \n`},
	{"CI commands", "##[error]x ##vso[task.x]y #[z] ## [", `##\x5berror]x ##vso\x5btask.x]y #[z] ## [`},
}

func TestPrintable(t *testing.T) {
	for _, test := range printableTests {
		got := Printable(test.in)
		if got != test.want {
			t.Errorf("%s: Printable(%q) = %s, want %s", test.name, test.in, got, test.want)
		}
		if again := Printable(got); again != got {
			t.Errorf("%s: twice printable is %s", test.name, again)
		}
	}
}

func TestPrintableIsFree(t *testing.T) {
	s := strings.Repeat("220 mx.example.org ESMTP ", 50)
	if n := testing.AllocsPerRun(100, func() { Printable(s) }); n > 0 {
		t.Errorf("plain ASCII costs %v allocations", n)
	}
}

// The law: nothing comes out that is not seen, and what can all be seen comes out as it was.
func FuzzPrintable(f *testing.F) {
	var seeds []string
	for _, test := range printableTests {
		seeds = append(seeds, test.in)
	}
	for text := range variants.Of(5000, seeds...) {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, in string) {
		out := Printable(in)
		if !utf8.ValidString(out) {
			t.Fatalf("%q: %q is not UTF-8", in, out)
		}
		for _, r := range out {
			if unicode.In(r, unicode.C, unicode.Zl, unicode.Zp) || unicode.IsSpace(r) && r != ' ' {
				t.Fatalf("%q: %q has %U", in, out, r)
			}
		}
		if ciCommand.MatchString(out) {
			t.Fatalf("%q: %q has a CI command", in, out)
		}
		if again := Printable(out); again != out {
			t.Fatalf("%q: %q, and again %q", in, out, again)
		}
		if seen := strings.IndexFunc(in, func(r rune) bool { return !visible(r) }) < 0; seen && utf8.ValidString(in) && !ciCommand.MatchString(in) && out != in {
			t.Fatalf("%q can all be seen, but came out as %q", in, out)
		}
	})
}
