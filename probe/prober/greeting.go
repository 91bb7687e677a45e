package prober

import (
	"context"

	"openrelay/probe"
)

// ReadGreeting is Probe without the questions: it waits for the greeting, introduces us and leaves. The
// verdict is Unreachable, with its stage and reason, or Inconclusive: a server is there.
func (p *Prober) ReadGreeting(ctx context.Context, t probe.Target) *probe.Result {
	return p.inquire(ctx, t, p.readGreeting)
}

func (p *Prober) readGreeting(ctx context.Context, q *inquiry, l *caller) {
	for m := q.next(); !q.over; m = q.next() {
		if m.call == nil {
			if p.pause(ctx, m.pause) == nil {
				q.paused()
			}
		} else if c, s := l.open(ctx, *m.call, q.style); s != nil {
			_ = s.conn.Quit(ctx)
			return
		} else {
			q.take(c)
		}
		if ctx.Err() != nil {
			q.timeUp()
		}
	}
	q.conclude(q.ended)
}
