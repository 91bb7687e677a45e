package prober

import (
	"regexp"
	"slices"
	"strings"

	"openrelay/probe"
	"openrelay/probe/dialogue"
	"openrelay/probe/phrasebook"
)

// settle reads the answer to a question: it is settled, or is put again another honest way, or later,
// or cannot be answered. A reply that is about something other than relaying answers nothing.
func (q *inquiry) settle(a *ask) {
	a.tries++
	switch {
	case q.mindsName(a):
		a.settle(probe.OutcomeRefused)
		a.reason, a.barred = probe.ReasonRefused, true
	case a.meaning == phrasebook.TLSRequired && q.goEncrypted(a):
	case a.reply.Code == 421: // the session's end, whatever it says (RFC 5321 3.8)
		a.settleGoodbye()
	case a.reply.Code == 503 && a.meaning == phrasebook.Syntax:
		q.settleOrder(a)
	case a.control != none:
		a.settleControl()
	case a.stage == phrasebook.Mail && a.vector.SenderIsPoint() && aboutSender(a.meaning):
		a.settle(probe.OutcomeRefused)
	default:
		q.settleVector(a)
	}
}

// settleAlone: there is nothing to name a stranger beside. A local recipient that is put off may be taken
// later, or from another sender; one that is refused as a stranger is not the server's own, whatever the
// code (Postfix says 454).
func (q *inquiry) settleAlone(a *ask) {
	local := *a.before
	meaning := ofLocal(local, a.s.memo.Lookup(phrasebook.Rcpt, local))
	switch {
	case meaning == phrasebook.TLSRequired && q.goEncrypted(a):
	case meaning == phrasebook.SenderRejected && len(a.left().senders) > 0:
		a.otherSender()
	case local.Temporary() && !settles(meaning) && a.tries < 2:
		a.tries++
		a.waiting = true
		a.answer = &answer{stage: a.stage, reply: local, meaning: meaning, s: a.s, mail: a.mail}
	case q.welcome.welcomed() && !slices.Contains([]string{a.first, barePostmaster}, q.localRecipient()): // but a user is
		a.first = q.localRecipient()
		a.anew()
	default:
		a.settle(probe.OutcomeSkipped)
		q.skip(a.id(), "no local recipient is accepted")
	}
}

// aboutSender reports whether a refusal at MAIL is of the sender, the only thing it has seen.
func aboutSender(m phrasebook.Meaning) bool {
	return m == phrasebook.SenderRejected || m == phrasebook.Syntax || m == phrasebook.RecipientUnknown
}

// settleOrder: a 503 finds fault with the order of our commands, never with an address. A server that
// forgets where we were is asked less at a time.
func (q *inquiry) settleOrder(a *ask) {
	q.budget = q.budget.fewer()
	if a.tries >= 3 {
		a.giveUp(probe.ReasonUnclear)
		a.differ = a.vector != nil && a.stage == phrasebook.Rcpt
	}
}

func (q *inquiry) settleVector(a *ask) {
	switch a.meaning {
	case phrasebook.Accepted:
		a.settle(probe.OutcomeAccepted)
		a.proof = probe.Rcpt
	case phrasebook.RelayDenied, phrasebook.AuthRequired:
		a.settle(probe.OutcomeRefused)
	case phrasebook.RecipientUnknown:
		switch {
		case a.stage == phrasebook.Mail:
			a.otherSender()
		case q.welcome.proves(a.meaning) || a.vector.Suspect: // which may be the name of a local user
			a.settle(probe.OutcomeRefused)
		default: // of everybody here
			a.settleUnclear()
		}
	case phrasebook.SenderRejected:
		if a.vector.SenderIsPoint() {
			a.settle(probe.OutcomeRefused)
			return
		}
		a.otherSender()
	case phrasebook.Syntax:
		q.settleSyntax(a)
	case phrasebook.RecipientDomainRejected:
		q.otherDomain(a)
	case phrasebook.HeloRejected:
		if a.vector.HeloIsPoint() {
			a.settle(probe.OutcomeRefused)
			return
		}
		q.otherHelo(a)
	case phrasebook.Greylisted:
		a.waiting = true
	case phrasebook.RateLimited:
		q.settleLimit(a)
	case phrasebook.Temporary:
		a.settleTemporary()
	default:
		a.settleUnclear()
	}
}

// settleSyntax: a server that finds fault with a form has refused that form. Fault with a plain
// address, or with the order of our commands, says nothing.
func (q *inquiry) settleSyntax(a *ask) {
	switch {
	case a.stage == phrasebook.Mail:
		a.otherSender()
	case a.vector.FormIsPoint():
		a.settle(probe.OutcomeRefused)
	case a.tries < 3:
		q.budget = q.budget.fewer()
	default:
		a.settleUnclear()
	}
}

