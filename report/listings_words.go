package report

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"openrelay/probe/dnsbl"
)

// kindWords is how reports word the kinds of listings, the heaviest first.
var kindWords = []struct {
	Kind  dnsbl.Kind
	Label string // of a line about one listing
	Words string // of addresses: "3 are …"
}{
	{dnsbl.Accusation, "accused", "listed for what was seen coming from there"},
	{dnsbl.Network, "network", "listed for the network around"},
	{dnsbl.Policy, "policy", "listed by policy only, as no address for sending mail directly"},
}

// heaviest is what something is listed for: an accusation where there is one.
func heaviest(listings []dnsbl.Listing) dnsbl.Kind {
	for _, k := range kindWords {
		if slices.ContainsFunc(listings, func(l dnsbl.Listing) bool { return l.Status == dnsbl.Listed && l.Kind == k.Kind }) {
			return k.Kind
		}
	}
	return ""
}

// listedOn returns the listings that are, the heaviest first.
func listedOn(listings []dnsbl.Listing) []dnsbl.Listing {
	var on []dnsbl.Listing
	for _, k := range kindWords {
		for _, l := range listings {
			if l.Status == dnsbl.Listed && l.Kind == k.Kind {
				on = append(on, l)
			}
		}
	}
	return on
}

// ListNames names the lists of listings: "Spamhaus ZEN, SpamCop".
func ListNames(listings []dnsbl.Listing) string {
	var names []string
	for _, l := range listings {
		names = append(names, l.List)
	}
	return strings.Join(names, ", ")
}

// listingWords says what a listing is for: "Spamhaus ZEN: XBL: … (127.0.0.4)".
func listingWords(l dnsbl.Listing) string {
	means := meansAndCodes(l)
	if l.Means != "" {
		return l.List + ": " + means
	}
	return strings.TrimSpace(l.List + " " + means)
}

func meansAndCodes(l dnsbl.Listing) string {
	if len(l.Codes) == 0 {
		return l.Means
	}
	return strings.TrimSpace(l.Means + " (" + strings.Join(l.Codes, ", ") + ")")
}

// askedAbout names what was asked about: "mail.example.org [192.0.2.5]".
func askedAbout(s dnsbl.Listings) string {
	if s.Name == "" || s.Name == s.Target {
		return s.Target
	}
	return s.Name + " [" + s.Target + "]"
}

// answeredLists counts the lists that gave an answer.
func answeredLists(listings []dnsbl.Listing) int {
	n := 0
	for _, l := range listings {
		if l.Status != dnsbl.NotChecked {
			n++
		}
	}
	return n
}

// census gathers over all records what only the end can tell: which lists did not answer, and how a
// range stands as a whole.
type census struct {
	ListingsSummary
	from, to time.Time
	lists    map[string]*tally // by zone
	zones    []string
	inRange  rangeCensus
}

// tally is how one list did.
type tally struct {
	name     string
	asked    int
	answered int
	problems []unanswered
}

// unanswered is a problem of a list, and how often it met it.
type unanswered struct {
	problem dnsbl.Problem
	why     string
	times   int
}

// rangeCensus counts the addresses out of ranges, and keeps those that are listed: ranges come shuffled,
// and are reported in order.
type rangeCensus struct {
	ListingsSummary
	answering map[string]bool // zones
	listed    []dnsbl.Listings
}

// sorted returns the listed addresses in order.
func (r *rangeCensus) sorted() []dnsbl.Listings {
	slices.SortFunc(r.listed, func(a, b dnsbl.Listings) int {
		x, errX := netip.ParseAddr(a.Target)
		y, errY := netip.ParseAddr(b.Target)
		if errX != nil || errY != nil { // a record of another's making
			return strings.Compare(a.Target, b.Target)
		}
		return x.Compare(y)
	})
	return r.listed
}

func (c *census) add(s dnsbl.Listings) {
	c.Add(s)
	if c.lists == nil {
		c.lists = map[string]*tally{}
		c.inRange.answering = map[string]bool{}
		c.from = s.Started
	}
	if s.Started.Before(c.from) {
		c.from = s.Started
	}
	if s.Started.After(c.to) {
		c.to = s.Started
	}
	for _, l := range s.Listings {
		c.count(l)
	}
	if s.Named {
		return
	}
	c.inRange.Add(s)
	for _, l := range s.Listings {
		if l.Status != dnsbl.NotChecked {
			c.inRange.answering[l.Zone] = true
		}
	}
	if s.Status == dnsbl.Listed {
		s.Listings = listedOn(s.Listings)
		c.inRange.listed = append(c.inRange.listed, s)
	}
}

