package scanner

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"openrelay/probe"
)

// When nothing answers any more, either all that is left of the targets is dead, or the network here is.
// Targets that answered before tell: they are asked again before so many silent ones are believed.
const (
	fewSilent   = 3    // in a row are believed as they are
	maxSilent   = 4096 // are kept until that is known
	maxCanaries = 3
	quietTime   = 5 * time.Second // without good news, before anybody is asked
	askTime     = 15 * time.Second
)

// OutageError ends a scan in which nothing answers any more, not even what did before: the network here
// is down, or keeps us out. What did not answer since has no result.
type OutageError struct {
	Silent   int            // targets that did not answer, in a row
	Canaries []probe.Target // asked again, in vain
}

func (e *OutageError) Error() string {
	names := make([]string, len(e.Canaries))
	for i, w := range e.Canaries {
		names[i] = w.String()
	}
	return fmt.Sprintf("the network here seems to be down: %d targets in a row did not answer, and neither do those that did before (%s)",
		e.Silent, strings.Join(names, ", "))
}

// outage keeps the results that the network here may be to blame for.
type outage struct {
	canaries []probe.Target // the last that answered, on hosts of their own
	silent   []silence
	news     time.Time // since when nothing good has been heard
	asking   bool
}

// silence is a result that the network here may be to blame for, and when it came.
type silence struct {
	*probe.Result
	at time.Time
}

// take gives a result to emit, or keeps it until it is known whose fault it is.
func (r *run) take(ctx context.Context, t probe.Target, res *probe.Result) {
	o := &r.outage
	switch {
	case r.scanner.Answers == nil:
		r.give(res)
	case isSilent(res) && o.mayBlameUs(t):
		o.silent = append(o.silent, silence{res, time.Now()})
		if r.err == nil && (time.Since(o.news) >= quietTime || len(o.silent) >= maxSilent) {
			r.ask(ctx)
		}
	default:
		if !isSilent(res) {
			o.heard(t, res)
			r.believe(func(s silence) bool { return !s.at.After(res.Started) })
		}
		r.give(res)
		if r.err == nil && len(o.silent) >= maxSilent { // whoever could not be asked before may be free now
			r.ask(ctx)
		}
	}
}

// isSilent reports a result that a dead network would bring about as well as a dead server.
func isSilent(res *probe.Result) bool {
	switch res.Verdict {
	case probe.Unreachable:
		return slices.Contains([]probe.Reason{probe.ReasonTimeout, probe.ReasonNoRouteHere, probe.ReasonNoBanner, probe.ReasonDNS}, res.Reason)
	case probe.Inconclusive:
		return slices.Contains([]probe.Reason{probe.ReasonSlow, probe.ReasonCutOff, probe.ReasonBannedMidway}, res.Reason)
	}
	return false
}

// mayBlameUs reports whether the network has been there for targets of this kind.
func (o *outage) mayBlameUs(t probe.Target) bool {
	return slices.ContainsFunc(o.canaries, func(w probe.Target) bool {
		return !t.Addr.IsValid() || w.Addr.Addr().Unmap().Is4() == t.Addr.Addr().Unmap().Is4()
	})
}

// heard takes note of good news, which are as old as the probe: it may have heard nothing since it
// began. Whoever talked SMTP can be asked again.
func (o *outage) heard(t probe.Target, res *probe.Result) {
	if res.Started.After(o.news) {
		o.news = res.Started
	}
	if res.Verdict != probe.Unreachable && t.Addr.IsValid() {
		o.remember(t)
	}
}

// remember makes a target one that can be asked.
func (o *outage) remember(t probe.Target) {
	o.canaries = slices.DeleteFunc(o.canaries, func(w probe.Target) bool {
		return w.Addr.Addr().Unmap() == t.Addr.Addr().Unmap() || w.Name != "" && w.Name == t.Name
	})
	if o.canaries = append(o.canaries, t); len(o.canaries) > maxCanaries {
		o.canaries = slices.Delete(o.canaries, 0, 1)
	}
}

// ask asks those that answered before, all at once, unless few are silent.
func (r *run) ask(ctx context.Context) {
	o := &r.outage
	if o.asking || len(o.silent) < fewSilent {
		return
	}
	var canaries []probe.Target
	for _, w := range o.canaries {
		if r.schedule.reserve(w) { // else it is in a dialogue, which will end
			canaries = append(canaries, w)
		}
	}
	if len(canaries) < min(2, len(o.canaries)) { // one alone tells little; the others will be free
		for _, w := range canaries {
			r.schedule.release(w)
		}
		return
	}
	o.asking = true
	began := time.Now()
	r.goroutines.Go(func() {
		answers := make(chan bool)
		for _, w := range canaries {
			r.goroutines.Go(func() { answers <- r.answers(ctx, w) })
		}
		anybody := false
		for range canaries {
			anybody = <-answers || anybody
		}
		r.tell(event{kind: asked, canaries: canaries, anybody: anybody, began: began})
	})
}

// answers asks one of them. Its time begins with its turn.
func (r *run) answers(ctx context.Context, w probe.Target) bool {
	if _, err := r.scanner.await(ctx); err != nil {
		return false
	}
	j := &job{target: w, run: r, scan: ctx}
	j.turn.Store(r.scanner.limit() != nil)
	ctx, cancel := context.WithTimeout(context.WithValue(ctx, jobKey{}, j), askTime)
	defer cancel()
	return r.scanner.Answers(ctx, w)
}

// judgeOutage decides whose fault the silence is. One target alone may have banned us, unless the kernel
// knows no way to it either.
func (r *run) judgeOutage(ctx context.Context, e event) {
	o := &r.outage
	o.asking = false
	for _, w := range e.canaries {
		r.schedule.release(w)
	}
	noRoute := slices.ContainsFunc(o.silent, func(s silence) bool { return s.Reason == probe.ReasonNoRouteHere })
	if !e.anybody && r.err == nil && len(o.silent) > 0 && (len(e.canaries) > 1 || noRoute) {
		r.fail(&OutageError{len(o.silent), e.canaries})
		return
	}
	o.news = e.began
	if r.err == nil {
		r.believe(func(s silence) bool { return !s.at.After(e.began) })
	}
	if len(o.silent) >= maxSilent {
		r.ask(ctx)
	}
}

// believe emits what was kept, from the oldest on as long as it may.
func (r *run) believe(may func(silence) bool) {
	o := &r.outage
	n := 0
	for n < len(o.silent) && may(o.silent[n]) {
		n++
	}
	ripe := o.silent[:n:n]
	o.silent = slices.Clone(o.silent[n:])
	for _, s := range ripe {
		r.give(s.Result)
	}
}

// settleSilent decides about what is kept when all else is done, and reports whether that is so. Of a
// scan that was interrupted nobody can know any more.
func (r *run) settleSilent(ctx context.Context) bool {
	o := &r.outage
	switch {
	case r.err == nil && len(o.silent) >= fewSilent:
		r.ask(ctx)
		return false
	case r.err == nil || len(o.silent) < fewSilent && !o.asking:
		r.believe(func(silence) bool { return true })
	}
	return r.err != nil || !o.asking
}

// give gives a result to emit.
func (r *run) give(res *probe.Result) {
	if r.mute {
		return
	}
	if err := r.emit(*res); err != nil {
		r.mute = true
		r.fail(err)
	}
}
