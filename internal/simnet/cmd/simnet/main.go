// Command simnet is thousands of mail servers on one port, until it is interrupted. It then prints
// what it has seen, a counter a line.
package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"net/netip"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"openrelay/internal/simnet"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "simnet:", err)
		os.Exit(1)
	}
}

func run() error {
	var o simnet.Options
	addr, mix, within, postfix, expected, ready := "", "", "", false, "", ""
	flag.StringVar(&addr, "addr", "0.0.0.0:25", "IPv4 address and port to listen on")
	flag.StringVar(&within, "within", "127.0.0.0/8", "network to answer in; connections elsewhere are reset")
	flag.StringVar(&mix, "mix", "", "share of each behaviour, such as open=.02,silent=.01; the rest is closed")
	flag.Float64Var(&o.Dead, "dead", 0, "share of addresses that the network drops packets to, for -expected")
	flag.Uint64Var(&o.Seed, "seed", 0, "another number deals the shares to other addresses")
	flag.DurationVar(&o.Latency, "latency", 0, "from a command to its reply")
	flag.Float64Var(&o.Sequential, "sequential", 0, "share of addresses that do not offer PIPELINING")
	flag.BoolVar(&o.Strict, "strict", false, "554 and hang up on commands that came too early")
	flag.BoolVar(&postfix, "postfix", false, "Postfix's error limits: 1 s a reply after 10 errors, 421 at 20")
	flag.StringVar(&expected, "expected", "", "print every address of this network and what it is, and exit")
	flag.StringVar(&ready, "ready", "", "file to create when the servers listen")
	flag.Parse()
	var err error
	if o.Mix, err = simnet.ParseMix(mix); err != nil {
		return err
	}
	if postfix {
		o = o.Postfix()
	}
	if expected != "" {
		return list(o, expected)
	}
	if o.Within, err = netip.ParsePrefix(within); err != nil {
		return err
	}
	at, err := netip.ParseAddrPort(addr)
	if err != nil {
		return err
	}
	return serve(at, o, ready)
}

func serve(at netip.AddrPort, o simnet.Options, ready string) error {
	debug.SetGCPercent(400) // the collector's time would be taken from the scanner's
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	c, err := simnet.New(at, o)
	if err != nil {
		return err
	}
	if ready != "" {
		if err := os.WriteFile(ready, nil, 0o644); err != nil {
			return err
		}
	}
	done := make(chan error, 1)
	go func() { done <- c.Serve() }()
	select {
	case <-ctx.Done():
	case err := <-done:
		return err
	}
	counts := c.Counts()
	fmt.Print(counts)
	return c.Close()
}

func list(o simnet.Options, network string) error {
	p, err := netip.ParsePrefix(network)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(os.Stdout)
	for a := range simnet.Addresses(p, 0) {
		fmt.Fprintln(out, a.Addr(), o.Expected(a.Addr()).Name)
	}
	return out.Flush()
}