// settleLimit: most limits are counted by the message or the connection, so fewer questions at a time
// may do. Only one that stays is worth waiting for; but where it is one recipient a message, nobody has a
// second one, and that is a refusal of it.
func (q *inquiry) settleLimit(a *ask) {
	q.budget = q.budget.fewer()
	q.apart = q.apart || ofRecipients(a.reply)
	a.waiting = a.tries >= 3
	if a.waiting && a.before != nil && a.before.Positive() && ofRecipients(a.reply) {
		a.settle(probe.OutcomeRefused)
	}
}

var recipientLimit = regexp.MustCompile(`(?i)\b(too many|multiple|only one|single|one) (\w+ )?(recipient|rcpt|domain)`)

// ofRecipients reports a limit on the recipients of a message (RFC 3463 3.6).
func ofRecipients(r dialogue.Reply) bool {
	return strings.HasSuffix(r.Enhanced(), ".5.3") || recipientLimit.MatchString(r.Text())
}

// settleTemporary asks once more on another connection, and then later: the same 4xx twice is what
// the differential rule can read.
func (a *ask) settleTemporary() {
	a.twice = int(a.lastCode) == a.reply.Code
	a.waiting = a.twice || a.tries > 4
	a.lastCode = int16(a.reply.Code)
}

// settleUnclear leaves a refusal to the differential rule, if it came where relaying is decided.
func (a *ask) settleUnclear() {
	if a.stage == phrasebook.Mail && !a.vector.SenderIsPoint() && len(a.left().senders) > 0 && a.meaning == phrasebook.RefusedOther {
		a.otherSender()
		return
	}
	a.giveUp(reasonFor[a.meaning])
	a.differ = true
}

// settleLate ends the wait for a server that put us off to the last.
func (a *ask) settleLate() {
	a.giveUp(reasonFor[a.meaning])
	a.differ = a.control == none && a.meaning == phrasebook.Temporary && a.twice
}

// settleGoodbye puts a question that ended a session again, on a new connection that costs the server
// less. Most limits are counted by the connection; only one that stays is worth waiting for.
func (a *ask) settleGoodbye() {
	switch {
	case a.meaning == phrasebook.Greylisted, a.meaning == phrasebook.RateLimited && a.tries >= 3:
		a.waiting = true
	case a.tries >= 3:
		a.giveUp(probe.ReasonCutOff)
	}
}

// settleControl: a control only counts where its reply is about the recipient.
func (a *ask) settleControl() {
	switch a.meaning {
	case phrasebook.Accepted:
		a.settle(probe.OutcomeAccepted)
	case phrasebook.RelayDenied, phrasebook.RecipientUnknown, phrasebook.RecipientDomainRejected,
		phrasebook.AuthRequired, phrasebook.RefusedOther, phrasebook.Syntax:
		a.settle(probe.OutcomeRefused)
	case phrasebook.Greylisted, phrasebook.RateLimited, phrasebook.Temporary:
		a.waiting = a.tries < 5
		if !a.waiting {
			a.giveUp(reasonFor[a.meaning])
		}
	case phrasebook.SenderRejected:
		a.otherSender()
	default:
		a.giveUp(reasonFor[a.meaning])
	}
}

// goEncrypted moves a question to sessions after STARTTLS, where the server demands TLS and offers it; and
// with the plain vector everything that is pending: a server that demands it of some senders or recipients may
// relay in clear for others. Where the plain vector is not asked, any question stands for all.
func (q *inquiry) goEncrypted(a *ask) bool {
	if a.s.via != probe.Plain || !a.s.offers("STARTTLS") {
		return false
	}
	if q.base.via == probe.Plain && (a == q.plain || q.plain == nil) {
		q.encrypt(a)
	}
	a.via = probe.StartTLS
	return true
}

// encrypt moves everything that is pending to sessions after STARTTLS, but what has its answer in clear.
func (q *inquiry) encrypt(cause *ask) {
	q.base.via = probe.StartTLS
	answered := func(o *ask) bool {
		return q.current != nil && slices.ContainsFunc(q.current.said, func(e exchange) bool { return e.question == o.question && e.heard() })
	}
	for _, other := range q.asks {
		if other.pending() && (other == cause || !answered(other)) {
			other.via, other.tries = probe.StartTLS, 0
		}
	}
}

// otherSender asks the recipient form again from a sender that passes more checks: the null sender,
// which servers must accept, then one of the server's own domain.
func (a *ask) otherSender() {
	d := a.left()
	if len(d.senders) == 0 {
		a.giveUp(probe.ReasonSenderRejected)
		return
	}
	a.from, a.detours = d.senders[0], &detours{d.senders[1:], d.domains}
	a.resent = true
	a.anew()
}

// otherDomain asks for another foreign domain, where this one itself was refused. A vector that is about
// its domain has no other.
func (q *inquiry) otherDomain(a *ask) {
	for a.vector != nil && len(a.left().domains) > 0 {
		left := a.left()
		d := left.domains[0]
		a.detours = &detours{left.senders, left.domains[1:]}
		if e := a.under(q.names.with("to", d)); e.to != a.to {
			a.envelope = e
			a.anew()
			return
		}
	}
	a.giveUp(probe.ReasonRecipientDomainRejected)
}

