package main

import (
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/schollz/progressbar/v3"
)

// progress is the bar on standard error. Only a terminal gets one; a nil progress shows nothing. One
// mutex guards the terminal, so that a result never lands in the middle of the bar.
type progress struct {
	mu   sync.Mutex
	bar  *progressbar.ProgressBar
	done atomic.Int64
	stop chan struct{}
	end  sync.WaitGroup
}

// newProgress starts a bar for total targets. total may grow while names are looked up.
func newProgress(w io.Writer, total func() (n uint64, exact bool)) *progress {
	if !isTerminal(w) || os.Getenv("CI") != "" || os.Getenv("TERM") == "dumb" {
		return nil
	}
	n, _ := total()
	p := &progress{stop: make(chan struct{}), bar: progressbar.NewOptions64(max(1, int64(n)),
		progressbar.OptionSetWriter(w),
		progressbar.OptionUseANSICodes(true),
		progressbar.OptionSetDescription("scanning"),
		progressbar.OptionShowCount(),
		progressbar.OptionShowIts(),
		progressbar.OptionSetItsString("targets"),
		progressbar.OptionSetWidth(20),
		progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionClearOnFinish(),
	)}
	p.end.Go(func() { p.draw(total) })
	return p
}

func (p *progress) draw(total func() (uint64, bool)) {
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-p.stop:
			return
		case <-tick.C:
		}
		p.mu.Lock()
		n, _ := total()
		if n := max(1, int64(n)); n != p.bar.GetMax64() {
			p.bar.ChangeMax64(n)
		}
		// A result more than there are targets must not finish the bar.
		_ = p.bar.Set64(min(p.done.Load(), p.bar.GetMax64()-1))
		p.mu.Unlock()
	}
}

// result counts one result and writes it with the bar out of the way.
func (p *progress) result(write func() error) error {
	if p == nil {
		return write()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done.Add(1)
	_ = p.bar.Clear()
	return write()
}

// finish takes the bar away.
func (p *progress) finish() {
	if p == nil {
		return
	}
	close(p.stop)
	p.end.Wait()
	_ = p.bar.Finish()
	_ = p.bar.Clear()
}
