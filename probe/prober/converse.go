package prober

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"openrelay/probe"
	"openrelay/probe/dialogue"
	"openrelay/probe/phrasebook"
	"openrelay/probe/wire"
)

// round is what to say next in a session: questions in order, of which those with one sender that stand together
// share a mail.
type round struct {
	questions []question
	apart     bool  // each has a mail of its own
	split     []int // the questions that begin a new mail though the sender is the same
	wary      bool  // the first MAIL goes alone, to see whether all of them are refused before the rest is counted as errors
	last      bool  // nothing comes after
	opening   bool  // these are the controls that the connection is opened with
	ends      int   // how many at the end are the controls that it ends with
}

// script is the commands of a round.
type script struct {
	put   []exchange // the questions
	lines []string
	steps []step // what each line is
}

// step is what a command is, and which of the questions its reply bears on: those from one up to another.
type step struct {
	verb     verb
	from, to int32
}

type verb int8

const (
	rset verb = iota
	mail
	local // a recipient of the server's own, before one that is not
	rcpt
)

// write makes the commands that put questions: one MAIL for each sender, its RCPTs, RSET before a further one. before is
// how many mails there were in this session.
func (sc *script) write(put []exchange, r round, before int) {
	sc.put, sc.lines, sc.steps = put, slices.Grow(sc.lines[:0], 3*len(put)+1), slices.Grow(sc.steps[:0], 3*len(put))
	for i := 0; i < len(put); {
		n := i + 1
		for !r.apart && n < len(put) && put[n].group() == put[i].group() && !slices.Contains(r.split, n) {
			n++
		}
		if i > 0 || before > 0 {
			sc.add("RSET", rset, i, i)
		}
		sc.add("MAIL FROM:"+put[i].from, mail, i, n)
		before++
		for ; i < n; i++ {
			put[i].nth = int16(before)
			if first := put[i].first; first != "" {
				sc.add("RCPT TO:"+first, local, i, i+1)
			}
			sc.add("RCPT TO:"+put[i].to, rcpt, i, i+1)
		}
	}
}

func (sc *script) add(line string, v verb, from, to int) {
	sc.lines = append(sc.lines, line)
	sc.steps = append(sc.steps, step{v, int32(from), int32(to)})
}

// say puts the questions of a round, and adds them to what was said: in one write where the server offers
// PIPELINING (RFC 2920), else command by command. Where the server said less than was asked in one write, none of its
// replies may have been to these commands.
func (s *session) say(ctx context.Context, c *connection, r round) error {
	if len(r.questions) == 1 && r.questions[0].data {
		return s.toData(ctx, c, r.questions[0])
	}
	from, before := len(c.said), c.mails()
	for _, q := range r.questions {
		c.said = append(c.said, exchange{question: q})
	}
	sc := &s.desk.script
	sc.write(c.said[from:], r, before)
	replies, err := s.put(ctx, sc, r)
	if !lost(err, s.brisk) || !s.pipelines() {
		s.hear(sc, replies)
	}
	return err
}

// pipelines reports whether commands go out in one write.
func (s *session) pipelines() bool { return !s.stepwise && s.offers("PIPELINING") }

// put says the commands of a script and returns their replies, in order; one that was not said, or not answered,
// has the zero Reply.
func (s *session) put(ctx context.Context, sc *script, r round) ([]dialogue.Reply, error) {
	if !s.pipelines() {
		return s.stepByStep(ctx, sc)
	}
	if !r.wary {
		return s.group(ctx, sc.lines, r.last)
	}
	n := slices.IndexFunc(sc.steps, func(st step) bool { return st.verb == mail }) + 1
	replies, err := s.conn.Batch(ctx, sc.lines[:n])
	if err != nil || !replies[n-1].Positive() {
		return replies, cmp.Or(err, s.conn.Broken())
	}
	more, err := s.group(ctx, sc.lines[n:], r.last)
	return append(replies, more...), err
}

// group says commands in one write, QUIT behind the last ones where the server is to be left briskly.
func (s *session) group(ctx context.Context, lines []string, last bool) (replies []dialogue.Reply, err error) {
	if s.brisk && last {
		replies, err = s.conn.Leave(ctx, lines)
	} else {
		replies, err = s.conn.Batch(ctx, lines)
	}
	return replies, cmp.Or(err, s.conn.Broken())
}

