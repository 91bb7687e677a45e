package expect

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"go4.org/netipx"

	"openrelay/probe"
)

// result reads "open plain" or "inconclusive slow", with ? behind the verdict for a port of the default list and ~ for
// an address out of a range, and where that was found: "192.0.2.1:25", "mx.example.org@192.0.2.1:25",
// "example.org/mx.example.org@192.0.2.1:25" or "mx.example.org:25".
func result(text, where string) *probe.Result {
	r := &probe.Result{Named: true, Target: where}
	if names, target, found := strings.Cut(where, "@"); found {
		r.Target, r.Name = target, names
		if domain, name, found := strings.Cut(names, "/"); found {
			r.Name, r.Domain = name, domain
		}
	} else if _, err := netip.ParseAddrPort(where); err != nil {
		r.Name, _, _ = strings.Cut(where, ":")
	}
	verdict, rest, _ := strings.Cut(text, " ")
	word := strings.TrimRight(verdict, "?~")
	r.Optional, r.Named = strings.Contains(verdict, "?"), !strings.Contains(verdict, "~")
	if r.Verdict.UnmarshalText([]byte(word)) != nil {
		panic(text)
	}
	r.Reason = probe.Reason(rest)
	if r.Verdict != probe.Open {
		return r
	}
	for vector := range strings.SplitSeq(rest, ",") {
		r.Findings = append(r.Findings, probe.Finding{Vector: vector, Outcome: probe.OutcomeAccepted})
		r.Reason = probe.Reason(vector)
	}
	return r
}

// subject reads "192.0.2.1", "192.0.2.0/24", "192.0.2.1-192.0.2.9", several of these with "+", a host name or
// "mx:example.org", with "*25" behind it for a port.
func subject(text string) (s Subject) {
	text, port, _ := strings.Cut(text, "*")
	n, _ := strconv.ParseUint(port, 10, 16)
	s.Port = uint16(n)
	for part := range strings.SplitSeq(text, "+") {
		if a, err := netip.ParseAddr(part); err == nil {
			s.Addrs = append(s.Addrs, netipx.IPRangeFrom(a, a))
		} else if p, err := netip.ParsePrefix(part); err == nil {
			s.Addrs = append(s.Addrs, netipx.RangeOfPrefix(p))
		} else if r, err := netipx.ParseIPRange(part); err == nil {
			s.Addrs = append(s.Addrs, r)
		}
	}
	if s.Addrs != nil {
		return s
	}
	if domain, found := strings.CutPrefix(text, "mx:"); found {
		s.Domain = domain
	} else {
		s.Host = text
	}
	return s
}

func today() time.Time { return time.Date(2026, 11, 30, 17, 0, 0, 0, time.UTC) }

// set reads lines such as "192.0.2.1 closed"; a # before one makes it a comment. A line's origin is its number.
func set(t testing.TB, lines ...string) *Set {
	s := &Set{Now: today}
	for i, text := range lines {
		text, comment := strings.CutPrefix(text, "#")
		whom, expected, _ := strings.Cut(text, " ")
		e, err := Parse(expected)
		if err != nil {
			t.Fatal(text, err)
		}
		s.Add(subject(whom), e, Line{text, fmt.Sprint(i + 1), comment})
	}
	return s
}

