package dnsbl

import (
	"cmp"
	"context"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"
)

// Checker asks block lists. It remembers what it learned: each list is tested once, and the same
// question is asked once. The zero Checker asks the built-in lists through the system's resolver. It
// must not be copied, and its fields not be changed, after the first question.
type Checker struct {
	Zones     []Zone           // the lists; nil = Zones
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
	Zone
	limit  *rate.Limiter
	health map[Asks]*memory
	silent atomic.Int32            // questions in a row that got no answer
	gone   atomic.Pointer[trouble] // set once the list has stopped answering, or told us to
}

// memory is something to be found out once. Who needs it meanwhile, waits.
type memory struct {
	mu      sync.Mutex
	known   bool
	trouble trouble   // of a test
	answers []Listing // of a question
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
			zones = Zones
		}
		for _, z := range zones {
			l := &list{Zone: z, health: map[Asks]*memory{}}
			l.Zone.Zone = strings.ToLower(strings.TrimSuffix(z.Zone, "."))
			l.limit = rate.NewLimiter(rate.Limit(cmp.Or(c.Rate, defaultRate)), 1)
			for _, n := range askNames {
				l.health[n.Asks] = new(memory)
			}
			c.lists = append(c.lists, l)
		}
		c.servers = serverAddresses(c.Resolvers)
		c.slots = make(chan struct{}, cmp.Or(c.Parallel, defaultParallel))
		c.known = map[string]*memory{}
	})
}

// Addr asks every list that knows such addresses about one. The answers are in the order of the zones;
// there are none where no list knows the address's family.
func (c *Checker) Addr(ctx context.Context, addr netip.Addr) []Listing {
	addr = addr.Unmap().WithZone("")
	kind := IP6
	if addr.Is4() {
		kind = IP4
	}
	if !public(addr) {
		return c.unasked(kind, addr.String(), NotPublic)
	}
	return c.remember(ctx, kind, addr.String(), reversed(addr))
}

// Name asks every list of names about a domain.
func (c *Checker) Name(ctx context.Context, name string) []Listing {
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	if !strings.Contains(name, ".") { // "localhost": nobody can have listed it
		return c.unasked(Names, name, BadName)
	}
	return c.remember(ctx, Names, name, name)
}

// Knows reports whether any list can be asked about that.
func (c *Checker) Knows(kind Asks) bool {
	c.start()
	for _, l := range c.lists {
		if l.Asks&kind != 0 {
			return true
		}
	}
	return false
}

// public reports whether an address can be listed at all. A question about any other would only tell
// strangers what a network looks like inside.
func public(addr netip.Addr) bool {
	shared := netip.MustParsePrefix("100.64.0.0/10") // RFC 6598
	return addr.IsGlobalUnicast() && !addr.IsPrivate() && !shared.Contains(addr)
}

func (c *Checker) unasked(kind Asks, query string, p Problem) []Listing {
	c.start()
	var answers []Listing
	for _, l := range c.lists {
		if l.Asks&kind != 0 {
			answers = append(answers, l.notChecked(query, trouble{problem: p}))
		}
	}
	return answers
}

// remember asks what has not been asked yet.
func (c *Checker) remember(ctx context.Context, kind Asks, query, label string) []Listing {
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

func (c *Checker) askAll(ctx context.Context, kind Asks, query, label string) []Listing {
	var asked []*list
	for _, l := range c.lists {
		if l.Asks&kind != 0 {
			asked = append(asked, l)
		}
	}
	answers := make([]Listing, len(asked))
	var all sync.WaitGroup
	for i, l := range asked {
		all.Go(func() { answers[i] = c.askList(ctx, l, kind, query, label) })
	}
	all.Wait()
	return answers
}

// askList asks one list, after it has shown that it works.
func (c *Checker) askList(ctx context.Context, l *list, kind Asks, query, label string) Listing {
	if t := c.test(ctx, l, kind); t.problem != "" {
		return l.notChecked(query, t)
	}
	if gone := l.gone.Load(); gone != nil {
		return l.notChecked(query, *gone)
	}
	codes, t := c.addresses(ctx, l, label)
	answer := l.answer(query)
	listed := false
	if t.problem == "" {
		listed, t = l.decode(codes, &answer)
	}
	l.note(t)
	switch {
	case t.problem != "":
		return l.notChecked(query, t)
	case !listed:
		answer.Status, answer.Codes, answer.Means = Clean, nil, ""
		return answer
	}
	answer.Status = Listed
	answer.Lookup, answer.Delist = page(l.Lookup, query), page(l.Delist, query)
	answer.Reason = c.reason(ctx, l, label)
	return answer
}

func (l *list) answer(query string) Listing {
	return Listing{Zone: l.Zone.Zone, List: cmp.Or(l.Name, l.Zone.Zone), Query: query}
}

func (l *list) notChecked(query string, t trouble) Listing {
	answer := l.answer(query)
	answer.Status, answer.Problem, answer.Why = NotChecked, t.problem, t.why()
	if l.Needs != "" && (t.problem == Dead || t.problem == Refused || t.problem == ListRefuses) {
		answer.Why += "; " + l.Needs
	}
	return answer
}

// note remembers how a question to a list went. One that has stopped answering is left alone, and so
// is one that told us to go away.
func (l *list) note(t trouble) {
	switch t.problem {
	case "":
		l.silent.Store(0)
	case Timeout, ServFail, Refused:
		if l.silent.Add(1) >= maxSilent {
			l.gone.Store(&t)
		}
	case PublicResolver, TooMany, ListRefuses, NotLoopback:
		l.gone.Store(&t)
	}
}

// Broken returns the lists that were asked and have not been believed so far, each with the reason.
func (c *Checker) Broken() []Listing {
	c.start()
	var broken []Listing
	for _, l := range c.lists {
		for _, kind := range askNames {
			m := l.health[kind.Asks]
			m.mu.Lock()
			t := m.trouble
			m.mu.Unlock()
			if gone := l.gone.Load(); t.problem == "" && gone != nil {
				t = *gone
			}
			if t.problem != "" {
				broken = append(broken, l.notChecked("", t))
				break
			}
		}
	}
	return broken
}
