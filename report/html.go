package report

import (
	"bufio"
	"bytes"
	"cmp"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"

	"openrelay/probe"
	"openrelay/probe/words"
)

//go:embed html
var htmlFiles embed.FS

var htmlTemplates = template.Must(template.ParseFS(htmlFiles, "html/*.tmpl"))

// htmlReport writes one page for people that loads nothing from anywhere: to read, to print, or to send
// as evidence. The worst news comes first, so the page is written at the end; until then a server is its
// card, which is some 3 KB of a temporary file, and a dead address out of a range one byte of a map.
type htmlReport struct {
	out   output
	o     Options
	sum   Summary
	both  families
	about testFacts
	found comparisons // of servers of which something is expected
	seen  rangeMap
	held  []piece // records of ports that may not be offered: the end of the scan tells
	cards []htmlCard
	spool spool         // what the cards say, and these records
	ids   map[shown]int // how many cards have an anchor: results may be merged
	err   error         // a card that could not be made
}

// htmlCard is what is kept of a server: where its card is, and what cards are ordered, counted and filtered by.
type htmlCard struct {
	facets
	key  sortKey
	html piece
}

// facets are what cards are filtered by, as they are shown.
type facets struct {
	Verdict           probe.Verdict
	Reason, MTA, Port shown
	Found             shown // how it compares with what is expected, where anything is
}

func newHTML(w io.Writer, o Options) Writer[probe.Result] {
	return &htmlReport{out: output{w: w}, o: o}
}

func (h *htmlReport) Write(r probe.Result) error {
	h.sum.Add(r)
	h.both.add(r)
	h.about.add(r)
	h.seen.add(r)
	if r.Expected != nil {
		h.found.add(r)
	}
	switch {
	case h.o.Quiet && r.Standing() != probe.Worse, nobodyThere(r):
		return h.err
	case r.MayBeAbsent():
		return h.hold(r)
	}
	return h.add(r)
}

// hold keeps the record of a port that may not be offered.
func (h *htmlReport) hold(r probe.Result) error {
	var e encoder
	line, err := e.record(&r)
	if err != nil {
		h.err = cmp.Or(h.err, err)
		return h.err
	}
	h.held = append(h.held, h.spool.add(line))
	return h.err
}

func (h *htmlReport) add(r probe.Result) error {
	var b bytes.Buffer
	view := newCard(r)
	if h.ids == nil {
		h.ids = map[shown]int{}
	}
	if h.ids[view.ID]++; h.ids[view.ID] > 1 {
		view.ID += shown(fmt.Sprintf("-again%d", h.ids[view.ID]))
	}
	if err := htmlTemplates.ExecuteTemplate(&b, "card.tmpl", view); err != nil {
		h.err = cmp.Or(h.err, fmt.Errorf("%s: %w", r.Target, err))
		return h.err
	}
	h.cards = append(h.cards, htmlCard{view.facets, newSortKey(r), h.spool.add(b.Bytes())})
	return h.err
}

// release makes cards of the ports that were held, and returns those that turned out not to be offered.
func (h *htmlReport) release() (missing []probe.Result, err error) {
	for _, at := range h.held {
		line, err := h.spool.read(at)
		if err != nil {
			return nil, err
		}
		r, err := decode(line)
		if err != nil {
			return nil, err
		}
		if h.sum.answers(r) {
			missing = append(missing, probe.Result{Target: r.Target, Name: r.Name, Domain: r.Domain})
		} else if err := h.add(r); err != nil {
			return nil, err
		}
	}
	return missing, h.err
}

// Close writes the page.
func (h *htmlReport) Close() error {
	defer h.spool.close()
	absent := page{}
	missing, err := h.release()
	if err != nil {
		return err
	}
	absent.notOffered(missing)
	slices.SortStableFunc(h.cards, func(a, b htmlCard) int { return a.key.compare(b.key) })
	w := bufio.NewWriterSize(writerFunc(h.writeOut), 64<<10)
	if err := htmlTemplates.ExecuteTemplate(w, "page.tmpl", h.page(absent.b.String())); err != nil {
		return cmp.Or(h.out.err, err)
	}
	return w.Flush()
}