// What is found under what is expected, for every two verdicts.
var compared = []struct {
	expected, found string
	is              probe.Standing
}{
	{"closed", "closed relay-denied", probe.AsExpected},
	{"closed", "open plain", probe.Worse},
	{"closed", "inconclusive slow", probe.Untold},
	{"closed", "unreachable timeout", probe.Untold},
	{"unreachable", "closed relay-denied", probe.Worse},
	{"unreachable", "open plain", probe.Worse},
	{"unreachable", "inconclusive slow", probe.Worse},
	{"unreachable", "unreachable timeout", probe.AsExpected},
	{"inconclusive slow", "closed relay-denied", probe.Better},
	{"inconclusive slow", "open plain", probe.Worse},
	{"inconclusive slow", "inconclusive slow", probe.AsExpected},
	{"inconclusive slow", "inconclusive unclear", probe.Untold},
	{"inconclusive slow", "unreachable timeout", probe.Untold},
	{"open plain,null-sender until 2026-12-31 because CHG-1", "closed relay-denied", probe.Better},
	{"open plain,null-sender until 2026-12-31 because CHG-1", "open plain,null-sender", probe.AsExpected},
	{"open plain,null-sender until 2026-12-31 because CHG-1", "open null-sender", probe.AsExpected},
	{"open plain,null-sender until 2026-12-31 because CHG-1", "open plain,same-domain", probe.Worse},
	{"open plain,null-sender until 2026-12-31 because CHG-1", "inconclusive slow", probe.Untold},
	{"open plain,null-sender until 2026-12-31 because CHG-1", "unreachable timeout", probe.Untold},
}

func TestCompare(t *testing.T) {
	pairs := map[[2]probe.Verdict]bool{}
	for _, row := range compared {
		e, err := Parse(row.expected)
		if err != nil {
			t.Fatal(err)
		}
		r := result(row.found, "192.0.2.1:25")
		pairs[[2]probe.Verdict{e.Verdict, r.Verdict}] = true
		if is := Compare(e, r); is != row.is {
			t.Errorf("%s is expected, and %s is %q", row.expected, row.found, is)
		}
	}
	if n := len(probe.Verdicts); len(pairs) != n*n {
		t.Errorf("%d of %d pairs of verdicts are compared", len(pairs), n*n)
	}
}

// An accepted form that may be the name of a local mailbox is nothing that would have to be expected; and where no
// finding proves that a server is open, the one that the verdict rests on does.
func TestCompareGoesByProof(t *testing.T) {
	e := probe.Expectation{Verdict: probe.Open, Vectors: []string{"plain"}}
	r := result("open plain,quoted-bare", "192.0.2.1:25")
	r.Findings[1].Unproven = true
	if is := Compare(e, r); is != probe.AsExpected {
		t.Errorf("an unproven finding makes it %q", is)
	}
	r.Reason, r.Findings = "quoted-bare", nil
	if is := Compare(e, r); is != probe.Worse {
		t.Errorf("open to another vector, of which there is no finding, is %q", is)
	}
}

func TestNobodySaidAnythingIsClosed(t *testing.T) {
	for _, row := range compared {
		r := result(row.found, "192.0.2.1:25")
		if is := Compare(probe.Expectation{Verdict: probe.Closed}, r); is != r.Standing() {
			t.Errorf("%s where closed is expected is %q, and %q where nobody said so", row.found, is, r.Standing())
		}
	}
}

// standing is what a result of a set is to be: its line and its standing.
func standing(r *probe.Result) string {
	if r.Expected == nil {
		return "nothing expected"
	}
	return r.Expected.Origin + " " + string(r.Expected.Found)
}

