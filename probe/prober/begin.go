package prober

import (
	"slices"

	"openrelay/probe"
	"openrelay/probe/phrasebook"
)

// beginning is what is known of a server before it has let us in: the other honest ways to come in that are left to
// be tried, and why the ways so far failed.
type beginning struct {
	ways      []manner // to try instead of the base
	failed    *setback // of the base, while the ways are tried
	spoke     *setback // the last of a server that answered: that it did stays true
	heloDrops int      // how often EHLO made the server hang up
	ended     *setback // why no session came about at all
}

// way is the manner of the next connection, until one lets us in.
func (q *inquiry) way() manner {
	if len(q.ways) > 0 {
		return q.ways[0]
	}
	return q.base
}

// notLetIn takes in a connection that failed before any has let us in, and tries the other honest ways: without TLS or
// with it where the port speaks the other, HELO where EHLO makes the server hang up, our address where our name is
// refused, behind a PROXY header where that was asked for.
func (q *inquiry) notLetIn(f *setback) {
	if f.spoke {
		q.spoke = f
	}
	switch {
	case len(q.ways) > 0:
		q.ways = q.ways[1:]
		if len(q.ways) == 0 {
			q.noWayIn(q.failed, f)
		}
	case f.stage == phrasebook.Helo && f.reason == probe.ReasonCutOff && q.heloDrops < 2:
		q.heloDrops++ // the first may be chance
		q.style.noEHLO = q.heloDrops == 2
	case f.reason == probe.ReasonHeloRejected && !f.reply.Temporary() && !q.style.literal && q.p.Helo != "" && !wantsHeader(f):
		q.style.literal = true
	default:
		q.failed, q.ways = f, q.otherWays(f)
		if len(q.ways) == 0 {
			q.noWayIn(f, nil)
		}
	}
}

// noWayIn decides what a failure means where no other way was left: to wait, or that this is the end. other is how
// the last other way failed, nil where there was none.
func (q *inquiry) noWayIn(f, other *setback) {
	again := f.reason == probe.ReasonRateLimited || f.reason == probe.ReasonGreylisted || f.reply.Temporary()
	switch {
	case other != nil && other.spoke && !again:
		q.ended = other
	case again && q.wait(phrasebook.Delay(f.reply)):
		return
	case q.spoke != nil:
		q.ended = q.spoke
	default:
		q.ended = f
	}
	q.over = true
}

// otherWays are the manners that a first failure suggests.
func (q *inquiry) otherWays(f *setback) (ways []manner) {
	header := f.stage == phrasebook.Banner && (f.reason == probe.ReasonNoBanner || f.reason == probe.ReasonClosedEarly || f.reply.Code == 421) ||
		f.stage == probe.StageTLS && q.base.via == probe.TLSFirst ||
		wantsHeader(f)
	if header && slices.ContainsFunc(q.p.Vectors, func(v probe.Vector) bool { return v.Setup.Proxy != 0 }) {
		ways = append(ways, manner{via: q.base.via, front: 1}, manner{via: q.base.via, front: 2})
	}
	switch {
	case f.stage == probe.StageTLS && q.base.via == probe.TLSFirst:
		ways = append(ways, manner{via: probe.Plain})
	case f.reason == probe.ReasonNoBanner && q.t.Named: // last: where nobody speaks first, this takes as long again
		ways = append(ways, manner{via: probe.TLSFirst})
	}
	return ways
}

// wantsHeader reports whether a server that greeted refuses to talk without a PROXY header, as Exim does.
func wantsHeader(f *setback) bool {
	return f.stage == phrasebook.Helo && phrasebook.MissesHeader(f.reply)
}

// letIn takes in the opening of a session: the first one tells what to ask.
func (q *inquiry) letIn(c *connection) {
	s := c.session
	q.noteVantage(c)
	if q.first == nil {
		q.base = manner{via: s.via, front: s.front}
		q.ways = nil
		q.describe(s)
		q.prepare(s)
	}
	q.paste.meet(q, c)
	if s.via == probe.StartTLS && q.under == nil && s != q.first && !s.account {
		q.under = s
		q.describeTLS(s)
	}
}
