package probe

import (
	"time"

	"openrelay/probe/phrasebook"
	"openrelay/probe/wire"
)

// ask is one question to the server, a sender and a recipient, and what came of it.
type ask struct {
	vector  *Vector // nil for a control
	control control // "" for a vector
	via     Via
	from    string
	to      string

	// Other honest ways to put the same question, should the server find fault with our sender or
	// with the foreign domain (design: a refusal there answers it).
	senders    []string
	recipients []string

	tries    int             // connections it was put on without an answer that settles it
	waiting  bool            // the server asked for patience
	differ   bool            // only the differential rule can read the answer
	lastCode int             // of the reply before, on another connection
	outcome  Outcome         // "" while pending
	reason   Reason          // why it is unanswered
	proof    Proof           // how far it went, if accepted
	broken   wire.Transcript // the session that ended at this question, without an answer
	answer                   // the deciding one
}

// answer is a reply with everything needed to show it.
type answer struct {
	stage   Stage
	reply   wire.Reply
	meaning phrasebook.Meaning
	s       *session
	mail    wire.Reply // the reply to MAIL before it
	data    wire.Reply // the reply to DATA after it
}

// control is a question whose answer tells how to read the others.
type control string

// The controls.
const (
	postmaster   control = "postmaster"     // every server must take mail for it (RFC 5321 4.5.1)
	unknownUser  control = "unknown-user"   // a random user of the server's own domain
	noSuchDomain control = "no-such-domain" // a random user at a domain that cannot exist
)

func (a *ask) id() string {
	if a.vector == nil {
		return string(a.control)
	}
	return a.vector.ID
}

func (a *ask) pending() bool { return a.outcome == "" }

func (a *ask) risky() bool { return a.vector != nil && a.vector.Risky }

func (a *ask) core() bool { return a.vector == nil || a.vector.Class == Core }

func (a *ask) settle(o Outcome) { a.outcome = o }

func (a *ask) giveUp(r Reason) { a.outcome, a.reason = Unanswered, r }

// transcript returns the dialogue that led to the answer: the session's beginning, then the
// exchanges of this question alone.
func (a *ask) transcript() wire.Transcript {
	if a.s == nil || a.reply.Code == 0 {
		return a.broken
	}
	t := append(wire.Transcript(nil), a.s.preface...)
	for _, r := range []wire.Reply{a.mail, a.reply, a.data} {
		if r.Code != 0 {
			t = append(t, a.s.conn.Said(r)...)
		}
	}
	if a.data.Code == 354 {
		t = append(t, a.s.conn.Since(a.s.conn.Mark()-1)...)
	}
	return t
}

// budget is what one connection may cost a server before it begins to mind. Measured on default
// configurations: Postfix slows down after 10 refusals, Exim leaves after 10 RSETs or 3 syntax errors.
type budget struct {
	refusals int
	senders  int
	risky    int
}

var fullBudget = budget{refusals: 8, senders: 9, risky: 3}

// fewer is the budget for the next connection, when this one ended badly.
func (b budget) fewer() budget {
	return budget{refusals: max(1, b.refusals/2), senders: max(1, b.senders/2), risky: 1}
}

// plan chooses what to ask on the next connection: pending questions in order, as far as the budget
// goes, those with one sender next to each other so that they share a MAIL.
func plan(asks []*ask, b budget) []*ask {
	var senders []string
	groups := make(map[string][]*ask)
	refusals, risky := 0, 0
	for _, a := range asks {
		if !a.pending() || a.waiting || a.risky() && risky >= b.risky {
			continue
		}
		if _, ok := groups[a.from]; !ok {
			if len(senders) == b.senders {
				continue
			}
			senders = append(senders, a.from)
		}
		groups[a.from] = append(groups[a.from], a)
		if a.risky() {
			risky++
		}
		if a.control != postmaster {
			refusals++
		}
		if refusals == b.refusals {
			break
		}
	}
	var chosen []*ask
	for _, s := range senders {
		chosen = append(chosen, groups[s]...)
	}
	return chosen
}

// step is one command of a session, and the questions its reply bears on.
type step struct {
	line string
	verb verb
	asks []*ask
}

type verb int

const (
	rset verb = iota
	mail
	rcpt
	quit
)

// script turns questions into commands: one MAIL for each sender, its RCPTs, RSET between senders.
func script(batch []*ask) []step {
	var steps []step
	for i, a := range batch {
		if i == 0 || a.from != batch[i-1].from {
			if i > 0 {
				steps = append(steps, step{line: "RSET", verb: rset})
			}
			steps = append(steps, step{line: "MAIL FROM:" + a.from, verb: mail})
		}
		m := len(steps) - 1
		for steps[m].verb != mail {
			m--
		}
		steps[m].asks = append(steps[m].asks, a)
		steps = append(steps, step{line: "RCPT TO:" + a.to, verb: rcpt, asks: []*ask{a}})
	}
	return steps
}

// retryAfter is how long to wait before the nth retry of what a server put off.
func retryAfter(n int) time.Duration {
	return min(time.Duration(n+1)*5*time.Second, 60*time.Second)
}
