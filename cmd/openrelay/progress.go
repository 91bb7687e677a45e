package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"

	"openrelay/probe"
)

// progress says on standard error how far a scan is: a bar on a terminal, lines of JSON for a program. A
// nil progress shows nothing. One mutex guards the terminal, so that a result never lands in the middle
// of the bar.
type progress struct {
	mu     sync.Mutex
	bar    *progressbar.ProgressBar // nil for lines of JSON
	json   *json.Encoder
	doing  string // "scanning"
	total  func() (n uint64, exact bool)
	paused func() int
	now    standing
	pace   pace
	stop   chan struct{}
	end    sync.WaitGroup
}

// standing is how far a scan is. The field names are public.
type standing struct {
	Done         uint64  `json:"done"`
	Total        uint64  `json:"total"`
	Exact        bool    `json:"exact"` // false while names are being looked up: total may change
	Open         uint64  `json:"open"`
	Inconclusive uint64  `json:"inconclusive"`
	Waiting      int     `json:"waiting"` // servers that asked us to come back
	PerSecond    float64 `json:"per_second"`
	LeftSeconds  *int64  `json:"left_seconds"` // null while nobody can know
}

// progressModes are the values of --progress.
var progressModes = []string{"auto", "json", "none"}

// newProgress starts to show how far a scan is, or whatever is being done. total may change while names
// are looked up.
func newProgress(w io.Writer, doing, mode string, total func() (n uint64, exact bool), paused func() int) *progress {
	p := &progress{doing: doing, total: total, paused: paused, stop: make(chan struct{})}
	every := 200 * time.Millisecond
	switch {
	case mode == "json":
		p.json, every = json.NewEncoder(w), time.Second
	case mode == "none" || !isTerminal(w) || os.Getenv("CI") != "" || os.Getenv("TERM") == "dumb":
		return nil
	default:
		n, _ := total()
		p.bar = progressbar.NewOptions64(max(1, int64(n)),
			progressbar.OptionSetWriter(w),
			progressbar.OptionUseANSICodes(true),
			progressbar.OptionSetDescription(doing),
			progressbar.OptionShowCount(),
			progressbar.OptionSetPredictTime(false),
			progressbar.OptionSetWidth(10),
			progressbar.OptionClearOnFinish(),
		)
		_ = p.bar.RenderBlank()
	}
	p.end.Go(func() { p.draw(every) })
	return p
}

func (p *progress) draw(every time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-p.stop:
			return
		case now := <-tick.C:
			p.show(now)
		}
	}
}

// show brings the standing up to date and writes it.
func (p *progress) show(at time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := &p.now
	s.Total, s.Exact = p.total()
	s.Total, s.Waiting = max(s.Total, s.Done), p.paused()
	s.PerSecond, s.LeftSeconds = p.pace.measure(at, s.Done), nil
	if s.PerSecond > 0 {
		left := int64(float64(s.Total-s.Done) / s.PerSecond)
		s.LeftSeconds = &left
	}
	if p.json != nil {
		_ = p.json.Encode(s) // whoever reads it has gone: the scan goes on
		return
	}
	if n := max(1, int64(s.Total)); n != p.bar.GetMax64() {
		p.bar.ChangeMax64(n)
	}
	p.bar.Describe(p.doing + s.String())
	_ = p.bar.Set64(min(int64(s.Done), p.bar.GetMax64()-1)) // the last result must not finish the bar
}

// String is what stands before the bar, after what is being done.
func (s standing) String() string {
	parts := []string{""}
	add := func(n uint64, what string) {
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, what))
		}
	}
	add(s.Open, "open")
	add(s.Inconclusive, "inconclusive")
	add(uint64(s.Waiting), "to come back to")
	if s.PerSecond >= 1 {
		parts = append(parts, fmt.Sprintf("%.0f/s", s.PerSecond))
	}
	if s.LeftSeconds != nil && *s.LeftSeconds > 0 && s.Exact {
		parts = append(parts, (time.Duration(*s.LeftSeconds)*time.Second).String()+" left")
	}
	return strings.Join(parts, ", ")
}

// pace is how fast results have come of late.
type pace struct {
	at   [16]time.Time
	done [16]uint64
	n    int
}

// measure adds a reading, and returns results per second since the oldest one.
func (p *pace) measure(at time.Time, done uint64) float64 {
	i := p.n % len(p.at)
	oldest := 0
	if p.n >= len(p.at) {
		oldest = i
	}
	first, since := p.done[oldest], p.at[oldest]
	p.at[i], p.done[i] = at, done
	p.n++
	took := at.Sub(since).Seconds()
	if p.n == 1 || took <= 0 {
		return 0
	}
	return float64(done-first) / took
}

// count counts one result.
func (p *progress) count(v probe.Verdict) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.now.Done++
	switch v {
	case probe.Open:
		p.now.Open++
	case probe.Inconclusive:
		p.now.Inconclusive++
	}
}

// beside returns w with the bar out of the way while something is written, if w is the terminal too.
func (p *progress) beside(w io.Writer) io.Writer {
	if p == nil || p.bar == nil || !isTerminal(w) {
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

// finish takes the bar away, or writes the last line.
func (p *progress) finish() {
	if p == nil {
		return
	}
	close(p.stop)
	p.end.Wait()
	if p.bar == nil {
		p.show(time.Now())
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	_ = p.bar.Finish()
	_ = p.bar.Clear()
}
