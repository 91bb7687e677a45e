package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"openrelay/probe"
)

// table writes the report for people: a block for each server, as results come, and a summary. A
// block is one line for a closed server, and has the evidence below it for any other.
type table struct {
	blocks
	o       Options
	sum     Summary
	both    families
	wrongly wronglyListed
	by      shortlist      // who authorised it
	held    []probe.Result // ports that may not be offered, or are missing alike: the end of the scan tells
}

func newTable(w io.Writer, o Options) Writer[probe.Result] {
	return &table{blocks: blocks{out: output{w: w}}, o: o}
}

func (t *table) Write(r probe.Result) error {
	t.sum.Add(r)
	t.both.add(r)
	t.wrongly.add(r)
	t.by.add(Authorisation(r.Scan))
	switch {
	case t.o.Quiet && r.Standing() != probe.Worse, nobodyThere(r):
		return t.out.err
	case r.MayBeAbsent(), r.Verdict == probe.Unreachable && r.Reason == probe.ReasonDNS:
		t.held = append(t.held, r)
		return t.out.err
	}
	return t.block(r)
}

// Close writes what only the end can tell: the ports that did not answer, and the summary.
func (t *table) Close() error {
	if t.o.Quiet {
		return t.out.err
	}
	absent, missing := t.settle()
	for _, alike := range missing {
		p := page{Options: t.o}
		k := p.unreachable(alike...)
		if err := t.print(&p, k); err != nil {
			return err
		}
	}
	p := page{Options: t.o}
	p.notOffered(absent)
	if err := t.print(&p, block); err != nil {
		return err
	}
	p = page{Options: t.o}
	for _, line := range t.both.differences() {
		p.colour(boldRed, Printable(line))
		p.b.WriteByte('\n')
	}
	if err := t.print(&p, block); err != nil {
		return err
	}
	p = page{Options: t.o}
	t.wrongly.headlines(&p)
	if err := t.print(&p, block); err != nil {
		return err
	}
	p = page{Options: t.o}
	if cut := t.o.cut(); cut != "" {
		p.colour(boldRed, Printable(cut))
		p.b.WriteByte('\n')
	}
	if remark := t.sum.Intercepted(); remark != "" {
		p.sentence(yellow, remark)
	}
	for _, line := range wrap(t.sum.String(), t.o.Width, 0) {
		p.b.WriteString(line + "\n")
	}
	for _, who := range t.by.lines() {
		p.remark("authorised: " + who)
	}
	return t.print(&p, block)
}

// settle parts what was held back into ports that a server does not offer, and addresses that do not
// answer at all, their ports together where all is alike.
func (t *table) settle() (absent []probe.Result, missing [][]probe.Result) {
	type likeness struct {
		place    string
		reason   probe.Reason
		stage    probe.Stage
		detail   string
		compared string
	}
	groups := map[likeness]int{}
	for _, r := range t.held {
		if t.sum.answers(r) {
			absent = append(absent, r)
			continue
		}
		key := likeness{hostPlace(r), r.Reason, r.Stage, r.Detail, compared(r)}
		i, ok := groups[key]
		if !ok {
			i = len(missing)
			groups[key] = i
			missing = append(missing, nil)
		}
		missing[i] = append(missing[i], r)
	}
	return absent, missing
}

func (t *table) block(r probe.Result) error {
	p := page{Options: t.o}
	k := block
	switch r.Verdict {
	case probe.Open:
		p.open(r)
	case probe.Closed:
		k = p.closed(r)
	case probe.Unreachable:
		k = p.unreachable(r)
	default:
		p.inconclusive(r)
	}
	return t.print(&p, k)
}

func (p *page) open(r probe.Result) {
	verdict := r.Verdict.String()
	if r.Proof != probe.NoProof {
		verdict += " (" + r.Proof.String() + ")"
	}
	p.head(tint(r, boldRed), verdict, place(r), headline(r))
	p.expected(r)
	p.login(r.Login)
	p.deliveries(r)
	p.listings(r)
	p.traits(r, false)
	accepted, _ := acceptedVectors(r)
	for _, list := range accepted {
		p.prose("accepted", list)
	}
	p.prose("asked", coverage(r))
	p.finding(r, telling(r))
}

func (p *page) inconclusive(r probe.Result) {
	p.head(tint(r, yellow), r.Verdict.String(), place(r), headline(r))
	p.expected(r)
	p.login(r.Login)
	p.listings(r)
	p.oursListed(r)
	p.traits(r, false)
	p.detail(r)
	p.prose("asked", coverage(r))
	f := decidingFinding(r)
	p.finding(r, f)
	if len(r.Transcript) > 0 && (f == nil || len(f.Transcript) == 0) {
		p.prose("dialogue", "up to where it ended")
		from, to := lastWord(r.Transcript)
		p.dialogue(r.Transcript, 0, from, to)
	}
	p.prose("try", nextStep(r, f))
}

// lastLines is how much is shown of a dialogue that never became one.
const lastLines = 8

