package targets

import (
	"net/netip"
	"slices"

	"go4.org/netipx"
)

// origins tells what is known of an address out of a range: by the line of a file that named it.
type origins []origin

type origin struct {
	netipx.IPRange
	port uint16
	about
	last netip.Addr // the highest address of this range and of all before it
}

func (o *origins) add(r netipx.IPRange, port uint16, a about) {
	if a != (about{}) {
		*o = append(*o, origin{IPRange: r, port: port, about: a, last: r.To()})
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

// of returns what is known of a target: of several lines by the narrowest there is likely to be, the one
// that begins last.
func (o origins) of(target netip.AddrPort) about {
	addr := target.Addr()
	i, _ := slices.BinarySearchFunc(o, addr, func(r origin, addr netip.Addr) int {
		if r.From().Compare(addr) <= 0 {
			return -1
		}
		return 1
	})
	for i--; i >= 0 && o[i].last.Compare(addr) >= 0; i-- {
		if o[i].port == target.Port() && o[i].Contains(addr) {
			return o[i].about
		}
	}
	return about{}
}
