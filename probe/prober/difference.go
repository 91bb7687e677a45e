package prober

import (
	"regexp"
	"slices"

	"openrelay/probe"
	"openrelay/probe/dialogue"
	"openrelay/probe/phrasebook"
)

// side is what questions must share to be compared with each other.
type side struct {
	manner
	from string
}

// differ reads refusals in words that nobody knows by their difference: a server that takes mail for its own from this
// sender, in the connection in which it refuses two foreign domains, refuses them for being foreign. Where no
// connection shows that yet, one is made. Words that have been found to be a denial here, in whatever language, are
// known from then on.
func (q *inquiry) differ() (more bool) {
	if !slices.ContainsFunc(q.asks, func(a *ask) bool { return a.differ }) {
		return false
	}
	denials := make(map[string]bool)
	for _, group := range q.unclear() {
		group = slices.DeleteFunc(group, func(a *ask) bool {
			known := a.firmly() && denials[shape(a.reply)]
			if known {
				a.settle(probe.OutcomeRefused)
				a.reason = probe.ReasonRefused
			}
			return known
		})
		if len(group) == 0 {
			continue
		}
		s := side{group[0].manner, group[0].from}
		c, ok := q.comparison(s)
		if !ok && !slices.Contains(q.compared, s) {
			q.compare(s)
			return true
		}
		for _, a := range group {
			if ok && q.isDenial(a, c) {
				a.settle(probe.OutcomeRefused)
				a.reason = probe.ReasonRefused
				denials[shape(a.reply)] = true
			}
		}
		if ok {
			q.settleAlike(group, c)
		}
	}
	return false
}

// comparison is what one connection showed: two foreign domains and a local recipient behind them, from one sender.
type comparison struct {
	foreign [2]*exchange
	local   *exchange
	how     standing // of that connection
}

// compare puts the questions of a comparison.
func (q *inquiry) compare(s side) {
	q.compared = append(q.compared, s)
	q.number++
	add := func(c control, to string) {
		q.add(c, s.manner, question{envelope: envelope{s.from, to}, local: c == check}, q.number)
	}
	for _, domain := range q.twoForeign() {
		add(stranger, "<"+recipientName+"@"+domain+">")
	}
	add(check, q.localRecipient())
}

// localRecipient is one that the server takes mail for, or should.
func (q *inquiry) localRecipient() string {
	if w := &q.welcome; w.welcomed() {
		return w.locals[w.at].to
	}
	return barePostmaster
}

// comparison finds a connection that shows the difference, or that there is none.
func (q *inquiry) comparison(s side) (best comparison, ok bool) {
	for _, c := range q.log {
		if c.manner != s.manner || c.session == nil {
			continue
		}
		here := comparison{how: q.stands(c)}
		n := 0
		for i := c.opened; i < len(c.said); i++ {
			e := &c.said[i]
			switch {
			case e.from != s.from || e.first != "" || !e.heard() || e.data:
			case e.meaning == phrasebook.RecipientDomainRejected: // of a reserved domain perhaps, beside the user's own
			case n < 2 && q.isForeign(e.to) && (n == 0 || here.foreign[0].to != e.to):
				here.foreign[n] = e
				n++
			case n == 2 && e.to == q.localRecipient():
				here.local = e
			}
		}
		if here.local != nil {
			best, ok = here, true
		}
	}
	return best, ok
}

// isForeign reports whether a recipient is a stranger in the usual form.
func (q *inquiry) isForeign(to string) bool {
	if q.paste != nil {
		return q.paste.isForeign(to)
	}
	return slices.ContainsFunc(q.elsewhere.domains, func(d string) bool { return to == "<"+recipientName+"@"+d+">" }) ||
		to == "<"+recipientName+"@"+q.names["to"][0]+">"
}

// isDenial reports whether a refusal in unknown words is one of strangers.
func (q *inquiry) isDenial(a *ask, c comparison) bool {
	return c.how != changed && c.foreignRefused() && c.local.accepted() && q.welcome.proves(a.meaning) && a.firmly() && !blamesUs(a) &&
		(a.reply.Code >= 500 || c.local.to != barePostmaster)
}

func (c comparison) foreignRefused() bool {
	return !slices.ContainsFunc(c.foreign[:], func(e *exchange) bool {
		return e.stage != phrasebook.Rcpt || e.reply.Code < 400 || e.reply.Code == 421 || slices.Contains([]phrasebook.Meaning{
			phrasebook.RecipientDomainRejected, phrasebook.Greylisted, phrasebook.RateLimited}, e.meaning)
	})
}

// refusedAlike reports whether the server refuses its own in the same way, so that what it minds is not
// the foreign domain; and nothing else that it has words for.
func (c comparison) refusedAlike() bool {
	p := c.local
	return c.foreignRefused() && p.stage == phrasebook.Rcpt && p.reply.Code >= 500 && p.reply.Code == c.foreign[0].reply.Code &&
		(p.meaning == phrasebook.RefusedOther || p.meaning == phrasebook.ClientBlocked || settles(p.meaning)) && p.meaning == c.foreign[0].meaning
}

