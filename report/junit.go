package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"openrelay/probe"
)

// junit writes the XML that CI servers read: a suite for each target and in it a test for each vector.
// A vector that was refused has passed; accepted, it is a failure. What could not be told, because the
// target is unreachable or the verdict inconclusive, is an error, and a vector that does not apply is
// skipped, and so is one that was accepted and proves nothing: the verdict says whether that matters. So there are
// failures where something is open, and errors where a gate must not open either.
//
// What is expected is neither. A vector whose acceptance is expected is skipped, and a test of its own, which is skipped
// too, tells of a target that is as expected, or better: CI servers show the message of what is skipped, and none of what
// has passed. That test fails where no answer is expected and one came. So there are failures and errors just where the
// exit status would be 1 and 3.
//
// Of addresses out of ranges the closed ones are one test each, and the dead ones none.
type junit struct {
	out    output
	o      Options
	wait   waiting
	begun  bool
	places map[string]int // of named targets, how often they came
}

// The elements, with the attributes that both Jenkins and GitLab read.
type (
	testsuite struct {
		XMLName    xml.Name   `xml:"testsuite"`
		Name       string     `xml:"name,attr"`
		Tests      int        `xml:"tests,attr"`
		Failures   int        `xml:"failures,attr"`
		Errors     int        `xml:"errors,attr"`
		Skipped    int        `xml:"skipped,attr"`
		Time       string     `xml:"time,attr"` // seconds
		Timestamp  string     `xml:"timestamp,attr,omitempty"`
		Properties []property `xml:"properties>property"`
		Cases      []testcase `xml:"testcase"`
	}
	property struct {
		Name  string `xml:"name,attr"`
		Value string `xml:"value,attr"`
	}
	testcase struct {
		Classname string   `xml:"classname,attr"`
		Name      string   `xml:"name,attr"`
		File      string   `xml:"file,attr,omitempty"`
		Failure   *trouble `xml:"failure"`
		Error     *trouble `xml:"error"`
		Skipped   *trouble `xml:"skipped"`
	}
	trouble struct {
		Type    string `xml:"type,attr,omitempty"`
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
)

func newJUnit(w io.Writer, o Options) Writer[probe.Result] {
	return &junit{out: output{w: w}, o: o, places: map[string]int{}}
}

func (j *junit) Write(r probe.Result) error {
	if j.wait.add(r) || nobodyThere(r) {
		return j.out.err
	}
	return j.suite(r, testsOf(r))
}

func (j *junit) Close() error {
	for r, absent := range j.wait.rest() {
		tests := testsOf(r)
		if absent {
			tests = []testcase{{Name: "relay", Skipped: &trouble{Message: "not offered: " + whyNot(r)}}}
		}
		if err := j.suite(r, tests); err != nil {
			return err
		}
	}
	if err := j.cut(); err != nil {
		return err
	}
	return j.out.write([]byte(j.head() + "</testsuites>\n"))
}

// cut makes a failed test of a scan that was cut short.
func (j *junit) cut() error {
	cut := j.o.cut()
	if cut == "" {
		return j.out.err
	}
	return j.element(testsuite{Name: "openrelay", Tests: 1, Errors: 1, Time: "0.000",
		Cases: []testcase{{Classname: "openrelay", Name: "scan", Error: &trouble{Type: "cut", Message: Printable(cut)}}}})
}

func (j *junit) element(s testsuite) error {
	text, err := xml.MarshalIndent(s, "  ", "  ")
	if err != nil {
		return fmt.Errorf("%s: %w", s.Name, err)
	}
	readable := strings.ReplaceAll(string(text), "&#xA;", "\n") // of texts only: no attribute has a newline
	return j.out.write([]byte(j.head() + readable + "\n"))
}

func (j *junit) head() string {
	if j.begun {
		return ""
	}
	j.begun = true
	return xml.Header + "<testsuites name=\"openrelay\">\n"
}

// suite writes the tests of a target. A name that came before would hide this one, so it is numbered.
func (j *junit) suite(r probe.Result, tests []testcase) error {
	where := clip(Printable(place(r)))
	s := testsuite{Name: where, Tests: len(tests), Time: fmt.Sprintf("%.3f", float64(r.TookMS)/1000), Properties: propertiesOf(r)}
	if !r.Started.IsZero() {
		s.Timestamp = r.Started.UTC().Format("2006-01-02T15:04:05")
	}
	if r.Named {
		if j.places[where]++; j.places[where] > 1 {
			where += fmt.Sprintf(" (%d)", j.places[where])
		}
	}
	file, _ := splitOrigin(r.Origin)
	names := map[string]int{}
	for _, t := range tests {
		name := clip(Printable(t.Name))
		names[name]++
		if n := names[name]; n > 1 {
			name += fmt.Sprintf(" (%d)", n)
		}
		t.Name, t.Classname, t.File = name+" at "+where, clip(Printable(r.Target)), Printable(file)
		for _, problem := range []struct {
			*trouble
			count *int
		}{{t.Failure, &s.Failures}, {t.Error, &s.Errors}, {t.Skipped, &s.Skipped}} {
			if problem.trouble != nil {
				*problem.count++
				problem.Type, problem.Message = Printable(problem.Type), Printable(problem.Message)
			}
		}
		s.Cases = append(s.Cases, t)
	}
	return j.element(s)
}

func propertiesOf(r probe.Result) (all []property) {
	if r.Verdict == probe.Closed && !r.Named && r.Expected == nil {
		return nil // nobody looks at these, and GitLab takes 30 MB
	}
	scan := probe.Scan{}
	if r.Scan != nil {
		scan = *r.Scan
	}
	for _, p := range []property{
		{"verdict", r.Verdict.String()}, {"proof", r.Proof.String()}, {"reason", string(r.Reason)},
		{"banner", r.Server.Banner}, {"mta", r.Server.MTA}, {"coverage", coverage(r)},
		{"expected", expectation(r)}, {"found", found(r)},
		{"scan", scan.ID}, {"version", scan.Version}, {"authorized", Authorisation(r.Scan)},
	} {
		if p.Value != "" {
			all = append(all, property{p.Name, Printable(p.Value)})
		}
	}
	return all
}

// testsOf returns the tests of a target. Their names lack the place, without which they are not unique.
func testsOf(r probe.Result) (tests []testcase) {
	beside := besideTest(r)
	if r.Verdict == probe.Closed && !r.Named {
		return append([]testcase{{Name: "relay"}}, beside...)
	}
	told := r.Verdict == probe.Closed || len(beside) > 0 // whether the tests say what the verdict says
	for i := range r.Findings {
		t := testOf(r, &r.Findings[i])
		told = told || r.Verdict == probe.Open && t.Failure != nil || r.Verdict == probe.Inconclusive && t.Error != nil
		tests = append(tests, t)
	}
	if tests = append(tests, beside...); !told || len(tests) == 0 {
		tests = append(tests, verdictTest(r))
	}
	for _, s := range r.Coverage.Skipped {
		tests = append(tests, testcase{Name: s.Vector, Skipped: &trouble{Message: s.Why}})
	}
	return tests
}

func testOf(r probe.Result, f *probe.Finding) testcase {
	t := testcase{Name: f.Vector + over(f.Via)}
	asked := "MAIL FROM:" + f.From + ", RCPT TO:" + f.To
	switch f.Outcome {
	case probe.OutcomeRefused:
	case probe.OutcomeSkipped:
		t.Skipped = &trouble{Message: "does not apply"}
	case probe.OutcomeAccepted:
		switch {
		case !r.Proves(f):
			t.Skipped = &trouble{Type: string(probe.ReasonSuspectFormAccepted), Message: "accepted, " + notProven + ": " + asked, Text: evidence(f)}
		case r.Allows(f):
			t.Skipped = &trouble{Type: string(probe.AsExpected), Message: "accepted " + asked + "; that is expected: " + expectation(r), Text: evidence(f)}
		default:
			t.Failure = &trouble{Type: r.Verdict.String(), Message: "accepted " + asked, Text: evidence(f)}
		}
	default:
		unanswered := &trouble{Type: string(f.Meaning), Message: "unanswered: " + asked, Text: evidence(f)}
		if r.Standing() == probe.AsExpected {
			t.Skipped = unanswered
		} else {
			t.Error = unanswered
		}
	}
	return t
}

// besideTest is the test that tells of what is expected, where that of the vectors does not: one at most.
func besideTest(r probe.Result) []testcase {
	e := r.Expected
	if e == nil {
		return nil
	}
	told := &trouble{Type: string(e.Found), Message: compared(r), Text: paragraphs(nil, "try: "+wayBack(r))}
	switch {
	case e.Found == probe.Worse && e.Verdict == probe.Unreachable:
		return []testcase{{Name: "expected", Failure: told}}
	case e.Found == probe.AsExpected && r.Verdict != probe.Closed, e.Found == probe.Better && r.Verdict == probe.Closed:
		return []testcase{{Name: "expected", Skipped: told}}
	}
	return nil
}

// verdictTest is the one test of a target whose vectors do not tell what its verdict does.
func verdictTest(r probe.Result) testcase {
	t := testcase{Name: "relay"}
	problem := &trouble{Type: string(r.Reason), Message: whyNot(r)}
	if r.Detail != "" {
		problem.Message += " (" + r.Detail + ")"
	}
	from, to := lastWord(r.Transcript)
	problem.Text = paragraphs(transcriptLines(r.Transcript, from, to), "try: "+wayOut(r))
	switch r.Verdict {
	case probe.Closed:
	case probe.Open:
		t.Failure = problem
	default:
		t.Error = problem
	}
	return t
}

// evidence is what a failed test shows: the dialogue, the cause and the fix.
func evidence(f *probe.Finding) string {
	return paragraphs(dialogueLines(f), "cause: "+f.Cause, "fix: "+f.Fix)
}

// paragraphs joins printable lines and texts of one or more lines each; a text that says nothing behind
// its label is left out.
func paragraphs(lines []string, texts ...string) string {
	var b strings.Builder
	for _, line := range lines {
		b.WriteString("\n" + line)
	}
	for _, text := range texts {
		if strings.HasSuffix(text, ": ") {
			continue
		}
		for line := range strings.SplitSeq(text, "\n") {
			b.WriteString("\n" + asLine(line))
		}
	}
	if b.Len() > 0 {
		b.WriteByte('\n')
	}
	return b.String()
}
