package targets

import (
	"cmp"
	"context"
	"iter"
	"maps"
	"net/netip"
	"slices"
	"sort"
	"strings"
	"sync/atomic"

	"go4.org/netipx"

	"openrelay/probe"
	"openrelay/probe/netaddr"
)

// List is what the user named, ready to be walked by one goroutine at a time.
type List struct {
	options Options
	all     []hostname // of all shards
	names   []hostname
	singles []single
	blocks  []block
	origins origins       // of the blocks
	walked  uint64        // addresses and ports of the blocks
	typed   *netipx.IPSet // addresses the user typed, of the families that are tested, before exclusions
	exclude exclusions
	command string // the targets, as a shell takes them

	known   *known              // nil before Check
	ahead   map[string]answer   // to the names, for the next walk; nil where they are looked up in it
	counted map[netip.Addr]bool // public hosts that names led to

	done   []uint64         // a bit for each number of the blocks, where Done was called
	others map[outcome]bool // the same of what was named

	public   uint64        // hosts among typed
	dropped  uint64        // addresses excluded before the walk
	total    atomic.Uint64 // targets, as far as known
	unknown  atomic.Int64  // names not looked up yet
	excluded atomic.Uint64
}

// block is a run of addresses with one port. Its targets have the numbers from start.
type block struct {
	port
	from  netip.Addr
	start uint64
}

// list makes the List, less what is excluded, if the user may test that much.
func (p *parser) list() (*List, error) {
	exclude, err := p.exclusions()
	if err != nil {
		return nil, err
	}
	l := &List{options: p.Options, exclude: exclude, command: p.commandLine(), counted: map[netip.Addr]bool{}}
	all := p.typed()
	l.typed = without(all, p.families())
	kept := without(l.typed, exclude.addrs)
	l.dropped = sizeOf(all) - sizeOf(kept)
	l.names = slices.DeleteFunc(p.names, func(h hostname) bool { return exclude.name(h.name) })
	l.dropped += uint64(len(p.names) - len(l.names))
	l.singles = slices.DeleteFunc(p.singles, func(s single) bool { return !kept.Contains(s.Addr().WithZone("")) })
	l.addBlocks(p.ranges, kept)
	l.origins = p.origins.sorted()
	if len(l.names)+len(l.singles)+len(l.blocks) == 0 {
		return nil, p.nothingLeft()
	}
	if err := p.withinScope(kept, l.names); err != nil {
		return nil, err
	}
	l.all = l.names
	l.public = countPublic(l.typed, netaddr.HostsOf(exclude.addrs))
	if l.public > PublicLimit && !p.permitted() {
		return nil, l.tooMany("")
	}
	l.names = shard(l.names, p.Options, func(h hostname) string { return h.name })
	l.singles = shard(l.singles, p.Options, func(s single) netip.Addr { return s.Addr() })
	l.reset()
	return l, nil
}

func (p *parser) nothingLeft() error {
	if len(p.specs) == 0 {
		return &Error{Msg: "no target", Try: command("mail.example.org")}
	}
	hint := "--exclude, -4, -6 and the family of --source leave nothing to test"
	if len(p.ExcludeFiles) > 0 {
		hint = "--exclude, -4, -6, the family of --source and " + strings.Join(p.ExcludeFiles, ", ") + " leave nothing to test"
	}
	return &Error{Msg: "every target is excluded", Try: hint}
}

// commandLine is what the user named, as a shell takes it; the beginning, where that is long.
func (p *parser) commandLine() string {
	if all := shellWords(p.specs); len(all) <= mostHint {
		return all
	}
	return shellWords(p.specs[:min(len(p.specs), 5)]) + " ..."
}

