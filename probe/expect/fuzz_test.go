package expect

import (
	"cmp"
	"fmt"
	"strings"
	"testing"

	"openrelay/internal/variants"
	"openrelay/probe"
)

// FuzzJudge: the line that counts is the one that a look at every line finds; two are equal only where two of one
// rank are about the same server; and a line is unused only if it is about no server that was tested.
func FuzzJudge(f *testing.F) {
	seeds := [][]string{
		{"192.0.2.0/24 unreachable\n192.0.2.0/25*25 closed\n192.0.2.1-192.0.2.9 closed\n#192.0.2.4 unreachable", "192.0.2.1:25\nmx.example.org@192.0.2.4:25"},
		{"192.0.2.1+192.0.2.5 closed\n192.0.2.5+192.0.2.9 closed\n192.0.2.3/32 closed", "192.0.2.5:25\n192.0.2.3:587\n192.0.2.9:25"},
		{"mx:example.org closed\nmx.example.org unreachable\n#::/0 closed\n0.0.0.0/0+::1 closed", "example.org/mx.example.org@[2001:db8::1]:25\nmx.example.org:25"},
		{"192.0.2.7 open plain until 2026-12-31 because CHG-1\n192.0.2.6/31 open plain until 2026-12-31 because CHG-1\n192.0.2.7 closed", "192.0.2.7:25\n255.255.255.255:25"},
		{"255.255.255.254/31 closed\n255.255.255.255 unreachable\n192.0.2.0/24*587 closed\n192.0.2.8-192.0.2.9*587 unreachable", "255.255.255.255:25\n192.0.2.9:587"},
	}
	for _, row := range judged {
		seeds = append(seeds, []string{strings.Join(row.lines, "\n"), row.target})
	}
	for row := range variants.Rows(5000, seeds...) {
		f.Add(row[0], row[1])
	}
	f.Fuzz(func(t *testing.T, lines, targets string) {
		s := &Set{Now: today}
		for i, text := range strings.Split(lines, "\n")[:min(20, 1+strings.Count(lines, "\n"))] {
			text, comment := strings.CutPrefix(text, "#")
			of, expected, _ := strings.Cut(text, " ")
			if e, err := Parse(expected); err == nil {
				s.Add(subject(of), e, Line{text, fmt.Sprint(i), comment})
			}
		}
		err := s.Check()
		if (err != nil) != anyTwice(s.lines) {
			t.Fatalf("%q: %v", lines, err)
		}
		if err != nil {
			return
		}
		tested := map[*line]bool{}
		for _, where := range strings.Split(targets, "\n")[:min(20, 1+strings.Count(targets, "\n"))] {
			r := result("closed", where)
			w := whomOf(r.Target, r.Name, r.Domain)
			var want *line
			for _, l := range s.lines {
				if l.about(w) {
					tested[l] = true
					if want == nil || l.rank(want) < 0 {
						want = l
					}
				}
			}
			if got := s.find(w, true); got != want {
				t.Errorf("%q: for %q counts %+v, and not %+v", lines, where, got, want)
			}
		}
		for _, l := range s.lines {
			if l.idle == "" && s.tested(l) != tested[l] {
				t.Errorf("%q, %q: line %s is used: %t", lines, targets, l.Origin, s.tested(l))
			}
		}
	})
}

// about looks at everything that a line names.
func (l *line) about(w whom) bool {
	if l.idle != "" || l.subject.Port != 0 && l.subject.Port != w.port {
		return false
	}
	for _, r := range l.subject.Addrs {
		if r.Contains(w.addr) {
			return true
		}
	}
	return l.subject.Host != "" && l.subject.Host == w.host || l.subject.Domain != "" && l.subject.Domain == w.domain
}

// rank compares two lines about the same server.
func (l *line) rank(other *line) int {
	class := func(l *line) int {
		switch {
		case l.subject.Host != "":
			return 1
		case l.subject.Domain != "":
			return 2
		case l.beyond != count{}:
			return 3
		}
		return 0
	}
	return cmp.Or(compareBool(l.Comment, other.Comment), cmp.Compare(class(l), class(other)), l.beyond.compare(other.beyond),
		compareBool(l.subject.Port == 0, other.subject.Port == 0))
}

// anyTwice looks for two lines of one rank, one of which names an address or a name of the other.
func anyTwice(lines []*line) bool {
	for i, a := range lines {
		for _, b := range lines[:i] {
			if a.idle != "" || b.idle != "" || a.subject.Port != b.subject.Port || a.rank(b) != 0 {
				continue
			}
			if len(a.subject.Addrs) == 0 && a.subject.Host == b.subject.Host && a.subject.Domain == b.subject.Domain {
				return true
			}
			for _, r := range a.subject.Addrs {
				for _, q := range b.subject.Addrs {
					if r.Overlaps(q) {
						return true
					}
				}
			}
		}
	}
	return false
}

// BenchmarkSet judges 60,000 results by 100,000 lines: half of one address, half of networks within others.
func BenchmarkSet(b *testing.B) {
	for b.Loop() {
		s := &Set{Now: today}
		add := func(e probe.Verdict, format string, args ...any) {
			s.Add(subject(fmt.Sprintf(format, args...)), probe.Expectation{Verdict: e}, Line{Origin: fmt.Sprint(len(s.lines))})
		}
		add(probe.Unreachable, "10.0.0.0/8")
		for i := range 50_000 {
			add(probe.Closed, "10.%d.%d.1", i>>8, i&255)
			add(probe.Unreachable, "10.%d.%d.0-10.%d.%d.%d", i>>8, i&255, i>>8, i&255, 1+i&127)
			if i&255 == 0 {
				add(probe.Unreachable, "10.%d.0.0/16", i>>8)
			}
		}
		if err := s.Check(); err != nil {
			b.Fatal(err)
		}
		for i := range 60_000 {
			s.Judge(&probe.Result{Named: true, Target: fmt.Sprintf("10.%d.%d.%d:25", i>>8, i&255, i&3), Verdict: probe.Closed})
		}
		if len(s.Unused()) == 0 {
			b.Fatal("every line was used")
		}
	}
}