// Which line counts.
var judged = []struct {
	lines         []string
	found, target string
	is            string
}{
	{[]string{"192.0.2.1 unreachable"}, "closed", "192.0.2.2:25", "nothing expected"},
	{[]string{"192.0.2.1 unreachable"}, "closed", "192.0.2.1:25", "1 worse"},
	{[]string{"192.0.2.1*587 unreachable"}, "closed", "192.0.2.1:25", "nothing expected"},
	{[]string{"192.0.2.1 closed", "192.0.2.1*25 unreachable"}, "closed", "192.0.2.1:25", "2 worse"},
	{[]string{"192.0.2.0/24 unreachable", "192.0.2.1 closed"}, "closed", "192.0.2.1:25", "2 as-expected"},
	{[]string{"192.0.2.0/24*25 unreachable", "192.0.2.1 closed"}, "closed", "192.0.2.1:25", "2 as-expected"},
	{[]string{"192.0.2.0/24*25 unreachable", "192.0.2.0/25 closed"}, "closed", "192.0.2.1:25", "2 as-expected"},
	{[]string{"192.0.2.0/25*25 unreachable", "192.0.2.0/25 closed"}, "closed", "192.0.2.1:25", "1 worse"},
	{[]string{"192.0.2.0/24 unreachable", "192.0.2.1+192.0.2.3 closed"}, "closed", "192.0.2.3:25", "2 as-expected"},
	{[]string{"192.0.2.0/24 unreachable", "192.0.2.1+192.0.2.3 closed"}, "closed", "192.0.2.2:25", "1 worse"},
	{[]string{"192.0.2.0/31 closed", "192.0.2.1-192.0.2.3 unreachable"}, "closed", "192.0.2.2:25", "2 worse"},
	{[]string{"0.0.0.0/0 unreachable", "::/0 closed"}, "closed", "255.255.255.255:25", "1 worse"},
	{[]string{"0.0.0.0/0 unreachable", "::/0 closed"}, "closed", "[2001:db8::1]:25", "2 as-expected"},
	{[]string{"0.0.0.0/0+::/0 closed", "2000::/3 unreachable"}, "closed", "[2001:db8::1]:25", "2 worse"},
	{[]string{"2001:db8::/64 closed", "2001:db8::-2001:db8:0:1:: unreachable"}, "closed", "[2001:db8::1]:25", "1 as-expected"},
	{[]string{"192.0.2.1 closed"}, "closed", "[::ffff:192.0.2.1]:25", "1 as-expected"},
	{[]string{"::ffff:192.0.2.0-::ffff:192.0.2.9 closed"}, "closed", "192.0.2.1:25", "1 as-expected"},
	{[]string{"fe80::1%eth0 closed"}, "closed", "[fe80::1%eth1]:25", "1 as-expected"},
	{[]string{"mx.example.org unreachable", "192.0.2.1 closed"}, "closed", "mx.example.org@192.0.2.1:25", "2 as-expected"},
	{[]string{"192.0.2.0/31 closed", "mx.example.org unreachable"}, "closed", "mx.example.org@192.0.2.1:25", "2 worse"},
	{[]string{"MX.example.org. unreachable"}, "closed", "mx.Example.org@192.0.2.1:25", "1 worse"},
	{[]string{"mx:example.org unreachable"}, "closed", "mx.example.org@192.0.2.1:25", "nothing expected"},
	{[]string{"mx:example.org unreachable"}, "closed", "example.org/mx.example.org@192.0.2.1:25", "1 worse"},
	{[]string{"mx:example.org unreachable", "mx.example.org closed"}, "closed", "example.org/mx.example.org@192.0.2.1:25", "2 as-expected"},
	{[]string{"mx:example.org unreachable", "192.0.2.0/31*25 closed"}, "closed", "example.org/mx.example.org@192.0.2.1:25", "1 worse"},
	{[]string{"mx.example.org*587 unreachable"}, "unreachable dns", "mx.example.org:25", "nothing expected"},
	{[]string{"::/0 unreachable"}, "unreachable dns", "mx.example.org:25", "nothing expected"},
	{[]string{"192.0.2.0/24 closed", "#192.0.2.1*25 unreachable"}, "closed", "192.0.2.1:25", "1 as-expected"},
	{[]string{"#192.0.2.0/24 closed", "#192.0.2.1*25 unreachable"}, "closed", "192.0.2.1:25", "2 worse"},
	{[]string{"#192.0.2.1 closed", "192.0.2.1 unreachable"}, "closed", "192.0.2.1:25", "2 worse"},
	// Lines without effect are as if they were not there.
	{[]string{"192.0.2.1 open plain until 2026-11-29 because CHG-1"}, "open plain", "192.0.2.1:25", "nothing expected"},
	{[]string{"192.0.2.1 open plain until 2026-11-30 because CHG-1"}, "open plain", "192.0.2.1:25", "1 as-expected"},
	{[]string{"192.0.2.1 open plain until 2026-11-29 because CHG-1", "192.0.2.1 closed"}, "open plain", "192.0.2.1:25", "2 worse"},
	{[]string{"192.0.2.0/31 open plain until 2026-12-31 because CHG-1"}, "open plain", "192.0.2.1:25", "nothing expected"},
	{[]string{"mx:example.org open plain until 2026-12-31 because CHG-1"}, "open plain", "example.org/mx.example.org@192.0.2.1:25", "nothing expected"},
	{[]string{"192.0.2.1 open plain at inside because CHG-1"}, "open plain", "192.0.2.1:25", "nothing expected"},
	// Where nobody answers, and perhaps nobody should.
	{[]string{"192.0.2.1 closed"}, "unreachable? refused", "192.0.2.1:465", "nothing expected"},
	{[]string{"192.0.2.1*465 closed"}, "unreachable? refused", "192.0.2.1:465", "1 untold"},
	{[]string{"192.0.2.1 unreachable"}, "unreachable? refused", "192.0.2.1:465", "1 as-expected"},
	{[]string{"192.0.2.1 closed"}, "unreachable? no-banner", "192.0.2.1:465", "1 untold"},
	{[]string{"192.0.2.0/31*25 closed"}, "unreachable~ timeout", "192.0.2.1:25", "nothing expected"},
	{[]string{"192.0.2.0/31 unreachable"}, "unreachable~ timeout", "192.0.2.1:25", "1 as-expected"},
	{[]string{"2001:db8::1 unreachable"}, "unreachable no-route-here", "[2001:db8::1]:25", "nothing expected"},
	{[]string{"2001:db8::/64 unreachable"}, "unreachable~ no-route-here", "[2001:db8::1]:25", "nothing expected"},
	{[]string{"mx.example.org unreachable"}, "unreachable dns", "mx.example.org:25", "nothing expected"},
	{[]string{"2001:db8::1 closed"}, "unreachable no-route-here", "[2001:db8::1]:25", "1 untold"},
	{[]string{"192.0.2.1 closed"}, "unreachable~ timeout", "192.0.2.1:25", "1 untold"},
}