// writerFunc is a function that writes, as output does.
type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }

func (h *htmlReport) writeOut(b []byte) (int, error) {
	if err := h.out.write(b); err != nil {
		return 0, err
	}
	return len(b), nil
}

// htmlPage is what page.tmpl shows.
type htmlPage struct {
	Policy     string // the content security policy: nothing but our own style and script
	Style      template.CSS
	Script     template.JS
	Title      string
	Cut        shown
	Lead       []string
	Facts      []fact
	Counts     []verdictCount
	Expected   []standingCount // none where nothing is expected
	Other      []shown         // what is only counted
	Families   []shown
	Reasons    []reasonCount
	Ranges     rangeView
	Filters    []filter
	Cards      []htmlCard
	spool      *spool
	Listed     string // which servers have a card; "" for all that are named, or answer
	Method     method
	VectorRows []vectorRow
}

func (h *htmlReport) page(notOffered string) htmlPage {
	style, script := asset("page.css"), asset("page.js")
	p := htmlPage{
		Policy: "default-src 'none'; style-src " + hashOf(style) + "; script-src " + hashOf(script) + "; base-uri 'none'; form-action 'none'",
		Style:  template.CSS(style), Script: template.JS(script),
		Title: "Open relay test: " + h.sum.String(), Lead: h.lead(), Cut: show(h.o.cut()), Facts: h.about.facts(),
		Counts: h.counts(), Reasons: h.reasons(), Ranges: h.seen.view(), Filters: h.filters(), Cards: h.cards, spool: &h.spool,
		Expected: h.expected(), Listed: h.listed(), Method: h.about.method(), VectorRows: h.about.vectors(),
	}
	for line := range strings.Lines(notOffered) {
		p.Other = append(p.Other, show(strings.TrimSpace(line)))
	}
	if h.sum.Dead > 0 {
		p.Other = append(p.Other, shown(fmt.Sprintf("no mail server at %s in ranges", count(h.sum.Dead, "target"))))
	}
	for _, line := range h.both.differences() {
		p.Families = append(p.Families, show(line))
	}
	return p
}

// asset returns a file of the page. Lines may end in CR LF where a checkout made it so, but the browser
// hashes what it parsed, and that has LF.
func asset(name string) string {
	b, err := htmlFiles.ReadFile("html/" + name)
	if err != nil {
		return "" // it is embedded, and a test reads it
	}
	return strings.ReplaceAll(string(b), "\r\n", "\n")
}

// hashOf names an inline style or script in a content security policy (CSP Level 3, 2.3.1).
func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// HTML is a card, which card.tmpl has escaped.
func (p htmlPage) HTML(c htmlCard) (template.HTML, error) {
	b, err := p.spool.read(c.html)
	return template.HTML(b), err
}

// lead says the result in a sentence or two.
func (h *htmlReport) lead() []string {
	answered := h.sum.Open + h.sum.Inconclusive + h.sum.Closed
	of := fmt.Sprintf("Of %d mail services tested, ", answered)
	if answered == 1 {
		of = "Of the one mail service tested, "
	}
	var lead []string
	switch {
	case h.sum.Open > 0:
		agreed := fmt.Sprintf("%d agreed to take a stranger's mail for a stranger", h.sum.Open)
		if n := h.about.known; n > 0 {
			agreed += fmt.Sprintf(", %d of them as expected", n)
		}
		lead = append(lead, of+agreed+".")
	case h.sum.None():
		return []string{"Nothing was tested."}
	case answered == 0:
		return []string{"No mail server answered, so nothing can be said about relaying."}
	case h.sum.Inconclusive > 0:
		lead = append(lead, of+fmt.Sprintf("none was found open, but %d did not fully answer the question.", h.sum.Inconclusive))
	default:
		lead = append(lead, of+"none relays a stranger's mail: every form that was tried was refused.")
	}
	if n := h.about.trusting; n > 0 {
		lead = append(lead, fmt.Sprintf("Of the open ones, %d may be open only to the address the test came from, which is near them: repeat from outside before acting on it.", n))
	}
	if n := h.about.answering; n > 0 {
		lead = append(lead, fmt.Sprintf("Where no mail server is expected to answer, %d did.", n))
	}
	if remark := h.sum.Intercepted(); remark != "" {
		lead = append(lead, sentence(Printable(remark)))
	}
	return lead
}

