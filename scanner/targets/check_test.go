package targets

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// public addresses, n of them, as a zone writes them.
func public(third byte, n int) string {
	var addrs []string
	for i := range n {
		addrs = append(addrs, fmt.Sprintf("9.9.%d.%d", int(third)+i/256, i%256))
	}
	return strings.Join(addrs, " ")
}

// checked parses and checks a list.
func checked(t *testing.T, o Options, specs ...string) (*List, error) {
	t.Helper()
	l, err := Parse(specs, o)
	if err != nil {
		return nil, err
	}
	return l, l.Check(t.Context())
}

// What counts is what would be tested: each host once, after names are looked up, whatever they lead to.
func TestCount(t *testing.T) {
	z := zone{hosts: map[string]string{"thousand.example": public(0, 1000), "sixty.example": public(10, 60), "same.example": public(10, 60),
		"guises.example": "9.9.10.1 ::ffff:9.9.10.1 64:ff9b::9.9.10.1 2002:909:a01::25 2001:0:4136:e378:8000:63bf:f6f6:f5fe", "inside.example": "10.0.0.1 fd00::1"},
		mx: map[string]string{}}
	var names, hosts []string
	for i := range 300 {
		name := fmt.Sprintf("mx%d.example", i)
		z.hosts[name] = fmt.Sprintf("10.1.%d.%d", i/256, i%256)
		names = append(names, name)
	}
	for i := range 40 {
		z.hosts[fmt.Sprintf("many%d.example", i)] = public(byte(100+i), 50)
		hosts = append(hosts, fmt.Sprintf("10 many%d.example.", i))
	}
	z.mx["many.example"] = strings.Join(hosts, ", ")
	tests := []struct {
		specs   []string
		exclude []string
		public  uint64
		refused bool
	}{
		{specs: []string{"thousand.example"}, public: 1000, refused: true},
		{specs: []string{"thousand.example"}, exclude: []string{"9.9.0.0/24", "9.9.1.0/24", "9.9.2.0/24"}, public: 232},
		{specs: []string{"mx:many.example"}, public: 300, refused: true}, // 50 each: the count ends with the sixth
		{specs: []string{"sixty.example", "same.example", "guises.example", "9.9.10.0/29"}, public: 60 + 0},
		{specs: []string{"9.9.9.0/24", "sixty.example"}, public: 316, refused: true},
		{specs: []string{"9.9.10.0/24", "sixty.example", "guises.example"}, public: 256},
		{specs: append([]string{"sixty.example", "inside.example"}, names...), public: 60}, // names are no addresses
	}
	for _, test := range tests {
		o := z.options()
		o.Exclude = test.exclude
		l, err := checked(t, o, test.specs...)
		if want := fmt.Sprintf("at least %d public addresses in all: for more than 256, say who authorised it", test.public); test.refused {
			checkError(t, test.specs[0], err, want)
		} else if err != nil || l.Public() != test.public {
			t.Errorf("%q: %v, want %d public addresses", test.specs, err, test.public)
		}
		o.Authorized = "Ada, CHG-1"
		if _, err := checked(t, o, test.specs...); err != nil {
			t.Errorf("%q, authorised: %v", test.specs, err)
		}
		o.Authorized, o.Shards = "", 7 // a part of it is no way around
		if _, err := checked(t, o, test.specs...); (err != nil) != test.refused {
			t.Errorf("%q, a part: %v", test.specs, err)
		}
	}
}

