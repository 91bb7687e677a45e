// Package interception notices a machine on the way that answers port 25 for the whole world, as those of hotels,
// providers and clouds do. Every verdict is then about that machine, and none about the server that was named.
//
// One result cannot show it: many addresses that have nothing to do with each other must answer as one. The servers of
// a hosting company may answer so too, and something more is asked for: a name that is of none of the targets, or other
// ports of the same addresses that show other servers. How long the connections take is not looked at: the networks of
// a hosting company are all near to whoever tests from one of them, and no record tells which networks are far.
package interception

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"openrelay/probe"
	"openrelay/probe/netaddr"
)

// What it takes, and what is remembered for it.
const (
	fewAddresses = 8 // fewer, and in fewer networks, may be alike by chance
	fewNetworks  = 4
	fewDiffer    = 2    // addresses of which another port shows another server
	nearly       = 8    // at most one in so many addresses answers otherwise
	mostNames    = 2    // of one machine, or of a pair: the servers of a company have one each
	mostHosts    = 4096 // are remembered: so many tell as well as all
	mostPorts    = 2    // of each, beside 25: as a rule 465 and 587
	mostDomains  = 4096 // of named targets
	judgedAnew   = 64   // when one in so many hosts is news: judging looks at all of them
)

// Watch remembers of results what it takes to notice an interception. Its size is bounded. The zero Watch is ready.
type Watch struct {
	paths   map[netip.Addr]*path // by the address that was tested from: another one may lead another way
	hosts   int                  // of all paths
	domains map[string]bool      // of the targets that were named
}

// path is what was seen from one address of ours.
type path struct {
	hosts map[netip.Addr]*host
	found *found // when it was judged
	news  int    // since then
}

// host is what an address showed.
type host struct {
	on25   *sight
	others []sight
	named  bool // it was reached by a name
	proven bool // it showed a certificate on port 25 that is valid for that name
}

// found is an interception.
type found struct {
	sight         // what it shows
	addresses, of int
	networks      int
	names         []string // its own, which fit no target; nil where they may
	differ        int      // addresses of which another port shows another server
}

// Add takes in a result.
func (w *Watch) Add(r *probe.Result) {
	w.addDomain(r)
	at, ok := answered(r)
	if !ok {
		return
	}
	p := w.path(r)
	h := p.hosts[at.Addr().Unmap()]
	if h == nil {
		if w.hosts >= mostHosts {
			return
		}
		w.hosts++
		h = &host{}
		p.hosts[at.Addr().Unmap()] = h
	}
	h.add(at.Port(), r)
	p.news++
}

// addDomain takes note of what the user called a target. Where too many have names, none can be said to be of none.
func (w *Watch) addDomain(r *probe.Result) {
	for _, name := range []string{r.Name, r.Domain} {
		if r.Named && name != "" && len(w.domains) <= mostDomains {
			if w.domains == nil {
				w.domains = map[string]bool{}
			}
			w.domains[domainOf(name)] = true
		}
	}
}

func (w *Watch) path(r *probe.Result) *path {
	from := vantage(r)
	if w.paths == nil {
		w.paths = map[netip.Addr]*path{}
	}
	p := w.paths[from]
	if p == nil {
		p = &path{hosts: map[netip.Addr]*host{}}
		if w.hosts < mostHosts { // else it stays empty
			w.paths[from] = p
		}
	}
	return p
}

// vantage is the address that a result was tested from. The zero one stands for those of records that do not say so,
// and for the targets' own.
func vantage(r *probe.Result) (from netip.Addr) {
	if r.Vantage.Kind != probe.SameHost {
		from, _ = netip.ParseAddr(r.Vantage.Source)
	}
	return from
}

func (h *host) add(port uint16, r *probe.Result) {
	s := see(r)
	h.named = h.named || r.Name != ""
	switch {
	case port == 25:
		h.proven = h.proven || r.Name != "" && s.cert != none && r.Server.TLS.Cert.VerifyError == ""
		if h.on25 == nil || !h.on25.greeted || s.cert != none { // of two results the one that says more
			h.on25 = &s
		}
	case s.greeted && len(h.others) < mostPorts:
		h.others = append(h.others, s)
	}
}

// Mark gives a result that was added the trait, if it is known by now that the machine on the way answered.
func (w *Watch) Mark(r *probe.Result) {
	at, ok := answered(r)
	p := w.paths[vantage(r)]
	if p == nil || !ok || at.Port() != 25 {
		return
	}
	if p.news*judgedAnew >= len(p.hosts) {
		p.judge(w.domains)
	}
	known := slices.ContainsFunc(r.Traits, func(t probe.Trait) bool { return t.Name == probe.TraitIntercepted })
	if p.found != nil && p.found.shows(see(r)) && !known {
		r.Traits = append(slices.Clip(r.Traits), probe.Trait{Name: probe.TraitIntercepted, Evidence: p.found.String()})
	}
}

