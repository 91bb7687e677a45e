package wire

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"time"
)

// arm decides until when the next thing may take: the earliest of its own limit, the session's and the
// context's. Cancelling ctx ends any wait at once, until the conversation is over.
func (c *Conn) arm(ctx context.Context, limit time.Duration) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if c.ctx != ctx {
		c.unwatch()
		nc := c.nc
		c.ctx, c.stop = ctx, context.AfterFunc(ctx, func() { _ = nc.SetDeadline(past) })
	}
	c.due, c.timed, c.cut = time.Now().Add(limit), false, false
	if d, ok := ctx.Deadline(); ok && d.Before(c.due) {
		c.due, c.cut = d, true
	}
	if !c.until.IsZero() && c.until.Before(c.due) {
		c.due, c.cut = c.until, true
	}
	return nil
}

var past = time.Unix(1, 0)

// await puts the deadline in force before anything that may block, once for all that arm allowed. It
// fails only on a dead connection, as whatever is done next will.
func (c *Conn) await() {
	if c.timed {
		return
	}
	c.timed = true
	_ = c.nc.SetDeadline(c.due)
	if c.ctx.Err() != nil { // ended in between
		_ = c.nc.SetDeadline(past)
	}
}

func (c *Conn) unwatch() {
	if c.stop != nil {
		c.stop()
	}
}

// source is what the buffered reader reads from: the connection, in time.
type source struct{ *Conn }

func (s source) Read(b []byte) (int, error) {
	s.await()
	return s.nc.Read(b)
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
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return ErrReset
	}
	return err
}