// under is the envelope of a vector's question with other names for what is foreign. A sender that had to be
// another than the vector's stays.
func (a *ask) under(n names) envelope {
	filled, missing := templatesOf(a.vector).filled(n)
	if missing != "" {
		return a.envelope
	}
	e := filled[a.row].envelope
	if a.resent {
		e.from = a.from
	}
	return e
}

// otherHelo introduces us by our address from now on, where our name was refused.
func (q *inquiry) otherHelo(a *ask) {
	if q.p.Helo == "" || a.tries > 2 {
		a.giveUp(probe.ReasonHeloRejected)
		return
	}
	q.style.literal = true
}

// refusedSetup reports whether a session failed because the server did not let us make it what the
// vector wants: then the vector is refused. A hang-up or a 421 is that if it happens twice; what is
// about our address or our pace never is, and whether a ban has begun is seen to later.
func (q *inquiry) refusedSetup(c *connection) bool {
	m, f := c.manner, c.failure
	batch := slices.DeleteFunc(slices.Clone(q.asks), func(a *ask) bool { return !a.pending() || a.manner != m })
	switch {
	case m.setup == nil || f.stage == probe.StageConnect || len(batch) == 0:
		return false
	case f.stage == probe.StageTLS && m.via == probe.TLSFirst && m.claimsProxy():
		q.skipHeader(batch)
		return true
	case f.stage == probe.StageTLS:
		return false
	case slices.Contains([]probe.Reason{probe.ReasonRateLimited, probe.ReasonGreylisted, probe.ReasonClientBlocked, probe.ReasonSlow}, f.reason):
		return false // that is about us, whatever we claim
	case f.stage != phrasebook.Helo && !m.claimsProxy():
		return false
	case m.setup.Needs != "" && f.reply.Temporary():
		return false
	case f.reply.Code >= 500, f.reason == probe.ReasonHeloRejected && f.reply.Code != 421:
	default: // a hang-up or a 421 may be chance, once
		if batch[0].tries++; batch[0].tries < 2 {
			return true
		}
	}
	meaning := phrasebook.HeloRejected
	if f.reply.Code != 0 {
		meaning, _ = phrasebook.Lookup(phrasebook.Helo, f.reply)
	}
	if a := batch[0]; meaning == phrasebook.TLSRequired && a.via == probe.Plain && q.first.offers("STARTTLS") {
		a.via = probe.StartTLS
		return true
	}
	for _, a := range batch {
		a.barred = true
		a.answer, a.asked = &answer{stage: f.stage, reply: f.reply, meaning: meaning}, a.envelope
		a.broken = &setback{said: f.said}
		a.settle(probe.OutcomeRefused)
	}
	return true
}

// skipHeader: the port begins with TLS, and is lost for it behind a PROXY header, twice: there nobody reads one.
func (q *inquiry) skipHeader(batch []*ask) {
	for _, a := range batch {
		if a.tries++; a.tries >= 2 {
			a.settle(probe.OutcomeSkipped)
			q.skip(a.id(), "the port begins with TLS, and takes no header before it")
		}
	}
}

// mindsName: the same question was answered under our own name, so what a server finds fault with is
// the greeting, the only thing that differs.
func (q *inquiry) mindsName(a *ask) bool {
	if a.setup == nil || a.setup.Helo == "" && a.setup.Verb == "" || q.plain == nil || q.plain.outcome != probe.OutcomeRefused || q.plain.asked.from != a.asked.from {
		return false
	}
	switch a.meaning {
	case phrasebook.SenderRejected, phrasebook.RefusedOther, phrasebook.Syntax, phrasebook.HeloRejected:
		return a.reply.Code >= 500 && (a.reply.Code != 503 || a.tries >= 2)
	}
	return a.reply.Code == 421 && a.meaning == phrasebook.Temporary && a.tries >= 2
}

// reasonFor is why a question stays unanswered, by what the last reply to it meant.
var reasonFor = map[phrasebook.Meaning]probe.Reason{
	phrasebook.TLSRequired:             probe.ReasonTLSUnavailable,
	phrasebook.SenderRejected:          probe.ReasonSenderRejected,
	phrasebook.RecipientDomainRejected: probe.ReasonRecipientDomainRejected,
	phrasebook.ClientBlocked:           probe.ReasonClientBlocked,
	phrasebook.Greylisted:              probe.ReasonGreylisted,
	phrasebook.RateLimited:             probe.ReasonRateLimited,
	phrasebook.HeloRejected:            probe.ReasonHeloRejected,
	phrasebook.RecipientUnknown:        probe.ReasonClientBlocked, // with everybody else
	phrasebook.Syntax:                  probe.ReasonUnclear,
	phrasebook.ContentRejected:         probe.ReasonUnclear,
	phrasebook.Temporary:               probe.ReasonTemporary,
	phrasebook.RefusedOther:            probe.ReasonUnclear,
}
