package scanner

import (
	"cmp"
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"openrelay/probe"
	"openrelay/scanner/targets"
)

// fickle is a name server that says something else each time it is asked, and remembers what it said.
type fickle struct {
	draw *rand.Rand

	mu      sync.Mutex
	many    []string                // names that lead to hundreds of addresses
	asked   map[string]bool         // which questions there were
	said    map[string][]netip.Addr // the first answer to each
	aliases map[string][]string
}

// What it says: hosts in every guise that they have, some that nobody may send a scan to, and names.
var (
	lawHosts  = []string{"9.9.9.1", "9.9.9.2", "9.9.8.1", "10.0.0.1", "192.0.2.7", "127.0.0.1", "169.254.169.254", "168.63.129.16", "9.9.7.7"}
	lawNames  = []string{"a.example", "b.example", "c.example", "d.example", "mail.a.example", "e.example", "f.example", "g.example"}
	lawGuises = []func(netip.Addr) netip.Addr{
		func(a netip.Addr) netip.Addr { return a },
		func(a netip.Addr) netip.Addr { return netip.AddrFrom16(a.As16()) },
		func(a netip.Addr) netip.Addr { return behind("64:ff9b::", 12, a) },
		func(a netip.Addr) netip.Addr { return behind("2001:db8:64::", 12, a) }, // by this network's own translator
		func(a netip.Addr) netip.Addr { return behind("2002::25", 2, a) },
		func(a netip.Addr) netip.Addr {
			b := a.As4()
			return behind("2001:0:4136:e378:8000:63bf::", 12, netip.AddrFrom4([4]byte{^b[0], ^b[1], ^b[2], ^b[3]}))
		},
	}
	lawOthers = []string{"2606:4700::1", "2001:db8::1", "::1", "fe80::1", "64:ff9b:1::a00:1", "fd20:ce::254", "fd00::7"}
)

// lawTranslators would make of an address of this machine, of a cloud's metadata and of a link another one.
var lawTranslators = []string{"::c000:aa", "fd20:ce::c000:aa", "fe80::c000:aa", "fe80:0:c000:aa::"}

const ownAddress = "9.9.7.7"

// behind puts an IPv4 address into an IPv6 one, from an octet on.
func behind(prefix string, octet int, v4 netip.Addr) netip.Addr {
	b, octets := netip.MustParseAddr(prefix).As16(), v4.As4()
	copy(b[octet:], octets[:])
	return netip.AddrFrom16(b)
}

// bare undresses an address: the host inside, by another way than the code that is tested.
func bare(a netip.Addr) netip.Addr {
	a = a.Unmap().WithZone("")
	b := a.As16()
	text := a.StringExpanded()
	switch {
	case a.Is4():
		return a
	case strings.HasPrefix(text, "0064:ff9b:0000:0000:0000:0000:"), strings.HasPrefix(text, "2001:0db8:0064:0000:0000:0000:"):
		return netip.AddrFrom4([4]byte(b[12:]))
	case strings.HasPrefix(text, "2002:"):
		return netip.AddrFrom4([4]byte(b[2:6]))
	case strings.HasPrefix(text, "2001:0000:"):
		return netip.AddrFrom4([4]byte{^b[12], ^b[13], ^b[14], ^b[15]})
	}
	return a
}

