package report

import (
	"fmt"
	"io"
	"strings"

	"openrelay/probe/changes"
)

// changesTable writes a line for each change, and how many there are of each kind.
type changesTable struct {
	out    output
	o      Options
	counts changeCounts
}

func newChangesTable(w io.Writer, o Options) Writer[changes.Change] {
	return &changesTable{out: output{w: w}, o: o, counts: changeCounts{}}
}

func (t *changesTable) Write(c changes.Change) error {
	t.counts[c.Kind]++
	if t.o.Quiet && !c.NewlyWorse() {
		return t.out.err
	}
	p := page{Options: t.o}
	p.change(c)
	return t.out.write([]byte(p.b.String()))
}

func (t *changesTable) Close() error {
	if t.o.Quiet {
		return t.out.err
	}
	text := t.counts.String() + "\n"
	if len(t.counts) > 0 {
		text = "\n" + text
	}
	return t.out.write([]byte(text))
}

// ChangeLine says in one printable line what a change is.
func ChangeLine(c changes.Change) string {
	var p page
	p.change(c)
	return strings.Join(strings.Fields(p.b.String()), " ")
}

// CountChanges counts changes in a line: "1 opened, 2 banner changed".
func CountChanges(all []changes.Change) string {
	counts := changeCounts{}
	for _, c := range all {
		counts[c.Kind]++
	}
	return counts.String()
}

// changeCounts is how many changes there are of each kind.
type changeCounts map[changes.Kind]int

func (counts changeCounts) String() string {
	var parts []string
	for _, k := range changes.Kinds {
		if n := counts[k.Kind]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, strings.ReplaceAll(string(k.Kind), "-", " ")))
		}
	}
	if len(parts) == 0 {
		return "nothing changed"
	}
	return strings.Join(parts, ", ")
}

func (p *page) change(c changes.Change) {
	show := rowOf(c.Kind)
	mark := show.colour
	switch {
	case c.NewlyWorse():
		mark = boldRed
	case c.AsExpected():
		mark = noColour
	}
	p.head(mark, show.label, place(changed(c)), changeWords(c))
}
