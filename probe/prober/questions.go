package prober

import (
	"maps"
	"net/netip"
	"slices"
	"strings"

	"openrelay/probe"
)

// prepare makes the questions: the controls and every vector that applies, the core ones first, since
// a slow server may leave no time for the rest. Those that want a session of their own making are kept for
// later.
func (q *inquiry) prepare(s *session) {
	rows := q.p.rows()
	if q.paste == nil {
		q.findNames(bannerHost(first(s.greeting.Lines)))
	}
	q.elsewhere = &detours{domains: q.abroad()}
	q.detours = &detours{q.otherSenders(), q.elsewhere.domains}
	q.asks = make([]*ask, 0, len(rows)+8)
	q.desk.tidy(len(rows) + 1)
	q.blank = q.desk.asks
	for i := range q.p.Vectors {
		v := &q.p.Vectors[i]
		list := &q.asks
		if v.Setup != (probe.Setup{}) {
			list = &q.special
		}
		if missing := q.put(v, rows[i], list); missing != "" {
			q.skip(v.ID, missing+" unknown")
		}
	}
	if q.paste != nil {
		q.paste.recognise(q, rows)
	}
	for _, list := range [][]*ask{q.asks, q.special} {
		slices.SortStableFunc(list, func(a, b *ask) int { return int(a.rank) - int(b.rank) })
	}
	for _, a := range q.asks {
		if a.vector.ID == "plain" && q.plain == nil {
			q.plain = a
		}
	}
	q.prepareControls()
}

// findNames finds out what to call whom, once a server has said its name.
func (q *inquiry) findNames(host string) {
	q.p.rows()
	own := make(names)
	own.own(q.t, q.local.Domains, host, q.p.Quick)
	own["own-user"] = q.ownUsers(host)
	q.toDomains = slices.DeleteFunc(slices.Clone(q.p.ToDomains), func(d string) bool {
		return own.isOwn(d) || len(q.p.FromDomains) > 0 && strings.EqualFold(d, q.p.FromDomains[0])
	})
	if q.names = maps.Clone(q.p.usual); len(q.toDomains) != len(q.p.ToDomains) {
		q.names = foreign(q.p.FromDomains, q.toDomains)
	}
	maps.Copy(q.names, own)
	q.names.avoidOwnDomains()
	if ours, err := netip.ParseAddr(q.vantage.Source); err == nil && q.p.saysAddress {
		q.names["our-address"] = []string{inXCLIENT(ours)}
	}
}

// abroad are the foreign domains of recipients, the usual one first.
func (q *inquiry) abroad() []string {
	list := slices.Concat(q.names["to"], q.toDomains)
	for _, tld := range topLevels {
		list = append(list, q.names[tld]...)
	}
	return distinct(list)
}

// room is how many more questions the sessions that are needed anyway have room for. Equal ones are put once.
func (q *inquiry) room() int {
	full, n := q.budget.refusals, 0
	for i, a := range q.asks {
		if !slices.ContainsFunc(q.asks[:i], a.equals) {
			n++
		}
	}
	return (full - n%full) % full
}

func (q *inquiry) skip(vector, why string) {
	q.res.Coverage.Skipped = append(q.res.Coverage.Skipped, probe.Skip{Vector: vector, Why: why})
}

// row is what is known of a vector before there is a target: a scan would find it out a thousand times a second.
type row struct {
	*templates
	rank          int  // the likely ones come first
	local         bool // the recipient does not end in a foreign domain
	senderIsPoint bool
	forTopLevel   bool
}

// rows are those of every vector, in order.
func (p *Prober) rows() []row {
	p.parse.Do(func() {
		for i := range p.Vectors {
			p.parsed = append(p.parsed, rowOf(&p.Vectors[i]))
			p.saysAddress = p.saysAddress || slices.Contains(p.parsed[i].words, "our-address")
		}
		p.usual = foreign(p.FromDomains, p.ToDomains)
	})
	return p.parsed
}

func rowOf(v *probe.Vector) row {
	r := row{templates: templatesOf(v), rank: 2, local: !v.EndsAbroad(), senderIsPoint: v.SenderIsPoint(), forTopLevel: v.StandsForTLD()}
	switch {
	case v.Class == probe.Core:
		r.rank = 0
	case v.ClaimsOwnName():
		r.rank = 1
	}
	return r
}

// templatesOf are those of the sender, the recipient, the one before it, and what the setup gives as our
// name and claims.
func templatesOf(v *probe.Vector) *templates {
	return parseTemplates([5]string{v.From, v.To, v.First, v.Setup.Helo, v.Setup.Claim})
}

// put adds the questions of one vector to a list: one for each own name that makes a difference, and of the
// plain vector one for each foreign domain the user gave. missing is a name that it needs and nobody knows.
func (q *inquiry) put(v *probe.Vector, r row, list *[]*ask) (missing string) {
	n := q.names
	if r.forTopLevel && q.sameDomain(r) { // that would be the question of same-domain
		n = n.exchanged()
	}
	number := int16(0)
	missing = r.fill(n, func(w wording) {
		a := q.newAsk(v, r, w.envelope)
		a.row, a.first, a.manner.helo, a.claim = number, w.first, w.helo, w.claim
		if v.Setup != (probe.Setup{}) {
			a.setup = &v.Setup
		}
		*list = append(*list, a)
		number++
	})
	if v.ID == "plain" && len(q.toDomains) > 1 {
		for _, d := range q.toDomains[1:] {
			again, _ := r.filled(q.names.with("to", d))
			*list = append(*list, q.newAsk(v, r, again[0].envelope))
		}
	}
	return missing
}

// sameDomain reports whether sender and recipient of a row are of one domain here.
func (q *inquiry) sameDomain(r row) (same bool) {
	r.fill(q.names, func(w wording) { same = envelope{to: w.from}.place() == w.place() })
	return same
}

// newAsk makes a question, with the other honest ways to put it.
func (q *inquiry) newAsk(v *probe.Vector, r row, e envelope) *ask {
	a := q.another()
	a.vector, a.manner, a.detours, a.rank = v, q.base, q.detours, int8(r.rank)
	a.question = question{envelope: e, local: r.local}
	if r.senderIsPoint {
		a.detours = q.elsewhere
	}
	return a
}

// add asks for something beyond the table: a control, as part of a look or of none (0).
func (q *inquiry) add(c control, m manner, put question, look int16) *ask {
	a := q.another()
	a.control, a.manner, a.question, a.look = c, m, put, look
	q.asks = append(q.asks, a)
	return a
}

// another is one question more. Most stand in one piece of memory.
func (q *inquiry) another() *ask {
	if len(q.blank) == 0 {
		return &ask{answer: &unanswered}
	}
	a := &q.blank[0]
	q.blank = q.blank[1:]
	a.answer = &unanswered
	return a
}

// otherSenders are tried where ours is refused: the null sender, which servers must take, and one of
// the server's own.
func (q *inquiry) otherSenders() []string {
	senders := []string{"<>"}
	for _, d := range q.names["own-domain"] {
		senders = append(senders, "<"+q.names["user"][0]+"@"+d+">")
	}
	return senders
}
