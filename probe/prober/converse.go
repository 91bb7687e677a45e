package prober

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"openrelay/probe"
	"openrelay/probe/dialogue"
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
	steps := script(s.desk.steps[:0], batch)
	s.desk.steps = steps
	replies, err := s.say(ctx, steps, wary)
	if err == nil {
		err = s.conn.Quit(ctx)
	}
	if !errors.Is(err, wire.ErrUnasked) && (!lost(err, s.brisk) || !s.pipelines()) {
		s.hear(steps, replies)
	}
	return err
}

// pipelines reports whether commands go out in one write.
func (s *session) pipelines() bool { return !s.stepwise && s.offers("PIPELINING") }

// say says the commands and returns their replies, in order; one that was not said, or not answered,
// has the zero Reply.
func (s *session) say(ctx context.Context, steps []step, wary bool) ([]dialogue.Reply, error) {
	if !s.pipelines() {
		return s.stepByStep(ctx, steps)
	}
	lines := slices.Grow(s.desk.lines[:0], len(steps)+1)
	for _, st := range steps {
		lines = append(lines, st.line)
	}
	s.desk.lines = lines
	if !wary {
		return s.group(ctx, lines)
	}
	replies, err := s.conn.Batch(ctx, lines[:1])
	if err != nil || !replies[0].Positive() {
		return replies, cmp.Or(err, s.conn.Broken())
	}
	more, err := s.group(ctx, lines[1:])
	return append(replies, more...), err
}

// group says the last commands of a session, in one write.
func (s *session) group(ctx context.Context, lines []string) (replies []dialogue.Reply, err error) {
	if s.brisk {
		replies, err = s.conn.Leave(ctx, lines)
	} else {
		replies, err = s.conn.Batch(ctx, lines)
	}
	return replies, cmp.Or(err, s.conn.Broken())
}

func (s *session) stepByStep(ctx context.Context, steps []step) ([]dialogue.Reply, error) {
	replies := make([]dialogue.Reply, len(steps))
	var mailReply, localReply dialogue.Reply
	for i, st := range steps {
		if st.verb != mail && !mailReply.Positive() {
			continue // nobody to send from, nothing to reset
		}
		if st.verb == rcpt && st.asks[0].first != "" && !localReply.Positive() {
			continue
		}
		r, err := s.conn.Cmd(ctx, st.line)
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
func (s *session) hear(steps []step, replies []dialogue.Reply) {
	var mailReply, localReply *dialogue.Reply
	taken, refused := false, false // a recipient of this message
	for i := range replies {
		st, r := steps[i], &replies[i]
		switch {
		case r.Code == 0:
		case st.verb == mail:
			mailReply, localReply, taken, refused = r, nil, false, false
			if !r.Positive() {
				for _, a := range st.asks {
					a.hear(s, phrasebook.Mail, nil, r)
				}
			}
		case mailReply == nil || !mailReply.Positive():
		case st.verb == local:
			localReply, taken = r, taken || r.Positive()
			if a := st.asks[0]; !r.Positive() {
				a.hear(s, phrasebook.Rcpt, mailReply, r)
				a.alone, a.before = true, r
			}
		case st.verb == rcpt:
			st.asks[0].hear(s, phrasebook.Rcpt, mailReply, r)
			st.asks[0].before, st.asks[0].beside, st.asks[0].behind = localReply, taken, refused
			taken, refused = taken || r.Positive(), refused || !r.Positive()
		}
	}
}

func (a *ask) hear(s *session, stage probe.Stage, mailReply, r *dialogue.Reply) {
	a.answer = answer{asked: a.envelope, stage: stage, reply: *r, meaning: a.means(stage, *r, s.memo.Lookup(stage, *r)), s: s, mail: mailReply}
}

// means is what a reply means that the phrasebook reads as m.
func (a *ask) means(stage probe.Stage, r dialogue.Reply, m phrasebook.Meaning) phrasebook.Meaning {
	if local := a.control == postmaster || a.control == unknownUser || a.vector != nil && !a.vector.EndsAbroad(); local && stage == phrasebook.Rcpt {
		return ofLocal(r, m)
	}
	return m
}

// ofLocal is what a reply means of a local recipient. Its domain is the server's own: one that knows no way there, or
// tells what a server behind it said, knows no such user.
func ofLocal(r dialogue.Reply, m phrasebook.Meaning) phrasebook.Meaning {
	if m == phrasebook.RecipientDomainRejected && phrasebook.NoRoute(r) {
		return phrasebook.RecipientUnknown
	}
	return m
}

// lost reports whether commands may have been lost: the wait for a reply took too long or, where QUIT had been
// said, ended with the connection.
func lost(err error, brisk bool) bool {
	return errors.Is(err, wire.ErrTimeout) ||
		brisk && (errors.Is(err, wire.ErrClosed) || errors.Is(err, wire.ErrReset) || errors.Is(err, wire.ErrTruncated))
}
