package report

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"os"
	"strings"
	"testing"

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
	if got := render(t, named(t, Listings, "jsonl"), Options{}, savedListings(t)); got != string(saved) {
		t.Errorf("got\n%s\nwant\n%s", got, saved)
	}
}

func TestListingsCSV(t *testing.T) {
	rows, err := csv.NewReader(strings.NewReader(render(t, named(t, Listings, "csv"), Options{}, savedListings(t)))).ReadAll()
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
	if empty := render(t, named(t, Listings, "csv"), Options{}, nil); !strings.HasPrefix(empty, "target,name,status,") {
		t.Errorf("without records: %q", empty)
	}
}

// A narrow terminal breaks lines, and loses nothing.
func TestListingsTableNarrow(t *testing.T) {
	wide := render(t, named(t, Listings, "table"), Options{Ranges: "198.51.100.0/24"}, savedListings(t))
	narrow := render(t, named(t, Listings, "table"), Options{Ranges: "198.51.100.0/24", Width: 60}, savedListings(t))
	if a, b := strings.Join(strings.Fields(wide), " "), strings.Join(strings.Fields(narrow), " "); a != b {
		t.Errorf("words differ:\n%s\n%s", a, b)
	}
	quiet := render(t, named(t, Listings, "table"), Options{Quiet: true}, savedListings(t))
	if strings.Contains(quiet, "clean") || strings.Contains(quiet, "not checked") || !strings.Contains(quiet, "listed") {
		t.Errorf("quiet:\n%s", quiet)
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
