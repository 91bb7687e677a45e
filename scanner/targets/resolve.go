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

	"openrelay/probe"
)

// lookups is how many names are looked up at once. Answers wait until they are taken, so that no
// more than this many names are ahead of the scan.
const lookups = 16

// hostsAhead is how many mail hosts of a domain are looked up at once: their name servers may be dead, all of them.
const hostsAhead = 8

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
	hosts []host
}

// host is one that a name leads to.
type host struct {
	name    string
	aliases []string     // the names that it is an alias of, where names are excluded
	addrs   []netip.Addr // to be tested
	failure string       // why there are none, or not all
	ours    []netip.Addr // of this machine, and refused for that alone
}

// key tells a name from all others of a list.
func (h hostname) key() string { return fmt.Sprintf("%s %t", h.name, h.mx) }

func (w *walk) lookupNames(ctx context.Context, next *atomic.Int64, answers chan<- answer) {
	for {
		i := next.Add(1) - 1
		if i >= int64(len(w.names)) {
			return
		}
		a, known := w.ahead[w.names[i].key()]
		if !known {
			a = w.lookup(ctx, w.names[i])
		}
		select {
		case answers <- a:
		case <-ctx.Done():
			return
		}
	}
}

// accept returns the targets of a name that are new and not excluded, and corrects the count.
func (w *walk) accept(a answer) (accepted []probe.Target) {
	n := 0
	a.hosts = slices.Clone(a.hosts)
	for i, h := range a.hosts {
		a.hosts[i].addrs = slices.DeleteFunc(slices.Clone(h.addrs), func(addr netip.Addr) bool { return w.leaveOut(h, addr) })
		n += len(a.hosts[i].addrs)
	}
	if n > NameLimit {
		a.hosts = []host{{name: a.name, failure: fmt.Sprintf("leads to more than %d addresses: name those to be tested", NameLimit)}}
	}
	for _, h := range a.hosts {
		for _, t := range a.targets(h) {
			if id := (identity{t.Addr, t.Name, t.Domain}); !w.seen[id] {
				w.seen[id], w.seen[identity{addr: t.Addr}] = true, true
				accepted = append(accepted, t)
			}
		}
	}
	w.total.Add(uint64(len(accepted)) - uint64(len(a.ports)))
	w.unknown.Add(-1)
	return accepted
}

// lookup finds the hosts of a name. No more of them than can be tested.
func (l *List) lookup(ctx context.Context, h hostname) answer {
	a := answer{hostname: h}
	if !h.mx {
		a.hosts = []host{l.lookupHost(ctx, h, h.name)}
		return a
	}
	hosts, failure := l.mailHosts(ctx, h.name)
	if failure != "" {
		a.hosts = []host{{name: h.name, failure: failure}}
		return a
	}
	n := 0
	for some := range slices.Chunk(hosts, hostsAhead) {
		found := make([]host, len(some))
		sideBySide(ctx, len(some), len(some), func(i int) { found[i] = l.lookupHost(ctx, h, some[i]) })
		for _, of := range found {
			a.hosts = append(a.hosts, of)
			if n += len(of.addrs); n > PublicLimit {
				return a // more than a name may have, and than may be tested unless somebody allowed it
			}
		}
	}
	return a
}

// targets are one for every address and port of a host, and one without an address where there are none, or not all.
func (h hostname) targets(of host) (targets []probe.Target) {
	target := h.target(probe.Target{Name: of.name, Named: true})
	if h.mx {
		target.Domain = h.name
	}
	for _, addr := range of.addrs {
		for _, port := range h.ports {
			t := target
			t.Addr, t.Port, t.Optional = netip.AddrPortFrom(addr, port.number), port.number, port.optional
			targets = append(targets, t)
		}
	}
	if of.failure != "" {
		target.Port, target.DNSError = h.ports[0].number, of.failure
		targets = append(targets, target)
	}
	return targets
}

// mailHosts are the hosts that take a domain's mail, the preferred first; the domain itself where
// it has no MX record (RFC 5321 5.1). failure says why there are none.
func (l *List) mailHosts(ctx context.Context, domain string) (hosts []string, failure string) {
	records, err := l.options.lookupMX(ctx, domain)
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
	if len(hosts) > NameLimit {
		return nil, fmt.Sprintf("the domain has more than %d mail hosts: name those to be tested", NameLimit)
	}
	if len(hosts) == 0 {
		return nil, "the domain takes no mail: null MX (RFC 7505)"
	}
	return hosts, ""
}

