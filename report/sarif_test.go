package report

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"openrelay/probe"
)

type sarifFile struct {
	Schema  string `json:"$schema"`
	Version string
	Runs    []struct {
		Results     []sarifResult
		Tool        sarifTool
		Invocations []sarifInvocation
	}
}

func readSARIF(t testing.TB, text string) sarifFile {
	t.Helper()
	var f sarifFile
	if err := json.Unmarshal([]byte(text), &f); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if f.Version != "2.1.0" || !strings.HasSuffix(f.Schema, "sarif-2.1.0.json") || len(f.Runs) != 1 {
		t.Fatalf("version %q, schema %q, %d runs", f.Version, f.Schema, len(f.Runs))
	}
	return f
}

// What is expected is suppressed, with its reason and its end, and what is worse is an error.
func TestSARIFExpected(t *testing.T) {
	const known = " suppressed: CHG-1234 (until 2026-12-31, expect.txt:3)"
	for _, test := range []struct {
		result string
		want   []string // level, rule, and why it is suppressed
	}{
		{"open 192.0.2.1:25 plain =as-expected:open:plain", []string{"note plain" + known}},
		{"open~ 192.0.2.1:25 plain =as-expected:open:plain", []string{"note plain" + known}},
		{"open 192.0.2.1:25 plain null-sender =worse:open:plain", []string{"note plain" + known, "error null-sender"}},
		{"open 192.0.2.1:25 plain", []string{"error plain"}},
		{"open 192.0.2.1:25 plain =worse:closed", []string{"error plain"}},
		{"open 192.0.2.1:25 plain =worse:unreachable", []string{"error worse", "error plain"}},
		{"open 192.0.2.1:25 =as-expected:open:plain", []string{"note unclear" + known}},
		{"closed 192.0.2.1:25 -plain =better:open:plain", []string{"note better"}},
		{"closed 192.0.2.1:25 -plain =worse:unreachable", []string{"error worse"}},
		{"closed~ 192.0.2.1:25 =worse:unreachable", []string{"error worse"}},
		{"closed 192.0.2.1:25 -plain =as-expected:closed", nil},
		{"inconclusive 192.0.2.1:25 =as-expected:inconclusive", []string{"note unclear suppressed: expected: inconclusive greylisted (expect.txt:3)"}},
		{"inconclusive 192.0.2.1:25 =untold:open:plain", []string{"warning unclear"}},
		{"inconclusive 192.0.2.1:25 =worse:unreachable", []string{"error worse", "warning unclear"}},
		{"timeout 192.0.2.1:25 =as-expected:unreachable", []string{"note timeout suppressed: expected: unreachable (expect.txt:3)"}},
		{"timeout? 192.0.2.1:25 =as-expected:unreachable", []string{"note timeout suppressed: expected: unreachable (expect.txt:3)"}},
		{"timeout~ 192.0.2.1:25 =as-expected:unreachable", nil},
		{"timeout~ 192.0.2.1:25 =untold:open:plain", []string{"note timeout"}},
	} {
		r := scanned("", test.result)
		if r.Reason == "" {
			r.Reason = probe.ReasonUnclear
		}
		var got []string
		for _, result := range readSARIF(t, render(t, format(t, "sarif"), Options{}, []probe.Result{r})).Runs[0].Results {
			text := result.Level + " " + result.RuleID
			for _, s := range result.Suppressions {
				text += " suppressed: " + s.Justification
				if s.Kind != "external" || s.Status != "accepted" || !strings.Contains(result.Message.Text, expectation(r)) {
					t.Errorf("%s: %+v, %q", test.result, s, result.Message.Text)
				}
			}
			if result.Suppressions == nil || result.Properties.Expected != expectation(r) || result.Properties.Found != found(r) {
				t.Errorf("%s: suppressions %v, properties %+v", test.result, result.Suppressions, result.Properties)
			}
			got = append(got, text)
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s:\ngot  %q\nwant %q", test.result, got, test.want)
		}
	}
}