// typed is every address the user wrote down, alone or in a range.
func (p *parser) typed() *netipx.IPSet {
	var all netipx.IPSetBuilder
	for _, b := range p.ranges {
		all.AddSet(built(b))
	}
	all.RemoveSet(untestableSet)
	var last netip.Addr // the ports of an address mostly follow each other
	for _, s := range p.singles {
		if s.Addr() != last {
			last = s.Addr()
			all.Add(last.WithZone(""))
		}
	}
	return built(&all)
}

// addBlocks lays the ranges out as runs of addresses, none twice and none that is tested by name.
func (l *List) addBlocks(ranges map[port]*netipx.IPSetBuilder, kept *netipx.IPSet) {
	taken := map[uint16]*netipx.IPSetBuilder{}
	for port := range ranges {
		taken[port.number] = new(netipx.IPSetBuilder)
	}
	for _, s := range l.singles {
		if set := taken[s.Port()]; set != nil { // else no range is tested there
			set.Add(s.Addr().WithZone(""))
		}
	}
	for _, port := range slices.SortedFunc(maps.Keys(ranges), comparePorts) {
		b := ranges[port]
		b.Intersect(kept)
		b.RemoveSet(built(taken[port.number]))
		set := built(b)
		taken[port.number].AddSet(set)
		for _, r := range set.Ranges() {
			l.blocks = append(l.blocks, block{port, r.From(), l.walked})
			n, _ := size(r)
			l.walked += n
		}
	}
}

// comparePorts puts the ports the user typed before optional ones.
func comparePorts(a, b port) int {
	if a.optional != b.optional {
		if b.optional {
			return -1
		}
		return 1
	}
	return cmp.Compare(a.number, b.number)
}

// shard keeps every n-th host of those that were named, with all its ports: what one port says bears on
// another, and no two shards are to ask one host at once.
func shard[T any, K comparable](all []T, o Options, host func(T) K) []T {
	if o.Shards < 2 {
		return all
	}
	var mine []T
	numbers := make(map[K]int)
	for _, t := range all {
		n, ok := numbers[host(t)]
		if !ok {
			n = len(numbers)
			numbers[host(t)] = n
		}
		if n%o.Shards == o.Shard {
			mine = append(mine, t)
		}
	}
	return mine
}

// mine is how many of the walked addresses this shard has, and the distance between them.
func (l *List) mine() (n, step uint64) {
	step = uint64(max(1, l.options.Shards))
	first := uint64(l.options.Shard)
	if first >= l.walked {
		return 0, step
	}
	return (l.walked-first-1)/step + 1, step
}

// reset counts the targets as they are known before the walk: one per name and port.
func (l *List) reset() {
	n, _ := l.mine()
	n += uint64(len(l.singles))
	for _, h := range l.names {
		n += uint64(len(h.ports))
	}
	l.total.Store(n)
	l.unknown.Store(int64(len(l.names)))
	l.excluded.Store(l.dropped)
}

// Len is the number of targets. It is exact once every name has been looked up, which happens in
// All; before that a name counts as one address.
func (l *List) Len() (n uint64, exact bool) { return l.total.Load(), l.unknown.Load() == 0 }

// Excluded is the number of addresses and names left out so far. Those a name leads to are found in
// All.
func (l *List) Excluded() uint64 { return l.excluded.Load() }

// Ranges reports whether there are addresses that the user did not name one by one.
func (l *List) Ranges() bool { return l.walked > 0 }

// All walks the targets: names first, then single addresses, then all ranges in one shuffled order.
// A name without an address yields a target with a DNSError. An error is the last thing yielded.
func (l *List) All(ctx context.Context) iter.Seq2[probe.Target, error] {
	return func(yield func(probe.Target, error) bool) {
		l.reset()
		w, err := l.walk(ctx)
		if err != nil {
			yield(probe.Target{}, err)
			return
		}
		for _, part := range []iter.Seq[probe.Target]{w.named(ctx), w.addresses(), w.ranges()} {
			for target := range part {
				if ctx.Err() != nil {
					break
				}
				if err := l.options.Scope.Ended(l.options.now()); err != nil {
					yield(probe.Target{}, err)
					return
				}
				if !yield(target, nil) {
					return
				}
			}
		}
		if err := ctx.Err(); err != nil {
			yield(probe.Target{}, err)
		}
	}
}