func (s *session) stepByStep(ctx context.Context, sc *script) ([]dialogue.Reply, error) {
	replies := make([]dialogue.Reply, len(sc.steps))
	var mailReply, localReply dialogue.Reply
	for i, st := range sc.steps {
		switch {
		case st.verb != mail && !mailReply.Positive() && (st.verb != rset || i > 0):
			continue // nobody to send from, nothing to reset
		case st.verb == rcpt && sc.put[st.from].first != "" && !localReply.Positive():
			continue
		}
		r, err := s.conn.Cmd(ctx, sc.lines[i])
		if err != nil {
			return replies, err
		}
		switch replies[i] = r; st.verb {
		case mail:
			mailReply = r
		case local:
			localReply = r
		}
		if r.Code == 421 {
			return replies, s.conn.Broken()
		}
		if st.verb == mail && s.memo.Lookup(phrasebook.Mail, r) == phrasebook.TLSRequired {
			break // so would be all the others
		}
	}
	return replies, nil
}

// hear gives the replies to the questions they answer: a refused sender answers for all its recipients,
// and what was said behind it answers the order of the commands, not the question.
func (s *session) hear(sc *script, replies []dialogue.Reply) {
	var mailReply, localReply *dialogue.Reply
	taken := false // a recipient of this message
	for i := range replies {
		st, r := sc.steps[i], &replies[i]
		switch {
		case r.Code == 0:
		case st.verb == mail:
			mailReply, localReply, taken = r, nil, false
			if !r.Positive() {
				for j := st.from; j < st.to; j++ {
					sc.put[j].hear(s, phrasebook.Mail, dialogue.Span{}, r)
				}
			}
		case mailReply == nil || !mailReply.Positive():
		case st.verb == local:
			localReply, taken = r, taken || r.Positive()
			if e := &sc.put[st.from]; !r.Positive() {
				e.hear(s, phrasebook.Rcpt, mailReply.Span, r)
				e.alone, e.before = true, r
			}
		case st.verb == rcpt:
			e := &sc.put[st.from]
			e.hear(s, phrasebook.Rcpt, mailReply.Span, r)
			e.before, e.beside = localReply, taken
			taken = taken || r.Positive()
		}
	}
}

func (e *exchange) hear(s *session, stage probe.Stage, mail dialogue.Span, r *dialogue.Reply) {
	e.answer = answer{stage: stage, reply: *r, meaning: s.memo.Lookup(stage, *r), s: s, mail: mail}
	if e.local && stage == phrasebook.Rcpt {
		e.meaning = ofLocal(*r, e.meaning)
	}
}

// ofLocal is what a reply means of a local recipient. Its domain is the server's own: one that knows no way there, or
// tells what a server behind it said, knows no such user.
func ofLocal(r dialogue.Reply, m phrasebook.Meaning) phrasebook.Meaning {
	if m == phrasebook.RecipientDomainRejected && phrasebook.NoRoute(r) {
		return phrasebook.RecipientUnknown
	}
	return m
}

// toData says MAIL, RCPT and DATA, and hangs up at the 354, before any byte of a message: nothing is sent,
// nothing is queued.
func (s *session) toData(ctx context.Context, c *connection, q question) error {
	c.said = append(c.said, exchange{question: q, nth: int16(c.mails() + 1)})
	e := &c.said[len(c.said)-1]
	lines := []string{"MAIL FROM:" + q.from, "RCPT TO:" + q.to, "DATA"}
	if q.first != "" {
		lines = slices.Insert(lines, 1, "RCPT TO:"+q.first)
	}
	if len(c.said) > 1 {
		if _, err := s.conn.Cmd(ctx, "RSET"); err != nil {
			return err
		}
	}
	replies, _ := s.inOrder(ctx, lines) // what is missing speaks for itself
	for i := range replies {
		r := &replies[i]
		switch {
		case i == 0:
			if !r.Positive() {
				e.hear(s, phrasebook.Mail, dialogue.Span{}, r)
			}
		case i < len(lines)-2:
			if !r.Positive() {
				e.hear(s, phrasebook.Rcpt, replies[0].Span, r)
				e.alone = true
			}
			e.before = r
		case i == len(lines)-2:
			before := e.before
			e.hear(s, phrasebook.Rcpt, replies[0].Span, r)
			e.before = before
		case r.Code >= 400 && r.Code != 421 || r.Code == 354:
			e.atData = r
		}
	}
	if e.atData != nil && e.atData.Code == 354 {
		s.conn.Hangup("hung up here: no byte of a message was sent")
		return nil
	}
	err := s.conn.Broken()
	s.conn.Close() // without QUIT: a server that we misread could take it for a message
	return err
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

// lost reports whether commands may have been lost: the wait for a reply took too long or, where QUIT had been
// said, ended with the connection.
func lost(err error, brisk bool) bool {
	return errors.Is(err, wire.ErrTimeout) || errors.Is(err, wire.ErrUnasked) ||
		brisk && (errors.Is(err, wire.ErrClosed) || errors.Is(err, wire.ErrReset) || errors.Is(err, wire.ErrTruncated))
}

func refusal(r dialogue.Reply) bool { return !r.Positive() }
