package scanner

import (
	"context"
	"errors"
	"net"
	"os"
	"strings"
	"syscall"
	"time"

	"openrelay/probe/allowance"
	"openrelay/probe/errno"
)

// How long to wait for a descriptor or a port of ours to come free.
const (
	firstShortage = 100 * time.Millisecond
	maxShortage   = 2 * time.Second
)

// DialFunc connects, as net.Dialer.DialContext does.
type DialFunc = func(ctx context.Context, network, address string) (net.Conn, error)

// Dial wraps a dial function for the use of probes: every connection waits for its turn under Rate,
// and one that fails because this machine ran out of descriptors, buffers or ports is tried again
// until it has them, since that says nothing about the server.
//
// Neither wait counts as connect time, nor for the time that a target has in all: dial always has as long
// as ctx had when Dial was called.
func (s *Scanner) Dial(dial DialFunc) DialFunc {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		if t := jobOf(ctx).taken(); t != nil {
			return t.conn, t.err
		}
		allowed := timeLeft(ctx)
		again, err := s.await(ctx)
		pause := time.Duration(0)
		for err == nil {
			attempt, cancel := ctx, context.CancelFunc(func() {})
			if again {
				attempt, cancel = renew(ctx, allowed)
			}
			conn, dialErr := dial(attempt, network, address)
			cancel()
			if !s.shortage(strings.HasPrefix(address, "["), dialErr) {
				return conn, dialErr
			}
			again = true
			pause = nextPause(pause)
			allowance.Extend(ctx, pause)
			err = sleep(scanOf(ctx), pause)
		}
		return nil, err
	}
}

// nextPause doubles a pause.
func nextPause(d time.Duration) time.Duration {
	return min(max(2*d, firstShortage), maxShortage)
}

// await waits for a connection's turn, and reports whether that took time. The first connection of a
// target had its turn when the target was begun.
func (s *Scanner) await(ctx context.Context) (waited bool, err error) {
	limiter := s.limit()
	if j := jobOf(ctx); limiter == nil || j != nil && j.turn.Swap(false) {
		return false, nil
	}
	turn := limiter.Reserve()
	delay := turn.Delay()
	if delay == 0 {
		return false, nil
	}
	allowance.Extend(ctx, delay)
	if err := sleep(scanOf(ctx), delay); err != nil {
		turn.Cancel()
		return true, err
	}
	return true, nil
}

// scanOf is the context that waits go by: the scan's, where ctx comes from one, since the probe's
// deadlines are for the server.
func scanOf(ctx context.Context) context.Context {
	if j := jobOf(ctx); j != nil {
		return j.scan
	}
	return ctx
}

// timeLeft is the time until the deadline of ctx; 0 where it has none.
func timeLeft(ctx context.Context) time.Duration {
	deadline, ok := ctx.Deadline()
	if !ok {
		return 0
	}
	return max(1, time.Until(deadline))
}

// renew is ctx with the time it had when the wait began.
func renew(ctx context.Context, allowed time.Duration) (context.Context, context.CancelFunc) {
	if allowed == 0 {
		return context.WithCancel(scanOf(ctx))
	}
	return context.WithTimeout(scanOf(ctx), allowed)
}

// shortage reports whether a dial failed for want of something of ours that others will give back.
//
// EADDRNOTAVAIL has two meanings: every port is in use, or this machine has no address of that
// family at all. It is a shortage only if a connection of that family has been tried before without
// it, and never where --source names an address we do not have (bind).
func (s *Scanner) shortage(is6 bool, err error) bool {
	tried := &s.tried[0]
	if is6 {
		tried = &s.tried[1]
	}
	if err == nil || errno.Is(err, syscall.ECONNREFUSED) || errors.Is(err, context.DeadlineExceeded) {
		tried.Store(true)
		return false
	}
	if errno.Is(err, syscall.EADDRNOTAVAIL) {
		var call *os.SyscallError
		return tried.Load() && errors.As(err, &call) && strings.HasPrefix(call.Syscall, "connect")
	}
	if errno.Is(err, syscall.EADDRINUSE) { // of --source every port is bound
		return true
	}
	return errno.Is(err, syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ENOSPC)
}
