package lookup

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"

	"openrelay/internal/dnstest"
	"openrelay/probe/dnsbl"
)

const (
	bad4  = "203.0.113.7"
	good4 = "203.0.113.8"
	bad6  = "2001:db8::7"
	good6 = "2001:db8::8"
)

// listing is an entry as most lists have it.
var listing = dnstest.Entry{Codes: []string{"127.0.0.2"}, TXT: []string{"https://bl.test/?203.0.113.7"}}

func all(e dnstest.Entry) *dnstest.Entry { return &e }

// start serves lists and returns a Checker of them.
func start(t testing.TB, lists ...dnstest.List) (*dnstest.Server, *Checker) {
	t.Helper()
	s, err := dnstest.Start(0, lists, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	c := &Checker{Resolvers: []netip.AddrPort{s.Addr}, Timeout: time.Minute, Rate: 10000}
	for _, l := range lists {
		c.Zones = append(c.Zones, dnsbl.Zone{Zone: l.Zone, Name: "the list", Asks: dnsbl.IP4 | dnsbl.IP6 | dnsbl.Names, Kind: dnsbl.Accusation, Means: "a spam source",
			Lookup: "https://bl.test/?{}", Delist: "https://bl.test/out"})
	}
	return s, c
}

// one is the answer of the only list.
func one(t testing.TB, answers []dnsbl.Listing) dnsbl.Listing {
	t.Helper()
	if len(answers) != 1 {
		t.Fatalf("%d answers, want 1: %+v", len(answers), answers)
	}
	return answers[0]
}

// Everything a list can answer is told apart from everything else.
func TestAnswers(t *testing.T) {
	for _, test := range []struct {
		name    string
		list    dnstest.List
		status  dnsbl.Status
		problem dnsbl.Problem
		detail  string // in Why
	}{
		{"listed", dnstest.List{Entries: map[string]dnstest.Entry{bad4: listing}}, dnsbl.Listed, "", ""},
		{"clean", dnstest.List{}, dnsbl.Clean, "", ""},
		{"known, without an address", dnstest.List{Entries: map[string]dnstest.Entry{bad4: {TXT: []string{"hi"}}}}, dnsbl.Clean, "", ""},
		{"dead zone", dnstest.List{NoTest: true}, dnsbl.NotChecked, dnsbl.Dead, "test entry"},
		{"dead zone that still lists", dnstest.List{NoTest: true, Entries: map[string]dnstest.Entry{bad4: listing}}, dnsbl.NotChecked, dnsbl.Dead, ""},
		{"wildcard zone", dnstest.List{All: all(listing)}, dnsbl.NotChecked, dnsbl.Wildcard, "everything"},
		{"wildcard of parked domain", dnstest.List{All: all(dnstest.Entry{Codes: []string{"198.51.100.1"}})}, dnsbl.NotChecked, dnsbl.NotLoopback, "198.51.100.1"},
		{"lists 127.0.0.1 only", dnstest.List{Entries: map[string]dnstest.Entry{"127.0.0.1": {Codes: []string{"127.0.0.2"}}, bad4: listing}}, dnsbl.NotChecked, dnsbl.Wildcard, ""},
		{"one answer outside 127/8", dnstest.List{Entries: map[string]dnstest.Entry{bad4: {Codes: []string{"127.0.0.2", "198.51.100.1"}}}}, dnsbl.NotChecked, dnsbl.NotLoopback, ""},
		{"Spamhaus 127.255.255.252", dnstest.List{All: all(dnstest.Entry{Codes: []string{"127.255.255.252"}})}, dnsbl.NotChecked, dnsbl.WrongZone, "127.255.255.252"},
		{"Spamhaus 127.255.255.254", dnstest.List{All: all(dnstest.Entry{Codes: []string{"127.255.255.254"}})}, dnsbl.NotChecked, dnsbl.PublicResolver, "--resolver"},
		{"Spamhaus 127.255.255.255", dnstest.List{All: all(dnstest.Entry{Codes: []string{"127.255.255.255"}})}, dnsbl.NotChecked, dnsbl.TooMany, "asks too much"},
		{"an unknown code of that kind", dnstest.List{All: all(dnstest.Entry{Codes: []string{"127.255.255.1"}})}, dnsbl.NotChecked, dnsbl.ListRefuses, "127.255.255.1"},
		{"refusing after the test", dnstest.List{Entries: map[string]dnstest.Entry{bad4: {Codes: []string{"127.255.255.254"}}}}, dnsbl.NotChecked, dnsbl.PublicResolver, ""},
		{"127.0.0.1 as an answer", dnstest.List{Entries: map[string]dnstest.Entry{bad4: {Codes: []string{"127.0.0.1"}}}}, dnsbl.NotChecked, dnsbl.ListRefuses, "no code of a listing"},
		{"REFUSED", dnstest.List{All: all(dnstest.Entry{Rcode: dns.RcodeRefused})}, dnsbl.NotChecked, dnsbl.Refused, "REFUSED"},
		{"SERVFAIL", dnstest.List{All: all(dnstest.Entry{Rcode: dns.RcodeServerFailure})}, dnsbl.NotChecked, dnsbl.ServFail, "SERVFAIL"},
		{"NOTIMP", dnstest.List{All: all(dnstest.Entry{Rcode: dns.RcodeNotImplemented})}, dnsbl.NotChecked, dnsbl.BadAnswer, "NOTIMP"},
		{"another question's answer", dnstest.List{All: all(dnstest.Entry{Strays: true})}, dnsbl.NotChecked, dnsbl.BadAnswer, "another question"},
		{"REFUSED for this one", dnstest.List{Entries: map[string]dnstest.Entry{bad4: {Rcode: dns.RcodeRefused}}}, dnsbl.NotChecked, dnsbl.Refused, ""},
		{"test refused, 127.0.0.1 answered", dnstest.List{Entries: map[string]dnstest.Entry{"127.0.0.2": {Rcode: dns.RcodeServerFailure}}}, dnsbl.NotChecked, dnsbl.ServFail, ""},
		{"127.0.0.1 not answered", dnstest.List{Entries: map[string]dnstest.Entry{"127.0.0.1": {Rcode: dns.RcodeServerFailure}, bad4: listing}}, dnsbl.NotChecked, dnsbl.ServFail, ""},
		{"TCP fallback", dnstest.List{Entries: map[string]dnstest.Entry{bad4: {Codes: []string{"127.0.0.2"}, OnTCP: true}}}, dnsbl.Listed, "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.list.Zone = "bl.test"
			s, c := start(t, test.list)
			got := one(t, c.Addr(t.Context(), netip.MustParseAddr(bad4)))
			if got.Status != test.status || got.Problem != test.problem || !strings.Contains(got.Why, test.detail) {
				t.Errorf("%s, %q, %q; want %s, %q with %q", got.Status, got.Problem, got.Why, test.status, test.problem, test.detail)
			}
			if (got.Why != "") != (got.Status == dnsbl.NotChecked) || got.Kind != "" && got.Status != dnsbl.Listed || got.Zone != "bl.test" || got.Query != bad4 {
				t.Errorf("the record contradicts itself: %+v", got)
			}
			if strings.Contains(test.name, "TCP") && s.OverTCP() == 0 {
				t.Error("nothing was asked over TCP")
			}
		})
	}
}

