package probe

import (
	"path"
	"slices"
	"strings"
	"testing"

	"openrelay/probe/phrasebook"
)

// Every row is about servers that can be recognised and vectors that exist, in sentences, and none is
// hidden behind another.
func TestAdvice(t *testing.T) {
	known := func(mta string) bool {
		return slices.ContainsFunc(phrasebook.Banners, func(g phrasebook.Greeting) bool { return g.MTA == mta })
	}
	for i := range Fixes {
		c := &Fixes[i]
		if len(c.MTAs) == 0 {
			t.Errorf("row %d is about no server", i)
		}
		for _, mta := range c.MTAs {
			if !known(mta) {
				t.Errorf("%q cannot be recognised", mta)
			}
			if !slices.ContainsFunc(Vectors, func(v Vector) bool { return FixFor(mta, &v) == c }) {
				t.Errorf("%s, %q: no vector leads to the row", mta, c.Vectors)
			}
		}
		for _, pattern := range c.Vectors {
			if !slices.ContainsFunc(Vectors, func(v Vector) bool { ok, _ := path.Match(pattern, v.ID); return ok }) {
				t.Errorf("%s: %q is no vector", c.MTAs, pattern)
			}
		}
		wellWorded(t, c)
	}
	wellWorded(t, &HiddenClients)
}

func wellWorded(t *testing.T, c *Fix) {
	t.Helper()
	for _, text := range []string{c.Cause, c.Change} {
		if !strings.HasSuffix(text, ".") || strings.Contains(text, "\n") || strings.Contains(text, "  ") {
			t.Errorf("%s: no sentences: %q", c.MTAs, text)
		}
	}
	for line := range strings.SplitSeq(c.Lines, "\n") {
		if strings.ContainsAny(line, "\t\r") || line == "" && c.Lines != "" || line != strings.TrimRight(line, " ") {
			t.Errorf("%s: bad line %q", c.MTAs, line)
		}
	}
	if strings.HasSuffix(c.Ref, ".") {
		t.Errorf("%s: %q ends in a full stop", c.MTAs, c.Ref)
	}
}
