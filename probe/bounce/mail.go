package bounce

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/emersion/go-message"
	_ "github.com/emersion/go-message/charset" // bounces come in every character set
	"golang.org/x/net/html"

	"openrelay/probe/netaddr"
)

// The bounds. An honest bounce says what it has to say in a few KiB; only the message that came back is
// long, and of that only the header is read.
const (
	maxMessage = 1 << 20 // what is read of one message
	maxHeader  = 256 << 10
	maxText    = 64 << 10 // the words for people, the status fields, the header that came back: each
	maxParts   = 100
	maxDepth   = 8
)

// mail is what one message holds of a bounce.
type mail struct {
	header   message.Header
	report   string // report-type of multipart/report, lower case
	text     string // the words for people
	page     string // the same, taken from HTML
	status   string // message/delivery-status
	returned string // the header of the message that came back
	parts    int
	stopped  error // why reading ended early
}

// readMail reads what matters of a message. The error is about the header; where a part cannot be read,
// mail holds what came before.
func readMail(r io.Reader) (*mail, error) {
	limited := &io.LimitedReader{R: r, N: maxMessage}
	e, err := message.ReadWithOptions(limited, &message.ReadOptions{MaxHeaderBytes: maxHeader})
	switch {
	case e != nil:
	case limited.N <= maxMessage-maxHeader:
		return nil, fmt.Errorf("no mail message: its header is longer than %d KiB", maxHeader>>10)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return nil, errors.New("no mail message: it ends before its header does")
	default:
		return nil, fmt.Errorf("no mail message: %s", damage(err))
	}
	m := &mail{header: e.Header}
	m.walk(e, 0)
	if limited.N <= 0 {
		m.stopped = fmt.Errorf("longer than %d MiB, the rest was not read", maxMessage>>20)
	}
	return m, nil
}

// walk visits a part and those inside it. The message that came back is not entered.
func (m *mail) walk(e *message.Entity, depth int) {
	m.parts++
	parts := e.MultipartReader()
	if parts == nil {
		m.leaf(e)
		return
	}
	media, params, _ := e.Header.ContentType()
	if media == "multipart/report" && m.report == "" {
		m.report = strings.ToLower(params["report-type"])
	}
	if depth == maxDepth {
		m.stopped = fmt.Errorf("parts within parts, more than %d deep", maxDepth)
		return
	}
	for m.stopped == nil {
		part, err := parts.NextPart()
		if part == nil {
			if err != io.EOF {
				m.stopped = fmt.Errorf("damaged: %s", damage(err))
			}
			return
		}
		if m.parts == maxParts {
			m.stopped = fmt.Errorf("more than %d parts", maxParts)
			return
		}
		m.walk(part, depth+1)
	}
}

// leaf keeps the head of a part that is no container, each kind once (RFC 3462 2).
func (m *mail) leaf(e *message.Entity) {
	media, _, err := e.Header.ContentType()
	if err != nil && media == "" {
		media = "text/plain" // RFC 2045 5.2
	}
	var into *string
	switch media {
	case "text/plain", "text":
		into = &m.text
	case "text/html":
		into = &m.page
	case "message/delivery-status", "message/global-delivery-status": // RFC 6533 4
		into = &m.status
	case "message/rfc822", "message/global", "text/rfc822-headers", "text/rfc822-header", "message/rfc822-headers", "message/global-headers":
		into = &m.returned
	}
	if into == nil || *into != "" {
		return
	}
	*into = head(e.Body)
	if media == "text/html" {
		m.page = words(m.page)
	}
}

// head reads up to maxText bytes and gives lines one ending. What a decoder cannot read ends it.
func head(r io.Reader) string {
	b, _ := io.ReadAll(io.LimitReader(r, maxText))
	b = bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n"))
	return strings.ToValidUTF8(strings.ReplaceAll(string(b), "\u00a0", " "), "\uFFFD")
}

// words is what a web page says: its text, with a line for each block.
func words(page string) string {
	var b strings.Builder
	z := html.NewTokenizer(strings.NewReader(page))
	z.SetMaxBuf(maxText)
	skip := false
	for {
		switch z.Next() {
		case html.ErrorToken:
			return strings.ReplaceAll(b.String(), "\u00a0", " ")
		case html.TextToken:
			if !skip {
				b.Write(z.Text())
			}
		case html.StartTagToken, html.SelfClosingTagToken, html.EndTagToken:
			name, _ := z.TagName()
			t := z.Token().Type
			switch string(name) {
			case "style", "script", "title":
				skip = t == html.StartTagToken
			case "br", "tr":
				b.WriteByte('\n')
			case "p", "div", "table", "h1", "h2", "h3", "h4", "li", "pre":
				b.WriteString("\n\n")
			}
		}
	}
}

// returnedHeader is the header of the message that came back, as far as it can be read.
func (m *mail) returnedHeader() (message.Header, bool) {
	if strings.TrimSpace(m.returned) == "" {
		return message.Header{}, false
	}
	text := strings.TrimLeft(m.returned, "\n")
	if strings.HasPrefix(text, "From ") { // an mbox line that came along
		_, text, _ = strings.Cut(text, "\n")
	}
	h := readFields(bufio.NewReader(strings.NewReader(text + "\n\n")))
	return h, h.Len() > 0
}

// damage is an error of the library without its name, and without what it quotes: the file may be no mail at all, and
// hold what nobody shall read in a log.
func damage(err error) string {
	text := strings.TrimPrefix(err.Error(), "message: ")
	if strings.HasPrefix(text, "malformed MIME header") {
		text, _, _ = strings.Cut(text, ": ")
	}
	return shorten(netaddr.Unquoted(text), 200)
}

func shorten(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "..."
}