// blamesUs: a refusal that names a list, a name or a reputation of our address is about that address,
// even where the postmaster is spared: seen on a Postfix that relayed for everybody not listed.
func blamesUs(a *ask) bool {
	return a.meaning == phrasebook.ClientBlocked && phrasebook.NamesCause(a.reply)
}

// firmly reports a refusal for good: a 5xx, or the same 4xx on two connections in words that nobody
// knows. Known words that say "later" mean it.
func (a *ask) firmly() bool {
	if a.stage != phrasebook.Rcpt || a.reply.Code >= 500 {
		return a.stage == phrasebook.Rcpt
	}
	_, known := phrasebook.Lookup(a.stage, a.reply)
	return a.twice && known == nil && !phrasebook.SaysLater(a.reply)
}

// settleAlike settles what was refused as everybody is, but the bare postmaster perhaps: for the sender, where that is
// the point and another one is answered as before; for want of a login; or because of our address.
func (q *inquiry) settleAlike(group []*ask, c comparison) {
	everybody := c.refusedAlike() || c.foreignRefused() && c.local.accepted() && !q.welcome.full()
	group = slices.DeleteFunc(slices.Clone(group), func(a *ask) bool {
		known := !slices.Contains([]phrasebook.Meaning{phrasebook.RefusedOther, phrasebook.ClientBlocked, phrasebook.RecipientUnknown}, a.meaning)
		return a.outcome != probe.OutcomeUnanswered || known || blamesUs(a) || !a.firmly()
	})
	claimed := !slices.ContainsFunc(group, func(a *ask) bool { return !a.vector.SenderIsPoint() })
	for _, a := range group {
		switch {
		case !everybody:
		case claimed && q.plainAnswered() && c.refusedAlike():
			a.settle(probe.OutcomeRefused)
			a.reason, a.barred = probe.ReasonRefused, c.how != good
		case q.forUsersOnly() && c.how != changed:
			a.settle(probe.OutcomeRefused)
			a.reason = probe.ReasonAuthRequired
		case q.welcome.lost, c.how == changed:
			a.reason = probe.ReasonBannedMidway
		default:
			a.reason = probe.ReasonClientBlocked
		}
	}
}

// forUsersOnly reports whether the port is one where nobody but those who log in is expected (RFC 6409 4.3,
// RFC 8314 3.3), and a login is offered. Elsewhere who refuses everybody, in no words of his own, minds our address.
func (q *inquiry) forUsersOnly() bool {
	port := q.t.Addr.Port()
	return (port == 465 || port == 587) && (q.first.offers("AUTH") || q.under != nil && q.under.offers("AUTH"))
}

// unclear returns the questions that the differential rule may settle, those that can be compared
// together.
func (q *inquiry) unclear() (groups [][]*ask) {
	index := make(map[side]int)
	for _, a := range q.asks {
		switch {
		case a.vector == nil || a.outcome != probe.OutcomeUnanswered || !a.differ:
		case a.stage == phrasebook.Mail:
			q.differAtMail(a)
		case a.stage == phrasebook.Rcpt:
			s := side{a.manner, a.from}
			if _, ok := index[s]; !ok {
				index[s] = len(groups)
				groups = append(groups, nil)
			}
			groups[index[s]] = append(groups[index[s]], a)
		}
	}
	return groups
}

// differAtMail: a sender refused in unknown words, where others were accepted, was refused for itself.
func (q *inquiry) differAtMail(a *ask) {
	for _, other := range q.asks {
		if a.vector.SenderIsPoint() && a.meaning == phrasebook.RefusedOther && a.reply.Code >= 500 &&
			other.stage == phrasebook.Rcpt && other.from != a.from {
			a.settle(probe.OutcomeRefused)
			a.reason = probe.ReasonRefused
			return
		}
	}
}

var quoted = regexp.MustCompile(`<[^>]*>|"[^"]*"|\S*[@!%]\S*|\[[^\]]*\]`)

// shape is a reply without the addresses that it quotes, so that two of a kind are alike.
func shape(r dialogue.Reply) string { return quoted.ReplaceAllString(r.String(), "") }

// leaveOut skips the vectors whose reserved domain the server refuses for itself, where the plain one
// was answered for a domain of the user's: there is nothing to ask them with.
func (q *inquiry) leaveOut() bool {
	plain := false
	for _, a := range q.asks {
		plain = plain || a.vector != nil && a.vector.ID == "plain" && (a.outcome == probe.OutcomeRefused || a.outcome == probe.OutcomeAccepted)
	}
	for _, a := range q.asks {
		if plain && a.vector != nil && a.outcome == probe.OutcomeUnanswered && a.reason == probe.ReasonRecipientDomainRejected && a.vector.StandsForTLD() {
			a.settle(probe.OutcomeSkipped)
			q.skip(a.id(), "the reserved domain is refused for itself; give one with --to-domain")
		}
	}
	return false
}
