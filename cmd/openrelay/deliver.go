package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"openrelay/probe"
	"openrelay/report"
	"openrelay/scanner/catcher"
	"openrelay/scanner/targets"
)

// delivery is the part of a scan that has messages handed over, and waits for them to come out.
type delivery struct {
	to      string
	keyFile string
	listen  string
	contact string
	most    int
	total   int
	wait    time.Duration

	ui      *ui
	courier *probe.Courier // nil unless --proof deliver
	consent catcher.Consent
	ask     sync.Once
	agreed  error // of the recipient's domain, once asked

	mu      sync.Mutex
	sent    int
	arrived []probe.Arrival
	news    chan struct{}
	held    []probe.Result // their messages are under way
}

func bindDelivery(cmd *cobra.Command, d *delivery) {
	fs := cmd.Flags()
	fs.StringVar(&d.to, "deliver-to", "", "`DOMAIN` or USER@DOMAIN that messages are for, which must agree (--proof deliver)")
	fs.IntVar(&d.most, "deliver-max", 3, "`N` messages to one server at most")
	fs.IntVar(&d.total, "deliver-total", 20, "`N` messages in all at most")
	fs.StringVar(&d.listen, "catch", "", "`ADDRESS` to catch the messages on, as the mail host of their domain: :25")
	fs.StringVar(&d.keyFile, "catch-key", "", "`FILE` with the key of an openrelay catch that runs elsewhere")
	fs.DurationVar(&d.wait, "wait-delivery", time.Minute, "`TIME` to wait for messages after the scan")
	fs.StringVar(&d.contact, "contact", "", "`ADDRESS` of whoever answers for the test, told in messages")
}

// set reads the flags. Nothing is delivered unless all of it is asked for.
func (d *delivery) set(proof string, ranges bool, authorized string) error {
	user, domain, at := strings.Cut(d.to, "@")
	if !at {
		user, domain = "", d.to
	}
	const usual = "openrelay scan --proof deliver --deliver-to relaytest.example.org --catch :25 TARGET"
	switch {
	case proof != "deliver" && (d.to != "" || d.listen != "" || d.keyFile != ""):
		return &usageError{"messages are sent with --proof deliver only", usual}
	case proof != "deliver":
		return nil
	case d.to == "":
		return &usageError{"--proof deliver does not say where messages shall come out", usual}
	case !targets.IsHostName(domain) || strings.ContainsAny(user, " <>@\"\\+%!"):
		return &usageError{fmt.Sprintf("--deliver-to %q is neither a domain nor an address", d.to), usual}
	case d.most < 1 || d.total < 1 || d.wait < 0:
		return &usageError{"--deliver-max, --deliver-total and --wait-delivery cannot be less than nothing", usual}
	case ranges && authorized == "":
		return &usageError{"messages to servers of a range need --authorized", `openrelay scan --authorized "who, ticket" --proof deliver --deliver-to ` + d.to + " TARGET"}
	}
	key := probe.NewKey()
	if d.keyFile != "" {
		var err error
		if key, _, err = loadKey(d.keyFile); err != nil {
			return err
		}
	}
	d.courier = &probe.Courier{Key: key, User: user, Domain: strings.ToLower(domain), Contact: d.contact, Most: d.most, Permit: d.permit}
	d.consent.Key = key
	d.news = make(chan struct{}, 1)
	return nil
}

// permit is asked before every message: no more than are allowed in all, and none to a public server
// unless the recipient's domain agrees.
func (d *delivery) permit(ctx context.Context, t probe.Target) error {
	if catcher.NeedsConsent(t.Addr.Addr()) {
		d.ask.Do(func() {
			if d.agreed = d.consent.Ask(ctx, d.courier.Domain); d.agreed != nil {
				d.ui.failed(d.agreed)
				d.ui.say("no message is sent to a public server; what is accepted is proven as far as DATA")
			}
		})
		if d.agreed != nil {
			return fmt.Errorf("%s has not agreed", d.courier.Domain)
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.sent == d.total {
		return fmt.Errorf("the %d messages of this scan are spent (--deliver-total)", d.total)
	}
	d.sent++
	return nil
}

// start listens for messages, if this scan is to catch them itself. stop ends that.
func (d *delivery) start(ctx context.Context, u *ui, run string) (stop func(), err error) {
	d.ui = u
	if d.courier == nil {
		return func() {}, nil
	}
	d.courier.Run = run
	if d.listen == "" {
		return func() {}, nil
	}
	l, err := net.Listen("tcp", d.listen)
	if err != nil {
		f := catchFlags{listen: d.listen, domain: d.courier.Domain, key: "catch.key"}
		return nil, f.cannotListen(err)
	}
	c := &catcher.Catcher{Domain: d.courier.Domain, Key: d.courier.Key, Contact: d.contact, Caught: d.caught}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var serving sync.WaitGroup
	serving.Go(func() { _ = c.Serve(ctx, l) }) // that it ended shows in what does not arrive
	return func() { cancel(); serving.Wait() }, nil
}

// caught takes a message that arrived.
func (d *delivery) caught(a probe.Arrival) error {
	d.mu.Lock()
	d.arrived = append(d.arrived, a)
	d.mu.Unlock()
	select {
	case d.news <- struct{}{}:
	default:
	}
	return nil
}

// hold keeps a result back while messages of it are under way. There are no more of these than messages.
func (d *delivery) hold(r probe.Result) bool {
	if d.listen == "" || !slices.ContainsFunc(r.Findings, func(f probe.Finding) bool { return f.Token != "" }) {
		return false
	}
	d.held = append(d.held, r)
	return true
}

// ripe returns the held results whose messages have all arrived; with all, every one.
func (d *delivery) ripe(all bool) (ripe []probe.Result) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var rest []probe.Result
	for _, r := range d.held {
		for _, a := range d.arrived {
			r.Deliver(a)
		}
		if !all && missing(r) > 0 {
			rest = append(rest, r)
			continue
		}
		if n := missing(r); n > 0 && len(r.Deliveries) == 0 {
			r.Traits = append(r.Traits, probe.Trait{Name: "not-delivered", Evidence: fmt.Sprintf("%d handed over, none arrived in time", n)})
		}
		ripe = append(ripe, r)
	}
	d.held = rest
	return ripe
}

// missing counts the messages of a result that have not arrived.
func missing(r probe.Result) (n int) {
	for _, f := range r.Findings {
		if f.Token != "" && !slices.ContainsFunc(r.Deliveries, func(got probe.Delivery) bool { return got.Token == f.Token }) {
			n++
		}
	}
	return n
}

// settle waits for the messages that are under way, and writes their results.
func (j *job) settle(ctx context.Context) error {
	d := &j.delivery
	if len(d.held) > 0 && ctx.Err() == nil {
		j.ui.say("waiting up to %v for messages from %s", d.wait, report.Printable(d.held[0].Target))
	}
	over := time.NewTimer(d.wait)
	defer over.Stop()
	for all := false; ; {
		if err := j.emitAll(d.ripe(all || ctx.Err() != nil)); err != nil {
			return err
		}
		if len(d.held) == 0 {
			break
		}
		select {
		case <-d.news:
		case <-ctx.Done():
		case <-over.C:
			all = true
		}
	}
	if d.courier != nil && d.listen == "" && d.sent > 0 {
		j.ui.say("%d messages were handed over; add what the catcher has with: openrelay report --deliveries caught.jsonl results.jsonl", d.sent)
	}
	return nil
}

func (j *job) emitAll(results []probe.Result) error {
	var errs []error
	for _, r := range results {
		errs = append(errs, j.emit(r))
	}
	return errors.Join(errs...)
}
