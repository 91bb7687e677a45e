package main

import (
	"fmt"
	"strings"

	"openrelay/report"
)

// destination is a report and the file it goes to; "-" is standard output.
type destination struct {
	format, file string
	resume       bool // added to what is in the file
}

// destinations are the reports among the files of a command. Everything that can be wrong with the flags is found
// before a file is touched: a scan whose results cannot be written is not begun.
func (f *outputFlags) destinations(files fileList) (all []destination, err error) {
	if f.sarifLocation != "" {
		if err := report.CheckSARIFLocation(f.sarifLocation); err != nil {
			return nil, &usageError{"--sarif-location " + err.Error(), f.hint("--report sarif=results.sarif --sarif-location targets.txt:1")}
		}
	}
	for _, r := range f.reports {
		if _, name, _ := strings.Cut(r, "="); name == "" {
			return nil, &usageError{fmt.Sprintf("--report %q is not NAME=FILE", r), f.hint("--report jsonl=results.jsonl")}
		}
	}
	for _, file := range files {
		if !file.use.writes() || file.use == toCreate {
			continue
		}
		if _, err := report.Results.Find(file.format); err != nil {
			return nil, &usageError{err.Error(), f.hint("--format " + report.Results.Meant(file.format))}
		}
		all = append(all, destination{file.format, file.name, file.use == toResume})
	}
	return all, nil
}