func TestTimeout(t *testing.T) {
	s, c := start(t, dnstest.List{Zone: "bl.test", All: all(dnstest.Entry{Silent: true})})
	c.Timeout, c.Attempts = 30*time.Millisecond, 2
	got := one(t, c.Addr(t.Context(), netip.MustParseAddr(bad4)))
	if got.Status != dnsbl.NotChecked || got.Problem != dnsbl.Timeout || !strings.Contains(got.Why, "asked 2 times") {
		t.Errorf("%+v", got)
	}
	for range 60_000 { // it may hear of a question later than we give up
		if s.Queries("bl.test") >= 4 {
			break
		}
		time.Sleep(time.Millisecond)
	}
	if n := s.Queries("bl.test"); n != 4 {
		t.Errorf("%d queries, want both tests twice", n)
	}
}

// A question that gets lost is asked again, and that is no trouble.
func TestRetries(t *testing.T) {
	lost := listing
	lost.Lost = 2
	s, c := start(t, dnstest.List{Zone: "bl.test", Entries: map[string]dnstest.Entry{bad4: lost}})
	c.Timeout, c.Attempts = 50*time.Millisecond, 1000 // a slow machine loses more
	if got := one(t, c.Addr(t.Context(), netip.MustParseAddr(bad4))); got.Status != dnsbl.Listed || got.Reason == "" {
		t.Errorf("%+v", got)
	}
	if n := s.Queries("bl.test"); n < 2+3+1 {
		t.Errorf("%d queries, want 6: two tests, three tries, one reason", n)
	}
}

