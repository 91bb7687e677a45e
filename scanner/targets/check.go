package targets

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"go4.org/netipx"

	"openrelay/probe/netaddr"
)

const (
	// PublicLimit is how many public addresses may be tested without saying who authorised it.
	PublicLimit = 256
	// NameLimit is how many addresses a name may lead to, those of all mail hosts together where it is mx:.
	NameLimit = 64

	lookupsAhead = 64              // names that are looked up at once before the scan
	patience     = 5 * time.Second // for one name server
	forPrefix    = 2 * time.Second // for what the scan goes on without: everybody waits for it where no name server answers
)

// known is what was looked up before the walk.
type known struct {
	nat64      []netip.Prefix  // of this network's translator
	exclude    netaddr.Hosts   // what is left alone, with the addresses of excluded names
	names      map[string]bool // excluded names, and those that they are aliases of
	unresolved []string        // excluded names whose addresses nobody knows
	typed      netaddr.Hosts   // what the user wrote down, less what is excluded
	scope      netaddr.Hosts   // what was agreed upon by address
	ours       *netipx.IPSet   // addresses of this machine, and those that they stand for
}

// Check looks up what must be known before the first packet to a mail server: the addresses of excluded names, and
// those of all names where nobody authorised more than PublicLimit public addresses, to count them. An error is an
// *Error, or that of ctx. The walk does the same where nobody did it before; what was looked up for it is looked up
// once.
func (l *List) Check(ctx context.Context) error {
	if err := l.know(ctx); err != nil {
		return err
	}
	if l.ahead != nil || l.options.permitted() || len(l.all) == 0 {
		return ctx.Err()
	}
	return l.lookAhead(ctx)
}

// know finds out what is known, once.
func (l *List) know(ctx context.Context) error {
	if l.known != nil {
		return nil
	}
	k, err := l.lookUp(ctx)
	if err != nil {
		return err
	}
	l.public = countPublic(l.typed, k.exclude, k.nat64...)
	if l.public > PublicLimit && !l.options.permitted() {
		return l.tooMany("")
	}
	l.known = k
	return nil
}

// permitted reports whether somebody allowed more than PublicLimit addresses.
func (o Options) permitted() bool { return o.Authorized != "" || o.Scope != nil }

// lookUp finds out what is known of addresses and exclusions.
func (l *List) lookUp(ctx context.Context) (*known, error) {
	ours := l.options.Ours
	if ours == nil {
		ours = netaddr.OfThisMachine
	}
	var own netipx.IPSetBuilder
	for _, p := range ours() {
		own.AddPrefix(p)
	}
	k := &known{names: map[string]bool{}, ours: netaddr.HostsOf(built(&own)).Addrs()}
	found := make([]excluded, len(l.exclude.names))
	sideBySide(ctx, lookupsAhead, len(found)+1, func(i int) {
		if i < len(found) {
			found[i] = l.options.lookupExcluded(ctx, l.exclude.names[i].text)
		} else if l.mayTranslate() {
			k.nat64 = l.options.translators(ctx)
		}
	})
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := l.leaveAlone(k, found); err != nil {
		return nil, err
	}
	if s := l.options.Scope; s != nil {
		k.scope = netaddr.HostsOf(s.addrs, k.nat64...)
	}
	return k, nil
}

// leaveAlone adds to what is known who is excluded, and who is left of the typed ones, from what was found of the
// excluded names. An error says that too little was.
func (l *List) leaveAlone(k *known, found []excluded) error {
	var addrs netipx.IPSetBuilder
	addrs.AddSet(l.exclude.addrs)
	for i, name := range l.exclude.names {
		k.names[name.text] = true
		for _, alias := range found[i].aliases {
			k.names[alias] = true
		}
		for _, addr := range found[i].addrs {
			addrs.Add(addr.WithZone(""))
		}
		if err := found[i].err; err != nil && !l.options.ExcludeUnresolved {
			return name.errorf("exclude its addresses instead of the name; or go on without them: openrelay scan --exclude-unresolved ...",
				"cannot tell the addresses of %s: %s", name.mention(), dnsText(err))
		} else if err != nil {
			k.unresolved = append(k.unresolved, name.text)
		}
	}
	k.exclude = netaddr.HostsOf(built(&addrs), k.nat64...)
	k.typed = netaddr.HostsOf(without(l.typed, built(&addrs)), k.nat64...)
	return nil
}

// excluded is what is known of an excluded name.
type excluded struct {
	addrs   []netip.Addr
	aliases []string
	err     error // not all of it is known
}

// lookupExcluded asks for both families, whatever is tested: an address of one may stand for one of the other.
func (o Options) lookupExcluded(ctx context.Context, name string) (e excluded) {
	var aliasErr error
	both := o
	both.IPv4Only, both.IPv6Only = false, false
	sideBySide(ctx, 2, 2, func(i int) {
		if i == 0 {
			e.addrs, e.err = both.lookupIP(ctx, name)
		} else {
			e.aliases, aliasErr = o.lookupAliases(ctx, name)
		}
	})
	if e.err == nil && aliasErr != nil {
		e.err = aliasErr
	}
	return e
}

