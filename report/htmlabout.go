package report

import (
	"cmp"
	"strconv"
	"time"

	"openrelay/probe"
)

// testFacts is what the results say of the test itself: when, from where, with what, for whom, and what
// was sent. The zero testFacts are ready.
type testFacts struct {
	first, last time.Time
	sources     shortlist
	versions    shortlist
	scans       shortlist
	authorized  shortlist
	asked       map[string]map[probe.Outcome]int // by vector
	question    probe.Finding                    // the first plain one: what the addresses looked like
	trusting    int                              // open servers that may trust the address we tested from
	known       int                              // open servers that are as expected
	answering   int                              // servers that are worse than expected, and not open
	delivered   int
	handedOver  int // results with a message that was handed over
	unstated    int // results that do not say who authorised them
}

func (a *testFacts) add(r probe.Result) {
	if !r.Started.IsZero() {
		if a.first.IsZero() || r.Started.Before(a.first) {
			a.first = r.Started
		}
		if end := r.Started.Add(time.Duration(r.TookMS) * time.Millisecond); end.After(a.last) {
			a.last = end
		}
	}
	a.sources.add(vantageWords(r.Vantage))
	if r.Scan != nil {
		a.versions.add(r.Scan.Version)
		scan := r.Scan.ID
		if r.Scan.Spec != "" {
			scan += " (spec " + r.Scan.Spec + ")"
		}
		a.scans.add(scan)
		a.authorized.add(Authorisation(r.Scan))
	}
	if r.Scan == nil || r.Scan.Authorized == "" {
		a.unstated++
	}
	if trusting(r) {
		a.trusting++
	}
	switch open, worse := r.Verdict == probe.Open, r.Standing() == probe.Worse; {
	case open && !worse:
		a.known++
	case worse && !open:
		a.answering++
	}
	a.delivered += len(r.Deliveries)
	handed := false
	for _, f := range r.Findings {
		a.count(f)
		handed = handed || f.Token != ""
	}
	if handed {
		a.handedOver++
	}
}

func (a *testFacts) count(f probe.Finding) {
	if _, ok := probe.Find(f.Vector); !ok {
		return // of a later version
	}
	if a.asked == nil {
		a.asked = map[string]map[probe.Outcome]int{}
	}
	if a.asked[f.Vector] == nil {
		a.asked[f.Vector] = map[probe.Outcome]int{}
	}
	a.asked[f.Vector][f.Outcome]++
	if a.question.Vector == "" && f.Vector == "plain" && f.From != "" {
		a.question = probe.Finding{Vector: f.Vector, From: f.From, To: f.To}
	}
}

// facts are the head of the report.
func (a *testFacts) facts() (facts []fact) {
	when := utc(a.first)
	if end := utc(a.last); end != when {
		when += " to " + end
	}
	facts = appendFact(facts, "Tested", shownText, cmp.Or(when, "not recorded"))
	facts = appendFact(facts, "From", shownText, orElse(a.sources.lines(), "not recorded")...)
	facts = appendFact(facts, "With", shownText, orElse(prefixed("openrelay ", a.versions.lines()), "openrelay, version not recorded")...)
	facts = appendFact(facts, "Scan", shownText, orElse(a.scans.lines(), "not recorded")...)
	by := a.authorized.lines()
	if a.unstated > 0 {
		not := "not stated"
		if len(by) > 0 {
			not = "not stated for " + count(a.unstated, "target")
		}
		by = append(by, not)
	}
	facts = appendFact(facts, "Authorised by", shownText, orElse(by, "not stated")...)
	return appendFact(facts, "Messages", shownText, a.sentInShort())
}

func orElse(lines []string, otherwise string) []string {
	if len(lines) == 0 {
		return []string{otherwise}
	}
	return lines
}

func prefixed(prefix string, lines []string) []string {
	for i, line := range lines {
		if line != "and others" {
			lines[i] = prefix + line
		}
	}
	return lines
}

func (a *testFacts) sentInShort() string {
	switch {
	case a.delivered > 0:
		return count(a.delivered, "message") + " of the test came out at the other end: see the deliveries of each server"
	case a.handedOver > 0:
		return "a message was handed over to " + count(a.handedOver, "server") + ", and none is known to have come out"
	}
	return "none sent, as far as these records show"
}

// method is what the page says of how it was tested.
type method struct {
	From, To   shown // of the plain question
	Sent       bool
	SentWords  shown
	DataAsked  bool
	Intrusive  []string // vectors that claim to be somebody else
	VectorRows int
}

func (a *testFacts) method() method {
	m := method{From: show(a.question.From), To: show(a.question.To), Sent: a.delivered+a.handedOver > 0, SentWords: shown(a.sentInShort())}
	for _, v := range probe.Vectors {
		if a.asked[v.ID] == nil {
			continue
		}
		m.VectorRows++
		if v.Class == probe.Intrusive {
			m.Intrusive = append(m.Intrusive, v.ID)
		}
	}
	return m
}

// vectorRow is a row of the table of vectors: what was asked, and what came of it.
type vectorRow struct {
	probe.Vector
	Accepted, Refused, Unanswered string // how many findings; "" for none
}

// vectors lists the vectors that were asked, in the order of trial.
func (a *testFacts) vectors() (rows []vectorRow) {
	number := func(n int) string {
		if n == 0 {
			return ""
		}
		return strconv.Itoa(n)
	}
	for _, v := range probe.Vectors {
		if n := a.asked[v.ID]; n != nil {
			rows = append(rows, vectorRow{v, number(n[probe.OutcomeAccepted]), number(n[probe.OutcomeRefused]), number(n[probe.OutcomeUnanswered])})
		}
	}
	return rows
}
