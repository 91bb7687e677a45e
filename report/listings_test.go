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

// savedListings returns testdata/listings.jsonl: every status and kind, hostile lists included.
func savedListings(t testing.TB) []dnsbl.Listings {
	t.Helper()
	f, err := os.Open("testdata/listings.jsonl")
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

func renderListings(t testing.TB, f ListingsFormat, o ListingsOptions, all []dnsbl.Listings) string {
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

func TestListingsFormats(t *testing.T) {
	all := savedListings(t)
	for _, f := range ListingsFormats {
		t.Run(f.Name, func(t *testing.T) {
			got := renderListings(t, f, ListingsOptions{Spec: "198.51.100.0/24"}, all)
			checkGolden(t, "listings."+f.Name+".golden", got)
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
func TestListingsCover(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range savedListings(t) {
		seen[string(s.Status)] = true
		for _, l := range s.Listings {
			seen[string(l.Kind)], seen[string(l.Problem)] = true, true
		}
	}
	for _, want := range []string{"listed", "clean", "not-checked", "accusation", "network", "policy", "public-resolver", "timeout"} {
		if !seen[want] {
			t.Errorf("no record is %s", want)
		}
	}
}

// jsonl is the record itself: what it writes reads back as it was.
func TestListingsJSONL(t *testing.T) {
	saved, err := os.ReadFile("testdata/listings.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	if got := renderListings(t, ListingsFormats[3], ListingsOptions{}, savedListings(t)); got != string(saved) {
		t.Errorf("got\n%s\nwant\n%s", got, saved)
	}
}

func TestListingsCSV(t *testing.T) {
	rows, err := csv.NewReader(strings.NewReader(renderListings(t, ListingsFormats[2], ListingsOptions{}, savedListings(t)))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		if len(row) != len(listingsColumns) {
			t.Errorf("%d cells: %q", len(row), row)
		}
		for _, cell := range row {
			if cell != "" && strings.ContainsRune("=+-@\t", rune(cell[0])) {
				t.Errorf("a formula: %q", cell)
			}
		}
	}
	if empty := renderListings(t, ListingsFormats[2], ListingsOptions{}, nil); !strings.HasPrefix(empty, "target,name,status,") {
		t.Errorf("without records: %q", empty)
	}
}

// A narrow terminal breaks lines, and loses nothing.
func TestListingsTableNarrow(t *testing.T) {
	wide := renderListings(t, ListingsFormats[0], ListingsOptions{Spec: "198.51.100.0/24"}, savedListings(t))
	narrow := renderListings(t, ListingsFormats[0], ListingsOptions{Spec: "198.51.100.0/24", Options: Options{Width: 60}}, savedListings(t))
	if a, b := strings.Join(strings.Fields(wide), " "), strings.Join(strings.Fields(narrow), " "); a != b {
		t.Errorf("words differ:\n%s\n%s", a, b)
	}
	quiet := renderListings(t, ListingsFormats[0], ListingsOptions{Options: Options{Quiet: true}}, savedListings(t))
	if strings.Contains(quiet, "clean") || strings.Contains(quiet, "not checked") || !strings.Contains(quiet, "listed") {
		t.Errorf("quiet:\n%s", quiet)
	}
}

func TestNewListings(t *testing.T) {
	for _, f := range ListingsFormats {
		if _, err := NewListings(f.Name, io.Discard, ListingsOptions{}); err != nil || f.About == "" {
			t.Errorf("%s: %v", f.Name, err)
		}
	}
	if _, err := NewListings("markdwon", io.Discard, ListingsOptions{}); err == nil || !strings.Contains(err.Error(), `did you mean "markdown"`) {
		t.Errorf("%v", err)
	}
	if _, err := NewListings("sarif", io.Discard, ListingsOptions{}); err == nil || !strings.Contains(err.Error(), "the formats are table, markdown, csv, jsonl") {
		t.Errorf("%v", err)
	}
}

func TestListingsSummary(t *testing.T) {
	for _, test := range []struct {
		sum    ListingsSummary
		status int
		text   string
	}{
		{ListingsSummary{}, 3, "nothing was asked about"},
		{ListingsSummary{Clean: 2}, 0, "2 clean"},
		{ListingsSummary{Clean: 2, NotChecked: 1}, 3, "2 clean, 1 not checked"},
		{ListingsSummary{Listed: 1, Clean: 2, NotChecked: 1}, 1, "1 listed, 2 clean, 1 not checked"},
	} {
		if got := test.sum.ExitStatus(); got != test.status || test.sum.String() != test.text {
			t.Errorf("%+v: %d %q", test.sum, got, test.sum.String())
		}
	}
}

// A full disk is an error, in every format.
func TestListingsWriteErrors(t *testing.T) {
	for _, f := range ListingsFormats {
		w := f.New(brokenWriter{}, ListingsOptions{})
		var errs []error
		for _, s := range savedListings(t) {
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
