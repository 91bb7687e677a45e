package scanner_test

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"os"
	"runtime"
	"sync"
	"testing"
	"time"

	"openrelay/internal/hostile"
	"openrelay/probe"
	"openrelay/probe/prober"
	"openrelay/scanner"
	"openrelay/scanner/sockets"
)

const soakTargets = 10_000

// company is servers that listen on every address of 127.0.0.0/8, each kind on a port of its own.
type company struct {
	kinds []*hostile.Server
	ports []uint16
}

// gather starts honest servers, and one of each that is hostile.
func gather(t *testing.T) (c company, stop func()) {
	t.Helper()
	c.kinds = append(c.kinds, &hostile.Honest)
	for i := range hostile.Servers {
		c.kinds = append(c.kinds, &hostile.Servers[i])
	}
	var serving sync.WaitGroup
	var listeners []net.Listener
	for _, kind := range c.kinds {
		l, err := net.Listen("tcp", "0.0.0.0:0")
		if err != nil {
			t.Fatal(err)
		}
		listeners = append(listeners, l)
		c.ports = append(c.ports, l.Addr().(*net.TCPAddr).AddrPort().Port())
		serving.Go(func() { kind.Serve(l) })
	}
	return c, func() {
		for _, l := range listeners {
			_ = l.Close()
		}
		serving.Wait()
	}
}

// target is the nth one: every second one is honest.
func (c company) target(n int) (probe.Target, *hostile.Server) {
	kind := 0
	if n%2 == 1 {
		kind = 1 + n/2%(len(c.kinds)-1)
	}
	addr := netip.AddrFrom4([4]byte{127, 80, byte(n >> 8), byte(n)})
	return probe.Target{Addr: netip.AddrPortFrom(addr, c.ports[kind])}, c.kinds[kind]
}

// TestSoak scans ten thousand servers again and again, half of them hostile, for as long as OPENRELAY_SOAK
// says. Nothing may grow, and every honest server is judged right each time.
func TestSoak(t *testing.T) {
	length, err := time.ParseDuration(os.Getenv("OPENRELAY_SOAK"))
	if err != nil {
		t.Skip("takes minutes: OPENRELAY_SOAK=5m")
	}
	goroutines, files := runtime.NumGoroutine(), descriptors(t)
	c, stop := gather(t)
	vectors, err := probe.Select("quick", false)
	if err != nil {
		t.Fatal(err)
	}
	var first uint64
	rounds, others, begun := 0, make(map[string]int), time.Now()
	for ; rounds < 2 || time.Since(begun) < length; rounds++ {
		c.scan(t, vectors, others)
		if rounds == 0 {
			first = heap()
		}
		t.Logf("after %.0f s: round %d, %d goroutines, %d descriptors, %d KB of heap", time.Since(begun).Seconds(), rounds+1,
			runtime.NumGoroutine(), descriptors(t), heap()>>10)
	}
	last := heap()
	stop()
	for deadline := time.Now().Add(2 * time.Minute); time.Now().Before(deadline) && (runtime.NumGoroutine() > goroutines || descriptors(t) > files); {
		time.Sleep(50 * time.Millisecond)
	}
	t.Logf("%d rounds of %d targets; goroutines %d, then %d; descriptors %d, then %d; heap %d KB, then %d KB",
		rounds, soakTargets, goroutines, runtime.NumGoroutine(), files, descriptors(t), first>>10, last>>10)
	t.Logf("hostile servers that got another verdict than alone, where there is more time for each: %v", others)
	if n := runtime.NumGoroutine(); n > goroutines {
		t.Errorf("%d goroutines before, %d after", goroutines, n)
	}
	if n := descriptors(t); n > files {
		t.Errorf("%d descriptors before, %d after", files, n)
	}
	if last > first+8<<20 {
		t.Errorf("heap grew from %d KB to %d KB", first>>10, last>>10)
	}
}

// scan is one round. It counts the hostile servers that get another verdict than alone, as they may where
// few vectors are tried; but none is open that is not.
func (c company) scan(t *testing.T, vectors []probe.Vector, others map[string]int) {
	t.Helper()
	s := &scanner.Scanner{Workers: 200, PerNetwork: 200, MaxConnecting: 200}
	p := &prober.Prober{Vectors: vectors, Quick: true, LocalDomains: []string{"local.test"}, Limits: prober.Limits{
		Connect: 10 * time.Second, Greeting: 5 * time.Second, Reply: 5 * time.Second, Total: 30 * time.Second,
	}}
	set, err := sockets.Open(netip.Addr{})
	if err != nil {
		t.Fatal(err)
	}
	defer set.Close()
	p.Dial, p.Pause = s.Dial(set.DialContext), s.Pause
	honest := &prober.Prober{Vectors: vectors, Quick: true, LocalDomains: p.LocalDomains, Dial: p.Dial, Pause: p.Pause, Limits: prober.Limits{
		Connect: time.Minute, Greeting: 5 * time.Minute, Reply: 5 * time.Minute, Total: 9 * time.Minute, // however busy we are
	}}
	s.Probe = func(ctx context.Context, t probe.Target) *probe.Result {
		if t.Addr.Port() == c.ports[0] {
			return honest.Probe(ctx, t)
		}
		return p.Probe(ctx, t)
	}
	s.Connect = func(ctx context.Context, t probe.Target, done func(net.Conn, error)) {
		set.Connect(ctx, t.Addr, honest.Limits.For(t).Connect, done)
	}
	kinds := make(map[string]*hostile.Server, soakTargets)
	targets := func(yield func(probe.Target, error) bool) {
		for n := range soakTargets {
			if target, _ := c.target(n); !yield(target, nil) {
				return
			}
		}
	}
	for n := range soakTargets {
		target, kind := c.target(n)
		kinds[target.String()] = kind
	}
	err = s.Run(context.Background(), targets, func(res probe.Result) error {
		kind := kinds[res.Target]
		delete(kinds, res.Target)
		switch {
		case res.Verdict == kind.Verdict:
		case kind == &hostile.Honest, res.Verdict == probe.Open:
			t.Errorf("%s at %s: %v (%s), want %v; %s", kind.Name, res.Target, res.Verdict, res.Reason, kind.Verdict, res.Detail)
		default:
			others[fmt.Sprintf("%s: %v", kind.Name, res.Verdict)]++
		}
		return nil
	})
	if err != nil || len(kinds) != 0 {
		t.Errorf("%d targets without a result, %v", len(kinds), err)
	}
}
