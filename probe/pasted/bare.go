package pasted

import (
	"regexp"
	"slices"
	"strings"
)

// bare reads a line without a mark: a reply begins with its code, and commands stand between replies. What is neither
// may be anything: a tool's words, the writer's, a message, the rest of a line that was wrapped.
func (r *reader) bare(i int) {
	l := &r.lines[i]
	code, _, reply := isReply(l.text)
	if m := r.last; reply && m != nil && m.partial == code && !m.over {
		m.torn = true
		m.say(l.text, l.number) // the tool marks the first line of a reply only
		return
	}
	t := r.open[bareName]
	switch {
	case t != nil && !t.over && t.message != nil && !(reply && r.trimmed(i)):
		t.ask(l.text, l.number)
	case reply:
		t = r.talkOf(nil, "")
		r.last = t
		r.reply(t, l.text, l.number)
	case isVerb(l.text):
		t = r.talkOf(nil, "")
		rest := r.rest(i)
		if rest != "" {
			t.joined(l.number + 1)
		}
		t.ask(l.text+rest, l.number)
		r.last = t
	case t == nil || t.over || l.text == "":
	case t.secret, t.waiting() == 0 && r.refusedNext(i):
		t.ask(l.text, l.number)
	case t.waiting() == 0 && r.wraps(t.lastSaid(), i):
		t.wrapped(l.text, l.number)
	}
}

// wraps reports whether a line may be the rest of what the server said on the line before: that was a long one.
func (r *reader) wraps(said string, i int) bool {
	return len(said) > 60 && len(said) < maxLine && i > 0 && strings.HasSuffix(said, r.lines[i-1].text) && r.next(i) < 200
}

// trimmed reports whether a reply stands where a message was cut out: no end of a message follows.
func (r *reader) trimmed(i int) bool { return !r.dotted[i] }

// findDots notes of each line whether the end of a message follows, and before that no beginning of one.
func (r *reader) findDots() {
	r.dotted = make([]bool, len(r.lines)+1)
	for i := len(r.lines) - 1; i >= 0; i-- {
		text := r.lines[i].text
		r.dotted[i] = text == "." || r.dotted[i+1] && !strings.HasPrefix(text, "354")
	}
}

// rest returns what was wrapped onto the next line of a command whose bracket is open, and takes it from there.
func (r *reader) rest(i int) string {
	if strings.LastIndexByte(r.lines[i].text, '<') <= strings.LastIndexByte(r.lines[i].text, '>') || i+1 == len(r.lines) {
		return ""
	}
	next := &r.lines[i+1]
	_, _, reply := isReply(next.text)
	if reply || isVerb(next.text) || !strings.HasSuffix(next.text, ">") || strings.ContainsAny(next.text, " <") {
		return ""
	}
	text := next.text
	next.text, r.found[i+1] = "", nil
	return text
}

// next returns the code of the reply on the next line that is not empty and not the tool's.
func (r *reader) next(i int) int {
	for i++; i < len(r.lines); i++ {
		if s, ok := r.best(i); r.lines[i].text == "" || ok && s.kind == idle {
			continue
		}
		code, _, _ := isReply(r.lines[i].text)
		return code
	}
	return 0
}

// refused are codes that answer what is no command (RFC 5321 4.2.4), or one in a wrong form.
var refused = []int{500, 501, 502, 503, 504, 554, 555}

// refusedNext reports whether the server did not understand the line: then it was sent.
func (r *reader) refusedNext(i int) bool { return slices.Contains(refused, r.next(i)) }

// cut finds the line of a log that goes on in the next.
var cut = regexp.MustCompile(`connect from$|(?:^|: )(?:milter-)?reject: |rejected (?:RCPT|MAIL) ?$|rejected RCPT <[^>]*>?$|ruleset=check_|: (?:to|from)=<`)

// unwrap joins the line of a log with the up to three that it was wrapped onto, which no logger has begun.
func (r *reader) unwrap(i int) {
	l := &r.lines[i]
	if !cut.MatchString(l.text) || l.long {
		return
	}
	for more := i + 1; more < len(r.lines) && more <= i+3; more++ {
		next := &r.lines[more]
		_, _, reply := isReply(next.text)
		if next.text == "" || next.stamp != "" || next.long || reply || isVerb(next.text) || complete(l.text, next.text) || anyLog(next.text) {
			return
		}
		l.text, next.text = l.text+" "+next.text, ""
	}
}

// complete reports whether a line of a log has all that its kind ends with, unless the next goes on.
func complete(text, next string) bool {
	return ending.MatchString(text) && !strings.HasPrefix(next, "helo=")
}

var ending = regexp.MustCompile(`connect from \S+\[\S+$|helo=<[^>]*>$|proto=\w+$|rejected \w+ <[^>]*>: .|status=\w+ \(.*\)$|stat=.|relay=\S*\s?\[[^\]]*\]$|reject=\d{3} \S.*\.\.\. \w+|queue active\)$`)

func anyLog(text string) bool {
	return slices.ContainsFunc(sightings(text), func(s sighting) bool { return s.format.log })
}