func TestJudge(t *testing.T) {
	for _, row := range judged {
		s := set(t, row.lines...)
		if err := s.Check(); err != nil {
			t.Errorf("%q: %v", row.lines, err)
		}
		r := result(row.found, row.target)
		r.Expected = &probe.Expected{Origin: "what a recorded result held"}
		s.Judge(r)
		if is := standing(r); is != row.is {
			t.Errorf("%q: %s is %s, %s", row.lines, row.target, row.found, is)
		}
	}
}

// Without lines what a record says is expected stays, and is compared with what was found, whatever the record says of that.
func TestNoLinesExpectNothingElse(t *testing.T) {
	for _, s := range []*Set{nil, {}} {
		for _, row := range compared {
			e, err := Parse(row.expected)
			if err != nil {
				t.Fatal(err)
			}
			for _, says := range []probe.Standing{"", "of a later version", probe.AsExpected, probe.Worse} {
				r := result(row.found, "192.0.2.1:25")
				r.Expected = &probe.Expected{Expectation: e, Origin: "kept", Found: says}
				s.Judge(r)
				if is := standing(r); is != "kept "+string(row.is) || r.Expected.String() != e.String() {
					t.Errorf("%s is expected, and %s is %q", row.expected, row.found, is)
				}
			}
		}
		if len(s.Remarks())+len(s.Unused()) > 0 {
			t.Error("a set without lines has something to say")
		}
		if e := s.Awaited(probe.Target{}); e.String() != "closed" {
			t.Errorf("a set without lines expects %s", e)
		}
	}
}

