package lookup

import (
	"net/netip"
	"testing"
)

func TestReversed(t *testing.T) {
	for addr, want := range map[string]string{
		"192.0.2.99":       "99.2.0.192",
		"2001:db8:1:2::3":  "3.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.2.0.0.0.1.0.0.0.8.b.d.0.1.0.0.2",
		"::ffff:127.0.0.2": "2.0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0",
	} {
		if got := reversed(netip.MustParseAddr(addr)); got != want {
			t.Errorf("%s: %s, want %s", addr, got, want)
		}
	}
}

func TestParseResolver(t *testing.T) {
	for s, want := range map[string]string{
		"192.0.2.53": "192.0.2.53:53", "192.0.2.53:5353": "192.0.2.53:5353",
		"2001:db8::53": "[2001:db8::53]:53", "[2001:db8::53]:54": "[2001:db8::53]:54",
	} {
		if got, err := ParseResolver(s); err != nil || got.String() != want {
			t.Errorf("%s: %s, %v", s, got, err)
		}
	}
	for _, s := range []string{"", "dns.example.org", "192.0.2.53:0", "192.0.2.53:99999", "192.0.2.300"} {
		if got, err := ParseResolver(s); err == nil {
			t.Errorf("%q: %s", s, got)
		}
	}
}

func TestPublicResolver(t *testing.T) {
	for addr, want := range map[string]string{"8.8.8.8": "Google", "1.0.0.1": "Cloudflare", "9.9.9.9": "Quad9", "2606:4700:4700::1111": "Cloudflare", "192.0.2.53": "", "127.0.0.1": ""} {
		c := &Checker{Resolvers: []netip.AddrPort{netip.AddrPortFrom(netip.MustParseAddr(addr), 53)}}
		got, operator, ok := c.PublicResolver()
		if operator != want || ok != (want != "") || ok && got.String() != addr {
			t.Errorf("%s: %s %q", addr, got, operator)
		}
	}
}
