package prober

import (
	"cmp"
	"slices"

	"openrelay/probe"
)

// budget is what one connection may cost a server before it begins to mind. Measured on default
// configurations: Postfix slows down after 10 refusals, Exim leaves after 10 RSETs or 3 syntax errors.
type budget struct {
	refusals int
	senders  int
	risky    int
	mails    bool // senders have been refused here: each costs one more
}

var fullBudget = budget{refusals: 8, senders: 9, risky: 3}

// mostSaid is how many exchanges most connections hold: the questions, and controls on both sides of them.
func (q *inquiry) mostSaid() int {
	if q.t.Named {
		return fullBudget.refusals + 4
	}
	return fullBudget.refusals + 2
}

// fewer is the budget for the next connection, when this one ended badly.
func (b budget) fewer() budget {
	return budget{refusals: max(1, b.refusals/2), senders: max(1, b.senders/2), risky: 1, mails: b.mails}
}

// round is what to say next in a connection that is open; false when it is to be left.
func (q *inquiry) round(c *connection) (round, bool) {
	if r, ok := q.opening(c); ok {
		return r, true
	}
	if q.refusedAtOnce(c) {
		return round{}, false // a ban
	}
	if put, ok := q.toProve(c); ok {
		return q.proofRound(c, put), true
	}
	if len(c.said) > c.opened {
		return round{}, false
	}
	switch {
	case q.oneMail && c.opened > 0, q.style.noEHLO && !c.session.noEHLO:
		return round{}, false
	case q.base.via != c.via && c.setup == nil && c.via == probe.Plain && q.dueOn(c) == nil:
		return round{}, false // what is left is asked under TLS
	}
	return q.bulk(c)
}

// bulk is the round that puts the questions, as far as the budget goes, with the controls at its end.
func (q *inquiry) bulk(c *connection) (r round, ok bool) {
	chosen, fixed := q.together(c)
	if chosen == nil {
		chosen = q.choose(c)
	}
	if !fixed {
		q.order(chosen)
	}
	endings := q.endings(c, chosen)
	r.questions = make([]question, 0, len(chosen)+len(endings))
	for _, a := range chosen {
		if a.control != check || !slices.Contains(endings, a.question) {
			r.questions = append(r.questions, a.question)
		}
	}
	r.questions = append(r.questions, endings...)
	r.ends = len(endings)
	r.apart, r.last = q.apart || fixed, true
	if q.gently {
		r.split = q.splits(r.questions)
	}
	return r, len(r.questions) > 0
}

// fewRefused is how many refused recipients of one mail Sendmail answers at once; for each one more it takes a second
// (BadRcptThrottle, as Debian sets it).
const fewRefused = 3

// splits are where a new mail is begun, so that none has more recipients that may be refused than a server answers at
// once. The last one is full, so that the controls at its end stand behind a question.
func (q *inquiry) splits(list []question) (at []int) {
	local := q.control(q.localRecipient())
	for i := 0; i < len(list); {
		n, refused := i, 0
		for ; n < len(list) && list[n].group() == list[i].group(); n++ {
			if list[n] != local {
				refused++
			}
		}
		room := (refused-1)%fewRefused + 1
		for ; i < n; i++ {
			if list[i] == local {
				continue
			}
			if room == 0 {
				at, room = append(at, i), fewRefused
			}
			room--
		}
	}
	return at
}

// together are the questions of a look, which stand in one connection and in their own order; nil where others are
// due. fixed says that each has a mail of its own.
func (q *inquiry) together(c *connection) (chosen []*ask, fixed bool) {
	due := q.dueOn(c)
	if due == nil || due.look == 0 {
		return nil, false
	}
	for _, a := range q.asks {
		if a.look == due.look && a.pending() && !a.waiting && a.manner == c.manner {
			chosen = append(chosen, a)
		}
	}
	return chosen, chosen[0].control == unknownUser
}

// dueOn is the ask whose turn it is in a connection; nil for none.
func (q *inquiry) dueOn(c *connection) *ask {
	for _, a := range q.asks {
		if a.pending() && !a.waiting && a.manner == c.manner {
			return a
		}
	}
	return nil
}

// choose chooses what to ask: pending questions as far as the budget goes, the core ones first. The risky ones, of
// which a connection takes few, are spread over all of them. The same question is put once, whoever asks it.
func (q *inquiry) choose(c *connection) []*ask {
	b := q.budget
	if q.single {
		b.refusals, b.senders = 1, 1
	}
	if q.oneMail {
		b.senders = 1
	}
	if q.lenient() {
		b.risky = b.refusals
	}
	var few [9]mailOf
	l := load{budget: b, cost: q.endCost(c), senders: few[:0], asks: make([]*ask, 0, b.refusals)}
	for i := range c.said {
		if c.said[i].refused() && !q.single {
			l.cost++
		}
	}
	for turn := coreTurn; turn <= lastTurn; turn++ {
		for _, a := range q.asks {
			if a.turn() == turn && a.pending() && !a.waiting && a.look == 0 && !a.data && a.manner == c.manner && !c.refusesSender(a.from) && !l.take(a) {
				return l.asks
			}
		}
	}
	return l.asks
}

