package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"strings"

	"openrelay/probe"
	"openrelay/report"
	"openrelay/scanner"
)

// job is one scan: what to ask, how fast, and where the results go.
type job struct {
	ui      *ui
	prober  probe.Prober
	scanner scanner.Scanner
	scan    probe.Scan
	writers []report.Writer
	files   []io.Closer
	table   bool // the results on standard output end with a summary of their own
	summary report.Summary
	done    int                // targets with a result
	each    func(probe.Result) // sees every result too; may be nil
}

// list is where targets come from.
type list interface {
	All(context.Context) iter.Seq2[probe.Target, error]
	Len() (n uint64, exact bool)
}

func newScan(authorized string) probe.Scan {
	return probe.Scan{ID: strings.ToLower(rand.Text()[:12]), Version: version(), Authorized: authorized}
}

// openReports creates the files before anything is tested: a scan whose results cannot be written is
// not begun.
func (j *job) openReports(f scanFlags) error {
	if err := j.openReport(f.format, f.output); err != nil {
		return err
	}
	for _, r := range f.reports {
		name, file, ok := strings.Cut(r, "=")
		if !ok || file == "" {
			return &usageError{fmt.Sprintf("--report %q is not NAME=FILE", r), "openrelay scan --report jsonl=results.jsonl TARGET"}
		}
		if err := j.openReport(name, file); err != nil {
			return err
		}
	}
	return nil
}

func (j *job) openReport(format, file string) error {
	w, o := j.ui.stdout, report.Options{Colour: coloured(j.ui.stdout), Width: columns(j.ui.stdout)}
	if _, err := report.New(format, io.Discard, o); err != nil {
		return &usageError{err.Error(), "openrelay scan --format table TARGET"}
	}
	if file != "-" {
		f, err := os.Create(file)
		if err != nil {
			return &usageError{fmt.Sprintf("cannot write %q: %v", file, errors.Unwrap(err)), "openrelay scan --output results.jsonl TARGET"}
		}
		w, o = f, report.Options{}
		j.files = append(j.files, f)
	} else if format == "table" {
		j.table = true
	}
	writer, err := report.New(format, w, o)
	if err != nil {
		return err
	}
	j.writers = append(j.writers, writer)
	return nil
}

// run scans, writes results as they come, and ends with the status that the summary decides. What is
// known when the user interrupts is written too.
func (j *job) run(ctx context.Context, l list) error {
	j.scanner.Probe = j.prober.Probe
	j.prober.Pause = j.scanner.Pause
	bar := newProgress(j.ui.stderr, l.Len)
	err := j.scanner.Run(ctx, l.All(ctx), func(r probe.Result) error {
		r.Scan = &j.scan
		j.summary.Add(r)
		j.done++
		if j.each != nil {
			j.each(r)
		}
		return bar.result(func() error { return j.write(r) })
	})
	bar.finish()
	if closed := j.close(); err == nil || errors.Is(err, context.Canceled) {
		if closed != nil {
			err = closed
		}
	}
	return j.end(l, err)
}

func (j *job) write(r probe.Result) error {
	for _, w := range j.writers {
		if err := w.Write(r); err != nil {
			return fmt.Errorf("cannot write results: %w", err)
		}
	}
	return nil
}

func (j *job) close() error {
	var errs []error
	for _, w := range j.writers {
		errs = append(errs, w.Close())
	}
	for _, f := range j.files {
		errs = append(errs, f.Close())
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("cannot write results: %w", err)
	}
	return nil
}

// end says how it went, as far as the results have not.
func (j *job) end(l list, err error) error {
	if errors.Is(err, context.Canceled) {
		n, exact := l.Len()
		about := ""
		if !exact {
			about = "about "
		}
		j.ui.say("interrupted after %d of %s%d targets: %s", j.done, about, n, j.summary.String())
		return exitStatus(statusInterrupted)
	}
	if err != nil {
		return err
	}
	if !j.table {
		j.ui.say("%s", j.summary.String())
	}
	if status := j.summary.ExitStatus(); status != 0 {
		return exitStatus(status)
	}
	return nil
}

// lines is a buffered reader of whole lines, for input that programs write.
func lines(r io.Reader) *bufio.Scanner {
	s := bufio.NewScanner(r)
	s.Buffer(nil, 1<<20)
	return s
}
