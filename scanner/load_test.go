package scanner

import (
	"context"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"openrelay/probe"
)

// Dialogues that wait for servers are as many as there are workers; those that would wait for a processor
// are not begun.
func TestNoMoreThanTheProcessorsHold(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2))
	all := make(chan struct{}) // closed when 500 wait
	for name, tc := range map[string]struct {
		talk     func(n int64)
		from, to int64
	}{
		"waiting": {func(n int64) {
			if n == 500 {
				close(all)
			}
			select {
			case <-all:
			case <-time.After(time.Minute):
			}
		}, 500, 500},
		"working": {func(int64) {
			for range 1000 {
				runtime.Gosched()
			}
		}, 2 * crowded, 250},
	} {
		t.Run(name, func(t *testing.T) {
			var now, most atomic.Int64
			s := &Scanner{Workers: 500, PerNetwork: 500}
			s.Probe = func(context.Context, probe.Target) *probe.Result {
				n := now.Add(1)
				for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
				}
				tc.talk(n)
				now.Add(-1)
				return &probe.Result{Verdict: probe.Closed}
			}
			if err := s.Run(t.Context(), addresses(1000, 10), func(probe.Result) error { return nil }); err != nil {
				t.Fatal(err)
			}
			if n := most.Load(); n < tc.from || n > tc.to {
				t.Errorf("%d dialogues at once, want %d to %d", n, tc.from, tc.to)
			}
		})
	}
}
