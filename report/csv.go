package report

import (
	"bytes"
	"encoding/csv"
	"io"
	"strconv"
	"strings"
	"time"

	"openrelay/probe"
	"openrelay/probe/dnsbl"
)

// column is one column of the csv format. Columns are only ever added, at the end.
type column struct {
	name string
	of   func(*probe.Result) string
}

// columns are named as in the record. A cell that holds several words has a space between them.
var columns = []column{
	{"target", func(r *probe.Result) string { return r.Target }},
	{"name", func(r *probe.Result) string { return r.Name }},
	{"verdict", func(r *probe.Result) string { return r.Verdict.String() }},
	{"proof", func(r *probe.Result) string { return r.Proof.String() }},
	{"reason", func(r *probe.Result) string { return string(r.Reason) }},
	{"accepted", func(r *probe.Result) string { return strings.Join(acceptedIDs(*r), " ") }},
	{"stage", func(r *probe.Result) string { return string(r.Stage) }},
	{"detail", func(r *probe.Result) string { return r.Detail }},
	{"reply", ofFinding(func(f *probe.Finding) string { return f.Reply })},
	{"cause", ofFinding(func(f *probe.Finding) string { return f.Cause })},
	{"traits", traitNames},
	{"mta", func(r *probe.Result) string { return r.Server.MTA }},
	{"banner", func(r *probe.Result) string { return r.Server.Banner }},
	{"tls_version", ofTLS(func(s *probe.TLS) string { return s.Version })},
	{"cert_subject", ofCert(func(c *probe.Cert) string { return c.Subject })},
	{"cert_issuer", ofCert(func(c *probe.Cert) string { return c.Issuer })},
	{"cert_not_after", ofCert(func(c *probe.Cert) string { return rfc3339(c.NotAfter) })},
	{"cert_verify_error", ofCert(func(c *probe.Cert) string { return c.VerifyError })},
	{"listed", listedZones},
	{"vectors", func(r *probe.Result) string { return strconv.Itoa(r.Coverage.Of) }},
	{"asked", func(r *probe.Result) string { return strconv.Itoa(r.Coverage.Asked) }},
	{"answered", func(r *probe.Result) string { return strconv.Itoa(r.Coverage.Answered) }},
	{"source", func(r *probe.Result) string { return r.Vantage.Source }},
	{"vantage", func(r *probe.Result) string { return string(r.Vantage.Kind) }},
	{"named", func(r *probe.Result) string { return strconv.FormatBool(r.Named) }},
	{"optional", func(r *probe.Result) string { return strconv.FormatBool(r.Optional) }},
	{"origin", func(r *probe.Result) string { return r.Origin }},
	{"started", func(r *probe.Result) string { return rfc3339(r.Started) }},
	{"took_ms", func(r *probe.Result) string { return strconv.FormatInt(r.TookMS, 10) }},
	{"scan", ofScan(func(s *probe.Scan) string { return s.ID })},
	{"version", ofScan(func(s *probe.Scan) string { return s.Version })},
	{"authorized", ofScan(Authorisation)},
	{"unproven", func(r *probe.Result) string { return strings.Join(unprovenIDs(*r), " ") }},
	{"domain", func(r *probe.Result) string { return r.Domain }},
	{"mta_by", func(r *probe.Result) string { return string(r.Server.MTABy) }},
	{"expected", ofExpected(func(e *probe.Expected) string {
		bare := e.Expectation // its end and its reason have columns
		bare.Until, bare.Because = "", ""
		return bare.String()
	})},
	{"found", ofExpected(func(e *probe.Expected) string { return string(e.Found) })},
	{"until", ofExpected(func(e *probe.Expected) string { return e.Until })},
	{"because", ofExpected(func(e *probe.Expected) string { return e.Because })},
	{"expected_by", ofExpected(func(e *probe.Expected) string { return e.Origin })},
}

// newCSV writes one row a target.
func newCSV(w io.Writer, _ Options) Writer[probe.Result] {
	var names []string
	for _, col := range columns {
		names = append(names, col.name)
	}
	return &spreadsheet[probe.Result]{out: output{w: w}, columns: names, rows: resultRow, crlf: true}
}

func resultRow(r *probe.Result) [][]string {
	row := make([]string, len(columns))
	for i, col := range columns {
		row[i] = col.of(r)
	}
	return [][]string{row}
}

// spreadsheet writes rows as RFC 4180 has it, those of a record in one write.
type spreadsheet[T any] struct {
	out     output
	columns []string
	rows    func(*T) [][]string
	crlf    bool // at the end of a line, as RFC 4180 demands and programs do not
	begun   bool
}

func (s *spreadsheet[T]) Write(record T) error { return s.write(s.rows(&record)) }

// Close writes the header where no row has: a table of nothing has its columns all the same.
func (s *spreadsheet[T]) Close() error { return s.write(nil) }

// write makes every cell safe, whoever's text it is.
func (s *spreadsheet[T]) write(rows [][]string) error {
	if !s.begun {
		rows = append([][]string{s.columns}, rows...)
		s.begun = true
	}
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.UseCRLF = s.crlf
	for _, row := range rows {
		safe := make([]string, len(row))
		for i, text := range row {
			safe[i] = cell(text)
		}
		if err := w.Write(safe); err != nil {
			return err
		}
	}
	w.Flush()
	return s.out.write(b.Bytes())
}

func ofFinding(text func(*probe.Finding) string) func(*probe.Result) string {
	return func(r *probe.Result) string {
		if f := decidingFinding(*r); f != nil {
			return text(f)
		}
		return ""
	}
}

func ofTLS(text func(*probe.TLS) string) func(*probe.Result) string {
	return func(r *probe.Result) string {
		if r.Server.TLS == nil {
			return ""
		}
		return text(r.Server.TLS)
	}
}

func ofCert(text func(*probe.Cert) string) func(*probe.Result) string {
	return ofTLS(func(s *probe.TLS) string {
		if s.Cert == nil {
			return ""
		}
		return text(s.Cert)
	})
}

func ofExpected(text func(*probe.Expected) string) func(*probe.Result) string {
	return func(r *probe.Result) string {
		if r.Expected == nil {
			return ""
		}
		return text(r.Expected)
	}
}

func ofScan(text func(*probe.Scan) string) func(*probe.Result) string {
	return func(r *probe.Result) string {
		if r.Scan == nil {
			return ""
		}
		return text(r.Scan)
	}
}

func traitNames(r *probe.Result) string {
	var names []string
	for _, t := range r.Traits {
		names = append(names, string(t.Name))
	}
	return strings.Join(names, " ")
}

func listedZones(r *probe.Result) string {
	var zones []string
	for _, l := range r.Listings {
		if l.Status == dnsbl.Listed {
			zones = append(zones, l.Zone)
		}
	}
	return strings.Join(zones, " ")
}

// rfc3339 writes a time, "" for one that is not known.
func rfc3339(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339Nano)
}
