package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"openrelay/report"
)

// spare refuses to write results over what is read. hint is a command line that does not.
func spare(written, read []string, hint string) error {
	for _, out := range written {
		for _, in := range read {
			if in != "" && in != "-" && sameFile(out, in) {
				return &usageError{fmt.Sprintf("%q is read and would be overwritten", in), hint}
			}
		}
	}
	return nil
}

// sameFile reports whether two names are of one file, which there may not be yet.
func sameFile(a, b string) bool {
	if a == "-" || b == "-" {
		return a == b
	}
	x, errX := os.Stat(a)
	y, errY := os.Stat(b)
	if errX == nil && errY == nil && x.Mode().IsRegular() {
		return os.SameFile(x, y)
	}
	a, errX = filepath.Abs(a)
	b, errY = filepath.Abs(b)
	return errX == nil && errY == nil && a == b
}

// filesOf are the files that reports go to.
func filesOf(reports []destination) (files []string) {
	for _, d := range reports {
		files = append(files, d.file)
	}
	return files
}

// targetFiles are the files among targets: @FILE.
func targetFiles(args []string) (files []string) {
	for _, arg := range args {
		if file, ok := strings.CutPrefix(arg, "@"); ok {
			files = append(files, file)
		}
	}
	return files
}

// create opens the file of a report. One that is written as a whole at the end appears as a whole:
// node_exporter reads the old metrics until then, and never half of the new ones.
func create(d destination, hint string) (io.WriteCloser, error) {
	open := func(name string) (io.WriteCloser, error) { return os.Create(name) }
	if d.resume {
		open = func(name string) (io.WriteCloser, error) { return goOn(name) }
	} else if w, err := report.New(d.format, io.Discard, report.Options{}); err == nil && report.AtEnd(w) {
		open = replace
	}
	file, err := open(d.file)
	if err != nil {
		return nil, &usageError{fmt.Sprintf("cannot write %q: %v", d.file, errors.Unwrap(err)), hint}
	}
	return file, nil
}

// errClaimed: two runs would test the same targets, and each write down what the other has already.
var errClaimed = errors.New("another scan is writing to it")

// goOn opens a file of results to add to.
func goOn(name string) (*os.File, error) {
	file, err := os.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o666)
	if err != nil {
		return nil, err
	}
	if err := claim(file); err != nil {
		_ = file.Close()
		return nil, &fs.PathError{Op: "lock", Path: name, Err: err}
	}
	return file, nil
}

// replacement becomes the file of that name when it is closed, unless writing it failed.
type replacement struct {
	*os.File
	name  string
	whole bool // something was written, and all of it
}

// replace opens a file beside the named one. What is no regular file, a terminal or a pipe, is written
// itself.
func replace(name string) (io.WriteCloser, error) {
	info, err := os.Stat(name)
	if err == nil && !info.Mode().IsRegular() {
		return os.Create(name)
	}
	if real, err := filepath.EvalSymlinks(name); err == nil {
		name = real
	}
	file, err := os.OpenFile(name+"."+rand.Text()[:8]+".tmp", os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil { // no room beside it, or no permission; the file itself may have both
		return os.Create(name)
	}
	if info != nil {
		_ = file.Chmod(info.Mode().Perm())
	}
	return &replacement{File: file, name: name}, nil
}

func (r *replacement) Write(b []byte) (int, error) {
	n, err := r.File.Write(b)
	r.whole = err == nil
	return n, err
}

func (r *replacement) Close() error {
	err := r.File.Close()
	if err == nil && r.whole {
		err = r.install()
	}
	if err != nil || !r.whole {
		_ = os.Remove(r.File.Name())
	}
	return err
}

// install puts the file in its place. One that is mounted by itself, as containers do, cannot be
// replaced: it is written over.
func (r *replacement) install() error {
	if os.Rename(r.File.Name(), r.name) == nil {
		return nil
	}
	text, err := os.ReadFile(r.File.Name())
	if err != nil {
		return err
	}
	_ = os.Remove(r.File.Name())
	return os.WriteFile(r.name, text, 0o666)
}
