package targets

import (
	"net/netip"
	"slices"

	"openrelay/probe/netaddr"
)

// metadata are the addresses where clouds tell a machine its secrets, but those that are link-local.
var metadata = []netip.Addr{
	netip.MustParseAddr("168.63.129.16"),      // Azure
	netip.MustParseAddr("100.100.100.200"),    // Alibaba
	netip.MustParseAddr("192.0.0.192"),        // Oracle, Classic
	netip.MustParseAddr("192.80.8.124"),       // Equinix Metal
	netip.MustParseAddr("169.254.169.254"),    // most of them; named here for its word
	netip.MustParseAddr("fd00:ec2::254"),      // AWS
	netip.MustParseAddr("fd00:ec2::23"),       // AWS, identities of pods
	netip.MustParseAddr("fd20:ce::254"),       // Google
	netip.MustParseAddr("fd00:c1::a9fe:a9fe"), // Oracle
	netip.MustParseAddr("fd00:42::42"),        // Scaleway
	netip.MustParseAddr("fd00:a9fe:a9fe::1"),  // Akamai
}

// ours is the kind of an address of this machine, which may be the server that is meant.
const ours = "this machine's"

// localNAT64 is for translators inside a network (RFC 8215): what is behind such an address, only they know.
var localNAT64 = netip.MustParsePrefix("64:ff9b:1::/48")

// inward names the kind of an address that nobody but the user may send the scan to: whoever stands behind the scanner's
// back may reach more from it than from elsewhere. It is one by itself, or by what it stands for: a resolver that lies
// about translators makes no address another.
func (k *known) inward(addr netip.Addr) string {
	inside := netaddr.EmbeddedBy(addr, k.nat64)
	for _, a := range []netip.Addr{addr.WithZone(""), inside} {
		if what := k.kind(a); what != "" {
			return what
		}
	}
	if localNAT64.Contains(inside) {
		return "locally translated"
	}
	return ""
}

// kind is that of an address as it is.
func (k *known) kind(a netip.Addr) string {
	switch {
	case slices.Contains(metadata, a):
		return "metadata"
	case a.IsLoopback():
		return "loopback"
	case a.IsLinkLocalUnicast():
		return "link-local"
	case k.ours.Contains(a):
		return ours
	}
	return untestable(a)
}
