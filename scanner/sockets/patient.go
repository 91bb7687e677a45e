package sockets

import (
	"context"
	"errors"
	"net"
	"os"
	"sync/atomic"
	"syscall"
	"time"
)

// Patient is d.DialContext, but for how it takes its time. The time begins when the connection does, and
// when it is over, a connection that has been made by then counts, though nobody has come to see it yet:
// on a busy machine with thousands of connections in the making a goroutine may wait longer for a
// processor than a server far away takes to answer.
func Patient(d *net.Dialer) func(ctx context.Context, network, address string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		limit := time.Duration(0)
		if deadline, ok := ctx.Deadline(); ok {
			limit = max(1, time.Until(deadline))
		}
		attempt, cancel := context.WithCancel(context.WithoutCancel(ctx))
		defer cancel()
		defer context.AfterFunc(ctx, func() {
			if !errors.Is(ctx.Err(), context.DeadlineExceeded) {
				cancel()
			}
		})()
		var late atomic.Bool
		var timer *time.Timer
		once := *d
		once.ControlContext = func(_ context.Context, network, address string, c syscall.RawConn) error {
			if d.Control != nil {
				if err := d.Control(network, address, c); err != nil {
					return err
				}
			}
			if limit > 0 && timer == nil {
				timer = time.AfterFunc(limit, func() {
					if !settled(c) {
						late.Store(true)
						cancel()
					}
				})
			}
			return nil
		}
		conn, err := once.DialContext(attempt, network, address)
		if timer != nil {
			timer.Stop()
		}
		if err != nil && late.Load() {
			err = &net.OpError{Op: "dial", Net: network, Err: os.ErrDeadlineExceeded}
		}
		return conn, err
	}
}