// A form that may be a local mailbox is known if all of its kind are.
func TestSARIFExpectedUnproven(t *testing.T) {
	for vectors, want := range map[string]string{"plain,percent": "note", "plain": "warning"} {
		r := expecting(accepting("plain", "?percent"), probe.Expectation{Verdict: probe.Open, Vectors: strings.Split(vectors, ",")}, probe.AsExpected)
		results := readSARIF(t, render(t, format(t, "sarif"), Options{}, []probe.Result{r})).Runs[0].Results
		if len(results) != 2 || results[1].Level != want || (len(results[1].Suppressions) > 0) != (want == "note") {
			t.Errorf("%s: %+v", vectors, results)
		}
	}
}

// What GitHub demands of every result and rule: it refuses the whole file for one that lacks it.
func TestSARIFForGitHub(t *testing.T) {
	run := readSARIF(t, render(t, format(t, "sarif"), Options{}, append(saved(t), besideResults()...))).Runs[0]
	if len(run.Results) < 10 || run.Tool.Driver.Name != "openrelay" || run.Tool.Driver.Version != "1.0.0" {
		t.Errorf("%d results of %q %q", len(run.Results), run.Tool.Driver.Name, run.Tool.Driver.Version)
	}
	prints := map[string]bool{}
	for _, r := range run.Results {
		if r.RuleIndex >= len(run.Tool.Driver.Rules) || run.Tool.Driver.Rules[r.RuleIndex].ID != r.RuleID {
			t.Errorf("%s: rule %d is not %q", r.Properties.Target, r.RuleIndex, r.RuleID)
		}
		if r.Message.Text == "" || len([]rune(r.Message.Text)) > 1024 || len(r.Locations) != 1 {
			t.Errorf("%s: message %q, %d locations", r.Properties.Target, r.Message.Text, len(r.Locations))
		}
		if p := r.Locations[0].Physical; p.Artifact.URI == "" || p.Region.StartLine < 1 || p.Region.EndLine != p.Region.StartLine {
			t.Errorf("%s: at %+v", r.Properties.Target, p)
		}
		mark := r.Fingerprints["primaryLocationLineHash"]
		if prints[mark] || !regexp.MustCompile(`^[0-9a-f]{32}:1$`).MatchString(mark) {
			t.Errorf("%s: fingerprint %q is none, or came before", r.Properties.Target, mark)
		}
		prints[mark] = true
	}
	for _, rule := range run.Tool.Driver.Rules {
		for what, text := range map[string]string{"name": rule.Name, "short": rule.Short.Text, "full": rule.Full.Text, "help": rule.Help.Text} {
			if text == "" || len([]rune(text)) > 1024 || what == "name" && (len(text) > 255 || text == rule.ID) {
				t.Errorf("rule %s: %s %q", rule.ID, what, text)
			}
		}
		if len(rule.Properties.Tags) > 10 {
			t.Errorf("rule %s: more than 10 tags", rule.ID)
		}
	}
}

// Every vector has a rule with its fix, and a severity that GitHub calls high.
func TestSARIFRules(t *testing.T) {
	rules := newSARIFRules()
	for _, v := range probe.Vectors {
		rule := rules.list[rules.at[v.ID]]
		if !strings.Contains(rule.Help.Text, v.Fix) || rule.Properties.Severity < "7" || rule.Default.Level != "error" {
			t.Errorf("%s: %+v", v.ID, rule)
		}
	}
	for ref, want := range map[string]string{
		"RFC 5321 3.6.2": "https://www.rfc-editor.org/rfc/rfc5321#section-3.6.2", "RFC 5321 appendix C": "https://www.rfc-editor.org/rfc/rfc5321",
		"Postfix XCLIENT_README": "",
	} {
		if got := rfcURI(ref); got != want {
			t.Errorf("%s is at %q, want %q", ref, got, want)
		}
	}
}

