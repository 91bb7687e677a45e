// Package lookup asks DNS block lists about an address or a domain (RFC 5782).
//
// A list that works lists 127.0.0.2 and does not list 127.0.0.1 (RFC 5782 section 5): a [Checker] asks both before
// it believes a zone. One that has died, answers for everything or refuses to answer us is reported as such,
// never as listed and never as clean.
package lookup

import (
	"cmp"
	"context"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"openrelay/probe/dnsbl"
	"openrelay/probe/netaddr"
)

// Checker asks block lists. It remembers what it learned: each list is tested once, and the same
// question is asked once. The zero Checker asks the built-in lists through the system's resolver. It
// must not be copied, and its fields not be changed, after the first question.
type Checker struct {
	Zones     []dnsbl.Zone     // the lists; nil = Zones
	Resolvers []netip.AddrPort // recursive resolvers, the next where one does not answer; nil = those of /etc/resolv.conf
	Timeout   time.Duration    // for one answer of a resolver; 0 = 2 s
	Attempts  int              // how often a question is asked that gets no answer; 0 = 3
	Rate      float64          // queries a second to one list, the tests included; 0 = 50
	Parallel  int              // queries under way at once, to all lists together; 0 = 128

	once    sync.Once
	lists   []*list
	servers []string
	slots   chan struct{}

	mu    sync.Mutex
	known map[string]*memory
}

// list is a zone and what has been learned of it.
type list struct {
	dnsbl.Zone
	limit  *rate.Limiter
	health map[dnsbl.Asks]*memory
	silent atomic.Int32                  // questions in a row that got no answer
	gone   atomic.Pointer[dnsbl.Trouble] // set once the list has stopped answering, or told us to
}

// memory is something to be found out once. Who needs it meanwhile, waits.
type memory struct {
	mu      sync.Mutex
	known   bool
	trouble dnsbl.Trouble   // of a test
	answers []dnsbl.Listing // of a question
}

const (
	defaultTimeout  = 2 * time.Second // an answer that comes later is in the resolver's cache when we ask again
	defaultAttempts = 3
	defaultRate     = 50 // queries a second: well below what free lists call too much
	defaultParallel = 128

	maxKnown  = 1024 // questions remembered: more than that is a sweep, which asks nothing twice
	maxSilent = 5    // questions in a row without an answer before a list is left alone
)

func (c *Checker) start() {
	c.once.Do(func() {
		zones := c.Zones
		if zones == nil {
			zones = dnsbl.Zones
		}
		for _, z := range zones {
			l := &list{Zone: z, health: map[dnsbl.Asks]*memory{}}
			l.Zone.Zone = strings.ToLower(strings.TrimSuffix(z.Zone, "."))
			l.limit = rate.NewLimiter(rate.Limit(cmp.Or(c.Rate, defaultRate)), 1)
			for _, kind := range dnsbl.EveryAsks {
				l.health[kind] = new(memory)
			}
			c.lists = append(c.lists, l)
		}
		c.servers = serverAddresses(c.Resolvers)
		c.slots = make(chan struct{}, cmp.Or(c.Parallel, defaultParallel))
		c.known = map[string]*memory{}
	})
}

// Addr asks every list that knows such addresses about one. The answers are in the order of the zones;
// there are none where no list knows the address's family. Only a public address can be listed; a
// question about any other would only tell strangers what a network looks like inside.
func (c *Checker) Addr(ctx context.Context, addr netip.Addr) []dnsbl.Listing {
	addr = addr.Unmap().WithZone("")
	kind := dnsbl.IP6
	if addr.Is4() {
		kind = dnsbl.IP4
	}
	if !netaddr.Public(addr) {
		return c.unasked(kind, addr.String(), dnsbl.NotPublic)
	}
	return c.remember(ctx, kind, addr.String(), reversed(addr))
}

// Name asks every list of names about a domain.
func (c *Checker) Name(ctx context.Context, name string) []dnsbl.Listing {
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	if !strings.Contains(name, ".") { // "localhost": nobody can have listed it
		return c.unasked(dnsbl.Names, name, dnsbl.BadName)
	}
	return c.remember(ctx, dnsbl.Names, name, name)
}

// Knows reports whether any list can be asked about that.
func (c *Checker) Knows(kind dnsbl.Asks) bool {
	c.start()
	for _, l := range c.lists {
		if l.Asks&kind != 0 {
			return true
		}
	}
	return false
}

