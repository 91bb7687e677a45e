// Package report writes results, and reads them back.
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
	Quiet  bool // only what is open, and no summary

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
