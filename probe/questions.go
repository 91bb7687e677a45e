package probe

import (
	"net/netip"
	"slices"
)

// prepare makes the questions: the controls and every vector that applies, the core ones first, since
// a slow server may leave no time for the rest. It returns apart those that want a session of their own
// making; they are asked last, since a claim to be somebody else may end in a ban.
func (q *inquiry) prepare(s *session) (special []*ask) {
	q.names = foreign(q.p.FromDomains, q.p.ToDomains)
	q.names.own(q.t, q.p.LocalDomains, bannerHost(first(s.greeting.Lines)), q.p.Quick)
	q.names.apart()
	if ours, err := netip.ParseAddr(q.res.Vantage.Source); err == nil {
		q.names["our-address"] = []string{inXCLIENT(ours)}
	}
	q.senders = q.otherSenders()
	q.domains = distinct(slices.Concat(q.p.ToDomains, q.names["com"], q.names["net"]))
	for i := range q.p.Vectors {
		v := &q.p.Vectors[i]
		asks, missing := q.put(v)
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
	for _, a := range q.asks {
		if a.vector.ID == "plain" && q.plain == nil {
			q.plain = a
		}
	}
	controls := q.controls()
	if n := q.room(); n < len(controls) && !q.t.Named {
		controls, q.later = controls[:n], controls[n:]
	}
	q.asks = append(controls, q.asks...)
	return special
}

// room is how many more questions the sessions that are needed anyway have room for. In ranges the
// controls are worth no session of their own before something is accepted: what is refused in known
// words needs none, and the differential rule brings its own.
func (q *inquiry) room() int {
	full := q.budget.refusals
	return (full - len(q.asks)%full) % full
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
func (q *inquiry) put(v *Vector) (asks []*ask, missing string) {
	setup := v.Setup
	if setup == nil {
		setup = &Setup{}
	}
	filled, missing := q.names.fill(v.From, v.To, v.First, setup.Helo, setup.Claim)
	for _, f := range filled {
		a := q.newAsk(v, envelope{f[0], f[1]})
		a.first, a.setup, a.helo, a.claim = f[2], v.Setup, f[3], f[4]
		asks = append(asks, a)
	}
	if v.ID == "plain" && len(q.p.ToDomains) > 1 {
		for _, d := range q.p.ToDomains[1:] {
			f, _ := q.names.with("to", d).fill(v.From, v.To)
			asks = append(asks, q.newAsk(v, envelope{f[0][0], f[0][1]}))
		}
	}
	return asks, missing
}

// newAsk makes a question, with the other honest ways to put it.
func (q *inquiry) newAsk(v *Vector, e envelope) *ask {
	a := &ask{vector: v, manner: q.base, envelope: e, domains: q.domains}
	if !v.senderIsPoint() {
		a.senders = q.senders
	}
	return a
}

// otherSenders are tried where ours is refused: the null sender, which servers must take, and one of
// the server's own.
func (q *inquiry) otherSenders() []string {
	senders := []string{"<>"}
	for _, d := range q.names["own-domain"] {
		senders = append(senders, "<"+senderName+"@"+d+">")
	}
	return senders
}

// controls are asked with the sender of the plain vector, so that they compare with it. The quick
// profile has room for two.
func (q *inquiry) controls() []*ask {
	local := ""
	if d := q.names["own-domain"]; len(d) > 0 {
		local = "@" + d[0]
	}
	asks := []*ask{
		q.newControl(unknownUser, "<nobody-"+q.p.nonce()+local+">"),
		q.newControl(postmaster, "<postmaster>"),
		q.newControl(noSuchDomain, "<"+recipientName+"@"+q.p.nonce()+".invalid>"),
	}
	if q.p.Quick {
		return asks[:2]
	}
	return asks
}

func (q *inquiry) newControl(c control, to string) *ask {
	from := "<" + senderName + "@" + q.names["from"][0] + ">"
	return &ask{control: c, manner: q.base, envelope: envelope{from, to}, senders: q.senders}
}

// moreControls are the controls that were put off, if anything was accepted, and a user that cannot
// exist beside every local name under which a suspect form was accepted, where that is another than the
// first control's: what one domain refuses, another may take.
func (q *inquiry) moreControls() (more []*ask) {
	if slices.ContainsFunc(q.asks, func(a *ask) bool { return a.vector != nil && a.outcome == Accepted }) {
		more, q.later = q.later, nil
	}
	for _, a := range q.asks {
		if a.vector == nil || !a.vector.Suspect || a.outcome != Accepted || a.place() == routed {
			continue
		}
		known := slices.ContainsFunc(slices.Concat(q.asks, more), func(c *ask) bool {
			return c.control == unknownUser && c.place() == a.place() && c.manner == a.manner
		})
		if !known {
			c := q.newControl(unknownUser, "<nobody-"+q.p.nonce()+a.place()+">")
			c.manner = a.manner
			more = append(more, c)
		}
	}
	return more
}
