package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"iter"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"

	"openrelay/probe/prober"

	"openrelay/probe"
	"openrelay/report"
	"openrelay/scanner"
	"openrelay/scanner/sockets"
)

// job is one scan: what to ask, how fast, and where the results go.
type job struct {
	ui       *ui
	prober   prober.Prober
	scanner  scanner.Scanner
	sockets  *sockets.Set // of all probes; nil for those of package net
	scan     probe.Scan
	bar      *progress
	progress string
	writers  []report.Writer
	cut      report.Cut // how the scan ended before its end, for the reports
	resumed  int        // the writer whose file holds the results of an earlier run already, or -1
	files    []io.Closer
	saved    string // the file that a scan can go on from, if there is one
	table    bool   // the results on standard output end with a summary of their own
	delivery delivery
	summary  report.Summary
	quiet    bool               // only what is open is printed
	wait     time.Duration      // for named targets to answer
	since    *report.Diff       // against an earlier scan; nil without
	done     int                // targets with a result
	each     func(probe.Result) // sees every result too; may be nil
	lists    *listings          // asks block lists too; may be nil
	placed
	hint string // a command line whose reports can be written
}

// list is where targets come from.
type list interface {
	All(context.Context) iter.Seq2[probe.Target, error]
	Len() (n uint64, exact bool)
}

func newScan(authorized, spec string) probe.Scan {
	return probe.Scan{ID: strings.ToLower(rand.Text()[:12]), Spec: spec, Version: version(), Authorized: authorized}
}

// destination is a report and the file it goes to; "-" is standard output.
type destination struct {
	format, file string
	resume       bool // added to what is in the file
}

// destinations reads the flags. Everything that can be wrong with them is found before a file is
// touched: a scan whose results cannot be written is not begun, and one report never overwrites another.
func (f *outputFlags) destinations() ([]destination, error) {
	if f.sarifLocation != "" {
		if err := report.CheckSARIFLocation(f.sarifLocation); err != nil {
			return nil, &usageError{"--sarif-location " + err.Error(), f.hint("--report sarif=results.sarif --sarif-location targets.txt:1")}
		}
	}
	all := []destination{{format: f.format, file: f.output}}
	for _, r := range f.reports {
		name, file, ok := strings.Cut(r, "=")
		if !ok || file == "" {
			return nil, &usageError{fmt.Sprintf("--report %q is not NAME=FILE", r), f.hint("--report jsonl=results.jsonl")}
		}
		all = append(all, destination{format: name, file: file})
	}
	for i, d := range all {
		if _, err := report.New(d.format, io.Discard, report.Options{}); err != nil {
			return nil, &usageError{err.Error(), f.hint("--format table")}
		}
		if slices.ContainsFunc(all[:i], func(other destination) bool { return sameFile(other.file, d.file) }) {
			return nil, &usageError{fmt.Sprintf("two reports go to %q", d.file), f.hint("--output results.txt --report jsonl=results.jsonl")}
		}
	}
	return all, nil
}

// resuming makes the file of --resume the place for new results too, once.
func (f *scanFlags) resuming(all []destination) ([]destination, error) {
	i := slices.IndexFunc(all, func(d destination) bool { return sameFile(d.file, f.resume) })
	switch {
	case f.resume == "-":
		return nil, &usageError{"standard input cannot be added to", "openrelay scan --resume results.jsonl TARGET"}
	case i < 0:
		return append(all, destination{"jsonl", f.resume, true}), nil
	case all[i].format != "jsonl":
		return nil, &usageError{fmt.Sprintf("%q would be overwritten as %s", f.resume, all[i].format), "openrelay scan --resume " + f.resume + " TARGET"}
	}
	all[i].resume = true
	return all, nil
}

