package prober_test

import (
	"context"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"openrelay/internal/memnet"
	"openrelay/probe"
	"openrelay/probe/prober"
)

// inRealTime is for honest servers behind real sockets: how busy the machine is must not tell.
var inRealTime = prober.Limits{Connect: time.Minute, Greeting: 5 * time.Minute, Reply: 5 * time.Minute, Total: 9 * time.Minute, Retry: -1}

// network has the servers of these tests: each listens there for as long as it is probed.
var (
	network memnet.Net
	servers sync.Map // netip.AddrPort: func(net.Listener)
	port    atomic.Uint32
)

// listen has a server run while its target is probed.
func listen(t *testing.T, serve func(net.Listener)) probe.Target {
	addr := netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), uint16(10_000+port.Add(1)%50_000))
	servers.Store(addr, serve)
	t.Cleanup(func() { servers.Delete(addr) })
	return probe.Target{Addr: addr, Named: true}
}

// listenTCP runs a server behind a real socket, for a whole test, and waits for its end.
func listenTCP(t *testing.T, serve func(net.Listener)) probe.Target {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { defer close(done); serve(l) }()
	t.Cleanup(func() { _ = l.Close(); <-done })
	return probe.Target{Addr: l.Addr().(*net.TCPAddr).AddrPort(), Named: true}
}

// clocked probes by a clock that stands still while anybody, server or prober, has anything to do. So who
// waits less long than another gives up before it, however busy the machine is.
type clocked struct {
	*prober.Prober
	t      *testing.T
	server netip.AddrPort // where the target's address is not where its server listens
	took   time.Duration  // the last time
}

// Probe runs the servers too, and returns when nothing of them is left.
func (p *clocked) Probe(_ context.Context, target probe.Target) *probe.Result {
	return p.while(target, func(ctx context.Context) *probe.Result { return p.Prober.Probe(ctx, target) })
}

func (p *clocked) ReadGreeting(_ context.Context, target probe.Target) *probe.Result {
	return p.while(target, func(ctx context.Context) *probe.Result { return p.Prober.ReadGreeting(ctx, target) })
}

func (p *clocked) while(target probe.Target, probes func(context.Context) *probe.Result) (res *probe.Result) {
	p.t.Helper()
	now, at := time.Now(), target.Addr
	if p.server.IsValid() {
		at = p.server
	}
	synctest.Test(p.t, func(t *testing.T) {
		time.Sleep(time.Until(now)) // a bubble begins in the year 2000, and certificates later
		l := network.Listen(at)
		if serve, ok := servers.Load(at); ok {
			go serve.(func(net.Listener))(l)
		} else {
			_ = l.Close()
		}
		begun := time.Now()
		res = probes(t.Context())
		p.took = time.Since(begun)
		synctest.Wait() // what we said last is heard
		_ = l.Close()
		time.Sleep(time.Hour) // who sleeps wakes up, and finds that we have gone
	})
	return res
}
