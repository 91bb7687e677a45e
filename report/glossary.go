package report

import (
	"fmt"
	"strings"

	"openrelay/probe/words"
)

// Glossary is every word that a report may hold, by kind, with what it says.
func Glossary(o Options) string {
	p := page{Options: o}
	for i, k := range words.Kinds {
		if i > 0 {
			p.b.WriteByte('\n')
		}
		p.colour(boldPlain, string(k))
		p.b.WriteByte('\n')
		p.terms(words.Of(k))
	}
	return p.b.String()
}

// terms writes rows of one kind, what they say beneath each other.
func (p *page) terms(rows []words.Entry) {
	longest := 0
	for _, row := range rows {
		longest = max(longest, width(row.Word))
	}
	indent := 2 + longest + 2
	for _, row := range rows {
		label := "  " + row.Word + strings.Repeat(" ", indent-2-width(row.Word))
		for _, line := range wrap(row.Says, p.Width, indent) {
			p.b.WriteString(label + line + "\n")
			label = strings.Repeat(" ", indent)
		}
	}
}

// Explanation is what there is to say of one word, a paragraph for each kind that has it; "" where none has.
func Explanation(word string) string {
	var b strings.Builder
	for _, row := range words.All {
		if row.Word != word {
			continue
		}
		says := row.Says
		if row.Kind.AboutServer() {
			says = "the server " + says
		}
		if b.Len() > 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "%s (%s): %s.\n", row.Word, row.Kind, says)
		for _, more := range []string{row.WayOut, row.Page} {
			if more != "" {
				b.WriteString(more + "\n")
			}
		}
	}
	return b.String()
}
