package report

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/url"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"openrelay/probe"
	"openrelay/probe/words"
)

// sarif writes SARIF 2.1.0 for code scanning on GitHub: an error for each vector that was accepted, a
// warning for an inconclusive target and for forms that an open one accepted without proving anything, a note
// for a named one that is unreachable. What is closed is no result.
//
// What is expected is a note that is suppressed (SARIF 2.1.0, 3.35), with the reason and the end of the expectation. An
// answer where none is expected is an error, whatever the verdict, and a note says that an expectation can be taken out.
//
// GitHub refuses the whole file for one result without a place in a file, so each has one: Options
// name it, or the record knows the line of the target file. Of the others the host stands for a file.
type sarif struct {
	out     output
	enc     encoder
	o       Options
	wait    waiting
	place   sarifPlace // "" for each target's own line
	version string
	rules   sarifRules
	most    int // results
	reserve int // of these, for what is open
	written int
	left    int // results left out
}

// GitHub takes 25,000 results of a run, and refuses a file with more; of these it shows the 5,000 most
// severe. So minor results stop early enough to leave room for that many open servers.
const (
	mostResults = 25_000
	mostShown   = 5_000
)

// The parts of a result (SARIF 2.1.0, 3.27) that GitHub reads.
type (
	sarifResult struct {
		RuleID       string            `json:"ruleId"`
		RuleIndex    int               `json:"ruleIndex"`
		Level        string            `json:"level"`
		Message      sarifText         `json:"message"`
		Locations    []sarifLocation   `json:"locations"`
		Fingerprints map[string]string `json:"partialFingerprints"`
		Suppressions []suppression     `json:"suppressions"` // never null: all results of a run have them, or none (3.27.23)
		Properties   sarifProperties   `json:"properties"`
	}
	suppression struct {
		Kind          string `json:"kind"`
		Status        string `json:"status"`
		Justification string `json:"justification"`
	}
	sarifText struct {
		Text     string `json:"text"`
		Markdown string `json:"markdown,omitempty"`
	}
	sarifLocation struct {
		Physical sarifPhysical  `json:"physicalLocation"`
		Logical  []sarifLogical `json:"logicalLocations"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   sarifRegion   `json:"region"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn"`
		EndLine     int `json:"endLine"`
		EndColumn   int `json:"endColumn"`
	}
	sarifLogical struct {
		Name string `json:"fullyQualifiedName"`
		Kind string `json:"kind"`
	}
	sarifProperties struct {
		Target   string `json:"target"`
		Name     string `json:"name,omitempty"`
		Domain   string `json:"domain,omitempty"`
		Verdict  string `json:"verdict"`
		Proof    string `json:"proof,omitempty"`
		Via      string `json:"via,omitempty"`
		MTA      string `json:"mta,omitempty"`
		By       string `json:"authorized,omitempty"`
		Expected string `json:"expected,omitempty"`
		Found    string `json:"found,omitempty"`
	}
)

func newSARIF(w io.Writer, o Options) Writer[probe.Result] {
	return &sarif{out: output{w: w}, o: o, place: splitPlace(o.SARIFLocation), rules: newSARIFRules(), most: mostResults, reserve: mostShown}
}

func (s *sarif) Write(r probe.Result) error {
	if s.version == "" && r.Scan != nil {
		s.version = r.Scan.Version
	}
	if s.wait.add(r) {
		return s.out.err
	}
	return s.results(r)
}

func (s *sarif) results(r probe.Result) error {
	if err := s.beside(r); err != nil {
		return err
	}
	known := r.Standing() == probe.AsExpected
	switch {
	case r.Verdict == probe.Open:
		return s.accepted(r)
	case r.Verdict == probe.Inconclusive:
		return s.add(s.result(r, string(r.Reason), "warning", r.Target+" "+whyNot(r)+remark(r.Detail), known))
	case r.Verdict == probe.Unreachable && !nobodyThere(r):
		return s.add(s.result(r, string(r.Reason), "note", r.Target+" is unreachable: "+whyNot(r)+remark(r.Detail), known))
	}
	return s.out.err
}

// beside writes the result that is about what is expected, where none of the others tells it.
func (s *sarif) beside(r probe.Result) error {
	switch e := r.Expected; {
	case e == nil:
	case e.Found == probe.Worse && e.Verdict == probe.Unreachable:
		return s.add(s.result(r, string(e.Found), "error", r.Target+" is "+compared(r), false))
	case e.Found == probe.Better && r.Verdict == probe.Closed:
		return s.add(s.result(r, string(e.Found), "note", r.Target+" is "+compared(r), false))
	}
	return s.out.err
}

