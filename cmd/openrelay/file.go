package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"openrelay/report"
)

// output opens the file of a report by one of the ways below; "-" is stdout, which is not ours to close. hint is a
// command line whose report can be written.
func output(file string, stdout io.Writer, open func(string) (io.WriteCloser, error), hint string) (io.WriteCloser, error) {
	if file == "-" {
		return keepOpen{stdout}, nil
	}
	f, err := open(file)
	if err != nil {
		return nil, &usageError{fmt.Sprintf("cannot write %q: %v", file, reason(err)), hint}
	}
	return f, nil
}

// look is how a report in a file looks: plain, or as the terminal has it on standard output.
func (u *ui) look(file string) report.Options {
	if file != "-" {
		return report.Options{}
	}
	return report.Options{Colour: u.coloured(u.stdout), Width: columns(u.stdout)}
}

// keepOpen is standard output.
type keepOpen struct{ io.Writer }

func (keepOpen) Close() error { return nil }

// create opens the file of a report of results.
func (d destination) create(stdout io.Writer, hint string) (io.WriteCloser, error) {
	return output(d.file, stdout, d.opening(), hint)
}

// opening is how that file is opened. One that is written as a whole at the end appears as a whole:
// node_exporter reads the old metrics until then, and never half of the new ones.
func (d destination) opening() func(string) (io.WriteCloser, error) {
	w, err := report.Results.New(d.format, io.Discard, report.Options{})
	switch {
	case d.resume:
		return goOn
	case err == nil && report.AtEnd(w):
		return replace
	}
	return overwrite
}

// overwrite begins a file anew.
func overwrite(name string) (io.WriteCloser, error) { return os.Create(name) }

// extend adds to what is in a file.
func extend(name string) (io.WriteCloser, error) {
	return os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o666)
}

// errClaimed: two runs would test the same targets, and each write down what the other has already.
var errClaimed = errors.New("another scan is writing to it")

// goOn opens a file of results to add to, where nobody else does.
func goOn(name string) (io.WriteCloser, error) {
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
