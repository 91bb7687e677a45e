package wire

import (
	"bufio"
	"errors"
	"fmt"
	"io"
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
		r.Lines = append(r.Lines, string(text))
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
func (c *Conn) readLine() ([]byte, error) {
	if b, err := c.br.Peek(1); err != nil {
		return nil, err
	} else if b[0] < '1' || b[0] > '5' {
		text, _ := c.br.Peek(c.br.Buffered())
		c.heard(text)
		return nil, fmt.Errorf("%w: %q", ErrNotSMTP, clip(text))
	}
	line, err := c.br.ReadSlice('\n')
	if len(line) > 0 {
		c.heard(line)
	}
	switch {
	case errors.Is(err, bufio.ErrBufferFull):
		return nil, fmt.Errorf("%w: a line of over %d bytes", ErrTooLong, maxLine)
	case errors.Is(err, io.EOF):
		return nil, ErrTruncated
	case err != nil:
		return nil, err
	}
	line = line[:len(line)-1]
	if n := len(line); n > 0 && line[n-1] == '\r' {
		line = line[:n-1]
	}
	return line, nil
}

func clip(b []byte) string { return Text(b[:min(len(b), 80)]) }
