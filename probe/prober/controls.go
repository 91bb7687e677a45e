package prober

import (
	"slices"
	"strings"

	"openrelay/probe"
	"openrelay/probe/phrasebook"
)

// welcome is how the server answers the controls when it has refused us nothing yet: whether it takes mail from us
// for a recipient of its own, and how it tells that one from an unknown user. A refusal counts only where that is so
// still (design: what a reply proves, 2).
type welcome struct {
	senders []string    // to ask with: the one of plain first
	sender  int         // of these
	locals  []recipient // recipients that may be the server's own, what proves most first
	at      int         // of these, the one that it accepts; -1 while none is known
	nobody  *exchange   // its answer to the unknown user; nil where that was not asked, or not answered for good
	lost    bool        // it did once, and does not now
	asked   int         // how often the unknown user was asked for
}

// recipient is one that may be the server's own.
type recipient struct {
	to     string
	given  bool               // by the user, as one that is; else guessed
	no     bool               // refused, and nothing had been refused before it in that connection
	as     phrasebook.Meaning // in words of this meaning
	putOff int                // how often it was put off since we waited last
}

const barePostmaster = "<postmaster>"

// mostUsers is how many of the users that were given are asked for as controls: each that is refused costs an error.
const mostUsers = 3

// prepareControls chooses whom to ask for: the users that were given, the postmaster of the own domain, the
// postmaster alone. In a range one that may be refused is asked for only where that costs no connection.
func (q *inquiry) prepareControls() {
	q.welcome = welcome{senders: slices.Concat([]string{q.ourSender()}, q.detours.senders), at: -1}
	w := &q.welcome
	addresses := slices.Clip(q.names["own-user"][:min(mostUsers, len(q.names["own-user"]))])
	if own := q.names["own-domain"]; len(own) > 0 {
		addresses = append(addresses, "postmaster@"+own[0])
	}
	if !q.t.Named {
		addresses = addresses[:min(q.room(), len(addresses))]
	}
	for _, address := range addresses {
		_, domain, _ := strings.Cut(address, "@")
		w.locals = append(w.locals, recipient{to: "<" + address + ">", given: q.isGiven(domain)})
	}
	w.locals = append(w.locals, recipient{to: barePostmaster})
	q.paste.addLocals(q)
}

// isGiven reports whether the user said that the target takes mail for a domain.
func (q *inquiry) isGiven(domain string) bool {
	return containsFold(q.local.Domains, domain) || domain != "" && domain == q.t.Domain
}

func (q *inquiry) ourSender() string {
	return "<" + q.names["user"][0] + "@" + q.names["from"][0] + ">"
}

// control is a control as a question.
func (q *inquiry) control(to string) question {
	return question{envelope: envelope{q.welcome.senders[q.welcome.sender], to}, local: to != q.nowhere()}
}

// unknown is the address of a user that nobody has, under a local name.
func (q *inquiry) unknown(place string) string {
	if q.paste != nil && q.paste.nobody != "" {
		return "<" + q.paste.nobody + place + ">"
	}
	return "<nobody-" + q.nonce + place + ">"
}

// nobody is the unknown user of the own domain.
func (q *inquiry) nobody() string {
	if own := q.names["own-domain"]; len(own) > 0 {
		return q.unknown("@" + own[0])
	}
	return q.unknown("")
}

// nowhere is a recipient at a domain that cannot exist.
func (q *inquiry) nowhere() string { return "<" + recipientName + "@" + q.nonce + ".invalid>" }

// welcomed reports whether a local recipient is known that the server takes mail for.
func (w *welcome) welcomed() bool { return w.at >= 0 }

// proves reports whether that recipient shows that a refusal in words of a meaning is of strangers. Servers that refuse
// us spare the bare postmaster, so he does not where anybody else of the server's own was refused in such words, or in
// words that are not about that recipient.
func (w *welcome) proves(m phrasebook.Meaning) bool {
	if !w.welcomed() || w.locals[w.at].to != barePostmaster {
		return w.welcomed()
	}
	return !slices.ContainsFunc(w.locals, func(l recipient) bool {
		return l.as != "" && (l.as == m || l.as != phrasebook.RecipientUnknown)
	})
}

// full reports whether it shows that of any refusal.
func (w *welcome) full() bool {
	return w.proves(phrasebook.RecipientUnknown) && w.proves(phrasebook.RefusedOther)
}

