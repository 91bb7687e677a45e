package scanner

import (
	"context"
	"errors"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"openrelay/probe"
)

// dialed is a connection nobody talks over.
func dialed() net.Conn {
	c, far := net.Pipe()
	far.Close()
	return c
}

// failing is what net.Dialer returns when a system call fails.
func failing(call string, errno syscall.Errno) error {
	return &net.OpError{Op: "dial", Err: os.NewSyscallError(call, errno)}
}

func TestRate(t *testing.T) {
	for _, workers := range []int{1, 50} {
		synctest.Test(t, func(t *testing.T) {
			s := &Scanner{Workers: workers, Rate: 10}
			var mu sync.Mutex
			var times []time.Time
			dial := s.Dial(func(context.Context, string, string) (net.Conn, error) {
				mu.Lock()
				defer mu.Unlock()
				times = append(times, time.Now())
				return dialed(), nil
			})
			s.Probe = func(ctx context.Context, target probe.Target) *probe.Result {
				for range 3 {
					c, err := dial(ctx, "tcp", target.Addr.String())
					if err != nil {
						t.Error(err)
						continue
					}
					c.Close()
				}
				return &probe.Result{}
			}
			start := time.Now()
			if err := s.Run(t.Context(), addresses(40, 1), func(probe.Result) error { return nil }); err != nil {
				t.Fatal(err)
			}
			if len(times) != 120 {
				t.Errorf("%d connections, want 120", len(times))
			}
			for i := 1; i < len(times); i++ {
				if gap := times[i].Sub(times[i-1]); gap < 99*time.Millisecond {
					t.Fatalf("connections %d and %d are %v apart", i-1, i, gap)
				}
			}
			if took := time.Since(start); took > 13*time.Second {
				t.Errorf("%d workers: 120 connections at 10 a second took %v", workers, took)
			}
		})
	}
}

// A scan is not over while a target waits for its turn under the rate, though no probe runs meanwhile.
func TestRateLosesNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &Scanner{Rate: 1, Probe: takes(time.Millisecond)}
		var got []string
		err := s.Run(t.Context(), list("192.0.2.1:25", "192.0.2.1:465", "192.0.2.1:587"), collect(&got))
		if err != nil || len(got) != 3 {
			t.Errorf("%q, %v, want 3 results", got, err)
		}
	})
}

// Targets begin as the rate allows: a probe's second connection does not wait behind the first ones
// of all the others.
func TestRateIsFairToReconnects(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &Scanner{Workers: 200, Rate: 1}
		dial := s.Dial(func(context.Context, string, string) (net.Conn, error) { return dialed(), nil })
		var longest atomic.Int64
		s.Probe = func(ctx context.Context, target probe.Target) *probe.Result {
			start := time.Now()
			for range 3 {
				dial(ctx, "tcp", target.Addr.String())
			}
			longest.Store(max(longest.Load(), int64(time.Since(start))))
			return &probe.Result{}
		}
		if err := s.Run(t.Context(), addresses(100, 1), func(probe.Result) error { return nil }); err != nil {
			t.Fatal(err)
		}
		if d := time.Duration(longest.Load()); d > 20*time.Second {
			t.Errorf("three connections at one a second took a probe %v", d)
		}
	})
}

// The connect timeout is for the server: waiting for a turn must not use it up.
func TestWaitIsNotConnectTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &Scanner{Workers: 5, Rate: 0.1}
		dial := s.Dial(func(ctx context.Context, _, _ string) (net.Conn, error) {
			deadline, _ := ctx.Deadline()
			if left := time.Until(deadline); left != time.Second {
				t.Errorf("%v left to connect, want 1s", left)
			}
			return dialed(), nil
		})
		s.Probe = func(ctx context.Context, target probe.Target) *probe.Result {
			for range 2 {
				once, cancel := context.WithTimeout(ctx, time.Second)
				if _, err := dial(once, "tcp", target.Addr.String()); err != nil {
					t.Error(err)
				}
				cancel()
			}
			return &probe.Result{}
		}
		if err := s.Run(t.Context(), addresses(10, 1), func(probe.Result) error { return nil }); err != nil {
			t.Fatal(err)
		}
	})
}

func TestCancelWhileWaitingForTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		s := &Scanner{Rate: 0.001}
		dial := s.Dial(func(context.Context, string, string) (net.Conn, error) { return dialed(), nil })
		s.Probe = func(ctx context.Context, target probe.Target) *probe.Result {
			for {
				if _, err := dial(ctx, "tcp", target.Addr.String()); err != nil {
					return &probe.Result{}
				}
			}
		}
		n := 0
		err := s.Run(ctx, addresses(3, 1), func(probe.Result) error { n++; return nil })
		if !errors.Is(err, context.DeadlineExceeded) || n != 0 {
			t.Errorf("%d results, Run returned %v", n, err)
		}
	})
}

// Running out of something of ours is waited out, with the whole connect time for the try that works.
func TestShortage(t *testing.T) {
	for _, shortage := range []error{
		failing("socket", syscall.EMFILE), failing("socket", syscall.ENFILE),
		failing("connect", syscall.ENOBUFS), failing("connect", syscall.ENOSPC), failing("connect", syscall.EADDRNOTAVAIL),
		failing("bind", syscall.EADDRINUSE),
	} {
		synctest.Test(t, func(t *testing.T) {
			s := &Scanner{}
			s.tried[0].Store(true)
			tries := 0
			dial := s.Dial(func(ctx context.Context, _, _ string) (net.Conn, error) {
				if tries++; tries < 10 {
					return nil, shortage
				}
				deadline, _ := ctx.Deadline()
				if left := time.Until(deadline); left != time.Second {
					t.Errorf("%v: %v left to connect, want 1s", shortage, left)
				}
				return dialed(), nil
			})
			s.Probe = func(ctx context.Context, target probe.Target) *probe.Result {
				once, cancel := context.WithTimeout(ctx, time.Second)
				defer cancel()
				if _, err := dial(once, "tcp", "192.0.2.1:25"); err != nil {
					t.Errorf("%v became a verdict: %v", shortage, err)
				}
				return &probe.Result{}
			}
			if err := s.Run(t.Context(), list("192.0.2.1:25"), func(probe.Result) error { return nil }); err != nil || tries != 10 {
				t.Errorf("%d tries, %v", tries, err)
			}
		})
	}
}

// What says something about the server, or about an address we do not have, is returned at once.
func TestNoShortage(t *testing.T) {
	tests := []struct {
		err     error
		address string
	}{
		{failing("connect", syscall.ECONNREFUSED), "192.0.2.1:25"},
		{failing("connect", syscall.ENETUNREACH), "192.0.2.1:25"},
		{failing("bind", syscall.EADDRNOTAVAIL), "192.0.2.1:25"},
		{failing("connect", syscall.EADDRNOTAVAIL), "[2001:db8::1]:25"}, // no IPv6 here
		{context.DeadlineExceeded, "192.0.2.1:25"},
	}
	for _, test := range tests {
		s := &Scanner{}
		s.tried[0].Store(true)
		tries := 0
		dial := s.Dial(func(context.Context, string, string) (net.Conn, error) {
			tries++
			return nil, test.err
		})
		if _, err := dial(t.Context(), "tcp", test.address); err != test.err || tries != 1 {
			t.Errorf("%v: %d tries, %v", test.err, tries, err)
		}
	}
}

// A dial outside a scan goes by its own context.
func TestDialWithoutRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &Scanner{Rate: 1}
		dial := s.Dial(func(context.Context, string, string) (net.Conn, error) {
			return nil, failing("socket", syscall.EMFILE)
		})
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		if _, err := dial(ctx, "tcp", "192.0.2.1:25"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("dial returned %v", err)
		}
	})
}
