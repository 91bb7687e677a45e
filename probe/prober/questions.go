package prober

import (
	"maps"
	"net/netip"
	"slices"
	"strings"

	"openrelay/probe"
)

// prepare makes the questions: the controls and every vector that applies, the core ones first, since
// a slow server may leave no time for the rest. It returns apart those that want a session of their own
// making; they are asked last, since a claim to be somebody else may end in a ban.
func (q *inquiry) prepare(s *session) (special []*ask) {
	own := make(names)
	own.own(q.t, q.p.LocalDomains, bannerHost(first(s.greeting.Lines)), q.p.Quick)
	q.toDomains = slices.DeleteFunc(slices.Clone(q.p.ToDomains), func(d string) bool {
		return own.isOwn(d) || len(q.p.FromDomains) > 0 && strings.EqualFold(d, q.p.FromDomains[0])
	})
	q.names = foreign(q.p.FromDomains, q.toDomains)
	maps.Copy(q.names, own)
	q.names.avoidOwnDomains()
	if ours, err := netip.ParseAddr(q.res.Vantage.Source); err == nil {
		q.names["our-address"] = []string{inXCLIENT(ours)}
	}
	q.elsewhere = &detours{domains: distinct(slices.Concat(q.toDomains, q.names["com"], q.names["net"]))}
	q.detours = &detours{q.otherSenders(), q.elsewhere.domains}
	templates := q.p.templates()
	q.asks = make([]*ask, 0, len(templates)+8)
	if len(q.desk.asks) == 0 {
		q.desk.asks = make([]ask, len(templates)+3)
	}
	clear(q.desk.asks)
	q.blank = q.desk.asks
	for i := range q.p.Vectors {
		v := &q.p.Vectors[i]
		asks, missing := q.put(v, templates[i])
		if missing != "" {
			q.skip(v.ID, missing+" unknown")
		}
		if v.Setup != (probe.Setup{}) {
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
		controls[0].spare = n == 0
		n = max(1, n)
		controls, q.later = controls[:n], controls[n:]
	}
	q.asks = slices.Insert(q.asks, 0, controls...)
	return special
}

// room is how many more questions the sessions that are needed anyway have room for. In ranges the
// controls are worth no session of their own before something is accepted: what is refused in known
// words needs none but the postmaster, whose acceptance costs nothing, and the differential rule brings its own.
func (q *inquiry) room() int {
	full := q.budget.refusals
	return (full - len(q.asks)%full) % full
}

func (q *inquiry) skip(vector, why string) {
	q.res.Coverage.Skipped = append(q.res.Coverage.Skipped, probe.Skip{Vector: vector, Why: why})
}

func rank(a *ask) int {
	switch {
	case a.core():
		return 0
	case a.vector.ClaimsOwnName():
		return 1
	}
	return 2
}

// templates are those of every vector, in order.
func (p *Prober) templates() []*templates {
	p.parse.Do(func() {
		for i := range p.Vectors {
			p.parsed = append(p.parsed, templatesOf(&p.Vectors[i]))
		}
	})
	return p.parsed
}

// templatesOf are those of the sender, the recipient, the one before it, and what the setup gives as our
// name and claims.
func templatesOf(v *probe.Vector) *templates {
	return parseTemplates(v.From, v.To, v.First, v.Setup.Helo, v.Setup.Claim)
}

// put makes the questions of one vector: one for each own name that makes a difference, and of the
// plain vector one for each foreign domain the user gave.
func (q *inquiry) put(v *probe.Vector, t *templates) (asks []*ask, missing string) {
	filled, missing := t.fill(q.names)
	for row, f := range filled {
		a := q.newAsk(v, envelope{f[0], f[1]})
		a.row = int16(row)
		a.first, a.helo, a.claim = f[2], f[3], f[4]
		if v.Setup != (probe.Setup{}) {
			a.setup = &v.Setup
		}
		asks = append(asks, a)
	}
	if v.ID == "plain" && len(q.toDomains) > 1 {
		for _, d := range q.toDomains[1:] {
			f, _ := q.names.with("to", d).fill(v.From, v.To)
			asks = append(asks, q.newAsk(v, envelope{f[0][0], f[0][1]}))
		}
	}
	return asks, missing
}

// newAsk makes a question, with the other honest ways to put it.
func (q *inquiry) newAsk(v *probe.Vector, e envelope) *ask {
	a := q.another()
	a.vector, a.manner, a.envelope, a.detours = v, q.base, e, q.detours
	if v.SenderIsPoint() {
		a.detours = q.elsewhere
	}
	return a
}

// another is one question more. Most stand in one piece of memory.
func (q *inquiry) another() *ask {
	if len(q.blank) == 0 {
		return new(ask)
	}
	a := &q.blank[0]
	q.blank = q.blank[1:]
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
	nobody := "<nobody-" + q.p.nonce() + local + ">"
	asks := []*ask{
		q.newControl(postmaster, "<postmaster>"),
		q.newControl(unknownUser, nobody),
		q.newControl(noSuchDomain, "<"+recipientName+"@"+q.p.nonce()+".invalid>"),
	}
	if q.p.Quick {
		return asks[:2]
	}
	return asks
}

func (q *inquiry) newControl(c control, to string) *ask {
	from := "<" + senderName + "@" + q.names["from"][0] + ">"
	a := q.another()
	a.control, a.manner, a.envelope, a.detours = c, q.base, envelope{from, to}, q.detours
	return a
}

// moreControls are the controls that were put off, if anything was accepted, and a user that cannot
// exist beside every local name under which a suspect form was accepted, where that is another than the
// first control's: what one domain refuses, another may take.
func (q *inquiry) moreControls() (more []*ask) {
	if slices.ContainsFunc(q.asks, func(a *ask) bool { return a.vector != nil && a.outcome == probe.OutcomeAccepted }) {
		more, q.later = q.later, nil
		for _, c := range more {
			c.apart = q.base.apart
		}
	}
	for _, a := range q.asks {
		if a.vector == nil || !a.vector.Suspect || a.outcome != probe.OutcomeAccepted || a.place() == routed {
			continue
		}
		known := slices.ContainsFunc(slices.Concat(q.asks, more), func(c *ask) bool {
			return c.control == unknownUser && c.place() == a.place() && c.manner == a.manner
		})
		if !known {
			c := q.newControl(unknownUser, "<nobody-"+q.p.nonce()+a.place()+">")
			c.manner = a.manner
			c.apart = q.base.apart
			more = append(more, c)
		}
	}
	return more
}