// opening is the round that a connection begins with: the controls, until we know whether we are welcome; and the
// local recipient, where the connection before ended badly and something hangs on this one.
func (q *inquiry) opening(c *connection) (r round, ok bool) {
	w := &q.welcome
	switch {
	case len(c.said) > c.opened || c.setup != nil || q.oneMail && len(c.said) > 0:
		return r, false
	case c.refusesSender(w.senders[w.sender]):
		return r, false
	case !w.welcomed():
		if l := q.candidate(c); l != nil {
			r.questions = append(r.questions, q.control(l.to))
		}
	case len(c.said) == 0 && (q.single || q.hanging()) && !q.oneMail && !q.isLook(q.dueOn(c)):
		r.questions = append(r.questions, q.control(w.locals[w.at].to))
	}
	if q.t.Named && w.nobody == nil && w.asked < 3 && (q.apart || len(r.questions) > 0 || len(c.said) == 0) && !q.single {
		r.questions = append(r.questions, q.control(q.nobody()))
	}
	r.opening, r.apart = true, q.apart
	r.wary = q.budget.mails || len(q.log) == 0 && len(r.questions) > 1 // for one alone a write more costs as much as an error
	return r, len(r.questions) > 0
}

// candidate is the next local recipient to try in a connection; nil for none.
func (q *inquiry) candidate(c *connection) *recipient {
	for i := range q.welcome.locals {
		l := &q.welcome.locals[i]
		tried := slices.ContainsFunc(c.said, func(e exchange) bool { return e.question == q.control(l.to) })
		if !tried && !l.no && l.putOff < 2 {
			return l
		}
	}
	return nil
}

// hanging reports whether something hangs on how the next connection opens.
func (q *inquiry) hanging() bool {
	return slices.ContainsFunc(q.asks, func(a *ask) bool { return a.onCondition() })
}

// learn takes in how the controls were answered that a connection was opened with, from the nth exchange on.
func (q *inquiry) learn(c *connection, n int) { q.learnFrom(c, n, c.opened) }

// learnFrom takes in the controls from the nth exchange on up to an end.
func (q *inquiry) learnFrom(c *connection, n, end int) {
	first := c.firstRefusal()
	for i := n; i < end; i++ {
		e := &c.said[i]
		q.budget.mails = q.budget.mails || e.refused() && e.stage == phrasebook.Mail
		switch {
		case !e.heard(), e.stage == phrasebook.Mail && i > 0 && ofMails(e):
		case e.stage == phrasebook.Mail && e.reply.Code == 503: // our EHLO was answered, and not heard
			q.style.noEHLO = true
			return
		case q.mindsSender(e):
			q.welcome.nextSender()
			return
		case e.to == q.nobody():
			q.learnNobody(e, first >= i)
		default:
			q.learnLocal(c, e, first == i)
		}
	}
}

// learnNobody takes in how the unknown user was answered; first says that nothing had been refused before.
func (q *inquiry) learnNobody(e *exchange, first bool) {
	w := &q.welcome
	w.asked++
	switch {
	case e.meaning == phrasebook.RateLimited:
		q.apart = q.apart || ofRecipients(e.reply)
	case e.accepted(), first && e.reply.Code >= 500 && e.stage == phrasebook.Rcpt:
		w.nobody = e
	}
}

// learnLocal takes in how a local recipient was answered; first says that nothing had been refused before it.
func (q *inquiry) learnLocal(c *connection, e *exchange, first bool) {
	w := &q.welcome
	i := slices.IndexFunc(w.locals, func(l recipient) bool { return l.to == e.to })
	if i < 0 {
		return
	}
	l := &w.locals[i]
	switch {
	case e.accepted() && !w.welcomed():
		w.at = i
		q.reconsider(e.question)
	case i == w.at && e.meaning == phrasebook.RecipientUnknown && first: // after all
		l.no, l.as, w.at, w.nobody, w.lost = true, e.meaning, -1, nil, true
	case w.welcomed():
	case e.meaning == phrasebook.TLSRequired && c.session.offers("STARTTLS") && c.via == probe.Plain:
		if e.stage == phrasebook.Mail { // as it would be of the plain vector
			q.encrypt(nil)
		}
	case e.reply.Temporary() && !settles(e.meaning):
		l.putOff++
	case !l.given && l.to != barePostmaster && e.meaning == phrasebook.RelayDenied: // a guess that is not its own
		w.locals = slices.Delete(w.locals, i, i+1)
	default:
		l.no, l.as = first || e.stage == phrasebook.Mail, e.meaning
	}
}

// nextSender turns to another sender, of whom nothing is known yet.
func (w *welcome) nextSender() {
	w.sender++
	w.at, w.nobody = -1, nil
	for i := range w.locals {
		w.locals[i].no, w.locals[i].as = false, ""
	}
}

