package scanner_test

import (
	"context"
	"iter"
	"net"
	"net/netip"
	"os"
	"runtime"
	"testing"
	"time"

	"openrelay/probe"
	"openrelay/probe/prober"
	"openrelay/scanner"
	"openrelay/scanner/demo"
)

// listenOnMany listens on n addresses of 127.77.0.0/16, all one server, and yields them as targets.
func listenOnMany(t *testing.T, n int, s *demo.Script) iter.Seq2[probe.Target, error] {
	t.Helper()
	var targets []probe.Target
	var listeners []net.Listener
	for i := range n {
		addr := netip.AddrFrom4([4]byte{127, 77, byte(i / 250), byte(1 + i%250)})
		l, err := net.Listen("tcp", netip.AddrPortFrom(addr, 0).String())
		if err != nil {
			t.Skipf("cannot listen on %s, as only Linux lets everybody: %v", addr, err)
		}
		listeners = append(listeners, l)
		go func() { _ = s.Serve(l) }()
		targets = append(targets, probe.Target{Addr: l.Addr().(*net.TCPAddr).AddrPort()})
	}
	t.Cleanup(func() {
		for _, l := range listeners {
			_ = l.Close()
		}
	})
	return func(yield func(probe.Target, error) bool) {
		for _, target := range targets {
			if !yield(target, nil) {
				return
			}
		}
	}
}

func descriptors(t *testing.T) int {
	t.Helper()
	open, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skipf("cannot count descriptors: %v", err)
	}
	return len(open)
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// A thousand whole probes leave no connection open, no goroutine running (see TestMain) and nothing in
// memory that grows with the number of targets.
func TestThousandTargets(t *testing.T) {
	if testing.Short() {
		t.Skip("a thousand servers take some seconds")
	}
	vectors, err := probe.Select("quick", false)
	if err != nil {
		t.Fatal(err)
	}
	server := &demo.Script{}
	targets := listenOnMany(t, 1000, server)
	before := descriptors(t)
	s := &scanner.Scanner{Workers: 200, PerNetwork: 200}
	p := &prober.Prober{Vectors: vectors, Quick: true, LocalDomains: []string{"local.test"}, Limits: prober.Limits{
		Connect: time.Minute, Greeting: 5 * time.Minute, Reply: 5 * time.Minute, Total: 9 * time.Minute,
	}}
	p.Dial = s.Dial((&net.Dialer{}).DialContext)
	s.Probe = p.Probe
	closed, early := 0, uint64(0)
	err = s.Run(context.Background(), targets, func(r probe.Result) error {
		if r.Verdict == probe.Closed {
			closed++
		} else {
			t.Errorf("%s: %v (%s) %s", r.Target, r.Verdict, r.Reason, r.Detail)
		}
		if closed == 250 {
			early = heap()
		}
		return nil
	})
	if err != nil || closed != 1000 {
		t.Fatalf("%d of 1000 closed, %v", closed, err)
	}
	if late := heap(); late > early+2<<20 {
		t.Errorf("heap grew from %d bytes after 250 targets to %d after 1000", early, late)
	}
	// The servers' ends close as they notice ours are closed.
	for deadline := time.Now().Add(2 * time.Minute); descriptors(t) > before && time.Now().Before(deadline); {
		time.Sleep(20 * time.Millisecond)
	}
	if after := descriptors(t); after > before {
		t.Errorf("%d descriptors before, %d after", before, after)
	}
}
