package prober

import (
	"time"

	"openrelay/probe"
	"openrelay/probe/phrasebook"
)

// inquiry is one probe of one target: what is to be asked, and what follows from everything that was heard. It makes
// no connection and reads no clock. Connections that are over, and pauses, are taken in one after the other; each time
// [inquiry.next] says what to do then, and [inquiry.round] what to say in a connection that is open. Both depend on
// nothing else, so whoever takes in the same log gets the same answers.
type inquiry struct {
	p      *Prober
	t      probe.Target
	local  probe.Local
	limits Limits
	desk   *desk
	res    *probe.Result

	paste   *paste // what was pasted, where no server is asked; nil where one is
	log     []*connection
	early   []unasked   // answers in it to what nobody asked when it was taken in
	current *connection // the last of them, while it is taken in
	vantage probe.Vantage
	nonce   string // in the names that nobody has

	names     names
	toDomains []string // foreign ones for recipients that the user gave, but the target's own
	detours   *detours // of questions of which the sender is not the point
	elsewhere *detours // of the others
	plain     *ask     // the first question of the plain vector
	asks      []*ask   // everything that was to be asked so far
	special   []*ask   // what wants a session of its own making, and is to be asked later
	blank     []ask    // room for them, on the desk
	stage     int      // of the stages, the one it has come to
	over      bool     // nothing is left to be asked
	timedOut  bool     // for want of time

	beginning
	first *session // the first session, which the result describes
	under *session // the first after STARTTLS beside it, or nil
	base  manner   // of every question that wants no other
	last  manner   // of the last session
	style style    // how to speak to the server
	dose
	welcome welcome // how it answers the controls
	looks
	patience
	login *login          // to be made when all is asked; nil for none
	leads map[string]bool // own names that were looked up: whether they lead to the target
}

// dose is how much the server bears at a time.
type dose struct {
	budget   budget // what one connection may cost it
	apart    bool   // one recipient a mail
	single   bool   // one question a connection
	oneMail  bool   // one mail a connection
	mailsCut int    // connections that ended when a second mail was begun
	gently   bool   // few recipients a mail that may be refused
	forms    int    // risky ones that were answered without finding fault with the form
	strict   bool   // it found fault with one
}

// looks are what was asked beyond the table, to know how to read the answers.
type looks struct {
	number    int16  // of looks so far, each of which has a connection of its own
	underTLS  bool   // the core was asked again after STARTTLS
	users     bool   // the controls of an acceptance were put
	verifying bool   // what was refused before is to be confirmed
	compared  []side // sides of which strangers and a local recipient were put together
	atData    bool   // a local recipient was to be taken to DATA
	proofs    int    // how many vectors were taken as far as DATA
	repeats   int    // how often what was accepted once was put again
}

// patience is how we bear with the server.
type patience struct {
	pause       time.Duration // to be made before anything else
	asked       bool          // that pause is one that the server asked for
	waits       int           // how often we came back when told to
	waited      time.Duration // how long in all
	slowReplies int           // how many took over 2 s
	failures    int           // connections in a row that brought no answer, of one manner once the plain vector has its own
	busy        int           // connections in a row that the server ended to be asked again later
	bans        int           // connections in a row in which the control was refused at once
	banned      bool          // it was so again and again
}

// move is what to do next: one of these.
type move struct {
	pause time.Duration
	call  *manner // make a connection, and say there what round says
}

// next says what to do next, nothing when all is done.
func (q *inquiry) next() (m move) {
	switch {
	case q.over:
	case q.pause > 0:
		m.pause = q.pause
	case q.first == nil:
		way := q.way()
		m.call = &way
	default:
		a := q.due()
		m.call = &a.manner
	}
	return m
}

// due is the ask whose turn it is, nil if there is none.
func (q *inquiry) due() *ask {
	for _, a := range q.asks {
		if a.pending() && !a.waiting {
			return a
		}
	}
	return nil
}

// mostConnections is where an inquiry ends, whatever is left: no honest server has needed half of that.
const mostConnections = 300

// take takes in a connection that is over.
func (q *inquiry) take(c *connection) {
	if q.log = append(q.log, c); len(q.log) == mostConnections {
		q.over = true
	}
	q.noteVantage(c)
	if c.failure != nil {
		q.takeFailure(c)
	} else {
		q.takeAnswers(c)
	}
	q.advance()
}

// noteVantage notes where we come from.
func (q *inquiry) noteVantage(c *connection) {
	if q.vantage.Source == "" && c.ours.IsValid() {
		q.vantage = vantage(c.ours.Addr(), q.t.Addr.Addr().Unmap())
	}
}

// paused takes in a pause that is over.
func (q *inquiry) paused() {
	if q.asked {
		q.waits++
		q.waited += q.pause
		for _, a := range q.asks {
			a.waiting = a.waiting && !a.pending()
		}
		for i := range q.welcome.locals {
			q.welcome.locals[i].putOff = 0
		}
	}
	q.pause, q.asked = 0, false
	q.advance()
}

// timeUp takes in that there is no time left.
func (q *inquiry) timeUp() {
	for _, a := range q.asks {
		switch {
		case a.pending() && a.waiting && a.meaning == phrasebook.Greylisted:
			a.settleLate()
		case a.pending(), a.onCondition():
			a.giveUp(probe.ReasonSlow)
		case a.outcome == probe.OutcomeUnanswered && a.differ: // there was no time to compare
			a.reason = probe.ReasonSlow
		}
	}
	q.over, q.timedOut = true, true
}

// advance goes on to the next stage as long as nothing is pending.
func (q *inquiry) advance() {
	for !q.over && q.first != nil && q.pause == 0 {
		q.recall()
		q.paste.passOver(q)
		if q.due() != nil {
			return
		}
		switch {
		case q.putOff():
		case q.stage == len(stages):
			q.over = true
		case !stages[q.stage](q):
			q.stage++
		}
	}
}

// putOff sees to what waits because the server asked for patience: there is a pause, or our patience is over.
// It reports whether anything waited.
func (q *inquiry) putOff() bool {
	waiting, named := false, time.Duration(0)
	for _, a := range q.asks {
		if a.pending() && a.waiting {
			waiting, named = true, max(named, phrasebook.Delay(a.reply))
		}
	}
	if !waiting || q.wait(named) {
		return waiting
	}
	for _, a := range q.asks {
		if a.pending() && a.waiting {
			a.waiting = false
			a.settleLate()
		}
	}
	return true
}

// wait comes back later, as far as our patience goes: after the delay that the server named, else by
// our own schedule. A server that wants to see us later than we have patience for is not waited for.
func (q *inquiry) wait(named time.Duration) bool {
	left := q.limits.Retry - q.waited
	d := min(retryAfter(q.waits), left)
	if named > 0 {
		d = named + time.Second
	}
	if d <= 0 || d > left {
		return false
	}
	q.pause, q.asked = d, true
	return true
}

// retryAfter is how long to wait before the nth retry of what a server put off.
func retryAfter(n int) time.Duration {
	return min(time.Duration(n+1)*5*time.Second, 60*time.Second)
}
