package targets

import (
	"context"
	"crypto/sha256"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"openrelay/internal/variants"
)

// agreed makes a scope of the entries of a test.
func agreed(t *testing.T, entries ...string) *Scope {
	t.Helper()
	s, err := parseScope("scope.txt", "owner: Ada Admin\nticket: CHG-1\n"+strings.Join(entries, "\n")+"\n")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestReadScope(t *testing.T) {
	t.Chdir(t.TempDir())
	text := "\ufeff# the mail servers of Example Ltd.\r\nOwner: Ada Admin, Example Ltd.\r\nticket: #1234 in the tracker\r\nnot-after:2026-12-31 # a Thursday\r\n\r\n" +
		"192.0.2.0/24 # the old rack\r\n2001:db8::/32\n198.51.100.1-20\n203.0.113.7\nfd00::25\nMail.Example.Net.\n*.Example.org\n"
	write(t, "scope.txt", text)
	s, err := ReadScope("scope.txt")
	if err != nil {
		t.Fatal(err)
	}
	sum := fmt.Sprintf("%x", sha256.Sum256([]byte(text)))
	if got, want := s.Authorized(), "Ada Admin, Example Ltd., #1234 in the tracker"; got != want {
		t.Errorf("authorised by %q, want %q", got, want)
	}
	if want := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC); !s.End.Equal(want) || s.Hash != sum[:12] {
		t.Errorf("ends %v, hash %s; want %v, %s", s.End, s.Hash, want, sum[:12])
	}
	for _, in := range []string{"192.0.2.255", "2001:db8:ffff::1", "198.51.100.20", "203.0.113.7", "fd00::25", "fd00::25%eth0"} {
		if !s.address(netip.MustParseAddr(in)) {
			t.Errorf("%s is outside", in)
		}
	}
	for _, out := range []string{"192.0.3.0", "198.51.100.21", "203.0.113.8", "::ffff:0:0"} {
		if s.address(netip.MustParseAddr(out)) {
			t.Errorf("%s is inside", out)
		}
	}
	for name, in := range map[string]bool{"mail.example.net": true, "a.mail.example.net": false, "example.net": false,
		"example.org": true, "a.b.example.org": true, "notexample.org": false, "": false} {
		if s.name(name) != in {
			t.Errorf("%q inside: %t", name, !in)
		}
	}
}

func TestScopeMistakes(t *testing.T) {
	t.Chdir(t.TempDir())
	const head = "owner: Ada\nticket: CHG-1\n"
	tests := []struct{ text, want string }{
		{"", `scope.txt: does not say who agreed, in a line such as owner: Ada Admin, Example Ltd.`},
		{"owner: Ada\n192.0.2.1\n", `scope.txt: does not say where that is on record, in a line such as ticket: CHG-1234`},
		{head + "# nothing\n", `scope.txt: names nothing to test`},
		{"owner:\n", `scope.txt:1: "owner:" says nothing`},
		{head + "owner: Eve\n", `scope.txt:3: a second "owner:"`},
		{head + "not-after: 2026-12-31\nnot-after: 2027-12-31\n", `scope.txt:4: a second "not-after:"`},
		{head + "not-after: 31.12.2026\n", `scope.txt:3: "31.12.2026" is not a day as 2026-12-31 is one`},
		{head + "not-after: 2026-02-30\n", `scope.txt:3: "2026-02-30" is not a day as 2026-12-31 is one`},
		{head + "not-before: 2026-12-31\n", `scope.txt:3: unknown "not-before:": a scope file has owner:, ticket: and not-after:`},
		{head + "onwer: Ada\n", `scope.txt:3: unknown "onwer:": a scope file has owner:, ticket: and not-after:`},
		{head + "\n192.0.2.0/33 # oops\n", `scope.txt:4: "192.0.2.0/33" is not a network: a prefix length of IPv4 is a number from 0 to 32`},
		{head + "192.0.2.9-3\n", `scope.txt:3: "192.0.2.9-3" is not a range: it ends before it begins`},
		{head + "192.0.2.300\n", `scope.txt:3: "192.0.2.300" is not an address, a CIDR, a range, a host name or *.DOMAIN`},
		{head + "192.0.2.1 192.0.2.2\n", `scope.txt:3: "…" is not an address, a CIDR, a range, a host name or *.DOMAIN`},
		{head + "*.\n", `scope.txt:3: "*." is not an address, a CIDR, a range, a host name or *.DOMAIN`},
		{head + "*\n", `scope.txt:3: "*" is not an address, a CIDR, a range, a host name or *.DOMAIN`},
		{head + "-mail.example.org\n", `scope.txt:3: "-mail.example.org" is not an address, a CIDR, a range, a host name or *.DOMAIN`},
		{head + "*.bü\u00adcher.example\n", `scope.txt:3: "…" is not an address, a CIDR, a range, a host name or *.DOMAIN: it holds U+00AD, which cannot be seen`},
		{head + "mail.example.org:25\n", `scope.txt:3: "mail.example.org:25": a scope file names no ports`},
		{head + "mx:example.org\n", `scope.txt:3: "mx:example.org": a scope file names hosts, as in "*.example.org"`},
		{head + "192.0.2.1\n" + strings.Repeat("x", maxScope), `scope.txt: is too long for a scope file`},
	}
	for _, test := range tests {
		write(t, "scope.txt", test.text)
		_, err := ReadScope("scope.txt")
		checkError(t, test.text[:min(len(test.text), 80)], err, test.want)
	}
	_, err := ReadScope("nowhere.txt")
	checkError(t, "nowhere.txt", err, "open nowhere.txt: no such file or directory")
}

