package changes

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"openrelay/probe"
)

// scanned writes a result as tests of comparisons like to read it: a verdict or why there is none, a name
// before @, behind a slash the domain whose mail host it is, and behind it vectors: "open mx@192.0.2.1:25 plain -null-sender ?percent-bare" is open to plain,
// refused null-sender, and did not answer percent-bare; ~percent-bare was accepted and proves nothing. A ~ behind the verdict is an address out of a
// range, a ? a port of the default list. "=worse:unreachable" and "=as-expected:open:plain,null-sender" are what is expected, and how it compares.
func scanned(id, text string) probe.Result {
	words := strings.Fields(text)
	what, name, target := words[0], "", words[1]
	if at := strings.IndexByte(target, '@'); at >= 0 {
		name, target = target[:at], target[at+1:]
	}
	name, domain, _ := strings.Cut(name, "/")
	r := probe.Result{Target: target, Name: name, Domain: domain, Scan: &probe.Scan{ID: id},
		Named: !strings.HasSuffix(what, "~"), Optional: strings.HasSuffix(what, "?")}
	what = strings.TrimRight(what, "?~")
	if r.Verdict.UnmarshalText([]byte(what)) != nil {
		r.Verdict, r.Reason, r.Stage = probe.Unreachable, probe.Reason(what), probe.StageConnect
	}
	for _, v := range words[2:] {
		if expected, ok := strings.CutPrefix(v, "="); ok {
			r.Expected = expectedOf(expected)
			continue
		}
		f := probe.Finding{Outcome: probe.OutcomeAccepted, Vector: strings.TrimLeft(v, "-?~")}
		switch v[0] {
		case '-':
			f.Outcome = probe.OutcomeRefused
		case '?':
			f.Outcome = probe.OutcomeUnanswered
		case '~':
			f.Unproven = true
		default:
			r.Reason = probe.Reason(v)
		}
		r.Findings = append(r.Findings, f)
	}
	return r
}

