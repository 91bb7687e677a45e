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
func Explanation(word string, o Options) string {
	p := page{Options: o}
	for _, row := range words.All {
		if row.Word != word {
			continue
		}
		if p.b.Len() > 0 {
			p.b.WriteByte('\n')
		}
		says := row.Says
		if row.Kind.AboutServer() {
			says = "the server " + says
		}
		p.paragraphs(fmt.Sprintf("%s (%s): %s.", row.Word, row.Kind, says), row.WayOut, row.Page)
	}
	return p.b.String()
}

// Paragraphs lays out texts from the margin on; a line that begins with two spaces is to be pasted, and stays as it is.
func Paragraphs(o Options, texts ...string) string {
	p := page{Options: o}
	p.paragraphs(texts...)
	return p.b.String()
}

func (p *page) paragraphs(texts ...string) {
	for _, text := range texts {
		if text == "" {
			continue
		}
		for line := range strings.SplitSeq(text, "\n") {
			if strings.HasPrefix(line, "  ") || line == "" {
				p.b.WriteString(line + "\n")
				continue
			}
			for _, part := range wrap(line, p.Width, 0) {
				p.b.WriteString(part + "\n")
			}
		}
	}
}
