package targets

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

var world = zone{
	hosts: map[string]string{
		"mail.example.org":   "192.0.2.25 2001:db8::25",
		"backup.example.org": "192.0.2.26",
		"example.net":        "192.0.2.80",
		"mapped.example":     "::ffff:192.0.2.1 192.0.2.1",
		"slow.example":       "timeout",
		"localhost":          "127.0.0.1 ::1",
		"inside.example":     "127.0.0.1",
		"metadata.example":   "169.254.169.254",
		"null.example":       "0.0.0.0 ::",
		"group.example":      "224.0.0.1",
		"www.example":        "alias mail.example.org",
		"trap.example":       "alias localhost",
		"cloud.example":      "alias metadata.example",
		"half.example":       "192.0.2.7 127.0.0.9 fe80::1",
		"private.example":    "10.0.0.1",
	},
	mx: map[string]string{
		"example.org":    "20 backup.example.org., 10 Mail.Example.Org., 30 mail.example.org.",
		"nomail.example": "0 .",
		"odd.example":    "0 ., 10 backup.example.org.",
		"slow.example":   "timeout",
		"lost.example":   "10 nowhere.example.",
		"inside.example": "10 localhost.",
		"cloud.example":  "10 metadata.example., 20 half.example.",
		"home.example":   "10 private.example.",
	},
}

func TestNames(t *testing.T) {
	tests := []struct {
		spec string
		want []string
	}{
		{"mail.example.org:25", []string{"192.0.2.25:25 name=mail.example.org named", "[2001:db8::25]:25 name=mail.example.org named"}},
		{"mapped.example:25", []string{"192.0.2.1:25 name=mapped.example named"}},
		{"nowhere.example", []string{"nowhere.example:25 named dns=no such host"}},
		{"nowhere.example:587", []string{"nowhere.example:587 named dns=no such host"}},
		{"slow.example", []string{"slow.example:25 named dns=the name server does not answer"}},

		{"mx:example.org:25", []string{
			"192.0.2.25:25 name=mail.example.org domain=example.org named",
			"192.0.2.26:25 name=backup.example.org domain=example.org named",
			"[2001:db8::25]:25 name=mail.example.org domain=example.org named"}},
		{"mx:example.net:25", []string{"192.0.2.80:25 name=example.net domain=example.net named"}}, // RFC 5321 5.1
		{"MX:nomail.example", []string{"nomail.example:25 domain=nomail.example named dns=the domain takes no mail: null MX (RFC 7505)"}},
		{"mx:odd.example:25", []string{"192.0.2.26:25 name=backup.example.org domain=odd.example named"}},
		{"mx:slow.example", []string{"slow.example:25 domain=slow.example named dns=the name server does not answer"}},
		{"mx:lost.example", []string{"nowhere.example:25 domain=lost.example named dns=no such host"}},
		{"mx:nowhere.example", []string{"nowhere.example:25 domain=nowhere.example named dns=no such host"}},
		{"mx:home.example:25", []string{"10.0.0.1:25 name=private.example domain=home.example named"}},

		// What the user typed is in scope, what others say is not.
		{"localhost:25", []string{"127.0.0.1:25 name=localhost named", "[::1]:25 name=localhost named"}},
		{"inside.example:25", []string{"127.0.0.1:25 name=inside.example named"}},
		{"www.example:25", []string{"192.0.2.25:25 name=www.example named", "[2001:db8::25]:25 name=www.example named"}},
		{"trap.example", []string{"trap.example:25 named dns=leads to loopback address 127.0.0.1, loopback address ::1, not in scope"}},
		{"cloud.example", []string{"cloud.example:25 named dns=leads to metadata address 169.254.169.254, not in scope"}},
		{"null.example", []string{"null.example:25 named dns=leads to unspecified address 0.0.0.0, unspecified address ::, not in scope"}},
		{"group.example", []string{"group.example:25 named dns=leads to multicast address 224.0.0.1, not in scope"}},
		{"mx:inside.example", []string{"localhost:25 domain=inside.example named dns=leads to loopback address 127.0.0.1, loopback address ::1, not in scope"}},
		{"mx:cloud.example:25", []string{
			"metadata.example:25 domain=cloud.example named dns=leads to metadata address 169.254.169.254, not in scope",
			"192.0.2.7:25 name=half.example domain=cloud.example named",
			"half.example:25 domain=cloud.example named dns=leads to loopback address 127.0.0.9, link-local address fe80::1, not in scope"}},
	}
	for _, test := range tests {
		check(t, []string{test.spec}, world.options(), test.want...)
	}
}

