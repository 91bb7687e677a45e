package fixes

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"openrelay/probe"
)

// Every row is about vectors that exist and is hidden behind no other; it says what to do, how to load it, what it does
// to users, and how that is known.
func TestFixes(t *testing.T) {
	for i := range All {
		f := &All[i]
		t.Run(f.MTAs[0]+" "+strings.Join(f.Vectors, " "), func(t *testing.T) {
			leads(t, f)
			complete(t, f)
		})
	}
	t.Run("hidden clients", func(t *testing.T) { complete(t, &HiddenClients) })
}

func leads(t *testing.T, f *Fix) {
	for _, mta := range f.MTAs {
		if !slices.ContainsFunc(probe.Vectors, func(v probe.Vector) bool { return For(mta, &v).Fix == f }) {
			t.Errorf("%s: no vector leads to the row", mta)
		}
	}
	for _, pattern := range f.Vectors {
		if !slices.ContainsFunc(probe.Vectors, func(v probe.Vector) bool { ok, _ := path.Match(pattern, v.ID); return ok }) {
			t.Errorf("%q is no vector", pattern)
		}
	}
}

func complete(t *testing.T, f *Fix) {
	sentences(t, f.Cause, f.Change, f.Users)
	if len(f.Ways) == 0 {
		t.Error("there is no way to do it")
	}
	for i := range f.Ways {
		w := &f.Ways[i]
		if w.When == "" && len(f.Ways) > 1 {
			t.Error("there are several ways, and one does not say when it is the one")
		}
		if (w.Run == "") == (w.Read == "") {
			t.Errorf("%s: checked by a run %q and by reading on %q: it must be one of them", w.When, w.Run, w.Read)
		}
		if w.Read != "" && (w.Ref == "" || !isDay(w.Read)) {
			t.Errorf("%s: read %q on %q", w.When, w.Ref, w.Read)
		}
		if w.Run != "" && w.Load == "" {
			t.Errorf("%s: nothing is said of how it is loaded", w.When)
		}
		if strings.HasSuffix(w.Ref, ".") || strings.HasSuffix(w.When, ".") {
			t.Errorf("%q, %q: a title ends in a full stop", w.When, w.Ref)
		}
		for line := range strings.SplitSeq(w.Text(), "\n") {
			if strings.Contains(line, "\r") || strings.TrimSpace(line) == "" || line != strings.TrimRight(line, " ") || len(line) > 100 {
				t.Errorf("bad line %q", line)
			}
		}
		for j := range w.Steps {
			wellFormed(t, &w.Steps[j])
		}
	}
}

func isDay(s string) bool { return regexp.MustCompile(`^\d{4}-\d\d-\d\d$`).MatchString(s) }

// wellFormed reports what nobody could do: a step is commands, or a place with lines to take out or to write.
func wellFormed(t *testing.T, s *Step) {
	t.Helper()
	edits := s.Out != "" || s.Lines != ""
	switch {
	case s.Run != "" && (s.At != "" || s.Below != "" || edits),
		s.Run == "" && (s.At == "" || !edits),
		s.Below != "" && (s.Out != "" || s.Lines == ""):
		t.Errorf("no step: %+v", *s)
	}
	for _, pattern := range []string{s.Out, s.Below} {
		if _, err := regexp.CompilePOSIX(pattern); err != nil || strings.Contains(pattern, "'") {
			t.Errorf("no pattern for grep -E between quotes: %q: %v", pattern, err)
		}
	}
}

// Every product is around a server that there are fixes for, and says what is special to it.
func TestProducts(t *testing.T) {
	for _, p := range Products {
		if !slices.ContainsFunc(All, func(f Fix) bool { return slices.Contains(f.MTAs, p.Server) }) {
			t.Errorf("%s: nothing is known of %q", p.Name, p.Server)
		}
		sentences(t, p.Note)
		if p.Ref == "" || !isDay(p.Read) {
			t.Errorf("%s: read %q on %q", p.Name, p.Ref, p.Read)
		}
	}
}

func sentences(t *testing.T, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.HasSuffix(text, ".") || strings.Contains(text, "\n") || strings.Contains(text, "  ") {
			t.Errorf("no sentences: %q", text)
		}
	}
}
