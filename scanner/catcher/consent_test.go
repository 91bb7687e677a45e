package catcher

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/miekg/dns"

	"openrelay/internal/dnstest"
	"openrelay/probe"
	"openrelay/scanner/demo"
)

// foreign is a domain that may have mailboxes somewhere, as no reserved name has (RFC 8375).
const foreign = "relay.home.arpa"

// zone starts a name server with records in the notation of zone files.
func zone(t *testing.T, records ...string) *dnstest.Server {
	t.Helper()
	s, err := dnstest.Start(0, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	if err := s.Add(records...); err != nil {
		t.Fatal(err)
	}
	return s
}

// mx are the MX records of the foreign domain, best first.
func mx(hosts ...string) (records []string) {
	for i, host := range hosts {
		records = append(records, fmt.Sprintf("%s. MX %d %s.", foreign, 10*i, host))
	}
	return records
}

// TestConsent: a domain agrees by DNS or by a catcher, and nothing else passes for its agreement.
func TestConsent(t *testing.T) {
	config, err := demo.TLS()
	if err != nil {
		t.Fatal(err)
	}
	ours := start(t, func(c *Catcher) { c.TLS, c.Domain = config, foreign })
	theirs := start(t, func(c *Catcher) { c.Domain = foreign })
	elsewhere := start(t, func(c *Catcher) { c.Domain, c.Key = "other.test", ours.Key })
	f, err := demo.Start(demo.Members)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Stop()
	// Every server has an address of documentation, and the dialer knows where it really is.
	servers := map[string]netip.AddrPort{"catcher": ours.addr, "theirs": theirs.addr, "elsewhere": elsewhere.addr}
	for _, m := range f.Running {
		servers[m.Name] = m.Addr
	}
	hosts, names := map[string]netip.AddrPort{}, map[string]string{"203.0.113.250:25": "gone"}
	addresses := []string{"gone.test. A 203.0.113.250"}
	for i, name := range slices.Sorted(maps.Keys(servers)) {
		addr := netip.AddrFrom4([4]byte{203, 0, 113, byte(i + 1)})
		addresses = append(addresses, fmt.Sprintf("%s.test. A %s", name, addr))
		hosts[addr.String()+":25"], names[addr.String()+":25"] = servers[name], name
	}
	record, text := Record(ours.Key, foreign)
	_, other := Record(probe.NewKey(), foreign)
	txt := func(name, text string) string { return fmt.Sprintf("%s. TXT %q", name, text) }
	for name, c := range map[string]struct {
		zone []string
		asks string // the hosts that are asked
		says string // in the error, "" for agreement
	}{
		"TXT":                        {zone: append(mx("open.test"), txt(record, "v=spf1 -all"), txt(record, text))},
		"catcher at the MX":          {zone: mx("catcher.test"), asks: "catcher"},
		"catcher at the second":      {zone: mx("closed.test", "catcher.test"), asks: "closed catcher"},
		"catcher behind an alias":    {zone: append(mx("alias.test"), "alias.test. CNAME catcher.test."), asks: "catcher"},
		"catcher beside an old TXT":  {zone: append(mx("catcher.test"), txt(record, other)), asks: "catcher"},
		"catcher at another address": {zone: append(mx("two.test"), "two.test. A 203.0.113.250", addressOf(addresses, "catcher", "two")), asks: "gone catcher"},
		"another key at both":        {append(mx("theirs.test"), txt(record, other)), "theirs", "with another key"},
		"our key, another domain":    {mx("elsewhere.test"), "elsewhere", "is no catcher"},
		"a server that takes all":    {mx("open.test"), "open", `is no catcher, it answered "250`},
		"a server that refuses":      {mx("closed.test"), "closed", `is no catcher, it answered "550`},
		"a greylist":                 {mx("greylist.test"), "greylist", `is no catcher, it answered "450`},
		"nobody at the MX":           {mx("gone.test"), "gone", "gone.test cannot be reached"},
		"no address":                 {mx("none.test"), "", "none.test has no address"},
		"the catcher comes fourth":   {mx("closed.test", "open.test", "gone.test", "catcher.test"), "closed open gone", "is no catcher"},
		"null MX":                    {[]string{foreign + ". MX 0 ."}, "", "takes no mail"},
		"no MX":                      {[]string{foreign + ". A 203.0.113.250"}, "gone", "cannot be reached"},
		"TXT of a parent":            {[]string{txt("_openrelay.home.arpa", text)}, "", "there is none"},
	} {
		t.Run(name, func(t *testing.T) {
			var asked []string
			consent := &Consent{Key: ours.Key, Resolver: zone(t, append(c.zone, addresses...)...).Resolver(), Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
				asked = append(asked, names[address])
				addr, ok := hosts[address]
				if !ok {
					return nil, errors.New("nobody there")
				}
				return (&net.Dialer{}).DialContext(ctx, network, addr.String())
			}}
			err := consent.Ask(t.Context(), foreign)
			if got := strings.Join(asked, " "); got != c.asks {
				t.Errorf("asked %q, want %q", got, c.asks)
			}
			if c.says == "" {
				if err != nil {
					t.Errorf("no consent: %v", err)
				}
				return
			}
			var no *NoConsentError
			if !errors.As(err, &no) || !strings.Contains(err.Error(), c.says) {
				t.Fatalf("%v, want %q", err, c.says)
			}
			for _, way := range []string{record, text, "openrelay catch --domain " + foreign, "--catch-key"} {
				if !strings.Contains(no.Hint(), way) {
					t.Errorf("the hint lacks %q: %s", way, no.Hint())
				}
			}
			if !strings.Contains(err.Error(), record) || !strings.Contains(err.Error(), "MX") {
				t.Errorf("the error does not name both ways: %v", err)
			}
		})
	}
	if f.Messages() != 0 || len(ours.all()) != 0 {
		t.Error("a challenge was taken for a message")
	}
}

