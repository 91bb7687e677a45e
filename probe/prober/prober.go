// Package prober asks one mail server whether it relays, and judges what it heard.
//
// [Prober.Probe] puts every vector that applies to a server over as many sessions as the server can bear
// (ask.go plans them, session.go holds them), reads the answers with the phrasebook, asks again where an
// answer was about something else (settle.go), and judges (verdict.go). What it learned is a record of
// package probe, with the cause and the fix of what was accepted (fix.go). Where it was asked to, it hands a message
// over to a server that is open (delivery.go), and logs in last of all (login.go). [Prober.ReadGreeting] asks nothing: it
// looks whether a server is there.
package prober

import (
	"context"
	"crypto/rand"
	"net"
	"strings"
	"sync"
	"time"

	"openrelay/probe"
	"openrelay/probe/allowance"
	"openrelay/probe/dialogue"
	"openrelay/probe/phrasebook"
)

// Prober says how to probe. The zero value probes with no vectors; all other fields have defaults.
type Prober struct {
	Vectors []probe.Vector // what to try, the same in every probe; see [probe.Select]
	Quick   bool           // stay within one session: one own name, two controls, nothing again after STARTTLS

	Helo         string   // our host name; the address literal of our end by default
	FromDomains  []string // foreign domains for senders; example.net by default
	ToDomains    []string // foreign domains for recipients; example.org by default
	LocalDomains []string // domains the targets take mail for, beside what can be guessed

	Proof    probe.Proof   // Data by default: NoProof means the default, Rcpt stops at RCPT
	Delivery *DeliveryTest // how to hand messages over, where Proof is Delivered
	Account  *Account      // to log in with, once everything else is asked; nil for not at all
	Limits   Limits
	Evidence bool // keep the dialogue of every finding, not only of those that matter

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
	parsed []*templates // of Vectors
	desks  sync.Pool
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
	return p.inquire(ctx, t, (*inquiry).run)
}

func (p *Prober) inquire(ctx context.Context, t probe.Target, run func(*inquiry, context.Context)) *probe.Result {
	q := p.inquiry(&t)
	if t.DNSError != "" {
		q.res.Verdict, q.res.Reason, q.res.Stage, q.res.Detail = probe.Unreachable, probe.ReasonDNS, probe.StageDNS, t.DNSError
		return q.res
	}
	allowed, cancel := allowance.For(ctx, q.limits.Total)
	defer cancel()
	defer p.desks.Put(q.desk)
	run(q, allowed)
	q.trace()
	q.res.TookMS = time.Since(q.started).Milliseconds()
	return q.res
}

func (p *Prober) inquiry(t *probe.Target) *inquiry {
	q := &inquiry{p: p, t: *t, limits: p.Limits.For(*t), budget: fullBudget, started: time.Now()}
	q.res = probe.NewResult(*t, q.started)
	if q.desk, _ = p.desks.Get().(*desk); q.desk == nil {
		q.desk = new(desk)
	}
	return q
}

// desk is memory that an inquiry works with and leaves to the next one: a scan makes a thousand a second.
// Nothing of a result lies on it.
type desk struct {
	asks  []ask // those of the beginning
	steps []step
	lines []string
}

func (q *inquiry) trace() {
	for _, c := range q.conns {
		q.p.Trace(q.t, c.Since(0))
	}
	if q.p.Trace != nil && q.said != nil {
		q.p.Trace(q.t, q.said)
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
