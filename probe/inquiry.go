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

	asks        []*ask
	first       *session // the first session, which the result describes
	under       *session // the first after STARTTLS beside it, or nil
	base        manner   // of every question that wants no other
	heloLiteral bool     // our name was refused: introduce us by our address
	heloOnly    bool     // EHLO made the server hang up
	waits       int      // how often we came back when told to
	patience    time.Duration
	slow        bool // replies take over 2 s
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
	q.differ(ctx)
	q.leaveOut()
	q.prove(ctx)
	q.judge()
}

// begin opens the first session, the other honest ways if one fails: without TLS or with it where the
// port speaks the other, HELO where EHLO makes the server hang up, our address where our name is
// refused, behind a PROXY header where that was asked for.
func (q *inquiry) begin(ctx context.Context) (*session, *setback) {
	for {
		s, f := q.open(ctx, q.base)
		switch {
		case f == nil:
			return s, nil
		case ctx.Err() != nil:
			return nil, f
		case f.stage == phrasebook.Helo && f.reason == CutOff && !q.heloOnly:
			q.heloOnly = true
		case f.reason == HeloRejected && !q.heloLiteral && q.p.Helo != "":
			q.heloLiteral = true
		default:
			if s := q.otherWay(ctx, f); s != nil {
				return s, nil
			}
			if again := f.reason == RateLimited || f.reason == Greylisted || f.reply.Temporary(); !again || !q.wait(ctx) {
				return nil, f
			}
		}
	}
}

// otherWay tries the manners that a first failure suggests, and settles on the one that works.
func (q *inquiry) otherWay(ctx context.Context, f *setback) *session {
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
	for _, m := range ways {
		if s, f := q.open(ctx, m); f == nil {
			q.base = m
			return s
		}
	}
	return nil
}

// wait comes back later, as far as our patience goes.
func (q *inquiry) wait(ctx context.Context) bool {
	d := retryAfter(q.waits)
	if q.patience+d > q.limits.Retry {
		d = q.limits.Retry - q.patience
	}
	if d <= 0 || q.p.pause(ctx, d) != nil {
		return false
	}
	q.waits++
	q.patience += d
	return true
}

// prepare makes the questions: the controls and every vector that applies, the core ones first, since
// a slow server may leave no time for the rest. It returns apart those that want a session of their own
// making; they are asked last, since a claim to be somebody else may end in a ban.
func (q *inquiry) prepare(s *session) (special []*ask) {
	n := foreign(q.p.FromDomains, q.p.ToDomains)
	n.own(q.t, q.p.LocalDomains, bannerHost(first(s.greeting.Lines)), q.p.Quick)
	for i := range q.p.Vectors {
		v := &q.p.Vectors[i]
		asks, missing := q.put(v, n)
		if missing != "" {
			q.skip(v.ID, missing+" unknown")
		}
		if v.Setup != nil {
			special = append(special, asks...)
		} else {
			q.asks = append(q.asks, asks...)
		}
	}
	for _, list := range [][]*ask{q.asks, special} {
		slices.SortStableFunc(list, func(a, b *ask) int { return rank(a) - rank(b) })
	}
	q.asks = append(q.controls(n), q.asks...)
	return special
}

func (q *inquiry) skip(vector, why string) {
	q.res.Coverage.Skipped = append(q.res.Coverage.Skipped, Skip{vector, why})
}

func rank(a *ask) int {
	switch {
	case a.core():
		return 0
	case a.vector.trusts():
		return 1
	}
	return 2
}

// put makes the questions of one vector: one for each own name that makes a difference, and of the
// plain vector one for each foreign domain the user gave.
func (q *inquiry) put(v *Vector, n names) (asks []*ask, missing string) {
	setup := v.Setup
	if setup == nil {
		setup = &Setup{}
	}
	filled, missing := n.fill(v.From, v.To, v.First, setup.Helo, setup.Claim)
	for _, f := range filled {
		a := q.newAsk(v, n, f[0], f[1])
		a.first, a.setup, a.helo, a.claim = f[2], v.Setup, f[3], f[4]
		asks = append(asks, a)
	}
	if v.ID == "plain" && len(q.p.ToDomains) > 1 {
		for _, d := range q.p.ToDomains[1:] {
			f, _ := n.with("to", d).fill(v.From, v.To)
			asks = append(asks, q.newAsk(v, n, f[0][0], f[0][1]))
		}
	}
	return asks, missing
}

