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
	"openrelay/probe/netaddr"
	"openrelay/probe/prober"
	"openrelay/report"
	"openrelay/scanner/catcher"
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
	fresh   bool                 // the key was made for this scan, and is in no file yet
	test    *prober.DeliveryTest // nil unless --proof deliver
	consent catcher.Consent
	agreed  func(context.Context) error // whether the recipient's domain agrees; it is asked once
	asking  sync.WaitGroup              // while it is

	mu      sync.Mutex
	handed  handed
	arrived map[string][]probe.Arrival // by target
	news    chan struct{}
	held    []probe.Result // their messages are under way. Only whoever takes the results in uses it
}

func bindDelivery(cmd *cobra.Command, d *delivery) {
	fs := cmd.Flags()
	fs.StringVar(&d.to, "deliver-to", "", "`DOMAIN` or USER@DOMAIN that messages are for, which must agree (--proof deliver)")
	fs.IntVar(&d.most, "deliver-max", 3, fmt.Sprintf("`N` messages to one server at most, 1 to %d", mostToServer))
	fs.IntVar(&d.total, "deliver-total", 20, fmt.Sprintf("`N` messages in all at most, with those of --resume, 1 to %d", mostInAll))
	fs.StringVar(&d.listen, "catch", "", "`ADDRESS` to catch the messages on, as the mail host of their domain: :25")
	fs.StringVar(&d.keyFile, "catch-key", "", "`FILE` with the key of an openrelay catch that runs elsewhere")
	fs.DurationVar(&d.wait, "wait-delivery", time.Minute, "`TIME` to wait for messages after the scan")
	fs.StringVar(&d.contact, "contact", "", "`ADDRESS` of whoever answers for the test, told in messages")
}

const usualDelivery = "openrelay scan --proof deliver --deliver-to relaytest.example.org --catch :25 TARGET"

// set reads the flags. Nothing is delivered unless all of it is asked for.
func (d *delivery) set(proof string, ranges bool, authorized string) error {
	if proof != "deliver" {
		if d.to != "" || d.listen != "" || d.keyFile != "" {
			return &usageError{"messages are sent with --proof deliver only", usualDelivery}
		}
		return nil
	}
	if err := d.check(); err != nil {
		return err
	}
	user, domain, err := d.recipient()
	if err != nil {
		return err
	}
	if ranges && authorized == "" {
		return &usageError{"messages to servers of a range need --authorized", `openrelay scan --authorized "who, ticket" --proof deliver --deliver-to ` + d.to + " TARGET"}
	}
	key := probe.NewKey()
	if d.keyFile != "" {
		if key, d.fresh, err = loadKey(d.keyFile); err != nil {
			return err
		}
	}
	d.test = &prober.DeliveryTest{Key: key, User: user, Domain: domain, Contact: d.contact, Most: d.most, Permit: d.permit, Release: d.release}
	d.consent.Key, d.consent.Catch, d.handed.server = key, listensAt(d.listen), netaddr.Embedded
	d.news = make(chan struct{}, 1)
	return nil
}

// recipient is who the messages are for, without a user where a domain alone was given.
func (d *delivery) recipient() (user, domain string, err error) {
	ascii := netaddr.ASCII
	if strings.IndexByte(d.to, '@') > 0 {
		ascii = netaddr.ASCIIUser
	}
	to, err := ascii(strings.TrimPrefix(d.to, "@"))
	user, domain, at := strings.Cut(to, "@")
	if !at {
		user, domain = "", to
	}
	if err != nil || strings.Contains(user, "+") {
		line := strings.Replace(usualDelivery, "--deliver-to relaytest.example.org", "%s", 1)
		return "", "", noName("--deliver-to", d.to, "is neither a domain nor an address", err, line, "relaytest.example.org")
	}
	return user, strings.ToLower(strings.TrimSuffix(domain, ".")), nil
}

