package scanner

import (
	"context"
	"time"
)

// Pause waits for d, and for a worker after that. A probe calls it with its context when a server
// asked for patience, from its own goroutine and with no connection open: meanwhile others are
// probed, at the same address too. Where thousands of probes wait already, the worker waits along.
// The error is that of ctx.
func (s *Scanner) Pause(ctx context.Context, d time.Duration) error {
	defer s.paused.Add(-1)
	j := jobOf(ctx)
	if s.paused.Add(1) > maxPaused || j == nil {
		return sleep(ctx, d)
	}
	j.run.tell(event{job: j, kind: paused})
	sleep(ctx, d)
	wake := make(chan struct{})
	j.wake = wake
	j.run.tell(event{job: j, kind: resumed})
	select {
	case <-wake:
	case <-j.scan.Done():
	}
	return ctx.Err()
}

// Paused is how many probes wait in Pause.
func (s *Scanner) Paused() int { return int(s.paused.Load()) }

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
