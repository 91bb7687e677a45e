package netaddr

import (
	"net/netip"
	"slices"

	"go4.org/netipx"
)

// Embedded is the IPv4 address that an IPv6 one stands for: that of an IPv6 socket, of a translator (NAT64) or of
// a tunnel (6to4, Teredo). Every other address is returned as it is, without its zone.
func Embedded(a netip.Addr) netip.Addr { return EmbeddedBy(a, nil) }

// EmbeddedBy is the same where the translators of this network have prefixes of their own, see [NAT64Prefix].
func EmbeddedBy(a netip.Addr, nat64 []netip.Prefix) netip.Addr {
	a = a.WithZone("")
	for _, e := range embeddings {
		if e.prefix.Contains(a) {
			return e.inside(a)
		}
	}
	for _, p := range nat64 {
		if p.Contains(a) {
			return translated(p).inside(a)
		}
	}
	return a
}

// EmbeddedSet is every address of a set by the one it stands for.
func EmbeddedSet(set *netipx.IPSet, nat64 ...netip.Prefix) *netipx.IPSet {
	var rest, inside netipx.IPSetBuilder
	rest.AddSet(set)
	for _, e := range withTranslators(nat64) {
		for _, p := range e.of(built(&rest)) {
			inside.AddPrefix(e.image(p))
		}
		rest.RemovePrefix(e.prefix)
	}
	inside.AddSet(built(&rest))
	return built(&inside)
}

// Hosts is a set of hosts: an address is in it if it is one of those it was made of, or stands for the same IPv4
// address as one of them.
type Hosts struct {
	addrs, inside *netipx.IPSet
	nat64         []netip.Prefix
}

// HostsOf returns the hosts of some addresses. Who names all addresses by which IPv6 reaches the whole of IPv4 means
// these, and not every IPv4 address.
func HostsOf(set *netipx.IPSet, nat64 ...netip.Prefix) Hosts {
	var hosts netipx.IPSetBuilder
	hosts.AddSet(set)
	for _, e := range withTranslators(nat64) {
		for _, p := range e.of(set) {
			if e.image(p).Bits() == 0 {
				hosts.RemovePrefix(p)
			}
		}
	}
	return Hosts{set, EmbeddedSet(built(&hosts), nat64...), nat64}
}

// Contains reports whether an address is one of those hosts'.
func (h Hosts) Contains(a netip.Addr) bool {
	return h.addrs.Contains(a.WithZone("")) || h.inside.Contains(EmbeddedBy(a, h.nat64))
}

// Addrs are the addresses that the hosts were named by, and those that these stand for.
func (h Hosts) Addrs() *netipx.IPSet {
	var all netipx.IPSetBuilder
	all.AddSet(h.addrs)
	all.AddSet(h.inside)
	return built(&all)
}

// NAT64Prefix returns the prefix by which a network's own translator stands for IPv4 addresses, given an IPv6 address
// that its resolver has for ipv4only.arpa (RFC 7050 3): that name has two well-known IPv4 addresses and no other.
func NAT64Prefix(answer netip.Addr) (netip.Prefix, bool) {
	if !answer.Is6() || answer.Is4In6() {
		return netip.Prefix{}, false
	}
	for _, bits := range []int{96, 64, 56, 48, 40, 32} { // RFC 6052 2.2
		prefix := netip.PrefixFrom(answer.WithZone(""), bits).Masked()
		if slices.Contains(ipv4only, translated(prefix).inside(answer)) {
			return prefix, true
		}
	}
	return netip.Prefix{}, false
}

var ipv4only = []netip.Addr{netip.AddrFrom4([4]byte{192, 0, 0, 170}), netip.AddrFrom4([4]byte{192, 0, 0, 171})} // RFC 7050 8.2

// embedding is where the addresses of a prefix have the IPv4 address that they stand for.
type embedding struct {
	prefix   netip.Prefix
	octets   [4]int // which octets of them are the IPv4 address
	inverted bool   // with each bit turned over (RFC 4380 4)
}

// translated is how a translator embeds addresses: right behind its prefix, but for octet 8 (RFC 6052 2.2).
func translated(prefix netip.Prefix) embedding {
	e := embedding{prefix: prefix}
	octet := prefix.Bits() / 8
	for i := range e.octets {
		if octet == 8 {
			octet++
		}
		e.octets[i] = octet
		octet++
	}
	return e
}

// embeddings are those that are the same everywhere.
var embeddings = embeddingsOf(rows)

func embeddingsOf(rows []row) (all []embedding) {
	for _, r := range rows {
		switch r.reach {
		case embedded:
			all = append(all, translated(r.prefix))
		case teredo:
			all = append(all, embedding{r.prefix, [4]int{12, 13, 14, 15}, true})
		}
	}
	return all
}

func withTranslators(nat64 []netip.Prefix) []embedding {
	all := slices.Clone(embeddings)
	for _, p := range nat64 {
		all = append(all, translated(p))
	}
	return all
}

// of is the part of a set that has the prefix.
func (e embedding) of(set *netipx.IPSet) []netip.Prefix {
	var part netipx.IPSetBuilder
	part.AddPrefix(e.prefix)
	part.Intersect(set)
	return built(&part).Prefixes()
}

// inside is the IPv4 address that one with the prefix stands for.
func (e embedding) inside(a netip.Addr) netip.Addr {
	b := a.As16()
	var v4 [4]byte
	for i, octet := range e.octets {
		v4[i] = b[octet]
		if e.inverted {
			v4[i] = ^v4[i]
		}
	}
	return netip.AddrFrom4(v4)
}

// image is what the addresses of a prefix within stand for: the bits of IPv4 addresses stand in the order of the
// IPv6 ones, so that those which a prefix leaves open are the last.
func (e embedding) image(p netip.Prefix) netip.Prefix {
	bits := 0
	for _, octet := range e.octets {
		bits += min(max(p.Bits()-8*octet, 0), 8)
	}
	return netip.PrefixFrom(e.inside(p.Addr()), bits).Masked()
}
