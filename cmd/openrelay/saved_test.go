package main

import (
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"openrelay/probe"
)

// What is remembered of a target is small, whatever it is called.
func TestIndexIsSmall(t *testing.T) {
	live := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	const targets = 20_000
	s := saved{newest: map[[16]byte]newest{}}
	long := strings.Repeat("x", 4<<10)
	before := live()
	for i := range targets {
		r := probe.Result{Target: "192.0.2.1:" + strconv.Itoa(i), Name: long + strconv.Itoa(i), Started: time.Unix(int64(i), 0)}
		for range 2 {
			if err := s.index(r, source{line: i}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if got := (live() - before) / targets; len(s.newest) != targets || got > 256 {
		t.Errorf("%d bytes a target, %d targets", got, len(s.newest))
	}
	runtime.KeepAlive(s)
}
