package prober

import (
	"cmp"
	"encoding/base64"
	"net/netip"
	"slices"
	"strings"
	"time"

	"openrelay/probe"
	"openrelay/probe/netaddr"
	"openrelay/probe/pasted"
	"openrelay/probe/phrasebook"
)

// paste is what takes the server's place where sessions are judged that are over. The questions are those that somebody
// put, in place of those of the table, and nothing more is asked; what follows from the answers, and the verdict, is the
// same inquiry's.
//
// It cannot show all that a probe does. Nobody says which domains are the server's own, or that those of the recipients
// are not: what is not known to be own is taken for foreign, and a reader has to say so. Time is not in it, so that a
// refusal "for now" is one. And whoever pastes may have left things out.
type paste struct {
	rest      []*connection     // those that are not taken in yet
	nobody    string            // the local part of the unknown user; "" for none
	own       names             // the names of the server
	senders   counted           // foreign ones
	strangers counted           // recipients in the usual form at foreign domains
	denied    []string          // two domains of those who were refused in words about relaying
	alone     map[envelope]bool // they were asked for in a mail of their own
	accepted  map[question]bool // as far as it is read
	put       []question        // everything that was asked but the controls, in order
	more      bool              // was asked than is looked at
	claims    bool              // every session claims something, and none is as any client's
	toCome    map[place]int     // what is put in the rest, and how often
	patterns  map[string]pattern
}

// place is where a question is put: one of them may be taken to DATA.
type place struct {
	manner
	question
	failed bool // or where a session failed, whatever was to be put there
}

// mostPut is how many questions of a paste are looked at: an honest one has far fewer, and what each of them tells is
// looked up in all of them.
const mostPut = 500

// Judge judges sessions with one server that are over: what was asked in them, and no more.
func (p *Prober) Judge(sessions []pasted.Session) *Reading {
	t := targetOf(sessions)
	q := p.inquiry(&t)
	q.limits.Retry, q.nonce = time.Hour, "nonce"
	q.paste = &paste{alone: make(map[envelope]bool), accepted: make(map[question]bool), toCome: make(map[place]int), patterns: make(map[string]pattern)}
	var all []*overheard
	for i := range sessions {
		all = append(all, p.listen(&sessions[i])...)
	}
	all = q.paste.bound(all)
	q.paste.read(q, all)
	q.takeAll()
	return q.reading(all)
}

// targetOf is the server of sessions, as far as they tell.
func targetOf(sessions []pasted.Session) probe.Target {
	t := probe.Target{Named: true, Port: 25}
	for i := range sessions {
		s := &sessions[i]
		if s.Addr.Port() != 0 {
			t.Port = s.Addr.Port()
		}
		if s.Addr.Addr().IsValid() {
			t.Addr = netip.AddrPortFrom(s.Addr.Addr(), t.Port)
		}
		if t.Name == "" && netaddr.HostName(s.Server) { // else it may be anything
			t.Name = s.Server
		}
	}
	return t
}

// takeAll takes in every connection. Whoever came back has waited.
func (q *inquiry) takeAll() {
	p := q.paste
	for len(p.rest) > 0 {
		c := p.rest[0]
		for q.pause > 0 {
			q.paused()
		}
		q.over = false // there was more
		if c.session != nil {
			q.letIn(c)
			p.frame(q, c)
		}
		p.rest = p.rest[1:]
		p.count(c, -1)
		q.take(c)
	}
	for q.pause > 0 {
		q.paused()
	}
}

// otherwise is the reason why a refusal counts for nothing: what it would be of a server, or that nobody asked.
func (p *paste) otherwise(q *inquiry, r probe.Reason) probe.Reason {
	if p != nil && !slices.ContainsFunc(q.log, func(c *connection) bool { return q.stands(c) == changed || q.refusedAtOnce(c) }) {
		return probe.ReasonUnclear
	}
	return r
}

// bound leaves out what comes behind the most questions that are looked at.
func (p *paste) bound(all []*overheard) []*overheard {
	left := mostPut
	for i, o := range all {
		for j := range o.mails {
			m := &o.mails[j]
			if left -= max(1, len(m.rcpts)); left < 0 {
				m.rcpts = m.rcpts[:max(0, len(m.rcpts)+left)]
				o.mails, p.more = o.mails[:j+1], true
				return all[:i+1]
			}
		}
	}
	return all
}