// accepted writes a result for each vector that was accepted, once for each way of asking.
func (s *sarif) accepted(r probe.Result) error {
	seen := map[string]bool{}
	for i := range r.Findings {
		f := &r.Findings[i]
		key := f.Vector + over(f.Via)
		if !r.Proves(f) || seen[key] {
			continue
		}
		seen[key] = true
		text := r.Target + " accepts mail of a stranger for a stranger" + over(f.Via) + ": MAIL FROM:" + f.From + ", RCPT TO:" + f.To + remark(f.Reply)
		result := s.result(r, f.Vector, "error", text, r.Allows(f))
		result.Properties.Via, result.Properties.Proof = Printable(string(f.Via)), f.Proof.String()
		result.Fingerprints = fingerprint(r, f.Vector, string(f.Via))
		if err := s.add(result); err != nil {
			return err
		}
	}
	if len(seen) == 0 { // of a record without findings
		text := r.Target + " accepts mail of a stranger for a stranger"
		if err := s.add(s.result(r, string(r.Reason), "error", text, r.Standing() == probe.AsExpected)); err != nil {
			return err
		}
	}
	return s.unproven(r)
}

// unproven writes one result for all forms that an open target accepted and that may be local names: the alert that
// it would have if it were not open.
func (s *sarif) unproven(r probe.Result) error {
	ids := unprovenIDs(r)
	if len(ids) == 0 {
		return s.out.err
	}
	w, _ := words.Reason(probe.Inconclusive, probe.ReasonSuspectFormAccepted)
	known := r.Expected != nil && !slices.ContainsFunc(ids, func(id string) bool { return !r.Expected.Allows(id) })
	result := s.result(r, w.Word, "warning", r.Target+" "+w.Word+": "+w.Says+remark("not proven: "+strings.Join(ids, ", ")), known)
	result.Properties.Proof = ""
	return s.add(result)
}

// result is a result of a rule. A known one is as expected, and so suppressed. Its message says so too, as not everybody
// who shows it reads suppressions.
func (s *sarif) result(r probe.Result, rule, level, text string, known bool) sarifResult {
	p := s.place
	if p.file == "" {
		p = placeOf(r)
	}
	suppressions := []suppression{}
	if known {
		level, text = "note", standingWords(probe.AsExpected)+": "+text+"; expected is "+expectation(r)
		suppressions = append(suppressions, suppression{"external", "accepted", sarifMessage(justification(r.Expected))})
	}
	id := clip(Printable(rule))
	return sarifResult{
		RuleID: id, RuleIndex: s.rules.index(id), Level: level, Message: sarifText{Text: sarifMessage(text)},
		Locations: []sarifLocation{{
			Physical: sarifPhysical{sarifArtifact{p.uri()}, sarifRegion{p.line, 1, p.line, 2}},
			Logical:  []sarifLogical{{clip(Printable(place(r))), "resource"}},
		}},
		Fingerprints: fingerprint(r, rule, ""),
		Suppressions: suppressions,
		Properties: sarifProperties{Target: clip(Printable(r.Target)), Name: clip(Printable(r.Name)), Domain: clip(Printable(r.Domain)), Verdict: r.Verdict.String(),
			Proof: r.Proof.String(), MTA: clip(Printable(r.Server.MTA)), By: clip(Printable(Authorisation(r.Scan))),
			Expected: clip(Printable(expectation(r))), Found: clip(Printable(found(r)))},
	}
}

// justification is the reason of an expectation, and how long it holds: "CHG-1234 (until 2026-12-31, expect.txt:3)".
func justification(e *probe.Expected) string {
	var details []string
	if e.Until != "" {
		details = append(details, "until "+e.Until)
	}
	if e.Origin != "" {
		details = append(details, e.Origin)
	}
	return cmp.Or(e.Because, "expected: "+e.Expectation.String()) + remark(strings.Join(details, ", "))
}

// fingerprint tells GitHub that this is the alert of the last run. What the server said is no part of
// it: queue ids and dates change.
func fingerprint(r probe.Result, rule, via string) map[string]string {
	of := []string{rule, via, r.Target, r.Name}
	if r.Domain != "" {
		of = append(of, r.Domain)
	}
	sum := sha256.Sum256([]byte(strings.Join(of, "\x00")))
	return map[string]string{"primaryLocationLineHash": hex.EncodeToString(sum[:16]) + ":1"}
}