// An alert is the same as long as it is about the same vector at the same target, whatever the server
// says and whatever verdict the other vectors come to.
func TestSARIFFingerprints(t *testing.T) {
	print := func(change func(*probe.Result)) string {
		r := saved(t)[3]
		change(&r)
		return readSARIF(t, render(t, format(t, "sarif"), Options{}, []probe.Result{r})).Runs[0].Results[0].Fingerprints["primaryLocationLineHash"]
	}
	first := print(func(*probe.Result) {})
	for what, change := range map[string]func(*probe.Result){
		"reply":  func(r *probe.Result) { r.Findings[0].Reply = "250 2.1.5 Ok, queued as 4F7A" },
		"origin": func(r *probe.Result) { r.Origin = "other.txt:1" },
		"time":   func(r *probe.Result) { r.Started, r.TookMS, r.Scan = r.Started.AddDate(1, 0, 0), 9, nil },
		"from":   func(r *probe.Result) { r.Findings[0].From, r.Findings[0].To = "<x@y>", "<z@y>" },
		"expectation": func(r *probe.Result) {
			*r = expecting(*r, probe.Expectation{Verdict: probe.Open, Vectors: []string{r.Findings[0].Vector}}, probe.AsExpected)
		},
	} {
		if got := print(change); got != first {
			t.Errorf("another %s, another fingerprint", what)
		}
	}
	for what, change := range map[string]func(*probe.Result){
		"target": func(r *probe.Result) { r.Target = "[2001:db8::5]:26" },
		"name":   func(r *probe.Result) { r.Name = "mx2.example.org" },
		"vector": func(r *probe.Result) { r.Findings[0].Vector = "null-sender" },
		"via":    func(r *probe.Result) { r.Findings[0].Via = probe.StartTLS },
	} {
		if got := print(change); got == first {
			t.Errorf("another %s, the same fingerprint", what)
		}
	}
}

func TestSARIFPlaces(t *testing.T) {
	for _, test := range []struct {
		origin, option string
		uri            string
		line           int
	}{
		{"targets.txt:12", "", "targets.txt", 12},
		{"targets.txt:12", "ci/mail.yml:3", "ci/mail.yml", 3},
		{"", "ci/mail.yml", "ci/mail.yml", 1},
		{"./ops/../ops/my targets#1.txt:7", "", "ops/my%20targets%231.txt", 7},
		{"/srv/repo/targets.txt:7", "", "file:///srv/repo/targets.txt", 7},
		{"a:b:7", "", "./a:b", 7},
		{"evil\x1b\u202e\n.txt:7", "", `evil%5Cx1b%5Cu%7B202e%7D%5Cx0a.txt`, 7},
		{"", "", "smtp/mx.example.org", 1},
	} {
		r := probe.Result{Target: "192.0.2.1:25", Name: "mx.example.org", Origin: test.origin, Reason: probe.ReasonUnclear}
		text := render(t, format(t, "sarif"), Options{SARIFLocation: test.option}, []probe.Result{r})
		p := readSARIF(t, text).Runs[0].Results[0].Locations[0].Physical
		if p.Artifact.URI != test.uri || p.Region.StartLine != test.line {
			t.Errorf("origin %q, option %q: %s line %d, want %s line %d", test.origin, test.option, p.Artifact.URI, p.Region.StartLine, test.uri, test.line)
		}
	}
	for location, ok := range map[string]bool{
		"targets.txt": true, "a/b.txt:1": true, "a/b.txt:12": true, "": false, ".": false, "a/": false, "a.txt:0": false, "a.txt:-1": false, ":3": false,
	} {
		if err := CheckSARIFLocation(location); (err == nil) != ok {
			t.Errorf("%q: %v", location, err)
		}
	}
}

// A message of a server makes no link, nor does the reason of an expectation.
func TestSARIFMessage(t *testing.T) {
	if got := sarifMessage("550 [click](http://evil.example)"); strings.Contains(got, "](") {
		t.Error(got)
	}
	for _, s := range injections {
		r := expecting(accepting("plain"), probe.Expectation{Verdict: probe.Open, Vectors: []string{"plain"}, Until: s, Because: s}, probe.AsExpected)
		r.Expected.Origin = s
		result := readSARIF(t, render(t, format(t, "sarif"), Options{}, []probe.Result{r})).Runs[0].Results[0]
		if len(result.Suppressions) != 1 {
			t.Fatalf("%q: %+v", s, result)
		}
		if why := result.Suppressions[0].Justification; Printable(why) != why || strings.Contains(why, "](") || len([]rune(why)) > 1024 {
			t.Errorf("%q: suppressed because of %q", s, why)
		}
	}
}