// addressOf gives a host the address of another one.
func addressOf(records []string, host, alias string) string {
	i := slices.IndexFunc(records, func(r string) bool { return strings.HasPrefix(r, host+".test. ") })
	return strings.Replace(records[i], host, alias, 1)
}

// A reserved name and all below it has no mailboxes, so nobody is asked; a name that only looks like one has.
func TestReservedNames(t *testing.T) {
	for _, r := range reserved {
		for domain, exempt := range map[string]bool{
			r.name: true, "relay." + r.name: true, strings.ToUpper("relay." + r.name): true, r.name + ".": true,
			"x" + r.name: false, r.name + ".home.arpa": false, r.name + "x": false,
		} {
			silent := &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("no resolver") }}
			c := &Consent{Key: probe.NewKey(), Resolver: silent}
			if err := c.Ask(t.Context(), domain); (err == nil) != exempt {
				t.Errorf("%s: %v", domain, err)
			}
			if q := c.Question(t.Context(), domain); (q.Exempt != "") != exempt || exempt && !strings.Contains(q.Exempt, r.name+" is a reserved name") {
				t.Errorf("%s is exempt: %q", domain, q.Exempt)
			}
		}
	}
	page, err := os.ReadFile("../../docs/delivery.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range reserved {
		if !strings.Contains(string(page), "`"+r.name+"`") {
			t.Errorf("docs/delivery.md does not name %s", r.name)
		}
	}
	for _, domain := range []string{"home.arpa", "mail.local", "corp.internal", "example.co", "test.com", "com", ""} {
		if why := reservedAs(domain); why != "" {
			t.Errorf("%q: %s", domain, why)
		}
	}
}

