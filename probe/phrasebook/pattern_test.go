package phrasebook

import (
	"fmt"
	"strings"
	"testing"

	"openrelay/probe/dialogue"
)

// A word that a pattern is said to need is in everything that it matches.
func TestPatternsNeedTheirWords(t *testing.T) {
	check := func(p *Pattern, text string) {
		if p.regex().MatchString(text) && !p.match(newSubject(text)) {
			t.Errorf("%q matches %.40q..., which was not tried: it needs one of %q", text, p, texts(p))
		}
	}
	var replies []string
	for _, c := range corpus(t) {
		replies = append(replies, plain(c.reply))
	}
	without := 0
	for _, phrase := range Phrases {
		if phrase.Pattern.words() == nil {
			without++
		}
		for _, text := range replies {
			check(phrase.Pattern, text)
		}
	}
	if without > len(Phrases)/4 {
		t.Errorf("%d of %d phrases have no word to look for first", without, len(Phrases))
	}
	for _, g := range Banners {
		for _, other := range Banners {
			check(g.Pattern, other.Example)
		}
	}
}

func texts(p *Pattern) (all []string) {
	for _, w := range p.words() {
		all = append(all, w.text)
	}
	return all
}

func TestNeededWords(t *testing.T) {
	for expr, want := range map[string]string{
		`relay (?:denied|refused)`: "relay ",
		`no|(?:denied|refused) x?`: "no denied refused",
		`(?:a+|relaying)x?`:        "a relaying",
		`(?i)Exim|Postfix`:         "exim postfix",
		`(?:foo){2,}`:              "foo",
		`(?:foo)*`:                 "",
		`x?|y`:                     "",
		`[a-z]+`:                   "",
	} {
		if got := strings.Join(texts(re(expr)), " "); got != want {
			t.Errorf("%s needs %q, want %q", expr, got, want)
		}
	}
}

func BenchmarkLookup(b *testing.B) {
	cases := corpus(b)
	for i := 0; b.Loop(); i++ {
		c := cases[i%len(cases)]
		Lookup(c.stage, c.reply)
	}
}

// What a scan hears: few replies, that differ in the names they repeat.
func BenchmarkMemo(b *testing.B) {
	var memo Memo
	for i := 0; b.Loop(); i++ {
		memo.Lookup(Rcpt, dialogue.Reply{Code: 554, Lines: []string{fmt.Sprintf("5.7.1 <stranger%d@example.org>: Relay access denied", i)}})
	}
}
