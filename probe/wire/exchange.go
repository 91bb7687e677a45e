package wire

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"openrelay/probe/dialogue"
)

// exchange writes lines at once and reads n replies, each within limit.
func (c *Conn) exchange(ctx context.Context, lines []string, n int, limit time.Duration) ([]dialogue.Reply, error) {
	if c.err != nil {
		return nil, c.err
	}
	if len(lines) > 0 {
		if err := c.write(ctx, lines, limit); err != nil {
			return nil, err
		}
	}
	var replies []dialogue.Reply
	for len(replies) < n {
		if len(replies) > 0 || len(lines) == 0 { // the first answer's time began with the write
			if err := c.arm(ctx, limit); err != nil {
				return replies, c.fail(err)
			}
		}
		r, err := c.reply(len(lines) > 0, n-len(replies))
		if err != nil {
			return replies, err
		}
		if r.Code == 221 && len(lines) > 0 { // the answer to QUIT, or to nothing (RFC 5321 4.2.3): something before has none
			return replies, c.fail(outOfStep(len(lines)))
		}
		replies = append(slices.Grow(replies, n-len(replies)), r)
		if r.Code == 421 { // RFC 5321 3.8: the server is closing; what follows has no answer
			c.fail(ErrClosing)
			break
		}
	}
	if len(replies) < n {
		return replies, c.err
	}
	return replies, nil
}

// outOfStep is what a goodbye means that answers one of n commands: alone, that one has no other answer; in
// a group, nobody knows which has none, so that all replies may belong to others.
func outOfStep(n int) error {
	if n > 1 {
		return ErrUnasked
	}
	return ErrClosing
}

func (c *Conn) write(ctx context.Context, lines []string, limit time.Duration) error {
	if i := slices.IndexFunc(lines, endsWithin); i >= 0 {
		return c.fail(fmt.Errorf("%w: a command of ours would be two: %q", ErrOver, lines[i]))
	}
	unasked := c.in.rest()
	out := c.queue(lines)
	if unasked != "" {
		c.heard(unasked)
		if strings.HasPrefix(unasked, "421") { // which a server may say at any time (RFC 5321 3.8)
			return c.fail(ErrClosing)
		}
		return c.fail(ErrUnasked)
	}
	if err := c.arm(ctx, limit); err != nil {
		return c.fail(err)
	}
	c.await()
	if _, err := c.nc.Write(out); err != nil {
		// A server that has hung up may have said why before: read that first.
		if r, err := c.replyNow(); err == nil {
			return c.fail(fmt.Errorf("%w after %q", ErrClosed, dialogue.Text(r.String())))
		}
		return c.fail(c.explain(err))
	}
	return nil
}

// endsWithin reports whether a line would be more than one.
func endsWithin(line string) bool {
	return strings.IndexByte(line, '\r') >= 0 || strings.IndexByte(line, '\n') >= 0
}

// queue makes the bytes of commands, and remembers them as not answered. They lie where what comes in will:
// nothing does before they are sent.
func (c *Conn) queue(lines []string) []byte {
	out := c.in.buffer()[:0]
	for _, line := range lines {
		out = append(append(out, line...), "\r\n"...)
	}
	c.unsaid = slices.Grow(c.unsaid, len(lines))
	all := string(out)
	for _, line := range lines {
		end := len(line) + len("\r\n")
		c.unsaid = append(c.unsaid, all[:end])
		all = all[end:]
	}
	return out
}

// replyNow reads what is left to read on a connection that can no longer be written to.
func (c *Conn) replyNow() (dialogue.Reply, error) {
	if err := c.nc.SetReadDeadline(time.Now().Add(100 * time.Millisecond)); err != nil {
		return dialogue.Reply{}, err
	}
	return c.readReply(ofReply)
}

// reply reads one reply, of so many that are to come, and poisons the connection if it is not one. The wait
// for it happens up here, before there is memory for it: what a wait keeps is kept for every server.
func (c *Conn) reply(answer bool, more int) (dialogue.Reply, error) {
	at := len(c.log)
	if answer {
		c.said()
	}
	mark := len(c.log)
	c.began = time.Time{}
	r, err := dialogue.Reply{}, c.arrive()
	if err == nil {
		c.log, c.texts = slices.Grow(c.log, 2*more), slices.Grow(c.texts, more)
		r, err = c.readReply(c.shareOf(answer))
	}
	c.waited(mark, answer)
	if err != nil {
		return dialogue.Reply{}, c.fail(c.explain(err))
	}
	r.Span = dialogue.Span{At: int32(at), End: int32(len(c.log))}
	return r, nil
}

// shareOf is how much is kept of a reply: to nothing, which is a greeting, or to the command that was said last.
func (c *Conn) shareOf(answer bool) share {
	if !answer || strings.HasPrefix(c.log[len(c.log)-1].Data, "EHLO ") {
		return ofIntroduction
	}
	return ofReply
}

// waited takes note of how long a reply was waited for, in the transcript where that was long.
func (c *Conn) waited(mark int, answer bool) {
	if c.began.IsZero() {
		return // it was there already
	}
	took := time.Since(c.began)
	c.pace = max(c.pace, took)
	if took >= time.Second {
		c.log = slices.Insert(c.log, mark, dialogue.Line{From: dialogue.Note, Data: fmt.Sprintf("after %.1f s", took.Seconds())})
	}
	if answer {
		c.worst = max(c.worst, took)
	}
	if answer && took > SlowReply {
		c.slow++
	}
}
