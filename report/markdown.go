package report

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	"openrelay/probe"
)

// markdown writes a page for a CI job: what was found in one line, a table of the targets, the worst
// first, and below it the dialogue, the cause and the fix of each open one. GitHub shows no summary of
// over 1 MiB, so it is never longer, and says how much is left out.
//
// Everything is written at the end: what comes first may come last out of the scan.
type markdown struct {
	out   output
	o     Options
	wait  waiting
	both  families
	rows  map[news][]string // of the table, so many of each kind
	all   map[news]int      // all there are
	open  section           // details of open servers that nobody expects to be
	known section           // of those that are as expected
	by    shortlist         // who authorised it
}

// What GitHub takes of one step, and what a person reads of it.
const (
	mostPage    = 1 << 20
	mostRows    = 1000 // of one kind
	mostNames   = 100  // that differ between IPv4 and IPv6
	mostDetails = mostPage / 2
	mostReason  = 1000 // characters of an expectation, which a person wrote
)

// section is what there is to say of open servers, as long as there is room.
type section struct {
	texts []string
	size  int // in bytes
}

func (s *section) add(text string) {
	if s.size+len(text) <= mostDetails {
		s.texts = append(s.texts, text)
		s.size += len(text)
	}
}

func newMarkdown(w io.Writer, o Options) Writer[probe.Result] {
	return &markdown{out: output{w: w}, o: o, rows: map[news][]string{}, all: map[news]int{}}
}

func (*markdown) atEnd() {}

func (m *markdown) Write(r probe.Result) error {
	m.both.add(r)
	m.by.add(Authorisation(r.Scan))
	if !m.wait.add(r) {
		m.take(r)
	}
	return m.out.err
}

// take keeps the row of a target, and the details of an open one, as long as there is room. Addresses out
// of ranges that are closed or dead are only counted.
func (m *markdown) take(r probe.Result) {
	if !r.Named && r.Verdict <= probe.Closed && r.Standing() == probe.AsExpected {
		return
	}
	n := newsOf(r)
	if m.all[n]++; m.all[n] <= mostRows {
		m.rows[n] = append(m.rows[n], tableRow(r))
	}
	switch {
	case r.Verdict != probe.Open:
	case n.worse:
		m.open.add(details(r))
	default:
		m.known.add(details(r))
	}
}

func (m *markdown) Close() error {
	for r, absent := range m.wait.rest() {
		if !absent {
			m.take(r)
		}
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "## openrelay: %s\n\n", &m.wait.sum)
	if cut := m.o.cut(); cut != "" {
		fmt.Fprintf(&b, "**%s**\n\n", inline(clip(Printable(cut))))
	}
	if remark := m.wait.sum.Intercepted(); remark != "" {
		fmt.Fprintf(&b, "**%s**\n\n", inline(Printable(remark)))
	}
	differ := m.both.differences()
	for _, line := range differ[:min(len(differ), mostNames)] {
		fmt.Fprintf(&b, "**%s**\n\n", inline(clip(Printable(line))))
	}
	if more := len(differ) - mostNames; more > 0 {
		fmt.Fprintf(&b, "The same of %s, left out here.\n\n", count(more, "more name"))
	}
	for _, who := range m.by.lines() {
		fmt.Fprintf(&b, "Authorised: %s\n\n", inline(clip(Printable(who))))
	}
	m.table(&b)
	shown := m.details(&b, m.open.texts)
	if len(m.known.texts) > 0 {
		b.WriteString("### Open, as expected\n\n")
		shown += m.details(&b, m.known.texts)
	}
	if left := m.wait.sum.Open - shown; left > 0 {
		fmt.Fprintf(&b, "The details of %s are left out: there is no room for them here. The table and jsonl formats have them.\n\n", count(left, "open target"))
	}
	return m.out.write(b.Bytes())
}

// details writes as many as there is room for.
func (m *markdown) details(b *bytes.Buffer, texts []string) (shown int) {
	for _, text := range texts {
		if b.Len()+len(text) > mostPage-1<<10 {
			break
		}
		b.WriteString(text)
		shown++
	}
	return shown
}