func (f *fickle) lookupNetIP(_ context.Context, network, host string) ([]netip.Addr, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	host = strings.TrimSuffix(host, ".")
	if host == "ipv4only.arpa" {
		said := []netip.Addr{netip.MustParseAddr("2001:db8:64::c000:aa")}
		if f.draw.IntN(2) == 0 { // a lie
			said = append(said, netip.MustParseAddr(lawTranslators[f.draw.IntN(len(lawTranslators))]))
		}
		return said, nil
	}
	if f.draw.IntN(12) == 0 {
		f.asked[network+host] = true
		return nil, &net.DNSError{Err: "no answer", Name: host, IsTimeout: true}
	}
	var addrs []netip.Addr
	for range f.draw.IntN(4) {
		addrs = append(addrs, f.addr())
	}
	if slices.Contains(f.many, host) && f.draw.IntN(2) == 0 {
		for range []int{20, 60, 64, 70, 300}[f.draw.IntN(5)] {
			addrs = append(addrs, netip.AddrFrom4([4]byte{9, 9, byte(f.draw.IntN(4)), byte(f.draw.IntN(256))}))
		}
	}
	addrs = slices.DeleteFunc(addrs, func(a netip.Addr) bool { return a.Unmap().Is4() != (network == "ip4") })
	if !f.asked[network+host] {
		f.asked[network+host] = true
		f.said[host] = append(f.said[host], addrs...)
	}
	if len(addrs) == 0 {
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	return addrs, nil
}

func (f *fickle) addr() netip.Addr {
	if f.draw.IntN(4) == 0 {
		return netip.MustParseAddr(lawOthers[f.draw.IntN(len(lawOthers))])
	}
	return lawGuises[f.draw.IntN(len(lawGuises))](netip.MustParseAddr(lawHosts[f.draw.IntN(len(lawHosts))]))
}

func (f *fickle) lookupMX(context.Context, string) (records []*net.MX, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for range f.draw.IntN(3) {
		records = append(records, &net.MX{Host: lawNames[f.draw.IntN(len(lawNames))] + "."})
	}
	return records, nil
}

func (f *fickle) lookupAliases(_ context.Context, host string) (links []string, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	host = strings.TrimSuffix(host, ".")
	for range f.draw.IntN(6) - 2 {
		links = append(links, lawNames[f.draw.IntN(len(lawNames))])
	}
	if _, asked := f.aliases[host]; !asked {
		f.aliases[host] = links
	}
	if f.draw.IntN(12) == 0 {
		return links, errors.New("no answer")
	}
	return links, nil
}

// lawSpecs are what a user may name, leave alone, and agree upon.
var (
	lawSpecs   = []string{"a.example:25", "b.example:25", "mx:c.example:25", "mx:d.example:25", "e.example:25", "f.example:25", "mx:g.example:25", "9.9.9.0/30", "64:ff9b::9.9.9.0/126", "2001:db8:64::9.9.8.1", "192.0.2.7:25", "127.0.0.1:25", "9.9.0.0/25", "9.9.1.0/25"}
	lawExclude = []string{"9.9.9.1", "64:ff9b::9.9.9.2", "2002:909:801::/48", "b.example", "c.example", "10.0.0.0/8", "2001:db8:64::9.9.8.1", "mail.a.example", "2606:4700::/32"}
	lawScope   = []string{"9.9.9.0/24", "*.a.example", "a.example", "d.example", "10.0.0.1", "127.0.0.0/8", "2606:4700::/32", "64:ff9b::9.9.8.0/120"}
)

func some(draw *rand.Rand, all []string, most int) (chosen []string) {
	for range draw.IntN(most + 1) {
		chosen = append(chosen, all[draw.IntN(len(all))])
	}
	return chosen
}

// lawful is one scan: what was asked for, and who was dialled.
type lawful struct {
	t        *testing.T
	dns      *fickle
	options  targets.Options
	specs    []string
	scope    []string
	names    []string            // that are excluded, with what they are aliases of
	excluded map[netip.Addr]bool // hosts of excluded names

	mu     sync.Mutex
	open   map[netip.Addr]bool
	public map[netip.Addr]bool
	led    map[string]map[netip.Addr]bool // what each name led to, in this walk
}

// FuzzLeftAlone: no address is dialled that is outside the scope, or excluded, or one more than are permitted, or one
// that only a stranger's word leads to on this machine, whatever the DNS says and however it changes its mind between
// two questions; and never two at once that are one host's.
func FuzzLeftAlone(f *testing.F) {
	for seed := range uint64(800) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		synctest.Test(t, func(t *testing.T) { drawn(t, seed).run() })
	})
}

func drawn(t *testing.T, seed uint64) *lawful {
	draw := rand.New(rand.NewPCG(seed, 1))
	dns := &fickle{draw: draw, asked: map[string]bool{}, said: map[string][]netip.Addr{}, aliases: map[string][]string{}, many: some(draw, lawNames, 9)}
	l := &lawful{t: t, dns: dns, open: map[netip.Addr]bool{}, public: map[netip.Addr]bool{}, excluded: map[netip.Addr]bool{}}
	l.specs = append(some(draw, lawSpecs, 8), lawSpecs[draw.IntN(4)])
	l.options = targets.Options{Ports: []uint16{25}, Exclude: some(draw, lawExclude, 2), ExcludeUnresolved: draw.IntN(2) == 0,
		LookupNetIP: dns.lookupNetIP, LookupMX: dns.lookupMX, LookupAliases: dns.lookupAliases,
		IPv4Only: draw.IntN(8) == 0,
		Ours:     func() []netip.Prefix { return []netip.Prefix{netip.MustParsePrefix(ownAddress + "/32")} }}
	l.options.IPv6Only = !l.options.IPv4Only && draw.IntN(8) == 0
	switch draw.IntN(3) {
	case 0:
		l.options.Authorized = "Ada, CHG-1"
	case 1:
		l.scope = append(some(draw, lawScope, 3), lawScope[draw.IntN(len(lawScope))])
		file := filepath.Join(t.TempDir(), "scope.txt")
		if err := os.WriteFile(file, []byte("owner: Ada\nticket: CHG-1\n"+strings.Join(l.scope, "\n")), 0o600); err != nil {
			t.Fatal(err)
		}
		var err error
		if l.options.Scope, err = targets.ReadScope(file); err != nil {
			t.Fatal(err)
		}
	}
	return l
}

