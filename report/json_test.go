package report

import (
	"encoding/json"
	"strings"
	"testing"

	"openrelay/probe"
)

// The results of the document are the lines of jsonl, byte for byte.
func TestDocumentHoldsTheRecords(t *testing.T) {
	for _, results := range [][]probe.Result{nil, saved(t)[:1], saved(t)} {
		var doc struct {
			Schema  int
			Scan    *probe.Scan
			Results []json.RawMessage
			Summary counts
		}
		text := render(t, format(t, "json"), Options{}, results)
		if err := json.Unmarshal([]byte(text), &doc); err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		var lines strings.Builder
		var sum Summary
		var found comparisons
		for i, record := range doc.Results {
			lines.Write(append(record, '\n'))
			sum.Add(results[i])
			found.add(results[i])
		}
		want := sum.counts()
		want.compared(found.of(&sum))
		if records := render(t, format(t, "jsonl"), Options{}, results); lines.String() != records {
			t.Errorf("the results differ:\n%s\nwant\n%s", lines.String(), records)
		}
		if doc.Schema != probe.Schema || doc.Results == nil || doc.Summary != want || doc.Summary.Targets != len(results) {
			t.Errorf("schema %d, summary %+v of %d results", doc.Schema, doc.Summary, len(results))
		}
	}
}

// The scan stands at the end where all results are of one, and only in the results where they are not.
func TestDocumentOfSeveralScans(t *testing.T) {
	monday, tuesday := &probe.Scan{ID: "monday"}, &probe.Scan{ID: "tuesday"}
	for _, test := range []struct {
		scans []*probe.Scan
		want  bool
	}{
		{nil, false}, {[]*probe.Scan{nil}, false}, {[]*probe.Scan{monday}, true}, {[]*probe.Scan{monday, {ID: "monday"}}, true},
		{[]*probe.Scan{monday, tuesday}, false}, {[]*probe.Scan{monday, nil}, false}, {[]*probe.Scan{nil, monday}, false},
	} {
		var results []probe.Result
		for _, scan := range test.scans {
			results = append(results, probe.Result{Scan: scan})
		}
		text := render(t, format(t, "json"), Options{}, results)
		if got := strings.Contains(text, "],\n\"scan\":{\"id\":\"monday\""); got != test.want {
			t.Errorf("%v: a scan at the end: %t, want %t\n%s", test.scans, got, test.want, text)
		}
	}
}
