package prober

import (
	"context"
	"errors"
	"net"
	"slices"
	"time"

	"openrelay/probe"
	"openrelay/probe/dialogue"
	"openrelay/probe/phrasebook"
	"openrelay/probe/wire"
)

// inquiry is one probe of one target: the questions, and how the server takes them.
type inquiry struct {
	p       *Prober
	t       probe.Target
	limits  Limits
	budget  budget
	started time.Time
	res     *probe.Result

	names       names
	toDomains   []string // foreign ones for recipients that the user gave, but the target's own
	detours     *detours // of questions of which the sender is not the point
	elsewhere   *detours // of the others
	plain       *ask     // the first question of the plain vector
	asks        []*ask
	blank       []ask // room for them, on the desk
	desk        *desk
	later       []*ask   // controls that are asked only if anything is accepted
	first       *session // the first session, which the result describes
	under       *session // the first after STARTTLS beside it, or nil
	base        manner   // of every question that wants no other
	last        manner   // of the last session
	heloLiteral bool     // our name was refused: introduce us by our address
	heloDrops   int      // how often EHLO made the server hang up
	lingers     bool     // it does not take a QUIT behind other commands well
	stepwise    bool     // it loses commands that come in one write
	waits       int      // how often we came back when told to
	patience    time.Duration
	slowReplies int  // how many took over 2 s
	heard       bool // a session has had its answers
	failures    int  // connections in a row that brought no answer, of one manner once the plain vector has its own
	conns       []*wire.Conn
	leads       map[string]bool     // own names that were looked up: whether they lead to the target
	said        dialogue.Transcript // when we logged in, without the password
}

// run asks until every question is settled or cannot be, and judges.
func (q *inquiry) run(ctx context.Context) {
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
	q.knowUsers(ctx)
	q.differ(ctx)
	q.leaveOut()
	q.prove(ctx)
	q.deliver(ctx)
	q.judge()
	q.logIn(ctx)
}