// read finds out the names, and turns sessions into connections.
func (p *paste) read(q *inquiry, all []*overheard) {
	p.findNames(q, all)
	var base *overheard
	if i := slices.IndexFunc(all, (*overheard).came); i >= 0 {
		base = all[i]
	}
	for _, o := range all {
		p.rest = append(p.rest, o.connection(p.manner(q, o, base), p))
	}
	p.claims = !slices.ContainsFunc(p.rest, func(c *connection) bool { return c.session != nil && c.setup == nil })
	for _, c := range p.rest {
		p.count(c, 1)
		for i := range c.said {
			p.note(c, &c.said[i])
		}
	}
}

// note takes down what was asked, and whose domain is a stranger's.
func (p *paste) note(c *connection, e *exchange) {
	domain := domainOf(e.to)
	if e.refused() && e.stage == phrasebook.Rcpt && aboutRelaying(e.meaning) && p.isForeign(e.to) && len(p.denied) < 2 && !containsFold(p.denied, domain) {
		p.denied = append(p.denied, domain)
	}
	put := e.asUsual()
	if !c.account && !p.isControl(e) && !strings.HasSuffix(put.to, ".invalid>") && !slices.Contains(p.put, put) {
		p.put = append(p.put, put)
	}
}

// count counts what is put in a connection among what is to come, or no more.
func (p *paste) count(c *connection, n int) {
	if c.failure != nil {
		p.toCome[place{manner: c.manner, failed: true}] += n
	}
	for i := range c.said {
		put := c.said[i].question
		put.local = false
		p.toCome[place{manner: c.manner, question: put}] += n
		if put.data {
			p.toCome[place{manner: c.manner, question: put.asUsual()}] += n
		}
	}
}

// manner is that of a session: which setup of the table it had, if it was one.
func (p *paste) manner(q *inquiry, o, base *overheard) manner {
	m := manner{via: o.session.via, front: int8(o.header)}
	rows := q.p.rows()
	for i := range q.p.Vectors {
		v := &q.p.Vectors[i]
		if v.Setup == (probe.Setup{}) {
			continue
		}
		filled, _ := rows[i].filled(q.names)
		for _, w := range filled {
			if o.isOf(&v.Setup, w.helo, w.claim, base) {
				return manner{via: m.via, setup: &v.Setup, helo: w.helo, claim: w.claim}
			}
		}
	}
	m.account = o.account
	return m
}

// isOf reports whether a session is one of a setup. What the first session did is no claim.
func (o *overheard) isOf(u *probe.Setup, helo, claim string, base *overheard) bool {
	keyword, mechanism, _ := strings.Cut(u.Needs, " ")
	switch {
	case u.Proxy != 0:
		return o.header == u.Proxy && base != nil && base.header == 0
	case keyword == "AUTH":
		name, password, _ := strings.Cut(claim, " ")
		_, initial, err := mechanisms[mechanism](name, password).Start()
		return err == nil && o.claim == "AUTH "+mechanism+" "+base64.StdEncoding.EncodeToString(initial)
	case keyword == "XCLIENT":
		return strings.EqualFold(o.claim, "XCLIENT "+claim)
	case u.Verb != "":
		return o.verb == u.Verb && !o.helo && base != nil && base.verb != u.Verb
	}
	return o.claim == "" && strings.EqualFold(o.session.name, helo)
}

// addLocals: those of a paste are the local recipients that somebody asked for.
func (p *paste) addLocals(q *inquiry) {
	if p == nil {
		return
	}
	put := make(map[string]bool)
	var others []recipient
	for _, c := range p.rest {
		for i := range c.said {
			to := c.said[i].to
			if !put[to] && p.isLocalUser(to) && !p.isNobody(to) {
				others = append(others, recipient{to: to, given: q.isGiven(domainOf(to))})
			}
			put[to] = true
		}
	}
	w := &q.welcome
	usual := slices.DeleteFunc(w.locals, func(l recipient) bool { return !put[l.to] })
	others = slices.DeleteFunc(others, func(o recipient) bool {
		return slices.ContainsFunc(usual, func(l recipient) bool { return l.to == o.to })
	})
	if w.locals = append(usual, others...); len(w.locals) == 0 {
		w.locals = []recipient{{to: barePostmaster}}
	}
}

