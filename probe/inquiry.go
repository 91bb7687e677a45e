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
	via         Via
	heloLiteral bool // our name was refused: introduce us by our address
	heloOnly    bool // EHLO made the server hang up
	waits       int  // how often we came back when told to
	patience    time.Duration
	heard       bool // a session has had its answers
	failures    int  // connections in a row that brought no answer
	conns       []*wire.Conn
}

// run asks until every question is settled or cannot be, and judges.
func (q *inquiry) run(ctx context.Context) {
	q.via = Plain
	if q.t.Addr.Port() == 465 {
		q.via = TLSFirst
	}
	s, f := q.begin(ctx)
	if f != nil {
		q.conclude(f)
		return
	}
	q.describe(s)
	q.prepare(s)
	q.askAll(ctx, s)
	q.askUnderTLS(ctx)
	q.differ(ctx)
	q.leaveOut()
	q.prove(ctx)
	q.judge()
}

// begin opens the first session, the other honest ways if one is refused: TLS only if the port speaks
// it, HELO where EHLO makes the server hang up, our address where our name is refused.
func (q *inquiry) begin(ctx context.Context) (*session, *setback) {
	for {
		s, f := q.open(ctx, q.via)
		switch {
		case f == nil:
			return s, nil
		case ctx.Err() != nil:
			return nil, f
		case f.stage == StageTLS && q.via == TLSFirst:
			if s, g := q.open(ctx, Plain); g == nil {
				q.via = Plain
				return s, nil
			}
			return nil, f
		case f.stage == phrasebook.Helo && f.reason == CutOff && !q.heloOnly:
			q.heloOnly = true
		case f.reason == HeloRejected && !q.heloLiteral && q.p.Helo != "":
			q.heloLiteral = true
		case f.reason == RateLimited || f.reason == Greylisted || f.reply.Temporary():
			if !q.wait(ctx) {
				return nil, f
			}
		default:
			return nil, f
		}
	}
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
// a slow server may leave no time for the rest.
func (q *inquiry) prepare(s *session) {
	n := foreign(q.p.FromDomains, q.p.ToDomains)
	n.own(q.t, q.p.LocalDomains, bannerHost(first(s.greeting.Lines)), q.p.Quick)
	for i := range q.p.Vectors {
		v := &q.p.Vectors[i]
		asks, missing := q.put(v, n)
		if missing != "" {
			q.res.Coverage.Skipped = append(q.res.Coverage.Skipped, Skip{v.ID, missing + " unknown"})
		}
		q.asks = append(q.asks, asks...)
	}
	slices.SortStableFunc(q.asks, func(a, b *ask) int { return rank(a) - rank(b) })
	q.asks = append(q.controls(n), q.asks...)
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
	filled, missing := n.fill(v.From, v.To)
	for _, f := range filled {
		asks = append(asks, q.newAsk(v, n, f[0], f[1]))
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
	a := &ask{vector: v, via: q.via, from: from, to: to}
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
		a.via, a.from = q.via, from
	}
	return asks
}

// askAll holds sessions until nothing is pending. s is one that is open already, or nil.
func (q *inquiry) askAll(ctx context.Context, s *session) {
	for {
		batch := plan(q.asks, q.budget)
		if len(batch) == 0 {
			if s != nil {
				s.conn.Quit(ctx)
			}
			if !q.comeBack(ctx) {
				return
			}
			s = nil
			continue
		}
		if s == nil {
			var f *setback
			if s, f = q.open(ctx, q.via); f != nil {
				if !q.endure(ctx, f) {
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
		if a.s == s {
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
		culprit.broken = s.conn.Since(0)
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
// for, or a ban. It reports whether to go on.
func (q *inquiry) endure(ctx context.Context, f *setback) bool {
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
	reason := f.reason
	switch {
	case ctx.Err() != nil:
		reason = Slow
	case !f.spoke:
		reason = BannedMidway
	}
	q.giveUpPending(reason)
	return false
}

// giveUpPending leaves everything that is still open unanswered.
func (q *inquiry) giveUpPending(r Reason) {
	for _, a := range q.asks {
		if a.pending() {
			a.giveUp(r)
		}
	}
}

// watchPace leaves the less likely vectors out where replies take so long that the likely ones would
// get no turn.
func (q *inquiry) watchPace(s *session) {
	if s.conn.Slowest() <= 2*time.Second {
		return
	}
	for _, a := range q.asks {
		if a.pending() && rank(a) == 2 {
			a.settle(Skipped)
			q.res.Coverage.Skipped = append(q.res.Coverage.Skipped, Skip{a.id(), "replies take over 2 s"})
		}
	}
}

// askUnderTLS asks the core again after STARTTLS: a server may trust whoever speaks TLS.
func (q *inquiry) askUnderTLS(ctx context.Context) {
	if q.via != Plain || !q.first.offers("STARTTLS") || ctx.Err() != nil {
		return
	}
	q.via = StartTLS
	s, f := q.open(ctx, StartTLS)
	if f != nil {
		q.trait("starttls", "offered, but: "+f.detail)
		return
	}
	q.describeTLS(s)
	var again []*ask
	for _, a := range q.asks {
		if a.vector != nil && a.core() {
			b := *a
			b.via, b.outcome, b.reason, b.answer, b.tries = StartTLS, "", "", answer{}, 0
			again = append(again, &b)
		}
	}
	plain := q.asks
	q.asks = again
	q.askAll(ctx, s)
	q.asks = append(plain, again...)
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
