package lookup

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/miekg/dns"
)

// ParseResolver reads the address of a resolver: "192.0.2.53", "[2001:db8::53]:5353". Port 53 where
// none is given.
func ParseResolver(s string) (netip.AddrPort, error) {
	if addr, err := netip.ParseAddr(s); err == nil {
		return netip.AddrPortFrom(addr.Unmap(), 53), nil
	}
	at, err := netip.ParseAddrPort(s)
	if err != nil || at.Port() == 0 {
		return netip.AddrPort{}, fmt.Errorf("%q is not the address of a resolver", s)
	}
	return at, nil
}

// The system's resolvers. Where the file names only systemd-resolved's stub, the second one names
// those that the stub asks.
const (
	resolvConf     = "/etc/resolv.conf"
	resolvUpstream = "/run/systemd/resolve/resolv.conf"
)

var stub = netip.MustParseAddr("127.0.0.53")

// serverAddresses writes resolvers as they are dialled; those of the system where there are none, and
// this machine where the system has none either (resolv.conf(5)).
func serverAddresses(resolvers []netip.AddrPort) []string {
	if resolvers == nil {
		resolvers = readResolvers(resolvConf)
	}
	if len(resolvers) == 0 {
		resolvers = []netip.AddrPort{netip.MustParseAddrPort("127.0.0.1:53")}
	}
	var servers []string
	for _, r := range resolvers {
		servers = append(servers, r.String())
	}
	return servers
}

func readResolvers(file string) []netip.AddrPort {
	conf, err := dns.ClientConfigFromFile(file)
	if err != nil {
		return nil
	}
	var resolvers []netip.AddrPort
	for _, s := range conf.Servers {
		if at, err := ParseResolver(s); err == nil {
			resolvers = append(resolvers, at)
		}
	}
	return resolvers
}

// PublicResolver returns the first resolver in use that is known to be a public one, which Spamhaus and
// others do not answer, and who runs it; ok is false where there is none.
func (c *Checker) PublicResolver() (addr netip.Addr, operator string, ok bool) {
	resolvers := c.Resolvers
	if resolvers == nil {
		resolvers = readResolvers(resolvConf)
		if slices.ContainsFunc(resolvers, func(r netip.AddrPort) bool { return r.Addr() == stub }) {
			resolvers = readResolvers(resolvUpstream)
		}
	}
	for _, r := range resolvers {
		if operator := publicOperator(r.Addr()); operator != "" {
			return r.Addr(), operator, true
		}
	}
	return netip.Addr{}, "", false
}

// publicResolvers are the best known, by the networks their addresses are in.
var publicResolvers = []struct {
	operator string
	prefixes []string
}{
	{"Google", []string{"8.8.8.8/32", "8.8.4.4/32", "2001:4860:4860::/48"}},
	{"Cloudflare", []string{"1.1.1.0/30", "1.0.0.0/30", "2606:4700:4700::/48"}},
	{"Quad9", []string{"9.9.9.0/24", "149.112.112.0/24", "2620:fe::/48"}},
	{"OpenDNS", []string{"208.67.220.0/24", "208.67.222.0/24", "2620:119:35::/48", "2620:119:53::/48"}},
	{"AdGuard", []string{"94.140.14.0/24", "94.140.15.0/24", "2a10:50c0::/32"}},
	{"CleanBrowsing", []string{"185.228.168.0/24", "185.228.169.0/24"}},
	{"Yandex", []string{"77.88.8.0/24"}},
	{"Level 3", []string{"4.2.2.0/29"}},
	{"Control D", []string{"76.76.2.0/24", "76.76.10.0/24"}},
	{"DNS.SB", []string{"185.222.222.222/32", "45.11.45.11/32"}},
}

func publicOperator(addr netip.Addr) string {
	for _, p := range publicResolvers {
		for _, prefix := range p.prefixes {
			if netip.MustParsePrefix(prefix).Contains(addr.Unmap()) {
				return p.operator
			}
		}
	}
	return ""
}