// run checks the list, and scans it three times, as --wait does before a scan.
func (l *lawful) run() {
	list, err := targets.Parse(l.specs, l.options)
	if err != nil {
		return
	}
	if list.Check(l.t.Context()) != nil {
		return
	}
	for _, name := range l.options.Exclude {
		l.names = append(append(l.names, name), l.dns.aliases[name]...)
		for _, addr := range l.dns.said[name] {
			l.excluded[bare(addr)] = true
		}
	}
	for range 3 {
		l.led = map[string]map[netip.Addr]bool{}
		s := &Scanner{Workers: 50, Host: list.Host, Probe: func(ctx context.Context, t probe.Target) *probe.Result {
			if t.Addr.IsValid() {
				l.dial(t)
			}
			return &probe.Result{Target: t.String(), Verdict: probe.Closed}
		}}
		if s.Run(l.t.Context(), list.All(l.t.Context()), func(probe.Result) error { return nil }) != nil {
			return
		}
	}
}

// dial takes note of a connection, for a while, and says what is wrong with it.
func (l *lawful) dial(t probe.Target) {
	addr, host := t.Addr.Addr(), bare(t.Addr.Addr())
	l.mu.Lock()
	if l.open[host] {
		l.t.Errorf("%s: two dialogues with %s", t, host)
	}
	l.open[host] = true
	if strings.HasPrefix(host.String(), "9.9.") || strings.HasPrefix(host.String(), "2606:") || host.String() == "168.63.129.16" {
		l.public[host] = true
	}
	if len(l.public) > targets.PublicLimit && l.options.Authorized == "" && l.options.Scope == nil {
		l.t.Errorf("%s: %d public hosts, and nobody authorised it", t, len(l.public))
	}
	if name := cmp.Or(t.Domain, t.Name); name != "" {
		if l.led[name] == nil {
			l.led[name] = map[netip.Addr]bool{}
		}
		if l.led[name][addr] = true; len(l.led[name]) > 2*targets.NameLimit { // a host may be named, and be a mail domain
			l.t.Errorf("%s: %s leads to %d addresses", t, name, len(l.led[name]))
		}
	}
	l.mu.Unlock()
	if what := l.forbidden(t, addr, host); what != "" {
		l.t.Errorf("%+v is %s: targets %q, exclude %q, scope %q", t, what, l.specs, l.options.Exclude, l.scope)
	}
	time.Sleep(time.Second)
	l.mu.Lock()
	delete(l.open, host)
	l.mu.Unlock()
}

func (l *lawful) forbidden(t probe.Target, addr, host netip.Addr) string {
	l.dns.mu.Lock()
	defer l.dns.mu.Unlock()
	if l.options.IPv4Only && !addr.Is4() || l.options.IPv6Only && addr.Is4() {
		return "of a family that is left out"
	}
	if l.excluded[host] || within(l.options.Exclude, addr) || t.Name != "" && slices.Contains(l.names, t.Name) {
		return "excluded"
	}
	if l.options.Scope != nil && !within(l.scope, addr) && !agreedName(l.scope, t.Name) {
		return "out of scope"
	}
	typed := within(l.specs, addr) || within(l.scope, addr)
	if t.Domain != "" && !typed && (addr.IsLoopback() || host.IsLoopback() || host.IsLinkLocalUnicast() || host.String() == ownAddress || host.String() == "168.63.129.16" ||
		host.String() == "fd20:ce::254" || strings.HasPrefix(host.String(), "64:ff9b:1:")) {
		return "inward"
	}
	return ""
}

// within reports whether an address, or the host that it stands for, is among those that some texts name.
func within(texts []string, addr netip.Addr) bool {
	for _, text := range texts {
		text = strings.TrimSuffix(text, ":25")
		if !strings.Contains(text, "/") {
			a, err := netip.ParseAddr(text)
			if err == nil && bare(a) == bare(addr) {
				return true
			}
			continue
		}
		p := netip.MustParsePrefix(text).Masked()
		if p.Contains(addr) || p.Contains(bare(addr)) {
			return true
		}
		for i, a := 0, p.Addr(); i < 256 && p.Contains(a) && a.Is6(); i, a = i+1, a.Next() {
			if bare(a).Is4() && bare(a) == bare(addr) {
				return true
			}
		}
	}
	return false
}

func agreedName(scope []string, name string) bool {
	return name != "" && slices.ContainsFunc(scope, func(s string) bool {
		below, all := strings.CutPrefix(s, "*.")
		return s == name || all && (name == below || strings.HasSuffix(name, "."+below))
	})
}
