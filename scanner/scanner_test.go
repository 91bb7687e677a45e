package scanner

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/netip"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"openrelay/probe"
	"openrelay/probe/netaddr"
)

// list yields one target per address and port.
func list(addrs ...string) iter.Seq2[probe.Target, error] {
	return func(yield func(probe.Target, error) bool) {
		for _, a := range addrs {
			if !yield(probe.Target{Addr: netip.MustParseAddrPort(a)}, nil) {
				return
			}
		}
	}
}

// addresses yields n targets with distinct addresses, each network having per of them.
func addresses(n, per int) iter.Seq2[probe.Target, error] {
	return func(yield func(probe.Target, error) bool) {
		for i := range n {
			addr := netip.AddrFrom4([4]byte{127, byte(i / per >> 8), byte(i / per), byte(i % per)})
			if !yield(probe.Target{Addr: netip.AddrPortFrom(addr, 25)}, nil) {
				return
			}
		}
	}
}

// gauge counts dialogues in progress, by a key, and remembers the most at once.
type gauge struct {
	sync.Mutex
	now, most map[string]int
}

func (g *gauge) enter(keys ...string) (leave func()) {
	g.Lock()
	defer g.Unlock()
	if g.now == nil {
		g.now, g.most = map[string]int{}, map[string]int{}
	}
	for _, k := range keys {
		g.now[k]++
		g.most[k] = max(g.most[k], g.now[k])
	}
	return func() {
		g.Lock()
		defer g.Unlock()
		for _, k := range keys {
			g.now[k]--
		}
	}
}

// takes is a probe that takes its time, and returns early when told to.
func takes(d time.Duration) func(context.Context, probe.Target) *probe.Result {
	return func(ctx context.Context, t probe.Target) *probe.Result {
		sleep(ctx, d)
		return &probe.Result{Target: t.String()}
	}
}

// collect is an emit function that keeps the targets of the results.
func collect(targets *[]string) func(probe.Result) error {
	var busy atomic.Bool
	return func(r probe.Result) error {
		if busy.Swap(true) {
			panic("emit called twice at once")
		}
		defer busy.Store(false)
		*targets = append(*targets, r.Target)
		return nil
	}
}

func TestEveryTargetOnce(t *testing.T) {
	for _, workers := range []int{0, 1, 7} {
		synctest.Test(t, func(t *testing.T) {
			s := &Scanner{Probe: takes(time.Second), Workers: workers}
			var got []string
			if err := s.Run(t.Context(), addresses(500, 3), collect(&got)); err != nil {
				t.Fatal(err)
			}
			slices.Sort(got)
			if n := len(slices.Compact(got)); n != 500 {
				t.Errorf("%d workers: %d of 500 targets", workers, n)
			}
		})
	}
}

func TestLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g gauge
		s := &Scanner{Workers: 50, PerNetwork: 4}
		s.Probe = func(ctx context.Context, target probe.Target) *probe.Result {
			addr, bits := netaddr.Embedded(target.Addr.Addr()), 64
			if addr.Is4() {
				bits = 24
			}
			defer g.enter("all", "address "+addr.String(), "network "+netip.PrefixFrom(addr, bits).Masked().String())()
			sleep(ctx, time.Second)
			return &probe.Result{Target: target.String()}
		}
		var targets []string
		for _, port := range []int{25, 465, 587} {
			for i := range 100 {
				targets = append(targets, fmt.Sprintf("192.0.2.%d:%d", i, port), fmt.Sprintf("198.51.%d.1:%d", i, port),
					fmt.Sprintf("[2001:db8::%d]:%d", i, port), fmt.Sprintf("[2001:db8:0:%d::1]:%d", i, port),
					fmt.Sprintf("[64:ff9b::192.0.2.%d]:%d", i, port), fmt.Sprintf("[2002:c000:2%02x::25]:%d", i, port))
			}
		}
		var got []string
		if err := s.Run(t.Context(), list(targets...), collect(&got)); err != nil {
			t.Fatal(err)
		}
		if len(got) != len(targets) {
			t.Errorf("%d of %d targets", len(got), len(targets))
		}
		if g.most["all"] != 50 {
			t.Errorf("%d dialogues at once, want 50", g.most["all"])
		}
		for key, n := range g.most {
			if strings.HasPrefix(key, "address") && n != 1 || strings.HasPrefix(key, "network") && n > 4 {
				t.Errorf("%d dialogues at once with %s", n, key)
			}
		}
		if g.most["network 192.0.2.0/24"] != 4 || g.most["network 2001:db8::/64"] != 4 {
			t.Errorf("networks are not used as far as they may be: %v", g.most)
		}
	})
}

