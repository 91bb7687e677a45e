package netaddr

import (
	"fmt"
	"net/netip"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"
)

// NameError says why a text is not the name of a host or a domain.
type NameError struct {
	Name  string
	Why   string // "" where the text shows it
	Meant string // the name or address that was most likely meant; "" where nobody can tell
}

func (e *NameError) Error() string { return e.Say("is not a host name") }

// Say is the same of what else the text should be: "is not a domain".
func (e *NameError) Say(what string) string {
	text := fmt.Sprintf("%q %s", e.Name, what)
	if e.Why != "" {
		text += ": " + e.Why
	}
	return text
}

// longestText is more than a name takes in any script, decomposed too, in octets.
const longestText = 4096

// ASCII is a name as the DNS holds it: one in a script of its own in its xn-- form (RFC 5891 5, with the mapping of
// UTS 46), and a [Name] as it is. Every other text is a *NameError.
func ASCII(name string) (string, error) {
	switch {
	case Name(name):
		return name, nil
	case !strings.ContainsFunc(name, notASCII):
		return "", &NameError{Name: name}
	case !utf8.ValidString(name):
		return "", &NameError{Name: name, Why: "it is not UTF-8"}
	case len(name) > longestText:
		return "", &NameError{Name: name, Why: "it is longer than a name may be"}
	}
	if why := slip(name); why != "" {
		return "", &NameError{name, why, mended(name)}
	}
	return converted(name)
}

// converted is a name in ASCII, by rules alone.
func converted(name string) (string, error) {
	text := strings.ReplaceAll(name, "ẞ", "ß") // as Unicode 15.1 has it; the tables of older versions make ss of it
	ascii, err := lookup.ToASCII(text)
	if err != nil {
		return "", &NameError{Name: name, Why: unconvertible(text)}
	}
	if addr, err := netip.ParseAddr(ascii); err == nil {
		return "", &NameError{name, "it is an address in other digits", addr.String()}
	}
	if why := notName(ascii); why != "" {
		return "", &NameError{Name: name, Why: why}
	}
	return ascii, nil
}

// The profiles differ from [idna.Lookup] in what Name decides: underscores, and hyphens anywhere within a label.
var (
	anyDirection = idna.New(idna.MapForLookup(), idna.StrictDomainName(false), idna.CheckHyphens(false))
	lookup       = idna.New(idna.MapForLookup(), idna.StrictDomainName(false), idna.CheckHyphens(false), idna.BidiRule())
)

// slips are the characters that come into a name by mistake, which UTS 46 takes out or lets be, and what was meant.
var slips = []struct {
	is    func(rune) bool
	why   string
	meant func(string) string
}{
	{invisible, "which cannot be seen", replaced(invisible, -1)},
	{dash, "which is no hyphen", replaced(dash, '-')},
	{sign, "which no name has", func(s string) string { return strings.TrimFunc(s, sign) }},
}

// slip says what came into a name by mistake; "" for nothing.
func slip(name string) string {
	text := norm.NFKC.String(name)
	for _, s := range slips {
		if i := strings.IndexFunc(text, s.is); i >= 0 {
			r, _ := utf8.DecodeRuneInString(text[i:])
			return fmt.Sprintf("it holds %U, %s", r, s.why)
		}
	}
	return ""
}

// mended is the name without what came into it by mistake; "" where that is none either.
func mended(name string) string {
	text := norm.NFKC.String(name)
	for _, s := range slips {
		text = s.meant(text)
	}
	if slip(text) != "" {
		return ""
	}
	ascii, _ := converted(text)
	return ascii
}

func notASCII(r rune) bool { return r > unicode.MaxASCII }

// invisible does not mean what joins letters, which some languages write (RFC 5892 A.1, A.2), nor what chooses another
// picture of a character (emoji).
func invisible(r rune) bool {
	return unicode.In(r, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point) && !joiner(r)
}

func joiner(r rune) bool { return r == '\u200c' || r == '\u200d' }

func dash(r rune) bool { return notASCII(r) && unicode.Is(unicode.Pd, r) || r == '\u2212' }

// sign does not mean what some languages write within words (RFC 5892 2.6), nor the full stop of Chinese and Japanese,
// which ends labels. Pictures (emoji) are no letters either, but there are hosts that have them.
func sign(r rune) bool {
	return notASCII(r) && unicode.In(r, unicode.P, unicode.Sm, unicode.Sc) && !strings.ContainsRune("·׳״་・。", r)
}

// replaced is a text with a character in place of certain others; without them, where it is negative.
func replaced(these func(rune) bool, by rune) func(string) string {
	return func(text string) string {
		return strings.Map(func(r rune) rune {
			if these(r) {
				return by
			}
			return r
		}, text)
	}
}

// unconvertible says why a text has no xn-- form.
func unconvertible(text string) string {
	for _, r := range text {
		if _, err := anyDirection.ToASCII("a" + string(r)); err != nil && !joiner(r) {
			return fmt.Sprintf("it holds %U, which no name has", r)
		}
	}
	if _, err := anyDirection.ToASCII(text); err == nil {
		return "it mixes letters written from left to right with letters written from right to left (RFC 5893)"
	}
	return "it breaks the rules of international names (UTS 46)"
}

// notName says why what a text is mapped to is no name; "" where it is one.
func notName(ascii string) string {
	shown, _ := lookup.ToUnicode(ascii)
	for label := range strings.SplitSeq(shown, ".") {
		if strings.HasPrefix(label, "-") || strings.HasSuffix(label, "-") {
			return "a label of it begins or ends with a hyphen"
		}
	}
	for label := range strings.SplitSeq(ascii, ".") {
		if len(label) > 63 {
			return "a label of it is longer than 63 octets in the DNS"
		}
	}
	if !Name(ascii) {
		return fmt.Sprintf("it would be %q in the DNS", ascii)
	}
	return ""
}
