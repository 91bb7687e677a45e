package wire

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Side says who a line of a transcript comes from.
type Side byte

// The sides.
const (
	Client Side = 'C'
	Server Side = 'S'
	Note   Side = '*' // a remark of ours: a connection made or lost, TLS begun, a long wait
)

// Line is one line of a transcript.
type Line struct {
	From Side
	Data string // the exact bytes, line ending included; a note has none
}

// Transcript is a conversation with a server, byte for byte. Commands sent in one write (RFC 2920)
// are each followed by their own reply, which is how they pair and not how they travelled.
//
// As text, one line each, "S: " or "C: " or "*: " and the bytes. CR LF at the end is not shown; a
// bare LF shows as \n, a line without any ending by a \ at its end; what would not print, and \
// itself, is escaped. [ParseTranscript] reads it back exactly.
type Transcript []Line

// String returns the text form, each line ended by a newline.
func (t Transcript) String() string {
	var b strings.Builder
	for _, l := range t {
		b.WriteByte(byte(l.From))
		b.WriteString(": ")
		l.appendText(&b)
		b.WriteByte('\n')
	}
	return b.String()
}

func (l Line) appendText(b *strings.Builder) {
	data, whole := strings.CutSuffix(l.Data, "\r\n")
	if whole && strings.HasSuffix(data, "\n") || l.From == Note {
		data, whole = l.Data, true
	}
	for i := 0; i < len(data); {
		r, n := utf8.DecodeRuneInString(data[i:])
		switch {
		case r == '\\':
			b.WriteString(`\\`)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == utf8.RuneError && n == 1, n == 1 && (r < ' ' || r == 0x7f):
			fmt.Fprintf(b, `\x%02x`, data[i])
		case !unicode.IsPrint(r):
			for _, c := range []byte(data[i : i+n]) {
				fmt.Fprintf(b, `\x%02x`, c)
			}
		default:
			b.WriteString(data[i : i+n])
		}
		i += n
	}
	if !whole && !strings.HasSuffix(data, "\n") {
		b.WriteByte('\\')
	}
}

// MarshalText writes the text form, so that a record holds a transcript as one string.
func (t Transcript) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText reads the text form.
func (t *Transcript) UnmarshalText(text []byte) error {
	parsed, err := ParseTranscript(string(text))
	if err != nil {
		return err
	}
	*t = parsed
	return nil
}

// ParseTranscript reads the text form of a transcript. Empty lines are skipped.
func ParseTranscript(s string) (Transcript, error) {
	var t Transcript
	for i, text := range strings.Split(s, "\n") {
		if text == "" {
			continue
		}
		line, err := parseTranscriptLine(text)
		if err != nil {
			return nil, fmt.Errorf("transcript line %d: %w", i+1, err)
		}
		t = append(t, line)
	}
	return t, nil
}

func parseTranscriptLine(text string) (Line, error) {
	if len(text) < 2 || text[1] != ':' || !strings.ContainsRune("CS*", rune(text[0])) {
		return Line{}, fmt.Errorf(`%q does not begin with "C:", "S:" or "*:"`, text)
	}
	side, body := Side(text[0]), strings.TrimPrefix(text[2:], " ")
	var b strings.Builder
	for i := 0; i < len(body); i++ {
		if body[i] != '\\' {
			b.WriteByte(body[i])
			continue
		}
		if i++; i == len(body) { // no line ending came
			return Line{side, b.String()}, nil
		}
		switch body[i] {
		case '\\':
			b.WriteByte('\\')
		case 'n':
			b.WriteByte('\n')
		case 'r':
			b.WriteByte('\r')
		case 'x':
			n, err := strconv.ParseUint(body[i+1:min(i+3, len(body))], 16, 8)
			if err != nil || i+3 > len(body) {
				return Line{}, fmt.Errorf("bad escape in %q", text)
			}
			b.WriteByte(byte(n))
			i += 2
		default:
			return Line{}, fmt.Errorf("bad escape in %q", text)
		}
	}
	data := b.String()
	if side != Note && !strings.HasSuffix(data, "\n") {
		data += "\r\n"
	}
	return Line{side, data}, nil
}
