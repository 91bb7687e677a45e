package targets

import (
	"net/netip"
	"slices"

	"go4.org/netipx"
)

// origins tells which line of a file named the address out of a range.
type origins []origin

type origin struct {
	netipx.IPRange
	port  uint16
	where string
	last  netip.Addr // the highest address of this range and of all before it
}

func (o *origins) add(r netipx.IPRange, port uint16, where string) {
	if where != "" {
		*o = append(*o, origin{IPRange: r, port: port, where: where, last: r.To()})
	}
}

// sorted puts the ranges in the order of their first addresses, ready to be asked.
func (o origins) sorted() origins {
	slices.SortStableFunc(o, func(a, b origin) int { return a.From().Compare(b.From()) })
	for i := 1; i < len(o); i++ {
		if o[i-1].last.Compare(o[i].last) > 0 {
			o[i].last = o[i-1].last
		}
	}
	return o
}

// of returns the line that named a target: of several, the narrowest there is likely to be, the one
// that begins last.
func (o origins) of(target netip.AddrPort) string {
	addr := target.Addr()
	i, _ := slices.BinarySearchFunc(o, addr, func(r origin, addr netip.Addr) int {
		if r.From().Compare(addr) <= 0 {
			return -1
		}
		return 1
	})
	for i--; i >= 0 && o[i].last.Compare(addr) >= 0; i-- {
		if o[i].port == target.Port() && o[i].Contains(addr) {
			return o[i].where
		}
	}
	return ""
}
