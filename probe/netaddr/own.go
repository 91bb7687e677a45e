package netaddr

import (
	"net"
	"net/netip"
)

// OfThisMachine are the addresses of this machine's interfaces; none where it cannot tell. What stands on a loopback
// interface is its own as a whole network.
func OfThisMachine() (own []netip.Prefix) {
	interfaces, _ := net.Interfaces()
	for _, i := range interfaces {
		addrs, _ := i.Addrs()
		for _, a := range addrs {
			prefix, err := netip.ParsePrefix(a.String())
			if err != nil {
				continue
			}
			addr := prefix.Addr().Unmap()
			if prefix = netip.PrefixFrom(addr, prefix.Bits()); i.Flags&net.FlagLoopback == 0 {
				prefix = netip.PrefixFrom(addr, addr.BitLen())
			}
			own = append(own, prefix)
		}
	}
	return own
}
