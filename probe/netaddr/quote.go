package netaddr

import (
	"regexp"
	"strings"
)

// longestQuoted is more than a name is long that somebody types.
const longestQuoted = 80

// MayQuote reports whether a text out of a file may stand in an error: it is short, and made of what names, addresses
// and networks are made of. A password may be too: whether the file is a list of those, the reader of the file knows.
func MayQuote(text string) bool {
	return len(text) <= longestQuoted && !strings.ContainsFunc(text, func(r rune) bool {
		return notOfLabel(r) && !strings.ContainsRune(".:/[]%*", r)
	})
}

var quotation = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)

// Unquoted is an error about a text without the text: every quotation is left out.
func Unquoted(message string) string { return quotation.ReplaceAllLiteralString(message, `"…"`) }
