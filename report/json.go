package report

import (
	"fmt"
	"io"
	"reflect"

	"openrelay/probe"
)

// document writes one JSON object: the schema, the records as the jsonl format has them, and what only
// the end can tell, the counts and the scan. Results are written as they come.
type document struct {
	out   output
	enc   encoder
	o     Options
	sum   Summary
	found comparisons
	scan  *probe.Scan
	mixed bool // the results are of several scans
	any   bool
}

func newJSON(w io.Writer, o Options) Writer[probe.Result] {
	return &document{out: output{w: w}, o: o, sum: Summary{FailOn: o.FailOn, Part: o.Part}}
}

func (d *document) Write(r probe.Result) error {
	line, err := d.enc.record(&r)
	if err != nil {
		return err
	}
	d.sum.Add(r)
	d.found.add(r)
	switch {
	case !d.any:
		d.scan = r.Scan
	case !reflect.DeepEqual(d.scan, r.Scan):
		d.mixed = true
	}
	before := ",\n"
	if !d.any {
		before = d.head()
	}
	d.any = true
	return d.out.write(append([]byte(before), line[:len(line)-1]...))
}

func (d *document) head() string { return fmt.Sprintf("{\"schema\":%d,\"results\":[\n", probe.Schema) }

// Close writes the counts. A scan that all results share stands beside them; others only in the results.
func (d *document) Close() error {
	tail := struct {
		Scan    *probe.Scan `json:"scan,omitempty"`
		Summary counts      `json:"summary"`
	}{d.scan, d.sum.counts()}
	tail.Summary.compared(d.found.of(&d.sum))
	if tail.Summary.Cut = d.o.cut(); tail.Summary.Cut != "" {
		tail.Summary.ExitStatus = d.o.Cut.ExitStatus
	}
	if d.mixed {
		tail.Scan = nil
	}
	text, err := d.enc.encode(tail)
	if err != nil {
		return err
	}
	before := "\n],\n"
	if !d.any {
		before = d.head() + "],\n"
	}
	return d.out.write(append([]byte(before), text[1:]...))
}

// counts is a Summary in JSON.
type counts struct {
	Targets      int `json:"targets"`
	Open         int `json:"open"`
	Inconclusive int `json:"inconclusive"`
	Closed       int `json:"closed"`
	Unreachable  int `json:"unreachable"`
	NotOffered   int `json:"not_offered"`
	Dead         int `json:"dead"`

	// How what was found compares with what is expected, of all but addresses and ports where nothing is.
	AsExpected int `json:"as_expected"`
	Better     int `json:"better"`
	Worse      int `json:"worse"`
	Untold     int `json:"untold"`

	ExitStatus  int    `json:"exit_status"`
	Intercepted string `json:"intercepted,omitempty"` // what shows that a machine on the way answered
	Cut         string `json:"cut,omitempty"`         // how the scan ended before its end
}

func (s *Summary) counts() counts {
	return counts{
		Targets: s.Open + s.Inconclusive + s.Closed + s.Unreachable + s.NotOffered + s.Dead,
		Open:    s.Open, Inconclusive: s.Inconclusive, Closed: s.Closed, Unreachable: s.Unreachable, NotOffered: s.NotOffered, Dead: s.Dead,
		ExitStatus: s.ExitStatus(), Intercepted: s.Intercepted(),
	}
}

func (c *counts) compared(found map[probe.Standing]int) {
	c.AsExpected, c.Better, c.Worse, c.Untold = found[probe.AsExpected], found[probe.Better], found[probe.Worse], found[probe.Untold]
}
