package report

import (
	"iter"

	"openrelay/probe"
)

// waiting holds back the ports that may turn out not to be offered, until the end of the scan tells.
type waiting struct {
	sum  Summary
	held []probe.Result
}

// add counts a result, and reports whether it has to wait.
func (w *waiting) add(r probe.Result) bool {
	w.sum.Add(r)
	if !r.MayBeAbsent() {
		return false
	}
	w.held = append(w.held, r)
	return true
}

// rest yields what had to wait, and whether that port is just not offered.
func (w *waiting) rest() iter.Seq2[probe.Result, bool] {
	return func(yield func(probe.Result, bool) bool) {
		for _, r := range w.held {
			if !yield(r, w.sum.answers(r)) {
				return
			}
		}
	}
}
