// Package netaddr says of an address whether the public internet reaches it, or whether it is this machine's, and of a
// text whether it is a host name: each once, for everybody who asks. It neither looks anything up nor connects.
package netaddr

import (
	"net/netip"
	"slices"

	"go4.org/netipx"
)

// Public reports whether an address is one of the public internet, by the registries of IANA (RFC 6890,
// RFC 8190). One that stands for an IPv4 address is judged as that. A zone does not count. The addresses of
// documentation (RFC 5737, RFC 3849) are public here, since every example means a public one by them.
func Public(a netip.Addr) bool { return public.Contains(Embedded(a)) }

// Reachable holds every address that the public internet reaches: those that are Public, but the ones of
// documentation, which are nobody's, and those that stand for IPv4 addresses: see [EmbeddedSet].
func Reachable() *netipx.IPSet { return reachable }

var public, reachable = publicOf(rows, true), publicOf(rows, false)

// publicOf lays longer prefixes over those that they are part of, which sort before them.
func publicOf(rows []row, examples bool) *netipx.IPSet {
	var set netipx.IPSetBuilder
	for _, r := range slices.SortedFunc(slices.Values(rows), func(a, b row) int { return a.prefix.Compare(b.prefix) }) {
		if r.reach == all || r.reach == example && examples {
			set.AddPrefix(r.prefix)
		} else {
			set.RemovePrefix(r.prefix)
		}
	}
	return built(&set)
}

// built is the set a builder holds. A builder fails only on invalid addresses, and none get there.
func built(b *netipx.IPSetBuilder) *netipx.IPSet {
	set, err := b.IPSet()
	if err != nil {
		panic(err)
	}
	return set
}
