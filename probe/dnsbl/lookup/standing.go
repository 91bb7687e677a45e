package lookup

import (
	"context"
	"net/netip"
	"time"

	"openrelay/probe/dnsbl"
)

// noFamily is why a target has no answers at all.
const noFamily = "none of the lists asked knows such addresses or names"

// AddrStanding asks about an address.
func (c *Checker) AddrStanding(ctx context.Context, addr netip.Addr) dnsbl.Standing {
	return standing(addr.Unmap().WithZone("").String(), func() []dnsbl.Listing { return c.Addr(ctx, addr) })
}

// NameStanding asks about a domain.
func (c *Checker) NameStanding(ctx context.Context, name string) dnsbl.Standing {
	return standing(name, func() []dnsbl.Listing { return c.Name(ctx, name) })
}

func standing(target string, ask func() []dnsbl.Listing) dnsbl.Standing {
	began := time.Now()
	s := dnsbl.Standing{Schema: dnsbl.StandingSchema, Target: target, Named: true, Started: began.UTC(), Listings: ask()}
	s.Status = dnsbl.StatusOf(s.Listings)
	if len(s.Listings) == 0 {
		s.Listings, s.Why = []dnsbl.Listing{}, noFamily
	}
	s.TookMS = time.Since(began).Milliseconds()
	return s
}
