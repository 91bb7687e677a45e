package main

import (
	"context"
	"slices"
	"time"

	"openrelay/report"
	"openrelay/scanner/targets"
)

// parse reads the targets. Standard input may take its time: an interrupt ends the wait.
func (u *ui) parse(ctx context.Context, args []string, o targets.Options) (*targets.List, error) {
	if slices.Contains(args, "-") && isTerminal(u.stdin) {
		u.say("reading targets from the terminal, one a line; Ctrl-D ends them")
	}
	type parsed struct {
		list *targets.List
		err  error
	}
	done := make(chan parsed, 1)
	go func() {
		list, err := targets.Parse(args, o)
		done <- parsed{list, err}
	}()
	select {
	case p := <-done:
		return p.list, p.err
	case <-ctx.Done():
		u.say("interrupted before the first target")
		return nil, exitStatus(statusInterrupted)
	}
}

// lookQuietly is how long names are looked up before somebody who waits is told.
const lookQuietly = 5 * time.Second

// check looks up what must be known before the first packet.
func (u *ui) check(ctx context.Context, list *targets.List) error {
	checked := make(chan error, 1)
	go func() { checked <- list.Check(ctx) }()
	var err error
	select {
	case err = <-checked:
	case <-time.After(lookQuietly):
		u.say("looking up names: what is excluded, and how many addresses there are, must be known before the first packet")
		err = <-checked
	}
	if ctx.Err() != nil {
		u.say("interrupted before the first target")
		return exitStatus(statusInterrupted)
	}
	for _, name := range list.Unresolved() {
		u.say("warning: the addresses of %s, which is excluded, are not known: it is left alone by its name only", report.Printable(name))
	}
	return err
}
