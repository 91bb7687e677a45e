package report

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"

	"openrelay/probe"
	"openrelay/probe/changes"
)

// scanned writes a result as tests of comparisons like to read it: what result reads, a name before
// @, and behind it vectors: "open mx@192.0.2.1:25 plain -null-sender ?percent-bare" is open to plain,
// refused null-sender, and did not answer percent-bare.
func scanned(id, text string) probe.Result {
	words := strings.Fields(text)
	name, target, named := strings.Cut(words[1], "@")
	if !named {
		name, target = "", words[1]
	}
	r := result(words[0] + " " + target)
	r.Name, r.Scan = name, &probe.Scan{ID: id}
	if r.Verdict == probe.Closed {
		r.Reason = probe.ReasonRelayDenied
	}
	for _, v := range words[2:] {
		if expected, ok := strings.CutPrefix(v, "="); ok {
			r.Expected = expectedOf(expected)
			continue
		}
		f := probe.Finding{Outcome: probe.OutcomeAccepted, Vector: strings.TrimLeft(v, "-?")}
		switch v[0] {
		case '-':
			f.Outcome = probe.OutcomeRefused
		case '?':
			f.Outcome = probe.OutcomeUnanswered
		default:
			r.Reason = probe.Reason(v)
		}
		r.Findings = append(r.Findings, f)
	}
	return r
}

func changesOf(was, now []probe.Result) []changes.Change {
	var d changes.Diff
	for _, r := range was {
		d.Before(r)
	}
	for _, r := range now {
		d.After(r)
	}
	return d.Changes()
}

// hostileChanges is one change of every kind, of a server that means ill.
func hostileChanges() []changes.Change {
	bad := "::error::x ##[error]x \x1b[31m\u202e <b>\n::error::y"
	cert := func(subject string) *probe.TLS { return &probe.TLS{Cert: &probe.Cert{Subject: subject, Issuer: bad}} }
	was, now := scanned("", "closed mx@192.0.2.1:25"), scanned("", "closed mx@192.0.2.9:25")
	was.Server, now.Server = probe.Server{Banner: "mx ESMTP", TLS: cert("CN=a")}, probe.Server{Banner: bad, TLS: cert(bad)}
	dead := scanned("", "timeout 192.0.2.2:25")
	return changesOf(
		[]probe.Result{was, scanned("", "closed 192.0.2.2:25"), scanned("", "closed 192.0.2.3:25"), scanned("", "open 192.0.2.4:25 plain"),
			scanned("", "closed 192.0.2.5:25"), scanned("", "open 192.0.2.6:25 plain -null-sender"), scanned("", "closed 192.0.2.7:25")},
		[]probe.Result{now, dead, scanned("", "inconclusive 192.0.2.3:25"), scanned("", "closed 192.0.2.4:25 -plain"),
			scanned("", "open 192.0.2.5:25 plain"), scanned("", "open 192.0.2.6:25 null-sender -plain"), scanned("", "closed 192.0.2.8:25")})
}

