// Package dialogue is what was said in a conversation with a mail server: replies, extensions, and the transcript,
// which is the evidence in a report and the file that a test replays. It does no I/O; package wire holds the
// conversation.
package dialogue

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Reply is one whole answer of a server (RFC 5321 4.2): a code and one or more lines of text.
type Reply struct {
	Code  int      // 100 to 599; 0 is no reply at all
	Lines []string // what follows the code on each line, as it came, without the line ending

	Span Span // where the exchange stands in the transcript of its session
}

// Span is the lines of a transcript from At up to End; the zero Span is none.
type Span struct{ At, End int32 }

// Positive reports whether the server agreed: 2xx, or 354 to DATA.
func (r Reply) Positive() bool { return r.Code >= 200 && r.Code < 400 }

// Temporary reports whether the server said to come again: 4xx.
func (r Reply) Temporary() bool { return r.Code >= 400 && r.Code < 500 }

// Text returns the lines joined by a newline, without codes, the enhanced code included.
func (r Reply) Text() string { return strings.Join(r.Lines, "\n") }

// String writes the reply as the server did, lines joined by a newline: "250-a\n250 b".
func (r Reply) String() string {
	if len(r.Lines) == 0 {
		return string(r.appendCode(nil))
	}
	b := make([]byte, 0, 64)
	for i, line := range r.Lines {
		b = r.appendCode(b)
		if i < len(r.Lines)-1 {
			b = append(append(append(b, '-'), line...), '\n')
		} else {
			b = append(append(b, ' '), line...)
		}
	}
	return string(b)
}

// appendCode writes the three digits of the code.
func (r Reply) appendCode(b []byte) []byte {
	return append(b, '0'+byte(r.Code/100), '0'+byte(r.Code/10%10), '0'+byte(r.Code%10))
}

// Enhanced returns the enhanced status code of the first line (RFC 3463, "5.7.1"), or "".
func (r Reply) Enhanced() string {
	if len(r.Lines) == 0 {
		return ""
	}
	word, _, _ := strings.Cut(r.Lines[0], " ")
	if isEnhanced(word) {
		return word
	}
	return ""
}

// isEnhanced reports whether s is class.subject.detail (RFC 3463 2).
func isEnhanced(s string) bool {
	parts := strings.Split(s, ".")
	if len(parts) != 3 || len(parts[0]) != 1 || !strings.Contains("245", parts[0]) {
		return false
	}
	for _, p := range parts[1:] {
		if p == "" || len(p) > 3 || strings.Trim(p, "0123456789") != "" {
			return false
		}
	}
	return true
}

var errNotReply = errors.New("not an SMTP reply")

// ParseReply reads a reply from text as people paste it: lines of "code, space or hyphen, text",
// ended by LF or CRLF. The code must be the same on every line.
func ParseReply(s string) (Reply, error) {
	var r Reply
	s = strings.TrimRight(s, "\r\n")
	for i, line := range strings.Split(s, "\n") {
		code, text, _, ok := ParseLine(strings.TrimRight(line, "\r"))
		if !ok {
			return Reply{}, fmt.Errorf("%w: line %d: %q", errNotReply, i+1, line)
		}
		if i > 0 && code != r.Code {
			return Reply{}, fmt.Errorf("%w: line %d changes the code from %d to %d", errNotReply, i+1, r.Code, code)
		}
		r.Code = code
		r.Lines = append(r.Lines, text)
	}
	return r, nil
}

// ParseLine splits one line without its ending: "250-text", "250 text" or a bare "250"
// (RFC 5321 4.2 makes the text optional). last is false for the hyphen form.
func ParseLine(b string) (code int, text string, last, ok bool) {
	if len(b) < 3 || b[0] < '1' || b[0] > '5' || !digit(b[1]) || !digit(b[2]) {
		return 0, "", false, false
	}
	code = int(b[0]-'0')*100 + int(b[1]-'0')*10 + int(b[2]-'0')
	switch {
	case len(b) == 3:
		return code, "", true, true
	case b[3] == ' ':
		return code, b[4:], true, true
	case b[3] == '-':
		return code, b[4:], false, true
	}
	return 0, "", false, false
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

// Text makes what a server sent valid UTF-8 and changes nothing else: a byte that is not UTF-8
// becomes \xNN. Control characters stay; a writer for people must still defuse them.
func Text[T string | []byte](b T) string {
	s := string(b)
	if utf8.ValidString(s) {
		return s
	}
	var out strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n == 1 {
			fmt.Fprintf(&out, `\x%02x`, s[i])
		} else {
			out.WriteString(s[i : i+n])
		}
		i += n
	}
	return out.String()
}
