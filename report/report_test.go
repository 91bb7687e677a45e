package report

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"

	"openrelay/probe"
)

// saved returns the results of testdata/results.jsonl: every verdict, hostile servers included.
func saved(t testing.TB) []probe.Result {
	t.Helper()
	f, err := os.Open("testdata/results.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var all []probe.Result
	for r, err := range Read(f) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	return all
}

// render returns the report of records in a format.
func render[T any](t testing.TB, f Format[T], o Options, records []T) string {
	t.Helper()
	var b bytes.Buffer
	w := f.New(&b, o)
	for _, r := range records {
		if err := w.Write(r); err != nil {
			t.Fatalf("%s: Write: %v", f.Name, err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatalf("%s: Close: %v", f.Name, err)
	}
	return b.String()
}

func format(t testing.TB, name string) Format[probe.Result] { return named(t, Results, name) }

func named[T any](t testing.TB, all Formats[T], name string) Format[T] {
	t.Helper()
	f, err := all.Find(name)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// Every saved verdict, standing and outcome must be in the results that the golden files are made from.
func TestResultsCoverVerdicts(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range saved(t) {
		seen[r.Verdict.String()] = true
		if r.Expected != nil {
			seen[string(r.Expected.Found)] = true
		}
		for _, f := range r.Findings {
			seen[string(f.Outcome)] = true
		}
	}
	for _, v := range probe.Verdicts {
		if !seen[v.String()] {
			t.Errorf("no result is %s", v)
		}
	}
	for _, s := range standings {
		if !seen[string(s)] {
			t.Errorf("no result is %s", s)
		}
	}
	for _, o := range []probe.Outcome{probe.OutcomeAccepted, probe.OutcomeRefused, probe.OutcomeUnanswered} {
		if !seen[string(o)] {
			t.Errorf("no finding is %s", o)
		}
	}
}

// A report of a scan that was cut short says so: what it does not hold was not found closed.
func TestCut(t *testing.T) {
	records := []string{"jsonl", "csv"} // which are about targets, each by itself
	status := map[string]string{"json": `"exit_status":130`, "sarif": `"executionSuccessful":false`, "junit": `errors="1"`, "prometheus": "openrelay_scan_cut_short 1"}
	for _, f := range Results {
		for _, results := range [][]probe.Result{nil, saved(t)} {
			whole := render(t, f, Options{Cut: new(Cut)}, results)
			if whole != render(t, f, Options{}, results) {
				t.Errorf("%s: a scan that was not cut short has another report", f.Name)
			}
			cut := render(t, f, Options{Cut: &Cut{"interrupted after 1 of 3 targets", 130}}, results)
			if slices.Contains(records, f.Name) {
				continue
			}
			said := f.Name == "prometheus" || strings.Contains(cut, "interrupted after 1 of 3 targets; what is not in this report was not tested")
			if !said || !strings.Contains(cut, status[f.Name]) {
				t.Errorf("%s of %d results does not say so", f.Name, len(results))
			}
		}
	}
}

// The exit status in a report is the scan's, whatever that is to fail on.
func TestReportedExitStatus(t *testing.T) {
	for policy, want := range map[FailOn]string{"": `"exit_status":1`, FailOnNever: `"exit_status":0`} {
		if text := render(t, format(t, "json"), Options{FailOn: policy}, saved(t)); !strings.Contains(text, want) {
			t.Errorf("--fail-on %q: no %s", policy, want)
		}
	}
}