// begin opens the first session, the other honest ways if one fails: without TLS or with it where the
// port speaks the other, HELO where EHLO makes the server hang up, our address where our name is
// refused, behind a PROXY header where that was asked for.
func (q *inquiry) begin(ctx context.Context) (*session, *setback) {
	q.base.via = probe.Plain
	if q.t.Addr.Port() == 465 { // RFC 8314 3.3
		q.base.via = probe.TLSFirst
	}
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
		case f.stage == phrasebook.Helo && f.reason == probe.ReasonCutOff && q.heloDrops < 2:
			q.heloDrops++ // the first may be chance
			continue
		case f.reason == probe.ReasonHeloRejected && !f.reply.Temporary() && !q.heloLiteral && q.p.Helo != "":
			q.heloLiteral = true
			continue
		default:
			s, g := q.otherWay(ctx, f)
			if s != nil {
				return s, nil
			}
			again := f.reason == probe.ReasonRateLimited || f.reason == probe.ReasonGreylisted || f.reply.Temporary()
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
	mute := f.stage == phrasebook.Banner && (f.reason == probe.ReasonNoBanner || f.reason == probe.ReasonClosedEarly || f.reply.Code == 421)
	if mute && slices.ContainsFunc(q.p.Vectors, func(v probe.Vector) bool { return v.Setup.Proxy != 0 }) {
		ways = append(ways, manner{via: q.base.via, front: 1}, manner{via: q.base.via, front: 2})
	}
	switch {
	case f.stage == probe.StageTLS && q.base.via == probe.TLSFirst:
		ways = append(ways, manner{via: probe.Plain})
	case f.reason == probe.ReasonNoBanner && q.t.Named: // last: where nobody speaks first, this takes as long again
		ways = append(ways, manner{via: probe.TLSFirst})
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

// askAll holds sessions until nothing is pending. s is one that is open already, or nil.
func (q *inquiry) askAll(ctx context.Context, s *session) {
	q.last = manner{}
	for {
		batch := plan(q.asks, q.budget)
		if len(batch) > 0 {
			if s = q.sessionFor(ctx, s, batch); s != nil {
				err := s.converse(ctx, batch, !q.heard || q.budget.mails)
				q.heard = true
				q.takeIn(s, batch, err)
				q.watchMails(ctx, batch)
				q.watchPace(s)
				q.watchFailures(ctx, err)
				s = nil
			}
			continue
		}
		if s != nil {
			_ = s.conn.Quit(ctx)
			s = nil
		}
		if !q.comeBack(ctx) {
			return
		}
	}
}

// sessionFor is the session to ask a batch on: the one that is open already, or a new one; nil if none came
// about, which leaves less of the batch pending, or nothing at all.
func (q *inquiry) sessionFor(ctx context.Context, open *session, batch []*ask) *session {
	m := batch[0].manner
	if m != q.last && q.plainAnswered() { // it is this one that the server minds, not us
		q.failures = 0
	}
	q.last = m
	if open != nil {
		return open
	}
	s, f := q.open(ctx, m)
	if f != nil && !q.refusedSetup(batch, f) {
		q.endure(ctx, m, f)
	}
	return s
}

// watchFailures gives up where session after session brings no answer, err the last one.
func (q *inquiry) watchFailures(ctx context.Context, err error) {
	switch {
	case ctx.Err() != nil:
		q.giveUpPending(probe.ReasonSlow)
	case q.failures >= 6 && !q.plainAnswered():
		q.giveUpPending(brokenOff(err))
	case q.failures >= 6:
		q.giveUpManner(q.last, brokenOff(err), nil)
	}
}

// takeIn settles what a session answered. Where it ended badly, the next one costs the server less,
// and the question at which it ended has one chance fewer.
func (q *inquiry) takeIn(s *session, batch []*ask, err error) {
	q.failures++
	q.lingers = q.lingers || err != nil || s.conn.Held()
	culprit := (*ask)(nil)
	for _, a := range batch {
		if err != nil && a.s != s {
			said := s.conn.Since(0)
			a.broken = &said
		}
		if a.alone {
			q.settleAlone(a)
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
	q.stepwise = q.stepwise || errors.Is(err, wire.ErrTimeout) || errors.Is(err, wire.ErrUnasked)
	if culprit != nil {
		if culprit.tries++; culprit.tries >= 3 {
			culprit.giveUp(brokenOff(err))
		}
	}
}

// plainAnswered reports whether the plain vector has had its answer: the server hears us.
func (q *inquiry) plainAnswered() bool {
	return q.plain != nil && (q.plain.outcome == probe.OutcomeRefused || q.plain.outcome == probe.OutcomeAccepted)
}

// askUnderTLS asks the core again after STARTTLS: a server may trust whoever speaks TLS. Where we get no
// session of it, others may, and the server is not known to be closed. The quick profile is one session, and
// leaves it out.
func (q *inquiry) askUnderTLS(ctx context.Context) {
	if q.p.Quick || !q.first.offers("STARTTLS") {
		return
	}
	m := q.base
	m.via = probe.StartTLS
	var again []*ask
	for _, a := range q.asks {
		if a.vector != nil && a.core() && a.via == probe.Plain {
			again = append(again, a.again(m))
		}
	}
	q.failures = 0
	q.askMore(ctx, again)
	if q.under == nil && len(again) > 0 {
		q.trait(probe.TraitSTARTTLS, "offered, but no session came of it")
	}
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
		a.via, a.apart = q.base.via, q.base.apart
		switch {
		case q.first.has(a.setup):
		case q.under != nil && q.under.has(a.setup):
			a.via = probe.StartTLS
		default:
			q.skip(a.id(), "no "+a.setup.Needs+" offered")
			continue
		}
		if q.slow() && rank(a) == 2 {
			q.skip(a.id(), tooSlow)
			continue
		}
		possible = append(possible, a)
	}
	q.askMore(ctx, possible)
	q.stillWelcome(ctx, possible)
}

// stillWelcome: a refusal of what we claimed counts only while we are welcome without the claim.
func (q *inquiry) stillWelcome(ctx context.Context, asks []*ask) {
	barred := slices.DeleteFunc(slices.Clone(asks), func(a *ask) bool { return !a.barred || a.outcome != probe.OutcomeRefused })
	if len(barred) == 0 {
		return
	}
	if !q.welcome(ctx) {
		for _, a := range barred {
			a.giveUp(probe.ReasonBannedMidway)
		}
	}
}

// welcome asks once more what has been answered before, without any claim: a foreign recipient, which
// must be read as it was then.
func (q *inquiry) welcome(ctx context.Context) bool {
	s, f := q.open(ctx, q.base)
	if f != nil {
		return false
	}
	if !q.plainAnswered() {
		_ = s.conn.Quit(ctx)
		return true
	}
	a := &ask{vector: q.plain.vector, manner: q.base, envelope: q.plain.asked}
	_ = s.converse(ctx, []*ask{a}, false) // an answer that is missing speaks for itself
	return a.s != nil && a.meaning == q.plain.meaning && a.stage == q.plain.stage
}

func (q *inquiry) vantage(nc net.Conn) {
	if q.res.Vantage.Source == "" {
		q.res.Vantage = vantage(addrOf(nc.LocalAddr()), q.t.Addr.Addr().Unmap())
	}
}

func first[T any](list []T) (t T) {
	if len(list) > 0 {
		t = list[0]
	}
	return t
}
