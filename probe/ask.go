package probe

import (
	"slices"
	"strings"
	"time"

	"openrelay/probe/phrasebook"
	"openrelay/probe/wire"
)

// ask is one question to the server, a sender and a recipient, and what came of it.
type ask struct {
	vector  *Vector // nil for a control
	control control // "" for a vector
	manner
	envelope
	first string // a local recipient to name before, or ""

	// Other honest ways to put the same question, should the server find fault with our sender or
	// with the foreign domain (design: a refusal there answers it).
	senders []string
	domains []string

	tries    int             // connections it was put on without an answer that settles it
	waiting  bool            // the server asked for patience
	barred   bool            // refused for what the setup claims, before the question
	alone    bool            // the local recipient before it was refused
	differ   bool            // only the differential rule can read the answer
	lastCode int             // of the temporary refusal before, on another connection
	twice    bool            // the same one came again
	outcome  Outcome         // "" while pending
	reason   Reason          // why it is unanswered
	proof    Proof           // how far it went, if accepted
	token    string          // of the message that was handed over, and taken
	late     bool            // refused when the server had the message
	shown    wire.Transcript // the session in which that was, or was to be
	broken   wire.Transcript // the session that ended at this question, without an answer
	answer                   // the deciding one
}

// manner is how a session runs. Questions of one manner may share a session.
type manner struct {
	via   Via
	front *Setup // the PROXY header without which this port says nothing
	setup *Setup
	helo  string // the name to give, where it is not our own
	claim string // what the setup claims

	account bool // to log in: the certificate must be good, and the dialogue is not kept
}

// envelope is a sender and a recipient.
type envelope struct{ from, to string }

// answer is a reply with everything needed to show it.
type answer struct {
	asked   envelope // as it was put
	stage   Stage
	reply   wire.Reply
	meaning phrasebook.Meaning
	s       *session
	mail    wire.Reply // the reply to MAIL before it
	before  wire.Reply // the reply to the local recipient before it
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

func (a *ask) core() bool { return a.vector == nil || a.vector.Class == Core }

func (a *ask) settle(o Outcome) { a.outcome = o }

func (a *ask) giveUp(r Reason) { a.outcome, a.reason = Unanswered, r }

// transcript returns the dialogue that led to the answer: the session's beginning, then the
// exchanges of this question alone.
func (a *ask) transcript() wire.Transcript {
	if a.shown != nil {
		return a.shown
	}
	if a.s == nil || a.reply.Code == 0 {
		return a.broken
	}
	t := append(wire.Transcript(nil), a.s.preface...)
	for _, r := range []wire.Reply{a.mail, a.before, a.answer.reply, a.data} {
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
	var senders []string
	groups := make(map[string][]*ask)
	refusals, risky := 0, 0
	var m *manner
	for _, a := range asks {
		if !a.pending() || a.waiting || a.risky() && risky >= b.risky || m != nil && a.manner != *m {
			continue
		}
		if _, ok := groups[a.group()]; !ok {
			if len(senders) == b.senders {
				continue
			}
			senders = append(senders, a.group())
			if b.mails {
				refusals++
			}
		}
		m = &a.manner
		groups[a.group()] = append(groups[a.group()], a)
		if a.risky() {
			risky++
		}
		if refusals++; refusals >= b.refusals {
			break
		}
	}
	var chosen []*ask
	for _, s := range senders {
		slices.SortStableFunc(groups[s], func(a, b *ask) int { return strings.Compare(string(a.control), string(b.control)) })
		chosen = append(chosen, groups[s]...)
	}
	return chosen
}

// group is what questions must have in common to share a MAIL.
func (a *ask) group() string { return a.from + a.first }

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

// script turns questions into commands: one MAIL for each sender, its RCPTs, RSET between senders.
func script(batch []*ask) []step {
	steps := make([]step, 0, 2*len(batch)+2)
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
