package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
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
	f, err := openResults(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return cannotResume(file, err)
	}
	defer f.Close()
	whole, torn, err := lastLine(f)
	if err != nil {
		return cannotResume(file, err)
	}
	n := 0
	take := func(r probe.Result) error {
		n++
		return j.goOnAfter(r, file, list)
	}
	if err := eachOf(io.NewSectionReader(f, 0, whole), file, take); err != nil {
		return err
	}
	remark := ""
	if len(torn) > 0 {
		if remark, err = j.mend(f, whole, torn, take, n > 0); err != nil {
			return err
		}
	}
	j.ui.say("going on after %d results in %s%s", n, report.Printable(file), remark)
	return nil
}

// openResults opens a file of results to mend it, where nobody else does.
func openResults(file string) (*os.File, error) {
	info, err := os.Stat(file)
	if err != nil {
		return nil, reason(err)
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("it is no regular file")
	}
	f, err := os.OpenFile(file, os.O_RDWR, 0)
	if err != nil {
		return nil, reason(err)
	}
	if err := claim(f); err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}

// mend gives the last line of a file its end, if it lacks nothing else, or cuts it off, if it begins as a result of this
// scan and breaks off. Any other line stays, and is an error. behind says that it stands behind results of this scan.
func (j *job) mend(f *os.File, whole int64, torn []byte, take func(probe.Result) error, behind bool) (remark string, err error) {
	for r, err := range report.Read(io.NewSectionReader(f, whole, math.MaxInt64-whole)) {
		if err != nil {
			break
		}
		if err := take(r); err != nil {
			return "", err
		}
		if _, err := f.Seek(0, io.SeekEnd); err != nil {
			return "", cannotResume(f.Name(), err)
		}
		if _, err := f.WriteString("\n"); err != nil {
			return "", cannotResume(f.Name(), reason(err))
		}
		return "", nil
	}
	const other = "openrelay scan --resume other.jsonl TARGET"
	switch may, sure := report.BeginsResult(string(torn), j.scan.Spec); {
	case !may:
		return "", &usageError{fmt.Sprintf("%q: its last line is none of this scan's results", f.Name()), other}
	case !sure && !behind:
		return "", &usageError{fmt.Sprintf("%q holds only the beginning of a line, which may be anybody's", f.Name()), other}
	}
	if err := f.Truncate(whole); err != nil {
		return "", cannotResume(f.Name(), reason(err))
	}
	j.delivery.goOnAfterTorn(torn)
	return "; its last line was torn and is tested again", nil
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