func (q *inquiry) newAsk(v *Vector, n names, from, to string) *ask {
	a := &ask{vector: v, manner: q.base, from: from, to: to}
	if !v.senderIsPoint() {
		a.senders = []string{"<>"}
		for _, d := range n["own-domain"] {
			a.senders = append(a.senders, "<"+senderName+"@"+d+">")
		}
	}
	for _, d := range distinct(slices.Concat(q.p.ToDomains, n["com"], n["net"])) {
		if f, missing := n.with("to", d).fill(v.To); missing == "" && f[0][0] != to {
			a.recipients = append(a.recipients, f[0][0])
		}
	}
	return a
}

// controls are asked with the sender of the plain vector, so that they compare with it.
func (q *inquiry) controls(n names) []*ask {
	from := "<" + senderName + "@" + n["from"][0] + ">"
	nobody := "<nobody-" + q.p.nonce()
	if d := n["own-domain"]; len(d) > 0 {
		nobody += "@" + d[0]
	}
	asks := []*ask{
		{control: unknownUser, to: nobody + ">"},
		{control: noSuchDomain, to: "<" + recipientName + "@" + q.p.nonce() + ".invalid>"},
		{control: postmaster, to: "<postmaster>"},
	}
	for _, a := range asks {
		a.manner, a.from = q.base, from
	}
	return asks
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
				if !refusedSetup(batch, f) && !q.endure(ctx, batch[0].manner, f) {
					return
				}
				continue
			}
		}
		err := s.converse(ctx, batch, !q.heard)
		q.heard = true
		q.takeIn(s, batch, err)
		q.watchPace(s)
		s = nil
		if q.failures >= 6 || ctx.Err() != nil {
			q.giveUpPending(brokenOff(err))
			return
		}
	}
}

// comeBack waits for what the server put off; false when nothing waits or our patience is over.
func (q *inquiry) comeBack(ctx context.Context) bool {
	waiting := false
	for _, a := range q.asks {
		waiting = waiting || a.pending() && a.waiting
	}
	if !waiting {
		return false
	}
	again := q.wait(ctx)
	for _, a := range q.asks {
		if !a.pending() || !a.waiting {
			continue
		}
		a.waiting = false
		if !again {
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
		if a.alone {
			a.settle(Skipped)
			q.skip(a.id(), "no local recipient is accepted")
		} else if a.s == s {
			q.settle(a)
			q.failures = 0
		} else if culprit == nil {
			culprit = a
		}
	}
	if err == nil {
		return
	}
	q.budget = q.budget.fewer()
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
		if q.failures < 4 && q.wait(ctx) {
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
		}
	}
}

// watchPace goes gently on a server whose replies take long, and leaves the less likely vectors out where replies take so long that the likely ones would
// get no turn.
func (q *inquiry) watchPace(s *session) {
	if s.conn.Slowest() <= 2*time.Second {
		return
	}
	q.slow = true
	q.budget = budget{refusals: 1, senders: 1, risky: 1} // some double the delay with every refusal
	for _, a := range q.asks {
		if a.pending() && rank(a) == 2 {
			a.settle(Skipped)
			q.skip(a.id(), "replies take over 2 s")
		}
	}
}

// askUnderTLS asks the core again after STARTTLS: a server may trust whoever speaks TLS.
func (q *inquiry) askUnderTLS(ctx context.Context) {
	if q.base.via != Plain || !q.first.offers("STARTTLS") || ctx.Err() != nil {
		return
	}
	m := q.base
	m.via = StartTLS
	s, f := q.open(ctx, m)
	if f != nil {
		q.trait("starttls", "offered, but: "+f.detail)
		return
	}
	q.under = s
	q.describeTLS(s)
	var again []*ask
	for _, a := range q.asks {
		if a.vector != nil && a.core() {
			again = append(again, a.again(m))
		}
	}
	q.askMore(ctx, s, again)
}

// again is the same question in another manner, not yet put.
func (a *ask) again(m manner) *ask {
	return &ask{vector: a.vector, manner: m, from: a.from, to: a.to, first: a.first, senders: a.senders, recipients: a.recipients}
}

// askMore asks further questions, apart from those that are settled.
func (q *inquiry) askMore(ctx context.Context, s *session, more []*ask) {
	settled := q.asks
	q.asks = more
	q.askAll(ctx, s)
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
		if q.slow && rank(a) == 2 {
			q.skip(a.id(), "replies take over 2 s")
			continue
		}
		possible = append(possible, a)
	}
	q.askMore(ctx, nil, possible)
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
