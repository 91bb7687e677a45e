package catcher

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"openrelay/probe/dialogue"
	"openrelay/probe/netaddr"
)

// Question is what a domain is asked, and of whom. To know it, names are looked up, and nothing else is done.
type Question struct {
	Exempt string // why it is not asked; "" if it is
	Record string // the name of the TXT record that is looked for first
	Hosts  []Host // whose port 25 is asked then, best first
	Failed error  // why there are none
}

// Host is a mail host.
type Host struct {
	Name   string
	Addrs  []netip.Addr // to be asked; the first that can be reached is
	Own    bool         // our own catcher listens at one of its addresses: that is an answer
	Left   []error      // which addresses are left alone, and why
	Failed error        // what could not be looked up

	all []netip.Addr
}

// String is the name of a host, and its addresses that are to be asked.
func (h Host) String() string {
	s := dialogue.Text(h.Name)
	for _, addr := range h.Addrs {
		s += " [" + addr.String() + "]"
	}
	return s
}

const (
	mostHosts  = 3  // of a domain are asked: the catcher stands first, if anywhere
	mostAddrs  = 3  // of a host are tried
	mostLooked = 10 // of each family of a host are held against what is allowed
)

// Question finds out what a domain is to be asked.
func (c *Consent) Question(ctx context.Context, domain string) (q Question) {
	q.Record, _ = Record(c.Key, domain)
	if q.Exempt = reservedAs(domain); q.Exempt != "" {
		return q
	}
	names, err := c.mailHosts(ctx, domain)
	if err != nil {
		q.Failed = err
		return q
	}
	for _, name := range names[:min(len(names), mostHosts)] {
		q.Hosts = append(q.Hosts, c.host(ctx, name))
	}
	if len(names) <= mostHosts && c.caughtHere(q.Hosts) {
		q.Exempt = "its mail hosts are on loopback, as the catcher of this scan is"
	}
	return q
}

// caughtHere reports whether nobody can get mail of the domain but this machine, where our own catcher waits for it.
func (c *Consent) caughtHere(hosts []Host) bool {
	return c.Catch.Addr().IsLoopback() && !slices.ContainsFunc(hosts, func(h Host) bool {
		return h.Failed != nil || slices.ContainsFunc(h.all, func(addr netip.Addr) bool { return !addr.IsLoopback() })
	})
}

// mailHosts are the hosts of the MX records, best first, else the domain itself (RFC 5321 5.1).
func (c *Consent) mailHosts(ctx context.Context, domain string) (hosts []string, err error) {
	records, err := c.resolver().LookupMX(ctx, domain+".")
	for _, r := range records {
		if r.Host != "." { // RFC 7505: it takes no mail
			hosts = append(hosts, strings.TrimSuffix(r.Host, "."))
		}
	}
	switch {
	case len(hosts) > 0:
		return hosts, nil
	case len(records) > 0:
		return nil, errors.New("it says that it takes no mail")
	case notFound(err):
		return []string{domain}, nil
	}
	return nil, lookupError(err)
}

// host looks up a mail host, and holds its addresses against what is allowed.
func (c *Consent) host(ctx context.Context, name string) Host {
	h := Host{Name: name}
	var look []netip.Addr
	for _, network := range []string{"ip4", "ip6"} { // apart: of both at once it is not told that one failed
		found, err := c.resolver().LookupNetIP(ctx, network, name+".")
		if err != nil && !notFound(err) {
			h.Failed = lookupError(err)
		}
		for i, addr := range found {
			h.all = append(h.all, addr.Unmap())
			if i < mostLooked {
				look = append(look, addr.Unmap())
			}
		}
	}
	if len(h.all) == 0 && h.Failed == nil {
		h.Failed = errors.New("has no address")
	}
	for _, addr := range look {
		if c.own(addr) {
			h.Own = true
		} else if err := c.allowed(ctx, name, addr); err != nil {
			h.Left = append(h.Left, fmt.Errorf("[%s] is not asked: %w", addr, err))
		} else if len(h.Addrs) < mostAddrs {
			h.Addrs = append(h.Addrs, addr)
		}
	}
	return h
}

func (c *Consent) allowed(ctx context.Context, host string, addr netip.Addr) error {
	if c.Allowed == nil {
		return nil
	}
	return c.Allowed(ctx, host, addr)
}

// own reports whether port 25 of an address is where our own catcher listens, which has the key.
func (c *Consent) own(addr netip.Addr) bool {
	at := c.Catch.Addr().Unmap()
	switch {
	case c.Catch.Port() != 25:
		return false
	case !at.IsUnspecified():
		return at == addr
	}
	return (addr.Is4() || at.Is6()) && slices.ContainsFunc(netaddr.OfThisMachine(), func(own netip.Prefix) bool { return own.Contains(addr) })
}
