package prober

import (
	"slices"

	"openrelay/probe"
	"openrelay/probe/phrasebook"
)

// stage adds questions, and reports whether it did: then it is come back to when they have their answers.
type stage func(*inquiry) (more bool)

// stages are what is asked once nothing is pending any more, one after the other. What --intrusive asks comes last,
// since it may end in a ban.
var stages = slices.Concat(
	[]stage{(*inquiry).askUnderTLS, (*inquiry).askUnderNames}, understanding,
	[]stage{(*inquiry).intrude}, understanding,
)

// understanding is what it takes to read the answers.
var understanding = []stage{
	(*inquiry).lookAtUsers,
	(*inquiry).differ,
	(*inquiry).leaveOut,
	(*inquiry).proveAccepted,
	(*inquiry).differAtData,
	(*inquiry).repeat,
	(*inquiry).putPlainAfter,
	(*inquiry).verify,
}

// askUnderTLS asks the core again after STARTTLS: a server may trust whoever speaks TLS. Where we get no
// session of it, others may, and the server is not known to be closed. The quick profile is one session, and
// leaves it out.
func (q *inquiry) askUnderTLS() bool {
	if q.p.Quick || !q.first.offers("STARTTLS") || q.underTLS {
		return false
	}
	q.underTLS = true
	m := q.base
	m.via = probe.StartTLS
	var again []*ask
	for _, a := range q.asks {
		if a.vector != nil && a.core() && a.via == probe.Plain {
			again = append(again, q.inManner(m, a))
		}
	}
	q.failures = 0
	q.asks = append(q.asks, again...)
	return len(again) > 0
}

// inManner is the same question in another manner, not yet put.
func (q *inquiry) inManner(m manner, a *ask) *ask {
	b := q.another()
	b.vector, b.manner, b.question, b.detours, b.row, b.resent = a.vector, m, a.question, a.detours, a.row, a.resent
	return b
}

// askUnderNames asks what is about the name that we give ourselves, and what else wants a session of its own making.
func (q *inquiry) askUnderNames() bool {
	return q.askSpecial(func(a *ask) bool { return a.vector.Class != probe.Intrusive })
}

// intrude asks what only --intrusive does.
func (q *inquiry) intrude() bool {
	return q.askSpecial(func(a *ask) bool { return a.vector.Class == probe.Intrusive })
}

// askSpecial asks those that are due, where the server offers what they need.
func (q *inquiry) askSpecial(due func(*ask) bool) (more bool) {
	rest := q.special[:0]
	for _, a := range q.special {
		if !due(a) {
			rest = append(rest, a)
			continue
		}
		a.via = q.base.via
		switch {
		case q.first.has(a.setup):
		case q.under != nil && q.under.has(a.setup):
			a.via = probe.StartTLS
		default:
			q.skip(a.id(), "no "+a.setup.Needs+" offered")
			continue
		}
		q.asks = append(q.asks, a)
		more = true
	}
	q.special = rest
	return more
}

// verify makes one connection more where something hangs on how it opens, or ends without the claim that was made
// before: what we were refused counts only while we are welcome. And so it does where no local recipient was accepted,
// and one was not asked for yet in a fresh connection.
func (q *inquiry) verify() bool {
	fresh := new(connection)
	untried := !q.welcome.welcomed() && q.candidate(fresh) != nil && slices.ContainsFunc(q.asks, func(a *ask) bool { return a.refused() })
	if !q.hanging() && !untried {
		q.verifying = false
		return false
	}
	if !q.verifying {
		q.verifying = true
		put := q.control(barePostmaster)
		if w := &q.welcome; w.welcomed() {
			put = q.control(w.locals[w.at].to)
		} else if s := q.sample(&connection{manner: q.base}, nil); s != nil {
			put = s.question
		}
		q.add(check, q.base, put, 0)
		return true
	}
	q.verifying = false
	for _, a := range q.asks {
		if a.onCondition() {
			a.giveUp(q.paste.otherwise(q, probe.ReasonBannedMidway))
			a.barred = false
		}
	}
	return false
}

