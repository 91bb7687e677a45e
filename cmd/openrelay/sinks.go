package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"syscall"

	"openrelay/probe"
	"openrelay/probe/changes"
	"openrelay/probe/expect"
	"openrelay/report"
)

// sinks are where results go: the reports, on standard output and in files, and the summary that decides the exit
// status. scan, report and demo write to them.
type sinks struct {
	ui            *ui
	quiet         bool // only what is worse than expected is printed
	sarifLocation string
	hint          string // a command line whose reports can be written
	summary       report.Summary
	since         *changes.Diff // against an earlier scan; nil without
	expect        *expect.Set   // what is expected of servers; nil leaves it to the results
	present       *expect.Lines // what is found, as expectations; nil where nobody wants them
	cut           report.Cut    // how it ended before its end, for the reports
	all           []sink
	nowhere       int // results of a SARIF report at no line of a file
}

// sink is a report that is being written.
type sink struct {
	destination
	report.Writer[probe.Result]
	to     io.Closer
	failed error // why it is not written any more
}

// open creates the files and starts the reports.
func (s *sinks) open(destinations []destination, stdout io.Writer) (err error) {
	defer func() {
		if err != nil { // nothing will be written: leave no half of a file behind
			for _, k := range s.all {
				_ = k.to.Close()
			}
		}
	}()
	for i, d := range destinations {
		file, err := d.create(stdout, s.hint)
		if err != nil {
			return err
		}
		k, o := sink{destination: d, to: file}, s.ui.look(d.file)
		o.FailOn, o.Part, o.Cut = s.summary.FailOn, s.summary.Part, &s.cut
		o.Quiet = s.quiet && i == 0 // the others are not printed
		o.SARIFLocation = s.sarifLocation
		if k.Writer, err = report.Results.New(d.format, file, o); err != nil {
			return err
		}
		s.all = append(s.all, k)
	}
	return nil
}

// add counts a result and writes it to every report. A trait that only many results show is in those that come when it
// is known, and the summary says it of all.
func (s *sinks) add(r probe.Result) error {
	s.judge(&r)
	s.count(r)
	s.summary.Mark(&r)
	return s.write(r, func(sink) bool { return true })
}

// again counts a result of an earlier run, and writes it to every report but the file that it is in. What was expected
// then is expected no more, unless it is now.
func (s *sinks) again(r probe.Result) error {
	r.Expected = nil
	s.judge(&r)
	s.count(r)
	return s.write(r, func(k sink) bool { return !k.resume })
}

// judge compares a result with what is expected.
func (s *sinks) judge(r *probe.Result) {
	s.expect.Judge(r)
	if s.present != nil {
		s.present.Add(r)
	}
}

func (s *sinks) count(r probe.Result) {
	s.summary.Add(r)
	if s.since != nil {
		s.since.After(r)
	}
}

// write writes a result to reports. One that cannot be written any more, as standard output that nobody reads, does
// not keep it from the others; an error says that there is none left.
func (s *sinks) write(r probe.Result, to func(sink) bool) error {
	if s.has(func(k sink) bool { return to(k) && k.format == "sarif" }) && s.misplaced(r) {
		s.nowhere++
	}
	goesOn := func(k sink) bool { return k.failed == nil }
	for i := range s.all {
		k := &s.all[i]
		if !goesOn(*k) || !to(*k) {
			continue
		}
		if k.failed = k.Write(r); k.failed != nil && s.has(goesOn) {
			s.ui.say("warning: the %s report ends here, the others go on: %s", k.format, report.Printable(k.failed.Error()))
		}
	}
	if s.has(goesOn) {
		return nil
	}
	return s.unwritten()
}

// unwritten says which reports could not be written, if any. That nobody reads one any more is said only where nothing
// worse is to say.
func (s *sinks) unwritten() error {
	var broken, unread []error
	for _, k := range s.all {
		if errors.Is(k.failed, syscall.EPIPE) {
			unread = append(unread, k.failed)
		} else {
			broken = append(broken, k.failed)
		}
	}
	if err := cmp.Or(errors.Join(broken...), errors.Join(unread...)); err != nil {
		return fmt.Errorf("cannot write results: %w", err)
	}
	return nil
}

// misplaced reports whether code scanning shows a result, and it is at no line of the user's repository.
func (s *sinks) misplaced(r probe.Result) bool {
	shown := r.Verdict > probe.Closed || r.Named && r.Verdict == probe.Unreachable || r.Standing() != probe.AsExpected
	return shown && s.sarifLocation == "" && r.Origin == ""
}

func (s *sinks) has(is func(sink) bool) bool {
	for _, k := range s.all {
		if is(k) {
			return true
		}
	}
	return false
}

// saved is the file that a scan can go on from, "" where there is none.
func (s *sinks) saved() (file string) {
	for _, k := range s.all {
		if k.file != "-" && k.format == "jsonl" {
			file = k.file
		}
	}
	return file
}

// close ends the reports; unwritten says then whether all of them are whole.
func (s *sinks) close() {
	for i := range s.all {
		k := &s.all[i]
		k.failed = cmp.Or(k.failed, k.Close())
	}
	for i := range s.all {
		k := &s.all[i]
		k.failed = cmp.Or(k.failed, k.to.Close())
	}
}

// verdict says the counts, if the results have not, and returns the exit status.
func (s *sinks) verdict() error {
	counted := s.has(func(k sink) bool { return k.file == "-" && k.format == "table" && k.failed == nil }) // with a summary of its own
	if !counted && !s.quiet {
		s.ui.say("%s", s.summary.String())
	}
	if remark := s.summary.Intercepted(); remark != "" && (!counted || s.quiet) {
		s.ui.say("warning: %s", remark)
	}
	if s.nowhere > 0 {
		s.ui.say("warning: results of the sarif report at no line of a file: %d; --sarif-location FILE:LINE names one of your repository", s.nowhere)
	}
	s.compare()
	if !s.summary.Part {
		s.ui.remark(s.expect.Unused())
	}
	if s.summary.Port25Blocked() {
		s.ui.say("port 25 seems blocked from here: no named target answers there")
		s.ui.say("hint: hosted CI runners and many providers block outgoing port 25; if the servers are up, scan from another network or on a runner of your own")
	}
	if s.summary.Silent() {
		s.ui.say("warning: no address answered, not even with a refusal")
		s.ui.say("hint: where servers are expected, look whether this network lets connections out: openrelay scan ONE-OF-THEM:25")
	}
	if s.summary.None() && s.summary.Part {
		s.ui.say("this part has no target: there are fewer targets than parts (--shard)")
	}
	if err := s.unwritten(); err != nil {
		return err
	}
	if status := s.summary.ExitStatus(); status != 0 {
		return exitStatus(status)
	}
	return nil
}

// mostChanges is how many changes are told one by one; the rest is counted.
const mostChanges = 50

// compare tells what is not as it was in the baseline.
func (s *sinks) compare() {
	if s.since == nil {
		return
	}
	all := s.since.Changes()
	s.summary.Compare(all)
	told := 0
	for _, c := range all {
		if s.quiet && !c.NewlyWorse() {
			continue
		}
		if told++; told <= mostChanges {
			s.ui.say("%s", report.ChangeLine(c))
		}
	}
	if more := told - mostChanges; more > 0 {
		s.ui.say("and %d changes more; openrelay diff lists them all", more)
	}
	if !s.quiet {
		s.ui.say("since the baseline: %s", report.CountChanges(all))
	}
}