// add writes a result, or counts it where there is no room.
func (s *sarif) add(r sarifResult) error {
	most := s.most
	if r.Level != "error" {
		most -= s.reserve
	}
	if s.written >= most {
		s.left++
		return s.out.err
	}
	text, err := s.enc.encode(r)
	if err != nil {
		return err
	}
	before := ",\n"
	if s.written == 0 {
		before = sarifHead
	}
	s.written++
	return s.out.write(append([]byte(before), text[:len(text)-1]...))
}

const sarifHead = `{"version":"2.1.0","$schema":"https://json.schemastore.org/sarif-2.1.0.json","runs":[{"results":[` + "\n"

// Close writes what describes the run, the rules among it: the order of names in an object is free.
func (s *sarif) Close() error {
	for r, absent := range s.wait.rest() {
		if absent {
			continue
		}
		if err := s.results(r); err != nil {
			return err
		}
	}
	text, err := s.enc.encode(s.run())
	if err != nil {
		return err
	}
	before := "\n],"
	if s.written == 0 {
		before = sarifHead + "],"
	}
	return s.out.write([]byte(before + strings.TrimSuffix(string(text[1:]), "\n") + "]}\n"))
}

type (
	sarifRun struct {
		Tool        sarifTool         `json:"tool"`
		Invocations []sarifInvocation `json:"invocations"`
		ColumnKind  string            `json:"columnKind"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name    string      `json:"name"`
		Version string      `json:"version,omitempty"`
		Rules   []sarifRule `json:"rules"`
	}
	sarifInvocation struct {
		Successful    bool                `json:"executionSuccessful"`
		Notifications []sarifNotification `json:"toolExecutionNotifications"`
	}
	sarifNotification struct {
		Level   string    `json:"level"`
		Message sarifText `json:"message"`
	}
)

func (s *sarif) run() sarifRun {
	run := sarifRun{
		Tool:        sarifTool{sarifDriver{Name: "openrelay", Version: clip(Printable(s.version)), Rules: s.rules.list}},
		Invocations: []sarifInvocation{{Successful: true, Notifications: []sarifNotification{}}},
		ColumnKind:  "utf16CodeUnits",
	}
	if cut := s.o.cut(); cut != "" {
		run.Invocations[0].Successful = false
		run.Invocations[0].Notifications = append(run.Invocations[0].Notifications, sarifNotification{"error", sarifText{Text: Printable(cut)}})
	}
	if remark := s.wait.sum.Intercepted(); remark != "" {
		run.Invocations[0].Notifications = append(run.Invocations[0].Notifications, sarifNotification{"warning", sarifText{Text: Printable(remark)}})
	}
	if s.left > 0 {
		text := fmt.Sprintf("%s left out: GitHub takes %d and shows %d. The jsonl format has them all.", count(s.left, "result"), mostResults, mostShown)
		run.Invocations[0].Notifications = append(run.Invocations[0].Notifications, sarifNotification{"warning", sarifText{Text: text}})
	}
	return run
}

// sarifPlace is a line of a file of the repository.
type sarifPlace struct {
	file string
	line int
}

func splitPlace(location string) sarifPlace {
	file, line := splitOrigin(location)
	return sarifPlace{file, max(line, 1)}
}

// placeOf returns where the target is written down. One that is in no file is named by its host, as
// scanners of images name those.
func placeOf(r probe.Result) sarifPlace {
	if r.Origin != "" {
		return splitPlace(r.Origin)
	}
	host := r.Name
	if host == "" {
		host = strings.Trim(address(r), "[]")
	}
	return sarifPlace{"smtp/" + strings.ReplaceAll(host, "/", "_"), 1}
}

// uri writes the file as a URI: relative to the root of the repository, unless it is absolute.
func (p sarifPlace) uri() string {
	file := path.Clean(filepath.ToSlash(Printable(p.file)))
	u := url.URL{Path: file}
	if path.IsAbs(file) {
		u.Scheme = "file"
	}
	return u.String()
}

// CheckSARIFLocation reports what is wrong with a --sarif-location.
func CheckSARIFLocation(location string) error {
	file, line := splitOrigin(location)
	if i := strings.LastIndexByte(file, ':'); line == 0 && i >= 0 {
		if _, err := strconv.Atoi(file[i+1:]); err == nil {
			return fmt.Errorf("%q: lines count from 1", location)
		}
	}
	if strings.HasSuffix(file, "/") || file == "" || file == "." {
		return fmt.Errorf("%q is not FILE or FILE:LINE", location)
	}
	return nil
}
