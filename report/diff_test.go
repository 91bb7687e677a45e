package report

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"openrelay/probe"
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

func changesOf(was, now []probe.Result) []Change {
	var d Diff
	for _, r := range was {
		d.Before(r)
	}
	for _, r := range now {
		d.After(r)
	}
	return d.Changes()
}

func TestDiff(t *testing.T) {
	for _, test := range []struct {
		name     string
		was, now []string
		want     []string // "!" before what is newly open
	}{
		{"nothing", nil, nil, nil},
		{"the same", []string{"closed mx@192.0.2.1:25", "open 192.0.2.2:25 plain"}, []string{"open 192.0.2.2:25 plain", "closed mx@192.0.2.1:25"}, nil},
		{"opened", []string{"closed mx@192.0.2.1:25 -plain"}, []string{"open mx@192.0.2.1:25 plain"},
			[]string{"!opened mx [192.0.2.1]:25 was closed (relay-denied); now open (accepts plain)"}},
		{"opened from anything", []string{"inconclusive 192.0.2.1:25", "timeout 192.0.2.2:25"}, []string{"open 192.0.2.1:25 plain", "open 192.0.2.2:25 plain"},
			[]string{"!opened 192.0.2.1:25 was inconclusive (); now open (accepts plain)", "!opened 192.0.2.2:25 was unreachable (timeout); now open (accepts plain)"}},
		{"closed", []string{"open 192.0.2.1:25 plain null-sender"}, []string{"closed 192.0.2.1:25 -plain -null-sender"},
			[]string{"closed 192.0.2.1:25 was open (accepts plain, null-sender); now closed (relay-denied)"}},
		{"closed, as far as asked", []string{"open 192.0.2.1:25 percent-bare"}, []string{"closed 192.0.2.1:25 -plain"},
			[]string{"closed 192.0.2.1:25 was open (accepts percent-bare); now closed (relay-denied), but percent-bare was not asked or not answered this time"}},
		{"no answer any more", []string{"closed 192.0.2.1:25", "open 192.0.2.2:25 plain"}, []string{"inconclusive 192.0.2.1:25", "timeout 192.0.2.2:25"},
			[]string{"inconclusive 192.0.2.1:25 was closed (relay-denied); now inconclusive ()", "unreachable 192.0.2.2:25 was open (accepts plain); now unreachable (timeout)"}},

		{"another hole", []string{"open 192.0.2.1:25 plain -null-sender"}, []string{"open 192.0.2.1:25 null-sender -plain"},
			[]string{"!vectors 192.0.2.1:25 accepts null-sender too; refuses plain now; still open"}},
		{"a hole less", []string{"open 192.0.2.1:25 plain null-sender"}, []string{"open 192.0.2.1:25 plain -null-sender"},
			[]string{"vectors 192.0.2.1:25 refuses null-sender now; still open"}},
		{"fewer questions are no change", []string{"open 192.0.2.1:25 plain null-sender"}, []string{"open 192.0.2.1:25 plain"}, nil},
		{"no answer to one is no change", []string{"open 192.0.2.1:25 plain null-sender"}, []string{"open 192.0.2.1:25 plain ?null-sender"}, nil},
		{"refused in one form only", []string{"open 192.0.2.1:25 plain null-sender"}, []string{"open 192.0.2.1:25 plain -null-sender ?null-sender"}, nil},
		{"a suspect form is no hole", []string{"inconclusive 192.0.2.1:25 percent-bare"}, []string{"closed 192.0.2.1:25 -percent-bare"},
			[]string{"closed 192.0.2.1:25 was inconclusive (percent-bare); now closed (relay-denied)"}},

		{"come and gone", []string{"closed 192.0.2.1:25"}, []string{"closed 192.0.2.2:25", "open 192.0.2.3:25 plain"},
			[]string{"!appeared 192.0.2.3:25 open (accepts plain)", "appeared 192.0.2.2:25 closed (relay-denied)", "vanished 192.0.2.1:25 was closed (relay-denied)"}},
		{"dead addresses of ranges are nothing", []string{"timeout~ 192.0.2.1:25", "timeout~ 192.0.2.2:25"}, []string{"refused~ 192.0.2.1:25", "timeout~ 192.0.2.3:25"}, nil},
		{"a range wakes up", []string{"timeout~ 192.0.2.1:25"}, []string{"open~ 192.0.2.1:25 plain"}, []string{"!appeared 192.0.2.1:25 open (accepts plain)"}},
		{"a range falls asleep", []string{"closed~ 192.0.2.1:25"}, []string{"timeout~ 192.0.2.1:25"},
			[]string{"unreachable 192.0.2.1:25 was closed (relay-denied); now unreachable (timeout)"}},
		{"ports not offered are nothing", []string{"closed? mx@192.0.2.1:25", "refused? mx@192.0.2.1:465"}, []string{"closed? mx@192.0.2.1:25", "timeout? mx@192.0.2.1:587"}, nil},
		{"a port is not offered any more", []string{"closed? mx@192.0.2.1:465"}, []string{"refused? mx@192.0.2.1:465"},
			[]string{"unreachable mx [192.0.2.1]:465 was closed (relay-denied); now unreachable (refused)"}},
		{"a port is offered now", []string{"refused? mx@192.0.2.1:465"}, []string{"closed? mx@192.0.2.1:465"}, []string{"appeared mx [192.0.2.1]:465 closed (relay-denied)"}},

		{"another name", []string{"closed 192.0.2.1:25"}, []string{"open mx@192.0.2.1:25 plain"},
			[]string{"!opened mx [192.0.2.1]:25 was closed (relay-denied); now open (accepts plain)"}},
		{"two names of one address", []string{"closed a@192.0.2.1:25", "open b@192.0.2.1:25 plain"}, []string{"open b@192.0.2.1:25 plain", "closed a@192.0.2.1:25"}, nil},
		{"a known relay under a new name", []string{"open a@192.0.2.1:25 plain"}, []string{"open a@192.0.2.1:25 plain", "open b@192.0.2.1:25 plain"},
			[]string{"!appeared b [192.0.2.1]:25 open (accepts plain)"}},
		{"moved", []string{"open mx@192.0.2.1:25 plain"}, []string{"open mx@192.0.2.9:25 plain"}, []string{"address mx [192.0.2.9]:25 was at 192.0.2.1:25"}},
		{"moved and opened", []string{"closed mx@192.0.2.1:25"}, []string{"open mx@192.0.2.9:25 plain"},
			[]string{"!opened mx [192.0.2.9]:25 was closed (relay-denied); now open (accepts plain)", "address mx [192.0.2.9]:25 was at 192.0.2.1:25"}},
		{"each family by itself", []string{"closed mx@192.0.2.1:25", "open mx@[2001:db8::1]:25 plain"}, []string{"closed mx@192.0.2.2:25", "open mx@[2001:db8::2]:25 plain"},
			[]string{"address mx [192.0.2.2]:25 was at 192.0.2.1:25", "address mx [2001:db8::2]:25 was at [2001:db8::1]:25"}},
		{"one of several moved", []string{"closed mx@192.0.2.1:25", "open mx@192.0.2.2:25 plain"}, []string{"closed mx@192.0.2.1:25", "open mx@192.0.2.3:25 plain"},
			[]string{"address mx [192.0.2.3]:25 was at 192.0.2.2:25"}},
		{"nobody knows which moved where", []string{"closed mx@192.0.2.1:25", "open mx@192.0.2.2:25 plain"}, []string{"open mx@192.0.2.3:25 plain", "closed mx@192.0.2.4:25"},
			[]string{"!appeared mx [192.0.2.3]:25 open (accepts plain)", "appeared mx [192.0.2.4]:25 closed (relay-denied)",
				"vanished mx [192.0.2.1]:25 was closed (relay-denied)", "vanished mx [192.0.2.2]:25 was open (accepts plain)"}},
		{"a name lost its addresses", []string{"closed mx@192.0.2.1:25", "open mx@192.0.2.2:25 plain"}, []string{"dns mx@mx:25"},
			[]string{"unreachable mx [192.0.2.1]:25 was closed (relay-denied); now unreachable (dns)", "unreachable mx [192.0.2.2]:25 was open (accepts plain); now unreachable (dns)"}},
		{"a name has addresses again", []string{"dns mx@mx:25"}, []string{"closed mx@192.0.2.1:25", "open mx@192.0.2.2:25 plain"},
			[]string{"!opened mx [192.0.2.2]:25 was unreachable (dns); now open (accepts plain)", "closed mx [192.0.2.1]:25 was unreachable (dns); now closed (relay-denied)"}},
		{"a name has addresses again, at every port", []string{"dns mx@mx:25", "dns mx@mx:465"}, []string{"closed mx@192.0.2.1:25"},
			[]string{"closed mx [192.0.2.1]:25 was unreachable (dns); now closed (relay-denied)"}},
		{"a name that never was", []string{"dns mx@mx:25"}, []string{"dns mx@mx:25"}, nil},
		{"twice in a file, the worse counts", []string{"closed mx@192.0.2.1:25", "open mx@192.0.2.1:25 plain"}, []string{"open mx@192.0.2.1:25 plain", "closed mx@192.0.2.1:25"}, nil},
		{"twice in a file, vectors together", []string{"open mx@192.0.2.1:25 plain", "open mx@192.0.2.1:25 -plain null-sender"}, []string{"open mx@192.0.2.1:25 null-sender plain"}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			var was, now []probe.Result
			for _, s := range test.was {
				was = append(was, scanned("old", s))
			}
			for _, s := range test.now {
				now = append(now, scanned("new", s))
			}
			var got []string
			for _, c := range changesOf(was, now) {
				line := ChangeLine(c)
				if c.NewlyOpen {
					line = "!" + line
				}
				got = append(got, line)
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(test.want, "\n"))
			}
		})
	}
}

