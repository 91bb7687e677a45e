package main

import (
	"errors"
	"fmt"
	"os"
	"time"

	"openrelay/probe/expect"
	"openrelay/report"
	"openrelay/scanner/targets"
)

// mostRemarks is how many remarks about expectations are told one by one; the rest is counted.
const mostRemarks = 10

// readExpect reads files of expectations. Nil where there are none: what saved results say stays as it is.
func readExpect(files []string) (*expect.Set, error) {
	if len(files) == 0 {
		return nil, nil
	}
	set := &expect.Set{}
	for _, file := range files {
		if err := targets.ReadExpect(file, set); err != nil {
			return nil, err
		}
	}
	return set, nil
}

// checkExpect refuses expectations that contradict each other, and tells of those that have no effect.
func (u *ui) checkExpect(set *expect.Set, command string) error {
	if set == nil {
		return nil
	}
	if err := set.Check(); err != nil {
		return &usageError{err.Error(), command + " --help"}
	}
	u.remark(set.Remarks())
	return nil
}

// remark tells of expectations.
func (u *ui) remark(remarks []expect.Remark) {
	for _, r := range remarks[:min(len(remarks), mostRemarks)] {
		u.say("warning: %s", report.Printable(r.String()))
	}
	if more := len(remarks) - mostRemarks; more > 0 {
		u.say("and %d expectations more like these", more)
	}
}

// checkNoted refuses what is no name of a new file for what is found: one that is there may have been edited, and is never
// written over.
func checkNoted(files fileList, noted string) error {
	_, missing := os.Lstat(noted)
	switch {
	case len(files.of("write-expect")) > 0 && (noted == "" || noted == "-"):
		return &usageError{fmt.Sprintf("--write-expect %q names no file", noted), "openrelay scan --write-expect expect.txt TARGET"}
	case missing == nil:
		return &usageError{fmt.Sprintf("%q is there already, and may have been edited", noted), "openrelay scan --write-expect " + unused(noted) + " TARGET"}
	}
	return nil
}

// note begins to take note of what is found.
func (j *job) note() (err error) {
	if j.noted == "" {
		return nil
	}
	if j.noting, err = os.OpenFile(j.noted, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666); err != nil {
		return &usageError{fmt.Sprintf("cannot write %q: %v", j.noted, reason(err)), "openrelay scan --write-expect expect.txt TARGET"}
	}
	j.present = &expect.Lines{Now: time.Now()}
	if !j.summary.Part { // whose files are put together
		j.present.Old = j.expect
	}
	return nil
}

// writeNoted writes it down.
func (j *job) writeNoted() error {
	if j.noting == nil {
		return nil
	}
	if err := errors.Join(j.present.Write(j.noting), j.noting.Close()); err != nil {
		return fmt.Errorf("cannot write what was found: %w", err)
	}
	if j.cut.Why != "" {
		j.ui.say("warning: %s holds only what was found until then", report.Printable(j.noted))
	}
	return nil
}