// answered is the address of a result that says anything about the way to it: a server on the public internet.
func answered(r *probe.Result) (at netip.AddrPort, ok bool) {
	if r.Verdict == probe.Unreachable {
		return at, false
	}
	at, err := netip.ParseAddrPort(r.Target)
	return at, err == nil && netaddr.Public(at.Addr())
}

// Found says what shows an interception, by all the results so far, "" where nothing does.
func (w *Watch) Found() string {
	var worst *found
	for _, from := range slices.SortedFunc(maps.Keys(w.paths), netip.Addr.Compare) {
		p := w.paths[from]
		p.judge(w.domains)
		if f := p.found; f != nil && (worst == nil || f.addresses > worst.addresses) {
			worst = f
		}
	}
	if worst == nil {
		return ""
	}
	return worst.String()
}

func (p *path) judge(domains map[string]bool) { p.news, p.found = 0, judge(p.hosts, domains) }

// judge finds the machine behind what hosts showed; nil where there is none.
func judge(hosts map[netip.Addr]*host, domains map[string]bool) *found {
	f := mostSeen(hosts)
	names, named, same := f.count(hosts)
	switch {
	case f.addresses < fewAddresses, f.networks < fewNetworks, (f.of-f.addresses)*nearly > f.of, same > f.differ:
		return nil
	case strange(names, domains) && 2*named >= f.addresses:
		f.names = slices.Sorted(maps.Keys(names))
	case f.differ < fewDiffer:
		return nil
	}
	return &f
}

// count looks at the hosts that show what is found: the names they give themselves, how many were reached by a name,
// and how many are the server that was meant, by a certificate or by their other ports.
func (f *found) count(hosts map[netip.Addr]*host) (names map[string]bool, named, same int) {
	names = map[string]bool{}
	networks := map[netip.Prefix]bool{}
	for addr, h := range hosts {
		if h.on25 == nil || !f.shows(*h.on25) {
			continue
		}
		f.addresses++
		networks[network(addr)] = true
		if h.on25.name != "" && len(names) <= mostNames {
			names[h.on25.name] = true
		}
		if h.named {
			named++
		}
		switch {
		case h.proven, slices.ContainsFunc(h.others, h.on25.like):
			same++
		case len(h.others) > 0:
			f.differ++
		}
	}
	f.networks = len(networks)
	return names, named, same
}

// mostSeen is what most hosts show on port 25: the greeting, and of those who greet so the certificate. Of is how
// many answered there.
func mostSeen(hosts map[netip.Addr]*host) (f found) {
	greetings := map[string]int{}
	for _, h := range hosts {
		if h.on25 == nil {
			continue
		}
		f.of++
		if h.on25.greeted {
			greetings[h.on25.greeting]++
		}
	}
	f.greeting = most(greetings)
	certs := map[print]int{}
	for _, h := range hosts {
		if h.on25 != nil && h.on25.greeting == f.greeting && h.on25.cert != none {
			certs[h.on25.cert]++
		}
	}
	f.cert = most(certs)
	return f
}

func most[K comparable](counts map[K]int) (key K) {
	for k, n := range counts {
		if n > counts[key] {
			key = k
		}
	}
	return key
}

// strange reports whether names are of few machines and of none of the domains that were named.
func strange(names, domains map[string]bool) bool {
	if len(names) == 0 || len(names) > mostNames || len(domains) == 0 || len(domains) > mostDomains {
		return false
	}
	for name := range names {
		if d := domainOf(name); domains[d] || d == "localhost.localdomain" { // which is nobody's
			return false
		}
	}
	return true
}

// network is what two addresses of one owner are likely to share.
func network(addr netip.Addr) netip.Prefix {
	bits := 16
	if addr.Is6() {
		bits = 32
	}
	prefix, _ := addr.Prefix(bits)
	return prefix
}

// String says what shows it.
func (f *found) String() string {
	text := fmt.Sprintf("%d of %d public addresses that answered on port 25, in %d networks, greet in the same words", f.addresses, f.of, f.networks)
	if f.cert != none {
		text += " with the same certificate"
	}
	if f.names != nil {
		text += "; " + strings.Join(f.names, " and ") + " is the name of none of the targets"
	}
	if f.differ >= fewDiffer {
		text += fmt.Sprintf("; other ports of %d of them show another server", f.differ)
	}
	return text
}