// The second resolver is asked where the first gives no answer.
func TestResolvers(t *testing.T) {
	s, c := start(t, dnstest.List{Zone: "bl.test", Entries: map[string]dnstest.Entry{bad4: listing}})
	broken, err := dnstest.Start(0, []dnstest.List{{Zone: "bl.test", All: all(dnstest.Entry{Rcode: dns.RcodeRefused})}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer broken.Stop()
	c.Resolvers = []netip.AddrPort{broken.Addr, s.Addr}
	if got := one(t, c.Addr(t.Context(), netip.MustParseAddr(bad4))); got.Status != dnsbl.Listed {
		t.Errorf("%+v", got)
	}
	c = &Checker{Zones: c.Zones, Resolvers: []netip.AddrPort{netip.MustParseAddrPort("127.0.0.1:1")}, Rate: 10000}
	if got := one(t, c.Addr(t.Context(), netip.MustParseAddr(bad4))); got.Problem != dnsbl.Timeout || !strings.Contains(got.Why, "cannot be reached") {
		t.Errorf("%+v", got)
	}
}

func TestListed(t *testing.T) {
	_, c := start(t, dnstest.List{Zone: "bl.test", Entries: map[string]dnstest.Entry{bad4: listing}})
	got := one(t, c.Addr(t.Context(), netip.MustParseAddr(bad4)))
	want := dnsbl.Listing{Zone: "bl.test", List: "the list", Query: bad4, Status: dnsbl.Listed, Kind: dnsbl.Accusation, Means: "a spam source",
		Reason: "https://bl.test/?203.0.113.7", Lookup: "https://bl.test/?203.0.113.7", Delist: "https://bl.test/out"}
	if !slices.Equal(got.Codes, []string{"127.0.0.2"}) {
		t.Errorf("codes %q", got.Codes)
	}
	got.Codes = nil
	if got.Zone != want.Zone || got.Means != want.Means || got.Reason != want.Reason || got.Lookup != want.Lookup || got.Delist != want.Delist || got.Kind != want.Kind || got.List != want.List {
		t.Errorf("%+v\nwant %+v", got, want)
	}
}

// IPv6 is believed only where the list shows that it works for IPv6, and the same goes for names.
func TestFamilies(t *testing.T) {
	_, c := start(t, dnstest.List{Zone: "bl.test", Entries: map[string]dnstest.Entry{bad6: listing, "spam.example": listing}})
	for query, want := range map[string]dnsbl.Status{bad6: dnsbl.Listed, good6: dnsbl.Clean} {
		if got := one(t, c.Addr(t.Context(), netip.MustParseAddr(query))); got.Status != want {
			t.Errorf("%s: %+v", query, got)
		}
	}
	for query, want := range map[string]dnsbl.Status{"Spam.Example.": dnsbl.Listed, "fine.example": dnsbl.Clean} {
		if got := one(t, c.Name(t.Context(), query)); got.Status != want {
			t.Errorf("%s: %+v", query, got)
		}
	}
	_, c = start(t, dnstest.List{Zone: "bl.test", NoTest: true, Entries: map[string]dnstest.Entry{"127.0.0.2": listing, bad6: listing, "spam.example": listing}})
	if got := one(t, c.Addr(t.Context(), netip.MustParseAddr(good4))); got.Status != dnsbl.Clean {
		t.Errorf("IPv4: %+v", got)
	}
	if got := one(t, c.Addr(t.Context(), netip.MustParseAddr(bad6))); got.Problem != dnsbl.Dead {
		t.Errorf("IPv6 without the IPv6 test entry: %+v", got)
	}
	if got := one(t, c.Name(t.Context(), "spam.example")); got.Problem != dnsbl.Dead {
		t.Errorf("a name without TEST: %+v", got)
	}
	_, c = start(t, dnstest.List{Zone: "bl.test", Entries: map[string]dnstest.Entry{"invalid": listing, "::ffff:127.0.0.1": listing, "fine.example": listing}})
	if got := one(t, c.Name(t.Context(), "fine.example")); got.Problem != dnsbl.Wildcard {
		t.Errorf("a list of names with INVALID: %+v", got)
	}
}

// A zone of one family is not asked about another.
func TestAsks(t *testing.T) {
	s, c := start(t, dnstest.List{Zone: "bl.test"})
	c.Zones[0].Asks = dnsbl.IP4
	if got := c.Addr(t.Context(), netip.MustParseAddr(bad6)); len(got) != 0 || dnsbl.StatusOf(got) != dnsbl.NotChecked {
		t.Errorf("%+v", got)
	}
	if got := c.Name(t.Context(), "spam.example"); len(got) != 0 || c.Knows(dnsbl.Names) || !c.Knows(dnsbl.IP4) {
		t.Errorf("%+v", got)
	}
	if got := one(t, c.Addr(t.Context(), netip.MustParseAddr("::ffff:"+good4))); got.Status != dnsbl.Clean || got.Query != good4 {
		t.Errorf("an IPv4 address within IPv6: %+v", got)
	}
	if n := s.Queries("bl.test"); n != 3 {
		t.Errorf("%d queries, want 3", n)
	}
}

// Nobody is told what a network looks like inside.
func TestNotPublic(t *testing.T) {
	s, c := start(t, dnstest.List{Zone: "bl.test", All: all(listing)})
	for _, addr := range []string{"10.1.2.3", "127.0.0.2", "169.254.1.1", "100.64.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255", "::1", "fe80::1", "fd00::1", "::ffff:10.0.0.1", "64:ff9b::a00:1"} {
		if got := one(t, c.Addr(t.Context(), netip.MustParseAddr(addr))); got.Problem != dnsbl.NotPublic {
			t.Errorf("%s: %+v", addr, got)
		}
	}
	if n := s.Queries("bl.test"); n != 0 {
		t.Errorf("%d queries", n)
	}
}

// What a list says in words is bounded and whole characters, whatever it is.
func TestReason(t *testing.T) {
	huge := make([]string, 250)
	for i := range huge {
		huge[i] = strings.Repeat("x", 250) // 62 kB: TCP
	}
	for _, test := range []struct {
		name string
		txt  []string
		want string
	}{
		{"nothing", nil, ""},
		{"two strings of one record", []string{"see https://", "bl.test"}, "see https://bl.test"},
		{"UTF-8", []string{`gesperrt f\195\188r Spam`}, "gesperrt für Spam"},
		{"quotes and backslashes", []string{`a \"b\" c\\d`}, `a "b" c\d`},
		{"terminal escapes", []string{`\027]52;c;aGk=\007\027[2J`}, "\x1b]52;c;aGk=\a\x1b[2J"},
		{"no UTF-8", []string{`caf\233`}, `caf\xe9`},
		{"line break", []string{`one\010::error::two`}, "one\n::error::two"},
		{"64 KB", huge, strings.Repeat("x", 500) + "…"},
		{"cut within a character", []string{strings.Repeat("x", 250), strings.Repeat("x", 249) + `\195`, `\188`}, strings.Repeat("x", 499) + "…"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, c := start(t, dnstest.List{Zone: "bl.test", Entries: map[string]dnstest.Entry{bad4: {Codes: []string{"127.0.0.2"}, TXT: test.txt, OnTCP: len(test.txt) > 3}}})
			got := one(t, c.Addr(t.Context(), netip.MustParseAddr(bad4)))
			if got.Status != dnsbl.Listed || got.Reason != test.want {
				t.Errorf("%s %q, want %q", got.Status, got.Reason, test.want)
			}
			if len(test.txt) > 3 && s.OverTCP() == 0 {
				t.Error("not over TCP")
			}
		})
	}
}

// Each list is tested once and each question asked once.
func TestMemory(t *testing.T) {
	s, c := start(t, dnstest.List{Zone: "bl.test", Entries: map[string]dnstest.Entry{bad4: listing}})
	for range 3 {
		c.Addr(t.Context(), netip.MustParseAddr(bad4))
		c.Addr(t.Context(), netip.MustParseAddr(good4))
	}
	if n := s.Queries("bl.test"); n != 5 {
		t.Errorf("%d queries, want 5: two tests, two addresses, one reason", n)
	}
}

// A list that falls silent is left alone, and one that says that it is too much at once.
func TestLeftAlone(t *testing.T) {
	entries := map[string]dnstest.Entry{}
	for i := range 20 {
		entries[netip.AddrFrom4([4]byte{203, 0, 113, byte(i)}).String()] = dnstest.Entry{Rcode: dns.RcodeServerFailure}
	}
	s, c := start(t, dnstest.List{Zone: "bl.test", Entries: entries},
		dnstest.List{Zone: "much.test", Entries: map[string]dnstest.Entry{"203.0.113.0": {Codes: []string{"127.255.255.255"}}}})
	c.Attempts = 1
	for i := range 20 {
		for _, l := range c.Addr(t.Context(), netip.AddrFrom4([4]byte{203, 0, 113, byte(i)})) {
			if l.Status != dnsbl.NotChecked {
				t.Errorf("%+v", l)
			}
		}
	}
	if n := s.Queries("bl.test"); n != 2+maxSilent {
		t.Errorf("%d queries to the list that fell silent, want %d", n, 2+maxSilent)
	}
	if n := s.Queries("much.test"); n != 3 {
		t.Errorf("%d queries to the list that had enough, want 3", n)
	}
}

// Queries to one list keep their distance. Slow machines only widen it.
func TestRate(t *testing.T) {
	s, c := start(t, dnstest.List{Zone: "bl.test"})
	c.Rate = 200
	began := time.Now()
	for i := range 20 {
		c.Addr(t.Context(), netip.AddrFrom4([4]byte{203, 0, 113, byte(i)}))
	}
	least := time.Duration(s.Queries("bl.test")-1) * time.Second / 200
	if took := time.Since(began); took < least-5*time.Millisecond {
		t.Errorf("22 queries in %v, want at least %v", took, least)
	}
}

// An interrupted question is no answer, and is not remembered as one.
func TestInterrupted(t *testing.T) {
	_, c := start(t, dnstest.List{Zone: "bl.test", Entries: map[string]dnstest.Entry{bad4: listing}})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if got := one(t, c.Addr(ctx, netip.MustParseAddr(bad4))); got.Problem != dnsbl.Interrupted {
		t.Errorf("%+v", got)
	}
	if got := one(t, c.Addr(t.Context(), netip.MustParseAddr(bad4))); got.Status != dnsbl.Listed {
		t.Errorf("%+v", got)
	}
}

func TestBadNames(t *testing.T) {
	_, c := start(t, dnstest.List{Zone: "bl.test"})
	for _, name := range []string{"localhost", "", strings.Repeat("a", 64) + ".example", strings.Repeat("a.", 125) + "example", "a..example", `a\.b`, "a b.example"} {
		if got := one(t, c.Name(t.Context(), name)); got.Problem != dnsbl.BadName {
			t.Errorf("%q: %+v", name, got)
		}
	}
}
