package phrasebook

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"openrelay/probe/dialogue"
)

// A word that a pattern is said to need is in everything that it matches.
func TestPatternsNeedTheirWords(t *testing.T) {
	check := func(p *Pattern, text string) {
		if p.regex().MatchString(text) && !p.match(newSubject(text)) {
			t.Errorf("%q matches %.40q..., which was not tried: it needs %s", text, p, inWords(p.need()))
		}
	}
	var replies []string
	for _, c := range corpus(t) {
		replies = append(replies, plain(c.reply))
	}
	step := 1
	if testing.Short() {
		step = 8 // another eighth of the replies for each row
	}
	without := 0
	for i, phrase := range Phrases {
		if phrase.Pattern.need() == nil {
			without++
		}
		for k := i % step; k < len(replies); k += step {
			check(phrase.Pattern, replies[k])
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

// inWords writes a need down.
func inWords(n *need) string {
	var parts []string
	between := "|"
	switch {
	case n == nil:
		return ""
	case n.word != "":
		return n.word
	case n.all != nil:
		between = "&"
	}
	for _, one := range append(slices.Clone(n.all), n.any...) {
		parts = append(parts, inWords(one))
	}
	return "(" + strings.Join(parts, between) + ")"
}

func TestNeededWords(t *testing.T) {
	for expr, want := range map[string]string{
		`relay (?:denied|refused)`: "(relay &(denied|refused))",
		`no|(?:denied|refused) x?`: "(no|(denied|refused))",
		`no .* relaying at`:        "( relaying at&no )",
		`(?:a+|relaying)x?`:        "(a|relaying)",
		`(?i)Exim|Postfix`:         "(exim|postfix)",
		`(?:foo){2,}`:              "(foo&foo)",
		`(?:foo)*`:                 "",
		`x?|y`:                     "",
		`[a-z]+`:                   "",
	} {
		if got := inWords(re(expr).need()); got != want {
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
