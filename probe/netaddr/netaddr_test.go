package netaddr

import (
	"net/netip"
	"slices"
	"testing"

	"go4.org/netipx"

	"openrelay/internal/variants"
)

// longest is the row that an address falls under, by looking at every one.
func longest(a netip.Addr) row {
	var found row
	for _, r := range rows {
		if r.prefix.Contains(a) && (!found.prefix.IsValid() || r.prefix.Bits() > found.prefix.Bits()) {
			found = r
		}
	}
	return found
}

// A row holds at both its ends, and just outside of them the longest other one does.
func TestRows(t *testing.T) {
	seen := map[netip.Prefix]bool{}
	for _, r := range rows {
		if r.prefix != r.prefix.Masked() || seen[r.prefix] || r.source == "" {
			t.Errorf("%s: bits behind the prefix, a second time, or no source", r.prefix)
		}
		seen[r.prefix] = true
		ends := netipx.RangeOfPrefix(r.prefix)
		for _, a := range []netip.Addr{ends.From(), ends.To(), ends.From().Prev(), ends.To().Next()} {
			if !a.IsValid() {
				continue
			}
			reach := longest(Embedded(a)).reach
			if got, want := Reachable().Contains(Embedded(a)), reach == all; got != want {
				t.Errorf("%s (%s): %s is reachable: %v", r.prefix, r.source, a, got)
			}
			if got, want := Public(a), reach == all || reach == example; got != want {
				t.Errorf("%s (%s): %s is public: %v", r.prefix, r.source, a, got)
			}
		}
	}
}

func TestPublic(t *testing.T) {
	for addr, want := range map[string]bool{
		"8.8.8.8": true, "192.31.196.1": true, "192.0.0.8": false, "192.0.0.9": true, "192.0.0.10": true, "192.0.0.11": false,
		"10.0.0.1": false, "172.15.255.255": true, "172.31.255.255": false, "192.168.0.1": false, "127.0.0.1": false,
		"100.63.255.255": true, "100.64.0.0": false, "100.127.255.255": false, "100.128.0.0": true,
		"0.0.0.0": false, "0.1.2.3": false, "169.254.169.254": false, "224.0.0.1": false, "255.255.255.255": false,
		"192.0.2.1": true, "198.51.100.1": true, "203.0.113.1": true, "198.19.0.1": false, "192.88.99.1": false,
		"2001:4860:4860::8888": true, "2600::1": true, "2001:db8::1": true, "3fff:fff::1": true, "3fff:1000::1": true,
		"::": false, "::1": false, "fe80::1": false, "fe80::1%eth0": false, "fd00::1": false, "fec0::1": false, "ff02::1": false,
		"2001:1::1": true, "2001:1::3": true, "2001:1::4": false, "2001:20::1": true, "2001:3f:ffff::": true, "2001:40::": false,
		"2001:0:4136:e378:8000:63bf:3fff:fdd2": true, "2001:0:4136:e378:8000:63bf:f5ff:fffe": false, "5f00::1": false, "4000::1": false, "100::1": false,
		"::ffff:10.0.0.1": false, "::ffff:8.8.8.8": true, "::8.8.8.8": false,
		"64:ff9b::a00:1": false, "64:ff9b::6440:1": false, "64:ff9b::808:808": true, "64:ff9b::808:808%eth0": true,
		"64:ff9b::c000:a": true, "64:ff9b:1::808:808": false, "64:ff9b:0:1::808:808": false,
		"2002:808:808::1": true, "2002:808:808:ffff:ffff:ffff:ffff:ffff": true, "2002:a00:1::1": false, "2002:c000:204::1": true,
	} {
		if got := Public(netip.MustParseAddr(addr)); got != want {
			t.Errorf("%s is public: %v", addr, got)
		}
	}
	if Public(netip.Addr{}) {
		t.Error("no address at all is public")
	}
}

// An address is judged as the longest prefix says, alone or in the set; and however an IPv4 address is
// written into an IPv6 one, it is judged alike.
func FuzzPublic(f *testing.F) {
	var seeds [][]byte
	for _, r := range rows {
		seeds = append(seeds, r.prefix.Addr().AsSlice())
	}
	for addr := range variants.Of(5000, seeds...) {
		f.Add(addr)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		a, ok := netip.AddrFromSlice(b)
		if !ok {
			return
		}
		stands := Embedded(a)
		reach := longest(stands).reach
		if got := Public(a); got != (reach == all || reach == example) || got != Public(stands) || Reachable().Contains(stands) != (reach == all) {
			t.Errorf("%s is public: %v, and %s, which it stands for: %v", a, got, stands, Public(stands))
		}
		if !a.Is4() {
			return
		}
		for _, e := range withTranslators(ownTranslators) {
			for _, rest := range []byte{0, 1, 0xff} {
				v6 := e.embed(a, rest)
				if EmbeddedBy(v6, ownTranslators) != a || Public(EmbeddedBy(v6, ownTranslators)) != Public(a) {
					t.Errorf("%s stands for %s, not %s, or is not judged alike", v6, Embedded(v6), a)
				}
			}
		}
	})
}

// Whoever asks about a network gets the same answer as for its addresses.
func TestReachable(t *testing.T) {
	for network, want := range map[string]int{
		"100.63.255.254/31": 2, "100.63.255.248/29": 8, "100.127.255.0/24": 0, "192.0.0.0/24": 2,
		"64:ff9b::a00:0/120": 0, "64:ff9b::c000:0/120": 2, "64:ff9b::808:0/112": 1 << 16, "2001:1::/120": 3,
		"2002:808:808::/120": 1, "2002:808:800::/46": 4, "2001:0:4136:e378:8000:63bf:3fff:ff00/120": 2, "2001:0:4136:e378:8000:63bf:f7f7:f7f0/124": 16,
	} {
		set := EmbeddedSet(setOf(network))
		n := 0
		for _, r := range set.Ranges() {
			for a := r.From(); r.Contains(a); a = a.Next() {
				if Reachable().Contains(a) {
					n++
				}
			}
		}
		if n != want {
			t.Errorf("%s has %d public addresses, want %d", network, n, want)
		}
	}
	if first := Reachable().Ranges(); !slices.ContainsFunc(first, func(r netipx.IPRange) bool { return r.From().Is6() }) {
		t.Error("the set has no IPv6")
	}
}
