package report

import (
	"fmt"
	"io"

	"openrelay/probe/dnsbl"
)

// listingsTable writes the report on block lists for people: a block for everything the user named, a
// line for each listed address of a range, and at the end the lists that did not answer, the summary
// of the ranges, and the sum.
type listingsTable struct {
	blocks
	o      Options
	census census
}

func newListingsTable(w io.Writer, o Options) Writer[dnsbl.Listings] {
	return &listingsTable{blocks: blocks{out: output{w: w}}, o: o}
}

func (t *listingsTable) Write(s dnsbl.Listings) error {
	t.census.add(s)
	p := page{Options: t.o}
	k := row
	switch {
	case !s.Named: // at the end, in order
	case s.Status == dnsbl.Listed:
		k = p.listed(s)
	case t.o.Quiet:
	case s.Status == dnsbl.Clean:
		p.head(green, "clean", askedAbout(s), "on none of "+thatAnswered(answeredLists(s.Listings)))
	default:
		p.head(yellow, "not checked", askedAbout(s), whyUnanswered(s))
	}
	return t.print(&p, k)
}

// whyUnanswered says why no list answered: that of the lists where they all have the same.
func whyUnanswered(s dnsbl.Listings) string {
	if len(s.Listings) == 0 {
		return s.Why
	}
	for _, l := range s.Listings {
		if l.Problem != s.Listings[0].Problem {
			return fmt.Sprintf("none of %s gave an answer: see below", count(len(s.Listings), "list"))
		}
	}
	return fmt.Sprintf("none of %s gave an answer: %s", count(len(s.Listings), "list"), s.Listings[0].Problem.Explain().Words)
}

// listed writes what lists something, in full where the user named it.
func (p *page) listed(s dnsbl.Listings) kind {
	verdict, c, kind := "listed", boldRed, heaviest(s.Listings)
	if kind != dnsbl.Accusation {
		verdict, c = "listed ("+string(kind)+")", yellow
	}
	on := listedOn(s.Listings)
	if !s.Named {
		p.head(c, verdict, askedAbout(s), "by "+ListNames(on))
		return row
	}
	p.head(c, verdict, askedAbout(s), fmt.Sprintf("on %d of %s", len(on), thatAnswered(answeredLists(s.Listings))))
	for _, l := range on {
		p.listing(l)
	}
	return block
}

// listing writes what one list has against an address, and where to go.
func (p *page) listing(l dnsbl.Listing) {
	for _, k := range kindWords {
		if k.Kind == l.Kind {
			p.prose(k.Label, listingWords(l))
		}
	}
	const under = " "
	if l.Reason != "" {
		p.prose(under, "it says: "+l.Reason)
	}
	if l.Lookup != "" && l.Lookup != l.Delist {
		p.prose(under, "look up: "+l.Lookup)
	}
	if l.Delist != "" {
		p.prose(under, "removal: "+l.Delist)
	}
}

func (t *listingsTable) Close() error {
	for _, s := range t.census.inRange.sorted() {
		p := page{Options: t.o}
		if err := t.print(&p, p.listed(s)); err != nil {
			return err
		}
	}
	if t.o.Quiet {
		return t.out.err
	}
	p := page{Options: t.o}
	lines := t.census.notChecked()
	if len(lines) > 0 {
		p.colour(boldPlain, "not checked")
		p.b.WriteByte('\n')
		for _, line := range lines {
			p.prose("", line)
		}
	}
	if err := t.print(&p, block); err != nil {
		return err
	}
	p = page{Options: t.o}
	for _, line := range t.census.letter(t.o.Ranges) {
		p.sentence(noColour, line)
	}
	if err := t.print(&p, block); err != nil {
		return err
	}
	p = page{Options: t.o}
	sum := fmt.Sprintf("%s; %d of %s answered", t.census.String(), t.census.answering(), count(len(t.census.lists), "list"))
	for _, text := range wrap(sum, t.o.Width, 0) {
		p.b.WriteString(text + "\n")
	}
	return t.print(&p, block)
}