// verdictCount is one of the headline counts.
type verdictCount struct {
	Verdict probe.Verdict
	N       int
	About   string
	X, W    float64 // where its part of the bar begins, and how wide it is, of 1000
}

func (h *htmlReport) counts() []verdictCount {
	n := map[probe.Verdict]int{
		probe.Open: h.sum.Open, probe.Inconclusive: h.sum.Inconclusive, probe.Closed: h.sum.Closed, probe.Unreachable: h.sum.Unreachable,
	}
	total := 0
	for _, k := range n {
		total += k
	}
	var counts []verdictCount
	x := 0.0
	for _, v := range probe.Verdicts {
		w := 1000 * float64(n[v]) / float64(max(total, 1))
		row, _ := words.Find(words.Verdict, v.String())
		counts = append(counts, verdictCount{v, n[v], sentence(row.Says), x, w})
		x += w
	}
	return counts
}

// reasonCount is one bar of the chart.
type reasonCount struct {
	Verdict probe.Verdict
	Reason  shown
	Words   string
	N       int
	W       float64 // of 100, the longest bar
}

// reasons counts the cards by verdict and reason, worst news first.
func (h *htmlReport) reasons() []reasonCount {
	type key struct {
		v probe.Verdict
		r shown
	}
	index := map[key]int{}
	var all []reasonCount
	most := 0
	for _, c := range h.cards {
		k := key{c.Verdict, c.Reason}
		i, ok := index[k]
		if !ok {
			i = len(all)
			index[k] = i
			all = append(all, reasonCount{Verdict: c.Verdict, Reason: c.Reason, Words: reasonWords(c.Verdict, probe.Reason(c.Reason))})
		}
		all[i].N++
		most = max(most, all[i].N)
	}
	for i := range all {
		all[i].W = 100 * float64(all[i].N) / float64(most)
	}
	slices.SortStableFunc(all, func(a, b reasonCount) int { return cmp.Or(int(b.Verdict-a.Verdict), b.N-a.N) })
	return all
}

// reasonWords says a reason in words; that of an open server is a vector.
func reasonWords(v probe.Verdict, r probe.Reason) string {
	if w, ok := words.Reason(v, r); ok {
		return w.Says
	}
	vector, _ := probe.Find(string(r))
	return vector.Title
}

// filter is a choice by one facet.
type filter struct {
	Name, Label string
	None        string // what is said of servers that have none
	Options     []filterOption
}

type filterOption struct {
	Value shown
	N     int
}

func (h *htmlReport) filters() []filter {
	by := func(name, label string, value func(htmlCard) shown) filter {
		f := filter{Name: name, Label: label, None: "none known"}
		index := map[shown]int{}
		for _, c := range h.cards {
			v := value(c)
			i, ok := index[v]
			if !ok {
				i = len(f.Options)
				index[v] = i
				f.Options = append(f.Options, filterOption{Value: v})
			}
			f.Options[i].N++
		}
		return f
	}
	all := []filter{
		by("verdict", "Verdict", func(c htmlCard) shown { return shown(c.Verdict.String()) }),
		by("reason", "Reason", func(c htmlCard) shown { return c.Reason }),
		by("mta", "Software", func(c htmlCard) shown { return c.MTA }),
		by("port", "Port", func(c htmlCard) shown { return c.Port }),
	}
	if slices.ContainsFunc(h.cards, func(c htmlCard) bool { return c.Found != "" }) {
		found := by("found", "Expected", func(c htmlCard) shown { return c.Found })
		found.None = "nothing said"
		all = append(all, found)
	}
	for _, f := range all[1:] {
		slices.SortStableFunc(f.Options, func(a, b filterOption) int { return cmp.Or(b.N-a.N, cmp.Compare(a.Value, b.Value)) })
	}
	return all
}