// mindsSender reports whether a control was refused for our sender, and there is another.
func (q *inquiry) mindsSender(e *exchange) bool {
	w := &q.welcome
	return e.refused() && e.from == w.senders[w.sender] && w.sender+1 < len(w.senders) && !w.welcomed() &&
		(e.meaning == phrasebook.SenderRejected || e.stage == phrasebook.Mail && (aboutSender(e.meaning) || e.meaning == phrasebook.RefusedOther))
}

// reconsider: a local recipient is accepted after all. Where it was refused behind other refusals, so may everybody
// have been, and what was refused there is asked again, one question a connection.
func (q *inquiry) reconsider(put question) {
	for _, c := range q.log {
		behind := slices.ContainsFunc(c.said, func(e exchange) bool {
			return e.question == put && e.refused() && e.stage == phrasebook.Rcpt && !e.reply.Temporary()
		})
		if !behind {
			continue
		}
		q.single, q.apart = true, true
		first := c.firstRefusal()
		for _, a := range q.asks {
			if a.s == c.session && a.refused() && a.question != c.said[first].question && !a.pending() && a.outcome != probe.OutcomeAccepted {
				a.reopen()
			}
		}
	}
}

// refused reports whether the deciding answer is a refusal.
func (a *ask) refused() bool { return a.s != nil && !a.deciding().Positive() }

// isLook reports whether a connection is made for the sake of its controls.
func (q *inquiry) isLook(a *ask) bool { return a != nil && (a.look != 0 || a.control == check) }

// endings are the controls that the last mail of a connection ends with, behind its last refusal. Where nobody local
// is told from a stranger, that is the sample: a question that was answered before.
func (q *inquiry) endings(c *connection, chosen []*ask) (list []question) {
	w := &q.welcome
	look := len(chosen) > 0 && q.isLook(chosen[0])
	if q.single && !look || q.oneMail && len(chosen) > 0 && (q.apart || chosen[0].from != w.senders[w.sender] || chosen[0].first != "") && !look {
		return nil
	}
	if w.welcomed() {
		list = append(list, q.control(w.locals[w.at].to))
		if w.nobody != nil && q.t.Named && (q.budget.refusals > 3 || look) {
			list = append(list, q.control(q.nobody()))
		}
	}
	if sample := q.sample(c, chosen); sample != nil && (!w.welcomed() || q.t.Named && !w.full()) {
		list = append(list, sample.question)
	}
	if q.oneMail && q.apart {
		list = list[:min(len(list), 1)]
	}
	return list
}

// sample is a question that was answered before in this manner, or is to be put in this connection: that of the
// plain vector, if there is one.
func (q *inquiry) sample(c *connection, chosen []*ask) (s *ask) {
	for _, a := range q.asks {
		if a.vector == nil || a.manner != c.manner || a.data || a.first != "" || !a.refused() && !slices.Contains(chosen, a) {
			continue
		}
		if s == nil || a.vector.ID == "plain" {
			s = a
		}
		if s.vector.ID == "plain" {
			break
		}
	}
	return s
}

// standing is how a connection ended.
type standing int

const (
	cut     standing = iota // before the controls were answered
	changed                 // they were answered otherwise than at first
	good                    // as at first
)

// stands finds out how a connection ended.
func (q *inquiry) stands(c *connection) standing {
	if c.ends == 0 {
		return cut
	}
	tail := c.said[c.tail : c.tail+c.ends]
	for i := range tail {
		switch e := &tail[i]; {
		case !e.heard() || e.reply.Code == 421:
			return cut
		case !q.asBefore(c, e):
			return changed
		}
	}
	return good
}

// asBefore reports whether a control that a connection ended with was answered as it was at first.
func (q *inquiry) asBefore(c *connection, e *exchange) bool {
	w := &q.welcome
	switch {
	case w.welcomed() && e.to == w.locals[w.at].to:
		return e.accepted()
	case w.nobody != nil && e.to == w.nobody.to:
		return e.like(w.nobody)
	}
	for _, c := range append(slices.Clip(q.log), c) { // the sample
		for i := range c.said[:c.tail] {
			if was := &c.said[i]; was.question == e.question && was.heard() {
				return e.like(was)
			}
		}
	}
	return false
}

// opensWell reports whether a connection shows that we were welcome when it began.
func (q *inquiry) opensWell(c *connection, how standing) bool {
	switch {
	case how == good && c.setup == nil:
		return true
	case q.welcome.welcomed() && q.welcome.nobody != nil && q.t.Named:
		return false // who refuses us may spare his own, so this takes the unknown user too
	case q.welcome.welcomed():
		local := q.welcome.locals[q.welcome.at].to
		return len(c.said) > 0 && c.said[0].to == local && c.said[0].accepted()
	}
	first := c.firstRefusal() // no local recipient: words about relaying that come first
	return c.setup == nil && first < len(c.said) && aboutRelaying(c.said[first].meaning)
}
