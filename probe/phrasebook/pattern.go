package phrasebook

import (
	"regexp"
	"regexp/syntax"
	"strings"
)

// Pattern is a regular expression that is only tried on a text that has one of the words without which
// it cannot match. There are a hundred patterns to a reply, and looking for a word takes a hundredth of
// the time.
type Pattern struct {
	*regexp.Regexp
	words []string // in lower case, one of which every match contains; nil where there is no such list
}

// re makes a pattern for a row of a table.
func re(expr string) *Pattern {
	p := &Pattern{Regexp: regexp.MustCompile(expr)}
	if tree, err := syntax.Parse(expr, syntax.Perl); err == nil {
		p.words = needed(tree.Simplify())
	}
	return p
}

// MatchString reports whether the text matches.
func (p *Pattern) MatchString(text string) bool { return p.match(text, text) }

// match is MatchString of a text whose lower case is known.
func (p *Pattern) match(text, lower string) bool {
	return p.possible(lower) && p.Regexp.MatchString(text)
}

// replace replaces every match in a text of lower case.
func (p *Pattern) replace(text string, with func(string) string) string {
	if !p.possible(text) {
		return text
	}
	return p.ReplaceAllStringFunc(text, with)
}

func (p *Pattern) possible(lower string) bool {
	for _, w := range p.words {
		if strings.Contains(lower, w) {
			return true
		}
	}
	return p.words == nil
}

// needed returns words of which every match of an expression contains one, nil where none are sure.
func needed(e *syntax.Regexp) []string {
	switch e.Op {
	case syntax.OpLiteral:
		return []string{strings.ToLower(string(e.Rune))}
	case syntax.OpCapture, syntax.OpPlus:
		return needed(e.Sub[0])
	case syntax.OpRepeat:
		if e.Min > 0 {
			return needed(e.Sub[0])
		}
	case syntax.OpConcat:
		var best []string
		for _, sub := range e.Sub {
			if words := needed(sub); rarer(words, best) {
				best = words
			}
		}
		return best
	case syntax.OpAlternate:
		var all []string
		for _, sub := range e.Sub {
			words := needed(sub)
			if words == nil {
				return nil
			}
			all = append(all, words...)
		}
		return all
	}
	return nil
}

// rarer reports whether a list of words lets fewer texts through than another: the shortest word decides.
func rarer(a, b []string) bool {
	if a == nil || b == nil {
		return b == nil
	}
	return shortest(a) > shortest(b) || shortest(a) == shortest(b) && len(a) < len(b)
}

func shortest(words []string) int {
	least := len(words[0])
	for _, w := range words {
		least = min(least, len(w))
	}
	return least
}
