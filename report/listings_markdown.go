package report

import (
	"fmt"
	"io"
	"strings"

	"openrelay/probe/dnsbl"
)

// listingsMarkdown writes a table of what is listed, and the summary, at the end.
type listingsMarkdown struct {
	out    output
	o      Options
	census census
	rows   strings.Builder
}

func newListingsMarkdown(w io.Writer, o Options) Writer[dnsbl.Listings] {
	return &listingsMarkdown{out: output{w: w}, o: o}
}

func (m *listingsMarkdown) Write(s dnsbl.Listings) error {
	m.census.add(s)
	if s.Named {
		m.add(s)
	}
	return m.out.err
}

func (m *listingsMarkdown) add(s dnsbl.Listings) {
	for _, l := range listedOn(s.Listings) {
		m.rows.WriteString("|")
		for _, c := range []string{askedAbout(s), l.List, string(l.Kind), meansAndCodes(l), l.Reason} {
			m.rows.WriteString(" " + inline(c) + " |")
		}
		m.rows.WriteString(" " + autolink(l.Lookup) + " | " + autolink(l.Delist) + " |\n")
	}
}

func (m *listingsMarkdown) Close() error {
	for _, s := range m.census.inRange.sorted() {
		m.add(s)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "**%s**; %d of %s answered\n", m.census.String(), m.census.answering(), count(len(m.census.lists), "list"))
	if m.rows.Len() > 0 {
		b.WriteString("\n| address | list | kind | means | it says | look up | removal |\n|---|---|---|---|---|---|---|\n" + m.rows.String())
	}
	paragraph := func(heading string, lines []string) {
		if len(lines) > 0 {
			b.WriteString("\n" + heading)
		}
		for _, line := range lines {
			b.WriteString("- " + inline(line) + "\n")
		}
	}
	paragraph("", m.census.letter(m.o.Ranges))
	paragraph("Lists that gave no answer:\n\n", m.census.notChecked())
	return m.out.write([]byte(b.String()))
}
