// Package report writes results, and reads them back.
package report

import (
	"fmt"
	"io"
	"strings"

	"openrelay/probe"
)

// Writer writes one report. Results may come in any order, each is written as soon as it can be, and
// Close writes what only the end can tell. Close does not close what the Writer writes to.
type Writer interface {
	Write(probe.Result) error
	Close() error
}

// Options say how a report for people looks. The zero Options are right for a file or a pipe.
type Options struct {
	Colour bool // mark verdicts with terminal colours
	Width  int  // columns to wrap prose at; 0 does not wrap. Evidence is never wrapped
	Quiet  bool // only what is open, and no summary

	SARIFLocation string // FILE or FILE:LINE that every result of the sarif format is anchored to

	FailOn FailOn // what the exit status fails on that a report names
	Part   bool   // of a scan in several parts
	Cut    *Cut   // whether the scan was cut short, to be known when the report is closed; nil for never
}

// Cut is how a scan ended before it was through: what a report does not hold was not tested.
type Cut struct {
	Why        string // "interrupted after 1 of 3 targets"; "" where it was not
	ExitStatus int
}

// cut is how the scan was cut short, or "".
func (o Options) cut() string {
	if o.Cut == nil || o.Cut.Why == "" {
		return ""
	}
	return o.Cut.Why + "; what is not in this report was not tested"
}

// Format is a kind of report.
type Format struct {
	Name  string
	About string
	New   func(io.Writer, Options) Writer
}

// Formats lists the formats. To add one, add its file and its row: the flags, their help and the
// golden tests range over this list.
var Formats = []Format{
	{"table", "for people: the verdict of each server, with its evidence, cause and fix", newTable},
	{"jsonl", "for programs: the whole record, one JSON object a line; every other format can be made from it", newJSONL},
	{"json", "for programs that want one document: the same records in an array, and the counts", newJSON},
	{"csv", "for spreadsheets: one row a target, without the dialogues", newCSV},
	{"junit", "for CI servers: a test for each vector of each target", newJUnit},
	{"markdown", "for the summary of a CI job: a table, and the dialogues of what is open; at most 1 MiB", newMarkdown},
	{"sarif", "for code scanning on GitHub: SARIF 2.1.0, each result at the line that names its target", newSARIF},
	{"prometheus", "for monitoring: metrics for the textfile collector of node_exporter", newPrometheus},
	{"html", "for people: one page with everything, to read, filter, print, or send as evidence", newHTML},
}

// New returns a writer of the named format.
func New(name string, w io.Writer, o Options) (Writer, error) {
	f, err := byName(Formats, name, func(f Format) string { return f.Name })
	if err != nil {
		return nil, err
	}
	return f.New(w, o), nil
}

// byName finds a row of a table of formats.
func byName[T any](rows []T, name string, nameOf func(T) string) (row T, err error) {
	var known []string
	for _, r := range rows {
		if nameOf(r) == name {
			return r, nil
		}
		known = append(known, nameOf(r))
	}
	if near := Nearest(name, known); near != "" {
		return row, fmt.Errorf("unknown format %q, did you mean %q? the formats are %s", name, near, strings.Join(known, ", "))
	}
	return row, fmt.Errorf("unknown format %q: the formats are %s", name, strings.Join(known, ", "))
}

// AtEnd reports whether w writes everything when it is closed. A file that others read meanwhile had
// better keep what it holds until then.
func AtEnd(w Writer) bool {
	_, ok := w.(interface{ atEnd() })
	return ok
}

// Nearest returns the known word that a typo most likely meant, or "" where none is near.
func Nearest(word string, known []string) string {
	best, least := "", 3 // two slips of the finger, not three
	for _, k := range known {
		if d := distance(strings.ToLower(word), k); d < least && d < len(k) {
			best, least = k, d
		}
	}
	return best
}

// distance counts the characters to insert, delete, change or swap with their neighbour to make b
// of a.
func distance(a, b string) int {
	s, t := []rune(a), []rune(b)
	d := make([][]int, len(s)+1)
	for i := range d {
		d[i] = make([]int, len(t)+1)
		d[i][0] = i
	}
	for j := range d[0] {
		d[0][j] = j
	}
	for i := 1; i <= len(s); i++ {
		for j := 1; j <= len(t); j++ {
			change := 1
			if s[i-1] == t[j-1] {
				change = 0
			}
			d[i][j] = min(d[i-1][j]+1, d[i][j-1]+1, d[i-1][j-1]+change)
			if i > 1 && j > 1 && s[i-1] == t[j-2] && s[i-2] == t[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+1)
			}
		}
	}
	return d[len(s)][len(t)]
}

// output is where a report goes. After an error it takes nothing more, so that a report can be torn
// at its end but never in the middle.
type output struct {
	w   io.Writer
	err error
}

func (o *output) write(b []byte) error {
	if o.err != nil || len(b) == 0 {
		return o.err
	}
	n, err := o.w.Write(b)
	if err == nil && n < len(b) {
		err = io.ErrShortWrite
	}
	o.err = err
	return err
}
