package report

import (
	"fmt"
	"slices"
	"strings"

	"openrelay/probe"
	"openrelay/probe/words"
)

// worstFirst is the order in which verdicts keep a gate shut.
var worstFirst = []probe.Verdict{probe.Open, probe.Inconclusive, probe.Unreachable, probe.Closed}

// whyNot names the reason, as openrelay explain knows it, and says it in words. A reason of a later
// version stands for itself.
func whyNot(r probe.Result) string {
	if w, ok := words.Reason(r.Verdict, r.Reason); ok {
		return string(r.Reason) + ": " + w.Says
	}
	return string(r.Reason)
}

// headline says in a few words why a server has its verdict.
func headline(r probe.Result) string {
	switch r.Verdict {
	case probe.Open:
		why := "accepted " + string(r.Reason)
		if _, vectors := acceptedVectors(r); vectors > 1 {
			why += fmt.Sprintf(" and %d more", vectors-1)
		}
		return why
	case probe.Closed:
		why := refusals(r.Coverage)
		if r.Reason != probe.ReasonRefused { // which would only repeat it
			why += ": " + string(r.Reason)
		}
		return why + skipped(r.Coverage)
	}
	return whyNot(r)
}

// causeOf is the cause of what one vector came to, "" where the headline says it already.
func causeOf(r probe.Result, f *probe.Finding) string {
	if w, ok := words.Reason(r.Verdict, r.Reason); ok && strings.Contains(f.Cause, w.Says) {
		return ""
	}
	return f.Cause
}

// nextStep says what to do about a question that stayed open, unless the fix of the deciding finding,
// which may be nil, says it already.
func nextStep(r probe.Result, f *probe.Finding) string {
	if w := wayOut(r); f == nil || f.Fix != w {
		return w
	}
	return ""
}

// wayOut says what to do about the reason, "" where nobody knows.
func wayOut(r probe.Result) string {
	w, _ := words.Reason(r.Verdict, r.Reason)
	return w.WayOut
}

// refusals says how many of the vectors there are were asked and refused.
func refusals(c probe.Coverage) string {
	if c.Asked == 0 {
		return "refused"
	}
	if c.Asked+len(c.Skipped) < c.Of { // the others were not asked for
		return fmt.Sprintf("closed for %d of %s", c.Answered, count(c.Of, "vector"))
	}
	return fmt.Sprintf("%d of %s refused", c.Answered, count(max(c.Of, c.Asked), "vector"))
}

func over(v probe.Via) string {
	if v == probe.Plain || v == "" {
		return ""
	}
	return " over " + string(v)
}

// notProven is what is said of a form that was accepted and may be the name of a local mailbox.
const notProven = "not proven (may be a local mailbox)"

// acceptedVectors lists the vectors that were accepted, "data: plain, null-sender", one list for each
// proof and way of asking, and counts those that prove something, each once.
func acceptedVectors(r probe.Result) (lists []string, vectors int) {
	var labels []string
	by := map[string][]string{}
	seen := map[string]bool{}
	for _, f := range r.Findings {
		if f.Outcome != probe.OutcomeAccepted {
			continue
		}
		label := strings.TrimSpace(f.Proof.String() + over(f.Via))
		if !r.Proves(&f) {
			label = strings.TrimPrefix(label+", "+notProven, ", ")
		} else {
			seen[f.Vector] = true
		}
		if by[label] == nil {
			labels = append(labels, label)
		}
		if !slices.Contains(by[label], f.Vector) { // it was asked once for each own domain
			by[label] = append(by[label], f.Vector)
		}
	}
	for _, label := range labels {
		heading := strings.TrimPrefix(label+": ", ": ") // no proof, no heading
		lists = append(lists, heading+strings.Join(by[label], ", "))
	}
	return lists, len(seen)
}

// acceptedIDs returns the vectors that were accepted, each once.
func acceptedIDs(r probe.Result) (ids []string) {
	for _, f := range r.Findings {
		if f.Outcome == probe.OutcomeAccepted && !slices.Contains(ids, f.Vector) {
			ids = append(ids, f.Vector)
		}
	}
	return ids
}

// unprovenIDs returns the vectors that were accepted and prove nothing, each once.
func unprovenIDs(r probe.Result) (ids []string) {
	proven := map[string]bool{}
	for i := range r.Findings {
		proven[r.Findings[i].Vector] = proven[r.Findings[i].Vector] || r.Proves(&r.Findings[i])
	}
	return slices.DeleteFunc(acceptedIDs(r), func(id string) bool { return proven[id] })
}

// coverage says how much of the question was asked, and from where.
func coverage(r probe.Result) string {
	if r.Coverage.Asked == 0 {
		return ""
	}
	text := fmt.Sprintf("%d of %s, %d answered", r.Coverage.Asked, count(max(r.Coverage.Of, r.Coverage.Asked), "vector"), r.Coverage.Answered)
	text += skipped(r.Coverage)
	if r.Vantage.Source != "" {
		text += "; from " + r.Vantage.Source
	}
	if r.Vantage.Kind != "" {
		text += " (" + string(r.Vantage.Kind) + ")"
	}
	return text
}

// skipped counts the vectors that do not apply, by why.
func skipped(c probe.Coverage) string {
	var whys []string
	counts := map[string]int{}
	for _, s := range c.Skipped {
		if counts[s.Why]++; counts[s.Why] == 1 {
			whys = append(whys, s.Why)
		}
	}
	var b strings.Builder
	for _, why := range whys {
		fmt.Fprintf(&b, "; %d skipped: %s", counts[why], why)
	}
	return b.String()
}

// traitNotes says each trait in a sentence, with its evidence, the one that puts the verdict in question
// first.
func traitNotes(r probe.Result, majorOnly bool) (notes []string) {
	for _, first := range []bool{true, false} {
		for _, trait := range r.Traits {
			row := traitRow(trait.Name)
			if (trait.Name == probe.TraitVantageTrusted) != first || majorOnly && row.Minor {
				continue
			}
			text := row.Says
			if trait.Evidence != "" {
				text += " (" + trait.Evidence + ")"
			}
			notes = append(notes, text)
		}
	}
	return notes
}

// traitRow is what there is to say of a trait. One of a later version stands for itself.
func traitRow(name probe.TraitName) words.Entry {
	if row, ok := words.Find(words.Trait, string(name)); ok {
		return row
	}
	return words.Entry{Word: string(name), Says: string(name)}
}
