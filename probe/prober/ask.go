package prober

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"openrelay/probe"
	"openrelay/probe/dialogue"
	"openrelay/probe/phrasebook"
)

// ask is one question to the server, a sender and a recipient, and what came of it. A scan has tens of
// thousands in memory at once.
type ask struct {
	vector *probe.Vector // nil for a control
	manner
	envelope
	first   string // a local recipient to name before, or ""
	detours *detours

	control  control // none for a vector
	tries    int16   // connections it was put on without an answer that settles it
	lastCode int16   // of the temporary refusal before, on another connection
	row      int16   // of its vector's filled templates: which own names it is about
	resent   bool    // the sender is another than the vector's, which was refused
	twice    bool    // the same one came again
	waiting  bool    // the server asked for patience
	barred   bool    // refused for what the setup claims, before the question
	alone    bool    // the local recipient before it was refused
	differ   bool    // only the differential rule can read the answer
	late     bool    // refused when the server had the message
	wavered  bool    // accepted, and refused when it was put again
	unlike   bool    // refused, and the postmaster was accepted behind it
	spare    bool    // the postmaster where there is no room for him: he is accepted, as a rule, and costs nothing

	outcome probe.Outcome        // "" while pending
	reason  probe.Reason         // why it is unanswered
	proof   probe.Proof          // how far it went, if accepted
	token   string               // of the message that was handed over, and taken
	shown   *dialogue.Transcript // the session in which that was, or was to be
	broken  *dialogue.Transcript // the session that ended at this question, without an answer
	answer                       // the deciding one
}

// detours are other honest ways to put the same question, should the server find fault with our sender or
// with the foreign domain (design: a refusal there answers it). Questions share them.
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

// manner is how a session runs. Questions of one manner may share a session.
type manner struct {
	via   probe.Via
	front int // the version of the PROXY header without which this port says nothing; 0 for none
	setup *probe.Setup
	helo  string // the name to give, where it is not our own
	claim string // what the setup claims
	apart bool   // one recipient a mail: see watchMails

	account bool // to log in: the certificate must be good, and the dialogue is not kept
}

// envelope is a sender and a recipient.
type envelope struct{ from, to string }

// answer is a reply with everything needed to show it.
type answer struct {
	asked   envelope // as it was put
	stage   probe.Stage
	reply   dialogue.Reply
	meaning phrasebook.Meaning
	s       *session
	beside  bool            // another recipient of the same message was accepted before this one
	behind  bool            // another recipient of the same message was refused before this one
	mail    *dialogue.Reply // to MAIL before it; nil for none
	before  *dialogue.Reply // to the local recipient before it; nil for none
	data    *dialogue.Reply // to DATA after it; nil for none
}

// control is a question whose answer tells how to read the others.
type control uint8

// The controls, in the order in which they are asked in one mail.
const (
	none         control = iota
	noSuchDomain         // a random user at a domain that cannot exist
	postmaster           // every server must take mail for it (RFC 5321 4.5.1)
	unknownUser          // a random user of the server's own domain
)

func (c control) String() string {
	return [...]string{"", "no-such-domain", "postmaster", "unknown-user"}[c]
}

func (a *ask) id() string {
	if a.vector == nil {
		return a.control.String()
	}
	return a.vector.ID
}

func (a *ask) pending() bool { return a.outcome == "" }

// place is the local name that a recipient stands under, from its last @ on: "" for a bare one, and
// routed for a source route, which ends in a foreign domain.
func (a *ask) place() string {
	if strings.HasPrefix(a.to, "<@") {
		return routed
	}
	i := strings.LastIndexByte(a.to, '@')
	if i < 0 || strings.LastIndexByte(a.to, '"') > i {
		return ""
	}
	return strings.ToLower(strings.TrimSuffix(a.to[i:], ">"))
}

const routed = "@route"

func (a *ask) risky() bool { return a.vector != nil && a.vector.Risky }

func (a *ask) core() bool { return a.vector == nil || a.vector.Class == probe.Core }

func (a *ask) settle(o probe.Outcome) { a.outcome = o }

