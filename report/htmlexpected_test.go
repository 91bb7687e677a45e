package report

import (
	"strings"
	"testing"

	"openrelay/probe"
)

// What is worse than expected comes first, whatever its verdict, and what is known behind it. Where nothing is
// expected no word is of it.
func TestHTMLExpected(t *testing.T) {
	at := func(target string, r probe.Result) probe.Result { r.Target = target; return r }
	open := probe.Expectation{Verdict: probe.Open, Vectors: []string{"plain"}, Until: "2026-12-31", Because: "<b>CHG-1234"}
	results := []probe.Result{
		at("192.0.2.1:25", expecting(accepting("plain"), open, probe.AsExpected)),
		expecting(result("closed~ 192.0.2.2:25"), probe.Expectation{Verdict: probe.Unreachable}, probe.Worse),
		at("192.0.2.3:25", expecting(accepting("plain", "quoted"), open, probe.Worse)),
		at("192.0.2.4:25", accepting("plain")),
		expecting(result("closed 192.0.2.5:25"), open, probe.Better),
		expecting(result("timeout~ 192.0.2.6:25"), open, probe.Untold),
		expecting(result("timeout~ 192.0.2.7:25"), probe.Expectation{Verdict: probe.Unreachable}, probe.AsExpected), // on the map
		result("closed 192.0.2.8:25"),
	}
	root := parsePage(t, htmlOf(t, Options{}, results...))
	want := "192.0.2.3-25 192.0.2.4-25 192.0.2.2-25 192.0.2.1-25 192.0.2.5-25 192.0.2.8-25 192.0.2.6-25"
	if got := strings.Join(cardIDs(root), " "); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	cards := map[string]string{}
	for _, li := range elements(elements(root, "ol")[0], "li") {
		cards[attribute(li, "id")] = attribute(li, "data-found") + " " + textOf(li)
	}
	const line = "Expectedopen plain until 2026-12-31 because <b>CHG-1234 (expect.txt:3)"
	for id, want := range map[string]string{
		"192.0.2.1-25": line + "as expected", "192.0.2.2-25": "Expectedunreachable (expect.txt:3)worse than expected: answers, and is closedMend it.",
		"192.0.2.3-25": line + "worse than expected: accepts quotedMend it.", "192.0.2.5-25": line + "better than expected: is closedTake the expectation out",
		"192.0.2.6-25": line + "untold: is unreachable (timeout)The reason says",
	} {
		if !strings.Contains(cards[id], want) {
			t.Errorf("%s: no %q in\n%s", id, want, cards[id])
		}
	}
	for id, found := range map[string]string{"192.0.2.1-25": "as-expected ", "192.0.2.3-25": "worse ", "192.0.2.4-25": " ", "192.0.2.8-25": " "} {
		if !strings.HasPrefix(cards[id], found) {
			t.Errorf("%s: is not filtered as %q", id, found)
		}
	}
	if options := textOf(elements(root, "form")[0]); !strings.Contains(options, "Expected allnothing said (2)worse (2)as-expected (1)") {
		t.Errorf("the filters are %q", options)
	}
	if page := htmlOf(t, Options{}, accepting("plain"), result("closed 192.0.2.8:25")); strings.Contains(page, "<select name=\"found\"") || strings.Contains(page, "<li id=\"192.0.2.1-25\" data-found") ||
		strings.Contains(page, "Where something is expected of") || strings.Contains(page, "<h4>Expected") {
		t.Error("a page of which nothing is expected speaks of it")
	}
}
