package report

import (
	"io"
	"strings"

	"openrelay/probe/dnsbl"
)

var listingsColumns = []string{"target", "name", "status", "list", "zone", "kind", "codes", "means", "reason", "lookup", "delist", "problem", "why", "started"}

// newListingsCSV writes a row for each address and list.
func newListingsCSV(w io.Writer, _ Options) Writer[dnsbl.Listings] {
	return &spreadsheet[dnsbl.Listings]{out: output{w: w}, columns: listingsColumns, rows: listingsRows}
}

func listingsRows(s *dnsbl.Listings) (rows [][]string) {
	listings := s.Listings
	if len(listings) == 0 {
		listings = []dnsbl.Listing{{Status: s.Status, Why: s.Why}}
	}
	for _, l := range listings {
		rows = append(rows, []string{s.Target, s.Name, string(l.Status), l.List, l.Zone, string(l.Kind), strings.Join(l.Codes, " "), l.Means, l.Reason,
			l.Lookup, l.Delist, string(l.Problem), l.Why, s.Started.Format("2006-01-02T15:04:05Z")})
	}
	return rows
}
