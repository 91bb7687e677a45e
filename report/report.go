// Package report writes what was found for people and for programs, and reads it back.
//
// There are five kinds of record: results of tests, changes between two scans, listings by block lists,
// bounces, and deliveries at the far end of a relay test. Each has a list of formats ([Results], [Changes],
// [Listings], [Bounces], [Deliveries]), and a [Format] makes a [Writer]. A Writer is given one record after
// the other, in whatever order they come, writes each as soon as it can, and at the end what only the end
// can tell, such as the counts.
//
// The format jsonl is canonical: it is the record itself, a line of JSON that says first what it is, and
// what was read ([Read], [ReadDeliveries]) and is written again is the same. Every other format can be made
// from it, which is what `openrelay report` does. What reads one type of record refuses the others by name.
//
// Whatever a server said is hostile. The file escape.go makes it safe, once for each language that a
// report is written in.
//
// No Writer decides how a command ends: the exit status comes from a [Summary] of the same records, which
// the formats only repeat.
package report

import "io"

// Writer writes one report of one kind of record. Records may come in any order, each is written as soon
// as it can be, and Close writes what only the end can tell. Close does not close what the Writer writes to.
type Writer[T any] interface {
	Write(T) error
	Close() error
}

// Options say how a report for people looks. The zero Options are right for a file or a pipe.
type Options struct {
	Colour bool // mark verdicts with terminal colours
	Width  int  // columns to wrap prose at; 0 does not wrap. Evidence is never wrapped
	Quiet  bool // only what is worse than expected (open, where nobody said anything), and no summary

	SARIFLocation string // FILE or FILE:LINE that every result of the sarif format is anchored to
	Ranges        string // the ranges whose listings these are, as the user wrote them: "192.0.2.0/24"

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

// AtEnd reports whether w writes everything when it is closed. A file that others read meanwhile had
// better keep what it holds until then.
func AtEnd[T any](w Writer[T]) bool {
	_, ok := w.(interface{ atEnd() })
	return ok
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