// A catcher of our own on loopback exempts a domain only if all its mail comes here, and one of which port 25 is
// where mail comes answers without being asked. That we listen on loopback says nothing about any other domain.
func TestOwnCatcher(t *testing.T) {
	for name, c := range map[string]struct {
		catch  string
		zone   []string
		agrees bool
	}{
		"the domain leads here":       {"127.0.0.1:2525", []string{foreign + ". A 127.0.0.1"}, true},
		"in both families":            {"[::1]:2525", []string{foreign + ". A 127.0.0.2", foreign + ". AAAA ::1"}, true},
		"by its MX":                   {"127.0.0.1:2525", append(mx("mx.test"), "mx.test. A 127.0.0.1", foreign+". A 203.0.113.1"), true},
		"elsewhere":                   {"127.0.0.1:2525", append(mx("mx.test"), "mx.test. A 203.0.113.1"), false},
		"one address elsewhere":       {"127.0.0.1:2525", []string{foreign + ". A 127.0.0.1", foreign + ". AAAA 2001:db8::1"}, false},
		"one host elsewhere":          {"127.0.0.1:2525", append(mx("mx.test", "b.test"), "mx.test. A 127.0.0.1", "b.test. A 10.0.0.1"), false},
		"nowhere":                     {"127.0.0.1:2525", nil, false},
		"one host nowhere":            {"127.0.0.1:2525", append(mx("mx.test", "none.test"), "mx.test. A 127.0.0.1"), false},
		"too many hosts":              {"127.0.0.1:2525", append(mx("a.test", "b.test", "c.test", "d.test"), "a.test. A 127.0.0.1", "b.test. A 127.0.0.1", "c.test. A 127.0.0.1", "d.test. A 203.0.113.1"), false},
		"no catcher":                  {"", []string{foreign + ". A 127.0.0.1"}, false},
		"the catcher is elsewhere":    {"192.0.2.1:2525", []string{foreign + ". A 127.0.0.1"}, false},
		"every address":               {"[::]:2525", []string{foreign + ". A 127.0.0.1"}, false},
		"every address, port 25":      {"[::]:25", []string{foreign + ". A 127.0.0.1"}, true},
		"every IPv4 address, port 25": {"0.0.0.0:25", []string{foreign + ". A 127.0.0.1"}, true},
		"only IPv4 addresses":         {"0.0.0.0:25", []string{foreign + ". AAAA ::1"}, false},
		"that address, port 25":       {"192.0.2.1:25", []string{foreign + ". A 192.0.2.1"}, true},
		"another, port 25":            {"192.0.2.1:25", []string{foreign + ". A 192.0.2.2"}, false},
		"not of this machine":         {"[::]:25", []string{foreign + ". A 203.0.113.1"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			consent := &Consent{Key: probe.NewKey(), Resolver: zone(t, c.zone...).Resolver(),
				Allowed: func(context.Context, string, netip.Addr) error { return errors.New("not in scope") },
				Dial: func(_ context.Context, _, address string) (net.Conn, error) {
					t.Errorf("%s was dialled", address)
					return nil, errors.New("nobody there")
				}}
			if c.catch != "" {
				consent.Catch = netip.MustParseAddrPort(c.catch)
			}
			if err := consent.Ask(t.Context(), foreign); (err == nil) != c.agrees {
				t.Errorf("agrees: %v", err)
			}
		})
	}
}

// Half an answer of the DNS is none: the other half may lead elsewhere.
func TestOwnCatcherHalfKnown(t *testing.T) {
	lists := []dnstest.List{{Zone: "home.arpa", All: &dnstest.Entry{Rcode: dns.RcodeServerFailure}}}
	s, err := dnstest.Start(0, lists, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Stop()
	c := &Consent{Key: probe.NewKey(), Resolver: s.Resolver(), Catch: netip.MustParseAddrPort("127.0.0.1:2525")}
	if q := c.Question(t.Context(), foreign); q.Exempt != "" || q.Failed == nil {
		t.Errorf("%+v", q)
	}
	h := Host{Name: "mx.test", all: []netip.Addr{netip.MustParseAddr("127.0.0.1")}, Failed: errors.New("ip6: server misbehaving")}
	if c.caughtHere([]Host{h}) {
		t.Error("a host of which one family is not known is on loopback")
	}
}

// TestConsentKeepsOut: no address that is not allowed is dialled, whatever the MX says, and the error names each
// with the reason. What is dialled was looked up once: the DNS cannot change its mind in between.
func TestConsentKeepsOut(t *testing.T) {
	left := map[string]string{"10.0.0.1": "excluded", "127.0.0.1": "loopback", "169.254.169.254": "metadata", "2001:db8::7": "not in scope"}
	s := zone(t, append(mx("alias.test", "mx.test", "127.0.0.1"), "alias.test. CNAME inner.test.", "inner.test. A 10.0.0.1", "inner.test. A 169.254.169.254",
		"mx.test. AAAA 2001:db8::7", "mx.test. A 127.0.0.1", "mx.test. A 203.0.113.1")...)
	var dialled []string
	consent := &Consent{Key: probe.NewKey(), Resolver: s.Resolver(),
		Allowed: func(_ context.Context, host string, addr netip.Addr) error {
			if host == "" {
				t.Errorf("%s of no host", addr)
			}
			if why := left[addr.String()]; why != "" {
				return errors.New(why)
			}
			return nil
		},
		Dial: func(_ context.Context, _, address string) (net.Conn, error) {
			dialled = append(dialled, address)
			return nil, errors.New("nobody there")
		}}
	err := consent.Ask(t.Context(), foreign)
	if !slices.Equal(dialled, []string{"203.0.113.1:25"}) {
		t.Errorf("dialled %q", dialled)
	}
	for addr, why := range left {
		if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("[%s] is not asked: %s", addr, why)) {
			t.Errorf("%s is not named: %v", addr, err)
		}
	}
	if n := s.Asked("mx.test"); n != 2 {
		t.Errorf("mx.test was looked up %d times, for two families", n)
	}
}

// fickle is a name server that changes its mind between two questions: every answer is drawn anew.
type fickle struct {
	mu    sync.Mutex
	draw  *rand.Rand
	addrs []netip.Addr
}

