package scanner

import (
	"context"
	"iter"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"openrelay/probe"
)

// What the zero fields of a Scanner mean.
const (
	DefaultWorkers    = 200
	DefaultPerNetwork = 16
	DefaultConnecting = 2000
)

// How much a scan keeps in memory.
const (
	maxAside  = 4096 // targets whose network or address is busy
	maxPaused = 4096 // probes that wait without holding a worker
	feedAhead = 64   // targets that are known before there is a place for them
)

// Scanner runs a probe over targets. Two dialogues with one host are never held at once.
// A Scanner is for one Run at a time.
type Scanner struct {
	Probe func(context.Context, probe.Target) *probe.Result
	// Connect begins the first connection of a probe ahead of it, so that addresses where nothing answers
	// hold no worker, and calls done once when it is made or has failed, from whatever goroutine; nil leaves
	// it to the probe. The probe has it from Dial.
	Connect func(ctx context.Context, t probe.Target, done func(net.Conn, error))
	Host    func(netip.Addr) netip.Addr // the address by which the host of one counts; nil = netaddr.Embedded
	// Answers asks a target that answered before whether it still does, to tell a dead network here from
	// dead targets: see OutageError. nil asks nobody.
	Answers func(context.Context, probe.Target) bool
	// Answered are targets that did so in an earlier run of the same scan, the latest last.
	Answered []probe.Target

	Workers       int     // dialogues at once; 0 = 200
	MaxConnecting int     // connections in the making, or made and waiting for a worker; 0 = 2000
	Rate          float64 // connections per second, of Connect and Dial together; 0 = no limit
	PerNetwork    int     // servers at once in one IPv4 /24 or IPv6 /64; 0 = 16

	once    sync.Once
	limiter *rate.Limiter // nil = no limit; see limit
	paused  atomic.Int64
	tried   [2]atomic.Bool // whether an IPv4, an IPv6 connection has left this machine
}

// limit is the rate limiter, nil where there is none. It has no burst: a second is long.
func (s *Scanner) limit() *rate.Limiter {
	s.once.Do(func() {
		if s.Rate > 0 {
			s.limiter = rate.NewLimiter(rate.Limit(s.Rate), 1)
		}
	})
	return s.limiter
}

// Run probes every target and gives each result to emit, in the order they come about and never two
// at once. An error of targets or of emit ends the scan and is returned.
//
// When ctx ends, no target is begun any more, and Run returns ctx.Err() once every probe has
// returned. What a probe returns after that moment is dropped: an interrupted probe has no honest
// verdict. Results that were complete by then are still emitted.
func (s *Scanner) Run(ctx context.Context, targets iter.Seq2[probe.Target, error], emit func(probe.Result) error) error {
	ctx, cancel := context.WithCancel(ctx)
	r := &run{
		connects: rate.NewLimiter(connectRate, connectBurst),
		scanner:  s,
		emit:     emit,
		cancel:   cancel,
		targets:  make(chan probe.Target, feedAhead),
		inbox:    inbox{mail: make(chan struct{}, 1)},
		schedule: newSchedule(positive(s.PerNetwork, DefaultPerNetwork), s.host),
		free:     positive(s.Workers, DefaultWorkers),
		load:     newLoad(),
	}
	for _, t := range s.Answered {
		r.outage.remember(t)
	}
	defer r.cleanUp()
	defer cancel()
	r.goroutines.Go(func() { r.feed(ctx, targets) })
	for {
		r.start(ctx)
		if r.live == 0 && (r.err != nil || r.fed && r.schedule.empty()) && r.settleSilent(ctx) {
			return r.err
		}
		r.step(ctx)
	}
}

func positive(n, otherwise int) int {
	if n > 0 {
		return n
	}
	return otherwise
}