// Of two scans in one file the later counts, in whatever order they stand.
func TestDiffLaterScanCounts(t *testing.T) {
	early, late := scanned("a", "open 192.0.2.1:25 plain"), scanned("b", "closed 192.0.2.1:25 -plain")
	late.Started = early.Started.Add(time.Hour)
	now := []probe.Result{scanned("c", "closed 192.0.2.1:25 -plain")}
	for _, was := range [][]probe.Result{{early, late}, {late, early}} {
		if got := changesOf(was, now); len(got) > 0 {
			t.Errorf("%+v", got)
		}
	}
}

func TestDiffServer(t *testing.T) {
	with := func(change func(*probe.Server)) probe.Result {
		r := scanned("", "closed mx@192.0.2.1:25")
		r.Server = probe.Server{Banner: "mx ESMTP Exim 4.96 Mon, 23 Nov 2026 18:00:02 +0000",
			TLS: &probe.TLS{Cert: &probe.Cert{Subject: "CN=mx", Issuer: "CN=CA", NotAfter: time.Date(2027, 1, 23, 18, 0, 0, 0, time.UTC)}}}
		if change != nil {
			change(&r.Server)
		}
		return r
	}
	for _, test := range []struct {
		name string
		now  func(*probe.Server)
		want []ChangeKind
	}{
		{"nothing", nil, nil},
		{"another day", func(s *probe.Server) { s.Banner = "mx ESMTP Exim 4.96 Tue, 24 Nov 2026 08:10:59 +0000" }, nil},
		{"another version", func(s *probe.Server) { s.Banner = "mx ESMTP Exim 4.98 Mon, 23 Nov 2026 18:00:02 +0000" }, []ChangeKind{BannerChanged}},
		{"renewed", func(s *probe.Server) { s.TLS.Cert.NotAfter = s.TLS.Cert.NotAfter.AddDate(0, 2, 0) }, []ChangeKind{CertificateChanged}},
		{"another issuer", func(s *probe.Server) { s.TLS.Cert.Issuer = "CN=Other" }, []ChangeKind{CertificateChanged}},
		{"expired", func(s *probe.Server) {
			s.TLS.Cert.VerifyError = "x509: certificate has expired or is not yet valid: current time 2027-11-23T18:00:00Z is after 2027-01-23T18:00:00Z"
		}, []ChangeKind{CertificateChanged}},
		{"the same instant elsewhere", func(s *probe.Server) { s.TLS.Cert.NotAfter = s.TLS.Cert.NotAfter.In(time.FixedZone("", 3600)) }, nil},
		{"TLS was not asked for", func(s *probe.Server) { s.TLS = nil }, nil},
		{"no greeting is known", func(s *probe.Server) { s.Banner = "" }, nil},
	} {
		var got []ChangeKind
		for _, c := range changesOf([]probe.Result{with(nil)}, []probe.Result{with(test.now)}) {
			got = append(got, c.Kind)
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
}

func TestSteady(t *testing.T) {
	for _, v := range volatile {
		if got := steady("mx " + v.example); got != "mx *" {
			t.Errorf("%s: %q is left of %q", v.about, got, v.example)
		}
	}
	for _, alike := range [][2]string{
		{"mx.google.com ESMTP d9443c01a7336-1f6bd7c9d9csi1234567.123 - gsmtp", "mx.google.com ESMTP 98e67ed59e1d1-2c3bf6cbf1asi9876543.210 - gsmtp"},
		{"mx Microsoft ESMTP MAIL Service ready at Mon, 23 Nov 2026 18:00:02 +0000 [08DE29C1B2A3F4E5]", "mx Microsoft ESMTP MAIL Service ready at Tue, 3 Nov 2026 08:00:02 +0000 [08DE29FFB2A3F4E6]"},
		{"mx ESMTP Sendmail 8.15.2/8.15.2; Mon, 23 Nov 2026 18:00:02 GMT", "mx ESMTP Sendmail 8.15.2/8.15.2; Mon, 23 Nov 2026 19:00:02 GMT"},
		{"mx ESMTP Haraka ready (6F9619FF-8B86-4011-B42D-00CF4FC964FF)", "mx ESMTP Haraka ready (A09619FF-8B86-4011-B42D-00CF4FC96400)"},
	} {
		if a, b := steady(alike[0]), steady(alike[1]); a != b {
			t.Errorf("%q and %q are no change", a, b)
		}
	}
	for _, differ := range [][2]string{
		{"mx ESMTP Postfix", "mx ESMTP Exim"},
		{"mx ESMTP Exim 4.96", "mx ESMTP Exim 4.97"},
		{"mx ESMTP Sendmail 8.17.1.9/8.17.1.9/Debian-2+deb12u2", "mx ESMTP Sendmail 8.17.1.9/8.17.1.9/Debian-2+deb12u3"},
		{"mx0a-00123456.pphosted.com ESMTP", "mx0b-00123456.pphosted.com ESMTP"},
		{"a1b2c3d4e5.example.org ESMTP", "a1b2c3d4e6.example.org ESMTP"},
		{"mx Microsoft Exchange 15.01.2507.039", "mx Microsoft Exchange 15.01.2507.044"},
		{"mx ESMTP", "mx SMTP"},
	} {
		if a, b := steady(differ[0]), steady(differ[1]); a == b {
			t.Errorf("%q and %q are taken for the same", differ[0], differ[1])
		}
	}
}

// hostileChanges is one change of every kind, of a server that means ill.
func hostileChanges() []Change {
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

func TestDiffFormats(t *testing.T) {
	changes := hostileChanges()
	for i, k := range ChangeKinds {
		if k.About == "" || !slices.ContainsFunc(changes, func(c Change) bool { return c.Kind == k.Kind }) || k.Kind.order() != i {
			t.Errorf("%s is not in the golden files", k.Kind)
		}
	}
	for _, f := range DiffFormats {
		for _, width := range []int{0, 60} {
			var b bytes.Buffer
			if err := WriteChanges(f.Name, &b, Options{Width: width}, changes); err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(b.String()) {
				checkHarmless(t, f.Name, line)
			}
			checkGolden(t, fmt.Sprintf("changes.%s-%d.golden", f.Name, width), b.String())
		}
		if err := WriteChanges(f.Name, &failing{room: 10}, Options{}, changes); err == nil {
			t.Errorf("%s: a full disk is no error", f.Name)
		}
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
	for _, f := range []Format{format(t, "table"), format(t, "jsonl")} {
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
	w := newJSONL(file, Options{})
	one.Findings[0].Transcript = nil
	for i := range n {
		one.Target, one.Name = fmt.Sprintf("10.%d.%d.%d:25", i>>16, i>>8&255, i&255), ""
		one.Server.Banner = fmt.Sprintf("mx%d.example.org ESMTP Postfix", i)
		if err := w.Write(one); err != nil {
			t.Fatal(err)
		}
	}
	var d Diff
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
	if grown := heap() - before; grown > int64(n*each) {
		t.Errorf("%d bytes for a server", grown/int64(n))
	} else {
		t.Logf("%d bytes for a server in both scans", grown/int64(n))
	}
	if changes := d.Changes(); len(changes) > 0 || len(d.before.servers) != n {
		t.Errorf("%d changes of %d servers", len(changes), len(d.before.servers))
	}
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
