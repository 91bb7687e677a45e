package targets

import (
	"fmt"
	"regexp"
	"strings"

	"openrelay/probe/netaddr"
)

// evidence tells whether what a file holds may be quoted. Whoever names a file by mistake, a key or a list of
// passwords, must not read it in the log of a job: a line is quoted only behind others that are targets without any
// doubt, and if it looks like one itself.
type evidence struct {
	file  string
	sure  bool // it says who is its owner, as scope files alone do
	list  bool // a line looks like a target
	doubt bool // a line may as well be a password
}

// saw takes note of a line that was understood.
func (e *evidence) saw(w word) {
	if file := w.file(); file != e.file {
		*e = evidence{file: file}
	}
	e.list, e.doubt = e.list || w.telling(), e.doubt || !w.telling()
}

// quotes reports whether a line of the file may be quoted.
func (e *evidence) quotes(w word) bool {
	return e.file == w.file() && (e.sure || e.list && !e.doubt && w.telling())
}

// telling reports whether a line looks like a target. One word, "hunter2", and two, "ada:hunter2", tell nothing.
func (w word) telling() bool {
	return strings.ContainsRune(w.text, '.') || strings.Count(w.text, ":") > 1
}

// harmless is what may stand before and behind a colon without being a secret.
var harmless = regexp.MustCompile(`(?i)^(?:mx:|[a-z]+://[^:/]*(?::\d+/.*)?)|:(?:smtps?|submissions?)$`)

// holdsWords reports whether something else than numbers stands behind a colon: of "192.0.2.1:hunter2" and
// "db.example.org:5432:ada:hunter2" that is a secret.
func holdsWords(text string) bool {
	text, _, _ = strings.Cut(harmless.ReplaceAllString(text, ""), "%")
	_, behind, _ := strings.Cut(text, ":")
	return strings.Trim(behind, "0123456789abcdefABCDEF:.[]/") != "" || strings.Count(text, ":") == 1 && strings.Trim(behind, "0123456789") != ""
}

// say is err without what the line holds, if that may be anything. try is a hint without it.
func (e *evidence) say(err error, w word, try string) error {
	mistake, ok := err.(*Error)
	text, _, _ := strings.Cut(w.text, ": ") // of "onwer: Ada" only the first word is quoted
	if !ok || w.where == "--exclude" || w.isNobodysSecret() || e.quotes(w) && netaddr.MayQuote(text) && !holdsWords(text) {
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
