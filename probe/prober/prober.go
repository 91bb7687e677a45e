// Package prober asks one mail server whether it relays, and judges what it heard.
//
// Two halves do it. An inquiry knows what is to be asked, and what follows from everything that was heard
// (inquiry.go): it plans each connection (plan.go), opens and ends it with controls that tell whether we are welcome
// (controls.go), takes in what was said (take.go, settle.go), and says what to ask beyond the table of vectors
// (stages.go, difference.go, proof.go). It makes no connection: a caller does (session.go, setup.go, converse.go), and
// says what the inquiry tells it to. At the end the inquiry judges (verdict.go): what it learned is a record of package
// probe, with the cause and the fix of what was accepted (fix.go). Where it was asked to, a message is handed over
// to a server that is open (delivery.go), and last of all we log in (login.go). [Prober.ReadGreeting] asks nothing: it
// looks whether a server is there.
package prober

import (
	"context"
	"crypto/rand"
	"errors"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"openrelay/probe"
	"openrelay/probe/allowance"
	"openrelay/probe/dialogue"
	"openrelay/probe/phrasebook"
	"openrelay/probe/wire"
)

// Prober says how to probe. The zero value probes with no vectors; all other fields have defaults.
type Prober struct {
	Vectors []probe.Vector // what to try, the same in every probe; see [probe.Select]
	Quick   bool           // one own name, and nothing again after STARTTLS: one session, unless the answers leave something open

	Helo         string   // our host name; the address literal of our end by default
	FromDomains  []string // foreign domains for senders; example.net by default
	ToDomains    []string // foreign domains for recipients; example.org by default
	LocalDomains []string // domains the targets take mail for, beside what can be guessed
	LocalUsers   []string // users of the targets, "user" or "user@domain"
	MTA          string   // the software of the targets, as package fixes calls it; what they say of themselves by default

	Proof    probe.Proof   // Data by default: NoProof means the default, Rcpt stops at RCPT
	Delivery *DeliveryTest // how to hand messages over, where Proof is Delivered
	Account  *Account      // to log in with, once everything else is asked; nil for not at all
	// LogInLater is given the login instead, to make it when every other target has been asked everything too; nil
	// where it is the last thing that a probe does.
	LogInLater func(t probe.Target, logIn func(context.Context) *probe.Login)
	Limits     Limits
	Evidence   bool // keep the dialogue of every finding, not only of those that matter

	// Dial connects; net.Dialer by default. Limits on the rate of connections belong here.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Pause waits, for a server that asked for patience; time alone by default. A scanner lends the
	// worker to somebody else meanwhile.
	Pause func(ctx context.Context, d time.Duration) error
	// Trace is given the dialogue of every connection when it is over; nil for no one.
	Trace func(t probe.Target, said dialogue.Transcript)
	// Nonce makes a word that no mailbox is called; random by default.
	Nonce func() string

	memo   phrasebook.Memo
	parse  sync.Once
	parsed []row // of Vectors
	usual  names // the foreign ones, before a target is known

	saysAddress bool // a vector says the address that we test from
	desks       sync.Pool
}

// Limits bound the time one target may take. Zero means the default, which is generous for a target
// the user named and short for one out of a range.
type Limits struct {
	Connect  time.Duration // for one connection attempt: 10 s named, 1.3 s in ranges
	Greeting time.Duration // for the greeting: 30 s named, 10 s in ranges
	Reply    time.Duration // for any other reply: 60 s named, 10 s in ranges
	Total    time.Duration // for everything, what was excused aside: 10 min named, 1 min in ranges
	Retry    time.Duration // to come back when told to: 60 s named, not in ranges; negative for never
}

// For returns the limits for a target, defaults filled in. A connection attempt of exactly 1 s or 3 s
// would end just when the kernel repeats its SYN.
func (l Limits) For(t probe.Target) Limits {
	d := Limits{Connect: 1300 * time.Millisecond, Greeting: 10 * time.Second, Reply: 10 * time.Second, Total: time.Minute}
	if t.Named {
		d = Limits{Connect: 10 * time.Second, Greeting: 30 * time.Second, Reply: time.Minute, Total: 10 * time.Minute, Retry: time.Minute}
	}
	for _, f := range []struct{ have, set *time.Duration }{
		{&d.Connect, &l.Connect}, {&d.Greeting, &l.Greeting}, {&d.Reply, &l.Reply}, {&d.Total, &l.Total}, {&d.Retry, &l.Retry},
	} {
		if *f.set != 0 {
			*f.have = *f.set
		}
	}
	return d
}

// Probe tests one target. It returns no error: what went wrong is part of what was learned. When ctx
// ends early, the result covers what was asked by then and is not a verdict to keep.
func (p *Prober) Probe(ctx context.Context, t probe.Target) *probe.Result {
	return p.inquire(ctx, t, p.ask)
}