// putPlainAfter puts the plain question once more where a claim of ours was accepted: that it is still refused without
// shows that the claim is the cause.
func (q *inquiry) putPlainAfter() bool {
	for _, a := range q.acceptedOnes() {
		if a.setup != nil && !a.looked && !q.refusedAround(a) && q.plain != nil && q.plain.outcome == probe.OutcomeRefused {
			a.looked = true
			q.number++
			q.add(stranger, q.base, q.plain.question, q.number)
			return true
		}
	}
	return false
}

// lookAtUsers puts the controls that tell how to read an acceptance, if there was any: a user that cannot exist beside
// every local name under which a suspect form was accepted, refused first in a fresh connection, with the form behind
// it; and, once, a domain that cannot exist.
func (q *inquiry) lookAtUsers() (more bool) {
	accepted := q.acceptedOnes()
	if len(accepted) == 0 {
		return false
	}
	for _, a := range accepted {
		place := a.place()
		if !a.vector.Suspect || a.looked || q.knowsUsers(a) {
			continue
		}
		nobody := q.unknown(place)
		if place == routed { // it ends in a foreign domain, and any own one tells
			nobody = q.nobody()
		}
		q.number++
		q.add(unknownUser, a.manner, q.control(nobody), q.number)
		for _, b := range accepted {
			if b.vector.Suspect && b.place() == place && b.manner == a.manner && !b.looked {
				b.looked = true
				q.add(stranger, b.manner, b.question, q.number)
			}
		}
		more = true
	}
	if !q.users && !q.p.Quick {
		q.users, more = true, true
		q.add(noSuchDomain, q.base, q.control(q.nowhere()), 0)
		nobody := q.control(q.nobody())
		if q.welcome.nobody == nil && !slices.ContainsFunc(q.asks, func(a *ask) bool { return a.question == nobody }) {
			q.add(unknownUser, q.base, nobody, 0)
		}
	}
	return more
}

// knowsUsers reports whether a suspect form was accepted behind an unknown user of the same name who was refused
// first, and as such: "relaying denied" would say that the name is not local at all, and words that nobody knows
// may refuse everybody.
func (q *inquiry) knowsUsers(a *ask) bool {
	if !a.vector.FormIsPoint() { // an address like any other, at a domain that may be an own one
		return false
	}
	if a.place() != routed && q.took(q.unknown(a.place())) || q.wavers() {
		return false
	}
	for _, c := range q.log {
		first := c.firstRefusal()
		if c.manner != a.manner || first == len(c.said) {
			continue
		}
		nobody := &c.said[first]
		if nobody.to != q.unknown(nobody.place()) || a.place() != routed && nobody.place() != a.place() {
			continue
		}
		if nobody.meaning != phrasebook.RecipientUnknown && !(nobody.meaning == phrasebook.RefusedOther && q.stands(c) == good && q.welcome.full()) {
			continue
		}
		if slices.ContainsFunc(c.said[first:], func(e exchange) bool { return e.envelope == a.envelope && e.first == a.first && e.accepted() }) {
			return true
		}
	}
	return false
}

// took reports whether a recipient was ever accepted.
func (q *inquiry) took(to string) bool {
	return slices.ContainsFunc(q.log, func(c *connection) bool {
		return slices.ContainsFunc(c.said, func(e exchange) bool { return e.to == to && e.accepted() })
	})
}

// wavers reports whether the server knew an unknown user at one time, and not at another: then nobody knows when it
// refuses one.
func (q *inquiry) wavers() bool {
	refused := make(map[string]bool) // those who were
	for _, c := range q.log {
		for i := range c.said {
			if e := &c.said[i]; e.refused() && !refused[e.to] && e.to == q.unknown(e.place()) {
				refused[e.to] = true
			}
		}
	}
	return slices.ContainsFunc(q.log, func(c *connection) bool {
		return slices.ContainsFunc(c.said, func(e exchange) bool { return refused[e.to] && e.accepted() })
	})
}

// acceptedOnes returns the vectors that were accepted, the suspect forms last.
func (q *inquiry) acceptedOnes() (asks []*ask) {
	for _, suspect := range []bool{false, true} {
		for _, a := range q.asks {
			if a.vector != nil && a.outcome == probe.OutcomeAccepted && a.vector.Suspect == suspect {
				asks = append(asks, a)
			}
		}
	}
	return asks
}