func TestVantage(t *testing.T) {
	s := set(t, "192.0.2.1 open plain at inside because CHG-1", "192.0.2.2 open plain at outside because CHG-1")
	s.Vantage = "inside"
	for target, is := range map[string]string{"192.0.2.1:25": "1 as-expected", "192.0.2.2:25": "nothing expected"} {
		r := result("open plain", target)
		s.Judge(r)
		if standing(r) != is {
			t.Errorf("%s is %s", target, standing(r))
		}
	}
	if told := s.Remarks(); len(told) > 0 {
		t.Errorf("of a line for another vantage is told: %v", told)
	}
}

// Every order in which the addresses of a name may be tested comes to the same.
func TestOpenOfANameIsOfOneAddress(t *testing.T) {
	for _, row := range []struct {
		found         []string
		worse, untold int
		remarks       int
	}{
		{[]string{"open plain", "closed relay-denied", "unreachable timeout"}, 0, 1, 0},
		{[]string{"open plain", "inconclusive slow", "open plain", "closed relay-denied"}, 1, 1, 1},
		{[]string{"open plain", "open null-sender", "open plain"}, 2, 0, 1},
		{[]string{"open null-sender", "closed relay-denied"}, 1, 0, 0},
		{[]string{"closed relay-denied", "closed relay-denied"}, 0, 0, 0},
	} {
		for first := range row.found {
			s := set(t, "mx.example.org open plain until 2026-12-31 because CHG-1")
			are := map[probe.Standing]int{}
			for i := range row.found {
				at := (first + i) % len(row.found)
				for _, port := range []string{"25", "587"} {
					r := result(row.found[at], fmt.Sprintf("mx.example.org@192.0.2.%d:%s", at, port))
					s.Judge(r)
					are[r.Standing()]++
				}
			}
			if are[probe.Worse] != 2*row.worse || are[probe.Untold] != 2*row.untold || len(s.Unused()) != row.remarks {
				t.Errorf("%q from %d on: %v, and %q", row.found, first, are, s.Unused())
			}
		}
	}
}

// Two scans are judged each by itself: a host name may have moved between them.
func TestAnew(t *testing.T) {
	first := set(t, "mx.example.org open plain until 2026-12-31 because CHG-1", "192.0.2.0/24 closed")
	first.Vantage = "inside"
	first.Judge(result("open plain", "mx.example.org@192.0.2.1:25"))
	anew := first.Anew()
	if told := anew.Unused(); len(told) != 2 || anew.Vantage != first.Vantage || anew.Now == nil {
		t.Errorf("it has judged already: all but %q", told)
	}
	r := result("open plain", "mx.example.org@192.0.2.2:25")
	if anew.Judge(r); standing(r) != "1 as-expected" {
		t.Errorf("of the name at another address is %s", standing(r))
	}
	if (*Set)(nil).Anew() != nil {
		t.Error("no set became one")
	}
}

