package pasted

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"openrelay/probe/dialogue"
)

// misfit reports whether a reply cannot be the one to the command that it falls to by order: no server says 354 but to
// DATA, or 250 to it; and a reply that names an address is about the command with that address.
func (t *talk) misfit(e *exchange, code int) bool {
	verb, _, _ := strings.Cut(strings.ToUpper(e.command), " ")
	loggingIn := verb == "AUTH" || e.command == hidden
	switch {
	case e.command == "":
		return false
	case code == 354, verb == "DATA":
		return (code == 354) != (verb == "DATA") && code < 400
	case code == 334, code == 235:
		return !loggingIn
	case code == 221 && verb != "QUIT":
		return slices.ContainsFunc(t.pending, func(other *exchange) bool { return strings.EqualFold(other.command, "QUIT") })
	}
	return t.aboutAnother(e)
}

var login = regexp.MustCompile(`^(?i)AUTH\s`)

var address = regexp.MustCompile(`<[^<>\s]*@[^<>\s]*>`)

// aboutAnother reports whether a reply names the address of another command that waits, and not of its own.
func (t *talk) aboutAnother(e *exchange) bool {
	named := address.FindString(strings.ToLower(strings.Join(e.reply, " ")))
	if named == "" || strings.Contains(strings.ToLower(e.command), named) {
		return false
	}
	return slices.ContainsFunc(t.pending, func(other *exchange) bool {
		return strings.Contains(strings.ToLower(other.command), named)
	})
}

// finish returns the connections that were found, as sessions.
func (r *reader) finish() (sessions []Session) {
	for _, t := range r.talks {
		switch {
		case t.whole:
			sessions = append(sessions, t.session)
		case t.worthReading():
			sessions = append(sessions, t.finish())
		}
	}
	return append(sessions, r.log.finish(r.talks)...)
}

// worthReading leaves out lines of prose that happen to look like replies or commands.
func (t *talk) worthReading() bool {
	if t.format != nil && t.format.escaped && t.inPairs() {
		return slices.ContainsFunc(t.copied, func(l dialogue.Line) bool { return l.From == dialogue.Server })
	}
	if t.dropped || !t.spoken() {
		return false
	}
	commands, replies := t.count()
	return replies > 0 && (commands > 0 || t.format != nil || strings.HasPrefix(t.exchanges[0].firstLine(), "220"))
}

func (t *talk) count() (commands, replies int) {
	for _, e := range t.exchanges {
		if e.command != "" {
			commands++
		}
		if len(e.reply) > 0 {
			replies++
		}
	}
	return commands, replies
}

func (e *exchange) firstLine() string {
	if len(e.reply) == 0 {
		return ""
	}
	return e.reply[0]
}

// finish writes the transcript: each command is followed by its own reply.
func (t *talk) finish() Session {
	f := t.format
	if f == nil {
		f = &unmarked
	}
	s := &t.session
	s.From, s.Server = f.name, cmp.Or(s.Server, t.greeting())
	if f.escaped && t.inPairs() {
		s.Transcript, s.Doubt = t.copied, nil
		return *s
	}
	if t.partial != 0 {
		t.endPartial()
	}
	if commands, replies := t.count(); commands == 0 && replies > 1 {
		t.doubt("the client's lines are missing: replies cannot be told apart without them")
	}
	t.settle(f)
	t.beginning(f)
	for i, e := range t.exchanges {
		t.write(e)
		if strings.EqualFold(e.command, "STARTTLS") && strings.HasPrefix(e.firstLine(), "220") && i+1 < len(t.exchanges) && t.exchanges[i+1].note == "" {
			t.tell(dialogue.Note, "TLS begun")
		}
	}
	return *s
}

// copy takes a line that is in the form of a transcript, if it is one.
func (t *talk) copy(text string) {
	t.ours = t.ours || strings.HasPrefix(text, "*:")
	if line, err := dialogue.ParseTranscript(strings.TrimPrefix(text, "> ")); err == nil && text != connection {
		t.copied = append(t.copied, line...)
	}
}

// connection begins each connection of a dialogue file, and is no part of it.
const connection = "*: connection"

// inPairs reports whether each command of a transcript is followed by its own reply already, as in our own: a command
// without one is followed by no reply any more, no reply but a 421 comes unasked, and no message is in it.
func (t *talk) inPairs() bool {
	asked, answered, sending := 0, false, false
	for _, line := range t.copied {
		code, last, reply := isReply(strings.TrimRight(line.Data, "\r\n"))
		switch {
		case line.From == dialogue.Client && (sending || !t.ours && login.MatchString(line.Data)):
			return false // a message, or what may be a password
		case line.From == dialogue.Client:
			asked, answered = asked+1, false
		case line.From == dialogue.Server && (asked > 1 || answered && code != 421):
			return false
		case line.From == dialogue.Server:
			asked, answered, sending = 0, reply && last, code == 354
		}
	}
	return len(t.copied) > 0 && !t.torn
}