// question is how the DNS is asked about a host of h. What an MX record says is no name of a search domain.
func (h hostname) question(name string) string {
	if h.mx {
		return name + "."
	}
	return name
}

// with is the command that tests a name where it leads to addresses of this machine.
func (h hostname) with(addrs []netip.Addr) string {
	words := []string{h.name}
	if h.mx {
		words[0] = "mx:" + h.name
	}
	for _, addr := range addrs[:min(len(addrs), mostRefused)] {
		words = append(words, addr.String())
	}
	return command(words...)
}

// lookupHost asks for the addresses of a host of h.
func (l *List) lookupHost(ctx context.Context, h hostname, name string) host {
	found, err := l.options.lookupIP(ctx, h.question(name))
	if len(found) == 0 {
		return host{name: name, failure: h.orFile(dnsText(err))}
	}
	addrs, failure := l.family(found)
	if failure != "" && err != nil {
		failure = dnsText(err) // nobody knows whether it has others
	}
	if failure != "" {
		return host{name: name, failure: failure}
	}
	judged := l.judged(ctx, h, name, addrs)
	if len(judged.ours) > 0 {
		judged.failure += "; if it is yours to test, name the address too: " + h.with(judged.ours)
	}
	if judged.failure == "" && err != nil {
		judged.failure = "only some of its addresses could be had: " + dnsText(err)
	}
	return judged
}

// family leaves out the addresses -4 or -6 leaves out.
func (l *List) family(found []netip.Addr) (addrs []netip.Addr, failure string) {
	for _, addr := range found {
		if l.options.IPv4Only && !addr.Is4() || l.options.IPv6Only && addr.Is4() {
			continue
		}
		addrs = append(addrs, addr)
	}
	if len(addrs) > 0 {
		return addrs, ""
	}
	if l.options.IPv4Only {
		return nil, "has IPv6 addresses only, and -4 leaves them out"
	}
	return nil, "has IPv4 addresses only, and -6 leaves them out"
}

// mostRefused is how many refused addresses are told.
const mostRefused = 8

// judged is a host with those of its addresses that may be tested. Not those that the user cannot have meant: what a
// name he typed leads to is his to test, but an MX record or an alias is another's word, and must not turn the scan on
// his own machine or on the one that hands out its secrets. Under a Scope, the address must be in it, or the name, and
// each name that it is an alias of. failure names what was refused.
func (l *List) judged(ctx context.Context, h hostname, name string, found []netip.Addr) host {
	k, s, of := l.known, l.options.Scope, host{name: name}
	aliases := sync.OnceValues(func() ([]string, error) { return l.options.lookupAliases(ctx, h.question(name)) })
	if len(k.names) > 0 {
		of.aliases, _ = aliases() // the addresses of excluded names are known besides
	}
	meant := func() bool {
		links, err := aliases()
		return !h.mx && err == nil && len(links) == 0
	}
	agreed := func(addr netip.Addr) bool {
		if s == nil || k.scope.Contains(addr) {
			return true
		}
		links, err := aliases()
		return err == nil && s.name(name) && !slices.ContainsFunc(links, func(link string) bool { return !s.name(link) })
	}
	var refused []string
	for _, addr := range found {
		what, written := k.inward(addr), l.typed.Contains(addr.WithZone("")) || s.address(addr)
		if untestable(addr) == "" && (written || (what == "" || meant()) && agreed(addr)) {
			of.addrs = append(of.addrs, addr)
			continue
		}
		if s == nil && what == ours {
			of.ours = append(of.ours, addr)
		}
		refused = append(refused, strings.TrimSpace(fmt.Sprintf("%s address %s", what, addr)))
	}
	if more := len(refused) - mostRefused; more > 0 {
		refused = append(refused[:mostRefused], fmt.Sprintf("and %d more", more))
	}
	if len(refused) > 0 {
		of.failure = "leads to " + strings.Join(refused, ", ") + outside(s, name, aliases) + ", not in scope"
	}
	return of
}

// outside names the first link of a chain of aliases that is not agreed upon, where the name itself is.
func outside(s *Scope, name string, aliases func() ([]string, error)) string {
	if s == nil || !s.name(name) {
		return ""
	}
	links, err := aliases()
	if i := slices.IndexFunc(links, func(link string) bool { return !s.name(link) }); i >= 0 {
		return " by way of " + links[i]
	} else if err != nil {
		return " by aliases that cannot be told (" + dnsText(err) + ")"
	}
	return ""
}
