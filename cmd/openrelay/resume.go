package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"openrelay/probe"
	"openrelay/report"
)

// resumable is a list of targets from which those that are done can be taken.
type resumable interface{ Done(target, name string) }

// resume takes the targets that an earlier run of the same scan has results of off the list. A line that
// was torn when that run was killed is cut off, so that its target is tested again. Without the file
// there was no earlier run.
func (j *job) resume(file string, list resumable) error {
	mended, err := mend(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return &usageError{fmt.Sprintf("cannot resume from %q: %v", file, err), "openrelay scan --resume results.jsonl TARGET"}
	}
	n := 0
	err = eachResult(file, func(r probe.Result) error {
		if r.Scan == nil || r.Scan.Spec != j.scan.Spec {
			return &usageError{fmt.Sprintf("%q holds results of another scan: its targets or flags were others", file),
				"openrelay scan --format jsonl --output other.jsonl TARGET"}
		}
		j.scan.ID = r.Scan.ID
		list.Done(r.Target, r.Name)
		n++
		return nil
	})
	if err != nil {
		return err
	}
	torn := ""
	if mended {
		torn = "; its last line was torn and is tested again"
	}
	j.ui.say("going on after %d results in %s%s", n, report.Printable(file), torn)
	return nil
}

// replay gives the results of the earlier run to the summary and to every report but the one they are in.
func (j *job) replay(file string) error {
	err := eachResult(file, func(r probe.Result) error {
		j.summary.Add(r)
		if j.since != nil {
			j.since.After(r)
		}
		for i, w := range j.writers {
			if j.resumed == i {
				continue
			}
			if err := w.Write(r); err != nil {
				return fmt.Errorf("cannot write results: %w", err)
			}
		}
		return nil
	})
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
	for r, err := range report.Read(f) {
		if err != nil {
			return &usageError{fmt.Sprintf("%q: %v", file, err), "openrelay scan --format jsonl --output other.jsonl TARGET"}
		}
		if err := do(r); err != nil {
			return err
		}
	}
	return nil
}

// mend cuts a file behind its last whole line, and reports whether there was anything to cut.
func mend(file string) (bool, error) {
	f, err := os.OpenFile(file, os.O_RDWR, 0)
	if err != nil {
		return false, err
	}
	defer f.Close()
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return false, err
	}
	end := size
	for block := make([]byte, 64<<10); end > 0; {
		from := max(0, end-int64(len(block)))
		part := block[:end-from]
		if _, err := f.ReadAt(part, from); err != nil {
			return false, err
		}
		if i := bytes.LastIndexByte(part, '\n'); i >= 0 {
			end = from + int64(i) + 1
			break
		}
		end = from
	}
	if end == size {
		return false, nil
	}
	return true, f.Truncate(end)
}
