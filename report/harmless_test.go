package report

import (
	"encoding/json"
	"io"
	"iter"
	"maps"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"openrelay/probe"
	"openrelay/probe/bounce"
	"openrelay/probe/changes"
	"openrelay/probe/dialogue"
	"openrelay/probe/dnsbl"
)

// injections are what a hostile server may say, to a terminal, a spreadsheet, a browser, a parser, the log
// of a CI job or the eye.
var injections = []string{
	"\x1b]52;c;cm0gLXJmIC8K\x07", "\x1b]8;;http://evil.example\x1b\\click\x1b]8;;\x1b\\", "\x1b[2J\x1b[31m", "\u009b31m \u009d0;x\u009c", "\x7f\b\b\x00",
	"=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(1+1)", "\t=1+1", "\r=1+1", "a;=1+1", `","=1+1`, "\"", "'=1", "＝1+1",
	"<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "</details></pre></script></style>-->", "\" onmouseover=\"alert(1)", "<!--", "&lt;b&gt;",
	"a | b | c", "```\n# out\n```", "````````", "~~~", "[a](http://evil.example)", "![i](http://evil.example/i.png)", "http://evil.example www.evil.example", "@everyone #1 :+1:", "\\| \\` \\",
	"]]>", "<![CDATA[", "&#27; &xxe;", "\x0c\x0b\x01\ufffe\uffff",
	"::error::broken", "a\n::error file=x::broken", "  ::stop-commands::x", "##[error]broken", "x ##vso[task.setvariable variable=x]y", "\u2028::warning::x",
	"ok\r\nopenrelay: 0 open, 9 closed\r\n", "250 ok\n2026-11-23 all is well",
	"\u202egro.elpmaxe\u202c", "\u2066x\u2069\u200b\ufeff\U000e0041",
	"}\n# HELP x y\nx{a=\"b\"} 1\n", `\`, `"} 1`, "{{.Name}} ${x} $(x) `x`", "%0A::error::x", strings.Repeat("A|`<", 100),
}

// attack is one kind of record as a hostile server would have it, and how its formats are read.
type attack[T any] struct {
	records func(s string) []T // in which every text is s, whatever it stands for
	back    func(io.Reader) iter.Seq2[T, error]
	readers map[string]reader[T] // of the formats that need one of their own
}

// reader reads a report of hostile records as its users do, and says what is wrong with it.
type reader[T any] func(t *testing.T, s, text string, records []T)

// check writes hostile records, and reads them.
func (a attack[T]) check(t *testing.T, f Format[T]) {
	readers := map[string]reader[T]{
		"table": func(*testing.T, string, string, []T) {}, // what is asked of every format is all
		"jsonl": a.readLines,
	}
	maps.Copy(readers, a.readers)
	read := readers[f.Name]
	if read == nil {
		t.Fatalf("nobody reads %s back: add a reader", f.Name)
	}
	for _, s := range injections {
		records := a.records(s)
		text := render(t, f, Options{}, records)
		checkText(t, s, text)
		read(t, s, text, records)
		if f.Name == "table" {
			checkText(t, s, render(t, f, Options{Width: 40}, records))
		}
	}
}

// readLines demands the records as they were.
func (a attack[T]) readLines(t *testing.T, s, text string, records []T) {
	i := 0
	for r, err := range a.back(strings.NewReader(text)) {
		if err != nil || !reflect.DeepEqual(r, records[i]) {
			t.Errorf("%q: record %d comes back otherwise, error %v:\n%+v\n%+v", s, i, err, r, records[i])
		}
		i++
	}
	if i != len(records) {
		t.Errorf("%q: %d records come back", s, i)
	}
}

// decoded reads records that no command reads.
func decoded[T any](r io.Reader) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for d := json.NewDecoder(r); d.More(); {
			var record T
			err := d.Decode(&record)
			if !yield(record, err) || err != nil {
				return
			}
		}
	}
}

// TestHarmless walks every format of every kind of record: nothing a server said is anything but text in it.
func TestHarmless(t *testing.T) {
	each(t, func(t *testing.T, s subject) { s.harmless(t) })
}

// checkText holds a report to what must be true of any: it can be shown, in a terminal and in the log
// of a CI job.
func checkText(t *testing.T, s, text string) {
	t.Helper()
	if !utf8.ValidString(text) {
		t.Errorf("%q: not UTF-8", s)
	}
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		if i := strings.IndexFunc(line, func(r rune) bool { return r != '\t' && !visible(r) }); i >= 0 {
			t.Fatalf("%q: %q in %q", s, []rune(line[i:])[0], line)
		}
		if strings.HasPrefix(strings.TrimSpace(line), "::") || ciCommand.MatchString(line) {
			t.Fatalf("%q: a CI command in %q", s, line)
		}
		if strings.HasPrefix(line, "openrelay: ") || strings.HasPrefix(line, "2026-11-23 all is well") {
			t.Fatalf("%q: a forged line", s)
		}
	}
}

// fill sets every text of v that is empty, makes what a pointer leads to, and gives every list an element.
func fill(v reflect.Value, s string) {
	switch v.Kind() {
	case reflect.String:
		if v.String() == "" {
			v.SetString(s)
		}
	case reflect.Pointer:
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		fill(v.Elem(), s)
	case reflect.Slice:
		if v.Len() == 0 {
			v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		}
		for i := range v.Len() {
			fill(v.Index(i), s)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				fill(v.Field(i), s)
			}
		}
	}
}

// filled fills records of any kind.
func filled[T any](records []T, s string) []T {
	for i := range records {
		fill(reflect.ValueOf(&records[i]).Elem(), s)
	}
	return records
}

var begun = time.Date(2026, 11, 23, 18, 0, 0, 0, time.UTC)

// hostile returns results of every verdict, and of every standing.
func hostile(s string) (results []probe.Result) {
	found := []probe.Standing{probe.Worse, probe.AsExpected, probe.Untold, probe.Better, probe.Worse, ""}
	for _, r := range []probe.Result{
		{Verdict: probe.Open, Proof: probe.Data, Named: true}, {Verdict: probe.Open}, {Verdict: probe.Inconclusive, Named: true},
		{Verdict: probe.Closed, Named: true}, {Verdict: probe.Unreachable, Named: true}, {Verdict: probe.Unreachable, Named: true, Optional: true},
	} {
		r.Type, r.Schema = probe.ResultType, probe.Schema
		r.Traits = []probe.Trait{{}, {Name: probe.TraitVantageTrusted}}
		r.Server.EHLO = []string{"", ""}
		r.Coverage = probe.Coverage{Of: 3, Asked: 2, Answered: 1}
		r.Transcript = dialogue.Transcript{{From: dialogue.Server}, {From: dialogue.Note}}
		for i, o := range []probe.Outcome{probe.OutcomeAccepted, probe.OutcomeUnanswered, probe.OutcomeRefused, probe.OutcomeSkipped} {
			r.Findings = append(r.Findings, probe.Finding{Outcome: o, Deciding: i == 0, Transcript: dialogue.Transcript{
				{From: dialogue.Server}, {From: dialogue.Client}, {From: dialogue.Note}, {From: dialogue.Server}}})
		}
		for i := range r.Findings { // the lines of these are ours
			r.Findings[i].Cause, r.Findings[i].Fix = strings.ReplaceAll(s, "\n", " "), strings.ReplaceAll(s, "\n", " ")
		}
		r.Started = begun
		r.Expected = &probe.Expected{Found: found[len(results)]}
		results = append(results, r)
	}
	results[0].Expected.Vectors = []string{"plain"} // and what was accepted is another
	results = filled(results, s)
	results[1].Target, results[1].Name = "10.0.0.1:25", "" // an address of a range, which comes once
	results[4].Target = "192.0.2.1:25"                     // so that the port beside it may turn out to be offered, or not
	results[5].Reason, results[5].Stage, results[5].Target = probe.ReasonRefused, probe.StageConnect, "192.0.2.1:465"
	return results
}

// hostileEverywhere returns a change of every kind.
func hostileEverywhere(s string) (all []changes.Change) {
	for _, k := range changes.Kinds {
		for _, v := range probe.Verdicts {
			all = append(all, changes.Change{Type: changes.Type, Schema: probe.Schema, Kind: k.Kind, NewlyOpen: v == probe.Open, Was: &changes.State{Verdict: v}, Now: &changes.State{Verdict: v}})
		}
	}
	return filled(all, s)
}

// hostileListings returns what lists of every kind and answer say.
func hostileListings(s string) (all []dnsbl.Listings) {
	var every []dnsbl.Listing
	for _, k := range kindWords {
		every = append(every, dnsbl.Listing{Status: dnsbl.Listed, Kind: k.Kind})
	}
	every = append(every, dnsbl.Listing{Status: dnsbl.Clean}, dnsbl.Listing{Status: dnsbl.NotChecked}, dnsbl.Listing{})
	for _, status := range []dnsbl.Status{dnsbl.Listed, dnsbl.Clean, dnsbl.NotChecked, ""} {
		for _, named := range []bool{true, false} {
			for n := range every { // the heaviest kind of it changes
				all = append(all, dnsbl.Listings{Type: dnsbl.ListingsType, Schema: dnsbl.ListingsSchema, Status: status, Named: named, Started: begun, Listings: append([]dnsbl.Listing{}, every[n:]...)})
			}
		}
	}
	return filled(all, s)
}

// hostileBounces returns messages of every kind, about everything.
func hostileBounces(s string) (all []bounce.Record) {
	subjects := append([]bounce.Subject{{}}, bounce.Subjects...)
	for _, kind := range []bounce.Kind{bounce.Failed, bounce.Delayed, bounce.Delivered, bounce.NotABounce, ""} {
		for _, origin := range []bounce.Origin{bounce.Ours, bounce.Elsewhere, ""} {
			b := bounce.Bounce{Kind: kind, Original: &bounce.Original{Origin: origin}}
			for i, subject := range subjects {
				b.Findings = append(b.Findings, bounce.Finding{Kind: kind, Subject: subject.ID, BlockList: i%2 == 0, Local: i%3 == 0, Code: i % 2 * 550})
			}
			all = append(all, bounce.NewRecord(b, nil))
		}
	}
	all = filled(append(all, bounce.Record{Type: bounce.Type, Schema: bounce.Schema}), s)
	for i := range len(all) - 1 { // all but the last can be read
		all[i].Error = ""
	}
	return all
}

// hostileArrivals returns messages that came out where they went in, and elsewhere.
func hostileArrivals(s string) []probe.Arrival {
	all := []probe.Arrival{{Type: probe.DeliveryType, Schema: probe.Schema}, {Type: probe.DeliveryType, Schema: probe.Schema}}
	all[1].MultiHop, all[1].At = true, begun
	return filled(all, s)
}
