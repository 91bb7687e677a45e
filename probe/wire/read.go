package wire

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
)

// readReply reads the lines of one reply (RFC 5321 4.2).
func (c *Conn) readReply() (Reply, error) {
	var r Reply
	size := 0
	for {
		line, err := c.readLine()
		if err != nil {
			return Reply{}, err
		}
		code, text, last, ok := parseLine(line)
		if !ok {
			return Reply{}, fmt.Errorf("%w: %q", ErrNotSMTP, clip(line))
		}
		if len(r.Lines) > 0 && code != r.Code {
			return Reply{}, fmt.Errorf("%w: the code changes from %d to %d inside a reply", ErrNotSMTP, r.Code, code)
		}
		r.Code = code
		r.Lines = append(r.Lines, text)
		size += len(line)
		if size > maxReply || len(r.Lines) > maxLines || c.seen > maxSession {
			return Reply{}, fmt.Errorf("%w: %d lines, %d bytes", ErrTooLong, len(r.Lines), size)
		}
		if last {
			return r, nil
		}
	}
}

// readLine reads one line and returns it without its ending. The first byte decides already whether
// this can be a reply: a server that speaks another protocol may never end its line.
func (c *Conn) readLine() (string, error) {
	if b, err := c.br.Peek(1); err != nil {
		return "", err
	} else if b[0] < '1' || b[0] > '5' {
		text, _ := c.br.Peek(c.br.Buffered())
		c.heard(string(text))
		return "", fmt.Errorf("%w: %q", ErrNotSMTP, clip(text))
	}
	b, err := c.br.ReadSlice('\n')
	line := string(b)
	if line != "" {
		c.heard(line)
	}
	switch {
	case err != nil && !begins(line):
		return "", fmt.Errorf("%w: %q", ErrNotSMTP, clip(line))
	case errors.Is(err, bufio.ErrBufferFull):
		return "", fmt.Errorf("%w: a line of over %d bytes", ErrTooLong, maxLine)
	case errors.Is(err, io.EOF):
		return "", ErrTruncated
	case err != nil:
		return "", err
	}
	line = strings.TrimSuffix(line[:len(line)-1], "\r")
	if merged(line) {
		return "", fmt.Errorf("%w: a bare CR between replies: %q", ErrNotSMTP, clip(line))
	}
	return line, nil
}

// begins reports whether a line that is not whole may become one of a reply: another protocol may begin
// with a digit, and never end its line.
func begins(line string) bool {
	for i := range min(len(line), 3) {
		if !digit(line[i]) {
			return false
		}
	}
	return len(line) < 4 || line[3] == ' ' || line[3] == '-' || line[3] == '\r'
}

// merged reports whether a line holds another reply behind a CR. To a server that ends its replies so
// (RFC 5321 2.3.8 forbids it), it is two, and all that come after would be read as answers to commands
// before theirs.
func merged(line string) bool {
	for rest := line; ; {
		i := strings.IndexByte(rest, '\r')
		if i < 0 {
			return false
		}
		rest = rest[i+1:]
		if _, _, _, ok := parseLine(rest); ok {
			return true
		}
	}
}

func clip[T string | []byte](b T) string { return Text(b[:min(len(b), 80)]) }
