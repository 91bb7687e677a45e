package prober

import (
	"context"
	"fmt"
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

// differ asks again, beside the postmaster, what was refused in words that nobody knows, and reads
// the difference. One session for each sender; none for what was refused in words that have been found
// to be a denial here, in whatever language.
func (q *inquiry) differ(ctx context.Context) {
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
		c, ok := q.compare(ctx, group[0].manner, group[0].from)
		if !ok {
			continue
		}
		decideByDifference(group, c)
		if c.refusedAlike() {
			q.settleAlike(ctx, group)
		}
		for _, a := range group {
			if a.outcome == probe.OutcomeRefused && a.reason == probe.ReasonRefused && !c.refusedAlike() { // else the words are no denial of strangers
				denials[shape(a.reply)] = true
			}
		}
	}
}

// settleAlike settles what was refused as everybody is, the postmaster too: for the sender, where that is the
// point and another one is answered as before; for want of a login; or because of our address.
func (q *inquiry) settleAlike(ctx context.Context, group []*ask) {
	group = slices.DeleteFunc(slices.Clone(group), func(a *ask) bool {
		known := a.meaning != phrasebook.RefusedOther && a.meaning != phrasebook.ClientBlocked
		return a.outcome != probe.OutcomeUnanswered || known || blamesUs(a) || !a.firmly()
	})
	claimed := !slices.ContainsFunc(group, func(a *ask) bool { return !a.vector.SenderIsPoint() })
	why := probe.ReasonClientBlocked
	switch {
	case len(group) == 0:
		return
	case q.banned(ctx):
		why = probe.ReasonBannedMidway
	case claimed && q.plainAnswered() && q.welcome(ctx):
		why = probe.ReasonRefused
	case q.forUsersOnly():
		why = probe.ReasonAuthRequired
	}
	for _, a := range group {
		if a.reason = why; why == probe.ReasonRefused || why == probe.ReasonAuthRequired {
			a.settle(probe.OutcomeRefused)
		}
	}
}

// forUsersOnly reports whether the port is one where nobody but those who log in is expected (RFC 6409 4.3,
// RFC 8314 3.3), and a login is offered. Elsewhere who refuses everybody, in no words of his own, minds our address.
func (q *inquiry) forUsersOnly() bool {
	port := q.t.Addr.Port()
	return (port == 465 || port == 587) && (q.first.offers("AUTH") || q.under != nil && q.under.offers("AUTH"))
}

// banned reports whether mail for the postmaster was taken from us, and is no more.
func (q *inquiry) banned(ctx context.Context) bool {
	i := slices.IndexFunc(q.asks, func(a *ask) bool { return a.control == postmaster && a.outcome == probe.OutcomeAccepted })
	if i < 0 {
		return false
	}
	now := &ask{control: postmaster, manner: q.asks[i].manner, envelope: q.asks[i].asked}
	q.once(ctx, now)
	return now.meaning != phrasebook.Accepted
}

// once puts questions once, on a connection of their own, and settles nothing: an answer that is missing speaks for
// itself.
func (q *inquiry) once(ctx context.Context, asks ...*ask) {
	if s, f := q.open(ctx, asks[0].manner); f == nil {
		_ = s.converse(ctx, asks, false)
	}
}

