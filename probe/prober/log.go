package prober

import (
	"errors"
	"net/netip"
	"slices"
	"time"

	"openrelay/probe"
	"openrelay/probe/dialogue"
	"openrelay/probe/phrasebook"
	"openrelay/probe/wire"
)

// manner is how a session runs. Questions of one manner may share a session.
type manner struct {
	via   probe.Via
	setup *probe.Setup
	helo  string // the name to give, where it is not our own
	claim string // what the setup claims

	front   int8 // the version of the PROXY header without which this port says nothing; 0 for none
	account bool // to log in: the certificate must be good, and the dialogue is not kept
}

// envelope is a sender and a recipient.
type envelope struct{ from, to string }

// question is what is put to a server in one mail. Judged is this, whichever vector it was asked for.
type question struct {
	envelope
	first string // a local recipient to name before, or ""
	local bool   // the recipient does not end in a foreign domain
	data  bool   // to be taken to DATA, where we hang up
}

// connection is one connection to the server and everything that was heard there. What is concluded is
// concluded from all of them; nothing of them is dropped.
type connection struct {
	manner
	ours      netip.AddrPort // our end; zero where none was made
	session   *session       // nil where none came about
	failure   *setback       // why none did
	said      []exchange     // the questions that were put, in order
	opened    int            // how many of these are the controls that it was opened with
	tail      int            // where the controls begin that it ended with
	ends      int            // and how many there are
	busy      *exchange      // the answer with which the server ended it, to come again later; nil for none
	everybody bool           // is refused in its manner, the local recipient too
	slow      int            // replies that took over 2 s
	slowest   time.Duration  // the longest that one took
	held      bool           // the server held its replies back for our QUIT
	err       error          // what ended it; nil where that was our QUIT
}

// exchange is a question and its answer.
type exchange struct {
	question
	answer       // the zero one where none came
	nth    int16 // which mail of the connection it was in
	alone  bool  // the local recipient before it was refused, and so nobody stood beside it
}

// answer is a reply with everything needed to show it.
type answer struct {
	stage   probe.Stage
	reply   dialogue.Reply
	meaning phrasebook.Meaning
	s       *session
	beside  bool            // another recipient of the same message was accepted before this one
	mail    dialogue.Span   // where MAIL before it stands, and its reply; zero for none
	before  *dialogue.Reply // to the local recipient before it; nil for none
	atData  *dialogue.Reply // to DATA after it; nil for none
}

// heard reports whether the question was answered at all.
func (e *exchange) heard() bool { return e.s != nil && e.reply.Code != 0 }

// accepted reports whether the recipient was accepted.
func (e *exchange) accepted() bool { return e.heard() && !e.alone && e.meaning == phrasebook.Accepted }

// refused reports whether the recipient, or its sender, was refused.
func (e *exchange) refused() bool { return e.heard() && !e.reply.Positive() }

// like reports whether two answers say the same: yes, or no with one code and in words of one meaning.
func (e *exchange) like(other *exchange) bool {
	return e.heard() && other.heard() && e.meaning == other.meaning && (e.accepted() || e.reply.Code == other.reply.Code)
}

// firstRefusal is the index of the first question that was refused, or the number of questions.
func (c *connection) firstRefusal() int {
	for i := range c.said {
		if c.said[i].refused() {
			return i
		}
	}
	return len(c.said)
}

// refusesSender reports whether a sender was refused at MAIL, whoever the recipient was to be.
func (c *connection) refusesSender(from string) bool {
	return slices.ContainsFunc(c.said, func(e exchange) bool { return e.from == from && e.refused() && e.stage == phrasebook.Mail })
}

// endedBusy is the answer with which the server put us off and ended the session: a 421 that says "later", or any
// such answer that it hung up behind.
func (c *connection) endedBusy() *exchange {
	if c.err == nil || errors.Is(c.err, wire.ErrTimeout) || errors.Is(c.err, wire.ErrUnasked) {
		return nil
	}
	for i := len(c.said) - 1; i >= 0; i-- {
		if e := &c.said[i]; e.heard() {
			if e.reply.Temporary() && e.meaning == phrasebook.Temporary && (e.reply.Code != 421 || phrasebook.SaysLater(e.reply)) {
				return e
			}
			return nil
		}
	}
	return nil
}

// refusesMails reports whether the server refused to take a second mail, for its being one.
func (c *connection) refusesMails() bool {
	taken := false
	for i := range c.said {
		e := &c.said[i]
		if taken && e.refused() && e.stage == phrasebook.Mail && ofMails(e) {
			return true
		}
		taken = taken || e.heard() && e.stage != phrasebook.Mail
	}
	return false
}

// ofMails reports a refusal that may be of a second mail in a connection.
func ofMails(e *exchange) bool { return e.reply.Code == 503 || e.meaning == phrasebook.RateLimited }

// endedAtMail reports whether the server ended it when a further mail was begun.
func (c *connection) endedAtMail() bool {
	for i := range c.said {
		if e := &c.said[i]; !e.heard() || e.reply.Code == 421 {
			return c.err != nil && c.busy == nil && i > 0 && e.nth != c.said[i-1].nth && c.said[i-1].stage == phrasebook.Rcpt
		}
	}
	return false
}

// mails is how many were begun.
func (c *connection) mails() int {
	if len(c.said) == 0 {
		return 0
	}
	return int(c.said[len(c.said)-1].nth)
}

// unpair takes all answers back: the server said more than it was asked, so none may be to what it stands behind.
func (c *connection) unpair() {
	for i := range c.said {
		c.said[i].answer, c.said[i].alone = answer{}, false
	}
}

// deciding is the reply that decided: the one to DATA, if it came to that.
func (a *answer) deciding() dialogue.Reply {
	if a.atData != nil {
		return *a.atData
	}
	return a.reply
}

// transcript is the dialogue that led to the answer: the session's beginning, then the exchanges of this
// question alone.
func (a *answer) transcript() dialogue.Transcript {
	parts := [6]dialogue.Transcript{a.s.preface, a.s.conn.Said(a.mail), nil, a.s.conn.Said(a.reply.Span)}
	if a.before != nil {
		parts[2] = a.s.conn.Said(a.before.Span)
	}
	if a.atData != nil {
		parts[4] = a.s.conn.Said(a.atData.Span)
	}
	if a.atData != nil && a.atData.Code == 354 {
		if end := a.s.conn.Since(a.s.conn.Mark() - 1); end[0].From == dialogue.Note {
			parts[5] = end
		}
	}
	return slices.Concat(parts[:]...)
}
