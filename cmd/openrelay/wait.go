package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"openrelay/probe"
	"openrelay/report"
)

const (
	lookEvery   = 500 * time.Millisecond // between two looks at a server that does not answer yet
	lookConnect = 2 * time.Second        // for one connection, where no --connect-timeout says otherwise
	mostWaiting = 3                      // how many of those that are missing are told by name
)

// await waits until the named targets answer with a greeting, or --wait is over: a staging server may
// be started along with the scan. It asks them nothing. What does not come is scanned all the same,
// and found unreachable.
func (j *job) await(ctx context.Context, l list) error {
	if j.wait == 0 {
		return nil
	}
	begun := time.Now()
	up := map[string]bool{}
	var missing []string
	told := false
	look := min(j.wait, lookConnect) // the first is short: nobody wants to wait without knowing for what
	for ; ; told, look = true, j.wait {
		var err error
		if missing, err = j.look(ctx, l, up, begun.Add(look)); err != nil {
			return err
		}
		left := j.wait - time.Since(begun)
		if len(missing) == 0 || left <= 0 {
			break
		}
		if !told {
			j.ui.say("waiting up to %v for %s", j.wait, someOf(missing))
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(min(lookEvery, left)):
		}
	}
	switch {
	case len(up) == 0 && len(missing) == 0:
		j.ui.say("nothing to wait for: --wait is for targets that are named and expected to answer, not for ranges")
	case len(missing) > 0:
		j.ui.say("no greeting within %v from %s", j.wait, someOf(missing))
	case told:
		j.ui.say("waited %v: %s greeted", time.Since(begun).Round(100*time.Millisecond), plural(len(up), "named target"))
	}
	return nil
}

// look looks once at everything that was named and is not up yet, and returns what is still missing.
func (j *job) look(ctx context.Context, l list, up map[string]bool, deadline time.Time) ([]string, error) {
	var missing []string
	var ask []probe.Target
	for t, err := range l.All(ctx) {
		if err != nil {
			return nil, err
		}
		if !t.Named { // the ranges, which come last
			break
		}
		if j.expect.Awaited(t).Verdict == probe.Unreachable {
			continue
		}
		if what := awaited(t.Name, t.String(), t.Optional || t.DNSError != ""); !up[what] {
			ask = append(ask, t)
			missing = append(missing, what)
		}
	}
	prober := j.looker()
	prober.Limits.Connect = cmp.Or(prober.Limits.Connect, lookConnect)
	prober.Limits.Retry = -1
	j.scanner.Probe = prober.ReadGreeting
	within, cancel := context.WithDeadline(ctx, deadline)
	defer cancel()
	err := j.scanner.Run(within, all(ask), func(r probe.Result) error {
		if r.Verdict != probe.Unreachable {
			up[awaited(r.Name, r.Target, r.Optional)] = true
		}
		return nil
	})
	if ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
		err = nil // the time to wait is over
	}
	slices.Sort(missing)
	return slices.DeleteFunc(slices.Compact(missing), func(what string) bool { return up[what] }), err
}

// awaited is what one waits for: a name at any of its addresses, and at any port where the user left
// the port to us.
func awaited(name, target string, anyPort bool) string {
	i := strings.LastIndexByte(target, ':')
	host, port := cmp.Or(name, target[:i]), target[i:]
	if anyPort {
		return host
	}
	return host + port
}

func all(targets []probe.Target) iter.Seq2[probe.Target, error] {
	return func(yield func(probe.Target, error) bool) {
		for _, t := range targets {
			if !yield(t, nil) {
				return
			}
		}
	}
}

// someOf names the first of many.
func someOf(names []string) string {
	text := report.Printable(strings.Join(names[:min(len(names), mostWaiting)], ", "))
	if more := len(names) - mostWaiting; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
