package targets

import (
	"context"
	"fmt"
	"iter"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"go4.org/netipx"

	"openrelay/probe"
	"openrelay/probe/netaddr"
)

// lookups is how many names are looked up at once. Answers wait until they are taken, so that no
// more than this many names are ahead of the scan.
const lookups = 16

// named looks the names up and yields their targets in the order the answers come.
func (w *walk) named(ctx context.Context) iter.Seq[probe.Target] {
	return func(yield func(probe.Target) bool) {
		ctx, cancel := context.WithCancel(ctx)
		var workers sync.WaitGroup
		defer workers.Wait()
		defer cancel()
		answers := make(chan answer)
		var next atomic.Int64
		for range min(lookups, len(w.names)) {
			workers.Go(func() { w.lookupNames(ctx, &next, answers) })
		}
		for range w.names {
			select {
			case a := <-answers:
				for _, target := range w.accept(a) {
					if !w.isDone(target) && !yield(target) {
						return
					}
				}
			case <-ctx.Done():
				return
			}
		}
	}
}

// answer is what became of one name.
type answer struct {
	hostname
	targets []probe.Target
}

func (w *walk) lookupNames(ctx context.Context, next *atomic.Int64, answers chan<- answer) {
	for {
		i := next.Add(1) - 1
		if i >= int64(len(w.names)) {
			return
		}
		a := answer{w.names[i], w.lookup(ctx, w.names[i])}
		select {
		case answers <- a:
		case <-ctx.Done():
			return
		}
	}
}

// accept takes the targets of a name that are new and not excluded, and corrects the count.
func (w *walk) accept(a answer) []probe.Target {
	accepted := a.targets[:0]
	for _, t := range a.targets {
		if w.leaveOut(t) || w.seen[identity{t.Addr, t.Name, t.Domain}] {
			continue
		}
		w.seen[identity{t.Addr, t.Name, t.Domain}] = true
		w.seen[identity{addr: t.Addr}] = true
		accepted = append(accepted, t)
	}
	w.total.Add(uint64(len(accepted)) - uint64(len(a.ports)))
	w.unknown.Add(-1)
	return accepted
}

func (w *walk) lookup(ctx context.Context, h hostname) []probe.Target {
	if !h.mx {
		return w.lookupHost(ctx, h, h.name)
	}
	hosts, failure := w.mailHosts(ctx, h.name)
	if failure != "" {
		return []probe.Target{h.unresolved(h.name, failure)}
	}
	var targets []probe.Target
	for _, host := range hosts {
		targets = append(targets, w.lookupHost(ctx, h, host)...)
	}
	return targets
}

// target is a target reached by a host's name, without its address.
func (h hostname) target(host string) probe.Target {
	t := probe.Target{Name: host, Port: h.ports[0].number, Named: true, Origin: h.origin}
	if h.mx {
		t.Domain = h.name
	}
	return t
}

// unresolved is the target that stands for a host without an address.
func (h hostname) unresolved(host, why string) probe.Target {
	t := h.target(host)
	t.DNSError = why
	return t
}

// mailHosts are the hosts that take a domain's mail, the preferred first; the domain itself where
// it has no MX record (RFC 5321 5.1). failure says why there are none.
func (w *walk) mailHosts(ctx context.Context, domain string) (hosts []string, failure string) {
	records, err := w.options.lookupMX(ctx, domain)
	if len(records) == 0 {
		if err == nil || notFound(err) {
			return []string{domain}, ""
		}
		return nil, dnsText(err)
	}
	slices.SortStableFunc(records, func(a, b *net.MX) int { return int(a.Pref) - int(b.Pref) })
	for _, mx := range records {
		if host := fold(mx.Host); host != "" && !slices.Contains(hosts, host) {
			hosts = append(hosts, host)
		}
	}
	if len(hosts) == 0 {
		return nil, "the domain takes no mail: null MX (RFC 7505)"
	}
	return hosts, ""
}

