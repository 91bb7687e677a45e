package report

import (
	"encoding/json"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"openrelay/probe/dialogue"

	"golang.org/x/net/html"

	"openrelay/probe"
	"openrelay/probe/dnsbl"
)

// injections are what a hostile server may say, to a terminal, a spreadsheet, a browser, a parser, the log
// of a CI job or the eye.
var injections = []string{
	"\x1b]52;c;cm0gLXJmIC8K\x07", "\x1b]8;;http://evil.example\x1b\\click\x1b]8;;\x1b\\", "\x1b[2J\x1b[31m", "\u009b31m \u009d0;x\u009c", "\x7f\b\b\x00",
	"=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(1+1)", "\t=1+1", "\r=1+1", "a;=1+1", `","=1+1`, "\"", "'=1", "＝1+1",
	"<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "</details></pre></script></style>-->", "\" onmouseover=\"alert(1)", "<!--", "&lt;b&gt;",
	"a | b | c", "```\n# out\n```", "````````", "~~~", "[a](http://evil.example)", "![i](http://evil.example/i.png)", "http://evil.example www.evil.example", "@everyone #1 :+1:", "\\| \\` \\",
	"]]>", "<![CDATA[", "&#27; &xxe;", "\x0c\x0b\x01\ufffe\uffff",
	"::error::broken", "a\n::error file=x::broken", "  ::stop-commands::x", "##[error]broken", "x ##vso[task.setvariable variable=x]y", "\u2028::warning::x",
	"ok\r\nopenrelay: 0 open, 9 closed\r\n", "250 ok\n2026-11-23 all is well",
	"\u202egro.elpmaxe\u202c", "\u2066x\u2069\u200b\ufeff\U000e0041",
	"}\n# HELP x y\nx{a=\"b\"} 1\n", `\`, `"} 1`, "{{.Name}} ${x} $(x) `x`", "%0A::error::x", strings.Repeat("A|`<", 100),
}

// hostile returns results in which every text is s, whatever it stands for.
func hostile(s string) (results []probe.Result) {
	for _, r := range []probe.Result{
		{Verdict: probe.Open, Proof: probe.Data, Named: true}, {Verdict: probe.Open}, {Verdict: probe.Inconclusive, Named: true},
		{Verdict: probe.Closed, Named: true}, {Verdict: probe.Unreachable, Named: true}, {Verdict: probe.Unreachable, Named: true, Optional: true},
	} {
		r.Schema = probe.Schema
		r.Scan = &probe.Scan{}
		r.Traits = []probe.Trait{{}, {Name: probe.TraitVantageTrusted}}
		r.Server = probe.Server{EHLO: []string{"", ""}, TLS: &probe.TLS{Cert: &probe.Cert{}}}
		r.Coverage = probe.Coverage{Of: 3, Asked: 2, Answered: 1, Skipped: []probe.Skip{{}}}
		r.Listings = []dnsbl.Listing{{Codes: []string{""}}}
		r.Deliveries = []probe.Delivery{{Received: []string{""}}}
		r.Transcript = dialogue.Transcript{{From: dialogue.Server}, {From: dialogue.Note}}
		for i, o := range []probe.Outcome{probe.OutcomeAccepted, probe.OutcomeUnanswered, probe.OutcomeRefused, probe.OutcomeSkipped} {
			r.Findings = append(r.Findings, probe.Finding{Outcome: o, Deciding: i == 0, Transcript: dialogue.Transcript{
				{From: dialogue.Server}, {From: dialogue.Client}, {From: dialogue.Note}, {From: dialogue.Server}}})
		}
		for i := range r.Findings { // the lines of these are ours
			r.Findings[i].Cause, r.Findings[i].Fix = strings.ReplaceAll(s, "\n", " "), strings.ReplaceAll(s, "\n", " ")
		}
		r.Started = time.Date(2026, 11, 23, 18, 0, 0, 0, time.UTC)
		fill(reflect.ValueOf(&r).Elem(), s)
		results = append(results, r)
	}
	results[1].Target, results[1].Name = "10.0.0.1:25", "" // an address of a range, which comes once
	results[4].Target = "192.0.2.1:25"                     // so that the port beside it may turn out to be offered, or not
	results[5].Reason, results[5].Stage, results[5].Target = probe.ReasonRefused, probe.StageConnect, "192.0.2.1:465"
	return results
}

// fill sets every empty string in v.
func fill(v reflect.Value, s string) {
	switch v.Kind() {
	case reflect.String:
		if v.String() == "" {
			v.SetString(s)
		}
	case reflect.Pointer:
		if !v.IsNil() {
			fill(v.Elem(), s)
		}
	case reflect.Slice:
		for i := range v.Len() {
			fill(v.Index(i), s)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				fill(v.Field(i), s)
			}
		}
	}
}

// readers read a report of hostile results as its users do, and say what is wrong with it.
var readers = map[string]func(t *testing.T, s, text string, results []probe.Result){
	"table":      func(*testing.T, string, string, []probe.Result) {}, // what is asked of every format is all
	"jsonl":      readHostileJSONL,
	"json":       readHostileJSON,
	"csv":        readHostileCSV,
	"junit":      readHostileJUnit,
	"markdown":   func(t *testing.T, _, text string, results []probe.Result) { checkPage(t, text, results) },
	"sarif":      readHostileSARIF,
	"prometheus": readHostilePrometheus,
	"html":       readHostileHTML,
}

// TestHarmless walks every format: nothing a server said is anything but text in it.
func TestHarmless(t *testing.T) {
	for _, f := range Results {
		t.Run(f.Name, func(t *testing.T) {
			read := readers[f.Name]
			if read == nil {
				t.Fatalf("nobody reads %s back: add a reader", f.Name)
			}
			for _, s := range injections {
				results := hostile(s)
				text := render(t, f, Options{}, results)
				checkText(t, s, text)
				read(t, s, text, results)
			}
		})
	}
}

// checkText holds a report to what must be true of any: it can be shown, in a terminal and in the log
// of a CI job.
func checkText(t *testing.T, s, text string) {
	t.Helper()
	if !utf8.ValidString(text) {
		t.Errorf("%q: not UTF-8", s)
	}
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		if i := strings.IndexFunc(line, func(r rune) bool { return r != '\t' && !visible(r) }); i >= 0 {
			t.Fatalf("%q: %q in %q", s, []rune(line[i:])[0], line)
		}
		if strings.HasPrefix(strings.TrimSpace(line), "::") || ciCommand.MatchString(line) {
			t.Fatalf("%q: a CI command in %q", s, line)
		}
		if strings.HasPrefix(line, "openrelay: ") || strings.HasPrefix(line, "2026-11-23 all is well") {
			t.Fatalf("%q: a forged line", s)
		}
	}
}

func readHostileJSONL(t *testing.T, s, text string, results []probe.Result) {
	i := 0
	for r, err := range Read(strings.NewReader(text)) {
		if err != nil || !reflect.DeepEqual(r, results[i]) {
			t.Errorf("%q: result %d comes back otherwise, error %v:\n%+v\n%+v", s, i, err, r, results[i])
		}
		i++
	}
	if i != len(results) {
		t.Errorf("%q: %d results come back", s, i)
	}
}

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
			if formula.MatchString(got) || strings.ContainsAny(got, "\t\r\n") {
				t.Errorf("%q: the cell %q", s, got)
			}
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
	if len(run.Results) != 5 { // two open, two not reachable, one inconclusive
		t.Errorf("%q: %d results", s, len(run.Results))
	}
	for _, r := range run.Results {
		for _, shown := range []string{r.RuleID, r.Message.Text, r.Properties.Target, r.Properties.Name, r.Locations[0].Logical[0].Name} {
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

// What anybody says cannot become a command in a line of JSON, and is not lost.
func TestJSONLine(t *testing.T) {
	for _, s := range injections {
		line, err := JSONLine(map[string]string{"said": s})
		if err != nil {
			t.Fatal(err)
		}
		checkText(t, s, string(line))
		var back map[string]string
		if err := json.Unmarshal(line, &back); err != nil || back["said"] != strings.ToValidUTF8(s, "\ufffd") {
			t.Errorf("%q comes back as %q, %v", s, back["said"], err)
		}
	}
}
