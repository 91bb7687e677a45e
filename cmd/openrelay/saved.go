package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"openrelay/probe"
	"openrelay/report"
)

// saved is a number of files of results, read twice and never kept: what is remembered of a target is
// which scan tested it last.
type saved struct {
	ui     *ui
	names  []string
	files  []*os.File
	spools []string // files of ours that hold what can be read only once
	newest map[[16]byte]newest
	most   int64        // bytes of each spool
	told   map[int]bool // which files break off, as far as it was said
}

// newest is the last test of a target that was seen.
type newest struct {
	source
	started time.Time
}

// source is where results of one scan come from. Within one they all count: a host behind two mx:
// domains is tested twice. The line is there for results without a scan, each for itself.
type source struct {
	file, line int
	scan       [16]byte
}

// identity is what two scans must have in common for the later one to count: the address, and the name
// it was reached by, for with the name the questions differ.
func identity(r probe.Result) [16]byte { return digest(r.Target + "\x00" + r.Name + "\x00" + r.Domain) }

// digest stands for a text of any length: a hostile file cannot make the index big.
func digest(s string) (d [16]byte) {
	sum := sha256.Sum256([]byte(s))
	return [16]byte(sum[:16])
}

// badResults says that a file of results cannot be used; hint is a command line with one that can.
func badResults(file string, err error, hint string) error {
	return &usageError{fmt.Sprintf("%q: %v", file, err), hint}
}

// errNoResults: whoever compares with nothing, or writes nothing anew, has named the wrong file.
var errNoResults = errors.New("holds no results")

const howToSave = "openrelay scan --format jsonl --output results.jsonl TARGET"

// open opens a file, or copies what cannot be read twice to one.
func (s *saved) open(name string) error {
	in := io.Reader(s.ui.input)
	if name == "-" {
		for _, other := range s.names {
			if other == "-" {
				return &usageError{"standard input can be read only once", "openrelay report -"}
			}
		}
		if isTerminal(s.ui.stdin) {
			s.ui.say("reading results from the terminal; Ctrl-D ends them")
		}
	} else {
		file, err := os.Open(name)
		if err != nil {
			return &usageError{fmt.Sprintf("cannot read %q: %v", name, errors.Unwrap(err)), howToSave}
		}
		info, err := file.Stat()
		if err == nil && info.Mode().IsRegular() {
			s.names, s.files = append(s.names, name), append(s.files, file)
			return nil
		}
		defer file.Close()
		if err == nil && info.IsDir() {
			return &usageError{fmt.Sprintf("%q is a directory", name), "openrelay report " + name + "/*.jsonl"}
		}
		in = file
	}
	return s.spool(name, in)
}

func (s *saved) spool(name string, in io.Reader) error {
	file, err := os.CreateTemp("", "openrelay-*.jsonl")
	if err != nil {
		return err
	}
	s.names, s.files, s.spools = append(s.names, name), append(s.files, file), append(s.spools, file.Name())
	in = upTo(s.most, in, "which is too much to copy to "+os.TempDir())
	for _, err := range report.Read(io.TeeReader(in, file)) {
		if err != nil { // as the first record is, are the others: nothing else is copied
			return badResults(name, err, howToSave)
		}
		break
	}
	if _, err := io.Copy(file, in); err != nil {
		return &usageError{fmt.Sprintf("cannot read %q: %v", name, reason(err)), "save it to a file, and name that: openrelay report results.jsonl"}
	}
	return nil
}

func (s *saved) close() {
	for _, f := range s.files {
		_ = f.Close()
	}
	for _, name := range s.spools {
		_ = os.Remove(name)
	}
}

// index takes note of the newest result of a target.
func (s *saved) index(r probe.Result, from source) error {
	id := identity(r)
	if have, ok := s.newest[id]; !ok || r.Started.After(have.started) {
		s.newest[id] = newest{from, r.Started}
	}
	return nil
}

// each reads every result of every file, in order.
func (s *saved) each(ctx context.Context, take func(probe.Result, source) error) error {
	for i := range s.files {
		if err := s.eachOf(ctx, i, take); err != nil {
			return err
		}
	}
	return nil
}

func (s *saved) eachOf(ctx context.Context, i int, take func(probe.Result, source) error) error {
	if _, err := s.files[i].Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("cannot read %q: %w", s.names[i], err)
	}
	n := 0
	for r, err := range report.Read(s.files[i]) {
		switch {
		case ctx.Err() != nil:
			s.ui.say("interrupted: the reports are not complete")
			return exitStatus(statusInterrupted)
		case errors.Is(err, report.ErrTorn) && n > 0:
			s.sayTorn(i, err)
			continue
		case err != nil:
			return badResults(s.names[i], err, howToSave)
		}
		n++
		from := source{file: i, line: n}
		if r.Scan != nil && r.Scan.ID != "" {
			from.line, from.scan = 0, digest(r.Scan.ID)
		}
		if err := take(r, from); err != nil {
			return err
		}
	}
	if n == 0 {
		return badResults(s.names[i], errNoResults, howToSave)
	}
	return nil
}

// sayTorn tells of a line that a killed scan left, the first time it is read.
func (s *saved) sayTorn(i int, err error) {
	if !s.told[i] {
		s.ui.say("warning: %s: %s: left out; was the scan killed?", report.Printable(s.names[i]), report.Printable(err.Error()))
	}
	s.told[i] = true
}
