package pasted

import (
	"cmp"
	"encoding/binary"
	"regexp"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"openrelay/probe/dialogue"
)

// line is a line of the text, without what terminals, mail programs and loggers put around it.
type line struct {
	number int    // in the text, from 1
	text   string // no more than maxLine bytes, but for a record
	tail   string // the white space behind it
	host   string // the machine that logged it
	pid    string // and the process
	stamp  string // the time and the process before it, as they stood there
	long   bool   // it was longer, and is left out
}

// tidy splits a text into lines and takes off what is not part of them.
func tidy(text string) (lines []line, err error) {
	if len(text) > maxText {
		return nil, ErrTooLong
	}
	text = strings.TrimPrefix(decode(text), "\ufeff")
	text = strings.ReplaceAll(escapes.ReplaceAllString(text, ""), "\u00a0", " ")
	if !strings.Contains(text, "\n") {
		text = strings.ReplaceAll(text, "\r", "\n")
	}
	number := 0
	for whole := range strings.SplitSeq(text, "\n") {
		number++
		for part := range strings.SplitSeq(strings.TrimRight(whole, "\r"), "\r") {
			if len(lines) == maxLines {
				return nil, ErrTooLong
			}
			lines = append(lines, line{number: number, text: retyped(part)})
		}
	}
	unquote(lines)
	unnumber(lines)
	for i := range lines {
		lines[i].undress()
	}
	return lines, nil
}

// decode reads UTF-16 by its byte order mark: Windows writes files so.
func decode(text string) string {
	var order binary.ByteOrder = binary.LittleEndian
	switch {
	case strings.HasPrefix(text, "\xfe\xff"):
		order = binary.BigEndian
	case !strings.HasPrefix(text, "\xff\xfe"):
		return text
	}
	units := make([]uint16, len(text)/2)
	for i := range units {
		units[i] = order.Uint16([]byte(text[2*i : 2*i+2]))
	}
	return string(utf16.Decode(units))
}

// escapes are what moves a terminal's cursor, sets its colours and its title (ECMA-48 5.4, 5.6).
var escapes = regexp.MustCompile(`\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)|[ -/]*[0-~])`)

// retyped returns what a typed line was in the end: a backspace takes back the character before it. Other control
// characters, but for tabs, are dropped.
func retyped(s string) string {
	if strings.IndexFunc(s, isControl) < 0 {
		return s
	}
	typed := make([]byte, 0, len(s))
	for i, r := range s {
		switch {
		case r == '\b' || r == 0x7f:
			_, n := utf8.DecodeLastRune(typed)
			typed = typed[:len(typed)-n]
		case !isControl(r):
			_, n := utf8.DecodeRuneInString(s[i:])
			typed = append(typed, s[i:i+n]...)
		}
	}
	return string(typed)
}

func isControl(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }

// unquote takes off the marks of a mail program, "> " or "> > ", in front of lines that follow each other, replies or
// lines of a log among them. Tools that mark who speaks by ">" have "<" in the lines around.
func unquote(lines []line) {
	for at := 0; at < len(lines); at++ {
		end := at
		for end < len(lines) && strings.HasPrefix(lines[end].text, ">") {
			end++
		}
		if end > at && !besideArrows(lines, at, end) {
			unquoteRun(lines[at:end])
		}
		at = max(at, end-1)
	}
}

func besideArrows(lines []line, at, end int) bool {
	for at > 0 && strings.TrimSpace(lines[at-1].text) == "" {
		at--
	}
	for end < len(lines) && strings.TrimSpace(lines[end].text) == "" {
		end++
	}
	return at > 0 && strings.HasPrefix(strings.TrimSpace(lines[at-1].text), "<") ||
		end < len(lines) && strings.HasPrefix(strings.TrimSpace(lines[end].text), "<")
}

