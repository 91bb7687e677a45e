package lookup

import (
	"fmt"
	"net/netip"
	"runtime"
	"sync"
	"testing"
	"time"

	"openrelay/internal/dnstest"
	"openrelay/probe/dnsbl"
)

// A /24 over 40 lists, each answer 20 ms away, asks each question once and holds little. How long it
// takes is for a command to measure: 256 addresses at 50 queries a second are five seconds.
func TestSweep(t *testing.T) {
	if testing.Short() {
		t.Skip("takes five seconds, as lists are asked no faster")
	}
	var lists []dnstest.List
	for i := range 40 {
		lists = append(lists, dnstest.List{Zone: fmt.Sprintf("bl%d.test", i), Entries: map[string]dnstest.Entry{"203.0.113.7": listing}})
	}
	s, err := dnstest.Start(20*time.Millisecond, lists, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Stop()
	c := &Checker{Resolvers: []netip.AddrPort{s.Addr}, Timeout: time.Minute}
	for _, l := range lists {
		c.Zones = append(c.Zones, dnsbl.Zone{Zone: l.Zone, Asks: dnsbl.IP4, Kind: dnsbl.Accusation})
	}
	began := time.Now()
	counts := map[dnsbl.Status]int{}
	var mu sync.Mutex
	var all sync.WaitGroup
	slots := make(chan struct{}, 24)
	for i := range 256 {
		all.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			for _, l := range c.Addr(t.Context(), netip.AddrFrom4([4]byte{203, 0, 113, byte(i)})) {
				mu.Lock()
				counts[l.Status]++
				mu.Unlock()
			}
		})
	}
	all.Wait()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	t.Logf("%v, %d MB from the system", time.Since(began).Round(10*time.Millisecond), m.Sys>>20)
	if counts[dnsbl.Listed] != 40 || counts[dnsbl.Clean] != 40*255 || counts[dnsbl.NotChecked] != 0 {
		t.Errorf("%v", counts)
	}
	for _, l := range lists {
		if n := s.Queries(l.Zone); n != 2+256+1 {
			t.Errorf("%s: %d queries, want two tests, 256 addresses and one reason", l.Zone, n)
		}
	}
	if m.Sys > 60<<20 {
		t.Errorf("%d MB from the system", m.Sys>>20)
	}
}
