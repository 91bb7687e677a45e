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
func (s *Scanner) guarded(ctx context.Context, target probe.Target) (result probe.Result) {
	started := time.Now()
	defer func() {
		fault := recover()
		if fault == nil {
			return
		}
		result = probe.Result{
			Schema: probe.Schema, Target: target.String(),
			Name: target.Name, Named: target.Named, Optional: target.Optional,
			Verdict: probe.Inconclusive, Reason: probe.Unclear,
			Detail:  fmt.Sprintf("internal error at %s: %v; please report it", faultLocation(), fault),
			Started: started.UTC(), TookMS: time.Since(started).Milliseconds(),
		}
	}()
	return s.Probe(ctx, target)
}

// faultLocation is the function that panicked: the first one below the runtime's own, seen from a
// deferred call.
func faultLocation() string {
	pcs := make([]uintptr, 32)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs)])
	for {
		frame, more := frames.Next()
		if !strings.HasPrefix(frame.Function, "runtime.") || !more {
			return fmt.Sprintf("%s:%d", frame.Function, frame.Line)
		}
	}
}
