package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"

	"openrelay/probe"
	"openrelay/probe/changes"
	"openrelay/probe/dialogue"
	"openrelay/report"
)

// setGate sets what decides the exit status beside the verdicts.
func (f *scanFlags) setGate(j *job, args []string) error {
	j.quiet = f.quiet
	if f.verbose {
		j.prober.Trace = (&dialogues{job: j}).print
		j.ui.sayRead()
	}
	if j.wait < 0 {
		return &usageError{fmt.Sprintf("--wait %v is less than nothing", j.wait), "openrelay scan --wait 60s TARGET"}
	}
	if f.failOn != "" {
		policy, err := report.ParseFailOn(f.failOn)
		if err != nil {
			return &usageError{err.Error(), "openrelay scan --fail-on open TARGET"}
		}
		if policy.NeedsChange() && f.baseline == "" {
			return &usageError{fmt.Sprintf("--fail-on %s needs an earlier scan to compare with", policy),
				fmt.Sprintf("openrelay scan --fail-on %s --baseline results.jsonl TARGET", policy)}
		}
		j.summary.FailOn = policy
	}
	if f.baseline == "-" && slices.Contains(args, "-") {
		return &usageError{"standard input cannot hold both the baseline and the targets", "openrelay scan --baseline results.jsonl -"}
	}
	return nil
}

// readBaseline reads the earlier scan, by what is expected now: what is wrong with it is found before the first packet.
func (f *scanFlags) readBaseline(ctx context.Context, j *job) error {
	if f.baseline == "" {
		return nil
	}
	j.since = &changes.Diff{}
	expected := j.expect.Anew()
	return j.ui.readResults(ctx, f.baseline, func(r probe.Result) {
		expected.Judge(&r)
		j.since.Before(r)
	})
}

// readResults reads a file that the jsonl format wrote. One that is torn or empty compares with
// nothing, and is an error.
func (u *ui) readResults(ctx context.Context, file string, take func(probe.Result)) error {
	var in io.Reader = u.input
	if file != "-" {
		opened, err := os.Open(file)
		if err != nil {
			return &usageError{fmt.Sprintf("cannot read %q: %v", file, reason(err)), howToSave}
		}
		defer opened.Close()
		in = opened
	}
	n := 0
	for r, err := range report.Read(in) {
		if err != nil {
			return badResults(file, err, howToSave)
		}
		if ctx.Err() != nil {
			u.say("interrupted while reading %q", report.Printable(file))
			return exitStatus(statusInterrupted)
		}
		take(r)
		n++
	}
	if n == 0 {
		return badResults(file, errNoResults, howToSave)
	}
	return nil
}

// dialogues prints every dialogue when it is over, each in one piece.
type dialogues struct {
	job *job
	mu  sync.Mutex
}

func (d *dialogues) print(t probe.Target, said dialogue.Transcript) {
	text := fmt.Appendf(nil, "openrelay: dialogue with %s\n", report.Printable(t.String()))
	for _, line := range said {
		text = fmt.Appendf(text, "  %s\n", report.Printable(line.String()))
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	_, _ = d.job.ui.stderr.Write(text)
}