// run is one Run. Its fields belong to the goroutine Run was called in, which alone decides what
// starts; the others send it events.
type run struct {
	scanner    *Scanner
	emit       func(probe.Result) error
	cancel     context.CancelFunc
	goroutines sync.WaitGroup
	targets    chan probe.Target
	feedErr    error // to be read once targets is closed
	inbox      inbox

	schedule   *schedule
	free       int              // workers without a dialogue
	connecting int              // connections in the making
	linedUp    queue            // jobs whose first connection is made; they wait for a worker
	waiting    int              // of these
	live       int              // targets begun and not ended, paused ones included
	fed        bool             // there are no more targets
	connects   *rate.Limiter    // of first connections
	later      <-chan time.Time // when connections and dialogues may begin again; nil where nothing waits for it
	load       load
	turn       bool             // the rate allows one connection now
	turnAt     <-chan time.Time // when it will; nil where nothing waits for it
	err        error            // why the scan ends early; the first one
	mute       bool             // emit failed and must not be called again
	outage     outage
}

// job is one target on its way through the scan.
type job struct {
	target probe.Target
	run    *run
	scan   context.Context // of the Run, without the deadlines that probes set
	next   *job            // in a queue
	state  jobState        // what it holds
	first  *firstTry       // the connection made ahead of the probe, until it is asked for
	pause  time.Duration   // before the next attempt at it, where we are short of something
	wake   chan struct{}   // of a paused probe that wants to go on; nil before the start
	turn   atomic.Bool     // a connection it may make without waiting
}

// jobState is what a job holds: a place in its network, and one of the places of a stage.
type jobState int

const (
	idle       jobState = iota // nothing: not begun, or paused
	between                    // no place of a stage, only the one in its network
	connecting                 // a place among the connections in the making
	waiting                    // a place in the line for a worker
	talking                    // a worker
)

// jobKey is the key of the *job in the context of a probe.
type jobKey struct{}

func jobOf(ctx context.Context) *job {
	j, _ := ctx.Value(jobKey{}).(*job)
	return j
}

// event is what a probe's goroutine tells the run.
type event struct {
	job    *job
	kind   eventKind
	result *probe.Result
	cut    bool // the scan ended before the probe did

	canaries []probe.Target // that were asked again
	anybody  bool           // one of them answered
	began    time.Time      // when they were asked
}

type eventKind int

const (
	ended   eventKind = iota
	reached           // its first connection is made, or has failed
	again             // it is to be tried again
	paused            // its worker is free for others
	resumed           // it wants a worker again
	asked             // whether it is the network here that is down
)

// feed takes targets one by one, as the run asks for them.
func (r *run) feed(ctx context.Context, targets iter.Seq2[probe.Target, error]) {
	defer close(r.targets)
	for target, err := range targets {
		if err != nil {
			r.feedErr = err
			return
		}
		select {
		case r.targets <- target:
		case <-ctx.Done():
			r.feedErr = ctx.Err()
			return
		}
	}
}

// step waits for one thing to happen, and takes note of it.
func (r *run) step(ctx context.Context) {
	var targets chan probe.Target
	if !r.fed && r.err == nil && r.schedule.hasRoom() && len(r.outage.silent) < maxSilent {
		targets = r.targets
	}
	var over <-chan struct{}
	if r.err == nil {
		over = ctx.Done()
	}
	select {
	case target, more := <-targets:
		r.takeIn(ctx, target, more)
		for n := len(targets); n > 0; n-- { // what is there already needs no wait
			if r.start(ctx); r.err != nil || !r.schedule.hasRoom() {
				break
			}
			target, more = <-targets
			r.takeIn(ctx, target, more)
		}
	case <-r.inbox.mail:
		events := r.inbox.take()
		for i, e := range events {
			events[i] = event{}
			r.handle(ctx, e)
		}
	case <-r.turnAt:
		r.turn, r.turnAt = true, nil
	case <-r.later:
		r.later = nil
	case <-over:
		r.fail(ctx.Err())
	}
}

// takeIn takes the next target in, if there are more.
func (r *run) takeIn(ctx context.Context, target probe.Target, more bool) {
	if more {
		r.schedule.enter(&job{target: target, run: r, scan: ctx})
		return
	}
	r.fed = true
	if r.feedErr != nil {
		r.fail(r.feedErr)
	}
}

