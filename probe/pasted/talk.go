package pasted

import (
	"fmt"
	"slices"
	"strings"

	"openrelay/probe/dialogue"
)

// talk is a connection while it is read: exchanges in the order in which commands, or replies without one, came.
type talk struct {
	session   Session
	format    *format // nil where no tool has shown itself
	exchanges []*exchange
	pending   []*exchange // those that wait for the last line of their reply, oldest first
	earliest  *exchange   // the first that is no remark
	latest    *exchange   // the last
	partial   int         // the code of a reply whose last line has not come
	message   *exchange   // the message that is being sent: 354 has come, and no dot
	secret    bool        // the next line of the client answers a challenge of AUTH
	marked    bool        // both sides are
	over      bool
	dropped   bool
	torn      bool                // lines are missing among them
	whole     bool                // the session is a transcript already
	copied    dialogue.Transcript // the lines, where all of them stand in the form of a transcript
	ours      bool                // and remarks are among them
	process   string              // that logged it, and its client
}

// exchange is a command or a message and its reply, a reply alone, or a remark.
type exchange struct {
	command string
	lines   int // of a message
	content bool
	note    string
	at      int // the line of the text where it begins
	reply   []string
	until   int // the line where the reply ends
	batch   *batch
}

// maxBatch is how many commands of a batch are paired at most: no client sends as many before it hears anything.
const maxBatch = 500

// batch is commands of which each was sent before the reply to the one before had come: only their order tells which
// reply answers which (RFC 2920 3.1).
type batch struct {
	commands, replies int
	overlaps          bool // a command follows a reply: not all were sent at once
	disputed          bool // order cannot be right: something is missing
	told              bool
	from, to          int // lines of the text
}

func (t *talk) doubt(format string, args ...any) {
	if len(t.session.Doubt) < maxDoubt {
		t.session.Doubt = append(t.session.Doubt, fmt.Sprintf(format, args...))
	}
}

// spoken reports whether anything was said.
func (t *talk) spoken() bool { return t.latest != nil }

// note takes down a remark. It is no part of a batch.
func (t *talk) note(format string, args ...any) {
	t.exchanges = append(t.exchanges, &exchange{note: strings.TrimSuffix(fmt.Sprintf(format, args...), ": ")})
}

// waiting returns how many commands have no whole reply.
func (t *talk) waiting() int { return len(t.pending) }

// lastSaid returns the server's last line, if nothing has come since.
func (t *talk) lastSaid() string {
	if t.latest == nil || len(t.latest.reply) == 0 {
		return ""
	}
	return t.latest.reply[len(t.latest.reply)-1]
}

// wrapped adds to the server's last line what a mail program has put onto the next.
func (t *talk) wrapped(text string, n int) {
	t.latest.reply[len(t.latest.reply)-1] += " " + text
	t.joined(n)
}

func (t *talk) joined(n int) { t.doubt("line %d was taken for the end of the line before", n) }

// hidden stands for what a client says to log in.
const hidden = "[hidden]"

// ask takes a line of the client.
func (t *talk) ask(text string, n int) {
	if m := t.message; m != nil {
		ended := text == "." || strings.HasSuffix(text, "\n.")
		m.lines += strings.Count(text, "\n") + 1
		if ended {
			m.lines--
			t.message = nil
		}
		return
	}
	if text = strings.TrimSpace(text); text == "" {
		return
	}
	t.endPartial()
	word, rest, _ := strings.Cut(text, " ")
	mechanism, initial, _ := strings.Cut(strings.TrimSpace(rest), " ")
	switch {
	case t.secret:
		text, t.secret = hidden, false
	case strings.EqualFold(word, "AUTH") && initial != "":
		text = word + " " + mechanism + " " + hidden
	}
	t.await(&exchange{command: text, at: n, until: n})
}

// await adds what the server will answer.
func (t *talk) await(e *exchange) {
	if len(t.pending) > 0 {
		e.batch = t.pending[0].batch
	}
	if e.batch == nil {
		e.batch = &batch{from: e.at}
	}
	b := e.batch
	b.overlaps = b.overlaps || b.replies > 0
	b.commands++
	b.disputed = b.disputed || b.commands > maxBatch
	t.add(e)
}

// add puts an exchange behind the others.
func (t *talk) add(e *exchange) {
	t.exchanges, t.pending, t.latest = append(t.exchanges, e), append(t.pending, e), e
	if t.earliest == nil {
		t.earliest = e
	}
}

// endPartial ends a reply whose last line is missing.
func (t *talk) endPartial() {
	if t.partial == 0 {
		return
	}
	t.doubt("line %d: the last line of a reply is missing after it", t.answering().until)
	t.answered()
}

