package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// Thousands of dialogues at once take memory, which is scarcer than processor time: the heap may grow by
// half before the collector runs. But what is small anyway is worth no collection.
const (
	leastGrowth = 50   // percent
	mostGrowth  = 1000 // percent
	smallHeap   = 44 << 20
)

// tuneCollector sets the collector's pace, now and behind every collection, unless the user did.
func tuneCollector() {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	samples := []metrics.Sample{{Name: "/gc/heap/live:bytes"}, {Name: "/gc/scan/stack:bytes"}, {Name: "/gc/scan/globals:bytes"}}
	set := 0
	tune := func() {
		metrics.Read(samples)
		live := samples[0].Value.Uint64()
		growth := mayGrow(live, live+samples[1].Value.Uint64()+samples[2].Value.Uint64())
		if growth != set { // which stops everything for a moment
			set = growth
			debug.SetGCPercent(growth)
		}
	}
	tune()
	var again func(*[16]byte)
	again = func(b *[16]byte) {
		tune()
		runtime.SetFinalizer(b, again)
	}
	runtime.SetFinalizer(new([16]byte), again) // nobody has it: every collection finds it
}

// mayGrow is by how many percent of its roots (what is alive, stacks and globals, in bytes) the heap may
// grow until it is collected.
func mayGrow(live, roots uint64) int {
	switch {
	case live >= smallHeap:
		return leastGrowth
	case roots == 0:
		return mostGrowth
	}
	percent := int(min(mostGrowth, 100*(smallHeap-live)/roots))
	return max(leastGrowth, percent/10*10)
}