// expectedOf reads "as-expected:open:plain,null-sender"; of what it cannot read, closed is expected.
func expectedOf(text string) *probe.Expected {
	standing, text, _ := strings.Cut(text, ":")
	verdict, vectors, _ := strings.Cut(text, ":")
	e := &probe.Expected{Found: probe.Standing(standing)}
	_ = e.Verdict.UnmarshalText([]byte(verdict))
	if e.Verdict == probe.Open {
		e.Vectors = strings.Split(vectors, ",")
	}
	return e
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

// line writes a change: "!" for what is newly open, the kind, the server, what it was and is, and the
// vectors it accepts too (+), refuses now (-) and was not asked (?).
func line(c Change) string {
	name := strings.TrimSuffix(c.Name+"/"+c.Domain, "/")
	words := []string{map[bool]string{true: "!"}[c.NewlyOpen] + string(c.Kind), strings.TrimPrefix(name+"@"+c.Target, "@")}
	if c.WasTarget != "" {
		words = append(words, "from", c.WasTarget)
	}
	words = append(words, c.Was.line(), ">", c.Now.line())
	for _, d := range []struct {
		sign    string
		vectors []string
	}{{"+", c.Gained}, {"-", c.Lost}, {"?", c.NotAsked}} {
		for _, v := range d.vectors {
			words = append(words, d.sign+v)
		}
	}
	return strings.Join(words, " ")
}

func (s *State) line() string {
	switch {
	case s == nil:
		return "nothing"
	case len(s.OpenVectors) > 0:
		return fmt.Sprintf("%v(%s)", s.Verdict, strings.Join(s.OpenVectors, ","))
	case s.Verdict == probe.Unreachable:
		return fmt.Sprintf("%v(%s)", s.Verdict, s.Reason)
	}
	return s.Verdict.String()
}

func TestDiff(t *testing.T) {
	for _, test := range []struct {
		name     string
		was, now []string
		want     []string // as line writes them
	}{
		{"nothing", nil, nil, nil},
		{"the same", []string{"closed mx@192.0.2.1:25", "open 192.0.2.2:25 plain"}, []string{"open 192.0.2.2:25 plain", "closed mx@192.0.2.1:25"}, nil},
		{"opened", []string{"closed mx@192.0.2.1:25 -plain"}, []string{"open mx@192.0.2.1:25 plain"},
			[]string{"!opened mx@192.0.2.1:25 closed > open(plain) +plain"}},
		{"opened from anything", []string{"inconclusive 192.0.2.1:25", "timeout 192.0.2.2:25"}, []string{"open 192.0.2.1:25 plain", "open 192.0.2.2:25 plain"},
			[]string{"!opened 192.0.2.1:25 inconclusive > open(plain) +plain", "!opened 192.0.2.2:25 unreachable(timeout) > open(plain) +plain"}},
		{"closed", []string{"open 192.0.2.1:25 plain null-sender"}, []string{"closed 192.0.2.1:25 -plain -null-sender"},
			[]string{"closed 192.0.2.1:25 open(null-sender,plain) > closed -null-sender -plain"}},
		{"closed, as far as asked", []string{"open 192.0.2.1:25 percent-bare"}, []string{"closed 192.0.2.1:25 -plain"},
			[]string{"closed 192.0.2.1:25 open(percent-bare) > closed ?percent-bare"}},
		{"no answer any more", []string{"closed 192.0.2.1:25", "open 192.0.2.2:25 plain"}, []string{"inconclusive 192.0.2.1:25", "timeout 192.0.2.2:25"},
			[]string{"inconclusive 192.0.2.1:25 closed > inconclusive", "unreachable 192.0.2.2:25 open(plain) > unreachable(timeout) ?plain"}},

		{"another hole", []string{"open 192.0.2.1:25 plain -null-sender"}, []string{"open 192.0.2.1:25 null-sender -plain"},
			[]string{"!vectors-changed 192.0.2.1:25 open(plain) > open(null-sender) +null-sender -plain"}},
		{"a hole less", []string{"open 192.0.2.1:25 plain null-sender"}, []string{"open 192.0.2.1:25 plain -null-sender"},
			[]string{"vectors-changed 192.0.2.1:25 open(null-sender,plain) > open(plain) -null-sender"}},
		{"fewer questions are no change", []string{"open 192.0.2.1:25 plain null-sender"}, []string{"open 192.0.2.1:25 plain"}, nil},
		{"no answer to one is no change", []string{"open 192.0.2.1:25 plain null-sender"}, []string{"open 192.0.2.1:25 plain ?null-sender"}, nil},
		{"refused in one form only", []string{"open 192.0.2.1:25 plain null-sender"}, []string{"open 192.0.2.1:25 plain -null-sender ?null-sender"}, nil},
		{"a suspect form is no hole beside one", []string{"open 192.0.2.1:25 plain -percent-bare"}, []string{"open 192.0.2.1:25 plain ~percent-bare"}, nil},
		{"a suspect form is proven", []string{"open 192.0.2.1:25 plain ~percent-bare"}, []string{"open 192.0.2.1:25 plain percent-bare"},
			[]string{"!vectors-changed 192.0.2.1:25 open(plain) > open(percent-bare,plain) +percent-bare"}},
		{"a suspect form is no hole", []string{"inconclusive 192.0.2.1:25 percent-bare"}, []string{"closed 192.0.2.1:25 -percent-bare"},
			[]string{"closed 192.0.2.1:25 inconclusive > closed"}},

		{"come and gone", []string{"closed 192.0.2.1:25"}, []string{"closed 192.0.2.2:25", "open 192.0.2.3:25 plain"},
			[]string{"!appeared 192.0.2.3:25 nothing > open(plain)", "appeared 192.0.2.2:25 nothing > closed", "vanished 192.0.2.1:25 closed > nothing"}},
		{"dead addresses of ranges are nothing", []string{"timeout~ 192.0.2.1:25", "timeout~ 192.0.2.2:25"}, []string{"refused~ 192.0.2.1:25", "timeout~ 192.0.2.3:25"}, nil},
		{"a range wakes up", []string{"timeout~ 192.0.2.1:25"}, []string{"open~ 192.0.2.1:25 plain"}, []string{"!appeared 192.0.2.1:25 nothing > open(plain)"}},
		{"a range falls asleep", []string{"closed~ 192.0.2.1:25"}, []string{"timeout~ 192.0.2.1:25"},
			[]string{"unreachable 192.0.2.1:25 closed > unreachable(timeout)"}},
		{"ports not offered are nothing", []string{"closed? mx@192.0.2.1:25", "refused? mx@192.0.2.1:465"}, []string{"closed? mx@192.0.2.1:25", "timeout? mx@192.0.2.1:587"}, nil},
		{"a port is not offered any more", []string{"closed? mx@192.0.2.1:465"}, []string{"refused? mx@192.0.2.1:465"},
			[]string{"unreachable mx@192.0.2.1:465 closed > unreachable(refused)"}},
		{"a port is offered now", []string{"refused? mx@192.0.2.1:465"}, []string{"closed? mx@192.0.2.1:465"}, []string{"appeared mx@192.0.2.1:465 nothing > closed"}},

		{"another name", []string{"closed 192.0.2.1:25"}, []string{"open mx@192.0.2.1:25 plain"},
			[]string{"!opened mx@192.0.2.1:25 closed > open(plain) +plain"}},
		{"two names of one address", []string{"closed a@192.0.2.1:25", "open b@192.0.2.1:25 plain"}, []string{"open b@192.0.2.1:25 plain", "closed a@192.0.2.1:25"}, nil},
		{"a known relay under a new name", []string{"open a@192.0.2.1:25 plain"}, []string{"open a@192.0.2.1:25 plain", "open b@192.0.2.1:25 plain"},
			[]string{"!appeared b@192.0.2.1:25 nothing > open(plain)"}},
		{"moved", []string{"open mx@192.0.2.1:25 plain"}, []string{"open mx@192.0.2.9:25 plain"}, []string{"address-changed mx@192.0.2.9:25 from 192.0.2.1:25 open(plain) > open(plain)"}},
		{"moved and opened", []string{"closed mx@192.0.2.1:25"}, []string{"open mx@192.0.2.9:25 plain"},
			[]string{"!opened mx@192.0.2.9:25 closed > open(plain) +plain", "address-changed mx@192.0.2.9:25 from 192.0.2.1:25 closed > open(plain)"}},
		{"each family by itself", []string{"closed mx@192.0.2.1:25", "open mx@[2001:db8::1]:25 plain"}, []string{"closed mx@192.0.2.2:25", "open mx@[2001:db8::2]:25 plain"},
			[]string{"address-changed mx@192.0.2.2:25 from 192.0.2.1:25 closed > closed", "address-changed mx@[2001:db8::2]:25 from [2001:db8::1]:25 open(plain) > open(plain)"}},
		{"one of several moved", []string{"closed mx@192.0.2.1:25", "open mx@192.0.2.2:25 plain"}, []string{"closed mx@192.0.2.1:25", "open mx@192.0.2.3:25 plain"},
			[]string{"address-changed mx@192.0.2.3:25 from 192.0.2.2:25 open(plain) > open(plain)"}},
		{"nobody knows which moved where", []string{"closed mx@192.0.2.1:25", "open mx@192.0.2.2:25 plain"}, []string{"open mx@192.0.2.3:25 plain", "closed mx@192.0.2.4:25"},
			[]string{"!appeared mx@192.0.2.3:25 nothing > open(plain)", "appeared mx@192.0.2.4:25 nothing > closed",
				"vanished mx@192.0.2.1:25 closed > nothing", "vanished mx@192.0.2.2:25 open(plain) > nothing"}},
		{"a name lost its addresses", []string{"closed mx@192.0.2.1:25", "open mx@192.0.2.2:25 plain"}, []string{"dns mx@mx:25"},
			[]string{"unreachable mx@192.0.2.1:25 closed > unreachable(dns)", "unreachable mx@192.0.2.2:25 open(plain) > unreachable(dns) ?plain"}},
		{"a name has addresses again", []string{"dns mx@mx:25"}, []string{"closed mx@192.0.2.1:25", "open mx@192.0.2.2:25 plain"},
			[]string{"!opened mx@192.0.2.2:25 unreachable(dns) > open(plain) +plain", "closed mx@192.0.2.1:25 unreachable(dns) > closed"}},
		{"a name has addresses again, at every port", []string{"dns mx@mx:25", "dns mx@mx:465"}, []string{"closed mx@192.0.2.1:25"},
			[]string{"closed mx@192.0.2.1:25 unreachable(dns) > closed"}},
		{"a name that never was", []string{"dns mx@mx:25"}, []string{"dns mx@mx:25"}, nil},
		{"two domains of one host", []string{"open mx/a@192.0.2.1:25 plain", "closed mx/b@192.0.2.1:25"}, []string{"closed mx/b@192.0.2.1:25", "open mx/a@192.0.2.1:25 plain"}, nil},
		{"open for the second domain too", []string{"open mx/a@192.0.2.1:25 plain", "closed mx/b@192.0.2.1:25"}, []string{"open mx/a@192.0.2.1:25 plain", "open mx/b@192.0.2.1:25 plain"},
			[]string{"!opened mx/b@192.0.2.1:25 closed > open(plain) +plain"}},
		{"by another vector for the second domain", []string{"open mx/a@192.0.2.1:25 plain", "open mx/b@192.0.2.1:25 null-sender"}, []string{"open mx/a@192.0.2.1:25 plain", "open mx/b@192.0.2.1:25 null-sender plain"},
			[]string{"!vectors-changed mx/b@192.0.2.1:25 open(null-sender) > open(null-sender,plain) +plain"}},
		{"closed for one of them", []string{"open mx/a@192.0.2.1:25 plain", "open mx/b@192.0.2.1:25 plain"}, []string{"closed mx/a@192.0.2.1:25 -plain", "open mx/b@192.0.2.1:25 plain"},
			[]string{"closed mx/a@192.0.2.1:25 open(plain) > closed -plain"}},
		{"a domain more", []string{"closed mx/a@192.0.2.1:25"}, []string{"closed mx/a@192.0.2.1:25", "open mx/b@192.0.2.1:25 plain"},
			[]string{"!appeared mx/b@192.0.2.1:25 nothing > open(plain)"}},
		{"another domain", []string{"open mx/a@192.0.2.1:25 plain"}, []string{"open mx/b@192.0.2.1:25 plain"}, nil},
		{"named as the mail host of a domain now", []string{"closed mx@192.0.2.1:25"}, []string{"open mx/a@192.0.2.1:25 plain"},
			[]string{"!opened mx/a@192.0.2.1:25 closed > open(plain) +plain"}},
		{"the host of two domains has another name", []string{"open mx/a@192.0.2.1:25 plain", "closed mx/b@192.0.2.1:25"}, []string{"open mail/a@192.0.2.1:25 plain", "closed mail/b@192.0.2.1:25"}, nil},
		{"the host of two domains moved", []string{"open mx/a@192.0.2.1:25 plain", "closed mx/b@192.0.2.1:25"}, []string{"open mx/a@192.0.2.9:25 plain", "closed mx/b@192.0.2.9:25"},
			[]string{"address-changed mx/a@192.0.2.9:25 from 192.0.2.1:25 open(plain) > open(plain)", "address-changed mx/b@192.0.2.9:25 from 192.0.2.1:25 closed > closed"}},
		{"the host of two domains lost its address", []string{"open mx/a@192.0.2.1:25 plain", "closed mx/b@192.0.2.1:25"}, []string{"dns mx/a@mx:25", "dns mx/b@mx:25"},
			[]string{"unreachable mx/a@192.0.2.1:25 open(plain) > unreachable(dns) ?plain", "unreachable mx/b@192.0.2.1:25 closed > unreachable(dns)"}},
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
				got = append(got, line(c))
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
		want []Kind
	}{
		{"nothing", nil, nil},
		{"another day", func(s *probe.Server) { s.Banner = "mx ESMTP Exim 4.96 Tue, 24 Nov 2026 08:10:59 +0000" }, nil},
		{"another version", func(s *probe.Server) { s.Banner = "mx ESMTP Exim 4.98 Mon, 23 Nov 2026 18:00:02 +0000" }, []Kind{BannerChanged}},
		{"renewed", func(s *probe.Server) { s.TLS.Cert.NotAfter = s.TLS.Cert.NotAfter.AddDate(0, 2, 0) }, []Kind{CertificateChanged}},
		{"another issuer", func(s *probe.Server) { s.TLS.Cert.Issuer = "CN=Other" }, []Kind{CertificateChanged}},
		{"expired", func(s *probe.Server) {
			s.TLS.Cert.VerifyError = "x509: certificate has expired or is not yet valid: current time 2027-11-23T18:00:00Z is after 2027-01-23T18:00:00Z"
		}, []Kind{CertificateChanged}},
		{"the same instant elsewhere", func(s *probe.Server) { s.TLS.Cert.NotAfter = s.TLS.Cert.NotAfter.In(time.FixedZone("", 3600)) }, nil},
		{"TLS was not asked for", func(s *probe.Server) { s.TLS = nil }, nil},
		{"no greeting is known", func(s *probe.Server) { s.Banner = "" }, nil},
	} {
		var got []Kind
		for _, c := range changesOf([]probe.Result{with(nil)}, []probe.Result{with(test.now)}) {
			got = append(got, c.Kind)
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
}

// Every kind stands in the table once.
func TestKinds(t *testing.T) {
	for i, k := range Kinds {
		if k.About == "" || k.Kind.order() != i {
			t.Errorf("%s says nothing, or is there twice", k.Kind)
		}
	}
}
