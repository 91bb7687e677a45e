package scanner

import (
	"sync/atomic"
	"time"
)

// pulse notices when this machine is too busy to keep time: then a connection may have been made, and
// nobody had a moment to see it before its time was over.
type pulse struct {
	missed atomic.Int64 // when it was noticed last, in nanoseconds since 1970
}

const (
	beatEvery = 25 * time.Millisecond
	tooLate   = 250 * time.Millisecond // a timer that fires this late was waiting for a processor, and so may a connection be
)

// beat watches until done is closed.
func (p *pulse) beat(done <-chan struct{}) {
	for {
		before := time.Now()
		select {
		case <-done:
			return
		case <-time.After(beatEvery):
		}
		if now := time.Now(); now.Sub(before) > beatEvery+tooLate {
			p.missed.Store(now.UnixNano())
		}
	}
}

// missedSince reports whether it was too busy at any time since then.
func (p *pulse) missedSince(t time.Time) bool { return p.missed.Load() > t.UnixNano() }