func (c *census) count(l dnsbl.Listing) {
	t := c.lists[l.Zone]
	if t == nil {
		t = &tally{name: l.List}
		c.lists[l.Zone] = t
		c.zones = append(c.zones, l.Zone)
	}
	t.asked++
	if l.Status != dnsbl.NotChecked {
		t.answered++
		return
	}
	for i := range t.problems {
		if t.problems[i].problem == l.Problem {
			t.problems[i].times++
			return
		}
	}
	t.problems = append(t.problems, unanswered{l.Problem, l.Why, 1})
}

// answering counts the lists that answered at all.
func (c *census) answering() int {
	n := 0
	for _, t := range c.lists {
		if t.answered > 0 {
			n++
		}
	}
	return n
}

// notChecked says which lists gave no answer and why, those with the same reason together: "Spamhaus
// ZEN, SURBL: it does not answer public resolvers …".
func (c *census) notChecked() []string {
	var whys []string
	by := map[string][]string{}
	for _, zone := range c.zones {
		t := c.lists[zone]
		for _, p := range t.problems {
			name := t.name
			if p.times < t.asked {
				name += fmt.Sprintf(" (for %d of %d)", p.times, t.asked)
			}
			if len(by[p.why]) == 0 {
				whys = append(whys, p.why)
			}
			by[p.why] = append(by[p.why], name)
		}
	}
	slices.SortStableFunc(whys, func(a, b string) int { return cmp.Compare(len(by[b]), len(by[a])) })
	var lines []string
	for _, why := range whys {
		lines = append(lines, strings.Join(by[why], ", ")+": "+why)
	}
	return lines
}

// How many addresses a sentence names, and how many lists beside each.
const (
	fewAddresses = 20
	fewLists     = 4
)

func fewNames(listings []dnsbl.Listing) string {
	names := ListNames(listings[:min(len(listings), fewLists)])
	if more := len(listings) - fewLists; more > 0 {
		names += fmt.Sprintf(" and %d more", more)
	}
	return names
}

func countAddresses(n int) string {
	if n == 1 {
		return "1 address"
	}
	return fmt.Sprintf("%d addresses", n)
}

// thatAnswered counts lists: "the 38 lists that answered".
func thatAnswered(n int) string {
	if n == 0 {
		return "block lists, none of which answered"
	}
	return "the " + count(n, "block list") + " that answered"
}

// are begins a sentence about some of many: "1 is", "12 are".
func are(n int) string {
	if n == 1 {
		return "1 is"
	}
	return fmt.Sprintf("%d are", n)
}

// letter is the summary of ranges, to be sent to whoever rents them out; empty where none was asked
// about. It says only what the lists said.
func (c *census) letter(spec string) []string {
	n := c.inRange.Listed + c.inRange.Clean + c.inRange.NotChecked
	if n == 0 {
		return nil
	}
	was := "were"
	if n == 1 {
		was = "was"
	}
	lines := []string{fmt.Sprintf("On %s, %s of %s %s looked up in %s.", c.from.UTC().Format("2006-01-02 at 15:04 UTC"),
		countAddresses(n), spec, was, thatAnswered(len(c.inRange.answering)))}
	for _, k := range kindWords {
		var addresses []string
		for _, s := range c.inRange.sorted() {
			if heaviest(s.Listings) == k.Kind {
				addresses = append(addresses, s.Target+" ("+fewNames(s.Listings)+")")
			}
		}
		if len(addresses) == 0 {
			continue
		}
		line := fmt.Sprintf("%s %s: %s", are(len(addresses)), k.Words, strings.Join(addresses[:min(len(addresses), fewAddresses)], ", "))
		if more := len(addresses) - fewAddresses; more > 0 {
			line += fmt.Sprintf(" and %d more", more)
		}
		lines = append(lines, line+".")
	}
	if c.inRange.Clean > 0 {
		lines = append(lines, are(c.inRange.Clean)+" on none of these lists.")
	}
	if c.inRange.NotChecked > 0 {
		lines = append(lines, are(c.inRange.NotChecked)+" not known: no list gave an answer.")
	}
	if c.inRange.Listed > 0 {
		lines = append(lines, "Please have the listed addresses taken off these lists, or give us others in their place.")
	}
	return lines
}
