package report

import (
	"encoding/csv"
	"encoding/json"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"openrelay/probe"
	"openrelay/probe/bounce"
	"openrelay/probe/changes"
	"openrelay/probe/dnsbl"
)

var attackResults = attack[probe.Result]{hostile, Read, map[string]reader[probe.Result]{
	"json":       readHostileJSON,
	"csv":        readHostileCSV,
	"junit":      readHostileJUnit,
	"markdown":   func(t *testing.T, _, text string, results []probe.Result) { checkPage(t, text, results) },
	"sarif":      readHostileSARIF,
	"prometheus": readHostilePrometheus,
	"html":       readHostileHTML,
}}

var attackChanges = attack[changes.Change]{hostileEverywhere, decoded[changes.Change], nil}

var attackListings = attack[dnsbl.Listings]{hostileListings, decoded[dnsbl.Listings], map[string]reader[dnsbl.Listings]{
	"csv":      readListingsCSV,
	"markdown": readListingsMarkdown,
}}

var attackBounces = attack[bounce.Record]{hostileBounces, decoded[bounce.Record], nil}

var attackDeliveries = attack[probe.Arrival]{hostileArrivals, ReadDeliveries, nil}

func readHostileJSON(t *testing.T, s, text string, results []probe.Result) {
	var doc struct{ Results []probe.Result }
	if err := json.Unmarshal([]byte(text), &doc); err != nil || !reflect.DeepEqual(doc.Results, results) {
		t.Errorf("%q: comes back otherwise, error %v", s, err)
	}
}

func readHostileCSV(t *testing.T, s, text string, results []probe.Result) {
	rows := parseCSV(t, text)
	if len(rows) != 1+len(results) {
		t.Fatalf("%q: %d rows", s, len(rows))
	}
	for i, row := range rows[1:] {
		for k, got := range row {
			checkCell(t, s, got)
			if want := cell(columns[k].of(&results[i])); got != want {
				t.Errorf("%q: %s is %q, want %q", s, columns[k].name, got, want)
			}
		}
	}
}

func readHostileJUnit(t *testing.T, s, text string, results []probe.Result) {
	f := readJUnit(t, text)
	for _, rule := range junitRules {
		if where := rule.broken(text, f); where != "" && !strings.Contains(rule.rule, "the target") { // which is hostile here
			t.Errorf("%q: %s: %s, but %q", s, rule.whose, rule.rule, where)
		}
	}
	if len(f.Suites) != len(results) {
		t.Errorf("%q: %d suites", s, len(f.Suites))
	}
	for _, p := range f.Suites[0].Properties {
		if p.Name == "banner" && p.Value != Printable(s) {
			t.Errorf("%q: the banner is %q", s, p.Value)
		}
	}
}

func readHostileSARIF(t *testing.T, s, text string, results []probe.Result) {
	run := readSARIF(t, text).Runs[0]
	if len(run.Results) != 6 { // two open, two not reachable, one inconclusive, one better than expected
		t.Errorf("%q: %d results", s, len(run.Results))
	}
	for _, r := range run.Results {
		for _, shown := range []string{r.RuleID, r.Message.Text, r.Properties.Target, r.Properties.Name, r.Properties.Expected, r.Properties.Found, r.Locations[0].Logical[0].Name} {
			if Printable(shown) != shown {
				t.Errorf("%q: %q does not print", s, shown)
			}
		}
		if strings.Contains(r.Message.Text, "](") {
			t.Errorf("%q: a link in %q", s, r.Message.Text)
		}
		if uri := r.Locations[0].Physical.Artifact.URI; !regexp.MustCompile(`^[A-Za-z0-9%._~:/@!$&'()*+,;=-]+$`).MatchString(uri) {
			t.Errorf("%q: the place %q", s, uri)
		}
	}
}

func readHostilePrometheus(t *testing.T, s, text string, _ []probe.Result) {
	names := map[string]bool{}
	for sample := range readMetrics(t, text) {
		name, _, _ := strings.Cut(sample, "{")
		names[name] = true
	}
	if len(names) != len(metrics) {
		t.Errorf("%q: the metrics are %v", s, names)
	}
}

// readHostileHTML compares a page with that of results nobody would mind: the elements and their
// attributes are the same.
func readHostileHTML(t *testing.T, s, text string, results []probe.Result) {
	skeleton := func(page string) (nodes []string) {
		doc, err := html.Parse(strings.NewReader(page))
		if err != nil {
			t.Fatal(err)
		}
		for n := range doc.Descendants() {
			if n.Type == html.ElementNode && (n.Data == "script" || n.Data == "img" || n.Data == "a" || n.Data == "iframe" || n.Data == "style") {
				nodes = append(nodes, n.Data)
			}
			for _, a := range n.Attr {
				if strings.HasPrefix(a.Key, "on") {
					nodes = append(nodes, n.Data+" "+a.Key)
				}
			}
		}
		return slices.Compact(slices.Sorted(slices.Values(nodes)))
	}
	if got, want := skeleton(text), skeleton(render(t, format(t, "html"), Options{}, hostile("harmless"))); !slices.Equal(got, want) {
		t.Errorf("%q: the page has %q, want %q", s, got, want)
	}
}

// checkCell holds a cell to what no spreadsheet computes.
func checkCell(t *testing.T, s, got string) {
	t.Helper()
	if formula.MatchString(got) || strings.ContainsAny(got, "\t\r\n") {
		t.Errorf("%q: the cell %q", s, got)
	}
}

func readListingsCSV(t *testing.T, s, text string, all []dnsbl.Listings) {
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatalf("%q: %v", s, err)
	}
	want := 1
	for _, l := range all {
		want += len(l.Listings)
	}
	if len(rows) != want {
		t.Errorf("%q: %d rows, want %d", s, len(rows), want)
	}
	for _, row := range rows {
		for _, got := range row {
			checkCell(t, s, got)
		}
	}
}

// readListingsMarkdown demands a table of seven cells a row, lists, and no element but those: no link, for
// none of these addresses is one of a page.
func readListingsMarkdown(t *testing.T, s, text string, _ []dnsbl.Listings) {
	elements, _, cells := pageOf(t, text)
	for name := range elements {
		if !slices.Contains(ourElements, name) && name != "ul" && name != "li" {
			t.Errorf("%q: the page has <%s>", s, name)
		}
	}
	for _, row := range cells {
		if len(row) != 7 {
			t.Errorf("%q: a row of %d cells: %q", s, len(row), row)
		}
	}
	if len(cells) < 2 {
		t.Errorf("%q: no rows", s)
	}
}
