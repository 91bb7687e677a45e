package probe

import (
	"context"
	"errors"
	"net"
	"slices"
	"time"

	"openrelay/probe/phrasebook"
	"openrelay/probe/wire"
)

// inquiry is one probe of one target: the questions, and how the server takes them.
type inquiry struct {
	p       *Prober
	t       Target
	limits  Limits
	budget  budget
	started time.Time
	res     Result

	names       names
	plain       *ask // the first question of the plain vector
	asks        []*ask
	first       *session // the first session, which the result describes
	under       *session // the first after STARTTLS beside it, or nil
	base        manner   // of every question that wants no other
	heloLiteral bool     // our name was refused: introduce us by our address
	heloDrops   int      // how often EHLO made the server hang up
	stepwise    bool     // it loses commands that come in one write
	waits       int      // how often we came back when told to
	patience    time.Duration
	slowReplies int  // how many took over 2 s
	heard       bool // a session has had its answers
	failures    int  // connections in a row that brought no answer
	conns       []*wire.Conn
}

// run asks until every question is settled or cannot be, and judges.
func (q *inquiry) run(ctx context.Context) {
	q.base.via = Plain
	if q.t.Addr.Port() == 465 {
		q.base.via = TLSFirst
	}
	s, f := q.begin(ctx)
	if f != nil {
		q.conclude(f)
		return
	}
	q.describe(s)
	special := q.prepare(s)
	q.askAll(ctx, s)
	q.askUnderTLS(ctx)
	q.askSpecial(ctx, special)
	q.askMore(ctx, q.moreControls())
	q.differ(ctx)
	q.leaveOut()
	q.prove(ctx)
	q.judge()
}

// begin opens the first session, the other honest ways if one fails: without TLS or with it where the
// port speaks the other, HELO where EHLO makes the server hang up, our address where our name is
// refused, behind a PROXY header where that was asked for.
func (q *inquiry) begin(ctx context.Context) (*session, *setback) {
	var spoke *setback // the last one of a server that answered: that it did stays true
	for {
		s, f := q.open(ctx, q.base)
		if f == nil {
			return s, nil
		}
		if f.spoke {
			spoke = f
		}
		switch {
		case ctx.Err() != nil:
		case f.stage == phrasebook.Helo && f.reason == CutOff && q.heloDrops < 2:
			q.heloDrops++ // the first may be chance
			continue
		case f.reason == HeloRejected && !f.reply.Temporary() && !q.heloLiteral && q.p.Helo != "":
			q.heloLiteral = true
			continue
		default:
			s, g := q.otherWay(ctx, f)
			if s != nil {
				return s, nil
			}
			again := f.reason == RateLimited || f.reason == Greylisted || f.reply.Temporary()
			if g != nil && g.spoke && !again {
				return nil, g
			}
			if again && q.wait(ctx, phrasebook.Delay(f.reply)) {
				continue
			}
		}
		if spoke != nil {
			f = spoke
		}
		return nil, f
	}
}

// otherWay tries the manners that a first failure suggests, and settles on the one that works. Without
// one it returns the last failure, if there was anything to try.
func (q *inquiry) otherWay(ctx context.Context, f *setback) (*session, *setback) {
	var ways []manner
	switch {
	case f.stage == StageTLS && q.base.via == TLSFirst:
		ways = append(ways, manner{via: Plain})
	case f.reason == NoBanner && q.t.Named:
		ways = append(ways, manner{via: TLSFirst})
	}
	mute := f.stage == phrasebook.Banner && (f.reason == NoBanner || f.reason == ClosedEarly || f.reply.Code == 421)
	if mute && slices.ContainsFunc(q.p.Vectors, func(v Vector) bool { return v.Setup != nil && v.Setup.header != nil }) {
		ways = append(ways, manner{via: q.base.via, front: proxyHonestV1}, manner{via: q.base.via, front: proxyHonestV2})
	}
	var failed *setback
	for _, m := range ways {
		var s *session
		if s, failed = q.open(ctx, m); failed == nil {
			q.base = m
			return s, nil
		}
	}
	return nil, failed
}

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

// askAll holds sessions until nothing is pending. s is one that is open already, or nil.
func (q *inquiry) askAll(ctx context.Context, s *session) {
	for {
		batch := plan(q.asks, q.budget)
		if len(batch) == 0 {
			if s != nil {
				_ = s.conn.Quit(ctx)
			}
			if !q.comeBack(ctx) {
				return
			}
			s = nil
			continue
		}
		if s == nil {
			var f *setback
			if s, f = q.open(ctx, batch[0].manner); f != nil {
				if !q.refusedSetup(batch, f) && !q.endure(ctx, batch[0].manner, f) {
					return
				}
				continue
			}
		}
		err := s.converse(ctx, batch, !q.heard || q.budget.mails)
		q.heard = true
		q.takeIn(s, batch, err)
		q.watchPace(s)
		s = nil
		if ctx.Err() != nil {
			q.giveUpPending(Slow)
			return
		}
		if q.failures >= 6 {
			q.giveUpPending(brokenOff(err))
			return
		}
	}
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
		if ctx.Err() != nil {
			a.giveUp(Slow)
		} else if !again {
			a.settleLate()
		}
	}
	return true
}