// What is outside is refused before anything is looked up.
func TestOutsideOfScope(t *testing.T) {
	s := agreed(t, "9.9.9.0/24", "2001:db8::/120", "mail.example.org")
	tests := []struct{ specs, want, hint string }{
		{"9.9.9.0/24", "", ""}, {"9.9.9.5 9.9.9.7-9:587 [2001:db8::5]:25 mail.example.org mx:example.com", "", ""},
		{"9.9.8.0/23", "9.9.8.0/24 are not in the scope of scope.txt", "openrelay scan --scope scope.txt --exclude 9.9.8.0/24 9.9.8.0/23"},
		{"9.9.10.1", "9.9.10.1 is not in the scope of scope.txt", "ask Ada Admin to add what is missing"},
		{"9.9.0.0/16", "9.9.0.0-9.9.8.255 and 62976 more addresses are not in the scope of scope.txt",
			"openrelay scan --scope scope.txt --exclude 9.9.0.0-9.9.8.255 --exclude 9.9.10.0-9.9.255.255 9.9.0.0/16"},
		{"9.9.9.1 [fe80::1%eth0]:25", "fe80::1 is not in the scope of scope.txt", "openrelay scan --scope scope.txt --exclude fe80::1 9.9.9.1 '[fe80::1%eth0]:25'"},
	}
	for _, test := range tests {
		_, err := Parse(strings.Fields(test.specs), Options{Scope: s})
		if test.want == "" {
			if err != nil {
				t.Errorf("%s: %v", test.specs, err)
			}
			continue
		}
		mistake, ok := err.(*Error)
		if !ok || mistake.Error() != test.want || mistake.Hint() != test.hint {
			t.Errorf("%s: error %q\nwant %q, hint %q", test.specs, err, test.want, test.hint)
		}
	}
	if _, err := Parse([]string{"9.9.8.0/23"}, Options{Scope: s, Exclude: []string{"9.9.8.0/24"}}); err != nil {
		t.Errorf("what is excluded counts as outside: %v", err)
	}
	_, err := Parse([]string{"other.example.org"}, Options{Scope: agreed(t, "mail.example.org")})
	checkError(t, "other.example.org", err, `"other.example.org" is not in the scope of scope.txt`)
	if _, err := Parse([]string{"8.0.0.0/8"}, Options{Scope: agreed(t, "8.0.0.0/8")}); err != nil {
		t.Errorf("a scope does not stand for --authorized: %v", err)
	}
}

