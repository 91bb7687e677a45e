package phrasebook

import (
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"sync"
)

// Pattern is a regular expression that is only tried on a text that has the words without which it cannot
// match. There are a hundred patterns to a reply, and looking for a word takes a hundredth of the time. It
// is made when it is first needed: all of them take longer than many a scan.
type Pattern struct {
	expr  string
	regex func() *regexp.Regexp
	need  func() *need // what every match contains; nil where that is not known
}

// re makes a pattern for a row of a table.
func re(expr string) *Pattern {
	return &Pattern{
		expr:  expr,
		regex: sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) }),
		need: sync.OnceValue(func() *need {
			tree, err := syntax.Parse(expr, syntax.Perl)
			if err != nil {
				return nil // as regex will say
			}
			return needOf(tree.Simplify())
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
	n := p.need()
	return n == nil || n.met(lower, has)
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
		n := pair(text[i-1:])
		p[n/64] |= 1 << (n % 64)
	}
	return p
}

// pair is the bit of the first two bytes of a text.
func pair(text string) uint16 { return uint16((uint(text[0])*37 + uint(text[1])) % 1024) }

// need is what a text must have: a word in lower case, or else all of other needs, or any of them.
type need struct {
	word string
	some []uint16 // pairs of the word, enough to tell it from most
	all  []*need
	any  []*need
}

func (n *need) met(lower string, has *pairs) bool {
	switch {
	case n.word != "":
		for _, bit := range n.some {
			if has[bit/64]&(1<<(bit%64)) == 0 {
				return false
			}
		}
		return strings.Contains(lower, n.word)
	case n.all != nil:
		return !slices.ContainsFunc(n.all, func(one *need) bool { return !one.met(lower, has) })
	}
	return slices.ContainsFunc(n.any, func(one *need) bool { return one.met(lower, has) })
}

// needOf returns what every match of an expression contains, nil where nothing is sure.
func needOf(e *syntax.Regexp) *need {
	switch e.Op {
	case syntax.OpLiteral:
		n := &need{word: strings.ToLower(string(e.Rune))}
		for i := 1; i < len(n.word) && i <= 6; i++ {
			n.some = append(n.some, pair(n.word[i-1:]))
		}
		return n
	case syntax.OpCapture, syntax.OpPlus:
		return needOf(e.Sub[0])
	case syntax.OpRepeat:
		if e.Min > 0 {
			return needOf(e.Sub[0])
		}
	case syntax.OpConcat:
		return needAll(e.Sub)
	case syntax.OpAlternate:
		n := &need{}
		for _, sub := range e.Sub {
			one := needOf(sub)
			if one == nil {
				return nil
			}
			n.any = append(n.any, one)
		}
		return n
	}
	return nil
}

// needAll puts the needs of what follows one another together, the rarest first. A word of a letter or two
// is in most texts, and is left out beside longer ones.
func needAll(parts []*syntax.Regexp) *need {
	n := &need{}
	for _, part := range parts {
		if one := needOf(part); one != nil {
			n.all = append(n.all, one)
		}
	}
	slices.SortStableFunc(n.all, func(a, b *need) int { return b.shortest() - a.shortest() })
	for len(n.all) > 1 && n.all[len(n.all)-1].shortest() < 3 {
		n.all = n.all[:len(n.all)-1]
	}
	switch len(n.all) {
	case 0:
		return nil
	case 1:
		return n.all[0]
	}
	return n
}

// shortest is the length of the shortest word that meets a need.
func (n *need) shortest() int {
	length := len(n.word)
	for _, one := range n.any {
		if s := one.shortest(); length == 0 || s < length {
			length = s
		}
	}
	for _, one := range n.all {
		length = max(length, one.shortest())
	}
	return length
}
