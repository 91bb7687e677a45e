package prober

import (
	"slices"

	"openrelay/probe"
	"openrelay/probe/phrasebook"
)

// mostProofs is how many vectors of one server are taken as far as DATA: each costs it a connection that
// breaks off, and one is enough to call it open.
const mostProofs = 3

// proveAccepted takes accepted vectors to DATA and hangs up at the 354, before any byte of a message: nothing
// is sent, nothing is queued. A server that refuses there has refused the vector.
func (q *inquiry) proveAccepted() bool {
	if q.p.Proof == probe.Rcpt {
		return q.putAgain()
	}
	if q.localAtData() {
		return true
	}
	if q.proofs == mostProofs || q.nobodyAtData() {
		return false
	}
	for _, a := range q.acceptedOnes() {
		switch {
		case a.prover != nil && a.prover.outcome == probe.OutcomeUnanswered:
			return false
		case a.tested || a.prover != nil:
			continue
		}
		put := a.question
		put.data = true
		a.prover = q.add(stranger, a.manner, put, 0)
		return true
	}
	return false
}

// putAgain puts what was accepted once more, where nothing is taken to DATA: what is accepted at one time and refused
// at another shows then too.
func (q *inquiry) putAgain() bool {
	var accepted []*ask
	for _, a := range q.acceptedOnes() {
		if !a.tested && len(accepted) < mostRepeated && !a.vector.Suspect && (len(accepted) == 0 || a.manner == accepted[0].manner) {
			accepted = append(accepted, a)
		}
	}
	if len(accepted) == 0 || q.proofs > 0 {
		return false
	}
	q.proofs++
	q.lookAt(accepted)
	return true
}

// lookAt puts asks again, in one connection and with the controls at its end.
func (q *inquiry) lookAt(asks []*ask) {
	q.number++
	for i, a := range asks {
		a.tested = true
		if !slices.ContainsFunc(asks[:i], a.equals) {
			q.add(stranger, a.manner, a.question, q.number)
		}
	}
}

// prove takes in how an accepted vector fared on the way to DATA.
func (q *inquiry) prove(a *ask, e *exchange) {
	switch {
	case e.alone || !e.accepted():
		q.contradict(a, e)
		return
	case e.atData == nil:
		return // it stays what it was: accepted at RCPT
	}
	a.tested = true
	a.take(e)
	at := e.answer
	at.stage = phrasebook.DataCmd
	at.meaning, _ = phrasebook.Lookup(phrasebook.DataCmd, *e.atData)
	a.answer = &at
	if e.atData.Code == 354 {
		a.proof = probe.Data
		a.wavered = false
		if !slices.ContainsFunc(q.asks, func(b *ask) bool { return b != a && b.proof == probe.Data && b.equals(a) }) {
			q.proofs++
		}
		return
	}
	a.proof = probe.NoProof
	q.settleData(a)
}

// settleData: at DATA a refusal in words about relaying is of what RCPT seemed to accept. Any other is where a local
// recipient gets as far as 354, which is asked then; and nothing where it finds fault with the command.
func (q *inquiry) settleData(a *ask) {
	code := a.atData.Code
	switch {
	case aboutRelaying(a.meaning):
		a.settle(probe.OutcomeRefused)
	case a.atData.Temporary() && !a.putOffAtData && q.wait(phrasebook.Delay(*a.atData)):
		a.putOffAtData = true
		a.tested, a.prover, a.proof = false, nil, probe.Rcpt
	default:
		a.giveUp(reasonFor[a.meaning])
		a.differ = code >= 503 && slices.Contains([]phrasebook.Meaning{phrasebook.RefusedOther, phrasebook.Syntax, phrasebook.RecipientUnknown}, a.meaning)
	}
}

// localAtData asks how a local recipient fares at DATA, once a vector was refused there in words that nobody knows.
func (q *inquiry) localAtData() (more bool) {
	unknown := slices.ContainsFunc(q.asks, func(a *ask) bool { return a.unclearAtData() })
	if !unknown || q.heardAtData(q.localPut()) != nil || q.atData {
		return false
	}
	q.atData = true
	q.add(check, q.base, q.localPut(), 0)
	return true
}

// localPut is a local recipient, taken to DATA.
func (q *inquiry) localPut() question {
	put := q.control(q.localRecipient())
	put.data = true
	return put
}

// unclearAtData reports whether DATA was refused in words that only a comparison can read.
func (a *ask) unclearAtData() bool {
	return a.vector != nil && a.outcome == probe.OutcomeUnanswered && a.differ && a.stage == phrasebook.DataCmd
}

// nobodyAtData reports whether a local recipient is refused at DATA too: then an acceptance at RCPT says nothing here.
func (q *inquiry) nobodyAtData() bool {
	if !q.refusedAtData() {
		return false
	}
	e := q.heardAtData(q.localPut())
	return e != nil && e.atData != nil && e.atData.Code != 354
}