// What a name leads to is held against the scope when it is known.
func TestScopeOfNames(t *testing.T) {
	tests := []struct {
		scope string
		spec  string
		want  []string
	}{
		// by address
		{"192.0.2.0/24", "mail.example.org:25", []string{"192.0.2.25:25 name=mail.example.org named",
			"mail.example.org:25 named dns=leads to address 2001:db8::25, not in scope"}},
		{"192.0.2.25", "www.example:25", []string{"192.0.2.25:25 name=www.example named",
			"www.example:25 named dns=leads to address 2001:db8::25, not in scope"}},
		{"192.0.2.26", "mx:example.org:25", []string{"192.0.2.26:25 name=backup.example.org domain=example.org named",
			"mail.example.org:25 domain=example.org named dns=leads to address 192.0.2.25, address 2001:db8::25, not in scope"}},
		// by name
		{"mail.example.org", "mail.example.org:25", []string{"192.0.2.25:25 name=mail.example.org named", "[2001:db8::25]:25 name=mail.example.org named"}},
		{"*.example.org", "mx:example.org:25", []string{"192.0.2.25:25 name=mail.example.org domain=example.org named",
			"[2001:db8::25]:25 name=mail.example.org domain=example.org named", "192.0.2.26:25 name=backup.example.org domain=example.org named"}},
		{"*.odd.example", "mx:odd.example:25", []string{"backup.example.org:25 domain=odd.example named dns=leads to address 192.0.2.26, not in scope"}},
		// an alias is another's word
		{"www.example", "www.example:25", []string{"www.example:25 named dns=leads to address 192.0.2.25, address 2001:db8::25 by way of mail.example.org, not in scope"}},
		{"www.example mail.example.org", "www.example:25", []string{"192.0.2.25:25 name=www.example named", "[2001:db8::25]:25 name=www.example named"}},
		// this machine and the cloud's secrets, unless written down
		{"inside.example", "inside.example:25", []string{"127.0.0.1:25 name=inside.example named"}},
		{"trap.example localhost", "trap.example:25", []string{"trap.example:25 named dns=leads to loopback address 127.0.0.1, loopback address ::1, not in scope"}},
		{"127.0.0.0/8", "trap.example:25", []string{"127.0.0.1:25 name=trap.example named", "trap.example:25 named dns=leads to loopback address ::1, not in scope"}},
		{"*.cloud.example metadata.example", "mx:cloud.example:25", []string{
			"metadata.example:25 domain=cloud.example named dns=leads to metadata address 169.254.169.254, not in scope",
			"half.example:25 domain=cloud.example named dns=leads to address 192.0.2.7, loopback address 127.0.0.9, link-local address fe80::1, not in scope"}},
		{"169.254.169.254", "cloud.example:25", []string{"169.254.169.254:25 name=cloud.example named"}},
		{"0.0.0.0/0 ::/0", "null.example:25", []string{"null.example:25 named dns=leads to unspecified address 0.0.0.0, unspecified address ::, not in scope"}},
		{"192.0.2.0/24", "nowhere.example:25", []string{"nowhere.example:25 named dns=no such host"}},
	}
	for _, test := range tests {
		o := world.options()
		o.Scope = agreed(t, strings.Fields(test.scope)...)
		t.Run(test.scope+" "+test.spec, func(t *testing.T) { check(t, []string{test.spec}, o, test.want...) })
	}
}

func TestScopeEnds(t *testing.T) {
	s := agreed(t, "192.0.2.0/24", "not-after: 2026-12-31")
	o := Options{Scope: s}
	o.Now = func() time.Time { return time.Date(2026, 12, 31, 23, 59, 59, 0, time.UTC) }
	l, err := Parse([]string{"192.0.2.0/24"}, o)
	if err != nil {
		t.Fatal(err)
	}
	o.Now = func() time.Time { return s.End }
	_, err = Parse([]string{"192.0.2.0/24"}, o)
	checkError(t, "a day late", err, "scope.txt: ended with 2026-12-31 (UTC)")

	// A scan that is still running then ends there.
	n := 0
	l.options.Now = func() time.Time { return s.End.Add(time.Duration(n-100) * time.Second) }
	var last error
	for _, err := range l.All(t.Context()) {
		if last = err; err == nil {
			n++
		}
	}
	if n != 100 {
		t.Errorf("%d targets were tested, want those of the first 100 s", n)
	}
	checkError(t, "at midnight", last, "scope.txt: ended with 2026-12-31 (UTC)")
	checkError(t, "a question of consent", l.Allowed(t.Context(), "mx.example.org", netip.MustParseAddr("192.0.2.1")), "scope.txt: ended with 2026-12-31 (UTC)")
}

