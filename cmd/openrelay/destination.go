package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"openrelay/report"
)

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
		if _, err := report.Results.Find(d.format); err != nil {
			return nil, &usageError{err.Error(), f.hint("--format " + report.Results.Meant(d.format))}
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
