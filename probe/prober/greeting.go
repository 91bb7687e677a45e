package prober

import (
	"context"

	"openrelay/probe"
)

// ReadGreeting is Probe without the questions: it waits for the greeting, introduces us and leaves. The
// verdict is Unreachable, with its stage and reason, or Inconclusive: a server is there.
func (p *Prober) ReadGreeting(ctx context.Context, t probe.Target) *probe.Result {
	return p.inquire(ctx, t, (*inquiry).readGreeting)
}

func (q *inquiry) readGreeting(ctx context.Context) {
	s, f := q.begin(ctx)
	if f != nil {
		q.conclude(f)
		return
	}
	_ = s.conn.Quit(ctx)
}