// meet makes the questions for a connection of a manner that none is of yet.
func (p *paste) meet(q *inquiry, c *connection) {
	if p == nil || c.account {
		return
	}
	for i, a := range q.special {
		if a != nil && a.setup == c.setup && a.manner.helo == c.manner.helo && a.claim == c.claim {
			a.via = c.via
			q.asks, q.special[i] = append(q.asks, a), nil
		}
	}
	q.special = slices.DeleteFunc(q.special, func(a *ask) bool { return a == nil })
	p.claimed(q, c)
	if c.setup != nil || slices.ContainsFunc(q.asks, func(a *ask) bool { return a.vector != nil && a.manner == c.manner }) {
		return
	}
	q.underTLS = q.underTLS || c.via == probe.StartTLS
	for _, a := range slices.Clone(q.asks) {
		if a.vector != nil && a.manner == q.base {
			q.asks = append(q.asks, q.inManner(c.manner, a))
		}
	}
}

// claimed makes the questions that were put with a claim of the table, and in other words than the table's.
func (p *paste) claimed(q *inquiry, c *connection) {
	if c.setup == nil {
		return
	}
	rows := q.p.rows()
	i := 0
	for &q.p.Vectors[i].Setup != c.setup {
		i++
	}
	for n := range c.said {
		put := c.said[n].asUsual()
		if p.isControl(&c.said[n]) || slices.ContainsFunc(q.asks, func(a *ask) bool { return a.manner == c.manner && a.is(put) }) {
			continue
		}
		a := p.ask(q, rows, put)
		if a.manner = c.manner; p.isForeign(put.to) { // what tells it from plain is the claim
			suspect := a.vector.Suspect
			if a.vector = &q.p.Vectors[i]; suspect {
				a.vector = asSuspect(a.vector)
			}
		}
		q.asks = append(q.asks, a)
	}
}

// passOver settles what nobody put, or nobody puts again.
func (p *paste) passOver(q *inquiry) {
	if p == nil {
		return
	}
	for _, a := range q.asks {
		if !a.pending() || p.isToCome(a) {
			continue
		}
		switch e, f := p.lastOf(q, a), p.failed(q, a.manner); {
		case e == nil && f != nil && f.spoke:
			a.broken = f
			a.giveUp(f.reason)
		case e == nil && f != nil:
			a.broken = &setback{said: f.said}
			a.giveUp(probe.ReasonBannedMidway) // which had spoken before
		case e == nil:
			a.settle(probe.OutcomeSkipped)
		case a.waiting:
			a.waiting = false
			a.settleLate()
		case !e.heard():
			a.giveUp(probe.ReasonCutOff)
		default:
			a.take(e)
			a.giveUp(cmp.Or(reasonFor[a.meaning], probe.ReasonUnclear))
		}
	}
}

// isToCome reports whether an ask is put in what is not taken in yet, or was to be.
func (p *paste) isToCome(a *ask) bool {
	put := a.question
	put.local = false
	return p.toCome[place{manner: a.manner, question: put}] > 0 || p.toCome[place{manner: a.manner, failed: true}] > 0
}

// failed is why the last session of a manner did not come about; nil where none failed.
func (p *paste) failed(q *inquiry, m manner) (f *setback) {
	for _, c := range q.log {
		if c.manner == m && c.failure != nil {
			f = c.failure
		}
	}
	return f
}

// lastOf is the last exchange of the log that answers an ask; nil for none.
func (p *paste) lastOf(q *inquiry, a *ask) (last *exchange) {
	for _, c := range q.log {
		if e := p.in(c, a); e != nil {
			last = e
		}
	}
	return last
}

// in is the last exchange of a connection that answers an ask; nil for none.
func (p *paste) in(c *connection, a *ask) (last *exchange) {
	if c.manner != a.manner {
		return nil
	}
	for i := range c.said {
		if e := &c.said[i]; a.envelope == e.envelope && a.first == e.first && (e.data || !a.data) {
			last = e
		}
	}
	return last
}
