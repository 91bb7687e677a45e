package report

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Whatever a server, a block list or a bounce said is hostile, and so is a file of results. It is made
// safe here and nowhere else, once for each language that reports are written in:
//
//	Printable   a terminal, and what all the others build on
//	asLine      the log of a CI job
//	escaped     JSON
//	cell        CSV
//	inline      Markdown; fence for code, autolink for a link
//	show        HTML, where html/template escapes markup
//	sarifMessage, labelValue   texts of SARIF, labels of Prometheus
//
// JSON loses nothing: it is read back as it was. The others are for people, and show what they cannot
// have by its number. A test says to every format, in every field, what a hostile server would.

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

// asLine makes text printable that may stand at the beginning of a line: the first colon of "::" is shown
// by its number, for in the log of a CI job "::error::" there is a command.
func asLine(s string) string { return noCommand(Printable(s)) }

// noCommand is asLine for text that is printable.
func noCommand(line string) string {
	if text := strings.TrimLeft(line, " "); strings.HasPrefix(text, "::") {
		return line[:len(line)-len(text)] + `\x3a` + text[1:]
	}
	return line
}

// ciCommand finds the commands that CI systems obey anywhere in a line.
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

// escaped is a line of JSON with everything that cannot be shown written by its number.
func escaped(line []byte) []byte {
	var safe bytes.Buffer
	for _, r := range string(line) {
		switch {
		case r == '\n' || visible(r):
			safe.WriteRune(r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&safe, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&safe, `\u%04x`, r)
		}
	}
	return ciCommand.ReplaceAll(safe.Bytes(), []byte(`$1\u005b`))
}

// formula is what a spreadsheet computes instead of showing: what begins with = + - or @, in their wide
// forms too, or, in old ones, with | or %. Where lists are separated by semicolons a spreadsheet may begin a
// cell behind any of them.
var formula = regexp.MustCompile(`(^|;) *[=+\-@|%＝＋－＠]`)

// cell makes text safe for a cell: it is shown and never computed. The apostrophe before a formula is
// the spreadsheets' own way to say so.
func cell(s string) string {
	s = asLine(s)
	return formula.ReplaceAllStringFunc(s, func(found string) string {
		if found[0] == ';' {
			return ";'" + found[1:]
		}
		return "'" + found
	})
}

var backticks = regexp.MustCompile("`+")

// fence sets printable lines as code, between fences longer than any run of backticks among them.
func fence(lines []string) string {
	longest := 2
	for _, line := range lines {
		for _, run := range backticks.FindAllString(line, -1) {
			longest = max(longest, len(run))
		}
	}
	mark := strings.Repeat("`", longest+1)
	return mark + "text\n" + strings.Join(append(slices.Clip(lines), mark), "\n") + "\n\n"
}

// Written as numbers these are text wherever they stand, in a table or out of it (CommonMark 2.5). An at
// sign is shown by its number, for GitHub would call the person, and so are dots and colons that would
// make a link.
var markup = regexp.MustCompile("[\\\\`*_\\[\\]<>#|~&$]|@|://|(?i:www)\\.")

// inline makes text safe for a line of Markdown.
func inline(s string) string {
	s = markup.ReplaceAllStringFunc(Printable(s), func(found string) string {
		switch {
		case found == "@":
			return "&#92;x40"
		case found == "://":
			return "&#58;//"
		case len(found) > 1:
			return found[:3] + "&#46;"
		}
		return fmt.Sprintf("&#%d;", found[0])
	})
	return noCommand(s)
}

// webPage is the address of a page: nothing in it can end a link, or a cell of a table.
var webPage = regexp.MustCompile(`^https?://[A-Za-z0-9./?=&%:_~+,;-]+$`)

// autolink makes a link of the address of a page, or shows it as text where it is none that is safe.
func autolink(url string) string {
	if !webPage.MatchString(url) {
		return inline(url)
	}
	return "<" + url + ">"
}

// shown is text that may stand on the page: printable, one line, and not without end. What came from a
// server is made one by show and by nothing else, so that the compiler finds what was forgotten.
type shown string

// maxShown is how much of one text is shown, in bytes. It is beyond what a line of SMTP may have.
const maxShown = 4 << 10

func show(s string) shown {
	if len(s) <= maxShown {
		return shown(Printable(s))
	}
	cut := strings.ToValidUTF8(s[:maxShown], "") // it may end within a character
	return shown(Printable(cut) + fmt.Sprintf(" [%d more bytes are left out here]", len(s)-len(cut)))
}

// sarifMessage makes text safe for a message, where [text](target) would be a link (SARIF 3.11.6).
func sarifMessage(text string) string {
	return strings.ReplaceAll(clipTo(Printable(text), 1000), "](", `]\x28`)
}

var quoted = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

// labelValue makes text safe for the value of a label, between quotes (Prometheus, exposition formats).
func labelValue(s string) string { return quoted.Replace(clip(Printable(s))) }