// The turns in which questions are chosen.
const (
	coreTurn = iota
	riskyTurn
	lastTurn
)

func (a *ask) turn() int {
	switch {
	case a.core():
		return coreTurn
	case a.risky():
		return riskyTurn
	}
	return lastTurn
}

// load is what is to be asked in one connection.
type load struct {
	budget
	cost    int // in refusals
	risks   int
	senders []mailOf
	asks    []*ask
}

// take adds a question that fits, and reports whether there is room for more.
func (l *load) take(a *ask) bool {
	group, more := a.group(), 1
	known := slices.Contains(l.senders, group)
	switch {
	case a.risky() && l.risks >= l.risky, !known && len(l.senders) == l.budget.senders,
		slices.ContainsFunc(l.asks, func(o *ask) bool { return o.question == a.question }):
		return true
	case !known && l.mails:
		more = 2
	}
	if l.cost += more; l.cost > l.refusals && len(l.asks) > 0 {
		return false
	}
	if !known {
		l.senders = append(l.senders, group)
	}
	l.asks = append(l.asks, a)
	if a.risky() {
		l.risks++
	}
	return l.cost < l.refusals
}

// endCost is what the controls at the end of a connection may cost, beside the local recipient, who is accepted.
func (q *inquiry) endCost(c *connection) (n int) {
	w := &q.welcome
	if q.single || q.budget.refusals <= 3 {
		return 0
	}
	if w.welcomed() && w.nobody != nil && !w.nobody.accepted() && q.t.Named {
		n++
	}
	if !w.welcomed() || q.t.Named && !w.full() {
		n++
	}
	if q.budget.mails {
		n++
	}
	return n
}

// mailOf is what questions must have in common to share a mail.
type mailOf struct{ from, first string }

func (q *question) group() mailOf { return mailOf{q.from, q.first} }

// order puts those with one sender next to each other, so that they share a MAIL, and those from the sender of the
// controls last, which stand behind them.
func (q *inquiry) order(chosen []*ask) {
	var few [8]mailOf
	groups := few[:0]
	for _, a := range chosen {
		if group := a.group(); !slices.Contains(groups, group) {
			groups = append(groups, group)
		}
	}
	rank := func(a *ask) int {
		if a.from == q.welcome.senders[q.welcome.sender] && a.first == "" {
			return len(groups)
		}
		return slices.Index(groups, a.group())
	}
	slices.SortStableFunc(chosen, func(x, y *ask) int {
		return cmp.Or(rank(x)-rank(y), int(x.control)-int(y.control))
	})
}

// toProve is what to take to DATA in a connection: what is due, or the first acceptance, in the connection in which it
// came, since another one may lead to another machine.
func (q *inquiry) toProve(c *connection) (put question, ok bool) {
	for i := range c.said {
		if c.said[i].data {
			return put, false // once a connection, which ends with it
		}
	}
	if len(c.said) <= c.opened || c.ends == 0 && c.opened < len(c.said) {
		if due := q.dueOn(c); due != nil && due.data {
			return due.question, true
		}
		return put, false
	}
	if q.p.Proof == probe.Rcpt || q.proofs > 0 || c.session.brisk {
		return put, false
	}
	for _, a := range q.asks {
		if a.vector == nil || a.vector.Suspect || a.first != "" || a.manner != c.manner || a.proof >= probe.Data {
			continue
		}
		if slices.ContainsFunc(c.said[c.opened:c.tail], func(e exchange) bool { return e.question == a.question && e.accepted() }) {
			put = a.question
			put.data = true
			return put, true
		}
	}
	return put, false
}

// proofRound takes a question to DATA. What is told as the cause of an acceptance has to be the only difference, so the
// plain question comes before it, in a mail of its own, where that was refused.
func (q *inquiry) proofRound(c *connection, put question) round {
	if plain := q.plainIn(c.manner); plain != nil && !q.single && put.first == "" && q.plainRefused(c, plain) {
		if last := len(c.said) - 1; last < c.opened || c.said[last].question != plain.question || c.ends > 0 && last < c.tail+c.ends {
			return round{questions: []question{plain.question}}
		}
	}
	return round{questions: []question{put}}
}

// plainRefused reports whether the plain question was refused at RCPT: in this connection, or before.
func (q *inquiry) plainRefused(c *connection, plain *ask) bool {
	if plain.outcome == probe.OutcomeRefused && plain.atData == nil {
		return true
	}
	return slices.ContainsFunc(c.said, func(e exchange) bool { return e.question == plain.question && e.refused() })
}

// plainIn is the plain vector's ask in a manner, nil where there is none.
func (q *inquiry) plainIn(m manner) *ask {
	for _, a := range q.asks {
		if a.vector != nil && a.vector.ID == "plain" && a.manner == m {
			return a
		}
	}
	return nil
}