// unreachable writes ports of one address that are unreachable alike: a first line for each, and what
// they share once.
func (p *page) unreachable(alike ...probe.Result) kind {
	for _, r := range alike {
		p.head(tint(r, dim), r.Verdict.String(), place(r), headline(r))
	}
	r, k := alike[0], row
	if p.expected(r) {
		k = block
	}
	p.listings(r)
	p.traits(r, false)
	p.detail(r)
	if n := len(r.Transcript); n > 0 {
		k = block
		first := max(n-lastLines, 0)
		if first > 0 {
			p.prose("dialogue", fmt.Sprintf("its last %d lines of %d", lastLines, n))
		} else {
			p.prose("dialogue", "all of it")
		}
		from, to := lastWord(r.Transcript)
		p.dialogue(r.Transcript, first, from, to)
	}
	p.prose("try", wayOut(r))
	return k
}

func (p *page) closed(r probe.Result) kind {
	p.head(tint(r, green), r.Verdict.String(), place(r), headline(r))
	expected := p.expected(r)
	loggedIn := p.login(r.Login)
	listed := p.listings(r)
	if p.traits(r, true) || listed || loggedIn || expected {
		return block
	}
	return row
}

// tint is the colour of a verdict: what is expected is no alarm, and what is worse is one, whatever the verdict.
func tint(r probe.Result, usual colour) colour {
	switch {
	case r.Expected == nil:
		return usual
	case r.Expected.Found == probe.Worse:
		return boldRed
	case r.Verdict == probe.Open:
		return yellow
	}
	return usual
}

// expected says what is expected of the server and what was found, and reports whether there was anything to say:
// that a closed one is closed, its verdict says.
func (p *page) expected(r probe.Result) bool {
	if r.Expected == nil || r.Verdict == probe.Closed && r.Expected.Found == probe.AsExpected {
		return false
	}
	p.prose("expected", expectation(r))
	said := found(r)
	if way := wayBack(r); way != "" {
		said += ". " + way
	}
	p.prose("found", said)
	return true
}

// detail says what the record says of the reason, headed by the stage it came to.
func (p *page) detail(r probe.Result) {
	if r.Detail != "" {
		p.prose(cmp.Or(string(r.Stage), "why"), r.Detail)
	} else if r.Stage != "" {
		p.prose("stage", string(r.Stage))
	}
}

// traits writes a line for each trait and reports whether there was any.
func (p *page) traits(r probe.Result, majorOnly bool) bool {
	notes := traitNotes(r, majorOnly)
	for _, text := range notes {
		p.prose("note", text)
	}
	return len(notes) > 0
}

// finding writes what one vector came to: its dialogue, cause and fix.
func (p *page) finding(r probe.Result, f *probe.Finding) {
	if f == nil {
		return
	}
	p.prose("dialogue", f.Vector+over(f.Via))
	from, to := decidingLines(f)
	p.dialogue(f.Transcript, 0, from, to)
	if len(f.Transcript) == 0 {
		p.evidence("C: MAIL FROM:"+f.From, false)
		p.evidence("C: RCPT TO:"+f.To, false)
	}
	if from == to { // the reply is known, but not where it stood
		for line := range strings.SplitSeq(f.Reply, "\n") {
			p.evidence("S: "+line, true)
		}
	}
	p.prose("cause", causeOf(r, f))
	p.steps("fix", f.Fix)
}

// place names a target: "mx.example.org [192.0.2.5]:25 for example.org", or without a name just its address. The
// domain is that whose mail host it was tested as: a host of two domains is two targets.
func place(r probe.Result) string {
	where := hostPlace(r)
	if port := port(r); port != "" {
		where += ":" + port
	}
	if r.Domain != "" {
		where += " for " + r.Domain
	}
	return where
}

// hostPlace is the host alone: its name and address.
func hostPlace(r probe.Result) string {
	addr := address(r)
	if r.Name == "" || r.Name == addr {
		return addr
	}
	return r.Name + " [" + strings.Trim(addr, "[]") + "]"
}

// fewHosts is how many addresses are named beside the ports they do not offer.
const fewHosts = 3

// notOffered writes a line for each set of ports that addresses do not offer, most of them alike.
func (p *page) notOffered(absent []probe.Result) {
	var hosts []string
	ports := map[string][]string{}
	for _, r := range absent {
		h, port := hostPlace(r), port(r)
		if len(ports[h]) == 0 {
			hosts = append(hosts, h)
		}
		ports[h] = append(ports[h], port)
	}
	var sets []string
	alike := map[string][]string{}
	for _, h := range hosts {
		slices.SortFunc(ports[h], func(a, b string) int { return cmp.Or(len(a)-len(b), strings.Compare(a, b)) })
		set := strings.Join(ports[h], ", ")
		if len(alike[set]) == 0 {
			sets = append(sets, set)
		}
		alike[set] = append(alike[set], h)
	}
	for _, set := range sets {
		at := alike[set]
		text := "not offered: " + set + " at " + strings.Join(at[:min(len(at), fewHosts)], ", ")
		if more := len(at) - fewHosts; more > 0 {
			text += fmt.Sprintf(" and %d more", more)
		}
		p.remark(text)
	}
}