// A busy network must not keep workers from the others.
func TestBusyNetworkStandsAside(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &Scanner{Workers: 10, PerNetwork: 2, Probe: takes(time.Second)}
		var targets []string
		for i := range 100 { // needs 50 s by itself
			targets = append(targets, fmt.Sprintf("192.0.2.%d:25", i))
		}
		for i := range 100 {
			targets = append(targets, fmt.Sprintf("198.51.%d.1:25", i))
		}
		start, others := time.Now(), time.Duration(0)
		err := s.Run(t.Context(), list(targets...), func(r probe.Result) error {
			if strings.HasPrefix(r.Target, "198.") {
				others = time.Since(start)
			}
			return nil
		})
		if err != nil || others > 15*time.Second || time.Since(start) > 55*time.Second {
			t.Errorf("the others took %v, all %v, %v", others, time.Since(start), err)
		}
	})
}

// One network's line is bounded: a large range is not read into memory.
func TestPutAsideIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		taken := 0
		targets := func(yield func(probe.Target, error) bool) {
			for target := range addresses(20_000, 200) {
				taken++
				target.Addr = netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), uint16(taken))
				if !yield(target, nil) {
					return
				}
			}
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		s := &Scanner{Probe: takes(time.Second)}
		err := s.Run(ctx, targets, func(probe.Result) error { return nil })
		if !errors.Is(err, context.DeadlineExceeded) || taken < maxAside || taken > maxAside+feedAhead+100 {
			t.Errorf("took %d targets: %v", taken, err)
		}
	})
}

func TestFirstComeFirstServed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var order []string
		s := &Scanner{Workers: 8, PerNetwork: 1, Probe: takes(time.Second)}
		targets := []string{"192.0.2.1:25", "192.0.2.1:465", "192.0.2.2:25", "192.0.2.3:25", "192.0.2.2:465"}
		if err := s.Run(t.Context(), list(targets...), collect(&order)); err != nil {
			t.Fatal(err)
		}
		// A second port of an address joins its network's line when the first is done.
		want := []string{"192.0.2.1:25", "192.0.2.2:25", "192.0.2.3:25", "192.0.2.1:465", "192.0.2.2:465"}
		if !slices.Equal(order, want) {
			t.Errorf("order %v, want %v", order, want)
		}
	})
}

func TestNameWithoutAddress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		targets := func(yield func(probe.Target, error) bool) {
			for range 3 {
				yield(probe.Target{Name: "nowhere.example", Port: 25, DNSError: "no such host"}, nil)
			}
		}
		var got []string
		s := &Scanner{Probe: takes(time.Second), PerNetwork: 1, Rate: 1}
		if err := s.Run(t.Context(), targets, collect(&got)); err != nil || len(got) != 3 {
			t.Errorf("got %v, %v", got, err)
		}
	})
}

func TestCancel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		var begun, returned atomic.Int64
		s := &Scanner{Workers: 10, Probe: func(ctx context.Context, target probe.Target) *probe.Result {
			begun.Add(1)
			defer returned.Add(1)
			sleep(ctx, time.Second)
			time.Sleep(time.Millisecond) // to say QUIT
			return &probe.Result{Target: target.String()}
		}}
		go func() {
			time.Sleep(2500 * time.Millisecond)
			cancel()
		}()
		var got []string
		start := time.Now()
		err := s.Run(ctx, addresses(1000, 5), collect(&got))
		if !errors.Is(err, context.Canceled) {
			t.Errorf("Run returned %v", err)
		}
		if len(got) != 20 || begun.Load() != 30 || returned.Load() != 30 {
			t.Errorf("%d results, %d begun, %d returned; want 20, 30, 30", len(got), begun.Load(), returned.Load())
		}
		if took := time.Since(start); took > 2600*time.Millisecond {
			t.Errorf("Run returned %v after its start", took)
		}
	})
}

