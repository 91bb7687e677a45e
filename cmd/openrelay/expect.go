package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

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

// note begins the file of what is found. It is new: one that was edited is never written over.
func (j *job) note(file string) error {
	if file == "" {
		return nil
	}
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	switch {
	case errors.Is(err, fs.ErrExist):
		return &usageError{fmt.Sprintf("%q is there already, and may have been edited", file), "openrelay scan --write-expect new-" + file + " TARGET"}
	case err != nil:
		return &usageError{fmt.Sprintf("cannot write %q: %v", file, reason(err)), "openrelay scan --write-expect expect.txt TARGET"}
	}
	j.noted = f
	return nil
}