// A translator of this network has a prefix of its own, which its resolver shows (RFC 7050).
func TestOwnTranslator(t *testing.T) {
	z := zone{hosts: map[string]string{"ipv4only.arpa": "192.0.0.170 2001:db8:64::192.0.0.170", "mail.example": "2001:db8:64::192.0.2.25 2001:db8:64::192.0.2.26 2001:db8:64::7f00:1"},
		mx: map[string]string{"example": "10 mail.example."}}
	o := z.options()
	o.Exclude = []string{"192.0.2.26"}
	check(t, []string{"mx:example:25", "[2001:db8:64::192.0.2.26]:25", "2001:db8:64::192.0.2.24/126"}, o,
		"[2001:db8:64::c000:218]:25 optional", "[2001:db8:64::c000:219]:25 name=mail.example domain=example named", "[2001:db8:64::c000:21b]:25 optional",
		"mail.example:25 domain=example named dns=leads to loopback address 2001:db8:64::7f00:1, not in scope")
	o = z.options()
	o.Scope = agreed(t, "192.0.2.25")
	check(t, []string{"mail.example:25"}, o, "[2001:db8:64::c000:219]:25 name=mail.example named",
		"mail.example:25 named dns=leads to address 2001:db8:64::c000:21a, loopback address 2001:db8:64::7f00:1, not in scope")
	l, err := checked(t, z.options(), "mail.example")
	if err != nil {
		t.Fatal(err)
	}
	if got := l.Host(netip.MustParseAddr("2001:db8:64::c000:219")); got.String() != "192.0.2.25" {
		t.Errorf("counts as %s", got)
	}
}

// -4 and -6 are about the address that is dialled, not about the one that it stands for: where there is IPv6 alone, all
// of IPv4 is behind a translator.
func TestTranslatedInOneFamily(t *testing.T) {
	o := zone{hosts: map[string]string{"mail.example": "192.0.2.25 64:ff9b::192.0.2.25"}}.options()
	o.IPv6Only = true
	check(t, []string{"mail.example:25", "[64:ff9b::192.0.2.26]:25", "192.0.2.27:25"}, o, "[64:ff9b::c000:219]:25 name=mail.example named", "[64:ff9b::c000:21a]:25 named")
	o.IPv6Only, o.IPv4Only = false, true
	check(t, []string{"mail.example:25", "[64:ff9b::192.0.2.26]:25", "192.0.2.27:25"}, o, "192.0.2.25:25 name=mail.example named", "192.0.2.27:25 named")
}

// A name leads to no more addresses than NameLimit, whoever authorised it, and what is left out is said.
func TestNameLimit(t *testing.T) {
	z := zone{hosts: map[string]string{"full.example": public(0, NameLimit), "over.example": public(0, NameLimit+1), "a.example": public(1, 40), "b.example": public(2, 40)},
		mx: map[string]string{"both.example": "10 a.example., 20 b.example."}}
	var hosts []string
	for i := range NameLimit + 1 {
		hosts = append(hosts, fmt.Sprintf("10 mx%d.example.", i))
	}
	z.mx["hosts.example"] = strings.Join(hosts, ", ")
	for spec, want := range map[string]string{
		"over.example:25":     "over.example:25 named dns=leads to more than 64 addresses: name those to be tested",
		"mx:both.example:25":  "both.example:25 domain=both.example named dns=leads to more than 64 addresses: name those to be tested",
		"mx:hosts.example:25": "hosts.example:25 domain=hosts.example named dns=the domain has more than 64 mail hosts: name those to be tested",
	} {
		o := z.options()
		o.Authorized = "Ada, CHG-1"
		check(t, []string{spec}, o, want)
	}
	l, err := checked(t, z.options(), "full.example:25")
	if err != nil {
		t.Fatal(err)
	}
	if n := len(walkAll(t, l)); n != NameLimit {
		t.Errorf("%d targets", n)
	}
	o := z.options()
	o.Exclude = []string{"9.9.0.3"}
	if l, err = checked(t, o, "over.example:25"); err != nil {
		t.Fatal(err)
	}
	if n := len(walkAll(t, l)); n != NameLimit {
		t.Errorf("%d targets, less the excluded one", n)
	}
}