// A name is looked up once: the address that was checked is the one that is tested.
func TestAddressIsPinned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		o := Options{Scope: agreed(t, "192.0.2.1")}
		o.LookupNetIP = func(_ context.Context, network, _ string) ([]netip.Addr, error) {
			if network == "ip6" {
				return nil, nil
			}
			asked++
			if asked > 1 { // a second answer leads elsewhere
				return []netip.Addr{netip.MustParseAddr("169.254.169.254")}, nil
			}
			return []netip.Addr{netip.MustParseAddr("192.0.2.1")}, nil
		}
		o.LookupAliases = func(context.Context, string) ([]string, error) { return nil, nil }
		check(t, []string{"rebinding.example:25"}, o, "192.0.2.1:25 name=rebinding.example named")
		if asked != 1 {
			t.Errorf("looked up %d times", asked)
		}
	})
}

// Whatever way an address is written, it is known for what it is.
func TestNoServersAddress(t *testing.T) {
	for addr, want := range map[string]string{
		"::%eth0": "unspecified", "::ffff:0.0.0.0": "unspecified", "0.0.0.0": "unspecified",
		"ff02::1%eth0": "multicast", "::ffff:239.1.2.3": "multicast", "::ffff:255.255.255.255": "broadcast",
		"192.0.2.255": "", "::1": "", "fe80::1%eth0": "",
	} {
		if got := untestable(netip.MustParseAddr(addr)); got != want {
			t.Errorf("%s is %q, want %q", addr, got, want)
		}
	}
	for addr, want := range map[string]string{
		"::1%lo": "loopback", "127.255.0.1": "loopback", "fe80::1%eth0": "link-local", "169.254.1.1": "link-local",
		"fd00:ec2::254%eth0": "metadata", "169.254.169.254": "metadata", "100.100.100.200": "metadata",
		"64:ff9b::127.0.0.1": "loopback", "64:ff9b::169.254.169.254": "metadata", "64:ff9b::192.0.2.1": "",
		"192.0.2.1": "", "10.0.0.1": "", "fd00::1": "",
	} {
		if got := (&known{ours: setOf()}).inward(netip.MustParseAddr(addr)); got != want {
			t.Errorf("%s is %q, want %q", addr, got, want)
		}
	}
	for _, spec := range []string{"[::%eth0]:25", "[ff02::1%eth0]:25", "::ffff:255.255.255.255", "[::ffff:0.0.0.0]:25"} {
		if _, err := Parse([]string{spec}, Options{}); err == nil || !strings.Contains(err.Error(), "is no server's address") {
			t.Errorf("%s: %v", spec, err)
		}
	}
}

// However a host is spelled, it is the one that is excluded, or no target: no spelling leads past an exclusion.
func TestSpellings(t *testing.T) {
	o := zone{hosts: map[string]string{"mail.example": "192.0.2.1"}}.options()
	o.Exclude = []string{"192.0.2.1", "2001:db8::1", "Mail.Example"}
	for _, spec := range []string{
		"192.0.2.1:26", "::ffff:192.0.2.1", "[::FFFF:C000:201]:25", "::ffff:192.0.2.1%eth0", "[::ffff:192.0.2.1%1]:25", "64:ff9b::c000:201", "192.0.2.1/32", "192.0.2.1-1", "::ffff:192.0.2.1/128",
		"2001:DB8:0:0:0:0:0:1", "[2001:db8::0.0.0.1]:25", "2001:db8::1%eth0", "2001:db8::1-2001:db8::1", "MAIL.example.", "mail.EXAMPLE:25", "mx:mail.example",
		"0300.0.2.1", "192.0.2.01", "192.2.1", "3221225985", "0xc0000201", "0xc0.0.2.1", "192.0.2.1.", "192.0.2.1%eth0", "192.0.2.1:025x", "\uff11\uff19\uff12.0.2.1", "192.0.2.1/032", "mail.example..",
	} {
		l, err := Parse([]string{spec}, o)
		if err != nil {
			continue
		}
		for target, err := range l.All(t.Context()) {
			if err == nil && target.Addr.IsValid() {
				t.Errorf("%q is read as %+v", spec, target)
			}
		}
	}
}

