// Command bare asks every address of a network the least that a relay test can ask: the yardstick of
// .ci/bench.
package main

import (
	"context"
	"flag"
	"fmt"
	"net/netip"
	"os"

	"openrelay/internal/simnet"
)

func main() {
	var b simnet.Bare
	flag.IntVar(&b.Probes, "probes", 16, "recipients to try, 1 to 16")
	flag.IntVar(&b.Sessions, "sessions", 1, "to spread them over")
	flag.BoolVar(&b.Sequential, "sequential", false, "one command a write")
	flag.IntVar(&b.Workers, "workers", 4096, "sessions at once")
	port := flag.Uint("port", 25, "port")
	flag.Parse()
	network, err := netip.ParsePrefix(flag.Arg(0))
	if err != nil || b.Probes < 1 || b.Probes > 16 || b.Sessions < 1 || *port > 65535 {
		fmt.Fprintln(os.Stderr, "usage: bare [-probes N] [-sessions N] [-sequential] [-workers N] [-port N] NETWORK")
		os.Exit(2)
	}
	answered, accepted := b.Run(context.Background(), simnet.Addresses(network, uint16(*port)))
	fmt.Println(answered, "answered,", accepted, "recipients accepted")
}
