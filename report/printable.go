package report

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Printable makes what a server said safe to show: one line, valid UTF-8, of characters that can be
// seen. Everything else is shown by its number, \x1b for a byte and \u{202e} for a character:
//
//   - control characters, C0, DEL and C1, which move the cursor, set the title, fill the clipboard
//     (OSC 52), make links (OSC 8) and start new lines;
//   - format characters (Cf), which turn text around or hide it, and line and paragraph separators;
//   - characters that are invisible, private or not assigned, spaces that are no plain space, and
//     bytes that are not UTF-8.
//
// The bracket of ##[error] and ##vso[…] is shown by its number too: two CI systems obey them
// anywhere in a line of a log.
//
// A backslash stays as it is, for transcripts and records come with escapes of their own; so text
// made printable once stays as it is.
func Printable(s string) string {
	if plain(s) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1, r < ' ', r == 0x7f:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case !visible(r):
			fmt.Fprintf(&b, `\u{%x}`, r)
		default:
			b.WriteString(s[i : i+n])
		}
		i += n
	}
	return ciCommand.ReplaceAllString(b.String(), `$1\x5b`)
}

var ciCommand = regexp.MustCompile(`(##[A-Za-z]*)\[`)

// plain reports whether s is ASCII that needs no care: nearly all of what servers say.
func plain[T string | []byte](s T) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' || s[i] == '#' {
			return false
		}
	}
	return true
}

// visible reports whether r leaves a mark of its own. Some letters and marks do not: Hangul fillers,
// joiners, variation selectors.
func visible(r rune) bool {
	return unicode.IsPrint(r) && !unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}
