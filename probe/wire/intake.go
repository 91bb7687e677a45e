package wire

import (
	"bytes"
	"io"
	"strings"
	"sync"
)

// intake is what has arrived and has not been read yet. Whole lines that came together are one string, of
// which replies and the transcript are pieces: it is made once, and never copied.
type intake struct {
	lines string         // whole lines
	part  []byte         // behind them, the beginning of one; it lies at the beginning of buf
	buf   *[maxLine]byte // nil before it is needed, and when the conversation is over
	err   error          // what came with the last bytes, for the next read
}

// buffers are those of conversations that are over: a scan holds thousands.
var buffers = sync.Pool{New: func() any { return new([maxLine]byte) }}

// buffer is where bytes are read to.
func (in *intake) buffer() []byte {
	if in.buf == nil {
		in.buf = buffers.Get().(*[maxLine]byte)
	}
	return in.buf[:]
}

// empty reports whether everything that has arrived has been read.
func (in *intake) empty() bool { return in.lines == "" && len(in.part) == 0 }

// first is the first byte of what has arrived.
func (in *intake) first() byte {
	if in.lines != "" {
		return in.lines[0]
	}
	return in.part[0]
}

// rest is everything that has arrived.
func (in *intake) rest() string { return in.lines + string(in.part) }

// line takes the first line; what there is of it, where no whole one has arrived.
func (in *intake) line() string {
	if in.lines == "" {
		line := string(in.part)
		in.part = nil
		return line
	}
	end := strings.IndexByte(in.lines, '\n') + 1
	line := in.lines[:end]
	in.lines = in.lines[end:]
	return line
}

// full reports a line that has not ended and is longer than any may be.
func (in *intake) full() bool { return len(in.part) == maxLine }

// fill reads once more from r. There must be room.
func (in *intake) fill(r io.Reader) error {
	if in.err != nil {
		return in.err
	}
	buf, had := in.buffer(), len(in.part)
	n, err := 0, error(nil)
	for tries := 0; n == 0 && err == nil; tries++ {
		if tries == 100 {
			return io.ErrNoProgress
		}
		n, err = r.Read(buf[had:])
	}
	in.part = buf[:had+n]
	if end := had + bytes.LastIndexByte(in.part[had:], '\n') + 1; end > had {
		in.lines += string(in.part[:end])
		in.part = buf[:copy(buf, in.part[end:])]
	}
	if n > 0 {
		in.err, err = err, nil
	}
	return err
}

// release gives the buffer back.
func (in *intake) release() {
	if in.buf != nil {
		buffers.Put(in.buf)
		in.buf = nil
	}
	in.lines, in.part = "", nil
}
