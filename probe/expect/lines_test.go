package expect

import (
	"strings"
	"testing"
	"time"

	"openrelay/probe"
)

// written is the file of some results, without its header.
func written(t *testing.T, results ...*probe.Result) string {
	t.Helper()
	l := Lines{Now: today()}
	for _, r := range results {
		l.Add(r)
	}
	var b strings.Builder
	if err := l.Write(&b); err != nil {
		t.Fatal(err)
	}
	_, lines, _ := strings.Cut(b.String(), "\n\n")
	return lines
}

// expecting adds the expectation that a result was judged by.
func expecting(r *probe.Result, expected string) *probe.Result {
	e, err := Parse(expected)
	if err != nil {
		panic(err)
	}
	r.Expected = &probe.Expected{Expectation: e, Found: Compare(e, r), Origin: "expect.txt:1"}
	return r
}

func TestLines(t *testing.T) {
	const known = "open null-sender,plain until 2027-01-31 because CHG-1"
	for _, row := range []struct {
		about   string
		results []*probe.Result
		want    string
	}{
		{"each verdict", []*probe.Result{
			result("open plain,null-sender,plain", "192.0.2.10:25"), result("inconclusive slow", "192.0.2.9:25"),
			result("closed relay-denied", "192.0.2.9:587"), result("unreachable timeout", "192.0.2.2:25"), result("closed", "[2001:db8::1]:25"),
		}, `192.0.2.2:25 unreachable
192.0.2.9:25 inconclusive slow
192.0.2.9:587 closed
192.0.2.10:25 open null-sender,plain until 2026-12-30 because TODO
[2001:db8::1]:25 closed
`},
		{"what answers nobody", []*probe.Result{
			result("unreachable~ timeout", "192.0.2.1:25"), result("unreachable? refused", "192.0.2.2:465"), result("unreachable? no-banner", "192.0.2.2:25"),
			expecting(result("unreachable? refused", "192.0.2.3:465"), "unreachable"),
			result("unreachable no-route-here", "[2001:db8::1]:25"),
		}, "192.0.2.2:25 unreachable\n192.0.2.3:465 unreachable\n"},
		{"names", []*probe.Result{
			result("closed", "mx.example.org@192.0.2.1:25"), result("closed", "a.example.org@192.0.2.1:25"), result("closed", "mx.example.org@192.0.2.1:25"),
			result("unreachable dns", "no.example.org:25"), result("unreachable dns", "no\nexample:25"), result("closed", "no\nexample@192.0.2.2:25"),
		}, "# a.example.org\n# mx.example.org\n192.0.2.1:25 closed\n192.0.2.2:25 closed\n"},
		{"one address as two", []*probe.Result{
			result("closed", "[::ffff:192.0.2.1]:25"), result("inconclusive unclear", "192.0.2.1:25"), result("inconclusive slow", "192.0.2.1:25"),
			result("closed", "[fe80::1%eth0]:25"), result("open plain", "[fe80::1%eth1]:25"),
		}, "192.0.2.1:25 inconclusive slow\n[fe80::1]:25 open plain until 2026-12-30 because TODO\n"},
		{"vectors of two", []*probe.Result{result("open plain", "192.0.2.1:25"), result("open null-sender,plain", "192.0.2.1:25"), result("open same-domain", "192.0.2.1:25")},
			"192.0.2.1:25 open null-sender,plain,same-domain until 2026-12-30 because TODO\n"},
		{"kept", []*probe.Result{expecting(result("open plain", "192.0.2.1:25"), known)}, "192.0.2.1:25 " + known + "\n"},
		{"kept beside another", []*probe.Result{result("open plain", "192.0.2.1:25"), expecting(result("open plain", "192.0.2.1:25"), known)}, "192.0.2.1:25 " + known + "\n"},
		{"not kept: open to more", []*probe.Result{expecting(result("open plain,same-domain", "192.0.2.1:25"), known)},
			"192.0.2.1:25 open plain,same-domain until 2026-12-30 because TODO\n"},
		{"not kept: another is open to more", []*probe.Result{expecting(result("open plain", "192.0.2.1:25"), known), result("open same-domain", "192.0.2.1:25")},
			"192.0.2.1:25 open null-sender,plain,same-domain until 2026-12-30 because TODO\n"},
		{"not kept: better", []*probe.Result{expecting(result("closed", "192.0.2.1:25"), known)}, "192.0.2.1:25 closed\n"},
		{"a record that somebody wrote", []*probe.Result{{Target: "192.0.2.1:25", Verdict: probe.Closed, Expected: &probe.Expected{
			Expectation: probe.Expectation{Verdict: probe.Closed, Because: "\n192.0.2.2 closed"}, Found: probe.AsExpected}}}, "192.0.2.1:25 closed\n"},
	} {
		if got := written(t, row.results...); got != row.want {
			t.Errorf("%s:\n%s", row.about, got)
		}
	}
}