// knowUsers finds out about unknown users that were refused in words that nobody knows, where a suspect form was
// accepted: was it for being unknown? Then the postmaster is accepted behind such a one.
func (q *inquiry) knowUsers(ctx context.Context) {
	if !slices.ContainsFunc(q.asks, func(a *ask) bool { return a.vector != nil && a.vector.Suspect && a.outcome == probe.OutcomeAccepted }) {
		return
	}
	for _, a := range q.asks {
		if a.control != unknownUser || a.outcome != probe.OutcomeRefused || a.meaning != phrasebook.RefusedOther {
			continue
		}
		nobody := &ask{control: unknownUser, manner: a.manner, envelope: a.asked}
		somebody := &ask{control: postmaster, manner: a.manner, envelope: envelope{a.asked.from, "<postmaster>"}}
		q.once(ctx, nobody, somebody)
		a.unlike = nobody.s != nil && nobody.reply.Code >= 400 && somebody.meaning == phrasebook.Accepted
	}
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
		default:
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

var quoted = regexp.MustCompile(`<[^>]*>|"[^"]*"|\S*[@!%]\S*|\[[^\]]*\]`)

// shape is a reply without the addresses that it quotes, so that two of a kind are alike.
func shape(r dialogue.Reply) string { return quoted.ReplaceAllString(r.String(), "") }

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

// compare holds the session of a comparison.
func (q *inquiry) compare(ctx context.Context, m manner, from string) (c comparison, ok bool) {
	m.apart = q.base.apart
	for i, domain := range q.twoForeign() {
		c.foreign[i] = &ask{control: noSuchDomain, manner: m, envelope: envelope{from, "<" + recipientName + "@" + domain + ">"}}
	}
	c.postmaster = &ask{control: postmaster, manner: m, envelope: envelope{from, "<postmaster>"}}
	batch := []*ask{c.foreign[0], c.foreign[1], c.postmaster}
	q.once(ctx, batch...)
	for _, a := range batch {
		if a.s == nil {
			return c, false
		}
		a.settleControl()
	}
	return c, true
}

// leaveOut skips the vectors whose reserved domain the server refuses for itself, where the plain one
// was answered for a domain of the user's: there is nothing to ask them with.
func (q *inquiry) leaveOut() {
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
}

// proofs is how many vectors of one server are taken as far as DATA: each costs it a connection that
// breaks off, and one is enough to call it open.
const proofs = 3

// prove takes accepted vectors to DATA and hangs up at the 354, before any byte of a message: nothing
// is sent, nothing is queued. A server that refuses there has refused the vector.
func (q *inquiry) prove(ctx context.Context) {
	if q.p.Proof == probe.Rcpt {
		return
	}
	proven, why := 0, probe.ReasonUnclear
	for _, a := range q.acceptedOnes() {
		if proven == proofs || ctx.Err() != nil {
			break
		}
		f := q.proveOne(ctx, a)
		for f != nil && q.refusedAtData() && f.reply.Temporary() && q.wait(ctx, phrasebook.Delay(f.reply)) {
			f = q.proveOne(ctx, a)
		}
		if f != nil {
			why = f.midway()
			break
		}
		q.weighFirst(a)
		if a.proof == probe.Data {
			proven++
		}
	}
	if ctx.Err() != nil {
		why = probe.ReasonSlow
	}
	if proven == 0 && q.refusedAtData() {
		q.leaveUnproven(why)
	}
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

// refusedAtData reports whether DATA was refused after an acceptance.
func (q *inquiry) refusedAtData() bool {
	return slices.ContainsFunc(q.asks, func(a *ask) bool { return a.vector != nil && a.data != nil && a.data.Code != 354 })
}

// leaveUnproven decides about what was accepted and could not be taken to DATA, where others were
// refused: an acceptance at RCPT says nothing here.
func (q *inquiry) leaveUnproven(why probe.Reason) {
	for _, a := range q.acceptedOnes() {
		if a.data == nil {
			a.proof = probe.NoProof
			a.giveUp(why)
		}
	}
	for _, a := range q.acceptedOnes() {
		q.weighFirst(a)
	}
}

// proveOne takes one vector to DATA, or says why no session can be had any more. A recipient that is
// refused now, twice and in words about relaying, was accepted only for the sake of another one; where there
// was none, the server says now this and now that.
func (q *inquiry) proveOne(ctx context.Context, a *ask) *setback {
	for again := range 2 {
		s, f := q.open(ctx, a.manner)
		if f != nil {
			return f
		}
		mailReply, rcpt := q.toData(ctx, s, a)
		s.conn.Close() // without QUIT: a server that we misread could take it for a message
		meaning := a.means(phrasebook.Rcpt, rcpt, s.memo.Lookup(phrasebook.Rcpt, rcpt))
		if rcpt.Code == 0 || !settles(meaning) {
			return nil
		}
		if again == 1 && !a.beside && !(a.vector.Suspect && meaning == phrasebook.RecipientUnknown) {
			a.proof, a.wavered = probe.NoProof, true
			a.giveUp(probe.ReasonUnclear)
		} else if again == 1 {
			a.hear(s, phrasebook.Rcpt, mailReply, &rcpt)
			a.settle(probe.OutcomeRefused)
			a.proof = probe.NoProof
		}
	}
	return nil
}

// settles reports whether a refusal of a recipient answers the relay question by itself.
func settles(m phrasebook.Meaning) bool {
	return m == phrasebook.RelayDenied || m == phrasebook.AuthRequired || m == phrasebook.RecipientUnknown
}

// toData says MAIL, RCPT and DATA, and reads what comes of it into a. It returns the reply to RCPT if
// that is a refusal.
func (q *inquiry) toData(ctx context.Context, s *session, a *ask) (mailReply *dialogue.Reply, refused dialogue.Reply) {
	lines := []string{"MAIL FROM:" + a.from, "RCPT TO:" + a.to, "DATA"}
	if a.first != "" {
		lines = slices.Insert(lines, 1, "RCPT TO:"+a.first)
	}
	replies, _ := s.inOrder(ctx, lines)
	n := len(lines)
	if len(replies) >= n-1 && replies[n-2].Code >= 400 && !slices.ContainsFunc(replies[:n-2], refusal) {
		return &replies[0], replies[n-2]
	}
	if len(replies) < n || slices.ContainsFunc(replies[:n-1], refusal) || replies[n-1].Code == 421 ||
		replies[n-1].Positive() && replies[n-1].Code != 354 {
		return nil, dialogue.Reply{} // it stays what it was: accepted at RCPT
	}
	data := replies[n-1]
	meaning, _ := phrasebook.Lookup(phrasebook.DataCmd, data)
	a.answer = answer{asked: a.envelope, stage: phrasebook.DataCmd, reply: replies[n-2], meaning: meaning, s: s, mail: &replies[0], data: &data}
	if a.first != "" {
		a.before = &replies[1]
	}
	if data.Code == 354 {
		s.conn.Hangup("hung up here: no byte of a message was sent")
		a.proof = probe.Data
		return nil, dialogue.Reply{}
	}
	a.proof = probe.NoProof
	a.settleData()
	return nil, dialogue.Reply{}
}

func refusal(r dialogue.Reply) bool { return !r.Positive() }

// weighFirst weighs the acceptance of a stranger beside a local recipient. A 354 may be for that one
// alone, so it proves no more than the 2xx did; and not even that, where a stranger alone is accepted
// too and comes to nothing at DATA.
func (q *inquiry) weighFirst(a *ask) {
	if a.first == "" || a.outcome != probe.OutcomeAccepted {
		return
	}
	a.proof = probe.Rcpt
	for _, alone := range q.asks {
		if alone.vector != nil && alone.first == "" && alone.from == a.from && alone.to == a.to && alone.outcome != probe.OutcomeAccepted && alone.reply.Positive() {
			a.giveUp(probe.ReasonSuspectFormAccepted)
		}
	}
}

// settleData: at DATA a refusal is of what RCPT seemed to accept, unless it is about something else.
func (a *ask) settleData() {
	switch a.meaning {
	case phrasebook.ClientBlocked, phrasebook.Greylisted, phrasebook.RateLimited, phrasebook.Temporary,
		phrasebook.HeloRejected, phrasebook.TLSRequired, phrasebook.ContentRejected,
		phrasebook.SenderRejected, phrasebook.RecipientDomainRejected:
		a.giveUp(reasonFor[a.meaning])
	default:
		a.settle(probe.OutcomeRefused)
	}
}

// inOrder sends commands one after the other as long as the server agrees. Not even with PIPELINING in one
// write: what decides about an acceptance must not depend on a proxy that loses its place.
func (s *session) inOrder(ctx context.Context, lines []string) ([]dialogue.Reply, error) {
	var replies []dialogue.Reply
	for _, line := range lines {
		r, err := s.conn.Cmd(ctx, line)
		if err != nil {
			return replies, err
		}
		replies = append(replies, r)
		if !r.Positive() {
			return replies, fmt.Errorf("%q was answered %s", line, quote(r))
		}
	}
	return replies, nil
}
