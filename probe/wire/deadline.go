package wire

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"time"

	"openrelay/probe/errno"
)

// arm decides how long the next thing that may block may take: until the earliest of its own limit, the
// session's and the context's. Cancelling ctx ends any wait at once, until the conversation is over.
func (c *Conn) arm(ctx context.Context, limit time.Duration) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if c.ctx != ctx {
		c.unwatch()
		nc := c.nc
		c.ctx, c.stop = ctx, context.AfterFunc(ctx, func() { _ = nc.SetDeadline(past) })
	}
	c.limit, c.timed = limit, false
	return nil
}

var past = time.Unix(1, 0)

// await puts the deadline in force before anything that may block, once for all that arm allowed. It
// fails only on a dead connection, as whatever is done next will.
func (c *Conn) await() {
	if c.timed {
		return
	}
	due := time.Now().Add(c.limit)
	c.timed, c.cut = true, false
	if d, ok := c.ctx.Deadline(); ok && d.Before(due) {
		due, c.cut = d, true
	}
	if !c.until.IsZero() && c.until.Before(due) {
		due, c.cut = c.until, true
	}
	_ = c.nc.SetDeadline(due)
	if c.ctx.Err() != nil { // ended in between
		_ = c.nc.SetDeadline(past)
	}
}

func (c *Conn) unwatch() {
	if c.stop != nil {
		c.stop()
	}
}

// source is what has not arrived yet: it is read from the connection, in time.
type source struct{ *Conn }

func (s source) Read(b []byte) (int, error) {
	s.begin()
	return s.nc.Read(b)
}

// begin begins the wait.
func (s source) begin() {
	s.await()
	if s.began.IsZero() {
		s.began = time.Now()
	}
}

// explain turns a socket's error into one of ours.
func (c *Conn) explain(err error) error {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		if errors.Is(c.ctx.Err(), context.Canceled) {
			return c.ctx.Err()
		}
		if c.ctx.Err() != nil || c.cut {
			return errTimeUp
		}
	}
	return explain(err)
}

func explain(err error) error {
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return ErrTimeout
	case errors.Is(err, io.EOF), errors.Is(err, net.ErrClosed), errors.Is(err, io.ErrClosedPipe):
		return ErrClosed
	case errno.Is(err, syscall.ECONNRESET, syscall.EPIPE):
		return ErrReset
	}
	return err
}
