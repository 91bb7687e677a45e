package expect

import (
	"cmp"
	"net/netip"
	"slices"
	"sort"
)

// cells are the addresses, cut where a range of a line begins or ends: each cell goes to the beginning of the next.
type cells []cell

type cell struct {
	from netip.Addr
	line *line // that names fewest addresses of those that hold the cell; nil for none
	hit  bool  // an address of it was tested
}

// at finds the cell of an address.
func (c cells) at(addr netip.Addr) *cell {
	i := sort.Search(len(c), func(i int) bool { return c[i].from.Compare(addr) > 0 })
	if i == 0 {
		return nil
	}
	return &c[i-1]
}

// tested reports whether an address of a line was tested.
func (c cells) tested(l *line) bool {
	for _, r := range l.subject.Addrs {
		first, _ := slices.BinarySearchFunc(c, r.From(), func(c cell, a netip.Addr) int { return c.from.Compare(a) })
		for _, cell := range c[first:] {
			if cell.from.Compare(r.To()) > 0 {
				break
			}
			if cell.hit {
				return true
			}
		}
	}
	return false
}

// border is where a range of a line begins, or the address behind its end.
type border struct {
	addr netip.Addr
	line *line
	ends bool
}

// cut makes the cells of some lines, all for one port. Two lines with as many addresses must have none in common.
func cut(lines []*line) (cells, error) {
	var borders []border
	for _, l := range lines {
		for _, r := range l.subject.Addrs {
			borders = append(borders, border{r.From(), l, false})
			if behind := behind(r.To()); behind.IsValid() {
				borders = append(borders, border{behind, l, true})
			}
		}
	}
	// What ends comes before what begins at the same address.
	slices.SortStableFunc(borders, func(a, b border) int {
		return cmp.Or(a.addr.Compare(b.addr), -compareBool(a.ends, b.ends))
	})
	var all cells
	var here []*line // those that hold the address, narrowest first
	for i, b := range borders {
		at, taken := slices.BinarySearchFunc(here, b.line, func(a, b *line) int { return a.beyond.compare(b.beyond) })
		switch {
		case b.ends:
			here = slices.Delete(here, at, at+1)
		case taken:
			return nil, twice(here[at], b.line)
		default:
			here = slices.Insert(here, at, b.line)
		}
		if i+1 == len(borders) || borders[i+1].addr != b.addr {
			all = append(all, cell{from: b.addr, line: first(here)})
		}
	}
	return all, nil
}

// compareBool puts false before true.
func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

func first(lines []*line) *line {
	if len(lines) == 0 {
		return nil
	}
	return lines[0]
}

// behind is the next address: the first of IPv6 behind the last of IPv4, and an invalid one behind the last of all.
func behind(addr netip.Addr) netip.Addr {
	next := addr.Next()
	if !next.IsValid() && addr.Is4() {
		return netip.IPv6Unspecified()
	}
	return next
}