func TestEqualLines(t *testing.T) {
	for _, row := range []struct {
		lines []string
		says  string
	}{
		{[]string{"192.0.2.1 closed", "192.0.2.2 closed", "192.0.2.1 unreachable"}, "1 and 3"},
		{[]string{"192.0.2.1 closed", "::ffff:192.0.2.1 closed"}, "1 and 2"},
		{[]string{"192.0.2.1*25 closed", "192.0.2.1*25 closed"}, "1 and 2"},
		{[]string{"192.0.2.1*25 closed", "192.0.2.1*587 closed", "192.0.2.1 closed", "#192.0.2.1 closed"}, ""},
		{[]string{"#192.0.2.1 closed", "#192.0.2.1 closed"}, "1 and 2"},
		{[]string{"mx.example.org closed", "MX.EXAMPLE.ORG. closed"}, "1 and 2"},
		{[]string{"example.org closed", "mx:example.org closed"}, ""},
		{[]string{"mx:example.org closed", "mx:example.org closed"}, "1 and 2"},
		{[]string{"192.0.2.0/31 closed", "192.0.2.0-192.0.2.1 closed"}, "1 and 2"},
		{[]string{"192.0.2.0-192.0.2.1 closed", "192.0.2.1-192.0.2.2 closed"}, "1 and 2"},
		{[]string{"192.0.2.0-192.0.2.1 closed", "192.0.2.2-192.0.2.3 closed"}, ""},
		{[]string{"192.0.2.0-192.0.2.1 closed", "192.0.2.1-192.0.2.3 closed"}, ""},
		{[]string{"192.0.2.0-192.0.2.1*25 closed", "192.0.2.1-192.0.2.2 closed"}, ""},
		{[]string{"192.0.2.0/24 closed", "192.0.2.1+192.0.2.5 closed", "192.0.2.5+192.0.2.9 closed"}, "2 and 3"},
		{[]string{"192.0.2.1 open plain until 2026-11-29 because CHG-1", "192.0.2.1 open plain until 2026-12-31 because CHG-2"}, ""},
	} {
		err := set(t, row.lines...).Check()
		if row.says == "" && err != nil || row.says != "" && (err == nil || !strings.HasPrefix(err.Error(), row.says+" ")) {
			t.Errorf("%q: %v", row.lines, err)
		}
	}
}

func TestRemarks(t *testing.T) {
	s := set(t,
		"192.0.2.1 open plain until 2026-11-29 because CHG-1",
		"192.0.2.0/31 open plain until 2026-12-31 because CHG-1",
		"mx:example.org open plain until 2026-12-31 because CHG-1",
		"192.0.2.1 open plain at inside because CHG-1",
		"192.0.2.1 closed", "192.0.2.0/24 closed", "192.0.2.0/25*25 closed", "192.0.2.64/26*587 closed",
		"198.51.100.1 closed", "198.51.100.0/24 unreachable", "mx.example.org closed", "#mail.example.org closed", "203.0.113.1+203.0.113.3 closed",
	)
	about := func(remarks []Remark) (origins []string) {
		for _, r := range remarks {
			if r.String() != fmt.Sprintf("%s: %q %s", r.Origin, r.Text, r.About) || r.About == "" {
				t.Errorf("%+v is told as %q", r, r)
			}
			origins = append(origins, r.Origin)
		}
		return origins
	}
	if told := about(s.Remarks()); !slices.Equal(told, []string{"1", "2", "3", "4"}) {
		t.Errorf("before the first test is told of %q", told)
	}
	s.Awaited(probe.Target{Addr: netip.MustParseAddrPort("198.51.100.1:25")})
	s.Judge(result("closed", "192.0.2.1:25"))
	s.Judge(result("closed", "203.0.113.2:25"))
	if told := about(s.Unused()); !slices.Equal(told, []string{"8", "9", "10", "11", "13"}) {
		t.Errorf("after the last test is told of %q", told)
	}
	s.Judge(result("closed", "mx.example.org@203.0.113.3:25"))
	if told := about(s.Unused()); !slices.Equal(told, []string{"8", "9", "10"}) {
		t.Errorf("after one more test is told of %q", told)
	}
}

func TestAwaited(t *testing.T) {
	s := set(t, "192.0.2.1 unreachable", "mx:example.org inconclusive slow")
	for _, row := range []struct {
		target probe.Target
		is     string
	}{
		{probe.Target{Addr: netip.MustParseAddrPort("192.0.2.1:25")}, "unreachable"},
		{probe.Target{Addr: netip.MustParseAddrPort("192.0.2.2:25")}, "closed"},
		{probe.Target{Addr: netip.MustParseAddrPort("192.0.2.2:25"), Name: "mx.example.org", Domain: "example.org"}, "inconclusive slow"},
		{probe.Target{Name: "mx.example.org", Port: 25, Domain: "example.org"}, "inconclusive slow"},
	} {
		if e := s.Awaited(row.target); e.String() != row.is {
			t.Errorf("of %s is expected %s", row.target, e)
		}
	}
}
