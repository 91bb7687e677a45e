package prober_test

import (
	"net/netip"
	"runtime"
	"strings"
	"sync"
	"testing"

	"openrelay/internal/hostile"
	"openrelay/probe"
	"openrelay/probe/dialogue"
	"openrelay/probe/phrasebook"
)

// mostHeld is the most that a probe may hold at its end, with its result, so that a scan with a thousand workers takes at
// most 400 MB: of servers that have nothing to be shown for, and of open ones. Without bounds it is 3 to 7 MB.
const (
	mostHeld     = 256 << 10
	mostHeldOpen = 448 << 10
)

// TestHeldMemory: what is kept of a server is bounded, however much it says, in whatever lines, and though nothing of it
// is ever the same.
func TestHeldMemory(t *testing.T) {
	const probes = 16
	for i := range hostile.Servers {
		server := &hostile.Servers[i]
		if !strings.HasPrefix(server.Name, "16 KB to everything") {
			continue
		}
		t.Run(server.Name, func(t *testing.T) {
			p := noPause(t).Prober
			p.Dial, p.Limits = nil, inRealTime
			p.Probe(t.Context(), listenTCP(t, server.Serve)) // patterns are compiled when they are first needed
			var ended, probing sync.WaitGroup
			ended.Add(probes)
			measured, at := make(chan struct{}), make(map[netip.AddrPort]*sync.Once)
			for range probes {
				at[listenTCP(t, server.Serve).Addr] = new(sync.Once)
			}
			p.Trace = func(target probe.Target, _ dialogue.Transcript) {
				at[target.Addr].Do(func() { ended.Done(); <-measured })
			}
			before := heap()
			for addr := range at {
				probing.Go(func() { wantUnharmed(t, server, p.Probe(t.Context(), probe.Target{Addr: addr, Named: true})) })
			}
			ended.Wait()
			held := (heap() - before) / probes
			close(measured)
			probing.Wait()
			most := uint64(mostHeld)
			if server.Verdict == probe.Open {
				most = mostHeldOpen
			}
			if t.Logf("%d KB", held>>10); held > most {
				t.Errorf("a probe holds %d KB at its end, want at most %d", held>>10, most>>10)
			}
		})
	}
}

// How much of a reply is left out is no word of it.
func TestLeftOutMeansNothing(t *testing.T) {
	for _, stage := range []probe.Stage{phrasebook.Banner, phrasebook.Helo, phrasebook.Mail, phrasebook.Rcpt, phrasebook.DataCmd} {
		r := dialogue.Reply{Code: 550, Lines: []string{"[12345 more bytes are left out]"}}
		if m, phrase := phrasebook.Lookup(stage, r); m != phrasebook.RefusedOther || phrase != nil || phrasebook.Delay(r) != 0 {
			t.Errorf("at %s it means %v, by %+v", stage, m, phrase)
		}
	}
}

func heap() uint64 {
	runtime.GC()
	runtime.GC() // what lay in a sync.Pool is gone after the second
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