// takeIn settles what a session answered. Where it ended badly, the next one costs the server less,
// and the question at which it ended has one chance fewer.
func (q *inquiry) takeIn(s *session, batch []*ask, err error) {
	q.failures++
	culprit := (*ask)(nil)
	for _, a := range batch {
		if err != nil && a.s != s {
			a.broken = s.conn.Since(0)
		}
		if a.alone && a.before.Temporary() && a.tries < 2 {
			a.tries++
			a.alone, a.waiting, a.reply = false, true, a.before
		} else if a.alone {
			a.settle(Skipped)
			q.skip(a.id(), "no local recipient is accepted")
		} else if a.s == s {
			if a.reply.Code != 421 {
				q.failures = 0
			}
			q.budget.mails = q.budget.mails || a.stage == phrasebook.Mail
			q.settle(a)
		} else if culprit == nil && !errors.Is(err, wire.ErrClosing) {
			culprit = a
		}
	}
	if err == nil {
		return
	}
	q.budget = q.budget.fewer()
	q.stepwise = q.stepwise || errors.Is(err, wire.ErrTimeout)
	if culprit != nil {
		if culprit.tries++; culprit.tries >= 3 {
			culprit.giveUp(brokenOff(err))
		}
	}
}

// brokenOff is the reason of a question that ended its session.
func brokenOff(err error) Reason {
	if errors.Is(err, wire.ErrTimeout) || errors.Is(err, context.DeadlineExceeded) {
		return Slow
	}
	return CutOff
}

// endure decides what a failed connection means once the server has spoken to us: a limit to wait
// for, a ban, or a manner that cannot be had. It reports whether to go on.
func (q *inquiry) endure(ctx context.Context, m manner, f *setback) bool {
	q.failures++
	switch {
	case ctx.Err() != nil:
	case f.reason == RateLimited || f.reply.Temporary():
		if q.failures < 4 && q.wait(ctx, phrasebook.Delay(f.reply)) {
			return true
		}
	case q.failures < 3:
		if q.p.pause(ctx, time.Duration(q.failures)*time.Second) == nil {
			return true
		}
	}
	if ctx.Err() != nil {
		q.giveUpPending(Slow)
		return false
	}
	if !f.spoke {
		q.giveUpPending(BannedMidway)
		return false
	}
	for _, a := range q.asks {
		if a.pending() && a.manner == m {
			a.giveUp(f.reason)
			a.broken = f.said
		}
	}
	q.failures = 0
	return true
}

// giveUpPending leaves everything that is still open unanswered.
func (q *inquiry) giveUpPending(r Reason) {
	for _, a := range q.asks {
		if a.pending() {
			a.giveUp(r)
			a.waiting = false
		}
	}
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
			a.settle(Skipped)
			q.skip(a.id(), "replies take over 2 s")
		}
	}
}

// askUnderTLS asks the core again after STARTTLS: a server may trust whoever speaks TLS. The quick
// profile is one session, and leaves it out.
func (q *inquiry) askUnderTLS(ctx context.Context) {
	if q.p.Quick || q.base.via != Plain || !q.first.offers("STARTTLS") {
		return
	}
	m := q.base
	m.via = StartTLS
	var again []*ask
	for _, a := range q.asks {
		if a.vector != nil && a.core() {
			again = append(again, a.again(m))
		}
	}
	q.failures = 0
	q.askMore(ctx, again)
	for _, a := range again {
		if a.outcome == Unanswered && a.reason == TLSUnavailable { // nobody gets in that way
			a.settle(Skipped)
		}
	}
	if q.under == nil && len(again) > 0 {
		q.trait("starttls", "offered, but no session came of it")
	}
}

// slow reports a server that takes its time: once may be chance.
func (q *inquiry) slow() bool { return q.slowReplies >= 3 }

// again is the same question in another manner, not yet put.
func (a *ask) again(m manner) *ask {
	return &ask{vector: a.vector, manner: m, envelope: a.envelope, first: a.first, senders: a.senders, domains: a.domains}
}

// askMore asks further questions, apart from those that are settled.
func (q *inquiry) askMore(ctx context.Context, more []*ask) {
	settled := q.asks
	q.asks = more
	q.askAll(ctx, nil)
	q.asks = append(settled, more...)
}

// askSpecial asks what wants a session of its own making, where the server offers what that needs.
func (q *inquiry) askSpecial(ctx context.Context, special []*ask) {
	var possible []*ask
	for _, a := range special {
		a.via = q.base.via
		switch {
		case a.setup.offered(q.first):
		case q.under != nil && a.setup.offered(q.under):
			a.via = StartTLS
		default:
			q.skip(a.id(), "no "+a.setup.Needs+" offered")
			continue
		}
		if q.slow() && rank(a) == 2 {
			q.skip(a.id(), "replies take over 2 s")
			continue
		}
		possible = append(possible, a)
	}
	if q.plain != nil && (q.plain.outcome == Denied || q.plain.outcome == Accepted) {
		q.failures = 0
	}
	q.askMore(ctx, possible)
	q.stillWelcome(ctx, possible)
}

// stillWelcome: a refusal of what we claimed counts only while we are welcome without the claim.
func (q *inquiry) stillWelcome(ctx context.Context, asks []*ask) {
	barred := slices.DeleteFunc(slices.Clone(asks), func(a *ask) bool { return !a.barred || a.outcome != Denied })
	if len(barred) == 0 {
		return
	}
	s, f := q.open(ctx, q.base)
	if f == nil {
		_ = s.conn.Quit(ctx)
		return
	}
	for _, a := range barred {
		a.giveUp(BannedMidway)
	}
}

func (q *inquiry) vantage(nc net.Conn) {
	ours := addrOf(nc.LocalAddr())
	if q.res.Vantage.Source == "" {
		q.res.Vantage = vantage(ours, q.t.Addr.Addr().Unmap())
	}
}

func first[T any](list []T) (t T) {
	if len(list) > 0 {
		t = list[0]
	}
	return t
}