// lookupHost returns one target for every address and port of a host of h.
func (w *walk) lookupHost(ctx context.Context, h hostname, host string) []probe.Target {
	question := host
	if h.mx {
		question += "." // what an MX record says is no name of a search domain
	}
	found, err := w.options.lookupIP(ctx, question)
	if len(found) == 0 {
		return []probe.Target{h.unresolved(host, dnsText(err))}
	}
	addrs, failure := w.family(found)
	if failure != "" && err != nil {
		failure = dnsText(err) // nobody knows whether it has others
	}
	if failure != "" {
		return []probe.Target{h.unresolved(host, failure)}
	}
	addrs, failure = w.inScope(ctx, h, host, addrs)
	var targets []probe.Target
	for _, addr := range addrs {
		for _, port := range h.ports {
			t := h.target(host)
			t.Addr, t.Port, t.Optional = netip.AddrPortFrom(addr, port.number), port.number, port.optional
			targets = append(targets, t)
		}
	}
	if failure == "" && err != nil {
		failure = "only some of its addresses could be had: " + dnsText(err)
	}
	if failure != "" {
		targets = append(targets, h.unresolved(host, failure))
	}
	return targets
}

// family leaves out the addresses -4 or -6 leaves out.
func (w *walk) family(found []netip.Addr) (addrs []netip.Addr, failure string) {
	for _, addr := range found {
		if w.options.IPv4Only && !addr.Is4() || w.options.IPv6Only && addr.Is4() {
			continue
		}
		addrs = append(addrs, addr)
	}
	if len(addrs) > 0 {
		return addrs, ""
	}
	if w.options.IPv4Only {
		return nil, "has IPv6 addresses only, and -4 leaves them out"
	}
	return nil, "has IPv4 addresses only, and -6 leaves them out"
}

// inScope refuses addresses the user cannot have meant: what a name he typed leads to is his to
// test, but an MX record or an alias is another's word, and must not turn the scan on his own machine
// or on the one that hands out its secrets. Under a Scope, the address must be in it, or the name, and
// the name that is an alias of. failure names what was refused.
func (w *walk) inScope(ctx context.Context, h hostname, host string, found []netip.Addr) (addrs []netip.Addr, failure string) {
	s := w.options.Scope
	canonical := sync.OnceValue(func() string { return w.canonical(ctx, host) })
	meant := func() bool { return !h.mx && canonical() == host }
	agreed := func() bool { return s == nil || s.name(host) && s.name(canonical()) }
	var refused []string
	for _, addr := range found {
		what, written := inward(addr), w.typed.Contains(addr.WithZone("")) || s.address(addr)
		if untestable(addr) == "" && (written || (what == "" || meant()) && agreed()) {
			addrs = append(addrs, addr)
			continue
		}
		refused = append(refused, strings.TrimSpace(fmt.Sprintf("%s address %s", what, addr)))
	}
	if len(refused) == 0 {
		return addrs, ""
	}
	return addrs, "leads to " + strings.Join(refused, ", ") + ", not in scope"
}

// inward names the kind of an address nobody but the user may send the scan to.
func inward(addr netip.Addr) string {
	addr = netaddr.Embedded(addr)
	switch {
	case slices.Contains(metadata, addr):
		return "metadata"
	case addr.IsLoopback():
		return "loopback"
	case addr.IsLinkLocalUnicast():
		return "link-local"
	}
	return untestable(addr)
}

// canonical is the name that host is an alias of: host itself where it is none, or where the two differ
// by a search domain only. It is "" where the resolver does not say: that is not trusted.
func (w *walk) canonical(ctx context.Context, host string) string {
	canonical, err := w.options.lookupCNAME(ctx, host)
	canonical = fold(canonical)
	switch {
	case err != nil:
		return ""
	case strings.HasPrefix(canonical, host+"."):
		return host
	}
	return canonical
}

// lookupExcluded adds the addresses of excluded names to what is left alone. Where the DNS does not
// answer, the scan must not begin: it might test just these.
func (w *walk) lookupExcluded(ctx context.Context) error {
	var addrs netipx.IPSetBuilder
	addrs.AddSet(w.exclude)
	for _, name := range w.List.exclude.names {
		found, err := w.options.lookupIP(ctx, name.text)
		if err != nil && !notFound(err) {
			return name.errorf("exclude its addresses instead of the name", "cannot tell the addresses of %q: %s", name.text, dnsText(err))
		}
		for _, addr := range found {
			addrs.Add(addr.WithZone(""))
		}
	}
	w.exclude = built(&addrs)
	return nil
}
