package prober

import (
	"cmp"
	"errors"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"openrelay/probe"
	"openrelay/probe/dialogue"
	"openrelay/probe/pasted"
	"openrelay/probe/phrasebook"
	"openrelay/probe/wire"
)

// overheard is a session that is known by its transcript alone: how it began, and the mails in it. Which vectors they
// are is seen when all sessions are read, and the names in them are known.
type overheard struct {
	session *session
	ours    netip.AddrPort
	verb    string // EHLO or HELO
	claim   string // the command by which somebody logged in, or claimed to be another client
	header  int    // the version of the PROXY header that it began with
	account bool   // logged in
	mails   []overheardMail
	helo    bool     // EHLO or HELO was refused before
	failure *setback // the last refusal of what comes before a mail
	denied  *setback // that of the claim
	fromLog bool     // in which EHLO may not be
	err     error    // what ended it, if that was not the client
	broken  bool     // as a remark says
}

type overheardMail struct {
	from  string
	reply dialogue.Reply
	rcpts []overheardRcpt
	data  *dialogue.Reply // the last that was said of the message
}

type overheardRcpt struct {
	to    string
	reply dialogue.Reply // the zero one where none came
}

// turn is a command and its reply: no command where the server spoke first, no reply where none came; or a note.
type turn struct {
	command, note string
	reply         dialogue.Reply
}

// turns pairs a transcript, in which each command is followed by its own reply. What is no reply ends it.
func turns(t dialogue.Transcript) (list []turn, err error) {
	begun := 0 // where the command stands whose reply is read
	var lines []string
	for i, l := range t {
		switch l.From {
		case dialogue.Note:
			list = append(list, turn{note: l.Data})
		case dialogue.Client:
			list = append(list, turn{command: strings.TrimRight(l.Data, "\r\n")})
			begun, lines = i, nil
		case dialogue.Server:
			if len(lines) == 0 && (len(list) == 0 || list[len(list)-1].command == "" || list[len(list)-1].reply.Code != 0) {
				list = append(list, turn{})
				begun = i
			}
			line := strings.TrimRight(l.Data, "\r\n")
			lines = append(lines, line)
			if _, _, last, ok := dialogue.ParseLine(line); ok && !last {
				continue
			}
			r, err := dialogue.ParseReply(strings.Join(lines, "\n"))
			if err != nil {
				return list, wire.ErrNotSMTP
			}
			r.Span = dialogue.Span{At: int32(begun), End: int32(i + 1)}
			list[len(list)-1].reply, lines = r, nil
		}
	}
	return list, nil
}

// The commands that are looked at.
var (
	mailFrom = regexp.MustCompile(`^(?i:MAIL)\s+(?i:FROM)\s*:\s*(.*)$`)
	rcptTo   = regexp.MustCompile(`^(?i:RCPT)\s+(?i:TO)\s*:\s*(.*)$`)
	anyPath  = regexp.MustCompile(`^<(?:"(?:[^"\\]|\\.)*"|[^">])*>|^"(?:[^"\\]|\\.)*"[^\s]*|^\S+`)
)

// conversationEnds are the remarks of a transcript that tell how a conversation ended.
var conversationEnds = []error{wire.ErrTimeout, wire.ErrClosed, wire.ErrReset, wire.ErrTruncated, wire.ErrNotSMTP, wire.ErrTooLong, wire.ErrUnasked, wire.ErrTLS}

// listen reads a transcript: one session, and one more where TLS or a login began behind a mail.
func (p *Prober) listen(from *pasted.Session) (list []*overheard) {
	said, err := turns(from.Transcript)
	o := p.overhear(from)
	for i := range said {
		if u := &said[i]; len(o.mails) > 0 && o.changes(u) {
			list = append(list, o)
			o = p.overhear(from)
			o.session.greeting, o.verb, o.ours = list[0].session.greeting, list[0].verb, list[0].ours
		}
		o.hear(&said[i])
	}
	if err != nil {
		o.err, o.broken = err, true
	}
	if list = append(list, o); !from.IsEvidence() {
		addBrackets(list)
	}
	return list
}

func (p *Prober) overhear(from *pasted.Session) *overheard {
	o := &overheard{session: &session{conn: wire.Over(from.Transcript), memo: &p.memo, desk: new(desk)}, fromLog: from.FromLog}
	if from.Client.IsValid() {
		o.ours = netip.AddrPortFrom(from.Client, 0)
	}
	o.session.via = probe.Plain
	return o
}

// changes reports whether the session is another one from here on: encrypted, or logged in.
func (o *overheard) changes(u *turn) bool {
	verb := strings.ToUpper(u.command)
	return verb == "STARTTLS" && u.reply.Code == 220 || strings.HasPrefix(verb, "AUTH ") && u.reply.Code == 235
}

