package prober

import (
	"strings"

	"openrelay/probe"
	"openrelay/probe/dialogue"
	"openrelay/probe/phrasebook"
)

// ask is what one row of the table asks of this server, and what has come of it. Where the server finds fault
// with our sender or with the foreign domain, the same is asked in another honest way, so its question changes. A
// scan has tens of thousands in memory at once.
type ask struct {
	vector *probe.Vector // nil for a control
	manner
	question
	detours *detours

	control      control // none for a vector
	look         int16   // the number of the look that it is part of; 0 for none
	tries        int16   // connections it was put on without an answer that settles it
	voids        int16   // connections of which no refusal counted
	lastCode     int16   // of the temporary refusal before, on another connection
	row          int16   // of the wordings of its vector: which own names it is about
	rank         int8    // the likely ones come first
	resent       bool    // the sender is another than the vector's, which was refused
	twice        bool    // the same temporary refusal came again
	waiting      bool    // the server asked for patience
	barred       bool    // refused for what the setup claims, or with everybody in its manner
	hangs        bool    // refused first in a connection that ended badly: it counts if a later one opens well
	differ       bool    // only the differential rule can read the answer
	wavered      bool    // accepted, and refused when it was put again
	refusals     int16   // how often it was refused alone, where it had been accepted beside another
	tested       bool    // taken as far as DATA
	putOffAtData bool    // and told to come again, once
	looked       bool    // put again behind an unknown user
	prover       *ask    // what takes it to DATA

	outcome probe.Outcome // "" while pending
	reason  probe.Reason  // why it is unanswered
	proof   probe.Proof   // how far it went, if accepted
	handed  *handed       // the message that was handed over, or was to be; nil for none
	broken  *setback      // the session that ended at this question, without an answer, or did not come about; nil for none
	asked   envelope      // as it was put, when it was answered
	*answer               // the deciding one: where it stands in the log, of which nothing changes
}

// handed is what came of handing a message over.
type handed struct {
	token string              // of the message; "" where it was not taken
	said  dialogue.Transcript // the session
	late  bool                // refused when the server had the message
}

// unanswered is the answer of what has none.
var unanswered answer

// take takes an answer from the log for the deciding one.
func (a *ask) take(e *exchange) { a.answer, a.asked = &e.answer, e.envelope }

// detours are other honest ways to put the same question, should the server find fault with our sender or
// with the foreign domain (design: a refusal there answers it). Asks share them.
type detours struct {
	senders []string
	domains []string
}

// left are the detours that have not been taken.
func (a *ask) left() detours {
	if a.detours == nil {
		return detours{}
	}
	return *a.detours
}

// control is a question whose answer tells how to read the others.
type control uint8

// The controls.
const (
	none         control = iota
	noSuchDomain         // a random user at a domain that cannot exist
	unknownUser          // a random user of the server's own domain
	stranger             // a foreign recipient, to compare with a local one, or put again
	check                // a local one, to see whether we are welcome
)

func (c control) String() string {
	return [...]string{"", "no-such-domain", "unknown-user", "stranger", "check"}[c]
}

func (a *ask) id() string {
	if a.vector == nil {
		return a.control.String()
	}
	return a.vector.ID
}

// equals reports whether two rows come to the same question here, as plain and plain-org do where it goes to .org: it is
// put once, and both hear the answer.
func (a *ask) equals(b *ask) bool { return a.question == b.question && a.manner == b.manner }

func (a *ask) pending() bool { return a.outcome == "" }

// place is the local name that a recipient stands under, from its last @ on: "" for a bare one, and
// routed for a source route, which ends in a foreign domain.
func (e envelope) place() string {
	if strings.HasPrefix(e.to, "<@") {
		return routed
	}
	i := strings.LastIndexByte(e.to, '@')
	if i < 0 || strings.LastIndexByte(e.to, '"') > i {
		return ""
	}
	return strings.ToLower(strings.TrimSuffix(e.to[i:], ">"))
}

const routed = "@route"

func (a *ask) risky() bool { return a.vector != nil && a.vector.Risky }

func (a *ask) core() bool { return a.vector == nil || a.vector.Class == probe.Core }

func (a *ask) settle(o probe.Outcome) { a.outcome = o }

func (a *ask) giveUp(r probe.Reason) {
	a.outcome, a.reason, a.hangs = probe.OutcomeUnanswered, r, false
}

// onCondition reports a refusal that counts only if we turn out to be welcome later.
func (a *ask) onCondition() bool { return a.outcome == probe.OutcomeRefused && (a.hangs || a.barred) }

// reopen puts a question again that was settled by what turned out to count for nothing.
func (a *ask) reopen() {
	a.answer, a.asked, a.outcome, a.reason = &unanswered, envelope{}, "", ""
	a.differ, a.hangs, a.barred, a.waiting = false, false, false, false
	a.anew()
}

// anew forgets how often the question was put, which is another one now.
func (a *ask) anew() { a.tries, a.lastCode, a.twice = 0, 0, false }

// evident reports whether there is a dialogue to show.
func (a *ask) evident() bool { return a.s != nil || a.broken != nil && len(a.broken.said) > 0 }

// transcript returns the dialogue that led to the outcome.
func (a *ask) transcript() dialogue.Transcript {
	switch {
	case a.handed != nil:
		return a.handed.said
	case a.s != nil && a.reply.Code != 0:
		return a.answer.transcript()
	case a.broken != nil:
		return a.broken.said
	}
	return nil
}

// aboutRelaying reports whether a refusal is about relaying by its words alone.
func aboutRelaying(m phrasebook.Meaning) bool {
	return m == phrasebook.RelayDenied || m == phrasebook.AuthRequired
}

// settles reports whether a refusal of a recipient answers the relay question by itself.
func settles(m phrasebook.Meaning) bool { return aboutRelaying(m) || m == phrasebook.RecipientUnknown }
