package report

import (
	"fmt"
	"io"
	"strings"

	"openrelay/probe/changes"
)

// DiffFormats lists the formats of a comparison.
var DiffFormats = []struct {
	Name  string
	About string
	Write func(io.Writer, Options, []changes.Change) error
}{
	{"table", "for people: a line for each change", writeChangesTable},
	{"jsonl", "for programs: one JSON object a line", writeChangesJSONL},
}

// WriteChanges writes changes in a format of DiffFormats.
func WriteChanges(format string, w io.Writer, o Options, all []changes.Change) error {
	var known []string
	for _, f := range DiffFormats {
		if f.Name == format {
			return f.Write(w, o, all)
		}
		known = append(known, f.Name)
	}
	return fmt.Errorf("unknown format %q: the formats are %s", format, strings.Join(known, ", "))
}

// ChangeLine says in one printable line what a change is.
func ChangeLine(c changes.Change) string {
	var p page
	p.change(c)
	return strings.Join(strings.Fields(p.b.String()), " ")
}

// CountChanges counts changes in a line: "1 opened, 2 banner changed".
func CountChanges(all []changes.Change) string {
	var counts []string
	for _, k := range changes.Kinds {
		n := 0
		for _, c := range all {
			if c.Kind == k.Kind {
				n++
			}
		}
		if n > 0 {
			counts = append(counts, fmt.Sprintf("%d %s", n, strings.ReplaceAll(string(k.Kind), "-", " ")))
		}
	}
	if len(counts) == 0 {
		return "nothing changed"
	}
	return strings.Join(counts, ", ")
}

func (p *page) change(c changes.Change) {
	show := changeLabels[c.Kind]
	mark := show.colour
	if c.NewlyOpen {
		mark = boldRed
	}
	p.head(mark, show.label, place(changed(c)), changeWords(c))
}

func writeChangesTable(w io.Writer, o Options, all []changes.Change) error {
	out := output{w: w}
	for _, c := range all {
		if o.Quiet && !c.NewlyOpen {
			continue
		}
		p := page{Options: o}
		p.change(c)
		if err := out.write([]byte(p.b.String())); err != nil {
			return err
		}
	}
	if o.Quiet {
		return nil
	}
	text := CountChanges(all) + "\n"
	if len(all) > 0 {
		text = "\n" + text
	}
	return out.write([]byte(text))
}

func writeChangesJSONL(w io.Writer, _ Options, all []changes.Change) error {
	out, enc := output{w: w}, encoder{}
	for _, c := range all {
		line, err := enc.encode(c)
		if err != nil {
			return fmt.Errorf("%s: %w", c.Target, err)
		}
		if err := out.write(line); err != nil {
			return err
		}
	}
	return nil
}