// An address the user typed beside a name may be reached by that name.
func TestTypedAddressesAreInScope(t *testing.T) {
	check(t, []string{"mx:inside.example:25", "127.0.0.0/31:25"}, world.options(),
		"127.0.0.0:25", "127.0.0.1:25 name=localhost domain=inside.example named",
		"localhost:25 domain=inside.example named dns=leads to loopback address ::1, not in scope")
	check(t, []string{"trap.example:25", "127.0.0.1:25", "[::1]:26"}, world.options(),
		"127.0.0.1:25 name=trap.example named", "[::1]:25 name=trap.example named", "[::1]:26 named")
}

func TestFamilies(t *testing.T) {
	o := world.options()
	o.IPv4Only = true
	check(t, []string{"mail.example.org:25", "192.0.2.1:25", "2001:db8::1", "2001:db8::/120"}, o,
		"192.0.2.25:25 name=mail.example.org named", "192.0.2.1:25 named")
	o = world.options()
	o.IPv6Only = true
	l := check(t, []string{"mail.example.org:25", "backup.example.org", "192.0.2.0/24", "[2001:db8::1]:25"}, o,
		"[2001:db8::25]:25 name=mail.example.org named", "[2001:db8::1]:25 named",
		"backup.example.org:25 named dns=has IPv4 addresses only, and -6 leaves them out")
	if n := l.Excluded(); n != 256 {
		t.Errorf("%d addresses excluded, want 256", n)
	}
}

func TestExclude(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "never.txt", "# by order\n192.0.2.26\n2001:db8::/64 # all of it\n")
	o := world.options()
	o.Exclude = []string{"192.0.2.0-3", "Example.Net."}
	o.ExcludeFiles = []string{"never.txt"}
	l := check(t, []string{"mx:example.org:25", "mail.example.org:26", "192.0.2.0/29:25", "192.0.2.80:25", "192.0.2.80:26", "example.net:25"}, o,
		"192.0.2.25:25 name=mail.example.org domain=example.org named", "192.0.2.25:26 name=mail.example.org named",
		"192.0.2.4:25", "192.0.2.5:25", "192.0.2.6:25", "192.0.2.7:25")
	// 4 of the range, the name example.net and its address, 192.0.2.26, 2001:db8::25.
	if n := l.Excluded(); n != 8 {
		t.Errorf("%d excluded, want 8", n)
	}
	if n := len(walkAll(t, l)); n != 6 || l.Excluded() != 8 {
		t.Errorf("a second walk yields %d targets, %d excluded", n, l.Excluded())
	}

	o.Exclude = []string{"backup.example.org"}
	check(t, []string{"mx:odd.example:25", "192.0.2.26:25", "192.0.2.24/30:25"}, o, "192.0.2.24:25", "192.0.2.25:25", "192.0.2.27:25")
}

// Without the addresses of an excluded name no scan begins.
func TestExcludedNameUnknown(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "never.txt", "192.0.2.1\nslow.example\n")
	o := world.options()
	o.ExcludeFiles = []string{"never.txt"}
	l, err := Parse([]string{"192.0.2.0/24"}, o)
	if err != nil {
		t.Fatal(err)
	}
	_, err = l.Outline(t.Context())
	checkError(t, "outline", err, `never.txt:2: cannot tell the addresses of "slow.example": the name server does not answer`)
	o.ExcludeFiles, o.Exclude = nil, []string{"slow.example"}
	if l, err = Parse([]string{"192.0.2.0/24"}, o); err != nil {
		t.Fatal(err)
	}
	n := 0
	for target, err := range l.All(t.Context()) {
		if err == nil {
			t.Fatalf("%v is tested", target)
		}
		checkError(t, "exclude", err, `--exclude: cannot tell the addresses of "slow.example": the name server does not answer`)
		n++
	}
	if n != 1 {
		t.Errorf("%d errors", n)
	}
}

