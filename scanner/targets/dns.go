package targets

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
)

// families are the kinds of address a host has, and the option that leaves the other one out.
var families = []struct {
	network string
	is      func(netip.Addr) bool
	only    func(Options) bool
}{
	{"ip4", netip.Addr.Is4, func(o Options) bool { return o.IPv4Only }},
	{"ip6", netip.Addr.Is6, func(o Options) bool { return o.IPv6Only }},
}

// lookupIP returns each address of a host once, and an error where some could not be had. The families are
// asked for apart: a resolver that fails for one of them would leave it out without a word, and a host that
// is closed on IPv4 may be open on IPv6.
func (o Options) lookupIP(ctx context.Context, host string) (addrs []netip.Addr, err error) {
	lookup := o.LookupNetIP
	if lookup == nil {
		lookup = net.DefaultResolver.LookupNetIP
	}
	for i, family := range families {
		found, failed := lookup(ctx, family.network, host)
		if failed != nil && !notFound(failed) && !families[1-i].only(o) {
			err = failed
		}
		for _, addr := range found {
			addr = addr.Unmap()
			if family.is(addr) && !slices.Contains(addrs, addr) {
				addrs = append(addrs, addr)
			}
		}
	}
	if len(addrs) == 0 && err == nil {
		err = &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	return addrs, err
}

func (o Options) lookupMX(ctx context.Context, domain string) ([]*net.MX, error) {
	if o.LookupMX != nil {
		return o.LookupMX(ctx, domain)
	}
	return net.DefaultResolver.LookupMX(ctx, domain)
}

func (o Options) lookupCNAME(ctx context.Context, host string) (string, error) {
	if o.LookupCNAME != nil {
		return o.LookupCNAME(ctx, host)
	}
	return net.DefaultResolver.LookupCNAME(ctx, host)
}

// notFound reports that there is no such address, of that family or at all.
func notFound(err error) bool {
	var dns *net.DNSError
	var other *net.AddrError // there are addresses, of the other family
	return errors.As(err, &dns) && dns.IsNotFound || errors.As(err, &other)
}

// dnsText says what a resolver said, without the name, which stands beside it, and its address.
func dnsText(err error) string {
	var dns *net.DNSError
	switch {
	case !errors.As(err, &dns):
		return err.Error()
	case dns.IsTimeout:
		return "the name server does not answer"
	}
	return dns.Err
}
