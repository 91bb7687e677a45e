package report

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"unicode"

	"openrelay/probe/dnsbl"
)

// savedStandings returns testdata/standings.jsonl: every status and kind, hostile lists included.
func savedStandings(t testing.TB) []dnsbl.Listings {
	t.Helper()
	f, err := os.Open("testdata/standings.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var all []dnsbl.Listings
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		var s dnsbl.Listings
		if err := json.Unmarshal(lines.Bytes(), &s); err != nil {
			t.Fatalf("%v\n%s", err, lines.Text())
		}
		all = append(all, s)
	}
	return all
}

func renderStandings(t testing.TB, f StandingFormat, o StandingOptions, all []dnsbl.Listings) string {
	t.Helper()
	var b bytes.Buffer
	w := f.New(&b, o)
	for _, s := range all {
		if err := w.Write(s); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestStandingFormats(t *testing.T) {
	all := savedStandings(t)
	for _, f := range StandingFormats {
		t.Run(f.Name, func(t *testing.T) {
			got := renderStandings(t, f, StandingOptions{Spec: "198.51.100.0/24"}, all)
			checkGolden(t, "standings."+f.Name+".golden", got)
			for _, r := range got {
				if r != '\n' && !unicode.IsPrint(r) {
					t.Errorf("%U came through", r)
				}
			}
			for line := range strings.Lines(got) {
				if strings.HasPrefix(strings.TrimSpace(line), "::") || strings.Contains(line, "##[") {
					t.Errorf("a CI system would obey %q", line)
				}
			}
		})
	}
}

// What the file holds must show every status, kind and problem of interest.
func TestStandingsCover(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range savedStandings(t) {
		seen[string(s.Status)] = true
		for _, l := range s.Listings {
			seen[string(l.Kind)], seen[string(l.Problem)] = true, true
		}
	}
	for _, want := range []string{"listed", "clean", "not-checked", "accusation", "network", "policy", "public-resolver", "timeout"} {
		if !seen[want] {
			t.Errorf("no standing is %s", want)
		}
	}
}

// jsonl is the record itself: what it writes reads back as it was.
func TestStandingJSONL(t *testing.T) {
	saved, err := os.ReadFile("testdata/standings.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	if got := renderStandings(t, StandingFormats[3], StandingOptions{}, savedStandings(t)); got != string(saved) {
		t.Errorf("got\n%s\nwant\n%s", got, saved)
	}
}

func TestStandingCSV(t *testing.T) {
	rows, err := csv.NewReader(strings.NewReader(renderStandings(t, StandingFormats[2], StandingOptions{}, savedStandings(t)))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		if len(row) != len(standingColumns) {
			t.Errorf("%d cells: %q", len(row), row)
		}
		for _, cell := range row {
			if cell != "" && strings.ContainsRune("=+-@\t", rune(cell[0])) {
				t.Errorf("a formula: %q", cell)
			}
		}
	}
	if empty := renderStandings(t, StandingFormats[2], StandingOptions{}, nil); !strings.HasPrefix(empty, "target,name,status,") {
		t.Errorf("without standings: %q", empty)
	}
}

// A narrow terminal breaks lines, and loses nothing.
func TestStandingTableNarrow(t *testing.T) {
	wide := renderStandings(t, StandingFormats[0], StandingOptions{Spec: "198.51.100.0/24"}, savedStandings(t))
	narrow := renderStandings(t, StandingFormats[0], StandingOptions{Spec: "198.51.100.0/24", Options: Options{Width: 60}}, savedStandings(t))
	if a, b := strings.Join(strings.Fields(wide), " "), strings.Join(strings.Fields(narrow), " "); a != b {
		t.Errorf("words differ:\n%s\n%s", a, b)
	}
	quiet := renderStandings(t, StandingFormats[0], StandingOptions{Options: Options{Quiet: true}}, savedStandings(t))
	if strings.Contains(quiet, "clean") || strings.Contains(quiet, "not checked") || !strings.Contains(quiet, "listed") {
		t.Errorf("quiet:\n%s", quiet)
	}
}

func TestNewStanding(t *testing.T) {
	for _, f := range StandingFormats {
		if _, err := NewStanding(f.Name, io.Discard, StandingOptions{}); err != nil || f.About == "" {
			t.Errorf("%s: %v", f.Name, err)
		}
	}
	if _, err := NewStanding("markdwon", io.Discard, StandingOptions{}); err == nil || !strings.Contains(err.Error(), `did you mean "markdown"`) {
		t.Errorf("%v", err)
	}
	if _, err := NewStanding("sarif", io.Discard, StandingOptions{}); err == nil || !strings.Contains(err.Error(), "the formats are table, markdown, csv, jsonl") {
		t.Errorf("%v", err)
	}
}

func TestStandingSummary(t *testing.T) {
	for _, test := range []struct {
		sum    StandingSummary
		status int
		text   string
	}{
		{StandingSummary{}, 3, "nothing was asked about"},
		{StandingSummary{Clean: 2}, 0, "2 clean"},
		{StandingSummary{Clean: 2, NotChecked: 1}, 3, "2 clean, 1 not checked"},
		{StandingSummary{Listed: 1, Clean: 2, NotChecked: 1}, 1, "1 listed, 2 clean, 1 not checked"},
	} {
		if got := test.sum.ExitStatus(); got != test.status || test.sum.String() != test.text {
			t.Errorf("%+v: %d %q", test.sum, got, test.sum.String())
		}
	}
}

// A full disk is an error, in every format.
func TestStandingWriteErrors(t *testing.T) {
	for _, f := range StandingFormats {
		w := f.New(brokenWriter{}, StandingOptions{})
		var errs []error
		for _, s := range savedStandings(t) {
			errs = append(errs, w.Write(s))
		}
		if err := errors.Join(append(errs, w.Close())...); !errors.Is(err, errBroken) {
			t.Errorf("%s: %v", f.Name, err)
		}
	}
}

var errBroken = errors.New("no space left")

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errBroken }
