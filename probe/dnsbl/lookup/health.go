package lookup

import (
	"cmp"
	"context"
	"net/netip"
	"sync"

	"openrelay/probe/dnsbl"
)

// The entries every list has, and those none may have (RFC 5782 section 5).
var (
	present4, absent4 = netip.MustParseAddr("127.0.0.2"), netip.MustParseAddr("127.0.0.1")
	present6, absent6 = netip.MustParseAddr("::ffff:127.0.0.2"), netip.MustParseAddr("::ffff:127.0.0.1")
)

const presentName, absentName = "test", "invalid"

// testPoints are the labels of those entries.
func testPoints(z *dnsbl.Zone, kind dnsbl.Asks) (present, absent string) {
	switch kind {
	case dnsbl.IP4:
		return reversed(present4), reversed(absent4)
	case dnsbl.IP6:
		return reversed(present6), reversed(absent6)
	}
	return cmp.Or(z.Test, presentName), absentName
}

// test finds out, once for each kind of question, whether a list can be believed.
func (c *Checker) test(ctx context.Context, l *list, kind dnsbl.Asks) dnsbl.Trouble {
	m := l.health[kind]
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.known {
		return m.trouble
	}
	t := c.testList(ctx, l, kind)
	if ctx.Err() == nil {
		m.known, m.trouble = true, t
	}
	return t
}

func (c *Checker) testList(ctx context.Context, l *list, kind dnsbl.Asks) dnsbl.Trouble {
	present, absent := testPoints(&l.Zone, kind)
	var there, none []netip.Addr
	var thereTrouble, noneTrouble dnsbl.Trouble
	var both sync.WaitGroup
	both.Go(func() { there, thereTrouble = c.addresses(ctx, l, present) })
	both.Go(func() { none, noneTrouble = c.addresses(ctx, l, absent) })
	both.Wait()

	for _, answers := range [][]netip.Addr{there, none} {
		if _, t := l.Decode(answers, new(dnsbl.Listing)); t.Problem != "" {
			return t // it said itself that it does not answer us
		}
	}
	switch {
	case len(none) > 0:
		return dnsbl.Trouble{Problem: dnsbl.Wildcard}
	case thereTrouble.Problem != "":
		return thereTrouble
	case noneTrouble.Problem != "":
		return noneTrouble
	case len(there) == 0:
		return dnsbl.Trouble{Problem: dnsbl.Dead}
	}
	return dnsbl.Trouble{}
}
