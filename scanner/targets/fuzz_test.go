package targets

import (
	"context"
	"net"
	"net/netip"
	"strings"
	"testing"

	"openrelay/internal/variants"
	"openrelay/probe"
)

// FuzzParse: Parse never panics; a mistake has words and a hint; what parses yields each target once,
// with a port, and never an address that no server can have or that is excluded, whatever the DNS
// says.
func FuzzParse(f *testing.F) {
	seeds := [][]string{
		{"192.0.2.0/24 192.0.2.5:25 mx:example.org:26", "10.0.0.0/8", "127.0.0.1 ::1 224.0.0.1"},
		{"[2001:db8::/112]:25 2001:db8::1-2001:db8::ff", "2001:db8::/120", "fe80::1%eth0 0.0.0.0"},
		{"::ffff:10.0.0.0/104", "::ffff:10.0.0.0/120", "::ffff:255.255.255.255"},
		{"0.0.0.0/0 10.0.0.0-255", "mail.example.org", "10.0.0.1 ::"},
		{"bücher.example:25 mx:straße.example xn--bcher-kva.example", "*.пример.example", "192.0.2.25"},
		{"fe80::1%br-0 [fe80::1%x]:25", "fe80::/10", ""},
	}
	for _, k := range Kinds {
		seeds = append(seeds, []string{k.Example, "192.0.2.7", "192.0.2.9"})
	}
	for row := range variants.Rows(1000, seeds...) {
		f.Add(row[0], row[1], row[2])
	}
	f.Fuzz(func(t *testing.T, specs, exclude, answer string) {
		var addrs []netip.Addr
		for _, a := range strings.Fields(answer) {
			if addr, err := netip.ParseAddr(a); err == nil {
				addrs = append(addrs, addr)
			}
		}
		o := Options{Authorized: "fuzz", Exclude: strings.Fields(exclude), ExcludeUnresolved: true}
		o.LookupNetIP = func(context.Context, string, string) ([]netip.Addr, error) { return addrs, nil }
		o.LookupMX = func(context.Context, string) ([]*net.MX, error) { return []*net.MX{{Host: answer}}, nil }
		o.LookupAliases = func(context.Context, string) ([]string, error) { return nil, nil }

		// Files are none of the fuzzer's business.
		fields := strings.Fields(strings.ReplaceAll(specs, "@", ""))
		l, err := Parse(fields, o)
		if err != nil {
			mistake, ok := err.(*Error)
			if !ok || mistake.Msg == "" || mistake.Hint() == "" {
				t.Fatalf("error %#v", err)
			}
			return
		}
		n, seen := uint64(0), map[probe.Target]bool{}
		for target, err := range l.All(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			if n++; n > 2000 {
				return
			}
			checkTarget(t, l, target)
			if target.Addr.IsValid() && seen[target] {
				t.Fatalf("%v twice", target)
			}
			seen[target] = true
		}
		if want, exact := l.Len(); want != n || !exact {
			t.Fatalf("%d targets, Len says %d, %t", n, want, exact)
		}
	})
}

func checkTarget(t *testing.T, l *List, target probe.Target) {
	if target.Port == 0 || target.Addr.IsValid() == (target.DNSError != "") {
		t.Fatalf("incomplete target %+v", target)
	}
	if !target.Addr.IsValid() {
		return
	}
	addr := target.Addr.Addr()
	if untestable(addr) != "" || addr.Is4In6() || target.Addr.Port() != target.Port {
		t.Fatalf("impossible target %+v", target)
	}
	if l.exclude.addrs.Contains(addr.WithZone("")) {
		t.Fatalf("excluded target %+v", target)
	}
	if target.Name == "" && !l.typed.Contains(addr.WithZone("")) {
		t.Fatalf("%+v was never named", target)
	}
}
