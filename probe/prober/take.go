package prober

import (
	"errors"
	"slices"
	"time"

	"openrelay/probe"
	"openrelay/probe/phrasebook"
	"openrelay/probe/wire"
)

// counting is what a refusal is worth.
type counting int

const (
	void   counting = iota // nothing: everybody may have been refused there
	hangs                  // it came first: something, if a later connection opens well
	barred                 // something, if a later connection without its claim ends well
	firm                   // what it says
)

// takeAnswers takes in a session that is over. Where it ended badly, the next one costs the server less,
// and the question at which it ended has one chance fewer.
func (q *inquiry) takeAnswers(c *connection) {
	q.turnTo(c.manner)
	q.failures++
	q.style.brisk = q.style.brisk && c.err == nil && !c.held
	how := q.stands(c)
	c.busy = c.endedBusy()
	if c.endedAtMail() {
		q.mailsCut++
	}
	if !q.oneMail && (c.refusesMails() || q.mailsCut == 2) {
		q.oneMail, how = true, cut // the controls were not put
	}
	q.confirm(c, how)
	culprit := (*ask)(nil)
	q.current = c
	c.everybody = c.setup != nil && how == changed
	for i := range c.said {
		if lost := q.hear(c, i, how); culprit == nil {
			culprit = lost
		}
	}
	q.escalate(c, how)
	q.watchBusy(c)
	q.watchPace(c)
	if c.err != nil {
		q.endedBadly(c, culprit)
	}
	q.watchFailures(c.err)
}

// hear has an answer heard by whoever asked for it. It returns who did where none came.
func (q *inquiry) hear(c *connection, i int, how standing) (lost *ask) {
	e := &c.said[i]
	if e.heard() && e.reply.Code != 421 {
		q.failures = 0
	}
	sender := e.refused() && e.stage == phrasebook.Mail && i < c.opened && e.reply.Code != 503 // whoever the recipient was to be
	asked := false
	for _, a := range q.asks {
		if !e.answers(a) && !(sender && a.from == e.from && a.vector != nil) || a.manner != c.manner {
			continue
		}
		asked = true
		switch {
		case e.heard():
			q.bear(a, e, q.counts(c, i, how))
		case a.pending():
			a.broken = &setback{said: c.session.conn.Since(0)}
			lost = a
		}
	}
	if !asked && e.heard() && i >= c.opened && (i < c.tail || e.data) {
		q.early = append(q.early, unasked{c, i})
	}
	return lost
}

// answers reports whether an exchange is about what an ask asks, in whatever manner.
func (e *exchange) answers(a *ask) bool {
	return a.to == e.to && a.from == e.from && a.first == e.first && (e.data || !a.data)
}

// unasked is an answer to a question, no control, that nobody asked yet: the nth exchange of a connection.
type unasked struct {
	*connection
	n int
}

// recall has early answers heard by the vectors that ask for them by now, so that a log means the same in another order. A
// probe itself asks nothing early.
func (q *inquiry) recall() {
	for n := len(q.early) + 1; len(q.early) < n; { // one may make a vector ask for what another is about
		n = len(q.early)
		q.early = slices.DeleteFunc(q.early, func(u unasked) (heard bool) {
			e := &u.said[u.n]
			for _, a := range q.asks {
				if a.vector != nil && a.manner == u.manner && e.answers(a) && (a.pending() || e.data) {
					q.current, heard = u.connection, true
					q.bear(a, e, q.counts(u.connection, u.n, q.stands(u.connection)))
				}
			}
			return heard
		})
	}
}

// counts says what a refusal is worth.
func (q *inquiry) counts(c *connection, i int, how standing) counting {
	if how == good || c.said[i].data {
		return firm
	}
	first := c.firstRefusal()
	cameFirst := first < len(c.said) && c.said[i].reply.Span == c.said[first].reply.Span
	switch {
	case c.setup != nil && (how != cut || cameFirst):
		return barred
	case cameFirst:
		return hangs
	}
	return void
}

// bear brings an answer to bear on what asked for it.
func (q *inquiry) bear(a *ask, e *exchange, worth counting) {
	busy := q.current.busy
	switch {
	case a.data, a.control == stranger, a.control == check: // what was said is all that is asked
		a.take(e)
		a.settle(probe.OutcomeSkipped)
	case e.data && a.outcome == probe.OutcomeAccepted:
		q.prove(a, e)
	case a.pending() && busy != nil && e.reply.Span == busy.reply.Span:
		a.take(e)
	case a.pending() && e.refused() && worth == void:
		if a.voids++; a.voids > mostVoids {
			a.take(e)
			a.giveUp(probe.ReasonBannedMidway)
		}
	case a.pending():
		q.read(a, e, worth)
	case e.accepted() && a.wavered:
		a.wavered = false
	case e.accepted() && (a.outcome == probe.OutcomeRefused || a.outcome == probe.OutcomeUnanswered) && a.atData == nil:
		a.reopen() // refused before: now it says this and now that, and an acceptance is one
		q.read(a, e, worth)
	case a.outcome == probe.OutcomeAccepted && e.refused() && worth == firm:
		q.contradict(a, e)
	}
}