// ask does what the inquiry says is next until nothing is, and judges.
func (p *Prober) ask(ctx context.Context, q *inquiry, l *caller) {
	for {
		m := q.next()
		switch {
		case m.call != nil:
			l.hold(ctx, q, *m.call)
		case m.pause == 0:
			q.finish(ctx, l)
			return
		case p.pause(ctx, m.pause) == nil:
			q.paused()
		}
		if ctx.Err() != nil {
			q.timeUp()
		}
	}
}

// finish judges when all is asked. A message is handed over before that, where that was asked for.
func (q *inquiry) finish(ctx context.Context, l *caller) {
	if q.first == nil {
		q.conclude(q.ended)
		return
	}
	q.deliver(ctx, l)
	q.judge()
	q.prepareLogin()
}

// hold makes a connection and says there what the inquiry says, which takes it in.
func (l *caller) hold(ctx context.Context, q *inquiry, m manner) {
	c, s := l.open(ctx, m, q.style)
	if s != nil {
		q.letIn(c)
		c.said = l.desk.exchanges(q.mostSaid())
		for c.err == nil {
			r, more := q.round(c)
			if !more {
				break
			}
			n := len(c.said)
			c.err = s.say(ctx, c, r)
			if r.opening {
				c.opened = len(c.said)
				q.learn(c, n)
			}
			if r.ends > 0 {
				c.tail, c.ends = len(c.said)-r.ends, r.ends
			} else {
				c.tail = max(c.tail, c.opened)
			}
		}
		if c.err == nil {
			c.err = s.conn.Quit(ctx)
		}
		if errors.Is(c.err, wire.ErrUnasked) {
			c.unpair()
		}
		c.slow, c.slowest, c.held = s.conn.Slow(), s.conn.Slowest(), s.conn.Held()
	}
	q.take(c)
}

func (p *Prober) inquire(ctx context.Context, t probe.Target, run func(context.Context, *inquiry, *caller)) *probe.Result {
	q := p.inquiry(&t)
	if t.DNSError != "" {
		q.res.Verdict, q.res.Reason, q.res.Stage, q.res.Detail = probe.Unreachable, probe.ReasonDNS, probe.StageDNS, t.DNSError
		return q.res
	}
	allowed, cancel := allowance.For(ctx, q.limits.Total)
	defer cancel()
	defer p.desks.Put(q.desk)
	l := &caller{p: p, t: t, limits: q.limits, desk: q.desk}
	run(allowed, q, l)
	q.res.Vantage = q.vantage
	l.trace()
	q.logIn(allowed)
	q.res.TookMS = time.Since(q.res.Started).Milliseconds()
	return q.res
}

func (p *Prober) inquiry(t *probe.Target) *inquiry {
	q := &inquiry{p: p, t: *t, local: p.local(t), limits: p.Limits.For(*t), dose: dose{budget: fullBudget}, nonce: p.nonce()}
	q.res = probe.NewResult(*t, time.Now())
	q.base.via = probe.Plain
	if t.Addr.Port() == 465 { // RFC 8314 3.3
		q.base.via = probe.TLSFirst
	}
	q.style.brisk = !t.Named
	if q.desk, _ = p.desks.Get().(*desk); q.desk == nil {
		q.desk = new(desk)
	}
	return q
}

// local is what the user said of all targets, and of this one.
func (p *Prober) local(t *probe.Target) probe.Local {
	if t.Local == nil {
		return probe.Local{Domains: p.LocalDomains, Users: p.LocalUsers}
	}
	return probe.Local{Domains: slices.Concat(t.Local.Domains, p.LocalDomains), Users: slices.Concat(t.Local.Users, p.LocalUsers)}
}

// desk is memory that an inquiry works with and leaves to the next one: a scan makes a thousand a second.
// Nothing of a result lies on it.
type desk struct {
	asks   []ask        // those of the beginning
	said   [][]exchange // of each connection, of the first ones
	used   int          // of those
	script script
}

// tidy clears the desk, for an inquiry with so many questions.
func (d *desk) tidy(asks int) {
	if len(d.asks) == 0 {
		d.asks = make([]ask, asks)
	}
	clear(d.asks)
	for _, said := range d.said[:d.used] {
		clear(said)
	}
	d.used, d.script.put = 0, nil
}

// mostKept is of how many connections the room is kept for the next inquiry.
const mostKept = 8

// exchanges is room for those of one connection: n, or what was made for another one.
func (d *desk) exchanges(n int) []exchange {
	if d.used == mostKept {
		return nil
	}
	if d.used == len(d.said) {
		d.said = append(d.said, make([]exchange, n))
	}
	d.used++
	return d.said[d.used-1][:0]
}

// trace hands out what was said on every connection.
func (l *caller) trace() {
	for _, c := range l.conns {
		l.p.Trace(l.t, c.Since(0))
	}
}

func (p *Prober) nonce() string {
	if p.Nonce != nil {
		return p.Nonce()
	}
	return strings.ToLower(rand.Text()[:10])
}

func (p *Prober) pause(ctx context.Context, d time.Duration) error {
	if p.Pause != nil {
		return p.Pause(ctx, d)
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
