package prober

import (
	"slices"
	"strings"
	"sync/atomic"
)

// templates are texts with words in braces that stand for names, cut into pieces: see names.
type templates struct {
	words []string // that they use, each once, sorted
	texts [5]template
}

// wording is what templates say once they are filled in: a vector's question, the recipient before it, and what its
// setup gives as our name and claims.
type wording struct {
	envelope
	first, helo, claim string
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

func parseTemplates(texts [5]string) *templates {
	t := new(templates)
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

// fill fills in every combination of names that makes a difference: one for most vectors, one for each own domain where
// there are several. missing is a name without a value.
func (t *templates) fill(n names, each func(wording)) (missing string) {
	var few [8]choice
	choices := few[:0]
	for _, word := range t.words {
		values := n[word]
		if len(values) == 0 {
			return word
		}
		choices = append(choices, choice{values: values})
	}
	for more := true; more; more = advance(choices) {
		var said [5]string
		for i := range t.texts {
			said[i] = t.texts[i].join(choices)
		}
		each(wording{envelope{said[0], said[1]}, said[2], said[3], said[4]})
	}
	return ""
}

// filled is what fill goes through.
func (t *templates) filled(n names) (list []wording, missing string) {
	missing = t.fill(n, func(w wording) { list = append(list, w) })
	return list, missing
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