// line writes what there is room for beside the details.
func (m *markdown) line(b *bytes.Buffer, text string) bool {
	if b.Len()+len(text) > mostPage-1<<10-min(m.open.size+m.known.size, mostPage/4) {
		return false
	}
	b.WriteString(text)
	return true
}

func (m *markdown) table(b *bytes.Buffer) {
	begun := false
	for _, n := range allNews() {
		shown := 0
		for _, row := range m.rows[n] {
			if !begun {
				row = "| verdict | target | why |\n|---|---|---|\n" + row
			}
			if !m.line(b, row) {
				break
			}
			begun = true
			shown++
		}
		if left := m.all[n] - shown; left > 0 {
			fmt.Fprintf(b, "| %s | and %d more, left out here | |\n", n.verdict, left)
			begun = true
		}
	}
	if begun {
		b.WriteByte('\n')
	}
}

func tableRow(r probe.Result) string {
	verdict, why := r.Verdict.String(), whyNot(r)
	if r.Standing() == probe.Worse {
		verdict = "**" + verdict + "**"
	}
	switch r.Verdict {
	case probe.Open:
		if r.Proof != probe.NoProof {
			verdict += " (" + r.Proof.String() + ")"
		}
		unproven := unprovenIDs(r)
		why = "accepted " + strings.Join(slices.DeleteFunc(acceptedIDs(r), func(id string) bool { return slices.Contains(unproven, id) }), ", ")
		if len(unproven) > 0 {
			why += "; " + notProven + ": " + strings.Join(unproven, ", ")
		}
	case probe.Closed:
		why = refusals(r.Coverage) + ": " + string(r.Reason)
	}
	cells := []string{inline(clip(Printable(why)))}
	if r.Expected != nil {
		cells = append(cells, strings.TrimSuffix(expectedWords(r), "."))
	}
	if r.Verdict == probe.Inconclusive || r.Verdict == probe.Unreachable {
		for _, more := range []string{r.Detail, wayOut(r)} {
			if more != "" {
				cells = append(cells, inline(clip(Printable(more))))
			}
		}
	}
	return "| " + verdict + " | " + inline(clip(Printable(place(r)))) + " | " + strings.Join(cells, ". ") + " |\n"
}

// expectedWords says how the server compares with what is expected of it, and what to do about it.
func expectedWords(r probe.Result) string {
	said := clipTo(Printable(compared(r)), mostReason)
	if way := wayBack(r); way != "" {
		return inline(sentence(said) + " " + way)
	}
	return inline(sentence(said))
}

// details is what there is to say of an open target, folded away.
func details(r probe.Result) string {
	var b strings.Builder
	fmt.Fprintf(&b, "<details>\n<summary>%s</summary>\n\n", inline(clip(Printable(place(r)))))
	for _, first := range []bool{true, false} { // what puts the verdict in question
		for _, t := range r.Traits {
			if (t.Name == probe.TraitVantageTrusted) == first {
				fmt.Fprintf(&b, "Note: %s%s.\n\n", inline(traitRow(t.Name).Says), inline(remark(t.Evidence)))
			}
		}
	}
	if r.Expected != nil {
		fmt.Fprintf(&b, "%s\n\n", expectedWords(r))
	}
	lists, _ := acceptedVectors(r)
	for _, list := range lists {
		fmt.Fprintf(&b, "Accepted, %s.\n\n", inline(list))
	}
	if text := coverage(r); text != "" {
		fmt.Fprintf(&b, "Asked: %s.\n\n", inline(text))
	}
	if f := telling(r); f != nil {
		fmt.Fprintf(&b, "Dialogue of %s:\n\n%s", inline(f.Vector+over(f.Via)), fence(dialogueLines(f)))
		if f.Cause != "" {
			fmt.Fprintf(&b, "**Cause:** %s\n\n", inline(f.Cause))
		}
		if f.Fix != "" {
			var lines []string
			for line := range strings.SplitSeq(f.Fix, "\n") {
				lines = append(lines, asLine(line))
			}
			fmt.Fprintf(&b, "**Fix:**\n\n%s", fence(lines))
		}
	}
	b.WriteString("</details>\n\n")
	return b.String()
}
