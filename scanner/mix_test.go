package scanner

import (
	"context"
	"errors"
	"iter"
	"net"
	"net/netip"
	"testing"
	"time"

	"openrelay/internal/simnet"
	"openrelay/probe"
	"openrelay/probe/prober"
	"openrelay/scanner/sockets"
)

// asTargets are addresses out of a range.
func asTargets(addresses iter.Seq[netip.AddrPort]) iter.Seq2[probe.Target, error] {
	return func(yield func(probe.Target, error) bool) {
		for a := range addresses {
			if !yield(probe.Target{Addr: a}, nil) {
				return
			}
		}
	}
}

// What many different servers are is what a scan says they are, and nothing is sent to find out.
func TestMixedServers(t *testing.T) {
	want := map[string]struct {
		verdict probe.Verdict
		reason  probe.Reason
	}{
		"closed":   {probe.Closed, probe.ReasonRelayDenied},
		"open":     {probe.Open, "plain"},
		"percent":  {probe.Open, "percent-own-domain"},
		"partial":  {probe.Open, "percent-own-domain"},
		"greylist": {probe.Inconclusive, probe.ReasonGreylisted},
		"auth":     {probe.Closed, probe.ReasonAuthRequired},
		"slow":     {probe.Closed, probe.ReasonRelayDenied},
		"tarpit":   {probe.Closed, probe.ReasonRelayDenied},
		"silent":   {probe.Unreachable, probe.ReasonNoBanner},
		"hangup":   {probe.Unreachable, probe.ReasonClosedEarly},
		"reset":    {probe.Unreachable, probe.ReasonReset},
		"busy":     {probe.Inconclusive, probe.ReasonServiceRefused},
		"reject":   {probe.Inconclusive, probe.ReasonServiceRefused},
	}
	o := simnet.Options{Latency: time.Millisecond, Sequential: .3, Strict: true, SlowGreeting: 100 * time.Millisecond, Tarpit: 20 * time.Millisecond}
	o = o.Postfix()
	for _, b := range simnet.Behaviours {
		o.Mix = append(o.Mix, simnet.Share{Behaviour: b, Fraction: 1 / float64(len(simnet.Behaviours))})
	}
	c, err := simnet.New(netip.MustParseAddrPort("0.0.0.0:0"), o)
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- c.Serve() }()
	defer func() {
		if err := errors.Join(c.Close(), <-served); err != nil {
			t.Error(err)
		}
	}()
	vectors, err := probe.Select("quick", false)
	if err != nil {
		t.Fatal(err)
	}
	s := &Scanner{Workers: 100, PerNetwork: 100}
	p := &prober.Prober{Vectors: vectors, Quick: true, LocalDomains: []string{"local.test"}}
	hasty := &prober.Prober{Vectors: vectors, Quick: true, LocalDomains: []string{"local.test"}} // for those that say nothing
	p.Limits = prober.Limits{Connect: time.Minute, Greeting: 5 * time.Minute, Reply: 5 * time.Minute, Total: 9 * time.Minute}
	hasty.Limits = prober.Limits{Connect: time.Minute, Greeting: time.Second}
	set, err := sockets.Open(netip.Addr{})
	if err != nil {
		t.Fatal(err)
	}
	defer set.Close()
	p.Dial = s.Dial(set.DialContext)
	hasty.Dial = p.Dial
	s.Probe = func(ctx context.Context, t probe.Target) *probe.Result {
		if c.Expected(t.Addr.Addr()).Name == "silent" {
			return hasty.Probe(ctx, t)
		}
		return p.Probe(ctx, t)
	}
	s.Connect = func(ctx context.Context, t probe.Target, done func(net.Conn, error)) {
		set.Connect(ctx, t.Addr, p.Limits.For(t).Connect, done)
	}
	seen := make(map[string]int)
	network := netip.MustParsePrefix("127.101.0.0/24")
	err = s.Run(context.Background(), asTargets(simnet.Addresses(network, c.Addr().Port())), func(r probe.Result) error {
		name := c.Expected(netip.MustParseAddrPort(r.Target).Addr()).Name
		seen[name]++
		if w := want[name]; r.Verdict != w.verdict || r.Reason != w.reason {
			t.Errorf("%s is %s: %v (%s), want %v (%s) %s", r.Target, name, r.Verdict, r.Reason, w.verdict, w.reason, r.Detail)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(seen) != len(simnet.Behaviours) {
		t.Errorf("only %v were there", seen)
	}
	n := c.Counts()
	if n.Messages+n.UnaskedData+n.Cut+n.SyncErrors+n.Full > 0 || n.MaxOpenPerAddress > 1 {
		t.Errorf("the servers have seen what it should not:\n%s", n)
	}
}