// The new file is to take the place of the old one: nothing is lost that was not tested, or got no line for it was dead.
func TestWhatIsKept(t *testing.T) {
	s := set(t,
		"192.0.2.0/24 unreachable", "192.0.2.1 closed", "192.0.2.2*25 closed", "192.0.2.3 unreachable", "198.51.100.1 open plain until 2027-01-31 because CHG-1 #7",
		"mx.example.org inconclusive slow", "mx:example.net unreachable", "#192.0.2.9 unreachable", "192.0.2.10 open plain until 2026-11-29 because CHG-1")
	l := &Lines{Now: today(), Old: s}
	for _, r := range []*probe.Result{
		result("closed", "192.0.2.1:25"), result("closed", "192.0.2.2:587"), result("unreachable~ timeout", "192.0.2.3:25"),
		result("unreachable~ timeout", "192.0.2.4:25"), result("inconclusive slow", "mx.example.org@192.0.2.5:25"),
	} {
		s.Judge(r)
		l.Add(r)
	}
	var b strings.Builder
	if err := l.Write(&b); err != nil {
		t.Fatal(err)
	}
	_, kept, _ := strings.Cut(b.String(), "Kept, ")
	_, kept, _ = strings.Cut(kept, "\n")
	if want := "192.0.2.0/24 unreachable\n192.0.2.2*25 closed\n192.0.2.3 unreachable\n198.51.100.1 open plain until 2027-01-31 because CHG-1 #7\nmx:example.net unreachable\n"; kept != want {
		t.Errorf("kept is\n%s", kept)
	}
}

// Every line of the header is a comment, and says what each form is.
func TestHeader(t *testing.T) {
	var b strings.Builder
	if err := (&Lines{Now: today()}).Write(&b); err != nil {
		t.Fatal(err)
	}
	header, rest, found := strings.Cut(b.String(), "\n\n")
	if rest != "" || !found {
		t.Errorf("without results there is %q", rest)
	}
	for line := range strings.Lines(header) {
		if !strings.HasPrefix(line, "# ") {
			t.Errorf("%q is no comment", line)
		}
	}
	for _, f := range Forms {
		if !strings.Contains(header, f.Form) {
			t.Errorf("it does not say %s", f.Form)
		}
	}
}

// What was found is as expected by the file that was written of it, once the reasons are there.
func TestWhatIsWrittenIsExpected(t *testing.T) {
	found := []*probe.Result{
		result("open plain,null-sender", "192.0.2.1:25"), result("closed relay-denied", "192.0.2.1:587"), result("unreachable? no-banner", "192.0.2.1:465"),
		result("open plain", "mx.example.org@[2001:db8::1]:25"), result("open plain", "mx.example.org@192.0.2.2:25"),
		result("inconclusive slow", "[::ffff:192.0.2.3]:25"), result("closed~ relay-denied", "192.0.2.4:25"),
	}
	file := written(t, found...)
	s := &Set{Now: func() time.Time { return today().AddDate(0, 0, 30) }}
	for text := range strings.Lines(file) {
		if strings.HasPrefix(text, "#") {
			continue
		}
		where, expected, _ := strings.Cut(text, " ")
		if strings.Contains(expected, todo) {
			if _, err := Parse(expected); err == nil {
				t.Errorf("%q is read", text)
			}
			expected = strings.Replace(expected, todo, "of printers", 1)
		}
		e, err := Parse(expected)
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		w := whomOf(where, "", "")
		of := subject(w.addr.String())
		of.Port = w.port
		s.Add(of, e, Line{Text: text})
	}
	if err := s.Check(); err != nil {
		t.Fatal(err)
	}
	for _, r := range found {
		if s.Judge(r); r.Expected == nil || r.Expected.Found != probe.AsExpected {
			t.Errorf("%s, %s, is %s:\n%s", r.Target, r.Verdict, standing(r), file)
		}
	}
	if unused := s.Unused(); len(unused) > 0 {
		t.Errorf("unused: %v", unused)
	}
}