// settle decides about the last batch, if not all of it was answered. Whoever pastes may have left out any line: the last
// reply must show that it is in its place, or the batch be one that only a tool sends, and shows whole.
func (t *talk) settle(f *format) {
	if len(t.pending) == 0 || t.pending[0].batch == nil {
		return
	}
	b := t.pending[0].batch
	tool := t.marked && !f.escaped && !b.overlaps && b.commands > 2 && strings.EqualFold(t.latest.command, "DATA")
	if b.commands > 1 && b.replies > 0 && !tool && !t.shownLast(b) {
		b.disputed = true
	}
	for _, e := range t.pending {
		b.to = max(b.to, e.until)
		if !b.disputed && e.command != "" && !strings.EqualFold(e.command, "QUIT") {
			t.doubt("line %d: no reply to %q in the text", e.at, e.command)
		}
	}
}

// shownLast reports whether the last reply of a batch names the address of its command.
func (t *talk) shownLast(b *batch) bool {
	var last *exchange
	for _, e := range t.exchanges {
		if e.batch == b && len(e.reply) > 0 {
			last = e
		}
	}
	named := address.FindString(strings.ToLower(strings.Join(last.reply, " ")))
	return named != "" && strings.Contains(strings.ToLower(last.command), named)
}

// beginning sees to what comes before the first command.
func (t *talk) beginning(f *format) {
	secured := slices.ContainsFunc(t.exchanges, func(e *exchange) bool { return strings.HasPrefix(e.note, "TLS begun") })
	if f.silent && !secured {
		t.exchanges = slices.Insert(t.exchanges, 0, &exchange{note: "TLS begun"})
	}
	i := slices.IndexFunc(t.exchanges, func(e *exchange) bool { return e.note == "" })
	first := t.exchanges[i]
	switch {
	case first.command != "" && !f.escaped && !takes220(first.command):
		t.doubt("the greeting is missing")
	case first.command == "" && strings.HasPrefix(first.firstLine(), "25") && f.silent:
		t.exchanges = slices.Delete(t.exchanges, i, i+1) // openssl asked for it
	case first.command == "" && strings.HasPrefix(first.firstLine(), "25"):
		first.batch = &batch{from: first.at, to: first.until, replies: 1, disputed: true}
	}
}

// greeting returns the name by which the server greets.
func (t *talk) greeting() string {
	for _, e := range t.exchanges {
		if text, greets := strings.CutPrefix(strings.Replace(e.firstLine(), "-", " ", 1), "220 "); greets && e.command == "" {
			if name, _, _ := strings.Cut(text, " "); strings.Contains(name, ".") {
				return name
			}
		}
	}
	return ""
}

// write adds an exchange to the transcript, or the remark that it cannot be paired.
func (t *talk) write(e *exchange) {
	switch b := e.batch; {
	case e.note != "":
		t.tell(dialogue.Note, e.note)
		return
	case b != nil && b.disputed:
		if !b.told {
			b.told = true
			what := fmt.Sprintf("%s cannot be paired: %s, %s", b.where(), count(b.commands, "command"), count(b.replies, "reply"))
			t.tell(dialogue.Note, what)
			t.doubt("%s", what)
		}
		return
	case e.content && e.lines > 0:
		t.tell(dialogue.Note, "a message of "+count(e.lines, "line"))
	case e.content && len(e.reply) > 0:
		t.tell(dialogue.Note, "a message")
	case e.command != "":
		t.tell(dialogue.Client, e.command+"\r\n")
	}
	for _, text := range e.reply {
		t.tell(dialogue.Server, text+"\r\n")
	}
}

func (b *batch) where() string {
	if b.to <= b.from {
		return fmt.Sprintf("what was said in line %d", b.from)
	}
	return fmt.Sprintf("what was said in lines %d to %d", b.from, b.to)
}

func (t *talk) tell(side dialogue.Side, data string) {
	t.session.Transcript = append(t.session.Transcript, dialogue.Line{From: side, Data: data})
}

func count(n int, what string) string {
	switch {
	case n == 1:
		return "1 " + what
	case strings.HasSuffix(what, "y"):
		return fmt.Sprintf("%d %sies", n, what[:len(what)-1])
	}
	return fmt.Sprintf("%d %ss", n, what)
}
