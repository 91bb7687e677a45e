package netaddr

import (
	"net"
	"net/netip"
)

// OfThisMachine are the addresses of this machine's interfaces; none where it cannot tell.
func OfThisMachine() (addrs []netip.Addr) {
	interfaces, _ := net.InterfaceAddrs()
	for _, a := range interfaces {
		if prefix, err := netip.ParsePrefix(a.String()); err == nil {
			addrs = append(addrs, prefix.Addr().Unmap())
		}
	}
	return addrs
}
