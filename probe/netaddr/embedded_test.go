package netaddr

import (
	"net/netip"
	"testing"

	"go4.org/netipx"

	"openrelay/internal/variants"
)

// ownTranslators are prefixes of every length that a translator may have (RFC 6052 2.2).
var ownTranslators = []netip.Prefix{
	netip.MustParsePrefix("2001:db8::/32"), netip.MustParsePrefix("2001:d00:0100::/40"), netip.MustParsePrefix("2001:d01:122::/48"),
	netip.MustParsePrefix("2001:d02:122:300::/56"), netip.MustParsePrefix("2001:d03:122:344::/64"), netip.MustParsePrefix("2001:d04:122:344::/96"),
}

func setOf(prefixes ...string) *netipx.IPSet {
	var b netipx.IPSetBuilder
	for _, p := range prefixes {
		b.AddPrefix(netip.MustParsePrefix(p))
	}
	return built(&b)
}

// embed puts an IPv4 address where the addresses of the prefix have it, and one byte into all that is left of them.
func (e embedding) embed(v4 netip.Addr, rest byte) netip.Addr {
	b, octets := e.prefix.Addr().As16(), v4.As4()
	for i := e.prefix.Bits() / 8; i < 16; i++ {
		b[i] = rest
	}
	for i, octet := range e.octets {
		b[octet] = octets[i]
		if e.inverted {
			b[octet] = ^octets[i]
		}
	}
	return netip.AddrFrom16(b)
}

func TestEmbedded(t *testing.T) {
	for addr, want := range map[string]string{
		"::ffff:192.0.2.1": "192.0.2.1", "64:ff9b::c000:201": "192.0.2.1", "2002:c000:201:1::25": "192.0.2.1",
		"2001:0:4136:e378:8000:63bf:3fff:fdd2": "192.0.2.45", // RFC 4380 2.6
		"192.0.2.1":                            "192.0.2.1", "2001:dba::25": "2001:dba::25", "fe80::1%eth0": "fe80::1", "64:ff9b:1::c000:201": "64:ff9b:1::c000:201",
		// RFC 6052 2.4, but for the last bits of two prefixes
		"2001:db8:c000:221::": "192.0.2.33", "2001:d00:1c0:2:21::": "192.0.2.33", "2001:d01:122:c000:2:2100::": "192.0.2.33",
		"2001:d02:122:3c0:0:221::": "192.0.2.33", "2001:d03:122:344:c0:2:2100::": "192.0.2.33", "2001:d04:122:344::192.0.2.33": "192.0.2.33",
	} {
		if got := EmbeddedBy(netip.MustParseAddr(addr), ownTranslators); got.String() != want {
			t.Errorf("%s stands for %s, want %s", addr, got, want)
		}
	}
}

// What a resolver says of ipv4only.arpa tells the prefix of the translator, whatever its length (RFC 7050 3).
func TestNAT64Prefix(t *testing.T) {
	for _, want := range ownTranslators {
		for _, v4 := range ipv4only {
			if got, ok := NAT64Prefix(translated(want).embed(v4, 0)); !ok || got != want {
				t.Errorf("%s, %v; want %s", got, ok, want)
			}
		}
	}
	for _, addr := range []string{"192.0.0.170", "::ffff:192.0.0.170", "2001:db8::1", "64:ff9b::c000:ac", "::1"} {
		if got, ok := NAT64Prefix(netip.MustParseAddr(addr)); ok {
			t.Errorf("%s: %s", addr, got)
		}
	}
}

// A set of hosts has every address that stands for one of its own, and does not take a translator for all hosts.
func TestHosts(t *testing.T) {
	hosts := HostsOf(setOf("192.0.2.0/30", "64:ff9b::c633:6400/120", "2001:0:4136:e378:8000:63bf:34ff:8e00/119", "2001:db8:1::/48", "2002::/16", "2001:0:9::/48", "2001:d04:122:344::/96"), ownTranslators[5])
	for addr, want := range map[string]bool{
		"192.0.2.1": true, "192.0.2.4": false, "64:ff9b::c000:201": true, "2002:c000:201::1": true, "2001:0:1:2:3:4:3fff:fdfe": true, "2001:d04:122:344::c000:201": true,
		"198.51.100.7": true, "198.51.101.7": false, "203.0.113.1": true, "203.0.112.1": true, "203.0.114.1": false,
		"2001:db8:1::9%eth0": true, "2001:db8:2::9": false, "2002:808:808::1": true, "8.8.8.8": false, "2001:0:1:2:3:4:5:6": false, "2001:0:9:2:3:4:5:6": true, "2001:d04:122:344::8.8.8.8": true,
	} {
		if got := hosts.Contains(netip.MustParseAddr(addr)); got != want {
			t.Errorf("%s is one of them: %v", addr, got)
		}
	}
}

// A set of addresses stands for exactly what its addresses stand for, one by one.
func FuzzEmbeddedSet(f *testing.F) {
	var seeds [][]byte
	for _, e := range withTranslators(ownTranslators) {
		seeds = append(seeds, e.embed(netip.MustParseAddr("192.0.2.25"), 0).AsSlice())
	}
	n := byte(0)
	for addr := range variants.Of(3000, seeds...) {
		n += 7
		f.Add(addr, n)
	}
	f.Fuzz(func(t *testing.T, b []byte, bits byte) {
		a, ok := netip.AddrFromSlice(b)
		if !ok {
			return
		}
		p := netip.PrefixFrom(a, a.BitLen()-int(bits)%9).Masked() // at most 256 addresses
		var want netipx.IPSetBuilder
		r := netipx.RangeOfPrefix(p)
		for a := r.From(); a.IsValid() && r.Contains(a); a = a.Next() {
			want.Add(EmbeddedBy(a, ownTranslators))
		}
		var set netipx.IPSetBuilder
		set.AddPrefix(p)
		if got, want := EmbeddedSet(built(&set), ownTranslators...), built(&want); !got.Equal(want) {
			t.Errorf("%s stands for %v, its addresses for %v", p, got.Ranges(), want.Ranges())
		}
	})
}