func (c *Checker) unasked(kind dnsbl.Asks, query string, p dnsbl.Problem) []dnsbl.Listing {
	c.start()
	var answers []dnsbl.Listing
	for _, l := range c.lists {
		if l.Asks&kind != 0 {
			answers = append(answers, l.notChecked(query, dnsbl.Trouble{Problem: p}))
		}
	}
	return answers
}

// remember asks what has not been asked yet.
func (c *Checker) remember(ctx context.Context, kind dnsbl.Asks, query, label string) []dnsbl.Listing {
	c.start()
	c.mu.Lock()
	if len(c.known) >= maxKnown {
		clear(c.known)
	}
	m := c.known[query]
	if m == nil {
		m = new(memory)
		c.known[query] = m
	}
	c.mu.Unlock()

	m.mu.Lock()
	defer m.mu.Unlock()
	if m.known {
		return m.answers
	}
	answers := c.askAll(ctx, kind, query, label)
	if ctx.Err() == nil {
		m.known, m.answers = true, answers
	}
	return answers
}

func (c *Checker) askAll(ctx context.Context, kind dnsbl.Asks, query, label string) []dnsbl.Listing {
	var asked []*list
	for _, l := range c.lists {
		if l.Asks&kind != 0 {
			asked = append(asked, l)
		}
	}
	answers := make([]dnsbl.Listing, len(asked))
	var all sync.WaitGroup
	for i, l := range asked {
		all.Go(func() { answers[i] = c.askList(ctx, l, kind, query, label) })
	}
	all.Wait()
	return answers
}

// askList asks one list, after it has shown that it works.
func (c *Checker) askList(ctx context.Context, l *list, kind dnsbl.Asks, query, label string) dnsbl.Listing {
	if t := c.test(ctx, l, kind); t.Problem != "" {
		return l.notChecked(query, t)
	}
	if gone := l.gone.Load(); gone != nil {
		return l.notChecked(query, *gone)
	}
	codes, t := c.addresses(ctx, l, label)
	answer := l.answer(query)
	listed := false
	if t.Problem == "" {
		listed, t = l.Decode(codes, &answer)
	}
	l.note(t)
	switch {
	case t.Problem != "":
		return l.notChecked(query, t)
	case !listed:
		answer.Status, answer.Codes, answer.Means = dnsbl.Clean, nil, ""
		return answer
	}
	answer.Status = dnsbl.Listed
	answer.Lookup, answer.Delist = dnsbl.Page(l.Lookup, query), dnsbl.Page(l.Delist, query)
	answer.Reason = c.reason(ctx, l, label)
	return answer
}

func (l *list) answer(query string) dnsbl.Listing {
	return dnsbl.Listing{Zone: l.Zone.Zone, List: cmp.Or(l.Name, l.Zone.Zone), Query: query}
}

func (l *list) notChecked(query string, t dnsbl.Trouble) dnsbl.Listing {
	answer := l.answer(query)
	answer.Status, answer.Problem, answer.Why = dnsbl.NotChecked, t.Problem, t.Why()
	if l.Needs != "" && t.Problem.Explain().Needs {
		answer.Why += "; " + l.Needs
	}
	return answer
}

// note remembers how a question to a list went. One that has stopped answering is left alone, and so
// is one that told us to go away.
func (l *list) note(t dnsbl.Trouble) {
	if t.Problem == "" {
		l.silent.Store(0)
		return
	}
	switch t.Problem.Explain().Leave {
	case dnsbl.AfterFew:
		if l.silent.Add(1) >= maxSilent {
			l.gone.Store(&t)
		}
	case dnsbl.AtOnce:
		l.gone.Store(&t)
	}
}

// Broken returns the lists that were asked and have not been believed so far, each with the reason.
func (c *Checker) Broken() []dnsbl.Listing {
	c.start()
	var broken []dnsbl.Listing
	for _, l := range c.lists {
		for _, kind := range dnsbl.EveryAsks {
			m := l.health[kind]
			m.mu.Lock()
			t := m.trouble
			m.mu.Unlock()
			if gone := l.gone.Load(); t.Problem == "" && gone != nil {
				t = *gone
			}
			if t.Problem != "" {
				broken = append(broken, l.notChecked("", t))
				break
			}
		}
	}
	return broken
}
