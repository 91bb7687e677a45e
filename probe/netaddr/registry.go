package netaddr

import "net/netip"

// reach is what the public internet reaches of a prefix.
type reach byte

const (
	none     reach = iota // no address of it
	all                   // every address of it
	embedded              // those that stand for an IPv4 address which it reaches (RFC 6052 2.2 says how)
	teredo                // the same, in a way of their own (RFC 4380 4)
	example               // no address of it, but examples are written as if it did
)

// row is what holds for a prefix where no longer one says otherwise.
type row struct {
	prefix netip.Prefix
	reach  reach
	source string // what it is, and who says so
}

// rows are the two IANA special-purpose address registries (RFC 6890, RFC 8190), line by line, with
// their column "Globally Reachable", and around them what they leave to others: all other IPv4 addresses,
// and the part of IPv6 that IANA gives away. Lines that say the same as the one around them are here
// too: so the table can be laid beside the registries.
var rows = []row{
	of("0.0.0.0/0", all, "IPv4 (RFC 791)"),
	of("0.0.0.0/8", none, "this network (RFC 791 3.2)"),
	of("0.0.0.0/32", none, "this host on this network (RFC 1122 3.2.1.3)"),
	of("10.0.0.0/8", none, "private use (RFC 1918)"),
	of("100.64.0.0/10", none, "shared address space of carriers' NAT (RFC 6598)"),
	of("127.0.0.0/8", none, "loopback (RFC 1122 3.2.1.3)"),
	of("169.254.0.0/16", none, "link local (RFC 3927)"),
	of("172.16.0.0/12", none, "private use (RFC 1918)"),
	of("192.0.0.0/24", none, "IETF protocol assignments (RFC 6890 2.1)"),
	of("192.0.0.0/29", none, "IPv4 service continuity (RFC 7335)"),
	of("192.0.0.8/32", none, "IPv4 dummy address (RFC 7600)"),
	of("192.0.0.9/32", all, "port control protocol anycast (RFC 7723)"),
	of("192.0.0.10/32", all, "TURN anycast (RFC 8155)"),
	of("192.0.0.170/32", none, "NAT64 and DNS64 discovery (RFC 8880, RFC 7050 2.2)"),
	of("192.0.0.171/32", none, "NAT64 and DNS64 discovery (RFC 8880, RFC 7050 2.2)"),
	of("192.0.2.0/24", example, "documentation (RFC 5737)"),
	of("192.31.196.0/24", all, "AS112 (RFC 7535)"),
	of("192.52.193.0/24", all, "automatic multicast tunneling (RFC 7450)"),
	of("192.88.99.0/24", none, "deprecated relay anycast of 6to4 (RFC 7526)"),
	of("192.88.99.2/32", none, "relay anycast of 6a44 (RFC 6751)"),
	of("192.168.0.0/16", none, "private use (RFC 1918)"),
	of("192.175.48.0/24", all, "AS112, delegated directly (RFC 7534)"),
	of("198.18.0.0/15", none, "benchmarking (RFC 2544)"),
	of("198.51.100.0/24", example, "documentation (RFC 5737)"),
	of("203.0.113.0/24", example, "documentation (RFC 5737)"),
	of("224.0.0.0/4", none, "multicast (RFC 5771)"),
	of("240.0.0.0/4", none, "reserved (RFC 1112 4)"),
	of("255.255.255.255/32", none, "limited broadcast (RFC 8190, RFC 919 7)"),

	of("::/0", none, "nobody's: IANA gives away 2000::/3 only (RFC 3587 3)"),
	of("::/128", none, "unspecified (RFC 4291)"),
	of("::1/128", none, "loopback (RFC 4291)"),
	of("::ffff:0:0/96", embedded, "an IPv4 address to an IPv6 socket (RFC 4291 2.5.5.2)"),
	of("64:ff9b::/96", embedded, "what NAT64 makes of an IPv4 address (RFC 6052 2.1)"),
	of("64:ff9b:1::/48", none, "NAT64 inside a network (RFC 8215)"),
	of("100::/64", none, "discarded (RFC 6666)"),
	of("100:0:0:1::/64", none, "dummy prefix (RFC 9780)"),
	of("2000::/3", all, "global unicast (RFC 3587 3)"),
	of("2001::/23", none, "IETF protocol assignments (RFC 2928)"),
	// The registry leaves Teredo open, since it takes a relay nearby (RFC 4380 5). Packets to such an address end
	// at the NAT whose IPv4 address it holds.
	of("2001::/32", teredo, "Teredo (RFC 4380)"),
	of("2001:1::1/128", all, "port control protocol anycast (RFC 7723)"),
	of("2001:1::2/128", all, "TURN anycast (RFC 8155)"),
	of("2001:1::3/128", all, "DNS-SD service registration anycast (RFC 9665)"),
	of("2001:2::/48", none, "benchmarking (RFC 5180)"),
	of("2001:3::/32", all, "automatic multicast tunneling (RFC 7450)"),
	of("2001:4:112::/48", all, "AS112 (RFC 7535)"),
	of("2001:10::/28", none, "ORCHID, given back (RFC 4843)"),
	of("2001:20::/28", all, "ORCHIDv2 (RFC 7343)"),
	of("2001:30::/28", all, "remote identification of drones (RFC 9374)"),
	of("2001:db8::/32", example, "documentation (RFC 3849)"),
	// The registry leaves 6to4 open, since RFC 7526 took only its anycast relays away. A packet to such
	// an address travels inside one to the IPv4 address that it embeds (RFC 3056 2).
	of("2002::/16", embedded, "6to4 (RFC 3056)"),
	of("2620:4f:8000::/48", all, "AS112, delegated directly (RFC 7534)"),
	of("3fff::/20", example, "documentation (RFC 9637)"),
	of("5f00::/16", none, "segment identifiers of SRv6 (RFC 9602)"),
	of("fc00::/7", none, "unique local (RFC 4193)"),
	of("fe80::/10", none, "link local (RFC 4291 2.5.6)"),
	of("ff00::/8", none, "multicast (RFC 4291 2.7)"),
}

func of(prefix string, r reach, source string) row {
	return row{netip.MustParsePrefix(prefix), r, source}
}
