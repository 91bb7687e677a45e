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
	var found [2][]netip.Addr
	var failures [2]error
	sideBySide(ctx, 2, 2, func(i int) { found[i], failures[i] = o.lookup(ctx, families[i].network, host) })
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	for i, family := range families {
		if failed := failures[i]; failed != nil && !notFound(failed) && !families[1-i].only(o) {
			err = failed
		}
		for _, addr := range found[i] {
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

func (o Options) lookup(ctx context.Context, network, host string) ([]netip.Addr, error) {
	if o.LookupNetIP != nil {
		return o.LookupNetIP(ctx, network, host)
	}
	return net.DefaultResolver.LookupNetIP(ctx, network, host)
}

func (o Options) lookupMX(ctx context.Context, domain string) ([]*net.MX, error) {
	look := o.LookupMX
	if look == nil {
		look = net.DefaultResolver.LookupMX
	}
	return until(ctx, func() ([]*net.MX, error) { return look(ctx, domain) })
}

func (o Options) lookupAliases(ctx context.Context, host string) ([]string, error) {
	look := o.LookupAliases
	if look == nil {
		look = func(ctx context.Context, host string) ([]string, error) {
			return AliasesOf(ctx, net.DefaultResolver, nil, host)
		}
	}
	return until(ctx, func() ([]string, error) { return look(ctx, host) })
}

// until waits for an answer until ctx ends. But for addresses, a resolver waits for its servers, whoever gives up; it is
// left to itself then.
func until[T any](ctx context.Context, ask func() (T, error)) (T, error) {
	type answer struct {
		found T
		err   error
	}
	came := make(chan answer, 1)
	go func() {
		found, err := ask()
		came <- answer{found, err}
	}()
	select {
	case a := <-came:
		return a.found, a.err
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
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