// hear takes in a turn.
func (o *overheard) hear(u *turn) {
	verb, argument, _ := strings.Cut(u.command, " ")
	last := len(o.mails) - 1
	switch verb = strings.ToUpper(verb); {
	case u.note != "":
		o.hearNote(u.note)
	case u.command == "" && last >= 0 && o.mails[last].data != nil: // of the message
		if u.reply.Code >= 400 {
			o.mails[last].data = &u.reply
		}
	case u.command == "", verb == "PROXY", strings.HasPrefix(u.command, "\r\n\r\n\x00\r\nQUIT"):
		o.hearGreeting(u)
	case mailFrom.MatchString(u.command):
		o.hearMail(senderPath(mailFrom.FindStringSubmatch(u.command)[1]), u.reply)
	case rcptTo.MatchString(u.command) && last >= 0:
		o.mails[last].rcpts = append(o.mails[last].rcpts, overheardRcpt{anyPath.FindString(rcptTo.FindStringSubmatch(u.command)[1]), u.reply})
	case verb == "DATA" && last >= 0 && (u.reply.Code == 354 || u.reply.Code >= 400 && u.reply.Code != 421):
		o.mails[last].data = &u.reply
	case verb == "EHLO" || verb == "HELO" || verb == "LHLO":
		o.hearHello(verb, argument, u.reply)
	case verb == "STARTTLS" && len(o.mails) == 0 && u.reply.Code != 0:
		o.hearStartTLS(u.reply)
	case verb == "AUTH" || verb == "XCLIENT" || o.claim != "" && o.denied == nil && !o.account:
		o.hearClaim(verb, u)
	}
	o.hearEnd(verb, &u.reply, u.note != "")
}

func (o *overheard) hearMail(from string, r dialogue.Reply) {
	if o.failure != nil && o.failure.stage == probe.StageTLS {
		o.session.via = probe.Plain // it went on in clear
	}
	o.mails = append(o.mails, overheardMail{from: from, reply: r})
}

// hearStartTLS takes in that TLS begins, or was to.
func (o *overheard) hearStartTLS(r dialogue.Reply) {
	o.session.via = probe.StartTLS
	if r.Code == 220 {
		o.session.ehlo = dialogue.Reply{}
	} else {
		o.failure = o.session.refused(probe.StageTLS, r, probe.ReasonTLSUnavailable)
	}
}

// hearEnd notes what ended the session: a 421, a goodbye to another command than QUIT, no reply.
func (o *overheard) hearEnd(verb string, r *dialogue.Reply, note bool) {
	switch {
	case note || verb == "QUIT":
	case r.Code == 421:
		o.err = wire.ErrClosing
	case r.Code == 221:
		*r, o.err = dialogue.Reply{}, wire.ErrClosing
		if n := len(o.mails); n > 0 && len(o.mails[n-1].rcpts) > 0 {
			rcpts := o.mails[n-1].rcpts
			rcpts[len(rcpts)-1].reply = *r
		}
	case r.Code == 0:
		o.err = wire.ErrClosed
	default:
		o.err = nil
	}
}

var bothEnds = regexp.MustCompile(`^connected to \S+ from (\S+)$`)

func (o *overheard) hearNote(note string) {
	switch {
	case strings.HasPrefix(note, "TLS begun") && o.session.via == probe.Plain:
		o.session.via = probe.TLSFirst
	case bothEnds.MatchString(note):
		o.ours, _ = netip.ParseAddrPort(bothEnds.FindStringSubmatch(note)[1])
	}
	for _, err := range conversationEnds {
		if strings.HasPrefix(note, err.Error()) {
			o.err, o.broken = err, true
		}
	}
	if o.err == wire.ErrTLS && len(o.mails) == 0 {
		o.failure = o.session.lost(probe.StageTLS, o.err)
	}
}

func (o *overheard) hearGreeting(u *turn) {
	switch {
	case strings.HasPrefix(u.command, "PROXY"):
		o.header = 1
	case u.command != "":
		o.header = 2
	}
	if o.session.ehlo.Code != 0 || u.reply.Code == 0 {
		return
	}
	if o.session.greeting = u.reply; u.reply.Code/100 != 2 {
		o.failure = o.session.turnedAway(u.reply)
	}
}

func (o *overheard) hearHello(verb, name string, r dialogue.Reply) {
	s := o.session
	if len(o.mails) > 0 { // once more: nothing new
		return
	}
	s.name = strings.TrimSpace(name)
	if r.Positive() {
		o.verb, s.ehlo, s.extended, o.failure = verb, r, verb != "HELO", nil
		s.preface = s.conn.Since(0)[:r.Span.End]
	} else if r.Code != 0 {
		o.failure, o.helo = s.unknownTo(r), true
	}
}

// hearClaim takes in a login or XCLIENT, and what goes on with it.
func (o *overheard) hearClaim(verb string, u *turn) {
	if verb == "AUTH" || verb == "XCLIENT" {
		o.claim, o.denied = u.command, nil
	}
	switch {
	case u.reply.Code/100 == 2:
		o.account = verb != "XCLIENT"
		o.session.preface = o.session.conn.Since(0)[:u.reply.Span.End]
	case u.reply.Code != 334 && u.reply.Code != 0:
		o.denied = o.session.refused(phrasebook.Helo, u.reply, probe.ReasonHeloRejected)
	}
}

