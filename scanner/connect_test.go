package scanner

import (
	"context"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"openrelay/probe"
)

// counted is a connection that tells when it is closed.
type counted struct {
	net.Conn
	open *atomic.Int64
}

func (c counted) Close() error {
	c.open.Add(-1)
	return c.Conn.Close()
}

// dials makes a probe that asks for n connections, and gives them back.
func dials(n int, dial DialFunc) func(context.Context, probe.Target) *probe.Result {
	return func(ctx context.Context, target probe.Target) *probe.Result {
		for range n {
			conn, err := dial(ctx, "tcp", target.Addr.String())
			if err != nil {
				return &probe.Result{Verdict: probe.Unreachable, Detail: err.Error()}
			}
			conn.Close()
		}
		return &probe.Result{Verdict: probe.Closed}
	}
}

// Addresses where nothing answers hold no worker: ten thousand of them cost one worker no more than the
// time that two thousand at once take.
func TestDeadHoldNoWorker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &Scanner{Workers: 1, PerNetwork: 1000}
		s.Probe = dials(1, s.Dial(func(context.Context, string, string) (net.Conn, error) {
			t.Error("a probe made a connection of its own")
			return nil, syscall.EINVAL
		}))
		s.Connect = func(_ context.Context, _ probe.Target, done func(net.Conn, error)) {
			time.AfterFunc(time.Second, func() { done(nil, failing("connect", syscall.EHOSTUNREACH)) })
		}
		start, n := time.Now(), 0
		err := s.Run(t.Context(), addresses(10_000, 10), func(r probe.Result) error {
			if n++; r.Verdict != probe.Unreachable {
				t.Error(r.Verdict)
			}
			return nil
		})
		if took := time.Since(start); err != nil || n != 10_000 || took > 7*time.Second {
			t.Errorf("%d results after %v, %v", n, took, err)
		}
	})
}

// Where we are short of something ourselves, the target keeps its place and tries again.
func TestShortageAhead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &Scanner{Workers: 1}
		s.Probe = dials(1, s.Dial(func(context.Context, string, string) (net.Conn, error) { return nil, syscall.EINVAL }))
		tries := 0
		s.Connect = func(_ context.Context, _ probe.Target, done func(net.Conn, error)) {
			if tries++; tries < 5 {
				done(nil, failing("socket", syscall.EMFILE))
				return
			}
			done(dialed(), nil)
		}
		start := time.Now()
		err := s.Run(t.Context(), list("192.0.2.1:25"), func(r probe.Result) error {
			if r.Verdict != probe.Closed {
				t.Errorf("%v: %s", r.Verdict, r.Detail)
			}
			return nil
		})
		if took := time.Since(start); err != nil || tries != 5 || took != 1500*time.Millisecond {
			t.Errorf("%d tries in %v, %v", tries, took, err)
		}
	})
}

// The rate counts connections that are made ahead and those that probes make.
func TestRateAhead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &Scanner{Workers: 50, Rate: 10}
		var mu sync.Mutex
		var times []time.Time
		note := func() net.Conn {
			mu.Lock()
			defer mu.Unlock()
			times = append(times, time.Now())
			return dialed()
		}
		s.Probe = dials(3, s.Dial(func(context.Context, string, string) (net.Conn, error) { return note(), nil }))
		s.Connect = func(_ context.Context, _ probe.Target, done func(net.Conn, error)) { done(note(), nil) }
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
	})
}

// Whatever ends a scan, connections that nobody asked for any more are closed.
func TestNothingStaysOpen(t *testing.T) {
	for name, end := range map[string]func(cancel func()) error{
		"interrupted":     func(cancel func()) error { cancel(); return nil },
		"a full disk":     func(func()) error { return errors.New("no space left on device") },
		"a fault of ours": func(func()) error { panic("emit") },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				var open atomic.Int64
				s := &Scanner{Workers: 2, MaxConnecting: 100, PerNetwork: 100}
				s.Probe = dials(1, s.Dial(func(context.Context, string, string) (net.Conn, error) { return nil, syscall.EINVAL }))
				s.Connect = func(ctx context.Context, _ probe.Target, done func(net.Conn, error)) {
					time.AfterFunc(time.Second, func() {
						open.Add(1)
						done(counted{dialed(), &open}, nil)
					})
				}
				func() {
					defer func() { recover() }()
					_ = s.Run(ctx, addresses(500, 10), func(probe.Result) error { return end(cancel) })
				}()
				synctest.Wait()
				if n := open.Load(); n != 0 {
					t.Errorf("%d connections are open", n)
				}
			})
		})
	}
}

// A probe that breaks down before it has asked for its connection leaves it to us to close.
func TestPanicClosesWhatWasMadeAhead(t *testing.T) {
	var open atomic.Int64
	s := &Scanner{Workers: 1}
	s.Probe = func(context.Context, probe.Target) *probe.Result { panic("a fault of ours") }
	s.Connect = func(_ context.Context, _ probe.Target, done func(net.Conn, error)) {
		if n := open.Add(1); n > 1 {
			t.Errorf("%d connections at once to one address", n)
		}
		done(counted{dialed(), &open}, nil)
	}
	_ = s.Run(t.Context(), list("192.0.2.1:25", "192.0.2.1:26", "192.0.2.1:27"), func(probe.Result) error { return nil })
	if n := open.Load(); n != 0 {
		t.Errorf("%d connections are open", n)
	}
}