// check refuses what makes no sense, or too many messages.
func (d *delivery) check() error {
	switch {
	case d.to == "":
		return &usageError{"--proof deliver does not say where messages shall come out", usualDelivery}
	case d.listen == "" && d.keyFile == "":
		return &usageError{"nobody would know the messages again: there is neither --catch nor the --catch-key of an openrelay catch elsewhere",
			"openrelay scan --proof deliver --deliver-to " + d.to + " --catch :25 TARGET"}
	case d.most < 1 || d.total < 1 || d.wait < 0:
		return &usageError{"--deliver-max and --deliver-total are at least 1, and --wait-delivery at least 0", usualDelivery}
	case d.most > mostToServer:
		return &usageError{fmt.Sprintf("--deliver-max %d: no server is handed more than %d messages", d.most, mostToServer), d.again("--deliver-max", mostToServer)}
	case d.total > mostInAll:
		return &usageError{fmt.Sprintf("--deliver-total %d: no scan hands over more than %d messages", d.total, mostInAll), d.again("--deliver-total", mostInAll)}
	}
	return nil
}

// start listens for messages, if this scan is to catch them itself. stop ends that.
func (d *delivery) start(ctx context.Context, u *ui, run string) (stop func(), err error) {
	d.ui = u
	if d.test == nil {
		return func() {}, nil
	}
	d.test.Run = run
	d.agreed = d.askOnce(ctx)
	if d.listen == "" {
		return func() {}, nil
	}
	l, err := net.Listen("tcp", d.listen)
	if err != nil {
		return nil, cannotListen(d.listen, fmt.Sprintf("openrelay scan --proof deliver --deliver-to %s --catch :2525 TARGET", d.to), err)
	}
	d.consent.Catch = listensAt(l.Addr().String()) // which port 0 is, is known now
	c := &catcher.Catcher{Domain: d.test.Domain, Key: d.test.Key, Contact: d.contact, Caught: d.caught}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var serving sync.WaitGroup
	serving.Go(func() { _ = c.Serve(ctx, l) }) // that it ended shows in what does not arrive
	return func() { cancel(); serving.Wait() }, nil
}

// caught takes a message that arrived.
func (d *delivery) caught(a probe.Arrival) error {
	d.mu.Lock()
	if d.arrived == nil {
		d.arrived = make(map[string][]probe.Arrival)
	}
	d.arrived[a.Target] = append(d.arrived[a.Target], a)
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

// ripe returns the held results whose messages have all arrived; where why says that the wait is over,
// every one.
func (d *delivery) ripe(why string) (ripe []probe.Result) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var rest []probe.Result
	for _, r := range d.held {
		for _, a := range d.arrived[r.Target] {
			r.Deliver(a)
		}
		n := missing(r)
		if why == "" && n > 0 {
			rest = append(rest, r)
			continue
		}
		if n > 0 && len(r.Deliveries) == 0 {
			r.NotDelivered(fmt.Sprintf("%d handed over, %s", n, why))
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

// settle waits for the messages that are under way, and writes their results. A scan that failed waits
// for none. The error is that one, or that the user ended the wait.
func (j *job) settle(ctx context.Context, failed error) error {
	d := &j.delivery
	why := ""
	switch {
	case ctx.Err() == nil && failed != nil:
		why = "and the scan failed before any arrived"
	case ctx.Err() == nil && len(d.held) > 0:
		j.ui.say("waiting up to %v for messages from %s", d.wait, report.Printable(d.held[0].Target))
	}
	over := time.NewTimer(d.wait)
	defer over.Stop()
	for {
		if ctx.Err() != nil && len(d.held) > 0 {
			failed = ctx.Err()
			why = "and the scan was interrupted before any arrived"
		}
		if err := j.passAll(d.ripe(why)); err != nil {
			return errors.Join(failed, err)
		}
		if len(d.held) == 0 {
			break
		}
		select {
		case <-d.news:
		case <-ctx.Done():
		case <-over.C:
			why = fmt.Sprintf("none arrived within %v", d.wait)
		}
	}
	if d.test != nil && d.listen == "" && d.handed.sent > 0 {
		j.ui.say("%d messages were handed over; add what the catcher has with: openrelay report --deliveries caught.jsonl results.jsonl", d.handed.sent)
	}
	return failed
}

func (j *job) passAll(results []probe.Result) error {
	var errs []error
	for _, r := range results {
		errs = append(errs, j.pass(r))
	}
	return errors.Join(errs...)
}
