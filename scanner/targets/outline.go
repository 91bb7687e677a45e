package targets

import (
	"context"
	"iter"

	"go4.org/netipx"

	"openrelay/probe"
)

// Outline is what a walk over a List would yield, told without walking its ranges.
type Outline struct {
	Named []probe.Target // in order, those without an address too
	Spans []Span         // of all shards
}

// Span is a run of addresses, all of which would be tested on one port.
type Span struct {
	netipx.IPRange
	Port uint16
}

// Size is how many addresses it has.
func (s Span) Size() uint64 {
	n, _ := size(s.IPRange)
	return n
}

// Outline looks up every name, and tells what All would yield. Ranges are told as they are before a
// shard is taken of them, and whole, whatever is Done.
func (l *List) Outline(ctx context.Context) (Outline, error) {
	l.reset()
	w, err := l.walk(ctx)
	if err != nil {
		return Outline{}, err
	}
	o := Outline{Named: make([]probe.Target, 0, len(l.singles)+len(l.names))} // there may be hundreds of thousands
	for _, part := range []iter.Seq[probe.Target]{w.named(ctx), w.addresses()} {
		for target := range part {
			o.Named = append(o.Named, target)
		}
	}
	o.Spans = w.spans()
	return o, ctx.Err()
}

// spans are the addresses of the blocks, less what is excluded and what is tested by name.
func (w *walk) spans() (spans []Span) {
	reached := map[uint16]*netipx.IPSetBuilder{}
	for id := range w.seen {
		if id.name == "" && id.addr.IsValid() {
			if reached[id.addr.Port()] == nil {
				reached[id.addr.Port()] = new(netipx.IPSetBuilder)
			}
			reached[id.addr.Port()].Add(id.addr.Addr().WithZone(""))
		}
	}
	without := map[uint16]*netipx.IPSet{}
	for port, b := range reached {
		without[port] = built(b)
	}
	var excluded netipx.IPSetBuilder
	for i, b := range w.blocks {
		var left netipx.IPSetBuilder
		left.AddRange(netipx.IPRangeFrom(b.from, plus(b.from, w.end(i)-b.start-1)))
		gone := w.excludedOf(built(&left))
		excluded.AddSet(gone)
		left.RemoveSet(gone)
		if set := without[b.port.number]; set != nil {
			left.RemoveSet(set)
		}
		for _, r := range built(&left).Ranges() {
			spans = append(spans, Span{r, b.port.number})
		}
	}
	for addr := range w.left {
		excluded.Remove(addr) // counted when a name led there
	}
	w.excluded.Add(sizeOf(built(&excluded)))
	return spans
}

// excludedOf are the addresses of a run that are excluded. IPv6 ones may stand for hosts that are; there are few.
func (w *walk) excludedOf(run *netipx.IPSet) *netipx.IPSet {
	if run.Ranges()[0].From().Is4() {
		return both(run, w.known.exclude.Addrs())
	}
	var found netipx.IPSetBuilder
	for _, r := range run.Ranges() {
		for addr := r.From(); r.Contains(addr); addr = addr.Next() {
			if w.known.exclude.Contains(addr) {
				found.Add(addr)
			}
		}
	}
	return built(&found)
}
