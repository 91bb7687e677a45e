package report

import (
	"fmt"
	"strings"

	"openrelay/probe"
	"openrelay/probe/dnsbl"
)

// wronglyListed collects addresses that block lists accuse and that show no open relay: closed, or with no
// mail server at all. Their owner has something to send to the lists.
type wronglyListed struct {
	order []string
	hosts map[string]*accused
}

// accused is one address, over all its ports.
type accused struct {
	place    string
	listings []dnsbl.Listing
	results  []probe.Result // closed and unreachable ports, without their dialogues
	doubt    bool           // a port is open or inconclusive: nothing can be said in its favour
}

func (u *wronglyListed) add(r probe.Result) {
	if heaviest(r.Listings) != dnsbl.Accusation {
		return
	}
	key := address(r)
	if u.hosts == nil {
		u.hosts = map[string]*accused{}
	}
	a := u.hosts[key]
	if a == nil {
		a = &accused{place: hostPlace(r), listings: listedOn(r.Listings)}
		u.hosts[key] = a
		u.order = append(u.order, key)
	}
	if r.Verdict != probe.Closed && r.Verdict != probe.Unreachable {
		a.doubt = true
		return
	}
	r.Findings, r.Transcript = nil, nil
	a.results = append(a.results, r)
}

// verdict is closed where any port is.
func (a *accused) verdict() probe.Verdict {
	for _, r := range a.results {
		if r.Verdict == probe.Closed {
			return probe.Closed
		}
	}
	return probe.Unreachable
}

// evidence says, for the lists' operators to read, what was found at the address.
func (a *accused) evidence() string {
	var parts []string
	for _, r := range a.results {
		at := "port " + port(r) + ": "
		switch {
		case r.Verdict == probe.Closed:
			parts = append(parts, at+refusals(r.Coverage)+" ("+string(r.Reason)+")")
		case a.verdict() == probe.Unreachable:
			parts = append(parts, at+"no mail service answered ("+string(r.Reason)+")")
		}
	}
	r := a.results[0]
	text := "On " + r.Started.UTC().Format("2006-01-02 at 15:04 UTC")
	text += ", openrelay tested " + strings.Trim(address(r), "[]")
	if r.Vantage.Source != "" {
		text += " from " + r.Vantage.Source
	}
	text += "; " + strings.Join(parts, "; ") + "."
	if a.verdict() == probe.Closed {
		text += " It did not relay for a stranger."
	}
	return text
}

// headlines writes a block for each such address.
func (u *wronglyListed) headlines(p *page) {
	for i, key := range u.order {
		a := u.hosts[key]
		if a.doubt {
			continue
		}
		if i > 0 && p.b.Len() > 0 {
			p.b.WriteByte('\n')
		}
		p.colour(yellow, Printable(fmt.Sprintf("listed though %s: %s, by %s", a.verdict(), a.place, ListNames(a.listings))))
		p.b.WriteByte('\n')
		p.prose("to send", a.evidence())
		for _, l := range a.listings {
			p.listing(l)
		}
	}
}

// listings names the lists that have a server's address, beside its verdict. It reports whether any has.
func (p *page) listings(r probe.Result) bool {
	on := listedOn(r.Listings)
	for _, k := range kindWords {
		var names []string
		for _, l := range on {
			if l.Kind == k.Kind {
				names = append(names, l.List)
			}
		}
		if len(names) > 0 {
			p.prose("listed", strings.Join(names, ", ")+" ("+string(k.Kind)+")")
		}
	}
	return len(on) > 0
}

// oursListed says that block lists have the address we test from, where that may be why a server did not
// answer the question.
func (p *page) oursListed(r probe.Result) {
	if on := listedOn(r.Vantage.Listings); len(on) > 0 {
		p.prose("note", "the address we test from, "+r.Vantage.Source+", is listed itself: "+ListNames(on)+"; that may be why")
	}
}
