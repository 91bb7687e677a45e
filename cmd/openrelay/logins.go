package main

import (
	"context"
	"errors"
	"iter"
	"sync"
	"time"

	"openrelay/probe"
	"openrelay/scanner/targets"
)

// logins are those of --auth, which are made last of all, when every server has been asked everything: a server may
// let in for a while whoever has logged in, on its other ports too; and whatever any of them says after the first
// password went out may repeat it.
type logins struct {
	mu  sync.Mutex
	due map[[16]byte]*dueLogin // whose results are not there yet

	held  []*dueLogin    // whose results wait. Only whoever takes the results in uses it
	scope *targets.Scope // which may have ended meanwhile; nil without one
}

type dueLogin struct {
	target probe.Target
	logIn  func(context.Context) *probe.Login
	result probe.Result
	over   bool // the result is written
}

// later takes note of a login.
func (l *logins) later(t probe.Target, logIn func(context.Context) *probe.Login) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.due == nil {
		l.due = make(map[[16]byte]*dueLogin)
	}
	l.due[identityOf(t)] = &dueLogin{target: t, logIn: logIn}
}

// identityOf is the identity of the results of a target.
func identityOf(t probe.Target) [16]byte {
	return identity(probe.Result{Target: t.String(), Name: t.Name, Domain: t.Domain})
}

// hold keeps a result back that waits for its login.
func (l *logins) hold(r probe.Result) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	d := l.due[identity(r)]
	if d == nil {
		return false
	}
	delete(l.due, identity(r))
	d.result = r
	l.held = append(l.held, d)
	return true
}

// logIn makes the logins that are due, and writes their results; without a login where the scan has failed, or fails
// here. The error is that.
func (j *job) logIn(ctx context.Context, failed error) error {
	if failed == nil && len(j.logins.held) > 0 {
		failed = j.logInAll(ctx)
	}
	errs := []error{failed}
	without := 0
	for _, d := range j.logins.held {
		if !d.over {
			without++
			d.result.Login = &probe.Login{User: j.prober.Account.User, Outcome: probe.OutcomeFailed, Detail: "the scan ended before the login was over"}
			errs = append(errs, j.emit(d.result))
		}
	}
	if without > 0 {
		j.ui.say("logins that were not made: %d; --resume does not make up for them, a new scan does", without)
	}
	return errors.Join(errs...)
}

// logInAll makes the logins as a scan of its own, no faster than the one before.
func (j *job) logInAll(ctx context.Context) error {
	of := make(map[[16]byte]*dueLogin)
	var due iter.Seq2[probe.Target, error] = func(yield func(probe.Target, error) bool) {
		for _, d := range j.logins.held {
			if err := j.logins.scope.Ended(time.Now()); err != nil {
				yield(probe.Target{}, err)
				return
			}
			if !yield(d.target, nil) {
				return
			}
		}
	}
	for _, d := range j.logins.held {
		of[identity(d.result)] = d
	}
	j.scanner.Connect, j.scanner.Answers = nil, nil
	j.scanner.Probe = func(ctx context.Context, t probe.Target) *probe.Result {
		d := of[identityOf(t)]
		r := d.result
		r.Login = d.logIn(ctx)
		return &r
	}
	return j.scanner.Run(ctx, due, func(r probe.Result) error {
		of[identity(r)].over = true
		return j.emit(r)
	})
}