// differAtData reads refusals of DATA in unknown words: one of strangers it is where a local recipient gets 354.
func (q *inquiry) differAtData() bool {
	e := q.heardAtData(q.localPut())
	for _, a := range q.asks {
		if a.unclearAtData() && e != nil && e.atData != nil && e.atData.Code == 354 {
			a.settle(probe.OutcomeRefused)
			a.reason = probe.ReasonRefused
		}
	}
	for _, a := range q.acceptedOnes() {
		q.weighFirst(a)
	}
	return false
}

// heardAtData is the answer to a question that was taken to DATA; nil for none.
func (q *inquiry) heardAtData(put question) *exchange {
	for _, c := range q.log {
		for i := range c.said {
			if e := &c.said[i]; e.question == put && e.heard() {
				return e
			}
		}
	}
	return nil
}

// refusedAtData reports whether DATA was refused after an acceptance.
func (q *inquiry) refusedAtData() bool {
	return slices.ContainsFunc(q.asks, func(a *ask) bool { return a.vector != nil && a.atData != nil && a.atData.Code != 354 })
}

// leaveUnproven decides about what was accepted and could not be taken to DATA, where others were
// refused: an acceptance at RCPT says nothing here.
func (q *inquiry) leaveUnproven() {
	if q.proofs > 0 || !q.refusedAtData() {
		return
	}
	for _, a := range q.acceptedOnes() {
		if a.atData != nil {
			continue
		}
		why := probe.ReasonUnclear
		switch {
		case q.timedOut:
			why = probe.ReasonSlow
		case q.banned || q.welcome.lost:
			why = probe.ReasonBannedMidway
		case a.prover != nil && a.prover.outcome == probe.OutcomeUnanswered:
			why = a.prover.reason
		}
		a.proof = probe.NoProof
		a.giveUp(why)
	}
}

// weighFirst weighs the acceptance of a stranger beside a local recipient. A 354 may be for that one
// alone, so it proves no more than the 2xx did; and not even that, where a stranger alone is accepted
// too and comes to nothing at DATA.
func (q *inquiry) weighFirst(a *ask) {
	if a.first == "" || a.outcome != probe.OutcomeAccepted {
		return
	}
	a.proof = probe.Rcpt
	for _, alone := range q.asks {
		if alone.vector != nil && alone.first == "" && alone.envelope == a.envelope && alone.outcome != probe.OutcomeAccepted && alone.reply.Positive() {
			a.giveUp(probe.ReasonSuspectFormAccepted)
		}
	}
}

// contradict takes in that what was accepted is refused, for good and in words that would count. One that stood beside
// another recipient was accepted for that one's sake if it is refused alone, twice; a user that is looked up
// meanwhile is a user. Else the server says now this and now that.
func (q *inquiry) contradict(a *ask, e *exchange) {
	counts := settles(e.meaning) || e.meaning == phrasebook.RefusedOther && q.welcome.proves(e.meaning)
	if !counts || e.reply.Temporary() && !aboutRelaying(e.meaning) || e.alone {
		return
	}
	switch {
	case a.vector == nil:
	case a.vector.Suspect && e.meaning == phrasebook.RecipientUnknown && q.wavers(), a.beside && !e.beside && a.refusals > 0:
		a.take(e)
		a.proof, a.wavered = probe.NoProof, false
		a.settle(probe.OutcomeRefused)
	case a.beside && !e.beside:
		a.refusals++
		a.prover = nil
	default:
		a.wavered = true
	}
}

// mostRepeats is how often what was accepted once, and then refused, is put again, and mostRepeated how many
// questions at a time.
const (
	mostRepeats  = 5
	mostRepeated = 5
)

// repeat puts what was accepted and then refused again, with the plain vector beside it, five times in all. Where the
// controls go on as at first, there are several machines behind the address, or it makes up its mind anew each time:
// open if an acceptance comes again. Where they do not, we have been banned, and the acceptance stands.
func (q *inquiry) repeat() bool {
	var wavered []*ask
	for _, a := range q.acceptedOnes() {
		if a.wavered {
			wavered = append(wavered, a)
		}
	}
	banned := q.repeats > 0 && (q.stands(q.log[len(q.log)-1]) == changed || q.welcome.lost || q.banned)
	switch {
	case len(wavered) == 0:
		return false
	case banned:
		for _, a := range wavered {
			a.wavered = false
		}
		return false
	case q.repeats == mostRepeats:
		for _, a := range wavered {
			a.proof = probe.NoProof
			a.giveUp(probe.ReasonAnswersDiffer)
		}
		return false
	}
	q.repeats++
	m := wavered[0].manner
	wavered = slices.DeleteFunc(wavered, func(a *ask) bool { return a.manner != m })
	wavered = wavered[:min(len(wavered), mostRepeated)]
	if plain := q.plainIn(m); plain != nil && !slices.Contains(wavered, plain) {
		wavered = append(wavered, plain)
	}
	q.lookAt(wavered)
	return true
}
