package report

import (
	"cmp"
	"strings"

	"openrelay/probe"
)

// Pasted is what sessions come to that somebody pasted: a result, and what it cannot show.
type Pasted struct {
	probe.Result
	Sessions string    // which of the text they are, and of what kind
	Rests    []string  // what the verdict rests on
	NotAsked []string  // vectors of the core
	Missing  []Missing // what keeps the answers from being read
	Doubts   []string  // about the text
	Again    string    // the command line that asks it all
}

// Missing is what was not asked, and what to type.
type Missing struct {
	What  string
	Lines []string
}

// Text lays it out as the table does a result.
func (r *Pasted) Text(o Options) string {
	p := page{Options: o}
	verdict := r.Verdict.String()
	if r.Proof != probe.NoProof {
		verdict += " (" + r.Proof.String() + ")"
	}
	p.head(verdictColours[r.Verdict], verdict, cmp.Or(r.Name, "no name"), headline(r.Result))
	p.prose("session", r.Sessions)
	p.traits(r.Result, true)
	p.prose(cmp.Or(string(r.Stage), "why"), r.Detail)
	f := decidingFinding(r.Result)
	if f != nil {
		p.exchange(f)
	} else if len(r.Transcript) > 0 {
		from, to := lastWord(r.Transcript)
		p.prose("dialogue", "up to where it ended")
		p.dialogue(r.Transcript, max(0, len(r.Transcript)-lastLines), from, to)
	}
	for i, text := range r.Rests {
		p.prose([]string{"rests on", " "}[min(i, 1)], text)
	}
	if f != nil && f.Fix != "" && f.Outcome == probe.OutcomeAccepted {
		p.prose("cause", causeOf(r.Result, f))
		p.steps("fix", f.Fix)
	}
	p.prose("not asked", strings.Join(r.NotAsked, ", "))
	for _, m := range r.Missing {
		p.steps("missing", strings.Join(append([]string{m.What}, m.Lines...), "\n  "))
	}
	if len(r.NotAsked)+len(r.Missing) > 0 {
		p.prose("try", r.Again)
	}
	for _, doubt := range r.Doubts {
		p.prose("doubt", doubt)
	}
	return p.b.String()
}

// exchange shows the dialogue that decided.
func (p *page) exchange(f *probe.Finding) {
	p.prose("dialogue", f.Vector+over(f.Via))
	from, to := decidingLines(f)
	first := 0
	for i, line := range f.Transcript {
		if hasPrefixFold(line.Data, "MAIL FROM:") {
			first = i
			break
		}
	}
	p.dialogue(f.Transcript, first, from, to)
}

var verdictColours = map[probe.Verdict]colour{probe.Open: boldRed, probe.Closed: green, probe.Inconclusive: yellow, probe.Unreachable: dim}
