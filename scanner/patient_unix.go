//go:build unix

package scanner

import (
	"context"
	"errors"
	"net"
	"os"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Patient is d.DialContext, but for how it takes its time. The time begins when the connection does, and
// when it is over, a connection that has been made by then counts, though nobody has come to see it yet:
// on a busy machine with thousands of connections in the making a goroutine may wait longer for a
// processor than a server far away takes to answer. It also does without the goroutine that net.Dialer
// keeps to watch a context.
func Patient(d *net.Dialer) DialFunc {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		limit := timeLeft(ctx)
		var late atomic.Bool
		var timer *time.Timer
		stop := func() bool { return true }
		once := *d
		once.ControlContext = func(_ context.Context, network, address string, c syscall.RawConn) error {
			if d.Control != nil {
				if err := d.Control(network, address, c); err != nil {
					return err
				}
			}
			if errors.Is(ctx.Err(), context.Canceled) {
				return ctx.Err()
			}
			if limit > 0 {
				timer = time.AfterFunc(limit, func() {
					if !settled(c) {
						late.Store(true)
						giveUp(c)
					}
				})
			}
			stop = context.AfterFunc(ctx, func() {
				if errors.Is(ctx.Err(), context.Canceled) {
					giveUp(c)
				}
			})
			return nil
		}
		conn, err := once.DialContext(context.WithoutCancel(ctx), network, address)
		stop()
		if timer != nil {
			timer.Stop()
		}
		switch {
		case err != nil && late.Load():
			err = &net.OpError{Op: "dial", Net: network, Err: os.ErrDeadlineExceeded}
		case err != nil && errors.Is(ctx.Err(), context.Canceled):
			err = &net.OpError{Op: "dial", Net: network, Err: ctx.Err()}
		}
		return conn, err
	}
}

// settled reports whether a socket's connection attempt has come to its end, good or bad. One that has
// not begun looks hung up, but without an error.
func settled(c syscall.RawConn) bool {
	var seen int16
	err := c.Control(func(fd uintptr) {
		poll := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLOUT}}
		if n, err := unix.Poll(poll, 0); err == nil && n > 0 {
			seen = poll[0].Revents
		}
	})
	return err == nil && (seen&unix.POLLERR != 0 || seen&unix.POLLOUT != 0 && seen&unix.POLLHUP == 0)
}

// giveUp ends a connection attempt: the dialer sees it reset.
func giveUp(c syscall.RawConn) {
	_ = c.Control(func(fd uintptr) { _ = unix.Shutdown(int(fd), unix.SHUT_RDWR) }) // fails where it is over already
}
