package prober

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"openrelay/probe"
	"openrelay/probe/dialogue"
	"openrelay/probe/phrasebook"
	"openrelay/probe/wire"
)

// wait comes back later, as far as our patience goes: after the delay that the server named, else by
// our own schedule. A server that wants to see us later than we have patience for is not waited for.
func (q *inquiry) wait(ctx context.Context, named time.Duration) bool {
	left := q.limits.Retry - q.patience
	d := min(retryAfter(q.waits), left)
	if named > 0 {
		d = named + time.Second
	}
	if d <= 0 || d > left || q.p.pause(ctx, d) != nil {
		return false
	}
	q.waits++
	q.patience += d
	return true
}

// comeBack waits for what the server put off; false when nothing waits or our patience is over.
func (q *inquiry) comeBack(ctx context.Context) bool {
	waiting, named := false, time.Duration(0)
	for _, a := range q.asks {
		if a.pending() && a.waiting {
			waiting, named = true, max(named, phrasebook.Delay(a.reply))
		}
	}
	if !waiting {
		return false
	}
	again := q.wait(ctx, named)
	for _, a := range q.asks {
		if !a.pending() || !a.waiting {
			continue
		}
		a.waiting = false
		if ctx.Err() != nil && a.meaning != phrasebook.Greylisted {
			a.giveUp(probe.ReasonSlow)
		} else if !again {
			a.settleLate()
		}
	}
	return true
}

// endure decides what a failed connection means once the server has spoken to us: a limit to wait
// for, a ban, or a manner that cannot be had. What is left pending may be asked on another one.
func (q *inquiry) endure(ctx context.Context, m manner, f *setback) {
	q.failures++
	switch {
	case ctx.Err() != nil:
	case f.reason == probe.ReasonRateLimited || f.reply.Temporary():
		if q.failures < 4 && q.wait(ctx, phrasebook.Delay(f.reply)) {
			return
		}
		if f.stage == probe.StageTLS && q.failures < 2 && q.p.pause(ctx, time.Second) == nil { // once may be chance
			return
		}
	case q.failures < 3:
		if q.p.pause(ctx, time.Duration(q.failures)*time.Second) == nil {
			return
		}
	}
	switch {
	case ctx.Err() != nil:
		q.giveUpPending(probe.ReasonSlow)
	case !f.spoke:
		q.giveUpPending(probe.ReasonBannedMidway)
	default:
		q.giveUpManner(m, f.reason, f.said)
		q.failures = 0
	}
}

// giveUpManner leaves unanswered what is still open of one manner; said is how its last session ended,
// where no question has a better one.
func (q *inquiry) giveUpManner(m manner, r probe.Reason, said dialogue.Transcript) {
	for _, a := range q.asks {
		if a.pending() && a.manner == m {
			a.giveUp(r)
			a.waiting = false
			if said == nil {
				continue
			}
			a.broken = &said
			if a.s != nil && a.s.via != a.via { // what was said in clear does not tell why there is no TLS
				a.answer = answer{}
			}
		}
	}
}

// giveUpPending leaves everything that is still open unanswered.
func (q *inquiry) giveUpPending(r probe.Reason) {
	for _, a := range q.asks {
		if a.pending() {
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

// watchPace goes gently on a server whose replies take long, and leaves the less likely vectors out where replies take so long that the likely ones would
// get no turn.
func (q *inquiry) watchPace(s *session) {
	if q.slowReplies += s.conn.Slow(); !q.slow() {
		return
	}
	q.budget = budget{refusals: 1, senders: 1, risky: 1} // some double the delay with every refusal
	for _, a := range q.asks {
		if a.pending() && rank(a) == 2 {
			a.settle(probe.OutcomeSkipped)
			q.skip(a.id(), tooSlow)
		}
	}
}

// watchMails looks whether a server refuses everybody behind a recipient that it has refused: the postmaster
// too, whom it takes alone. What was refused behind others is asked again, one recipient a mail; and one a
// connection, where a new mail does not make up for the refusal.
func (q *inquiry) watchMails(ctx context.Context, batch []*ask) {
	i := slices.IndexFunc(batch, func(a *ask) bool { return a.control == postmaster && a.outcome == probe.OutcomeRefused && a.behind })
	taken := slices.ContainsFunc(batch, func(a *ask) bool { return a.behind && a.outcome == probe.OutcomeAccepted })
	if i < 0 || taken || q.base.apart {
		return
	}
	m, asked := batch[i].manner, batch[i].asked
	m.apart = true
	alone := &ask{control: postmaster, manner: m, envelope: asked}
	for n := 0; alone.s == nil && n < 3 && ctx.Err() == nil; n++ {
		q.once(ctx, alone)
	}
	if alone.s != nil && alone.meaning != phrasebook.Accepted { // one that is not heard says nothing
		return
	}
	r := slices.IndexFunc(batch, func(a *ask) bool { return a.stage == phrasebook.Rcpt && a.reply.Code >= 400 })
	behind := &ask{control: postmaster, manner: m, envelope: asked}
	q.once(ctx, &ask{control: unknownUser, manner: m, envelope: batch[r].asked}, behind)
	if behind.meaning != phrasebook.Accepted {
		q.budget = budget{refusals: 1, senders: 1, risky: 1}
		for _, a := range batch[1:] {
			a.behind = true
		}
	}
	q.base.apart = true
	for _, a := range q.asks {
		a.putApart()
	}
}

// putApart has a question put in a mail of its own, if that is still to be done, or was done behind a refusal.
func (a *ask) putApart() {
	if a.behind && a.reply.Code >= 400 && (a.outcome == probe.OutcomeRefused || a.outcome == probe.OutcomeUnanswered) {
		a.answer, a.outcome, a.reason, a.differ = answer{}, "", "", false
		a.anew()
	}
	if a.pending() {
		a.apart = true
	}
}

// tooSlow is why a vector that is less likely is left out.
var tooSlow = fmt.Sprintf("replies take over %.0f s", wire.SlowReply.Seconds())

// slow reports a server that takes its time: once may be chance.
func (q *inquiry) slow() bool { return q.slowReplies >= 3 }

// again is the same question in another manner, not yet put.
func (a *ask) again(m manner) *ask {
	return &ask{vector: a.vector, manner: m, envelope: a.envelope, first: a.first, detours: a.detours, row: a.row, resent: a.resent}
}