// senderPath is the argument of MAIL without its parameters, in brackets.
func senderPath(argument string) string {
	path := anyPath.FindString(argument)
	if !strings.HasPrefix(path, "<") {
		path = "<" + path + ">"
	}
	return path
}

// came reports whether the session came as far as a mail, or might have.
func (o *overheard) came() bool {
	switch s := o.session; {
	case len(o.mails) > 0:
		return true
	case o.failure != nil:
		return false
	case s.greeting.Code == 0: // it may have been left out
		return !o.broken
	default:
		return s.ehlo.Code != 0 || o.err == nil
	}
}

// neverGreeted is why there is no greeting, by the remark that ends the transcript.
var neverGreeted = map[error]probe.Reason{
	wire.ErrTimeout: probe.ReasonNoBanner, wire.ErrClosed: probe.ReasonClosedEarly, wire.ErrTruncated: probe.ReasonClosedEarly,
	wire.ErrReset: probe.ReasonReset, wire.ErrNotSMTP: probe.ReasonNotSMTP, wire.ErrTooLong: probe.ReasonNotSMTP,
}

// setback is why it did not.
func (o *overheard) setback() *setback {
	s := o.session
	if o.failure != nil {
		return o.failure
	}
	if r, ok := secondThoughts(s.conn.Since(0)); ok {
		return s.refused(phrasebook.Banner, r, probe.ReasonServiceRefused)
	}
	if s.greeting.Code != 0 {
		return s.lost(phrasebook.Helo, cmp.Or(o.err, wire.ErrClosed))
	}
	return &setback{stage: phrasebook.Banner, reason: cmp.Or(neverGreeted[o.err], probe.ReasonNoBanner), detail: o.err.Error(), said: s.conn.Since(0)}
}

// connection turns what was overheard into a connection, with the exchanges of its mails.
func (o *overheard) connection(m manner, p *paste) *connection {
	c := &connection{manner: m, ours: o.ours, err: o.err}
	if m.setup != nil && o.denied != nil && len(o.mails) == 0 {
		o.failure = o.denied
	}
	if !o.came() {
		c.failure, c.err = o.setback(), nil
		return c
	}
	c.session, o.session.manner = o.session, m
	for nth := range o.mails {
		c.said = append(c.said, o.exchanges(nth, p)...)
	}
	if errors.Is(c.err, wire.ErrUnasked) {
		c.unpair()
	}
	return c
}

// exchanges are those of a mail. Its replies are heard as those of our own mails are.
func (o *overheard) exchanges(nth int, p *paste) []exchange {
	m := &o.mails[nth]
	said := make([]exchange, 0, len(m.rcpts)+1)
	steps, replies := []step{{verb: mail}}, []dialogue.Reply{m.reply}
	ask := func(to, first string, reply dialogue.Reply) {
		e := exchange{question: question{envelope: envelope{m.from, to}, first: first, local: p.isLocal(to)}, nth: int16(nth + 1)}
		said = append(said, e)
		steps = append(steps, step{verb: rcpt, from: int32(len(said) - 1), to: int32(len(said))})
		replies = append(replies, reply)
	}
	if p.isBeside(m) {
		ask(m.rcpts[1].to, m.rcpts[0].to, m.rcpts[1].reply)
		steps = slices.Insert(steps, 1, step{verb: local, to: 1})
		replies = slices.Insert(replies, 1, m.rcpts[0].reply)
	} else {
		for _, r := range m.rcpts {
			ask(r.to, "", r.reply)
		}
	}
	steps[0].to = int32(len(said))
	o.session.hear(&script{put: said, steps: steps}, replies)
	return p.prove(o, nth, said)
}

// prove adds the exchange that a mail took to DATA. What was accepted before was not accepted for the first time there.
func (p *paste) prove(o *overheard, nth int, said []exchange) []exchange {
	proof := o.mails[nth].proof(said)
	switch {
	case proof != nil && p.accepted[proof.asUsual()]:
		said = slices.DeleteFunc(said, func(e exchange) bool { return e.question == proof.asUsual() })
		fallthrough
	case proof != nil:
		said = append(said, *proof)
	case nth > 0 && nth == len(o.mails)-1 && len(said) == 1 && said[0].refused() && p.accepted[said[0].question]:
		said[0].data = true // on the way there
	}
	for i := range said {
		if said[i].accepted() && !said[i].data {
			p.accepted[said[i].question] = true
		}
	}
	return said
}

// asUsual is a question that is not taken to DATA.
func (q question) asUsual() question {
	q.data = false
	return q
}

// proof is the exchange that a mail took to DATA; nil where that is none's. Beside a local recipient a 354 may be for
// that one alone.
func (m *overheardMail) proof(said []exchange) (e *exchange) {
	if m.data == nil {
		return nil
	}
	for i := range said {
		switch {
		case !said[i].accepted():
		case said[i].local && len(said) > 1:
			return nil
		case e == nil:
			proof := said[i]
			e = &proof
		}
	}
	if e != nil {
		e.data, e.atData = true, m.data
	}
	return e
}
