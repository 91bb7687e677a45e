package phrasebook

import (
	"regexp"
	"regexp/syntax"
	"strings"
	"sync"
)

// Pattern is a regular expression that is only tried on a text that has one of the words without which
// it cannot match. There are a hundred patterns to a reply, and looking for a word takes a hundredth of
// the time. It is made when it is first needed: all of them take longer than many a scan.
type Pattern struct {
	expr  string
	regex func() *regexp.Regexp
	words func() []word // one of which every match contains; nil where there is no such list
}

// word is a word in lower case.
type word struct {
	text  string
	pairs pairs
}

// re makes a pattern for a row of a table.
func re(expr string) *Pattern {
	return &Pattern{
		expr:  expr,
		regex: sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) }),
		words: sync.OnceValue(func() (words []word) {
			tree, err := syntax.Parse(expr, syntax.Perl)
			if err != nil {
				return nil // as regex will say
			}
			for _, w := range needed(tree.Simplify()) {
				words = append(words, word{w, pairsOf(w)})
			}
			return words
		}),
	}
}

func (p *Pattern) String() string { return p.expr }

// subject is a text that many patterns are tried on.
type subject struct {
	text, lower string
	pairs       pairs // of lower
}

func newSubject(text string) *subject {
	lower := strings.ToLower(text)
	return &subject{text, lower, pairsOf(lower)}
}

// match reports whether the text matches.
func (p *Pattern) match(s *subject) bool {
	return p.possible(s.lower, &s.pairs) && p.regex().MatchString(s.text)
}

// MatchString reports whether one text matches.
func (p *Pattern) MatchString(text string) bool { return p.match(newSubject(text)) }

// replace replaces every match in a text of lower case.
func (p *Pattern) replace(text string, with func(string) string) string {
	if !p.possible(text, &allPairs) {
		return text
	}
	return p.regex().ReplaceAllStringFunc(text, with)
}

func (p *Pattern) possible(lower string, has *pairs) bool {
	words := p.words()
	for i := range words {
		if has.hold(&words[i].pairs) && strings.Contains(lower, words[i].text) {
			return true
		}
	}
	return words == nil
}

// pairs is which pairs of neighbouring bytes a text has, as far as a thousand bits tell: a word of which one
// is missing is not in it.
type pairs [16]uint64

// allPairs is of a text that nobody has looked at.
var allPairs = func() (p pairs) {
	for i := range p {
		p[i] = ^uint64(0)
	}
	return p
}()

func pairsOf(text string) (p pairs) {
	for i := 1; i < len(text); i++ {
		n := (uint(text[i-1])*37 + uint(text[i])) % 1024
		p[n/64] |= 1 << (n % 64)
	}
	return p
}

func (p *pairs) hold(word *pairs) bool {
	for i := range p {
		if word[i]&^p[i] != 0 {
			return false
		}
	}
	return true
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