// mayTranslate reports whether an address could stand for an IPv4 one by a prefix of this network's own: names lead
// to such addresses, and IPv6 ones may be some, but for those that never leave the link.
func (l *List) mayTranslate() bool {
	var addrs netipx.IPSetBuilder
	addrs.AddSet(l.typed)
	addrs.AddSet(l.exclude.addrs)
	addrs.RemovePrefix(netip.MustParsePrefix("0.0.0.0/0"))
	addrs.RemovePrefix(netip.MustParsePrefix("::1/128"))
	addrs.RemovePrefix(netip.MustParsePrefix("fe80::/10"))
	return len(l.all)+len(l.exclude.names)+len(built(&addrs).Ranges()) > 0
}

// translators are the prefixes of this network's NAT64, as its resolver shows them (RFC 7050), which is believed. Without
// an answer there is none.
func (o Options) translators(ctx context.Context) (prefixes []netip.Prefix) {
	ctx, cancel := context.WithTimeout(ctx, forPrefix)
	defer cancel()
	found, _ := o.lookup(ctx, "ip6", "ipv4only.arpa.")
	for _, addr := range found {
		if p, ok := netaddr.NAT64Prefix(addr); ok && !slices.Contains(prefixes, p) {
			prefixes = append(prefixes, p)
		}
	}
	return prefixes
}

// sideBySide does something for each number below n, at most so many at once, until ctx ends.
func sideBySide(ctx context.Context, most, n int, do func(i int)) {
	var next atomic.Int64
	var all sync.WaitGroup
	for range min(most, n) {
		all.Go(func() {
			for i := int(next.Add(1) - 1); i < n && ctx.Err() == nil; i = int(next.Add(1) - 1) {
				do(i)
			}
		})
	}
	all.Wait()
}

// countPublic is how many public hosts some addresses are, but for the excluded ones.
func countPublic(addrs *netipx.IPSet, exclude netaddr.Hosts, nat64 ...netip.Prefix) uint64 {
	left := netaddr.EmbeddedSet(without(addrs, exclude.Addrs()), nat64...)
	return sizeOf(both(without(left, exclude.Addrs()), netaddr.Reachable()))
}

// errTooMany ends the count.
var errTooMany = errors.New("too many")

// lookAhead looks up all names, those of other shards too, and counts the public hosts among what is to be tested of
// them. Over all walks they are at most as many as are permitted, whatever the DNS says in the next.
func (l *List) lookAhead(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	answers := make([]answer, len(l.all))
	var counting sync.Mutex
	sideBySide(ctx, lookupsAhead, len(l.all), func(i int) {
		answers[i] = l.lookup(ctx, l.all[i])
		counting.Lock()
		defer counting.Unlock()
		if l.count(answers[i]) > PublicLimit {
			cancel(errTooMany)
		}
	})
	if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, errTooMany) {
		return cause
	} else if cause != nil {
		return l.tooMany("at least ") // the count ended there
	}
	l.ahead = make(map[string]answer, len(l.names))
	for _, a := range answers {
		l.ahead[a.key()] = a
	}
	return nil
}

// count takes the public hosts that a name leads to in, and returns how many there are in all.
func (l *List) count(a answer) uint64 {
	for _, h := range a.hosts {
		for _, addr := range h.addrs {
			inside := l.Host(addr)
			if netaddr.Reachable().Contains(inside) && !l.excludes(h, addr) && !l.known.typed.Contains(addr) {
				l.counted[inside] = true
			}
		}
	}
	return l.Public()
}

// Host is the address by which an address counts: the IPv4 address that it stands for, with this network's own
// translator, once it is checked; else itself, without its zone.
func (l *List) Host(addr netip.Addr) netip.Addr {
	if l.known == nil {
		return netaddr.Embedded(addr)
	}
	return netaddr.EmbeddedBy(addr, l.known.nat64)
}

// Public is the number of public hosts to be tested, over all shards, each by its address; as far as that is known.
// A name that was not looked up counts as one.
func (l *List) Public() uint64 {
	n := l.public + uint64(len(l.counted))
	if l.known == nil || l.options.permitted() {
		n += uint64(len(l.all))
	}
	return n
}

// tooMany says that nobody allowed that much.
func (l *List) tooMany(atLeast string) error {
	return &Error{Msg: fmt.Sprintf("%s%d public addresses in all: for more than %d, say who authorised it", atLeast, l.Public(), PublicLimit),
		Try: `openrelay scan --authorized "who, ticket" ` + l.command}
}

// Unresolved are the excluded names whose addresses nobody knows (Options.ExcludeUnresolved), once the list is checked.
func (l *List) Unresolved() []string {
	if l.known == nil {
		return nil
	}
	return l.known.unresolved
}

// Allowed is nil where a host that no target is may be asked a question at an address: as a mail host of an mx: domain
// would be tested. It may be called while a checked list is walked.
func (l *List) Allowed(ctx context.Context, name string, addr netip.Addr) error {
	if err := cmp.Or(l.options.Scope.Ended(l.options.now()), l.know(ctx)); err != nil {
		return err
	}
	h := l.judged(ctx, hostname{name: name, mx: true}, fold(name), []netip.Addr{addr})
	switch {
	case l.options.IPv4Only && !addr.Is4():
		return errors.New("an IPv6 address, which -4 or --source leaves out")
	case l.options.IPv6Only && addr.Is4():
		return errors.New("an IPv4 address, which -6 or --source leaves out")
	case h.failure != "":
		return errors.New(strings.TrimPrefix(h.failure, "leads to "))
	case l.excludes(h, addr):
		return fmt.Errorf("%s is excluded", addr)
	}
	return nil
}