// Whoever writes down only marks has said nothing.
func TestAuthorizedSaysNothing(t *testing.T) {
	for _, text := range []string{" ", "\t", ".", "-", "#", "?!", "\u00a0"} {
		_, err := Parse([]string{"192.0.2.1"}, Options{Authorized: text})
		checkError(t, text, err, fmt.Sprintf("--authorized: %q says nothing", text))
		for _, file := range []string{"owner: " + text + "\nticket: CHG-1\n192.0.2.1", "owner: Ada\nticket: " + text + "\n192.0.2.1"} {
			if _, err := parseScope("scope.txt", file); err == nil || !strings.Contains(err.Error(), "says nothing") {
				t.Errorf("%q: %v", file, err)
			}
		}
	}
	for _, text := range []string{"Ada", "7", "\u00c4", "#1234"} {
		if _, err := Parse([]string{"192.0.2.1"}, Options{Authorized: text}); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// An excluded name holds by all that it is: its addresses of either family, in every guise, and the names that it is an
// alias of.
func TestExcludedNameInEveryGuise(t *testing.T) {
	z := zone{hosts: map[string]string{"old.example": "alias new.example", "new.example": "alias real.example", "real.example": "192.0.2.5 2001:db8::5", "other.example": "192.0.2.6",
		"guises.example": "64:ff9b::192.0.2.5 2002:c000:205::1 2001:0:4136:e378:8000:63bf:3fff:fdfa 192.0.2.9"},
		mx: map[string]string{"a.example": "10 new.example., 20 other.example."}}
	for _, six := range []bool{false, true} {
		o := z.options()
		o.Exclude, o.IPv4Only, o.IPv6Only = []string{"old.example"}, false, six
		want := []string{"192.0.2.6:25 name=other.example domain=a.example named", "192.0.2.9:25 name=guises.example named", "[2001:db8::6]:25 named"}
		if six { // the addresses of the other family are known all the same
			want = []string{"[2001:db8::6]:25 named", "other.example:25 domain=a.example named dns=has IPv4 addresses only, and -6 leaves them out"}
		}
		check(t, []string{"mx:a.example:25", "new.example:25", "guises.example:25", "192.0.2.5:25", "[64:ff9b::192.0.2.5]:25", "[2001:db8::5]:25", "[2001:db8::6]:25"}, o, want...)
	}

	// The name that a target is an alias of is excluded, and now leads elsewhere.
	moved := zone{hosts: map[string]string{"www.example": "alias middle.example", "middle.example": "alias lb.example", "lb.example": "192.0.2.8", "left.example": "192.0.2.1"}}
	o := moved.options()
	o.Exclude = []string{"middle.example"}
	o.LookupNetIP = func(ctx context.Context, network, host string) ([]netip.Addr, error) {
		if host == "middle.example" {
			return zone{hosts: map[string]string{"middle.example": "192.0.2.77"}}.lookupNetIP(ctx, network, host)
		}
		return moved.lookupNetIP(ctx, network, host)
	}
	check(t, []string{"www.example:25", "left.example:25"}, o, "192.0.2.1:25 name=left.example named")
}

// Where the addresses of an excluded name cannot be had, no scan begins, unless the user says so.
func TestExcludeUnresolved(t *testing.T) {
	z := zone{hosts: map[string]string{"six.example": "192.0.2.1 no-ip6", "slow.example": "timeout"}}
	lost := errors.New("no answer")
	for name, want := range map[string]string{"nowhere.example": "no such host", "slow.example": "the name server does not answer", "six.example": "server misbehaving", "alias.example": "no answer"} {
		o := z.options()
		o.Exclude = []string{name}
		o.LookupAliases = func(_ context.Context, host string) ([]string, error) {
			if host == "alias.example" {
				return nil, lost
			}
			return nil, nil
		}
		if name == "alias.example" {
			o.LookupNetIP = func(context.Context, string, string) ([]netip.Addr, error) {
				return []netip.Addr{netip.MustParseAddr("192.0.2.1")}, nil
			}
		}
		o.IPv4Only = true // no reason not to ask for the others
		_, err := checked(t, o, "192.0.2.0/30")
		checkError(t, name, err, fmt.Sprintf("--exclude: cannot tell the addresses of %q: %s", name, want))
		if hint := err.(*Error).Hint(); !strings.Contains(hint, "--exclude-unresolved") {
			t.Errorf("hint %q", hint)
		}
		o.ExcludeUnresolved = true
		l, err := checked(t, o, "192.0.2.0/30")
		if err != nil || !slices.Equal(l.Unresolved(), []string{name}) {
			t.Errorf("%s: %v, unresolved %q", name, err, l.Unresolved())
		}
		known := name == "six.example" || name == "alias.example"
		if n := len(walkAll(t, l)); n != map[bool]int{false: 4, true: 3}[known] {
			t.Errorf("%s: %d targets", name, n) // what is known of it holds
		}
	}
}

// A password that was given for an exclude file is one word, and is not told.
func TestOneWordIsNotTold(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "never.txt", "hunter2\n")
	o := zone{}.options()
	o.ExcludeFiles = []string{"never.txt"}
	_, err := checked(t, o, "192.0.2.1")
	checkError(t, "a password", err, "never.txt:1: cannot tell the addresses of the name there: no such host")
}

// Excluded names are looked up side by side: 200 names take as long as a few.
func TestExcludedSideBySide(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var now, most atomic.Int64
		o := zone{}.options()
		o.LookupNetIP = func(context.Context, string, string) ([]netip.Addr, error) {
			most.Store(max(most.Load(), now.Add(1)))
			defer now.Add(-1)
			time.Sleep(100 * time.Millisecond)
			return []netip.Addr{netip.MustParseAddr("192.0.2.1")}, nil
		}
		for i := range 200 {
			o.Exclude = append(o.Exclude, fmt.Sprintf("host%d.example", i))
		}
		begun := time.Now()
		if _, err := checked(t, o, "192.0.2.0/24"); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(begun); took > 500*time.Millisecond || most.Load() > 2*lookupsAhead+1 { // of the bubble's clock
			t.Errorf("took %v, %d questions at once", took, most.Load())
		}
	})
}

