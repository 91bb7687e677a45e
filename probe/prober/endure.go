package prober

import (
	"context"
	"errors"
	"time"

	"openrelay/probe"
	"openrelay/probe/phrasebook"
	"openrelay/probe/wire"
)

// takeFailure takes in a connection on which nothing could be asked.
func (q *inquiry) takeFailure(c *connection) {
	if q.first == nil {
		q.notLetIn(c.failure)
		return
	}
	q.turnTo(c.manner)
	if !q.refusedSetup(c) {
		q.endure(c.manner, c.failure)
	}
}

// turnTo notes the manner of the session: where it is another, and the plain vector has its answer, it is this one that
// the server minds, not us.
func (q *inquiry) turnTo(m manner) {
	if m != q.last && q.plainAnswered() {
		q.failures = 0
	}
	q.last = m
}

// endure decides what a failed connection means once the server has spoken to us: a limit to wait
// for, a ban, or a manner that cannot be had. What is left pending may be asked on another one.
func (q *inquiry) endure(m manner, f *setback) {
	q.failures++
	switch {
	case f.reason == probe.ReasonRateLimited || f.reply.Temporary():
		if q.failures < 4 && q.wait(phrasebook.Delay(f.reply)) {
			return
		}
		if f.stage == probe.StageTLS && q.failures < 2 { // once may be chance
			q.pause = time.Second
			return
		}
	case q.failures < 3:
		q.pause = time.Duration(q.failures) * time.Second
		return
	}
	if !f.spoke {
		q.giveUpPending(probe.ReasonBannedMidway)
		return
	}
	q.giveUpManner(m, f.reason, f)
	q.failures = 0
}

// giveUpManner leaves unanswered what is still open of one manner; f is why its last session did not come about, nil
// where it did.
func (q *inquiry) giveUpManner(m manner, r probe.Reason, f *setback) {
	for _, a := range q.asks {
		if a.pending() && a.manner == m {
			a.giveUp(r)
			a.waiting = false
			if f == nil {
				continue
			}
			a.broken = f
			if a.s != nil && a.s.via != a.via { // what was said in clear does not tell why there is no TLS
				a.answer, a.asked = &unanswered, envelope{}
			}
		}
	}
}

// giveUpPending leaves everything that is still open unanswered, and what hung on a better ending.
func (q *inquiry) giveUpPending(r probe.Reason) {
	for _, a := range q.asks {
		unread := a.outcome == probe.OutcomeUnanswered && a.differ && r == probe.ReasonBannedMidway
		if a.pending() || a.hangs || unread {
			a.giveUp(r)
			a.waiting = false
		}
	}
}

// brokenOff is the reason of a question that ended its session.
func brokenOff(err error) probe.Reason {
	if errors.Is(err, wire.ErrTimeout) || errors.Is(err, context.DeadlineExceeded) {
		return probe.ReasonSlow
	}
	return probe.ReasonCutOff
}

// watchFailures gives up where session after session brings no answer, err the last one.
func (q *inquiry) watchFailures(err error) {
	switch {
	case q.failures >= 6 && !q.plainAnswered():
		q.giveUpPending(brokenOff(err))
	case q.failures >= 6:
		q.giveUpManner(q.last, brokenOff(err), nil)
	}
}

// tooSlow is how long replies take where one refusal a connection costs less time than several: some servers double
// the delay with every one. Those that wait a second or two for each, as Sendmail does, are not quicker anew.
const tooSlow = 5 * time.Second

// watchPace goes gently on a server whose replies take too long.
func (q *inquiry) watchPace(c *connection) {
	q.gently = q.gently || c.slow > 0
	if q.slowReplies += c.slow; q.slow() && c.slowest > tooSlow {
		q.budget = budget{refusals: 1, senders: 1, risky: 1}
	}
}

// slow reports a server that takes its time: once may be chance.
func (q *inquiry) slow() bool { return q.slowReplies >= 3 }

// plainAnswered reports whether the plain vector has had its answer: the server hears us.
func (q *inquiry) plainAnswered() bool {
	return q.plain != nil && (q.plain.outcome == probe.OutcomeRefused || q.plain.outcome == probe.OutcomeAccepted)
}