// A result that was complete when the scan was cancelled is not lost, even if emit is slow.
func TestCompleteResultsSurviveCancel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		s := &Scanner{Workers: 10, Probe: takes(time.Second)}
		n := 0
		err := s.Run(ctx, addresses(10, 1), func(probe.Result) error {
			if n++; n == 1 {
				synctest.Wait() // the others are complete and wait
				cancel()
			}
			return nil
		})
		if n != 10 || err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("%d results, %v", n, err)
		}
	})
}

func TestErrorsEndTheScan(t *testing.T) {
	full := errors.New("disk full")
	synctest.Test(t, func(t *testing.T) {
		n := 0
		s := &Scanner{Workers: 10, Probe: takes(time.Second)}
		err := s.Run(t.Context(), addresses(100, 1), func(probe.Result) error {
			n++
			return full
		})
		if err != full || n != 1 {
			t.Errorf("emit was called %d times, Run returned %v", n, err)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		lost := errors.New("lost")
		targets := func(yield func(probe.Target, error) bool) {
			for target := range addresses(5, 1) {
				yield(target, nil)
			}
			yield(probe.Target{}, lost)
		}
		var got []string
		s := &Scanner{Workers: 10, Probe: takes(time.Second)}
		if err := s.Run(t.Context(), targets, collect(&got)); err != lost || len(got) != 0 {
			t.Errorf("%d results, Run returned %v", len(got), err)
		}
	})
}

func TestPanicIsOneResult(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &Scanner{Workers: 2, Probe: func(_ context.Context, target probe.Target) *probe.Result {
			if target.Addr.Addr().As4()[2] == 1 {
				var none []int
				_ = none[target.Port]
			}
			return &probe.Result{Target: target.String(), Verdict: probe.Closed}
		}}
		var faults []probe.Result
		n := 0
		err := s.Run(t.Context(), addresses(4, 1), func(r probe.Result) error {
			n++
			if r.Verdict != probe.Closed {
				faults = append(faults, r)
			}
			return nil
		})
		if err != nil || n != 4 || len(faults) != 1 {
			t.Fatalf("%d results, faults %+v, %v", n, faults, err)
		}
		f := faults[0]
		if f.Verdict != probe.Inconclusive || f.Reason != probe.ReasonUnclear || f.Target != "127.0.1.0:25" || f.Schema != probe.Schema {
			t.Errorf("the fault is reported as %+v", f)
		}
		if !strings.Contains(f.Detail, "TestPanicIsOneResult") || !strings.Contains(f.Detail, "index out of range") {
			t.Errorf("detail %q names neither place nor fault", f.Detail)
		}
	})
}

// The result of a fault says where its target is written down, as any other does.
func TestFaultHasItsOrigin(t *testing.T) {
	s := &Scanner{Probe: func(context.Context, probe.Target) *probe.Result { panic("ours") }}
	target := probe.Target{Addr: netip.MustParseAddrPort("192.0.2.1:25"), Name: "mx.example.org", Named: true, Origin: "targets.txt:12"}
	if r := s.guarded(t.Context(), &target); r.Origin != target.Origin || r.Name != target.Name || !r.Named {
		t.Errorf("%+v is the result of %+v", r, target)
	}
}

// A panic of emit is a fault that must be seen, not a scan that hangs.
func TestEmitPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		defer func() {
			if recover() == nil {
				t.Error("the panic was lost")
			}
		}()
		s := &Scanner{Probe: takes(time.Second)}
		s.Run(t.Context(), addresses(20, 1), func(probe.Result) error { panic("emit") })
	})
}