func TestChangeLine(t *testing.T) {
	for _, c := range []struct{ was, now, want string }{
		{"open 192.0.2.1:25 percent-bare", "closed 192.0.2.1:25 -plain",
			"closed 192.0.2.1:25 was open (accepts percent-bare); now closed (relay-denied), but percent-bare was not asked or not answered this time"},
		{"open mx@192.0.2.1:25 plain", "open mx@192.0.2.9:25 null-sender -plain",
			"vectors mx [192.0.2.9]:25 accepts null-sender too; refuses plain now; still open"},
		{"timeout 192.0.2.2:25", "open 192.0.2.2:25 sender-localhost percent-bare plain-com bang-bare plain null-sender quoted-bare",
			"opened 192.0.2.2:25 was unreachable (timeout); now open (accepts plain, plain-com, null-sender, sender-localhost, percent-bare and 2 more)"},
		{"closed 192.0.2.1:25", "open 192.0.2.1:25 plain =as-expected:open:plain",
			"opened 192.0.2.1:25 was closed (relay-denied); now open (accepts plain), as expected: open plain until 2026-12-31 because CHG-1234 (expect.txt:3)"},
		{"open 192.0.2.1:25 plain =as-expected:open:plain", "open 192.0.2.1:25 plain null-sender =worse:open:plain",
			"vectors 192.0.2.1:25 accepts null-sender too; still open, worse than expected; expected is open plain until 2026-12-31 because CHG-1234 (expect.txt:3)"},
		{"open 192.0.2.1:25 plain =as-expected:open:plain", "open 192.0.2.1:25 plain",
			"vectors 192.0.2.1:25 still open (accepts plain), not expected any more; expected was open plain until 2026-12-31 because CHG-1234 (expect.txt:3)"},
		{"open 192.0.2.1:25 plain =as-expected:open:plain", "closed 192.0.2.1:25 -plain =better:open:plain",
			"closed 192.0.2.1:25 was open (accepts plain); now closed (relay-denied), better than expected; expected is open plain until 2026-12-31 because CHG-1234 (expect.txt:3)"},
		{"open 192.0.2.1:25 plain", "closed 192.0.2.1:25 -plain =as-expected:closed", "closed 192.0.2.1:25 was open (accepts plain); now closed (relay-denied)"},
		{"timeout 192.0.2.1:25 =as-expected:unreachable", "closed 192.0.2.1:25 =worse:unreachable",
			"closed 192.0.2.1:25 was unreachable (timeout); now closed (relay-denied), worse than expected; expected is unreachable (expect.txt:3)"},
		{"closed 192.0.2.1:25", "closed 192.0.2.1:25 =worse:unreachable",
			"vectors 192.0.2.1:25 still closed (relay-denied), worse than expected; expected is unreachable (expect.txt:3)"},
		{"timeout~ 192.0.2.1:25", "closed~ 192.0.2.1:25 =worse:unreachable",
			"appeared 192.0.2.1:25 closed (relay-denied), worse than expected; expected is unreachable (expect.txt:3)"},
	} {
		if got := ChangeLine(changesOf([]probe.Result{scanned("old", c.was)}, []probe.Result{scanned("new", c.now)})[0]); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}

// The golden files show every kind of change.
func TestChangesCoverKinds(t *testing.T) {
	all := hostileChanges()
	for _, k := range changes.Kinds {
		if changeRows[k.Kind].label == "" || !slices.ContainsFunc(all, func(c changes.Change) bool { return c.Kind == k.Kind }) {
			t.Errorf("%s has no label, or is not in the golden files", k.Kind)
		}
	}
	checkGolden(t, "changes.table-60.golden", render(t, named(t, Changes, "table"), Options{Width: 60}, all))
}

// --quiet leaves what is newly worse, be it open or not, and what is expected is told without an alarm.
func TestChangesTableExpected(t *testing.T) {
	all := changesOf(
		[]probe.Result{scanned("old", "closed a@192.0.2.1:25"), scanned("old", "closed b@192.0.2.2:25"), scanned("old", "timeout c@192.0.2.3:25 =as-expected:unreachable")},
		[]probe.Result{scanned("new", "open a@192.0.2.1:25 plain =as-expected:open:plain"), scanned("new", "open b@192.0.2.2:25 plain"), scanned("new", "closed c@192.0.2.3:25 =worse:unreachable")})
	var loud []string
	for line := range strings.Lines(render(t, named(t, Changes, "table"), Options{Quiet: true}, all)) {
		loud = append(loud, strings.Join(strings.Fields(line)[:2], " "))
	}
	if want := []string{"opened b", "closed c"}; !slices.Equal(loud, want) {
		t.Errorf("quietly %q, want %q", loud, want)
	}
	var red []string
	for line := range strings.Lines(render(t, named(t, Changes, "table"), Options{Colour: true}, all)) {
		if strings.Contains(line, "\x1b["+string(boldRed)) {
			red = append(red, strings.Fields(line)[1])
		}
	}
	if want := []string{"b", "c"}; !slices.Equal(red, want) {
		t.Errorf("red are %q, want %q", red, want)
	}
}

// checkHarmless holds a line to what a CI system may be shown.
func checkHarmless(t *testing.T, what, line string) {
	t.Helper()
	if strings.HasPrefix(strings.TrimSpace(line), "::") || strings.Contains(line, "##[") || strings.Contains(line, "\x1b") {
		t.Errorf("%s: a server's command gets through: %q", what, line)
	}
}

// No format that is written as text may let a server's words become a command of the CI system that
// keeps the log.
func TestNoWorkflowCommands(t *testing.T) {
	r := scanned("", "inconclusive mx@192.0.2.1:25 ?plain")
	const bad = "::error::x ##[error]x ##vso[task.complete]x"
	r.Server = probe.Server{Banner: bad, EHLO: []string{bad}}
	r.Detail, r.Findings[0].Reply, r.Findings[0].Cause, r.Findings[0].Fix = bad, "250-"+bad+"\n"+bad, bad, bad+"\n  "+bad
	r.Findings[0].Deciding = true
	results := []probe.Result{r, scanned("", "closed mx@192.0.2.2:25"), scanned("", "open mx@[2001:db8::2]:25 plain")}
	results[1].Name, results[2].Name = bad, bad
	for _, f := range []Format[probe.Result]{format(t, "table"), format(t, "jsonl")} {
		for _, width := range []int{0, 30} {
			text := render(t, f, Options{Width: width}, results)
			for line := range strings.Lines(text) {
				checkHarmless(t, f.Name, line)
			}
			if strings.Contains(text, "##vso[") {
				t.Errorf("%s: %s", f.Name, text)
			}
		}
	}
	line := render(t, format(t, "jsonl"), Options{}, []probe.Result{r})
	for got, err := range Read(strings.NewReader(line)) {
		if err != nil || got.Server.Banner != bad {
			t.Errorf("read back: %q, %v", got.Server.Banner, err)
		}
	}
}

// A comparison keeps little of a server, so that 100,000 of them with all their findings fit into a
// small machine.
func TestDiffMemory(t *testing.T) {
	n := 10_000
	if testing.Short() {
		n = 2000
	}
	one := saved(t)[1] // closed, with findings
	file, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	w := newJSONL[probe.Result](file, Options{})
	one.Findings[0].Transcript = nil
	for i := range n {
		one.Target, one.Name = fmt.Sprintf("10.%d.%d.%d:25", i>>16, i>>8&255, i&255), ""
		one.Server.Banner = fmt.Sprintf("mx%d.example.org ESMTP Postfix", i)
		if err := w.Write(one); err != nil {
			t.Fatal(err)
		}
	}
	var d changes.Diff
	before := heap()
	for _, take := range []func(probe.Result){d.Before, d.After} {
		if _, err := file.Seek(0, 0); err != nil {
			t.Fatal(err)
		}
		for r, err := range Read(file) {
			if err != nil {
				t.Fatal(err)
			}
			take(r)
		}
	}
	const each = 2 * 750 // bytes, of both scans together
	if grown := heap() - before; grown > int64(n*each) || grown < int64(n*each/10) {
		t.Errorf("%d bytes for a server", grown/int64(n))
	} else {
		t.Logf("%d bytes for a server in both scans", grown/int64(n))
	}
	if all := d.Changes(); len(all) > 0 {
		t.Errorf("%d changes", len(all))
	}
}

// heap is what is in use, without what the pools of earlier tests hold: the first collection only marks that as unused.
func heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
