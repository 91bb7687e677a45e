// Package netaddr says of an address whether the public internet reaches it, and of a text whether it
// is a host name: each once, for everybody who asks. It neither looks anything up nor connects.
package netaddr

import (
	"net/netip"
	"slices"

	"go4.org/netipx"
)

// Public reports whether an address is one of the public internet, by the registries of IANA (RFC 6890,
// RFC 8190). One that stands for an IPv4 address is judged as that. A zone does not count. The addresses of
// documentation (RFC 5737, RFC 3849) are public here, since every example means a public one by them.
func Public(a netip.Addr) bool { return public.Contains(a.WithZone("")) }

// Reachable holds every address that the public internet reaches: those that are Public, but the ones of
// documentation, which are nobody's.
func Reachable() *netipx.IPSet { return reachable }

// Embedded is the IPv4 address that an IPv6 one stands for: that of an IPv6 socket, of a translator
// (NAT64) or of a tunnel (6to4). Every other address is returned as it is, without its zone.
func Embedded(a netip.Addr) netip.Addr {
	a = a.WithZone("")
	for _, r := range rows {
		if r.reach == embedded && r.prefix.Contains(a) {
			b := a.As16()
			return netip.AddrFrom4([4]byte(b[r.prefix.Bits()/8:]))
		}
	}
	return a
}

var public, reachable = publicOf(rows, true), publicOf(rows, false)

// publicOf lays longer prefixes over those that they are part of, which sort before them; and IPv6 over
// IPv4, so that it is known when it is embedded.
func publicOf(rows []row, examples bool) *netipx.IPSet {
	var set netipx.IPSetBuilder
	for _, r := range slices.SortedFunc(slices.Values(rows), func(a, b row) int { return a.prefix.Compare(b.prefix) }) {
		if examples && r.reach == example {
			r.reach = all
		}
		r.layOver(&set)
	}
	return built(&set)
}

// layOver puts what a row says in the place of what was there.
func (r row) layOver(set *netipx.IPSetBuilder) {
	switch r.reach {
	case all:
		set.AddPrefix(r.prefix)
	case none, example:
		set.RemovePrefix(r.prefix)
	case embedded:
		ipv4 := built(set)
		set.RemovePrefix(r.prefix)
		for _, v4 := range ipv4.Ranges() {
			if v4.From().Is4() {
				set.AddRange(netipx.IPRangeFrom(r.embed(v4.From(), 0), r.embed(v4.To(), 0xff)))
			}
		}
	}
}

// embed puts an IPv4 address behind the prefix, and one byte into all that is left.
func (r row) embed(v4 netip.Addr, rest byte) netip.Addr {
	prefix, behind := r.prefix.Addr().As16(), v4.As4()
	all := slices.Concat(prefix[:r.prefix.Bits()/8], behind[:], slices.Repeat([]byte{rest}, 16))
	return netip.AddrFrom16([16]byte(all[:16]))
}

// built is the set a builder holds. A builder fails only on invalid addresses, and none get there.
func built(b *netipx.IPSetBuilder) *netipx.IPSet {
	set, err := b.IPSet()
	if err != nil {
		panic(err)
	}
	return set
}
