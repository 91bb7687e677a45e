package targets

import (
	"net/netip"
	"sort"

	"openrelay/probe"
)

// outcome names a target as a result does.
type outcome struct{ target, name, domain string }

// Done takes a target off the list, as a result of an earlier run names it: the address and port, or
// name and port, the host name, if any, and the domain whose mail host it was tested as. It is to be called
// before All. A range costs one bit an address, once.
func (l *List) Done(target, name, domain string) {
	if addr, err := netip.ParseAddrPort(target); err == nil && name == "" {
		if i, ok := l.index(addr); ok {
			if l.done == nil {
				l.done = make([]uint64, (l.walked+63)/64)
			}
			l.done[i/64] |= 1 << (i % 64)
			return
		}
	}
	if l.others == nil {
		l.others = make(map[outcome]bool)
	}
	l.others[outcome{target, name, domain}] = true
}

// bit reports whether a number of the blocks is done, and takes it off the count then.
func (l *List) bit(i uint64) bool {
	if l.done == nil || l.done[i/64]&(1<<(i%64)) == 0 {
		return false
	}
	l.drop()
	return true
}

// isDone is bit for what was named.
func (l *List) isDone(t probe.Target) bool {
	if !l.others[outcome{t.String(), t.Name, t.Domain}] {
		return false
	}
	l.drop()
	return true
}

// index is the number of an address and port of the blocks: the inverse of number.
func (l *List) index(addr netip.AddrPort) (uint64, bool) {
	for from := 0; from < len(l.blocks); {
		port := l.blocks[from].port
		to := from + sort.Search(len(l.blocks)-from, func(k int) bool { return l.blocks[from+k].port != port })
		if port.number == addr.Port() {
			of := l.blocks[from:to]
			k := sort.Search(len(of), func(k int) bool { return addr.Addr().Less(of[k].from) }) - 1
			if k >= 0 {
				if i, ok := minus(addr.Addr(), of[k].from); ok && of[k].start+i < l.end(from+k) {
					return of[k].start + i, true
				}
			}
		}
		from = to
	}
	return 0, false
}

// end is the first number behind a block.
func (l *List) end(block int) uint64 {
	if block+1 < len(l.blocks) {
		return l.blocks[block+1].start
	}
	return l.walked
}
