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

// newProgress starts a bar. total may grow while names are looked up.
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
		progressbar.OptionSetPredictTime(false),
		progressbar.OptionSetWidth(10),
		progressbar.OptionClearOnFinish(),
	)}
	_ = p.bar.RenderBlank()
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

// count counts one result.
func (p *progress) count() {
	if p != nil {
		p.done.Add(1)
	}
}

// beside returns w with the bar out of the way while something is written, if w is the terminal too.
func (p *progress) beside(w io.Writer) io.Writer {
	if p == nil || !isTerminal(w) {
		return w
	}
	return &besideBar{p, w}
}

type besideBar struct {
	p *progress
	w io.Writer
}

func (b *besideBar) Write(text []byte) (int, error) {
	b.p.mu.Lock()
	defer b.p.mu.Unlock()
	_ = b.p.bar.Clear()
	n, err := b.w.Write(text)
	if !b.p.bar.IsFinished() {
		_ = b.p.bar.RenderBlank()
	}
	return n, err
}

// finish takes the bar away.
func (p *progress) finish() {
	if p == nil {
		return
	}
	close(p.stop)
	p.end.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	_ = p.bar.Finish()
	_ = p.bar.Clear()
}
