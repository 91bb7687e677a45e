package prober

import (
	"slices"
	"strings"
)

// templates are texts with words in braces that stand for names, cut into pieces: see names.
type templates struct {
	words []string  // that they use, each once, sorted
	texts [][]piece // each of one piece at least
}

// piece is a part of a template: the text itself, or a word.
type piece struct {
	text string
	word int // of the templates' words; -1 for text
}

func parseTemplates(texts ...string) *templates {
	t := &templates{texts: make([][]piece, len(texts))}
	for _, text := range texts {
		for _, word, rest, ok := cutWord(text); ok; _, word, rest, ok = cutWord(rest) {
			t.words = append(t.words, word)
		}
	}
	slices.Sort(t.words)
	t.words = slices.Compact(t.words)
	for i, text := range texts {
		before, word, rest, ok := cutWord(text)
		for ; ok; before, word, rest, ok = cutWord(rest) {
			t.texts[i] = append(t.texts[i], piece{before, -1}, piece{"", slices.Index(t.words, word)})
		}
		t.texts[i] = append(t.texts[i], piece{before, -1})
	}
	return t
}

// cutWord cuts a template at its first word in braces; where there is none, all of it is before.
func cutWord(template string) (before, word, rest string, ok bool) {
	before, inner, opened := strings.Cut(template, "{")
	word, rest, closed := strings.Cut(inner, "}")
	if !opened || !closed {
		return template, "", "", false
	}
	return before, word, rest, true
}

// fill returns the templates with every combination of names that makes a difference: one row for most,
// one for each own domain where there are several. missing is a name without a value.
func (t *templates) fill(n names) (filled [][]string, missing string) {
	var few [8]choice
	choices := few[:0]
	for _, word := range t.words {
		if len(n[word]) == 0 {
			return nil, word
		}
		choices = append(choices, choice{values: n[word]})
	}
	for more := true; more; more = advance(choices) {
		row := make([]string, len(t.texts))
		for i, pieces := range t.texts {
			row[i] = join(pieces, choices)
		}
		filled = append(filled, row)
	}
	return filled, ""
}

// fill fills in templates that are needed once.
func (n names) fill(texts ...string) (filled [][]string, missing string) {
	return parseTemplates(texts...).fill(n)
}

// choice is what a word may stand for.
type choice struct {
	values []string
	n      int // the value whose turn it is
}

// advance goes on to the next combination, the values of the first word changing fastest; false when
// there is none.
func advance(choices []choice) bool {
	for i := range choices {
		c := &choices[i]
		if c.n++; c.n < len(c.values) {
			return true
		}
		c.n = 0
	}
	return false
}

func join(pieces []piece, choices []choice) string {
	if len(pieces) == 1 {
		return pieces[0].text
	}
	b := make([]byte, 0, 128)
	for _, p := range pieces {
		if p.word < 0 {
			b = append(b, p.text...)
		} else {
			b = append(b, choices[p.word].values[choices[p.word].n]...)
		}
	}
	return string(b)
}