func (a *ask) giveUp(r probe.Reason) { a.outcome, a.reason = probe.OutcomeUnanswered, r }

// transcript returns the dialogue that led to the answer: the session's beginning, then the
// exchanges of this question alone.
func (a *ask) transcript() dialogue.Transcript {
	switch {
	case a.shown != nil:
		return *a.shown
	case a.s != nil && a.reply.Code != 0:
	case a.broken != nil:
		return *a.broken
	default:
		return nil
	}
	parts := [6]dialogue.Transcript{a.s.preface}
	for i, r := range [...]*dialogue.Reply{a.mail, a.before, &a.answer.reply, a.data} {
		if r != nil {
			parts[1+i] = a.s.conn.Said(*r)
		}
	}
	if a.data != nil && a.data.Code == 354 {
		parts[5] = a.s.conn.Since(a.s.conn.Mark() - 1)
	}
	return slices.Concat(parts[:]...)
}

// budget is what one connection may cost a server before it begins to mind. Measured on default
// configurations: Postfix slows down after 10 refusals, Exim leaves after 10 RSETs or 3 syntax errors.
type budget struct {
	refusals int
	senders  int
	risky    int
	mails    bool // senders have been refused here: each costs one more
}

var fullBudget = budget{refusals: 8, senders: 9, risky: 3}

// fewer is the budget for the next connection, when this one ended badly.
func (b budget) fewer() budget {
	return budget{refusals: max(1, b.refusals/2), senders: max(1, b.senders/2), risky: 1, mails: b.mails}
}

// plan chooses what to ask on the next connection: pending questions in order, of the manner of the
// first, as far as the budget goes. Those with one sender stand next to each other, so that they share
// a MAIL, and the controls behind them: a server may take any recipient after one of its own.
func plan(asks []*ask, b budget) []*ask {
	chosen := make([]*ask, 0, b.refusals)
	senders := make([]string, 0, b.senders)
	cost, risky := 0, 0
	var m *manner
	for _, a := range asks {
		if !a.pending() || a.waiting || a.risky() && risky >= b.risky || m != nil && a.manner != *m {
			continue
		}
		if !slices.Contains(senders, a.group()) {
			if len(senders) == b.senders {
				continue
			}
			senders = append(senders, a.group())
			if b.mails {
				cost++
			}
		}
		m = &a.manner
		chosen = append(chosen, a)
		if a.risky() {
			risky++
		}
		if !a.spare {
			cost++
		}
		if cost >= b.refusals {
			break
		}
	}
	slices.SortStableFunc(chosen, func(x, y *ask) int {
		return cmp.Or(slices.Index(senders, x.group())-slices.Index(senders, y.group()), int(x.control)-int(y.control))
	})
	return chosen
}

// group is what questions must have in common to share a MAIL.
func (a *ask) group() string {
	if a.apart {
		return a.from + a.first + a.to
	}
	return a.from + a.first
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
	local // a recipient of the server's own, before one that is not
	rcpt
)

// script adds the commands that ask questions: one MAIL for each sender, its RCPTs, RSET between senders.
func script(steps []step, batch []*ask) []step {
	steps = slices.Grow(steps, 3*len(batch))
	for i := 0; i < len(batch); {
		n := i + 1
		for n < len(batch) && batch[n].group() == batch[i].group() {
			n++
		}
		if i > 0 {
			steps = append(steps, step{line: "RSET", verb: rset})
		}
		steps = append(steps, step{line: "MAIL FROM:" + batch[i].from, verb: mail, asks: batch[i:n]})
		for ; i < n; i++ {
			if first := batch[i].first; first != "" {
				steps = append(steps, step{line: "RCPT TO:" + first, verb: local, asks: batch[i : i+1]})
			}
			steps = append(steps, step{line: "RCPT TO:" + batch[i].to, verb: rcpt, asks: batch[i : i+1]})
		}
	}
	return steps
}

// retryAfter is how long to wait before the nth retry of what a server put off.
func retryAfter(n int) time.Duration {
	return min(time.Duration(n+1)*5*time.Second, 60*time.Second)
}
