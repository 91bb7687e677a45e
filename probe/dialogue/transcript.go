package dialogue

import (
	"fmt"
	"slices"
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

// String returns the text form, without a newline.
func (l Line) String() string { return string(l.appendText([]byte{byte(l.From), ':', ' '})) }

// String returns the text form, each line ended by a newline.
func (t Transcript) String() string { return string(t.appendText(nil)) }

func (t Transcript) appendText(b []byte) []byte {
	size := 0
	for _, l := range t {
		size += len("S: \n") + len(l.Data)
	}
	b = slices.Grow(b, size)
	for _, l := range t {
		b = append(b, byte(l.From), ':', ' ')
		b = append(l.appendText(b), '\n')
	}
	return b
}

func (l Line) appendText(b []byte) []byte {
	data, whole := strings.CutSuffix(l.Data, "\r\n")
	if whole && strings.HasSuffix(data, "\n") || l.From == Note {
		data, whole = l.Data, true
	}
	b = appendEscaped(b, data)
	if !whole && !strings.HasSuffix(data, "\n") {
		b = append(b, '\\')
	}
	return b
}

func appendEscaped(b []byte, data string) []byte {
	for data != "" {
		n := 0
		for n < len(data) && data[n] >= ' ' && data[n] <= '~' && data[n] != '\\' {
			n++
		}
		b, data = append(b, data[:n]...), data[n:]
		if data != "" {
			b, n = appendRune(b, data)
			data = data[n:]
		}
	}
	return b
}

// appendRune writes the first character of data, and returns its length there.
func appendRune(b []byte, data string) ([]byte, int) {
	r, n := utf8.DecodeRuneInString(data)
	switch {
	case r == '\\':
		return append(b, `\\`...), n
	case r == '\n':
		return append(b, `\n`...), n
	case r == '\r':
		return append(b, `\r`...), n
	case r == utf8.RuneError && n == 1, !unicode.IsPrint(r):
		for _, c := range []byte(data[:n]) {
			b = fmt.Appendf(b, `\x%02x`, c)
		}
		return b, n
	}
	return append(b, data[:n]...), n
}

// MarshalText writes the text form, so that a record holds a transcript as one string.
func (t Transcript) MarshalText() ([]byte, error) { return t.appendText(nil), nil }

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
