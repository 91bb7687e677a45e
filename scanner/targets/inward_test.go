package targets

import (
	"context"
	"fmt"
	"net/netip"
	"testing"
)

// An mx: record, or an alias, leads neither to this machine nor to what only it may ask, in no guise.
func TestInward(t *testing.T) {
	const own = "198.51.100.9"
	for addr, what := range map[string]string{
		own: "this machine's", "198.18.7.77": "this machine's", "64:ff9b::198.51.100.9": "this machine's", "2001:db8::9": "this machine's",
		"127.0.0.2": "loopback", "2002:7f00:1::1": "loopback", "2001:0:4136:e378:8000:63bf:80ff:fffe": "loopback", "::ffff:127.0.0.1": "loopback",
		"169.254.169.254": "metadata", "168.63.129.16": "metadata", "64:ff9b::168.63.129.16": "metadata", "fd00:ec2::254": "metadata", "fd20:ce::254": "metadata",
		"fd00:c1::a9fe:a9fe": "metadata", "100.100.100.200": "metadata", "2002:a9fe:a9fe::1": "metadata",
		"64:ff9b:1::a00:1": "locally translated", "64:ff9b:1:ffff::1": "locally translated", "fe80::1": "link-local", "169.254.7.7": "link-local",
		"2002:e000:1::1": "multicast",
	} {
		z := zone{hosts: map[string]string{"mail.example": addr, "www.example": "alias mail.example"}, mx: map[string]string{"example": "10 mail.example."}}
		o := z.options()
		o.Ours = func() []netip.Prefix {
			return []netip.Prefix{netip.MustParsePrefix(own + "/32"), netip.MustParsePrefix("2001:db8::9/128"), netip.MustParsePrefix("198.18.7.1/24")}
		}
		shown := netip.MustParseAddr(addr).Unmap()
		refused := fmt.Sprintf("dns=leads to %s address %s, not in scope", what, shown)
		hint := func(name string) string {
			if what != ours {
				return ""
			}
			return fmt.Sprintf("; if it is yours to test, name the address too: openrelay scan %s %s", name, shown)
		}
		check(t, []string{"mx:example:25"}, o, "mail.example:25 domain=example named "+refused+hint("mx:example"))
		check(t, []string{"www.example:25"}, o, "www.example:25 named "+refused+hint("www.example"))
		// Who names the address itself means it, and so does who names the host.
		at := netip.AddrPortFrom(shown, 25).String()
		check(t, []string{"mx:example:25", at}, o, at+" name=mail.example domain=example named")
		check(t, []string{"mail.example:25"}, o, at+" name=mail.example named")
	}
}

// A resolver that lies about this network's translators makes no address another.
func TestInwardWhateverTheTranslator(t *testing.T) {
	for addr, what := range map[string]string{"::1": "loopback", "2001:db8::9": "this machine's", "fe80::7": "link-local", "fd20:ce::254": "metadata"} {
		z := zone{hosts: map[string]string{"mail.example": addr}, mx: map[string]string{"example": "10 mail.example."}}
		o := z.options()
		o.Ours = func() []netip.Prefix { return []netip.Prefix{netip.MustParsePrefix("2001:db8::9/128")} }
		for _, bits := range []int{32, 64, 96} {
			prefix := netip.PrefixFrom(netip.MustParseAddr(addr), bits).Masked()
			o.LookupNetIP = func(ctx context.Context, network, host string) ([]netip.Addr, error) {
				if host != "ipv4only.arpa." {
					return z.lookupNetIP(ctx, network, host)
				}
				b := prefix.Addr().As16()
				at := map[int]int{32: 4, 64: 9, 96: 12}[bits]
				copy(b[at:], []byte{192, 0, 0, 170})
				return []netip.Addr{netip.AddrFrom16(b)}, nil
			}
			want := fmt.Sprintf("mail.example:25 domain=example named dns=leads to %s address %s, not in scope", what, addr)
			if what == ours {
				want += "; if it is yours to test, name the address too: openrelay scan mx:example " + addr
			}
			check(t, []string{"mx:example:25"}, o, want)
		}
	}
}

// Each link of a chain of aliases is another's word.
func TestEveryLinkIsInScope(t *testing.T) {
	z := zone{hosts: map[string]string{"www.example.org": "alias cdn.evil.example", "cdn.evil.example": "alias mail.example.org", "mail.example.org": "192.0.2.25"}}
	o := z.options()
	o.Scope = agreed(t, "*.example.org")
	check(t, []string{"www.example.org:25"}, o, "www.example.org:25 named dns=leads to address 192.0.2.25 by way of cdn.evil.example, not in scope")
	o.Scope = agreed(t, "*.example.org", "cdn.evil.example")
	check(t, []string{"www.example.org:25"}, o, "192.0.2.25:25 name=www.example.org named")
}

// A question to a host that is no target keeps to the same bounds as the scan.
func TestAllowed(t *testing.T) {
	z := zone{hosts: map[string]string{"left.example": "192.0.2.5", "alias.example": "alias left.example"}}
	o := z.options()
	o.Exclude = []string{"left.example", "192.0.2.64/26"}
	l, err := Parse([]string{"mail.example.org", "127.0.0.9"}, o)
	if err != nil {
		t.Fatal(err)
	}
	scoped := o
	scoped.Scope = agreed(t, "192.0.2.0/25", "127.0.0.9", "mx.example.net")
	s, err := Parse([]string{"127.0.0.9"}, scoped)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		list       *List
		host, addr string
		want       string
	}{
		{l, "mx.example.net", "203.0.113.1", ""},
		{l, "mx.example.net", "10.0.0.1", ""},
		{l, "mx.example.net", "127.0.0.9", ""},
		{l, "mx.example.net", "127.0.0.1", "loopback address 127.0.0.1, not in scope"},
		{l, "mx.example.net", "64:ff9b::169.254.169.254", "metadata address 64:ff9b::a9fe:a9fe, not in scope"},
		{l, "mx.example.net", "64:ff9b::192.0.2.5", "64:ff9b::c000:205 is excluded"},
		{l, "LEFT.example.", "203.0.113.1", "203.0.113.1 is excluded"},
		{l, "alias.example", "203.0.113.1", "203.0.113.1 is excluded"},
		{l, "mx.example.net", "192.0.2.70", "192.0.2.70 is excluded"},
		{s, "mx.example.net", "203.0.113.1", ""},
		{s, "mx2.example.net", "203.0.113.1", "address 203.0.113.1, not in scope"},
		{s, "mx2.example.net", "192.0.2.1", ""},
	} {
		got := ""
		if err := c.list.Allowed(t.Context(), c.host, netip.MustParseAddr(c.addr)); err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%s at %s: %q, want %q", c.host, c.addr, got, c.want)
		}
	}
}
