package targets

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
)

// lookupIP returns each address of a host once.
func (o Options) lookupIP(ctx context.Context, host string) ([]netip.Addr, error) {
	lookup := o.LookupNetIP
	if lookup == nil {
		lookup = net.DefaultResolver.LookupNetIP
	}
	found, err := lookup(ctx, "ip", host)
	if err != nil {
		return nil, err
	}
	var addrs []netip.Addr
	for _, addr := range found {
		addr = addr.Unmap()
		if addr.IsValid() && !slices.Contains(addrs, addr) {
			addrs = append(addrs, addr)
		}
	}
	if len(addrs) == 0 {
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	return addrs, nil
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

func notFound(err error) bool {
	var dns *net.DNSError
	return errors.As(err, &dns) && dns.IsNotFound
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
