package scanner

import (
	"context"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"openrelay/probe"
)

// Dialogues that wait for servers are as many as there are workers; those that would wait for a processor
// are not begun.
func TestNoMoreThanTheProcessorsHold(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2))
	all := make(chan struct{}) // closed when 500 wait
	complete := sync.OnceFunc(func() { close(all) })
	for name, tc := range map[string]struct {
		talk func(n int)
		// The most at once are no less than that, and half of the dialogues begin with no more beside them
		// than that: a moment in which the load is told too low, as where a thread is taken off its processor
		// with goroutines in hand, says nothing.
		most, usual int
	}{
		"waiting": {func(n int) {
			if n == 500 {
				complete()
			}
			select {
			case <-all:
			case <-time.After(time.Minute):
			}
		}, 500, 500},
		"working": {func(int) {
			for range 1000 {
				runtime.Gosched()
			}
		}, 2 * mostRunnable, 250},
	} {
		t.Run(name, func(t *testing.T) {
			var mu sync.Mutex
			var now int
			var seen []int // how many there were, as each began
			s := &Scanner{Workers: 500, PerNetwork: 500}
			s.Probe = func(context.Context, probe.Target) *probe.Result {
				mu.Lock()
				now++
				n := now
				seen = append(seen, n)
				mu.Unlock()
				tc.talk(n)
				mu.Lock()
				now--
				mu.Unlock()
				return &probe.Result{Verdict: probe.Closed}
			}
			if err := s.Run(t.Context(), addresses(1000, 10), func(probe.Result) error { return nil }); err != nil {
				t.Fatal(err)
			}
			slices.Sort(seen)
			if most, usual := seen[len(seen)-1], seen[len(seen)/2]; most < tc.most || most > 500 || usual > tc.usual {
				t.Errorf("%d dialogues at once, want at least %d and at most 500; usually %d, want at most %d", most, tc.most, usual, tc.usual)
			}
		})
	}
}