// say takes a line of the server.
func (t *talk) say(text string, n int) {
	code, last, _ := isReply(text)
	if t.partial != 0 && t.partial != code {
		t.endPartial()
	}
	if t.partial == 0 {
		t.answerer(code, n)
	}
	e := t.answering()
	e.reply, e.until, t.partial = append(e.reply, text), n, code
	if last {
		t.answered()
	}
}

// answering returns the exchange that a reply belongs to.
func (t *talk) answering() *exchange {
	if len(t.pending) > 0 {
		return t.pending[0]
	}
	return t.latest
}

// answerer makes sure that there is an exchange for a reply that begins.
func (t *talk) answerer(code, n int) {
	greets := code == 220 && len(t.pending) > 0 && !t.heard() && !takes220(t.pending[0].command)
	switch {
	case len(t.pending) > 0 && !greets:
		return
	case t.latest != nil && !greets && code != 421:
		b := t.latest.batch // one of its commands is missing, and nobody knows which
		if b == nil {
			b = &batch{from: n}
		}
		b.disputed = true
		t.add(&exchange{at: n, batch: b})
		return
	case t.latest == nil || !greets:
		t.add(&exchange{at: n})
		return
	}
	t.earliest = &exchange{at: n} // the client did not wait for the greeting
	t.exchanges, t.pending = slices.Insert(t.exchanges, t.notes(), t.earliest), slices.Insert(t.pending, 0, t.earliest)
}

// notes returns how many remarks come before anything that was said.
func (t *talk) notes() int {
	return slices.IndexFunc(t.exchanges, func(e *exchange) bool { return e.note == "" })
}

// heard reports whether the server has said anything.
func (t *talk) heard() bool { return t.earliest != nil && len(t.earliest.reply) > 0 }

// takes220 reports whether a command may be answered as a connection is greeted.
func takes220(command string) bool {
	switch verb, _, _ := strings.Cut(strings.ToUpper(command), " "); verb {
	case "STARTTLS", "XCLIENT", "PROXY":
		return true
	}
	return false
}

// greetedAnew reports whether a 220 that comes now greets another connection.
func (t *talk) greetedAnew() bool {
	return t.heard() && t.partial != 220 && !(len(t.pending) > 0 && takes220(t.pending[0].command))
}

// answered takes the oldest exchange for answered.
func (t *talk) answered() {
	e, code := t.answering(), t.partial
	t.pending = t.pending[min(1, len(t.pending)):]
	t.partial, t.secret = 0, code == 334
	if b := e.batch; b != nil {
		b.replies++
		b.to = max(b.to, e.until)
		b.disputed = b.disputed || t.misfit(e, code)
	}
	if e == t.message {
		t.message = nil
	}
	switch {
	case code == 354 && !e.content:
		t.begun(e)
	case code == 421, code == 221:
		t.over = len(t.pending) == 0 && !(t.format != nil && t.format.escaped) // a transcript says what was sent in vain
	}
}

// begun adds the message that comes behind a 354: the next reply is about it, whatever was sent behind DATA.
func (t *talk) begun(data *exchange) {
	if len(t.pending) > maxBatch {
		return // nothing of it will be paired
	}
	waiting := t.pending
	t.pending = nil
	t.message = &exchange{content: true, at: data.until, until: data.until}
	t.await(t.message)
	if b := data.batch; b != nil && b.disputed || len(waiting) > 0 {
		t.message.batch = b
	}
	t.pending = append(t.pending, waiting...)
	if len(waiting) > 0 { // what was sent behind DATA stands behind the message
		i := len(t.exchanges) - 1
		t.exchanges = t.exchanges[:i]
		for i--; t.exchanges[i] != waiting[0]; {
			i--
		}
		t.exchanges, t.latest = slices.Insert(t.exchanges, i, t.message), waiting[len(waiting)-1]
	}
}

// unsay takes back a line of the client that never reached the server: openssl takes those for its own that begin with
// one of some letters.
func (t *talk) unsay(letter string) {
	e := t.latest
	if e == nil || len(e.reply) > 0 || len(t.pending) == 0 || e != t.pending[len(t.pending)-1] || !strings.HasPrefix(strings.ToUpper(e.command), letter) {
		return
	}
	t.doubt("line %d was not sent: openssl takes a line that begins with %s for a command of its own, without -quiet", e.at, letter)
	t.pending = t.pending[:len(t.pending)-1]
	e.batch.commands--
	e.note, e.command = e.command+" was typed, and not sent", ""
	t.latest = nil
	for i := len(t.exchanges) - 1; i >= 0 && t.latest == nil; i-- {
		if t.exchanges[i].note == "" {
			t.latest = t.exchanges[i]
		}
	}
	if t.latest == nil {
		t.earliest = nil
	}
}
