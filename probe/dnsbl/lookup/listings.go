package lookup

import (
	"context"
	"net/netip"
	"time"

	"openrelay/probe/dnsbl"
)

// noFamily is why a target has no answers at all.
const noFamily = "none of the lists asked knows such addresses or names"

// AddrListings asks about an address.
func (c *Checker) AddrListings(ctx context.Context, addr netip.Addr) dnsbl.Listings {
	return listings(addr.Unmap().WithZone("").String(), func() []dnsbl.Listing { return c.Addr(ctx, addr) })
}

// NameListings asks about a domain.
func (c *Checker) NameListings(ctx context.Context, name string) dnsbl.Listings {
	return listings(name, func() []dnsbl.Listing { return c.Name(ctx, name) })
}

func listings(target string, ask func() []dnsbl.Listing) dnsbl.Listings {
	began := time.Now()
	s := dnsbl.Listings{Type: dnsbl.ListingsType, Schema: dnsbl.ListingsSchema, Target: target, Named: true, Started: began.UTC(), Listings: ask()}
	s.Status = dnsbl.StatusOf(s.Listings)
	if len(s.Listings) == 0 {
		s.Listings, s.Why = []dnsbl.Listing{}, noFamily
	}
	s.TookMS = time.Since(began).Milliseconds()
	return s
}
