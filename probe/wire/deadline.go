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

// armed is a deadline in force: the earliest of reply, session and context.
type armed struct {
	ctx     context.Context
	session bool // the deadline is not the reply's own
	stop    func() bool
}

// arm sets the deadline for one reply. Cancelling ctx ends the wait at once.
func (c *Conn) arm(ctx context.Context, limit time.Duration) (armed, error) {
	if err := ctx.Err(); err != nil {
		return armed{}, err
	}
	a := armed{ctx: ctx}
	deadline := time.Now().Add(limit)
	if d, ok := ctx.Deadline(); ok && d.Before(deadline) {
		deadline, a.session = d, true
	}
	if !c.until.IsZero() && c.until.Before(deadline) {
		deadline, a.session = c.until, true
	}
	_ = c.nc.SetDeadline(deadline) // fails only on a dead connection, as whatever is done next will
	a.stop = context.AfterFunc(ctx, func() { _ = c.nc.SetDeadline(time.Unix(1, 0)) })
	return a, nil
}

func (a armed) release() { a.stop() }

// explain turns a socket's error into one of ours.
func (a armed) explain(err error) error {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		if errors.Is(a.ctx.Err(), context.Canceled) {
			return a.ctx.Err()
		}
		if a.ctx.Err() != nil || a.session {
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
