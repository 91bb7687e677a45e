package scanner

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"time"

	"openrelay/probe"
)

// guarded probes one target. A panic is a fault of ours, not of the other targets: this one is
// reported as unclear, with the place of the fault, and the scan goes on.
func (s *Scanner) guarded(ctx context.Context, target *probe.Target) (result *probe.Result) {
	started := time.Now()
	defer func() {
		if fault := recover(); fault != nil {
			result = faulty(target, fault, started)
		}
	}()
	return s.Probe(ctx, *target)
}

// faulty is the result of a target whose probe panicked. A deferred call must call it.
func faulty(t *probe.Target, fault any, started time.Time) *probe.Result {
	res := probe.NewResult(*t, started)
	res.Verdict, res.Reason = probe.Inconclusive, probe.ReasonUnclear
	res.Detail = fmt.Sprintf("internal error at %s: %v; please report it", faultLocation(), fault)
	res.TookMS = time.Since(started).Milliseconds()
	return res
}

// faultLocation is the function that panicked: the first one below the runtime's own, seen from what a
// deferred call calls.
func faultLocation() string {
	pcs := make([]uintptr, 32)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(4, pcs)])
	for {
		frame, more := frames.Next()
		if !strings.HasPrefix(frame.Function, "runtime.") || !more {
			return fmt.Sprintf("%s:%d", frame.Function, frame.Line)
		}
	}
}
