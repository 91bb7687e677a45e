package prober

import (
	"slices"
	"strings"
	"sync/atomic"
)

// templates are texts with words in braces that stand for names, cut into pieces: see names.
type templates struct {
	words []string // that they use, each once, sorted
	texts []template
}

// template is one text of one piece at least. It remembers what came out first: most are filled in alike for every
// target of a scan.
type template struct {
	pieces []piece
	first  atomic.Pointer[filledIn]
}

// filledIn is a text with its words filled in, by their values in order.
type filledIn struct {
	values []string
	text   string
}

// piece is a part of a template: the text itself, or a word.
type piece struct {
	text string
	word int // of the templates' words; -1 for text
}

func parseTemplates(texts ...string) *templates {
	t := &templates{texts: make([]template, len(texts))}
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
			t.texts[i].pieces = append(t.texts[i].pieces, piece{before, -1}, piece{"", slices.Index(t.words, word)})
		}
		t.texts[i].pieces = append(t.texts[i].pieces, piece{before, -1})
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
		values := n[word]
		if len(values) == 0 {
			return nil, word
		}
		choices = append(choices, choice{values: values})
	}
	for more := true; more; more = advance(choices) {
		row := make([]string, len(t.texts))
		for i := range t.texts {
			row[i] = t.texts[i].join(choices)
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

func (t *template) join(choices []choice) string {
	if len(t.pieces) == 1 {
		return t.pieces[0].text
	}
	known := t.first.Load()
	if known != nil && t.isOf(known.values, choices) {
		return known.text
	}
	b := make([]byte, 0, 128)
	for _, p := range t.pieces {
		if p.word < 0 {
			b = append(b, p.text...)
		} else {
			b = append(b, choices[p.word].value()...)
		}
	}
	filled := string(b)
	if known == nil {
		t.first.Store(&filledIn{t.values(choices), filled})
	}
	return filled
}

// values are those of the words of a text, in order.
func (t *template) values(choices []choice) (list []string) {
	for _, p := range t.pieces {
		if p.word >= 0 {
			list = append(list, choices[p.word].value())
		}
	}
	return list
}

// isOf reports whether the words of a text have these values.
func (t *template) isOf(values []string, choices []choice) bool {
	n := 0
	for _, p := range t.pieces {
		if p.word >= 0 {
			if choices[p.word].value() != values[n] {
				return false
			}
			n++
		}
	}
	return true
}

func (c *choice) value() string { return c.values[c.n] }
