package report

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"openrelay/probe"
	"openrelay/probe/bounce"
	"openrelay/probe/changes"
	"openrelay/probe/dnsbl"
	"openrelay/probe/words"
)

// Format is a way to write one kind of record. To add one, add its file and its row below: the flags,
// their help, the golden tests and the test with hostile servers range over these lists.
type Format[T any] struct {
	Name  string
	About string
	New   func(io.Writer, Options) Writer[T]
}

// Formats are the formats of one kind of record.
type Formats[T any] []Format[T]

// Results lists the formats of what was found about servers.
var Results = Formats[probe.Result]{
	{"table", "for people: the verdict of each server, with its evidence, cause and fix", newTable},
	{"jsonl", "for programs: the whole record, one JSON object a line; every other format can be made from it", newJSONL[probe.Result]},
	{"json", "for programs that want one document: the same records in an array, and the counts", newJSON},
	{"csv", "for spreadsheets: one row a target, without the dialogues", newCSV},
	{"junit", "for CI servers: a test for each vector of each target", newJUnit},
	{"markdown", "for the summary of a CI job: a table, and the dialogues of what is open; at most 1 MiB", newMarkdown},
	{"sarif", "for code scanning on GitHub: SARIF 2.1.0, each result at the line that names its target", newSARIF},
	{"prometheus", "for monitoring: metrics for the textfile collector of node_exporter", newPrometheus},
	{"html", "for people: one page with everything, to read, filter, print, or send as evidence", newHTML},
}

// Changes lists the formats of what is no longer as it was: `openrelay diff`.
var Changes = Formats[changes.Change]{
	{"table", "for people: a line for each change", newChangesTable},
	{"jsonl", "for programs: one JSON object a line", newJSONL[changes.Change]},
}

// Listings lists the formats of what block lists say of addresses and names: `openrelay blocklist`.
var Listings = Formats[dnsbl.Listings]{
	{"table", "for people: who lists it, what for, and where to ask for removal", newListingsTable},
	{"markdown", "for a ticket or a mail to the hosting company", newListingsMarkdown},
	{"csv", "for a spreadsheet: a row for each address and list", newListingsCSV},
	{"jsonl", "for programs: the whole record, one JSON object a line for each address or name", newJSONL[dnsbl.Listings]},
}

// Bounces lists the formats of what mail that came back says: `openrelay blocklist --bounce`.
var Bounces = Formats[bounce.Record]{
	{"table", "for people: who refused, what for, and what to do", newBouncesTable},
	{"jsonl", "for programs: the whole record, one JSON object a line for each message", newJSONL[bounce.Record]},
}

// Deliveries lists the formats of what came out at the far end of a relay test: `openrelay catch`.
var Deliveries = Formats[probe.Arrival]{
	{"jsonl", "for programs, and for openrelay report --deliveries: one JSON object a line for each message", newJSONL[probe.Arrival]},
	{"table", "for people: a line for each message, where it went in and where it came out", newDeliveriesTable},
}

// Find returns the format of that name. The error names those there are.
func (all Formats[T]) Find(name string) (Format[T], error) {
	for _, f := range all {
		if f.Name == name {
			return f, nil
		}
	}
	known, meant := all.names(), ":"
	if near := words.Nearest(name, known); near != "" {
		meant = fmt.Sprintf(", did you mean %q?", near)
	}
	return Format[T]{}, fmt.Errorf("unknown format %q%s the formats are %s", name, meant, strings.Join(known, ", "))
}

// Meant is the format that a typo most likely means, the first where none is near.
func (all Formats[T]) Meant(name string) string {
	return cmp.Or(words.Nearest(name, all.names()), all[0].Name)
}

func (all Formats[T]) names() (names []string) {
	for _, f := range all {
		names = append(names, f.Name)
	}
	return names
}

// New returns a writer of the named format.
func (all Formats[T]) New(name string, w io.Writer, o Options) (Writer[T], error) {
	f, err := all.Find(name)
	if err != nil {
		return nil, err
	}
	return f.New(w, o), nil
}