// GitHub refuses a file of more than 25,000 results. What is open and not known comes first, and what is left out is
// said.
func TestSARIFLimits(t *testing.T) {
	small := Format[probe.Result]{Name: "sarif", New: func(w io.Writer, o Options) Writer[probe.Result] {
		s := newSARIF(w, o).(*sarif)
		if s.most != 25_000 || s.reserve != 5_000 {
			t.Errorf("takes %d and %d", s.most, s.reserve)
		}
		s.most, s.reserve = 250, 50
		return s
	}}
	for minor, level := range map[string]string{"inconclusive 192.0.2.1:25": "warning", "open 192.0.2.1:25 plain =as-expected:open:plain": "note"} {
		var results []probe.Result
		add := func(n int, text string) {
			for i := range n {
				r := scanned("", text)
				r.Target, r.Reason = fmt.Sprintf("10.%d.%d.%d:25", i>>16, i>>8&255, i&255), cmp.Or(r.Reason, probe.ReasonUnclear)
				results = append(results, r)
			}
		}
		add(260, minor)
		add(70, "open 192.0.2.1:25 plain")
		run := readSARIF(t, render(t, small, Options{}, results)).Runs[0]
		levels := map[string]int{}
		for _, r := range run.Results {
			levels[r.Level]++
		}
		if levels["error"] != 50 || levels[level] != 200 {
			t.Errorf("there are %v", levels)
		}
		if n := run.Invocations[0].Notifications; len(n) != 1 || !strings.HasPrefix(n[0].Message.Text, "80 results left out") {
			t.Errorf("%v, want 80 left out", n)
		}
	}
}

// sarifMultitool is Microsoft's validator, as .ci/npm pins it.
const sarifMultitool = "../.ci/npm/node_modules/.bin/sarif-multitool"

// validate returns what the validator finds, of errors and warnings.
func validate(t *testing.T, text string) (findings []string) {
	t.Helper()
	if _, err := os.Stat(sarifMultitool); err != nil {
		if os.Getenv("CI") != "true" {
			t.Skip("no sarif-multitool: npm ci --prefix .ci/npm")
		}
		t.Fatalf("no sarif-multitool: npm ci --prefix .ci/npm: %v", err)
	}
	file := filepath.Join(t.TempDir(), "results.sarif")
	if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	// Its wrapper hands the line to a shell: hence the inner quotes.
	cmd := exec.Command(sarifMultitool, "validate", "--rule-kind", `"Sarif;Ghas"`, file)
	cmd.Env = append(os.Environ(), "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1") // it needs no ICU library then
	out, err := cmd.CombinedOutput()
	if !strings.Contains(string(out), "1 files scanned") {
		t.Fatalf("%v\n%s", err, out)
	}
	for line := range strings.Lines(string(out)) {
		if _, finding, ok := strings.Cut(line, "): "); ok {
			findings = append(findings, strings.TrimSpace(finding))
		}
	}
	return findings
}

func TestSARIFValidates(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a validator, which takes seconds")
	}
	for name, results := range map[string][]probe.Result{"all": append(saved(t), besideResults()...), "none": nil} {
		for _, finding := range validate(t, render(t, format(t, "sarif"), Options{}, results)) {
			if !strings.Contains(finding, "SARIF2005") { // it wants the address of a web site
				t.Errorf("%s: %s", name, finding)
			}
		}
	}
	// The validator is one that can fail: GitHub takes no result without a place.
	broken := regexp.MustCompile(`"locations":\[.*?\],"partial`).ReplaceAllString(render(t, format(t, "sarif"), Options{}, saved(t)), `"locations":[],"partial`)
	if found := strings.Join(validate(t, broken), "\n"); !strings.Contains(found, "error GH") {
		t.Errorf("of results without a place it says only:\n%s", found)
	}
}
