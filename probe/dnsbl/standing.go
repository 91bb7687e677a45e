package dnsbl

import (
	"context"
	"net/netip"
	"time"
)

// Standing is what the block lists say of one address or name: a line of
// `openrelay blocklist --format jsonl`.
type Standing struct {
	Schema   int       `json:"schema"`
	Target   string    `json:"target"`         // the address or name asked about
	Name     string    `json:"name,omitempty"` // the host the address was reached by
	Named    bool      `json:"named"`          // the user named it; false for an address out of a range
	Status   Status    `json:"status"`         // listed if any list says so, clean if any that works says not
	Why      string    `json:"why,omitempty"`  // why no list could be asked
	Listings []Listing `json:"listings"`       // of every list that was to be asked
	Started  time.Time `json:"started"`
	TookMS   int64     `json:"took_ms"`
}

// StandingSchema is the version of [Standing]. Fields may be added within a version.
const StandingSchema = 1

// noFamily is why a target has no answers at all.
const noFamily = "none of the lists asked knows such addresses or names"

// AddrStanding asks about an address.
func (c *Checker) AddrStanding(ctx context.Context, addr netip.Addr) Standing {
	return standing(addr.Unmap().WithZone("").String(), func() []Listing { return c.Addr(ctx, addr) })
}

// NameStanding asks about a domain.
func (c *Checker) NameStanding(ctx context.Context, name string) Standing {
	return standing(name, func() []Listing { return c.Name(ctx, name) })
}

func standing(target string, ask func() []Listing) Standing {
	began := time.Now()
	s := Standing{Schema: StandingSchema, Target: target, Named: true, Started: began.UTC(), Listings: ask()}
	s.Status = StatusOf(s.Listings)
	if len(s.Listings) == 0 {
		s.Listings, s.Why = []Listing{}, noFamily
	}
	s.TookMS = time.Since(began).Milliseconds()
	return s
}
