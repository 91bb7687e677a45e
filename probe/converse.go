package probe

import (
	"context"
	"errors"

	"openrelay/probe/phrasebook"
	"openrelay/probe/wire"
)

// converse asks a batch of questions: in one write where the server offers PIPELINING (RFC 2920),
// else command by command. Questions left without an answer stay as they were, and so do all of them
// where the server said more than it was asked, or less than was asked in one write: then its replies
// may not have been to these commands.
//
// wary sends the first MAIL alone, to see whether the server refuses all of them before it counts the
// rest as errors.
func (s *session) converse(ctx context.Context, batch []*ask, wary bool) error {
	before := make([]answer, len(batch))
	for i, a := range batch {
		before[i] = a.answer
	}
	err := s.say(ctx, script(batch), wary)
	if err == nil {
		err = s.conn.Quit(ctx)
	}
	if errors.Is(err, wire.ErrUnasked) || errors.Is(err, wire.ErrTimeout) && !s.stepwise && s.offers("PIPELINING") {
		for i, a := range batch {
			a.answer, a.alone = before[i], false
		}
	}
	return err
}

func (s *session) say(ctx context.Context, steps []step, wary bool) error {
	if s.stepwise || !s.offers("PIPELINING") {
		return s.stepByStep(ctx, steps)
	}
	var mailReply wire.Reply
	if wary {
		var err error
		if mailReply, err = s.conn.Cmd(ctx, steps[0].line); err != nil {
			return err
		}
		s.hear(steps[0], mailReply, mailReply)
		if steps = steps[1:]; !mailReply.Positive() {
			return s.conn.Broken()
		}
	}
	return s.pipeline(ctx, steps, mailReply)
}

func (s *session) stepByStep(ctx context.Context, steps []step) error {
	var mailReply wire.Reply
	for _, st := range steps {
		if st.verb != mail && !mailReply.Positive() {
			continue // nobody to send from, nothing to reset
		}
		if st.verb == rcpt && st.asks[0].alone {
			continue
		}
		r, err := s.conn.Cmd(ctx, st.line)
		if err != nil {
			return err
		}
		if st.verb == mail {
			mailReply = r
		}
		s.hear(st, mailReply, r)
		if r.Code == 421 {
			return s.conn.Broken()
		}
		if st.verb == mail && st.asks[0].meaning == phrasebook.TLSRequired {
			break // so would be all the others
		}
	}
	return nil
}

func (s *session) pipeline(ctx context.Context, steps []step, mailReply wire.Reply) error {
	lines := make([]string, len(steps))
	for i, st := range steps {
		lines[i] = st.line
	}
	replies, err := s.conn.Batch(ctx, lines)
	for i, r := range replies {
		if steps[i].verb == mail {
			mailReply = r
		}
		if steps[i].verb != mail && !mailReply.Positive() {
			continue // it answers the order of the commands, not the question
		}
		s.hear(steps[i], mailReply, r)
	}
	if err == nil {
		err = s.conn.Broken()
	}
	return err
}

// hear gives a reply to the questions it answers: a refused sender answers for all its recipients.
func (s *session) hear(st step, mailReply, r wire.Reply) {
	if st.verb == mail && !r.Positive() {
		for _, a := range st.asks {
			a.hear(s, phrasebook.Mail, wire.Reply{}, r)
		}
	}
	switch a := st.asks; st.verb {
	case local:
		a[0].alone = !r.Positive()
		a[0].before = r
	case rcpt:
		before := a[0].before
		a[0].hear(s, phrasebook.Rcpt, mailReply, r)
		a[0].before = before
	}
}

func (a *ask) hear(s *session, stage Stage, mailReply, r wire.Reply) {
	a.answer = answer{asked: a.envelope, stage: stage, reply: r, meaning: s.memo.Lookup(stage, r), s: s, mail: mailReply}
}