func (f *fickle) ServeDNS(w dns.ResponseWriter, q *dns.Msg) {
	f.mu.Lock()
	defer f.mu.Unlock()
	m := new(dns.Msg).SetReply(q)
	m.Authoritative = true
	header := dns.RR_Header{Name: q.Question[0].Name, Rrtype: q.Question[0].Qtype, Class: dns.ClassINET}
	for range f.draw.IntN(5) {
		addr := f.addrs[f.draw.IntN(len(f.addrs))]
		switch {
		case header.Rrtype == dns.TypeMX:
			m.Answer = append(m.Answer, &dns.MX{Hdr: header, Preference: uint16(f.draw.IntN(3)), Mx: fmt.Sprintf("mx%d.test.", f.draw.IntN(4))})
		case header.Rrtype == dns.TypeA && addr.Is4():
			m.Answer = append(m.Answer, &dns.A{Hdr: header, A: addr.AsSlice()})
		case header.Rrtype == dns.TypeAAAA:
			to16 := addr.As16() // an IPv4 address too, as one of IPv6
			m.Answer = append(m.Answer, &dns.AAAA{Hdr: header, AAAA: to16[:]})
		}
	}
	_ = w.WriteMsg(m)
}

// TestConsentLaw: whatever the DNS says, and however it changes its mind, no address is dialled that is not allowed, and
// never more than a few are; nor does a domain agree because of it.
func TestConsentLaw(t *testing.T) {
	pc, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f := &fickle{draw: rand.New(rand.NewPCG(1, 2))}
	for _, a := range []string{"203.0.113.1", "203.0.113.2", "10.0.0.1", "127.0.0.1", "169.254.169.254", "2001:db8::1", "::1", "fe80::1", "64:ff9b::a00:1"} {
		f.addrs = append(f.addrs, netip.MustParseAddr(a))
	}
	allowed := []string{"203.0.113.1", "2001:db8::1"}
	server := &dns.Server{PacketConn: pc, Handler: f}
	served := make(chan error, 1)
	go func() { served <- server.ActivateAndServe() }()
	defer func() { _ = pc.Close(); <-served }()
	resolver := &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", pc.LocalAddr().String())
	}}
	all := 0
	for range 500 {
		dials := 0
		consent := &Consent{Key: probe.NewKey(), Resolver: resolver,
			Allowed: func(_ context.Context, _ string, addr netip.Addr) error {
				if !slices.Contains(allowed, addr.String()) {
					return errors.New("not in scope")
				}
				return nil
			},
			Dial: func(_ context.Context, _, address string) (net.Conn, error) {
				dials++
				if host, port, _ := net.SplitHostPort(address); port != "25" || !slices.Contains(allowed, host) {
					t.Errorf("%s was dialled", address)
				}
				return nil, errors.New("nobody there")
			}}
		if err := consent.Ask(t.Context(), foreign); err == nil {
			t.Error("a domain agreed that was only looked up")
		}
		if dials > mostHosts*mostAddrs {
			t.Errorf("%d connections", dials)
		}
		all += dials
	}
	if all == 0 {
		t.Error("nobody was dialled: the law holds for nothing")
	}
}

// A host with many addresses costs a few connections, whatever the DNS says.
func TestConsentIsShort(t *testing.T) {
	var records []string
	for h := range 5 {
		name := fmt.Sprintf("mx%d.test", h)
		records = append(records, fmt.Sprintf("%s. MX %d %s.", foreign, h, name))
		for i := range 20 {
			records = append(records, fmt.Sprintf("%s. A 203.0.113.%d", name, 20*h+i))
		}
	}
	dials := 0
	consent := &Consent{Key: probe.NewKey(), Resolver: zone(t, records...).Resolver(), Dial: func(context.Context, string, string) (net.Conn, error) {
		dials++
		return nil, errors.New("nobody there")
	}}
	if err := consent.Ask(t.Context(), foreign); err == nil || dials != mostHosts*mostAddrs {
		t.Errorf("%d connections, %v", dials, err)
	}

	// Many addresses of the family that is left out do not hide those of the other.
	dials, consent.Resolver = 0, zone(t, append(records, "mx0.test. AAAA 2001:db8::25")...).Resolver()
	consent.Allowed = func(_ context.Context, _ string, addr netip.Addr) error {
		if addr.Is4() {
			return errors.New("left out")
		}
		return nil
	}
	if err := consent.Ask(t.Context(), foreign); err == nil || dials != 1 {
		t.Errorf("%d connections over IPv6, %v", dials, err)
	}
}
