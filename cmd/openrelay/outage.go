package main

import (
	"context"
	"fmt"
	"time"

	"openrelay/probe"
	"openrelay/probe/prober"
	"openrelay/report"
	"openrelay/scanner"
)

// looker is a prober that looks whether servers are there, and asks them nothing.
func (j *job) looker() *prober.Prober {
	return &prober.Prober{Helo: j.prober.Helo, Limits: j.prober.Limits, Dial: j.prober.Dial, Pause: j.prober.Pause}
}

// longestLook is how long a canary is waited for to greet: it may be late on purpose, and the scan waits too.
const longestLook = 2 * time.Second

// answers asks a target that answered before for its greeting again, soon: it tells whether the network
// here is still there. A connection alone tells that too.
func (j *job) answers(ctx context.Context, t probe.Target) bool {
	t.Named = false // with the patience for an address of a range
	prober := j.looker()
	prober.Limits.Greeting = min(prober.Limits.For(t).Greeting, longestLook)
	r := prober.ReadGreeting(ctx, t)
	there := r.Verdict != probe.Unreachable || r.Stage != probe.StageConnect
	if !there && ctx.Err() == nil {
		j.ui.say("warning: %s answered before, and does not any more (%s)", report.Printable(t.String()), r.Reason)
	}
	return there
}

// stopped says how far a scan came that ended because the network here went down.
func (j *job) stopped(l list, down *scanner.OutageError) error {
	n, _ := l.Len()
	j.ui.say("stopped after %d of %d targets: %s", j.done, n, j.summary.String())
	file := "results.jsonl"
	if saved := j.saved(); saved != "" {
		file = saved
	}
	return &usageError{
		fmt.Sprintf("%v; or they keep this address out by now. What did not answer has no result", down),
		"openrelay scan --resume " + file + " TARGET, when the network is back",
	}
}