// walk is one pass over a List.
type walk struct {
	*List
	ahead map[string]answer   // to names that are looked up
	left  map[netip.Addr]bool // excluded addresses that names lead to
	seen  map[identity]bool   // what was reached by a name
}

// walk begins one, once it is known what must not be in it.
func (l *List) walk(ctx context.Context) (*walk, error) {
	if err := l.Check(ctx); err != nil {
		return nil, err
	}
	w := &walk{List: l, ahead: l.ahead, left: map[netip.Addr]bool{}, seen: map[identity]bool{}}
	l.ahead = nil // the DNS may say something else in another
	return w, nil
}

// identity is what makes two targets the same. An address reached by two names is two targets: what
// its own domain is differs. An address also reached by name is not tested once more without.
type identity struct {
	addr         netip.AddrPort
	name, domain string
}

// excludes reports whether an address of a host is excluded: by what it stands for, by the host's name, or by one that
// the host is an alias of.
func (l *List) excludes(h host, addr netip.Addr) bool {
	excluded := func(name string) bool { return l.known.names[name] }
	return l.known.exclude.Contains(addr) || excluded(h.name) || slices.ContainsFunc(h.aliases, excluded)
}

// leaveOut reports whether an address is excluded, and counts it once.
func (w *walk) leaveOut(h host, addr netip.Addr) bool {
	if !w.excludes(h, addr) {
		return false
	}
	if addr = addr.WithZone(""); !w.left[addr] {
		w.left[addr] = true
		w.excluded.Add(1)
	}
	return true
}

// fresh reports whether an address is still to be tested, and corrects the count if not.
func (w *walk) fresh(t probe.Target) bool {
	if !w.leaveOut(host{}, t.Addr.Addr()) && (t.Domain != "" || !w.seen[identity{addr: t.Addr}]) {
		return true
	}
	w.drop()
	return false
}

// drop takes one target off the count.
func (l *List) drop() { l.total.Add(^uint64(0)) }

func (w *walk) addresses() iter.Seq[probe.Target] {
	return func(yield func(probe.Target) bool) {
		for _, s := range w.singles {
			target := s.target(probe.Target{Addr: s.AddrPort, Port: s.Port(), Named: true, Optional: s.optional})
			if w.fresh(target) && !w.isDone(target) && !yield(target) {
				return
			}
		}
	}
}

// ranges walks every address and port of every range in one shuffled order, so that no network is
// asked in a row. A shard's numbers are a fixed distance apart: shards are disjoint and complete
// whatever their seeds.
func (w *walk) ranges() iter.Seq[probe.Target] {
	return func(yield func(probe.Target) bool) {
		n, step := w.mine()
		shuffled := newOrder(n, w.options.Seed)
		for i := range n {
			number := shuffled.at(i)*step + uint64(w.options.Shard)
			if w.bit(number) {
				continue // known before the address: a range that is done is passed over in no time
			}
			if target := w.number(number); w.fresh(target) && !yield(target) {
				return
			}
		}
	}
}

// number is the i-th target of the blocks.
func (l *List) number(i uint64) probe.Target {
	b := l.blocks[sort.Search(len(l.blocks), func(k int) bool { return l.blocks[k].start > i })-1]
	addr := netip.AddrPortFrom(plus(b.from, i-b.start), b.port.number)
	return l.origins.of(addr).target(probe.Target{Addr: addr, Port: b.port.number, Optional: b.optional})
}

// target is a target with what is known of it.
func (a about) target(t probe.Target) probe.Target {
	t.Origin, t.Local = a.origin, a.local
	t.Domain = cmp.Or(t.Domain, a.domain)
	return t
}
