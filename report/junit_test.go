package report

import (
	"encoding/xml"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"openrelay/probe"
)

// junitFile is a report as CI servers read it.
type junitFile struct {
	XMLName xml.Name    `xml:"testsuites"`
	Suites  []testsuite `xml:"testsuite"`
}

func (t testcase) troubles() (n int) {
	for _, problem := range []*trouble{t.Failure, t.Error, t.Skipped} {
		if problem != nil {
			n++
		}
	}
	return n
}

func readJUnit(t testing.TB, text string) junitFile {
	t.Helper()
	var f junitFile
	if err := xml.Unmarshal([]byte(text), &f); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return f
}

// The rules of those who read the file, one by one.
var junitRules = []struct {
	whose, rule string
	broken      func(text string, f junitFile) string // where; "" if it is kept
}{
	{"XML 1.0", "the declaration comes first and says UTF-8", func(text string, _ junitFile) string {
		if !strings.HasPrefix(text, `<?xml version="1.0" encoding="UTF-8"?>`) {
			return text[:min(len(text), 40)]
		}
		return ""
	}},
	{"XML 1.0", "every character is a legal one", func(text string, _ junitFile) string {
		return regexp.MustCompile(`[^\x{9}\x{A}\x{D}\x{20}-\x{D7FF}\x{E000}-\x{FFFD}\x{10000}-\x{10FFFF}]`).FindString(text)
	}},
	{"Jenkins", "the counts of a suite are those of its tests", func(_ string, f junitFile) string {
		for _, s := range f.Suites {
			got := [4]int{len(s.Cases)}
			for _, c := range s.Cases {
				for i, problem := range []*trouble{c.Failure, c.Error, c.Skipped} {
					if problem != nil {
						got[i+1]++
					}
				}
			}
			if got != [4]int{s.Tests, s.Failures, s.Errors, s.Skipped} {
				return s.Name
			}
		}
		return ""
	}},
	{"Jenkins", "seconds are decimals with a point", func(_ string, f junitFile) string {
		for _, s := range f.Suites {
			if !regexp.MustCompile(`^\d+\.\d{3}$`).MatchString(s.Time) {
				return s.Name + " " + s.Time
			}
		}
		return ""
	}},
	{"Jenkins", "a timestamp is ISO 8601 without a zone", func(_ string, f junitFile) string {
		for _, s := range f.Suites {
			if s.Timestamp != "" && !regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$`).MatchString(s.Timestamp) {
				return s.Name + " " + s.Timestamp
			}
		}
		return ""
	}},
	{"Jenkins", "a test has one outcome at most", func(_ string, f junitFile) string {
		return f.find(func(c testcase) bool { return c.troubles() > 1 })
	}},
	{"Jenkins", "a test has a class and a name", func(_ string, f junitFile) string {
		return f.find(func(c testcase) bool { return c.Classname == "" || c.Name == "" })
	}},
	{"Jenkins", "the properties of a suite stand before its tests", func(text string, _ junitFile) string {
		for suite := range strings.SplitSeq(text, "<testsuite ") {
			if strings.LastIndex(suite, "<properties>") > strings.Index(suite, "<testcase ") && strings.Contains(suite, "<properties>") {
				return suite
			}
		}
		return ""
	}},
	{"GitLab", "no name comes twice: only the first would count", func(_ string, f junitFile) string {
		seen := map[string]bool{}
		return f.find(func(c testcase) bool {
			again := seen[c.Name]
			seen[c.Name] = true
			return again
		})
	}},
	{"GitLab", "the suite it shows is the class of a test: the target", func(_ string, f junitFile) string {
		return f.find(func(c testcase) bool { return !strings.Contains(c.Classname, ":") })
	}},
	{"both", "a failure says why in its message, which is one line", func(_ string, f junitFile) string {
		return f.find(func(c testcase) bool {
			for _, problem := range []*trouble{c.Failure, c.Error, c.Skipped} {
				if problem != nil && (problem.Message == "" || strings.ContainsAny(problem.Message, "\r\n")) {
					return true
				}
			}
			return false
		})
	}},
}

func (f junitFile) find(bad func(testcase) bool) string {
	for _, s := range f.Suites {
		if i := slices.IndexFunc(s.Cases, bad); i >= 0 {
			return s.Cases[i].Classname + " " + s.Cases[i].Name
		}
	}
	return ""
}

func TestJUnitRules(t *testing.T) {
	results := saved(t)
	results = append(results, results[3], results[1]) // again: of two scans, say
	results = append(results, besideResults()...)
	for _, results := range [][]probe.Result{results, nil} {
		text := render(t, format(t, "junit"), Options{}, results)
		f := readJUnit(t, text)
		for _, rule := range junitRules {
			if where := rule.broken(text, f); where != "" {
				t.Errorf("%s: %s, but %q", rule.whose, rule.rule, where)
			}
		}
	}
}

// besideResults are results of all verdicts, named and out of ranges, as each standing has them.
func besideResults() (all []probe.Result) {
	for _, text := range []string{
		"open a@192.0.2.1:25 plain -null-sender =as-expected:open:plain", "open a@192.0.2.1:25 plain ?null-sender =as-expected:open:plain",
		"open a@192.0.2.1:25 =as-expected:open:plain", "open a@192.0.2.1:25 plain null-sender =worse:open:plain", "open a@192.0.2.1:25 =worse:open:plain",
		"open a@192.0.2.1:25 plain =worse:closed", "open a@192.0.2.1:25 plain =worse:unreachable", "open a@192.0.2.1:25 =worse:unreachable",
		"open a@192.0.2.1:25 plain =worse:inconclusive", "closed a@192.0.2.1:25 -plain =as-expected:closed", "closed a@192.0.2.1:25 -plain =better:open:plain",
		"closed a@192.0.2.1:25 -plain =better:inconclusive", "closed a@192.0.2.1:25 -plain =worse:unreachable", "closed a@192.0.2.1:25 =worse:unreachable",
		"inconclusive a@192.0.2.1:25 ?plain =as-expected:inconclusive", "inconclusive a@192.0.2.1:25 =as-expected:inconclusive",
		"inconclusive a@192.0.2.1:25 ?plain =untold:inconclusive", "inconclusive a@192.0.2.1:25 =untold:open:plain", "inconclusive a@192.0.2.1:25 ?plain =worse:unreachable",
		"timeout a@192.0.2.1:25 =as-expected:unreachable", "timeout a@192.0.2.1:25 =untold:open:plain",
		"open a@192.0.2.1:25 plain =:open:plain", "inconclusive a@192.0.2.1:25 =:inconclusive", // what a later version may say
	} {
		what, rest, _ := strings.Cut(text, " a@")
		for _, how := range []string{"", "?", "~"} {
			r := scanned("scan", what+how+" a@"+rest)
			r.Target = fmt.Sprintf("192.0.2.%d:25", len(all))
			if r.Reason == "" {
				r.Reason = probe.ReasonUnclear
			}
			all = append(all, r)
		}
	}
	return all
}

// A gate that reads the file comes to the same decision as one that reads the exit status.
func TestJUnitSaysWhatTheVerdictSays(t *testing.T) {
	for _, r := range append(saved(t), besideResults()...) {
		f := readJUnit(t, render(t, format(t, "junit"), Options{}, []probe.Result{r}))
		var sum Summary
		sum.Add(r)
		if nobodyThere(r) {
			if len(f.Suites) > 0 {
				t.Errorf("%s, a dead address of a range, has a suite", r.Target)
			}
			continue
		}
		s := f.Suites[0]
		got := 0
		switch {
		case s.Failures > 0:
			got = 1
		case s.Errors > 0:
			got = 3
		}
		if want := sum.ExitStatus(); got != want {
			t.Errorf("%s is %s, exit status %d, but has %d failures and %d errors (%s)", r.Target, r.Verdict, want, s.Failures, s.Errors, compared(r))
		}
	}
}

// What is expected is told as such, with its reason and its end, and nothing else is.
func TestJUnitExpected(t *testing.T) {
	const line = "open plain until 2026-12-31 because CHG-1234 (expect.txt:3)"
	for _, test := range []struct {
		result string
		want   []string // the tests but those that passed: outcome, type, name and message
	}{
		{"open 192.0.2.1:25 plain -null-sender =as-expected:open:plain",
			[]string{"skipped as-expected plain accepted MAIL FROM:, RCPT TO:; that is expected: " + line, "skipped as-expected expected as expected: " + line}},
		{"open 192.0.2.1:25 plain null-sender =worse:open:plain",
			[]string{"skipped as-expected plain accepted MAIL FROM:, RCPT TO:; that is expected: " + line, "failed open null-sender accepted MAIL FROM:, RCPT TO:"}},
		{"open 192.0.2.1:25 plain", []string{"failed open plain accepted MAIL FROM:, RCPT TO:"}},
		{"closed 192.0.2.1:25 -plain =better:open:plain", []string{"skipped better expected better than expected: is closed; expected is " + line}},
		{"closed 192.0.2.1:25 -plain =worse:unreachable", []string{"failed worse expected worse than expected: answers, and is closed; expected is unreachable (expect.txt:3)"}},
		{"closed~ 192.0.2.1:25 =worse:unreachable", []string{"failed worse expected worse than expected: answers, and is closed; expected is unreachable (expect.txt:3)"}},
		{"timeout 192.0.2.1:25 =as-expected:unreachable", []string{"skipped as-expected expected as expected: unreachable (expect.txt:3)"}},
		{"inconclusive 192.0.2.1:25 ?plain =as-expected:inconclusive",
			[]string{"skipped  plain unanswered: MAIL FROM:, RCPT TO:", "skipped as-expected expected as expected: inconclusive greylisted (expect.txt:3)"}},
		{"closed 192.0.2.1:25 -plain =as-expected:closed", nil},
	} {
		r := scanned("", test.result)
		suite := readJUnit(t, render(t, format(t, "junit"), Options{}, []probe.Result{r})).Suites[0]
		for _, p := range []property{{"expected", expectation(r)}, {"found", found(r)}} {
			if slices.Contains(suite.Properties, p) != (r.Expected != nil) {
				t.Errorf("%s: property %v in %v", test.result, p, suite.Properties)
			}
		}
		var got []string
		for _, c := range suite.Cases {
			for outcome, problem := range map[string]*trouble{"failed": c.Failure, "erred": c.Error, "skipped": c.Skipped} {
				if problem != nil {
					name, _, _ := strings.Cut(c.Name, " at ")
					got = append(got, outcome+" "+problem.Type+" "+name+" "+problem.Message)
				}
			}
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s:\ngot  %q\nwant %q", test.result, got, test.want)
		}
	}
}

func TestJUnitPortsNotOffered(t *testing.T) {
	f := readJUnit(t, render(t, format(t, "junit"), Options{}, []probe.Result{
		result("refused? 192.0.2.1:465"), result("closed? 192.0.2.1:25"), result("refused? 192.0.2.2:25"),
	}))
	var got []string
	for _, s := range f.Suites {
		got = append(got, s.Name+" errors "+strconv.Itoa(s.Errors)+" skipped "+strconv.Itoa(s.Skipped))
	}
	if want := "192.0.2.1:25 errors 0 skipped 0, 192.0.2.1:465 errors 0 skipped 1, 192.0.2.2:25 errors 1 skipped 0"; strings.Join(got, ", ") != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A test keeps its name when its outcome changes: CI servers compare by it.
func TestJUnitNamesAreStable(t *testing.T) {
	names := func(v probe.Verdict, o probe.Outcome) (names []string) {
		r := probe.Result{Target: "192.0.2.1:25", Name: "mx.example.org", Named: true, Verdict: v, Reason: "plain"}
		for _, to := range []string{"<a@x>", "<b@y>"} { // asked once for each own domain
			r.Findings = append(r.Findings, probe.Finding{Vector: "sender-own-domain", Via: probe.StartTLS, To: to, Outcome: o})
		}
		for _, c := range readJUnit(t, render(t, format(t, "junit"), Options{}, []probe.Result{r})).Suites[0].Cases {
			names = append(names, c.Name)
		}
		return names
	}
	const place = " at mx.example.org [192.0.2.1]:25"
	want := []string{"sender-own-domain over starttls" + place, "sender-own-domain over starttls (2)" + place}
	for _, got := range [][]string{names(probe.Closed, probe.OutcomeRefused), names(probe.Open, probe.OutcomeAccepted), names(probe.Inconclusive, probe.OutcomeUnanswered)} {
		if !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestJUnitIsClosedAfterNothing(t *testing.T) {
	text := render(t, format(t, "junit"), Options{}, nil)
	if f := readJUnit(t, text); len(f.Suites) > 0 {
		t.Errorf("got %s", text)
	}
}
