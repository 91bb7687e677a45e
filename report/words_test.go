package report

import (
	"strings"
	"testing"

	"openrelay/probe"
	"openrelay/probe/words"
)

// Every reason is said in words and, unless the server is closed, with the way out.
func TestReasons(t *testing.T) {
	for _, verdict := range []probe.Verdict{probe.Unreachable, probe.Inconclusive} {
		for _, w := range words.OfReasons(verdict) {
			r := probe.Result{Target: "192.0.2.1:25", Named: true, Verdict: verdict, Reason: probe.Reason(w.Word)}
			got := render(t, format(t, "table"), Options{}, []probe.Result{r})
			if !strings.Contains(got, w.Word+": "+w.Says+"\n") || !strings.Contains(got, "try       "+w.WayOut+"\n") {
				t.Errorf("%s %q:\n%s", verdict, w.Word, got)
			}
		}
	}
}

func TestUnknownWords(t *testing.T) {
	r := probe.Result{Target: "192.0.2.1:25", Named: true, Reason: "moonshine", Traits: []probe.Trait{{Name: "lunar"}}}
	for _, v := range probe.Verdicts {
		r.Verdict = v
		got := render(t, format(t, "table"), Options{}, []probe.Result{r})
		if !strings.Contains(got, "moonshine") || !strings.Contains(got, "lunar") {
			t.Errorf("%s for a reason and a trait of a later version:\n%s", v, got)
		}
	}
}
