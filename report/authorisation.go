package report

import (
	"slices"

	"openrelay/probe"
)

// Authorisation is who authorised a scan, in the words that were given, and the hash of the scope file that
// holds them; "" where nobody is named.
func Authorisation(s *probe.Scan) string {
	if s == nil || s.Authorized == "" {
		return ""
	}
	if s.Scope == "" {
		return s.Authorized
	}
	return s.Authorized + " (scope " + s.Scope + ")"
}

// shortlist remembers the first few different texts, in order, and how many results have each.
type shortlist struct {
	texts []string
	n     map[string]int
	more  bool
}

const mostAlike = 12

func (t *shortlist) add(s string) {
	if s == "" {
		return
	}
	if t.n[s] == 0 {
		if len(t.texts) == mostAlike {
			t.more = true
			return
		}
		if t.n == nil {
			t.n = map[string]int{}
		}
		t.texts = append(t.texts, s)
	}
	t.n[s]++
}

// lines lists the texts, the most frequent first.
func (t *shortlist) lines() []string {
	lines := slices.Clone(t.texts)
	slices.SortStableFunc(lines, func(a, b string) int { return t.n[b] - t.n[a] })
	if t.more {
		lines = append(lines, "and others")
	}
	return lines
}
