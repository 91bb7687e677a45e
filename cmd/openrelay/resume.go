package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/netip"
	"os"
	"slices"

	"openrelay/probe"
	"openrelay/report"
)

// manyAnswered is how many targets that answered before are kept, to ask them if nothing answers now.
const manyAnswered = 16

// resumable is a list of targets from which those that are done can be taken.
type resumable interface {
	Done(target, name, domain string)
}

// resume takes the targets that an earlier run of the same scan has results of off the list. A line that
// was torn when that run was killed is cut off, so that its target is tested again; nothing is, before it is
// sure that these are results of this scan. Without the file there was no earlier run.
func (j *job) resume(file string, list resumable) error {
	f, err := os.OpenFile(file, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return cannotResume(file, err)
	}
	defer f.Close()
	if err := claim(f); err != nil {
		return cannotResume(file, err)
	}
	whole, torn, err := lastLine(f)
	if err != nil {
		return cannotResume(file, err)
	}
	n := 0
	err = eachOf(io.NewSectionReader(f, 0, whole), file, func(r probe.Result) error {
		n++
		return j.goOnAfter(r, file, list)
	})
	if err != nil {
		return err
	}
	remark := ""
	if len(torn) > 0 {
		if !report.BeginsResult(torn) {
			return &usageError{fmt.Sprintf("%q: its last line is none of a scan's results", file), "openrelay scan --resume other.jsonl TARGET"}
		}
		if err := f.Truncate(whole); err != nil {
			return cannotResume(file, err)
		}
		j.delivery.goOnAfterTorn(torn)
		remark = "; its last line was torn and is tested again"
	}
	j.ui.say("going on after %d results in %s%s", n, report.Printable(file), remark)
	return nil
}

func cannotResume(file string, err error) error {
	hint := "openrelay scan --resume results.jsonl TARGET"
	if errors.Is(err, errClaimed) {
		hint = "openrelay scan --resume other.jsonl TARGET"
	}
	return &usageError{fmt.Sprintf("cannot resume from %q: %v", file, err), hint}
}

// goOnAfter takes note of one result of the earlier run.
func (j *job) goOnAfter(r probe.Result, file string, list resumable) error {
	if r.Scan == nil || r.Scan.Spec != j.scan.Spec {
		return &usageError{fmt.Sprintf("%q holds results of another scan: its targets or flags were others", file),
			"openrelay scan --format jsonl --output other.jsonl TARGET"}
	}
	j.scan.ID = r.Scan.ID
	list.Done(r.Target, r.Name, r.Domain)
	j.delivery.goOnAfter(r)
	if addr, err := netip.ParseAddrPort(r.Target); err == nil && r.Verdict != probe.Unreachable {
		j.scanner.Answered = append(j.scanner.Answered[max(0, len(j.scanner.Answered)-manyAnswered):], probe.Target{Addr: addr, Name: r.Name})
	}
	return nil
}

// replay gives the results of the earlier run that is gone on from to the summary and to the other reports.
func (j *job) replay(reports []destination) error {
	i := slices.IndexFunc(reports, func(d destination) bool { return d.resume })
	if i < 0 {
		return nil
	}
	err := eachResult(reports[i].file, j.again)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func eachResult(file string, do func(probe.Result) error) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	return eachOf(f, file, do)
}

func eachOf(in io.Reader, file string, do func(probe.Result) error) error {
	for r, err := range report.Read(in) {
		if err != nil {
			return badResults(file, err, "openrelay scan --format jsonl --output other.jsonl TARGET")
		}
		if err := do(r); err != nil {
			return err
		}
	}
	return nil
}

// lastLine returns where the last line ends that has an end, and the beginning of what is behind it.
func lastLine(f *os.File) (whole int64, torn []byte, err error) {
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return 0, nil, err
	}
	block := make([]byte, 64<<10)
	for end := size; end > 0; {
		from := max(0, end-int64(len(block)))
		part := block[:end-from]
		if _, err := f.ReadAt(part, from); err != nil {
			return 0, nil, err
		}
		if i := bytes.LastIndexByte(part, '\n'); i >= 0 {
			whole = from + int64(i) + 1
			break
		}
		end = from
	}
	n, err := f.ReadAt(block, whole)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return whole, block[:n], err
}