// fail ends the scan: nothing starts any more, and running probes are told.
func (r *run) fail(err error) {
	if r.err == nil {
		r.err = err
		r.cancel()
	}
}

func (r *run) handle(ctx context.Context, e event) {
	switch e.kind {
	case resumed:
		r.schedule.enter(e.job)
		return
	case reached:
		r.connected(e.job)
		return
	case again:
		r.connect(e.job)
		return
	case paused:
		r.leave(e.job)
		return
	case asked:
		r.judgeOutage(ctx, e)
		return
	}
	r.leave(e.job)
	r.live--
	if e.cut {
		r.fail(ctx.Err())
		return
	}
	r.take(ctx, e.job.target, e.result)
}

// line puts a job in the line for a worker.
func (r *run) line(j *job) {
	j.state = waiting
	r.waiting++
	r.linedUp.push(j)
}

// giveBack gives back the place of a stage.
func (r *run) giveBack(j *job) {
	switch j.state {
	case connecting:
		r.connecting--
	case waiting:
		r.waiting--
	case talking:
		r.free++
	}
	j.state = between
}

// leave gives back everything that a job holds.
func (r *run) leave(j *job) {
	if j.state != idle {
		r.giveBack(j)
		j.state = idle
		r.schedule.leave(j)
	}
}

// start begins, or wakes, what may run now.
func (r *run) start(ctx context.Context) {
	if err := ctx.Err(); err != nil && !(r.linedUp.empty() && r.schedule.ready.empty()) {
		r.fail(err)
	}
	if r.err != nil {
		r.dismiss()
		return
	}
	for !r.linedUp.empty() && r.hasWorker() {
		r.talk(r.linedUp.pop())
	}
	for !r.schedule.ready.empty() && r.hasPlace(r.schedule.ready.first) && r.hasTurn() {
		if ahead := r.connectsAhead(r.schedule.ready.first); ahead && !r.connects.Allow() {
			r.later = time.After(time.Millisecond)
			break
		}
		j := r.schedule.ready.pop()
		ahead, limited := r.connectsAhead(j), r.scanner.limit() != nil && j.target.Addr.IsValid()
		r.turn = r.turn && !limited
		if !ahead {
			j.turn.Store(limited)
			r.talk(j)
			continue
		}
		j.state = connecting
		r.connecting++
		r.live++
		r.connect(j)
	}
}

// talk gives a job its worker.
func (r *run) talk(j *job) {
	if j.state == idle && j.wake == nil {
		r.live++
	}
	r.giveBack(j)
	j.state = talking
	r.free--
	if j.wake != nil {
		close(j.wake)
		return
	}
	r.goroutines.Go(func() { r.probe(j) })
}

// hasTurn reports whether the rate allows one connection more, and sets the alarm if not. Targets
// begin no faster than connections may be made, rather than all at once to wait in line: the time a
// probe has is for the server.
func (r *run) hasTurn() bool {
	limiter := r.scanner.limit()
	if limiter == nil || r.turn || r.turnAt != nil {
		return limiter == nil || r.turn
	}
	delay := limiter.Reserve().Delay()
	if r.turn = delay == 0; !r.turn {
		r.turnAt = time.After(delay)
	}
	return r.turn
}

// probe runs one probe to its end.
func (r *run) probe(j *job) {
	result := r.scanner.guarded(context.WithValue(j.scan, jobKey{}, j), &j.target)
	j.drop() // a probe that panicked has not asked for it
	r.tell(event{job: j, kind: ended, result: result, cut: j.scan.Err() != nil})
}

func (r *run) tell(e event) { r.inbox.put(e) }

// cleanUp waits for everybody. Only where emit panicked is there anything left that nobody asked for.
func (r *run) cleanUp() {
	r.goroutines.Wait()
	r.dismiss()
	for _, e := range r.inbox.undone() {
		if e.kind == reached {
			e.job.drop()
		}
	}
}