// Names are looked up while the scan runs: some at once, not all, and none before.
func TestLookupsAreLazy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked, now, most atomic.Int64
		o := Options{Authorized: "me"}
		o.LookupNetIP = func(ctx context.Context, network, host string) ([]netip.Addr, error) {
			if network == "ip6" {
				return nil, ctx.Err()
			}
			asked.Add(1)
			most.Store(max(most.Load(), now.Add(1)))
			defer now.Add(-1)
			select {
			case <-time.After(time.Second):
			case <-ctx.Done():
			}
			return []netip.Addr{netip.AddrFrom4([4]byte{192, 0, 2, byte(asked.Load())})}, ctx.Err()
		}
		var names []string
		for i := range 1000 {
			names = append(names, fmt.Sprintf("host%d.example.org:25", i))
		}
		l, err := Parse(names, o)
		if err != nil || asked.Load() != 0 {
			t.Fatalf("%d names looked up before the scan, %v", asked.Load(), err)
		}
		if n, exact := l.Len(); n != 1000 || exact {
			t.Errorf("Len is %d, exact %t", n, exact)
		}
		taken := 0
		for range l.All(t.Context()) {
			if taken++; taken == 10 {
				break
			}
		}
		if n := asked.Load(); n > 40 || most.Load() > lookups {
			t.Errorf("%d names were looked up for 10 targets, %d at once", n, most.Load())
		}

		ctx, cancel := context.WithTimeout(t.Context(), 2500*time.Millisecond)
		defer cancel()
		var last error
		for _, err := range l.All(ctx) {
			last = err
		}
		if !errors.Is(last, context.DeadlineExceeded) {
			t.Errorf("the walk ended with %v", last)
		}
	})
}

// One family of addresses that cannot be looked up is not passed over: the host may be open there.
func TestHalfAnAnswer(t *testing.T) {
	z := zone{hosts: map[string]string{"six.example": "192.0.2.1 no-ip6", "four.example": "no-ip4 2001:db8::1"}}
	o := z.options()
	check(t, []string{"six.example:25"}, o, "192.0.2.1:25 name=six.example named",
		"six.example:25 named dns=only some of its addresses could be had: server misbehaving")
	check(t, []string{"four.example:25"}, o, "[2001:db8::1]:25 name=four.example named",
		"four.example:25 named dns=only some of its addresses could be had: server misbehaving")
	o.Exclude = []string{"six.example"}
	l, err := Parse([]string{"192.0.2.0/24"}, o)
	if err != nil {
		t.Fatal(err)
	}
	for target, err := range l.All(t.Context()) {
		if err == nil {
			t.Fatalf("%v is tested", target)
		}
		checkError(t, "exclude", err, `--exclude: cannot tell the addresses of "six.example": server misbehaving`)
	}

	o = z.options()
	o.IPv4Only = true // nobody asked for the others
	check(t, []string{"six.example:25"}, o, "192.0.2.1:25 name=six.example named")
	check(t, []string{"four.example:25"}, o, "four.example:25 named dns=server misbehaving")
}

func TestManyNamesInShards(t *testing.T) {
	z := zone{hosts: map[string]string{}}
	var lines strings.Builder
	for i := range 100 {
		name := fmt.Sprintf("host%d.example", i)
		z.hosts[name] = fmt.Sprintf("192.0.2.%d", i)
		fmt.Fprintf(&lines, "%s:25\n198.51.100.%d:25\n", name, i)
	}
	seen := map[string]int{}
	for shard := range 7 {
		o := z.options()
		o.Stdin = strings.NewReader(lines.String())
		o.Shard, o.Shards, o.Seed = shard, 7, uint64(shard)
		l, err := Parse([]string{"-", "203.0.113.0/24:25"}, o)
		if err != nil {
			t.Fatal(err)
		}
		for _, target := range walkAll(t, l) {
			seen[target]++
		}
	}
	if len(seen) != 456 {
		t.Errorf("7 shards have %d targets together, want 456", len(seen))
	}
	for target, n := range seen {
		if n != 1 {
			t.Errorf("%s is in %d shards", target, n)
		}
	}
}

// Editors of Windows begin a file with a byte order mark, and may write UTF-16.
func TestWindowsText(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, text := range []string{"\ufeff192.0.2.1:25\r\n192.0.2.2:25\r\n", "\xff\xfe1\x009\x002\x00.\x000\x00.\x002\x00.\x001\x00:\x002\x005\x00\n\x001\x009\x002\x00.\x000\x00.\x002\x00.\x002\x00:\x002\x005\x00"} {
		write(t, "targets.txt", text)
		check(t, []string{"@targets.txt"}, Options{}, "192.0.2.1:25 named", "192.0.2.2:25 named")
	}
}

// What is excluded is left alone under the name too that a translator has for it (RFC 6052).
func TestExcludedBehindTranslator(t *testing.T) {
	o := zone{hosts: map[string]string{"mail.example": "192.0.2.5 64:ff9b::c000:205 2001:db8::1"}}.options()
	o.Exclude = []string{"192.0.2.0/24"}
	check(t, []string{"mail.example:25", "64:ff9b::192.0.2.6", "64:ff9b::192.0.2.0/126"}, o, "[2001:db8::1]:25 name=mail.example named")
}