// A domain whose mail hosts all have dead name servers does not hold the scan up for each of them.
func TestMailHostsSideBySide(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		z := zone{mx: map[string]string{}}
		var hosts []string
		for i := range NameLimit {
			hosts = append(hosts, fmt.Sprintf("10 mx%d.example.", i))
		}
		z.mx["example"] = strings.Join(hosts, ", ")
		o := z.options()
		o.LookupNetIP = func(_ context.Context, _, host string) ([]netip.Addr, error) {
			time.Sleep(10 * time.Second)
			return nil, &net.DNSError{Err: "i/o timeout", Name: host, IsTimeout: true}
		}
		begun := time.Now()
		l, err := checked(t, o, "mx:example")
		if err != nil {
			t.Fatal(err)
		}
		if took := time.Since(begun); took > 2*time.Minute { // of the bubble's clock
			t.Errorf("took %v", took)
		}
		if n := len(walkAll(t, l)); n != NameLimit {
			t.Errorf("%d targets", n)
		}
	})
}

// Whoever gives up does not wait for a resolver that does not answer.
func TestInterruptedLookups(t *testing.T) {
	for name, c := range map[string]struct{ spec, exclude string }{"mail hosts": {spec: "mx:example.org"}, "aliases": {spec: "192.0.2.1", exclude: "mail.example.org"}} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			answered := make(chan struct{})
			silence := func() { cancel(); <-answered }
			o := zone{hosts: map[string]string{"mail.example.org": "192.0.2.25"}}.options()
			o.LookupMX = func(context.Context, string) ([]*net.MX, error) { silence(); return nil, nil }
			o.LookupAliases = func(context.Context, string) ([]string, error) { silence(); return nil, nil }
			if c.exclude != "" {
				o.Exclude = []string{c.exclude}
			}
			l, err := Parse([]string{c.spec}, o)
			if err != nil {
				t.Fatal(err)
			}
			if err := l.Check(ctx); !errors.Is(err, context.Canceled) {
				t.Errorf("%v", err)
			}
			close(answered)
		})
	}
}