// openReports creates the files and starts the reports. bar may be nil.
func (j *job) openReports(all []destination) (err error) {
	defer func() {
		if err != nil { // nothing will be written: leave no half of a file behind
			for _, f := range j.files {
				_ = f.Close()
			}
		}
	}()
	for i, d := range all {
		w, o := j.bar.beside(j.ui.stdout), report.Options{Colour: j.ui.coloured(j.ui.stdout), Width: columns(j.ui.stdout)}
		if d.file != "-" {
			file, err := create(d, j.hint)
			if err != nil {
				return err
			}
			w, o = file, report.Options{}
			j.files = append(j.files, file)
		}
		o.FailOn, o.Part, o.Cut = j.summary.FailOn, j.summary.Part, &j.cut
		o.Quiet = j.quiet && i == 0 // the others are not printed
		o.SARIFLocation = j.location
		writer, err := report.New(d.format, w, o)
		if err != nil {
			return err
		}
		if d.resume {
			j.resumed = len(j.writers)
		}
		j.table = j.table || d.file == "-" && d.format == "table"
		j.sarif = j.sarif || d.format == "sarif"
		if d.file != "-" && d.format == "jsonl" {
			j.saved = d.file
		}
		j.writers = append(j.writers, writer)
	}
	return nil
}

// run scans, writes results as they come, and ends with the status that the summary decides. What is
// known when the user interrupts is written too.
func (j *job) run(ctx context.Context, l list, reports []destination) error {
	stop, err := j.delivery.start(ctx, j.ui, j.scan.ID) // before a report is opened or a packet sent: the port may be taken
	if err != nil {
		return err
	}
	defer stop()
	j.prober.Pause = j.scanner.Pause
	if !j.quiet {
		j.bar = newProgress(j.ui.stderr, "scanning", j.progress, l.Len, j.scanner.Paused)
	}
	stderr := j.ui.stderr
	j.ui.stderr = j.bar.beside(stderr)
	j.resumed = -1
	err = j.openReports(reports)
	if err == nil && j.resumed >= 0 {
		err = j.replay(reports[j.resumed].file)
	}
	if err == nil {
		if err = j.await(ctx, l); err == nil {
			err = j.scanAll(ctx, l)
		}
		j.cut = j.cutShort(l, err)
		if closed := j.close(); closed != nil && (err == nil || errors.Is(err, context.Canceled)) {
			err = closed
		}
	}
	j.bar.finish()
	j.ui.stderr = stderr
	if j.lists != nil {
		j.lists.end()
	}
	return j.end(l, err)
}

// openSockets makes connections leave from an address of ours, if source is one.
func (j *job) openSockets(source netip.Addr) (err error) {
	if j.sockets, err = sockets.Open(source); err == nil {
		j.prober.Dial = j.scanner.Dial(j.sockets.DialContext)
	}
	return err
}

func (j *job) closeSockets() {
	if j.sockets != nil {
		_ = j.sockets.Close() // nothing was written to it
	}
}

// scanAll scans, and waits for messages that are under way then.
func (j *job) scanAll(ctx context.Context, l list) error {
	defer j.delivery.asking.Wait() // it speaks to the user
	j.scanner.Probe, j.scanner.Answers = j.prober.Probe, j.answers
	if j.sockets != nil && (j.scanner.Workers == 0 || j.scanner.Workers >= fewWorkers) {
		j.scanner.Connect = func(ctx context.Context, t probe.Target, done func(net.Conn, error)) {
			j.sockets.Connect(ctx, t.Addr, j.prober.Limits.For(t).Connect, done)
		}
	}
	if j.lists != nil {
		j.scanner.Probe = func(ctx context.Context, t probe.Target) *probe.Result { return j.lists.probe(ctx, t, j.prober.Probe) }
	}
	err := j.scanner.Run(ctx, l.All(ctx), j.take)
	return j.settle(ctx, err)
}

// take takes one result in. One whose messages are under way waits for them.
func (j *job) take(r probe.Result) error {
	r.Scan = &j.scan
	if j.delivery.hold(r) {
		return j.emitAll(j.delivery.ripe(""))
	}
	return j.emit(r)
}