// learnStrictness notes how a form is answered that strict servers count as a syntax error.
func (q *inquiry) learnStrictness(a *ask) {
	switch {
	case !a.risky():
	case a.meaning == phrasebook.Syntax:
		q.strict = true
	default:
		q.forms++
	}
}

// lenient reports a server that takes such forms for addresses like any other: as many may stand in a connection.
func (d *dose) lenient() bool { return !d.strict && d.forms >= fullBudget.risky }

// mostVoids is how often a question is put in connections in which no refusal counts.
const mostVoids = 8

// read reads the answer to a question that has none yet.
func (q *inquiry) read(a *ask, e *exchange, worth counting) {
	a.answer, a.asked = &e.answer, a.envelope // whose sender may have been refused before another recipient
	q.budget.mails = q.budget.mails || a.stage == phrasebook.Mail
	q.learnStrictness(a)
	switch {
	case e.alone:
		q.settleAlone(a)
	case worth == barred && q.current.everybody && e.reply.Code >= 500: // for what we claim, whoever the recipient
		a.settle(probe.OutcomeRefused)
		a.reason = probe.ReasonRefused
	default:
		q.settle(a)
	}
	if a.outcome == probe.OutcomeRefused {
		a.hangs, a.barred = worth == hangs, worth == barred || a.barred
	}
}

// confirm settles what hung on how a later connection opens or ends.
func (q *inquiry) confirm(c *connection, how standing) {
	opens := q.opensWell(c, how)
	for _, a := range q.asks {
		if a.s == c.session || c.setup != nil {
			continue
		}
		a.hangs = a.hangs && !opens
		a.barred = a.barred && how != good && !opens
	}
}

// escalate asks less at a time where the controls were answered otherwise at the end: one recipient a mail, for
// everybody may be refused behind one that was; then one question a connection.
func (q *inquiry) escalate(c *connection, how standing) {
	switch {
	case c.setup != nil:
	case q.refusedAtOnce(c):
		if q.bans++; q.bans >= 3 {
			q.banned = true
			q.giveUpPending(probe.ReasonBannedMidway)
		} else if q.pause == 0 {
			q.pause = time.Duration(q.bans) * time.Second
		}
		return
	case how != changed || q.relearned(c):
	case !q.apart:
		q.apart = true
	default:
		q.single = true
	}
	q.bans = 0
}

// watchBusy comes back later to a server that ends its sessions so, again and again; when our patience is over, it is
// left.
func (q *inquiry) watchBusy(c *connection) {
	switch {
	case c.busy == nil && (c.err == nil || q.failures == 0):
		q.busy = 0
	case c.busy == nil:
	default:
		q.failures = 0
		if q.busy++; q.busy >= 2 && !q.wait(phrasebook.Delay(c.busy.reply)) {
			q.giveUpPending(probe.ReasonTemporary)
		}
	}
}

// relearned takes in that only the unknown user is answered otherwise, and is unknown now: a server may look him up
// while we talk. That is no ban, but what was refused beside him is asked again.
func (q *inquiry) relearned(c *connection) bool {
	w := &q.welcome
	for i := c.tail; i < c.tail+c.ends; i++ {
		e := &c.said[i]
		switch {
		case q.asBefore(c, e):
		case w.nobody != nil && e.to == w.nobody.to && w.nobody.accepted() && e.meaning == phrasebook.RecipientUnknown:
			w.nobody = e
			return true
		default:
			return false
		}
	}
	return false
}

// refusedAtOnce reports whether the local recipient was refused with which a connection was opened.
func (q *inquiry) refusedAtOnce(c *connection) bool {
	w := &q.welcome
	return c.opened > 0 && w.welcomed() && c.said[0].to == w.locals[w.at].to && !c.said[0].accepted()
}

// endedBadly takes in that a session ended before its time, at a question if that is known.
func (q *inquiry) endedBadly(c *connection, culprit *ask) {
	if c.busy == nil {
		q.budget = q.budget.fewer()
	}
	q.style.stepwise = q.style.stepwise || errors.Is(c.err, wire.ErrTimeout) || errors.Is(c.err, wire.ErrUnasked)
	if culprit != nil && c.busy == nil && !errors.Is(c.err, wire.ErrClosing) {
		if culprit.tries++; culprit.tries >= 3 {
			culprit.giveUp(brokenOff(c.err))
		}
	}
}
