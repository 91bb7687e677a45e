package targets

import (
	"fmt"
	"strings"

	"openrelay/probe/netaddr"
)

// evidence tells whether what a file holds may be quoted. Whoever names a file by mistake, a key or a list of
// passwords, must not read it in the log of a job: a line is quoted only behind another that is a target without any
// doubt, and if it looks like one itself.
type evidence struct {
	file string
	list bool // the file is a list of targets
}

// saw takes note of a line that was understood. Where it is one word, "hunter2", it tells nothing.
func (e *evidence) saw(w word) {
	if file := w.file(); file != e.file {
		*e = evidence{file: file}
	}
	e.list = e.list || strings.ContainsRune(w.text, '.') || strings.Count(w.text, ":") > 1
}

// say is err without what the line holds, if that may be anything. try is a hint without it.
func (e *evidence) say(err error, w word, try string) error {
	mistake, ok := err.(*Error)
	text, _, _ := strings.Cut(w.text, ": ") // of "onwer: Ada" only the first word is quoted
	if !ok || w.where == "--exclude" || e.file == w.file() && e.list && netaddr.MayQuote(text) {
		return err
	}
	return &Error{Where: w.where, Msg: netaddr.Unquoted(mistake.Msg), Try: try}
}

// mention quotes a name that was understood. One word of a file may be a password.
func (w word) mention() string {
	if w.where != "--exclude" && !strings.Contains(w.text, ".") {
		return "the name there"
	}
	return fmt.Sprintf("%q", w.text)
}

// file is the file of a line: its place without the number.
func (w word) file() string { return w.where[:max(0, strings.LastIndexByte(w.where, ':'))] }
