package report

import (
	"encoding/csv"
	"slices"
	"strings"
	"testing"

	"openrelay/probe"
)

// parseCSV reads a report back as RFC 4180 has it: every line ends with CR LF, every row is as long as
// the first, and nothing but a field in quotes holds a quote.
func parseCSV(t testing.TB, text string) [][]string {
	t.Helper()
	if strings.Count(text, "\r\n") != strings.Count(text, "\n") || !strings.HasSuffix(text, "\r\n") {
		t.Errorf("not every line ends with CR LF:\n%q", text)
	}
	r := csv.NewReader(strings.NewReader(text))
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return rows
}

// The columns are public: programs find them by name or by place. New ones go to the end.
func TestColumns(t *testing.T) {
	const stable = "target name verdict proof reason accepted stage detail reply cause traits mta banner tls_version " +
		"cert_subject cert_issuer cert_not_after cert_verify_error listed vectors asked answered source vantage named optional " +
		"origin started took_ms scan version authorized unproven domain mta_by expected found until because expected_by"
	for _, results := range [][]probe.Result{nil, saved(t)} {
		rows := parseCSV(t, render(t, format(t, "csv"), Options{}, results))
		if header := strings.Join(rows[0], " "); !strings.HasPrefix(header, stable) {
			t.Errorf("the columns are\n%s\nwant\n%s", header, stable)
		}
		if len(rows) != 1+len(results) {
			t.Fatalf("%d rows for %d results", len(rows), len(results))
		}
		for i, r := range results {
			for k, col := range columns {
				got, want := rows[i+1][k], Printable(col.of(&r))
				if unquoted := strings.ReplaceAll(strings.TrimPrefix(got, "'"), ";'", ";"); unquoted != want && got != noCommand(want) {
					t.Errorf("%s, %s: %q, want %q", r.Target, col.name, got, want)
				}
			}
		}
	}
}

// The columns of an expectation: each part of it once.
func TestExpectedColumns(t *testing.T) {
	r := expecting(accepting("plain", "quoted"), probe.Expectation{Verdict: probe.Open, Vectors: []string{"plain", "null-sender"}, At: []string{"office"},
		Until: "2026-12-31", Because: "CHG-1234"}, probe.Worse)
	rows := parseCSV(t, render(t, format(t, "csv"), Options{}, []probe.Result{r, accepting("plain")}))
	first := slices.Index(rows[0], "expected")
	for i, want := range [][]string{
		{"expected", "found", "until", "because", "expected_by"},
		{"open plain,null-sender at office", "worse", "2026-12-31", "CHG-1234", "expect.txt:3"},
		{"", "", "", "", ""},
	} {
		if got := rows[i][first:]; !slices.Equal(got, want) {
			t.Errorf("row %d: %q, want %q", i, got, want)
		}
	}
}

func TestCell(t *testing.T) {
	for _, test := range []struct{ in, want string }{
		{"", ""},
		{"192.0.2.1:25", "192.0.2.1:25"},
		{"550-no 1+1=2", "550-no 1+1=2"},
		{"=cmd()", "'=cmd()"},
		{"+1", "'+1"},
		{"-1", "'-1"},
		{"@SUM(1)", "'@SUM(1)"},
		{"＝1", "'＝1"},
		{" =1", "' =1"},
		{"\t=1", `\x09=1`}, // no tab is left to be skipped
		{"\r\n=1", `\x0d\x0a=1`},
		{"a;=1; -2;b", "a;'=1;' -2;b"},
		{"::error::x", `\x3a:error::x`},
		{"'=1", "'=1"}, // text already
	} {
		if got := cell(test.in); got != test.want {
			t.Errorf("cell(%q) = %q, want %q", test.in, got, test.want)
		}
	}
}