// unquoteRun takes off the quotation marks that all lines of a run have, if that makes a server's words of any.
func unquoteRun(run []line) {
	mark := quoteMarks.FindString(run[0].text)
	for _, l := range run {
		if strings.Trim(l.text, "> ") != "" {
			mark = mark[:common(mark, quoteMarks.FindString(l.text))]
		}
	}
	if mark == "" || !slices.ContainsFunc(run, func(l line) bool { return isServers(strings.TrimPrefix(l.text, mark)) }) {
		return
	}
	for i := range run {
		rest, whole := strings.CutPrefix(run[i].text, mark)
		if !whole {
			rest = strings.TrimLeft(run[i].text, "> ") // an empty line
		}
		run[i].text = rest
	}
}

// isServers reports whether a line tells what a server said or did: a line of a log does.
func isServers(text string) bool {
	l := line{text: text}
	l.undress()
	_, _, reply := isReply(l.text)
	return reply || l.stamp != "" || slices.ContainsFunc(sightings(l.text), func(s sighting) bool { return s.kind == says || s.kind == outcome })
}

var quoteMarks = regexp.MustCompile(`^(?:> ?)+`)

// common returns the length of what two strings begin with alike.
func common(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

var numbered = regexp.MustCompile(`^\s*([0-9]{1,6})(?:[:.)|]\s?|\s+\S)`)

// unnumber takes off the numbers of lines, as an editor or nl writes them: rising, in every line of the text.
func unnumber(lines []line) {
	last, count := -1, 0
	for _, l := range lines {
		if strings.TrimSpace(l.text) == "" {
			continue
		}
		m := numbered.FindStringSubmatch(l.text)
		if m == nil || count > 0 && atoi(m[1]) <= last {
			return
		}
		last = atoi(m[1])
		count++
	}
	if count < 4 || last > 2*len(lines) {
		return
	}
	for i, l := range lines {
		if m := numberMark.FindString(l.text); m != "" {
			lines[i].text = l.text[len(m):]
		}
	}
}

var numberMark = regexp.MustCompile(`^\s*[0-9]{1,6}(?:[:.)|]\s?|\s)`)

func atoi(digits string) (n int) {
	for _, c := range digits {
		n = n*10 + int(c-'0')
	}
	return n
}

// What loggers put before a line: a container's name, the time in their ways, host and process (RFC 3164 4.1, RFC 5424).
var (
	container = regexp.MustCompile(`^[\w.-]+ +\| `)
	times     = regexp.MustCompile(`^(?:\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z| ?[+-]\d\d:?\d\d)?\]?|\[?\d\d:\d\d:\d\d(?:[.,]\d+)?\]?|[A-Z][a-z]{2} [ \d]?\d (?:\d{4} )?\d\d:\d\d:\d\d(?:\.\d+)?)(?: \[(\d+)\])?[\s:]+`)
	process   = regexp.MustCompile(`^(?:INFO +|([\w.:-]+) )?[\w./-]+\[(\d+)\]: (?:\[ID \d+ [\w.]+\] )?`)
)

// breaks are the ends of lines in HTML, which PHP writes.
var breaks = regexp.MustCompile(`<br ?/?>\s*$`)

// undress takes off what loggers put before a line, indentation and the marks of Markdown.
func (l *line) undress() {
	l.tail = l.text[len(strings.TrimRight(l.text, " \t")):]
	whole := strings.TrimSpace(breaks.ReplaceAllString(l.text, ""))
	if code, ok := strings.CutPrefix(whole, "`"); ok && strings.HasSuffix(code, "`") {
		whole = strings.Trim(code, "`")
	}
	l.text = strings.TrimPrefix(whole, container.FindString(whole))
	for range 3 { // docker's time, syslog's, Exim's own
		if m := times.FindStringSubmatch(l.text); m != nil {
			l.text, l.pid = l.text[len(m[0]):], cmp.Or(m[1], l.pid)
		}
		if m := process.FindStringSubmatch(l.text); m != nil {
			l.text, l.host, l.pid = l.text[len(m[0]):], cmp.Or(l.host, m[1]), m[2]
		}
	}
	l.stamp = whole[:len(whole)-len(l.text)]
	if len(l.text) > maxLine && !strings.HasPrefix(l.text, "{") {
		l.text, l.long = "", true
	}
}

// isReply reports whether a line may be one of a reply, and returns its code.
func isReply(s string) (code int, last, ok bool) {
	code, _, last, ok = dialogue.ParseLine(s)
	return code, last, ok && code >= 200
}
