// Package allowance is the time that one target may take, beside what it has nothing to do with.
package allowance

import (
	"context"
	"sync"
	"time"
)

// allowance is the context of one target: it ends when its time is up, as that of [context.WithTimeout]
// does, and later by as much as [Extend] gives.
type allowance struct {
	context.Context

	mu    sync.Mutex
	until time.Time
	timer *time.Timer
}

// For gives a target d, and the parent's time at most.
func For(parent context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(parent)
	a := &allowance{Context: ctx, until: time.Now().Add(d)}
	a.timer = time.AfterFunc(d, func() { cancel(context.DeadlineExceeded) })
	return a, func() {
		a.timer.Stop()
		cancel(nil)
	}
}

// Extend gives the target that ctx is about d more: for a wait of ours, that it has nothing to do with. It
// is to be called before the wait.
func Extend(ctx context.Context, d time.Duration) {
	a, ok := ctx.Value(allowanceKey{}).(*allowance)
	if !ok {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.timer.Stop() {
		a.until = a.until.Add(d)
		a.timer.Reset(time.Until(a.until))
	}
}

type allowanceKey struct{}

func (a *allowance) Value(key any) any {
	if key == (allowanceKey{}) {
		return a
	}
	return a.Context.Value(key)
}

// Deadline is the end of the time, or that of the parent, whichever comes first.
func (a *allowance) Deadline() (time.Time, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if d, ok := a.Context.Deadline(); ok && d.Before(a.until) {
		return d, true
	}
	return a.until, true
}

func (a *allowance) Err() error {
	err := a.Context.Err()
	if err != nil && context.Cause(a.Context) == context.DeadlineExceeded {
		return context.DeadlineExceeded
	}
	return err
}