// An outline tells what the walk yields.
func TestOutline(t *testing.T) {
	o := world.options()
	o.Exclude = []string{"backup.example.org", "192.0.2.64/26", "nowhere.example"}
	o.ExcludeUnresolved = true
	l, err := Parse([]string{"192.0.2.0/24", "192.0.2.0/28:587", "mx:example.org:25", "192.0.2.200:25", "nowhere2.example:25", "[fd00::/126]:25"}, o)
	if err != nil {
		t.Fatal(err)
	}
	outline, err := l.Outline(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, n := range outline.Named {
		got = append(got, show(n))
	}
	excluded := l.Excluded()
	for _, span := range outline.Spans {
		addr := span.From()
		for range span.Size() {
			got = append(got, netip.AddrPortFrom(addr, span.Port).String())
			addr = addr.Next()
		}
	}
	var want []string
	for target, err := range l.All(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		s := show(target)
		if !target.Named {
			s = target.String()
		}
		want = append(want, s)
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("the outline tells\n\t%s\nand the walk yields\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
	if walked := l.Excluded(); excluded != walked || excluded == 0 {
		t.Errorf("the outline leaves out %d, the walk %d", excluded, walked)
	}
}

// FuzzScope: a scope file is read or refused with words, a place and a hint; what is read says who and
// where, has the hash of its bytes, and lets nothing out: whatever the DNS says, every target is in it by
// its address, or by its name.
func FuzzScope(f *testing.F) {
	for row := range variants.Rows(1000,
		[]string{ScopeForm, "192.0.2.7 mail.example.net mx:example.org", "192.0.2.1 203.0.113.9 127.0.0.1"},
		[]string{"owner: a\nticket: b\n*.example\n0.0.0.0/0", "a.example 9.9.9.0/24", "::1 fe80::1%eth0"},
		[]string{"owner: a\nticket: b\nnot-after: 9999-12-31\nfd00::/8", "[fd00::1]:25 fd00::1-fd00::ff", "fd00::2"},
		[]string{"owner: a\nowner: b", "", ""},
	) {
		f.Add(row[0], row[1], row[2])
	}
	f.Fuzz(func(t *testing.T, text, specs, answer string) {
		s, err := parseScope("f", text)
		if err != nil {
			if mistake, ok := err.(*Error); !ok || mistake.Msg == "" || mistake.Hint() == "" || !strings.HasPrefix(mistake.Where, "f") {
				t.Fatalf("error %#v", err)
			}
			return
		}
		if s.Owner == "" || s.Ticket == "" || s.Hash != fmt.Sprintf("%x", sha256.Sum256([]byte(text)))[:12] {
			t.Fatalf("scope %+v", s)
		}
		o := Options{Scope: s, Now: func() time.Time { return time.Time{} }}
		o.LookupNetIP = func(context.Context, string, string) (addrs []netip.Addr, err error) {
			for _, a := range strings.Fields(answer) {
				if addr, err := netip.ParseAddr(a); err == nil {
					addrs = append(addrs, addr)
				}
			}
			return addrs, nil
		}
		o.LookupMX = func(context.Context, string) ([]*net.MX, error) { return []*net.MX{{Host: answer}}, nil }
		o.LookupAliases = func(context.Context, string) ([]string, error) { return nil, nil }
		l, err := Parse(strings.Fields(strings.ReplaceAll(specs, "@", "")), o)
		if err != nil {
			return
		}
		n := 0
		for target := range l.All(t.Context()) {
			if n++; n > 2000 {
				return
			}
			if target.Addr.IsValid() && !s.addrs.Contains(target.Addr.Addr().WithZone("")) && !s.name(target.Name) {
				t.Fatalf("%+v is outside of %+v", target, s)
			}
		}
	})
}
