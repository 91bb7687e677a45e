package report

import (
	"bytes"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"openrelay/probe"
)

var update = flag.Bool("update", false, "write the golden files anew")

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

// render returns the report of results in a format.
func render(t testing.TB, f Format, o Options, results []probe.Result) string {
	t.Helper()
	var b bytes.Buffer
	w := f.New(&b, o)
	for _, r := range results {
		if err := w.Write(r); err != nil {
			t.Fatalf("%s: Write: %v", f.Name, err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatalf("%s: Close: %v", f.Name, err)
	}
	return b.String()
}

func format(t testing.TB, name string) Format {
	t.Helper()
	for _, f := range Formats {
		if f.Name == name {
			return f
		}
	}
	t.Fatalf("no format %q", name)
	return Format{}
}

func checkGolden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; see what changed with -update and git diff. Got:\n%s", path, got)
	}
}

func TestFormats(t *testing.T) {
	results := saved(t)
	for _, f := range Formats {
		t.Run(f.Name, func(t *testing.T) {
			if f.About == "" {
				t.Error("has no About")
			}
			checkGolden(t, "results."+f.Name+".golden", render(t, f, Options{}, results))
		})
	}
}

// Every saved verdict and outcome must be in the results that the golden files are made from.
func TestResultsCoverVerdicts(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range saved(t) {
		seen[r.Verdict.String()] = true
		for _, f := range r.Findings {
			seen[string(f.Outcome)] = true
		}
	}
	for _, v := range probe.Verdicts {
		if !seen[v.String()] {
			t.Errorf("no result is %s", v)
		}
	}
	for _, o := range []probe.Outcome{probe.OutcomeAccepted, probe.OutcomeRefused, probe.OutcomeUnanswered} {
		if !seen[string(o)] {
			t.Errorf("no finding is %s", o)
		}
	}
}

func TestNew(t *testing.T) {
	for _, f := range Formats {
		if _, err := New(f.Name, io.Discard, Options{}); err != nil {
			t.Errorf("New(%q): %v", f.Name, err)
		}
	}
	for name, want := range map[string]string{
		"jsnlo": `unknown format "jsnlo", did you mean "jsonl"? the formats are table, jsonl`,
		"JSONL": `did you mean "jsonl"?`,
		"tabel": `did you mean "table"?`,
		"jsn":   `did you mean "json"?`,
		"":      `unknown format "": the formats are table, jsonl, json`,
		"pdf":   `unknown format "pdf": the formats are`,
		"\x1b[": `unknown format "\x1b[": the formats`,
	} {
		_, err := New(name, io.Discard, Options{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("New(%q) = %v, want %q in it", name, err, want)
		}
	}
}

// failing takes so many bytes and then no more, as a full disk does.
type failing struct {
	room int
	took bytes.Buffer
}

var errFull = errors.New("no space left on device")

func (f *failing) Write(b []byte) (int, error) {
	n := min(len(b), f.room)
	f.room -= n
	f.took.Write(b[:n])
	if n < len(b) {
		f.room = 1 << 20 // room again: what comes now must not follow a torn line
		return n, errFull
	}
	return n, nil
}

func TestWriteErrors(t *testing.T) {
	results := saved(t)
	for _, f := range Formats {
		whole := render(t, f, Options{}, results)
		for room := 0; room < len(whole); room += max(97, len(whole)/50) {
			out := &failing{room: room}
			w := f.New(out, Options{})
			for _, r := range results {
				_ = w.Write(r) // the error must still be there at the end
			}
			if err := w.Close(); !errors.Is(err, errFull) {
				t.Fatalf("%s, disk full after %d bytes: Close = %v", f.Name, room, err)
			}
			if got := out.took.String(); got != whole[:room] {
				t.Fatalf("%s, disk full after %d bytes: something was written after that", f.Name, room)
			}
		}
	}
}

// A report of a scan that was cut short says so: what it does not hold was not found closed.
func TestCut(t *testing.T) {
	records := []string{"jsonl", "csv"} // which are about targets, each by itself
	status := map[string]string{"json": `"exit_status":130`, "sarif": `"executionSuccessful":false`, "junit": `errors="1"`, "prometheus": "openrelay_scan_cut_short 1"}
	for _, f := range Formats {
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
