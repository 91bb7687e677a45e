package targets

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"net"
	"net/netip"
	"strconv"
	"strings"

	"go4.org/netipx"
)

var broadcast = netip.AddrFrom4([4]byte{255, 255, 255, 255})

// untestable names the kind of an address that no server can have, and is "" for all others.
func untestable(addr netip.Addr) string {
	switch addr = addr.Unmap().WithZone(""); {
	case addr.IsUnspecified():
		return "unspecified"
	case addr.IsMulticast():
		return "multicast"
	case addr == broadcast:
		return "broadcast"
	}
	return ""
}

var untestableSet = setOf("0.0.0.0/32", "::/128", "224.0.0.0/4", "ff00::/8", "255.255.255.255/32")

func setOf(prefixes ...string) *netipx.IPSet {
	var b netipx.IPSetBuilder
	for _, p := range prefixes {
		b.AddPrefix(netip.MustParsePrefix(p))
	}
	return built(&b)
}

// built is the set a builder holds. A builder fails only on invalid addresses, and none get there.
func built(b *netipx.IPSetBuilder) *netipx.IPSet {
	set, err := b.IPSet()
	if err != nil {
		panic(err)
	}
	return set
}

func both(a, b *netipx.IPSet) *netipx.IPSet {
	var set netipx.IPSetBuilder
	set.AddSet(a)
	set.Intersect(b)
	return built(&set)
}

func without(a, b *netipx.IPSet) *netipx.IPSet {
	var set netipx.IPSetBuilder
	set.AddSet(a)
	set.RemoveSet(b)
	return built(&set)
}

// size is how many addresses a range has; false where that is more than a uint64 holds.
func size(r netipx.IPRange) (n uint64, fits bool) {
	from, to := r.From().As16(), r.To().As16()
	low, borrow := bits.Sub64(binary.BigEndian.Uint64(to[8:]), binary.BigEndian.Uint64(from[8:]), 0)
	high, _ := bits.Sub64(binary.BigEndian.Uint64(to[:8]), binary.BigEndian.Uint64(from[:8]), borrow)
	return low + 1, high == 0 && low+1 != 0
}

// sizeOf is how many addresses a set of targets has: IPv4, or few enough IPv6, so that they fit.
func sizeOf(set *netipx.IPSet) uint64 {
	var sum uint64
	for _, r := range set.Ranges() {
		n, _ := size(r)
		sum += n
	}
	return sum
}

func sizeText(r netipx.IPRange) string {
	if p, ok := r.Prefix(); ok {
		return fmt.Sprintf("2^%d addresses", p.Addr().BitLen()-p.Bits())
	}
	return fmt.Sprintf("more than %d addresses", ipv6Limit)
}

// plus is the address n after addr.
func plus(addr netip.Addr, n uint64) netip.Addr {
	b := addr.As16()
	low, carry := bits.Add64(binary.BigEndian.Uint64(b[8:]), n, 0)
	binary.BigEndian.PutUint64(b[8:], low)
	binary.BigEndian.PutUint64(b[:8], binary.BigEndian.Uint64(b[:8])+carry)
	sum := netip.AddrFrom16(b)
	if addr.Is4() {
		return sum.Unmap()
	}
	return sum
}

// minus is how far addr is behind from; false where it is before, of another family, or too far.
func minus(addr, from netip.Addr) (n uint64, ok bool) {
	if addr.BitLen() != from.BitLen() || addr.Less(from) {
		return 0, false
	}
	n, ok = size(netipx.IPRangeFrom(from, addr))
	return n - 1, ok
}

// parseNetwork reads a CIDR. Bits behind the prefix are ignored: 192.0.2.77/24 is 192.0.2.0/24.
func parseNetwork(w word) (netipx.IPRange, error) {
	address, length, _ := strings.Cut(w.text, "/")
	addr, err := netip.ParseAddr(address)
	if err != nil || addr.Zone() != "" {
		return netipx.IPRange{}, w.errorf(howTargets, "%q is not a network: %q is not an address", w.text, address)
	}
	if bits, ok := maskBits(length); ok && addr.Is4() {
		w.text = fmt.Sprintf("%s/%d", address, bits)
	}
	prefix, err := netip.ParsePrefix(w.text)
	if err != nil {
		try := netip.PrefixFrom(addr, addr.BitLen()-8).Masked() // /24: the size most people mean
		if addr.Is6() {
			try = netip.PrefixFrom(addr, addr.BitLen()-16).Masked()
		}
		return netipx.IPRange{}, w.errorf(command(try.String()),
			"%q is not a network: a prefix length of IPv%d is a number from 0 to %d", w.text, version(addr), addr.BitLen())
	}
	if addr.Is4In6() && prefix.Bits() >= 96 {
		prefix = netip.PrefixFrom(addr.Unmap(), prefix.Bits()-96)
	}
	return netipx.RangeOfPrefix(prefix.Masked()), nil
}

// maskBits is the prefix length that a netmask stands for, 24 for 255.255.255.0. All zeros and all ones are none: to a
// router they may mean the opposite.
func maskBits(text string) (bits int, ok bool) {
	mask, err := netip.ParseAddr(text)
	if err != nil || !mask.Is4() {
		return 0, false
	}
	bits, _ = net.IPMask(mask.AsSlice()).Size()
	return bits, bits > 0 && bits < 32
}

// parseRange reads FROM-TO, where TO may be the last number of an IPv4 address alone.
func parseRange(w word) (netipx.IPRange, error) {
	first, last, _ := strings.Cut(w.text, "-")
	from, err := netip.ParseAddr(first)
	if err != nil || from.Zone() != "" {
		return netipx.IPRange{}, w.errorf(howTargets, "%q is not a range: %q is not an address", w.text, first)
	}
	from = from.Unmap()
	to, err := netip.ParseAddr(last)
	if n, numErr := strconv.ParseUint(last, 10, 8); numErr == nil && from.Is4() {
		b := from.As4()
		b[3] = byte(n)
		to, err = netip.AddrFrom4(b), nil
	}
	if err != nil {
		return netipx.IPRange{}, w.errorf(howTargets, "%q is not a range: it cannot end at %q", w.text, last)
	}
	to = to.Unmap()
	if from.BitLen() == to.BitLen() && to.Less(from) {
		return netipx.IPRange{}, w.errorf(command(fmt.Sprintf("%s-%s", to, from)), "%q is not a range: it ends before it begins", w.text)
	}
	r := netipx.IPRangeFrom(from, to)
	if !r.IsValid() || to.Zone() != "" {
		return netipx.IPRange{}, w.errorf(howTargets, "%q is not a range: it cannot end at %q", w.text, last)
	}
	return r, nil
}

func version(addr netip.Addr) int {
	if addr.Is4() {
		return 4
	}
	return 6
}
