package wire

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"openrelay/probe/dialogue"
)

// readReply reads the lines of one reply (RFC 5321 4.2), and keeps as many as there is room for: see [Room].
func (c *Conn) readReply(s share) (dialogue.Reply, error) {
	e := excerpt{log: len(c.log), texts: len(c.texts), room: c.room.of(s)}
	code, err := c.readLines(&e)
	c.settle(&e, err == nil)
	if err != nil {
		return dialogue.Reply{}, err
	}
	return dialogue.Reply{Code: code, Lines: slices.Clip(c.texts[e.texts:])}, nil
}

// readLines reads up to the last line of a reply, and returns its code.
func (c *Conn) readLines(e *excerpt) (begun int, err error) {
	for n, size := 1, 0; ; n++ {
		line, err := c.readLine()
		if err != nil {
			return 0, err
		}
		code, text, last, ok := dialogue.ParseLine(line)
		if !ok {
			return 0, fmt.Errorf("%w: %q", ErrNotSMTP, clip(line))
		}
		if n > 1 && code != begun {
			return 0, fmt.Errorf("%w: the code changes from %d to %d inside a reply", ErrNotSMTP, begun, code)
		}
		begun = code
		size += len(line)
		if size > maxReply || n > maxLines || c.seen > maxSession {
			return 0, fmt.Errorf("%w: %d lines, %d bytes", ErrTooLong, n, size)
		}
		if c.keep(e, text); last {
			return code, nil
		}
	}
}

// arrive waits until something has arrived that has not been read.
func (c *Conn) arrive() error {
	if !c.in.empty() {
		return nil
	}
	if w, ok := c.nc.(waiter); ok {
		c.in.release()
		source{c}.begin()
		w.AwaitRead()
	}
	return c.in.fill(source{c})
}

// waiter is a connection that waits until there is something to read, or to say about it, and needs no
// memory meanwhile.
type waiter interface{ AwaitRead() }

// readLine reads one line and returns it without its ending. The first byte decides already whether
// this can be a reply: a server that speaks another protocol may never end its line.
func (c *Conn) readLine() (string, error) {
	if err := c.arrive(); err != nil {
		return "", err
	} else if b := c.in.first(); b < '1' || b > '5' {
		text := c.in.rest()
		c.heard(text)
		return "", fmt.Errorf("%w: %q", ErrNotSMTP, clip(text))
	}
	var err error
	for err == nil && c.in.lines == "" {
		if c.in.full() {
			err = fmt.Errorf("%w: a line of over %d bytes", ErrTooLong, maxLine)
		} else if err = c.in.fill(source{c}); errors.Is(err, io.EOF) {
			err = ErrTruncated
		}
	}
	line := c.in.line()
	c.heard(line)
	switch {
	case err != nil && !begins(line):
		return "", fmt.Errorf("%w: %q", ErrNotSMTP, clip(line))
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
		if line[i] < '0' || line[i] > '9' {
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
		if _, _, _, ok := dialogue.ParseLine(rest); ok {
			return true
		}
	}
}

func clip[T string | []byte](b T) string { return dialogue.Text(b[:min(len(b), 80)]) }
