package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"iter"
	"net"
	"net/netip"
	"os"
	"strings"
	"time"

	"openrelay/probe"
	"openrelay/probe/prober"
	"openrelay/report"
	"openrelay/scanner"
	"openrelay/scanner/sockets"
)

// job is one scan: what to ask, how fast, and where the results go.
type job struct {
	sinks
	prober   prober.Prober
	scanner  scanner.Scanner
	sockets  *sockets.Set // of all probes; nil for those of package net
	scan     probe.Scan
	bar      *progress
	progress string
	delivery delivery
	logins   logins
	wait     time.Duration      // for named targets to answer
	done     int                // targets that were tested
	each     func(probe.Result) // sees every result too; may be nil
	noted    string             // the file for the present state, as expectations; "" for none
	noting   *os.File           // that file, once it is open
	lists    *listings          // asks block lists too; may be nil
}

// list is where targets come from.
type list interface {
	All(context.Context) iter.Seq2[probe.Target, error]
	Len() (n uint64, exact bool)
}

func newScan(authorized, spec string) probe.Scan {
	return probe.Scan{ID: strings.ToLower(rand.Text()[:12]), Spec: spec, Version: version(), Authorized: authorized}
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
	err = j.open(reports, j.bar.beside(j.ui.stdout))
	if err == nil {
		err = j.note()
	}
	if err == nil {
		err = j.replay(reports)
	}
	if err == nil {
		if err = j.await(ctx, l); err == nil {
			err = j.scanAll(ctx, l)
		}
		j.cut = j.cutShort(l, err)
		j.close()
		if unwritten := j.unwritten(); unwritten != nil && errors.Is(err, context.Canceled) {
			err = unwritten
		}
		if failed := j.writeNoted(); failed != nil && (err == nil || errors.Is(err, context.Canceled)) {
			err = failed
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

// scanAll scans, waits for messages that are under way then, and makes the logins.
func (j *job) scanAll(ctx context.Context, l list) error {
	defer j.delivery.asking.Wait() // it speaks to the user
	j.prober.LogInLater = j.logins.later
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
	return j.logIn(ctx, j.settle(ctx, err))
}

// take takes one result in. One whose messages are under way waits for them.
func (j *job) take(r probe.Result) error {
	r.Scan = &j.scan
	if j.delivery.hold(r) {
		return j.passAll(j.delivery.ripe(""))
	}
	return j.pass(r)
}

// pass lets a result through, unless it waits for a login.
func (j *job) pass(r probe.Result) error {
	j.done++
	j.bar.count(r.Verdict)
	if j.logins.hold(r) {
		return nil
	}
	return j.emit(r)
}

// emit tells everybody who waits for results of one.
func (j *job) emit(r probe.Result) error {
	if j.each != nil {
		j.each(r)
	}
	return j.add(r)
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
		if file := j.saved(); file != "" {
			j.ui.say("hint: openrelay scan --resume %s TARGET goes on from there", report.Printable(file))
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