// emit counts a result and writes it to every report.
func (j *job) emit(r probe.Result) error {
	j.summary.Add(r)
	if j.since != nil {
		j.since.After(r)
	}
	j.done++
	j.bar.count(r.Verdict)
	if j.each != nil {
		j.each(r)
	}
	return j.write(r)
}

func (j *job) write(r probe.Result) error {
	j.place(r)
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

// cutShort is how a scan that ended with err ended before its end.
func (j *job) cutShort(l list, err error) report.Cut {
	n, exact := l.Len()
	about := ""
	if !exact {
		about = "about "
	}
	far := fmt.Sprintf("after %d of %s%d targets", j.done, about, n)
	var down *scanner.OutageError
	switch {
	case errors.Is(err, context.Canceled):
		return report.Cut{Why: "interrupted " + far, ExitStatus: statusInterrupted}
	case errors.As(err, &down):
		return report.Cut{Why: "stopped " + far + ", since the network here seemed to be down", ExitStatus: statusUsage}
	case err != nil:
		return report.Cut{Why: "stopped " + far, ExitStatus: statusUsage}
	}
	return report.Cut{}
}

// end says how it went, as far as the results have not.
func (j *job) end(l list, err error) error {
	if errors.Is(err, context.Canceled) {
		j.ui.say("%s: %s", j.cut.Why, j.summary.String())
		if j.saved != "" {
			j.ui.say("hint: openrelay scan --resume %s TARGET goes on from there", report.Printable(j.saved))
		}
		return exitStatus(statusInterrupted)
	}
	var down *scanner.OutageError
	if errors.As(err, &down) {
		return j.stopped(l, down)
	}
	if err != nil {
		return err
	}
	if x, ok := l.(interface{ Excluded() uint64 }); ok && x.Excluded() > 0 && !j.quiet {
		j.ui.say("%d addresses or names were excluded", x.Excluded())
	}
	return j.verdict()
}

// verdict says the counts, if the results have not, and returns the exit status.
func (j *job) verdict() error {
	if !j.table && !j.quiet {
		j.ui.say("%s", j.summary.String())
	}
	j.warn(j.ui)
	j.compare()
	if j.summary.Port25Blocked() {
		j.ui.say("port 25 seems blocked from here: no named target answers there")
		j.ui.say("hint: hosted CI runners and many providers block outgoing port 25; if the servers are up, scan from another network or on a runner of your own")
	}
	if j.summary.Silent() {
		j.ui.say("warning: no address answered, not even with a refusal")
		j.ui.say("hint: where servers are expected, look whether this network lets connections out: openrelay scan ONE-OF-THEM:25")
	}
	if j.summary.None() && j.summary.Part {
		j.ui.say("this part has no target: there are fewer targets than parts (--shard)")
	}
	if status := j.summary.ExitStatus(); status != 0 {
		return exitStatus(status)
	}
	return nil
}

// placed knows whether every result of a SARIF report is at a line of the user's repository.
type placed struct {
	sarif    bool   // there is such a report
	location string // --sarif-location
	nowhere  int    // results without a line
}

// place counts a result that code scanning shows, and that is in no file.
func (p *placed) place(r probe.Result) {
	shown := r.Verdict > probe.Closed || r.Named && r.Verdict == probe.Unreachable
	if p.sarif && p.location == "" && r.Origin == "" && shown {
		p.nowhere++
	}
}

func (p *placed) warn(u *ui) {
	if p.nowhere > 0 {
		u.say("warning: results of the sarif report at no line of a file: %d; --sarif-location FILE:LINE names one of your repository", p.nowhere)
	}
}

// lines is a buffered reader of whole lines, for input that programs write.
func lines(r io.Reader) *bufio.Scanner {
	s := bufio.NewScanner(r)
	s.Buffer(nil, 1<<20)
	return s
}
