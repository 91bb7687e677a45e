package report

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"openrelay/probe"
)

// askedRow is a row of the table of what was asked: a vector that was accepted or went unanswered, or
// all the vectors that were refused in the same words.
type askedRow struct {
	Outcome  shown
	Meaning  shown
	Vectors  []shown
	Via      shown
	From, To shown   // of one vector
	Reply    []shown // "…" stands for the addresses, where several vectors share it
	Why      shown   // it was skipped
}

// askedRows is what was asked, worst news first: a server refuses most vectors in the same words, and a
// row for each would hide the others.
func askedRows(r probe.Result) (rows []askedRow) {
	for _, outcome := range []probe.Outcome{probe.OutcomeAccepted, probe.OutcomeUnanswered} {
		for _, f := range r.Findings {
			if f.Outcome == outcome {
				said := string(outcome)
				if outcome == probe.OutcomeAccepted && !r.Proves(&f) {
					said += ", " + notProven
				}
				rows = append(rows, askedRow{
					Outcome: show(said), Meaning: meaningOf(f), Vectors: []shown{show(f.Vector)}, Via: show(over(f.Via)),
					From: show(f.From), To: show(f.To), Reply: showLines(f.Reply),
				})
			}
		}
	}
	rows = append(rows, refusedRows(r.Findings)...)
	rows = append(rows, skippedRows(r.Coverage.Skipped)...)
	return capped(rows, maxLines, func(n int) askedRow {
		return askedRow{Outcome: shown(fmt.Sprintf("[%d more rows are left out here]", n))}
	})
}

// meaningOf is what a reply meant, unless the outcome says as much.
func meaningOf(f probe.Finding) shown {
	if string(f.Meaning) == string(f.Outcome) {
		return ""
	}
	return show(string(f.Meaning))
}

// refusedRows groups the refusals that are worded alike.
func refusedRows(findings []probe.Finding) (rows []askedRow) {
	type likeness struct {
		via     probe.Via
		meaning shown
		reply   string
	}
	index := map[likeness]int{}
	exact := map[int]string{} // the reply of a row's first vector
	for _, f := range findings {
		if f.Outcome == probe.OutcomeAccepted || f.Outcome == probe.OutcomeUnanswered {
			continue
		}
		words := unaddressed(f)
		key := likeness{f.Via, meaningOf(f), string(f.Outcome) + "\n" + words}
		i, ok := index[key]
		switch {
		case !ok:
			i = len(rows)
			index[key] = i
			exact[i] = f.Reply
			rows = append(rows, askedRow{
				Outcome: show(string(f.Outcome)), Meaning: meaningOf(f), Via: show(over(f.Via)),
				From: show(f.From), To: show(f.To), Reply: showLines(f.Reply),
			})
		case exact[i] != f.Reply:
			rows[i].Reply = showLines(words)
		}
		if ok {
			rows[i].From, rows[i].To = "", ""
		}
		if id := show(f.Vector); !slices.Contains(rows[i].Vectors, id) { // it was asked once for each own domain
			rows[i].Vectors = append(rows[i].Vectors, id)
		}
	}
	for i := range rows {
		rows[i].Vectors = capped(rows[i].Vectors, maxLines, func(n int) shown { return shown(fmt.Sprintf("and %d more", n)) })
	}
	return rows
}

// unaddressed is a finding's reply with "…" for the addresses that it repeats.
func unaddressed(f probe.Finding) string {
	reply := bracketed.ReplaceAllString(f.Reply, "…")
	for _, argument := range []string{f.To, f.From} {
		if address := strings.Trim(argument, "<>"); address != "" {
			reply = strings.ReplaceAll(reply, address, "…")
		}
	}
	return strings.ReplaceAll(reply, "<…>", "…")
}

// bracketed is an address as servers repeat it: not always as it was given, for they drop routes.
var bracketed = regexp.MustCompile(`<[^<>\s]*@[^<>\s]*>`)

// skippedRows groups the vectors that do not apply, by why.
func skippedRows(skips []probe.Skip) (rows []askedRow) {
	index := map[string]int{}
	for _, s := range skips {
		i, ok := index[s.Why]
		if !ok {
			i = len(rows)
			index[s.Why] = i
			rows = append(rows, askedRow{Outcome: shown(probe.OutcomeSkipped), Why: show(s.Why)})
		}
		rows[i].Vectors = append(rows[i].Vectors, show(s.Vector))
	}
	return rows
}

// N is how many vectors a row is about.
func (r askedRow) N() string { return count(len(r.Vectors), "vector") }

// Names lists the vectors of a row.
func (r askedRow) Names() string {
	names := make([]string, len(r.Vectors))
	for i, v := range r.Vectors {
		names[i] = string(v)
	}
	return strings.Join(names, ", ")
}
