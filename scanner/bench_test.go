//go:build linux

package scanner

import (
	"context"
	"net"
	"net/netip"
	"strings"
	"syscall"
	"testing"
	"time"

	"openrelay/internal/simnet"
	"openrelay/probe"
	"openrelay/probe/prober"
	"openrelay/scanner/sockets"
)

// sixteen are the ways to ask that other scanners know too.
const sixteen = "plain plain-com plain-net null-sender same-domain sender-own-domain percent-own-domain percent-bare " +
	"quoted-own-domain quoted-bare bang-own-domain bang-bare double-at-own-domain route-own-domain trailing-dot mixed-case"

// A benchmark scans 1,024 servers that relay for nobody, and has the bare client ask them in turn. It
// reports servers per second, CPU per server without the servers', and both as multiples of the bare
// client's. Whole programs, nmap beside them, are .ci/bench.
func BenchmarkScan(b *testing.B) {
	if testing.Short() {
		b.Skip("scans a thousand servers again and again")
	}
	all, one := simnet.Bare{Probes: 16, Workers: 1024}, simnet.Bare{Probes: 1, Sequential: true, Workers: 1024}
	for _, bench := range []struct {
		name    string
		servers simnet.Options
		quick   bool
		bare    simnet.Bare
	}{
		{"latency=0", simnet.Options{}, false, all},
		{"latency=50ms", simnet.Options{Latency: 50 * time.Millisecond}, false, all},
		{"pipelining=no", simnet.Options{Latency: 50 * time.Millisecond, Sequential: 1, Strict: true}, false,
			simnet.Bare{Probes: 16, Sequential: true, Workers: 1024}},
		{"quick", simnet.Options{}, true, one},
	} {
		b.Run(bench.name, func(b *testing.B) { benchmarkScan(b, bench.servers, bench.quick, bench.bare) })
	}
}

func benchmarkScan(b *testing.B, o simnet.Options, quick bool, bare simnet.Bare) {
	c, err := simnet.New(netip.MustParseAddrPort("0.0.0.0:0"), o)
	if err != nil {
		b.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- c.Serve() }()
	network := netip.MustParsePrefix("127.100.0.0/22")
	const hosts = 1024
	var ours, theirs spent
	for b.Loop() {
		ours.measure(c, func() { scanAll(b, c, network, quick) })
		theirs.measure(c, func() {
			if n, _ := bare.Run(context.Background(), simnet.Addresses(network, c.Addr().Port())); n != hosts {
				b.Fatalf("%d of %d servers answered the bare client", n, hosts)
			}
		})
	}
	n := c.Counts()
	if n.Messages+n.UnaskedData+n.Commands["DATA"]+n.Full > 0 || n.MaxOpenPerAddress > 1 {
		b.Errorf("the servers have seen what it should not:\n%s", n)
	}
	total := float64(b.N) * hosts
	b.ReportMetric(total/ours.wall.Seconds(), "hosts/s")
	b.ReportMetric(float64(ours.cpu)/total, "CPU-ns/host")
	b.ReportMetric(ours.wall.Seconds()/theirs.wall.Seconds(), "x-bare-time")
	b.ReportMetric(ours.cpu.Seconds()/theirs.cpu.Seconds(), "x-bare-CPU")
	b.ReportMetric(0, "ns/op") // of both together, which says nothing
	if err := c.Close(); err != nil {
		b.Error(err)
	}
	if err := <-served; err != nil {
		b.Error(err)
	}
}

// spent is time, and the CPU time of this process without the servers'.
type spent struct{ wall, cpu time.Duration }

func (s *spent) measure(c *simnet.Servers, f func()) {
	start, cpu := time.Now(), processCPU()-c.Counts().CPU
	f()
	s.wall += time.Since(start)
	s.cpu += processCPU() - c.Counts().CPU - cpu
}

func processCPU() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// scanAll scans a network and demands that every server is found closed.
func scanAll(b *testing.B, c *simnet.Servers, network netip.Prefix, quick bool) {
	vectors, err := probe.Select("quick", false)
	if err != nil {
		b.Fatal(err)
	}
	if !quick {
		vectors = nil
		for _, id := range strings.Fields(sixteen) {
			v, ok := probe.Find(id)
			if !ok {
				b.Fatalf("there is no vector %q", id)
			}
			vectors = append(vectors, v)
		}
	}
	s := &Scanner{Workers: 1024, PerNetwork: 1024}
	p := &prober.Prober{Vectors: vectors, Quick: quick, LocalDomains: []string{"local.test"}, Limits: prober.Limits{Connect: 10 * time.Second}}
	set, err := sockets.Open(netip.Addr{})
	if err != nil {
		b.Fatal(err)
	}
	defer set.Close()
	p.Dial = s.Dial(set.DialContext)
	s.Probe, s.Connect = p.Probe, func(ctx context.Context, t probe.Target, done func(net.Conn, error)) {
		set.Connect(ctx, t.Addr, p.Limits.For(t).Connect, done)
	}
	err = s.Run(context.Background(), asTargets(simnet.Addresses(network, c.Addr().Port())), func(r probe.Result) error {
		if r.Verdict != probe.Closed {
			b.Errorf("%s: %v (%s) %s", r.Target, r.Verdict, r.Reason, r.Detail)
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
}
