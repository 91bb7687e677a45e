package main

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"sync"

	"openrelay/probe"
	"openrelay/probe/dnsbl"
	"openrelay/probe/dnsbl/lookup"
	"openrelay/report"
)

// listings adds to the results of a scan what block lists say of the targets, and of us.
type listings struct {
	ui      *ui
	checker *lookup.Checker
	mu      sync.Mutex
	own     map[netip.Addr]bool // our own addresses that were looked up
	notes   []string            // for the end: the bar stands where they would go
}

func newListings(u *ui, c *lookup.Checker) *listings {
	u.warnOfResolver(c)
	return &listings{ui: u, checker: c, own: map[netip.Addr]bool{}}
}

// probe is inner with the listings of the target, which are looked up meanwhile. They never change the
// verdict.
func (l *listings) probe(ctx context.Context, t probe.Target, inner func(context.Context, probe.Target) *probe.Result) *probe.Result {
	var found []dnsbl.Listing
	var asking sync.WaitGroup
	if t.Addr.IsValid() {
		asking.Go(func() { found = l.checker.Addr(ctx, t.Addr.Addr()) })
	}
	r := inner(ctx, t)
	asking.Wait()
	r.Listings = onlyListed(found)
	if source, err := netip.ParseAddr(r.Vantage.Source); err == nil {
		r.Vantage.Listings = l.ours(ctx, source)
	}
	return r
}

func onlyListed(all []dnsbl.Listing) []dnsbl.Listing {
	return slices.DeleteFunc(slices.Clone(all), func(l dnsbl.Listing) bool { return l.Status != dnsbl.Listed })
}

// ours looks up the address we test from, and notes once what it found: that we are listed explains
// refusals.
func (l *listings) ours(ctx context.Context, source netip.Addr) []dnsbl.Listing {
	answers := l.checker.Addr(ctx, source)
	listed := onlyListed(answers)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.own[source] || ctx.Err() != nil {
		return listed
	}
	l.own[source] = true
	switch {
	case len(listed) > 0:
		l.note("the address we test from, %s, is listed itself: %s; that may explain refusals, and says nothing about the servers", source, report.ListNames(listed))
	case dnsbl.StatusOf(answers) == dnsbl.Clean:
		l.note("the address we test from, %s, is on none of the block lists that answered", source)
	case len(answers) > 0 && answers[0].Problem == dnsbl.NotPublic && !source.IsLoopback():
		l.note("the address we test from, %s, is a private one; whether the one others see is listed: openrelay blocklist ADDRESS", source)
	}
	return listed
}

func (l *listings) note(format string, args ...any) {
	l.notes = append(l.notes, fmt.Sprintf(format, args...))
}

// end says what was noted, and which lists gave no answers: the results hold only what is listed.
func (l *listings) end() {
	var whys []string
	by := map[string][]dnsbl.Listing{}
	for _, b := range l.checker.Broken() {
		if len(by[b.Why]) == 0 {
			whys = append(whys, b.Why)
		}
		by[b.Why] = append(by[b.Why], b)
	}
	for _, why := range whys {
		l.note("not checked: %s: %s", report.ListNames(by[why]), why)
	}
	for _, note := range l.notes {
		l.ui.say("note: %s", report.Printable(note))
	}
}
