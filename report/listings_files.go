package report

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"strings"

	"openrelay/probe/dnsbl"
)

// listingsCSV writes a row for each address and list.
type listingsCSV struct {
	out   output
	begun bool
}

func newListingsCSV(w io.Writer, _ ListingsOptions) ListingsWriter {
	return &listingsCSV{out: output{w: w}}
}

var listingsColumns = []string{"target", "name", "status", "list", "zone", "kind", "codes", "means", "reason", "lookup", "delist", "problem", "why", "started"}

func (c *listingsCSV) Write(s dnsbl.Listings) error {
	listings := s.Listings
	if len(listings) == 0 {
		listings = []dnsbl.Listing{{Status: s.Status, Why: s.Why}}
	}
	var rows [][]string
	for _, l := range listings {
		rows = append(rows, []string{s.Target, s.Name, string(l.Status), l.List, l.Zone, string(l.Kind), strings.Join(l.Codes, " "), l.Means, l.Reason,
			l.Lookup, l.Delist, string(l.Problem), l.Why, s.Started.Format("2006-01-02T15:04:05Z")})
	}
	return c.rows(rows)
}

func (c *listingsCSV) rows(rows [][]string) error {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	if !c.begun {
		c.begun = true
		_ = w.Write(listingsColumns)
	}
	for _, row := range rows {
		for i := range row {
			row[i] = listingsCell(row[i])
		}
		_ = w.Write(row)
	}
	w.Flush()
	return c.out.write(b.Bytes())
}

// listingsCell keeps a spreadsheet from taking what a list said for a formula.
func listingsCell(s string) string {
	s = Printable(s)
	if s != "" && strings.ContainsRune("=+-@|%", rune(s[0])) {
		return "'" + s
	}
	return s
}

func (c *listingsCSV) Close() error { return c.rows(nil) }

// listingsMarkdown writes a table of what is listed, and the summary, at the end.
type listingsMarkdown struct {
	out    output
	o      ListingsOptions
	census census
	rows   strings.Builder
}

func newListingsMarkdown(w io.Writer, o ListingsOptions) ListingsWriter {
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
			m.rows.WriteString(" " + inMarkdown(c) + " |")
		}
		m.rows.WriteString(" " + link(l.Lookup) + " | " + link(l.Delist) + " |\n")
	}
}

// link makes a link of a page of the table of lists.
func link(url string) string {
	if url == "" || strings.ContainsAny(url, "<>|\\ ") || Printable(url) != url {
		return inMarkdown(url)
	}
	return "<" + url + ">"
}

// inMarkdown shows text as it is: nothing in it is markup, HTML, a mention or a link.
func inMarkdown(s string) string {
	var b strings.Builder
	for _, r := range Printable(s) {
		if strings.ContainsRune("\\`*_[]<>&#|~$", r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return noLinks.Replace(b.String())
}

var noLinks = strings.NewReplacer("://", "&#58;//", "@", "&#64;", "www.", "www&#46;")

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
			b.WriteString("- " + inMarkdown(line) + "\n")
		}
	}
	paragraph("", m.census.letter(m.o.Spec))
	paragraph("Lists that gave no answer:\n\n", m.census.notChecked())
	return m.out.write([]byte(b.String()))
}