func TestPauseLendsTheWorker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g gauge
		s := &Scanner{Workers: 2, PerNetwork: 2}
		s.Probe = func(ctx context.Context, target probe.Target) *probe.Result {
			leave := g.enter("all")
			time.Sleep(time.Second)
			leave()
			if err := s.Pause(ctx, 5*time.Minute); err != nil {
				t.Errorf("Pause returned %v", err)
			}
			defer g.enter("all")()
			time.Sleep(time.Second)
			return &probe.Result{Target: target.String()}
		}
		start := time.Now()
		var got []string
		if err := s.Run(t.Context(), addresses(100, 200), collect(&got)); err != nil || len(got) != 100 {
			t.Errorf("%d results, %v", len(got), err)
		}
		// 100 first tries by 2 workers take 50 s, the last is to be repeated 5 min later.
		if took, want := time.Since(start), 5*time.Minute+51*time.Second; took != want {
			t.Errorf("took %v, want %v", took, want)
		}
		if g.most["all"] != 2 || s.Paused() != 0 {
			t.Errorf("%d dialogues at once, %d paused at the end", g.most["all"], s.Paused())
		}
	})
}

// The other ports of an address are asked while one of them is waited for.
func TestPauseLendsTheAddress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &Scanner{}
		s.Probe = func(ctx context.Context, target probe.Target) *probe.Result {
			if target.Addr.Port() == 25 {
				s.Pause(ctx, time.Minute)
			}
			return &probe.Result{Target: target.String()}
		}
		var got []string
		err := s.Run(t.Context(), list("192.0.2.1:25", "192.0.2.1:587"), collect(&got))
		if err != nil || !slices.Equal(got, []string{"192.0.2.1:587", "192.0.2.1:25"}) {
			t.Errorf("got %v, %v", got, err)
		}
	})
}

func TestPauseEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &Scanner{Workers: 1}
		s.Probe = func(ctx context.Context, target probe.Target) *probe.Result {
			limited, cancel := context.WithTimeout(ctx, time.Second)
			defer cancel()
			if err := s.Pause(limited, time.Hour); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("Pause returned %v", err)
			}
			return &probe.Result{Target: target.String()}
		}
		start := time.Now()
		var got []string
		if err := s.Run(t.Context(), addresses(3, 1), collect(&got)); err != nil || len(got) != 3 || time.Since(start) != time.Second {
			t.Errorf("got %v after %v, %v", got, time.Since(start), err)
		}
	})
}

func TestCancelWhilePaused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		s := &Scanner{Workers: 3}
		s.Probe = func(ctx context.Context, target probe.Target) *probe.Result {
			for range 5 {
				time.Sleep(time.Second)
				s.Pause(ctx, time.Second)
			}
			return &probe.Result{}
		}
		if err := s.Run(ctx, addresses(100, 2), func(probe.Result) error { return nil }); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Run returned %v", err)
		}
	})
}

func TestPauseWithoutRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		if err := new(Scanner).Pause(t.Context(), time.Minute); err != nil || time.Since(start) != time.Minute {
			t.Errorf("Pause returned %v after %v", err, time.Since(start))
		}
	})
}

// A scan holds what is in progress, however many targets there are.
func TestMemoryIsFlat(t *testing.T) {
	if testing.Short() {
		t.Skip("walks 300,000 targets")
	}
	s := &Scanner{Workers: 100, Probe: func(_ context.Context, target probe.Target) *probe.Result {
		return &probe.Result{Target: target.String()}
	}}
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	n, early := 0, uint64(0)
	err := s.Run(t.Context(), addresses(300_000, 250), func(probe.Result) error {
		if n++; n == 1000 {
			early = heap()
		}
		if g := runtime.NumGoroutine(); g > 250 {
			t.Fatalf("%d goroutines", g)
		}
		return nil
	})
	if late := heap(); err != nil || n != 300_000 || late > early+1<<20 {
		t.Errorf("%d results, heap from %d to %d bytes, %v", n, early, late, err)
	}
}

func BenchmarkRun(b *testing.B) {
	s := &Scanner{Probe: func(context.Context, probe.Target) *probe.Result { return &probe.Result{} }}
	b.ReportAllocs()
	if err := s.Run(b.Context(), addresses(b.N, 250), func(probe.Result) error { return nil }); err != nil {
		b.Fatal(err)
	}
}
