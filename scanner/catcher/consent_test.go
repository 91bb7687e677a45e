package catcher

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/dns/dnsmessage"

	"openrelay/probe"
	"openrelay/scanner/demo"
)

// zone answers DNS queries, for names in absolute form.
type zone struct {
	txt map[string][]string
	mx  map[string][]string // best first
}

// resolver asks a name server of the test's own.
func (z zone) resolver(t *testing.T) *net.Resolver {
	t.Helper()
	server, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	go func() {
		buf := make([]byte, 1500)
		for {
			n, from, err := server.ReadFrom(buf)
			if err != nil {
				return
			}
			if answer := z.answer(buf[:n]); answer != nil {
				_, _ = server.WriteTo(answer, from)
			}
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", server.LocalAddr().String())
	}}
}

func (z zone) answer(query []byte) []byte {
	var m dnsmessage.Message
	if m.Unpack(query) != nil || len(m.Questions) != 1 {
		return nil
	}
	q := m.Questions[0]
	m.Response, m.Authoritative, m.RecursionAvailable, m.Additionals = true, true, true, nil
	add := func(body dnsmessage.ResourceBody) {
		m.Answers = append(m.Answers, dnsmessage.Resource{Header: dnsmessage.ResourceHeader{Name: q.Name, Class: q.Class, TTL: 1}, Body: body})
	}
	switch name := strings.ToLower(q.Name.String()); q.Type {
	case dnsmessage.TypeTXT:
		for _, text := range z.txt[name] {
			add(&dnsmessage.TXTResource{TXT: []string{text}})
		}
	case dnsmessage.TypeMX:
		for i, host := range z.mx[name] {
			add(&dnsmessage.MXResource{Pref: uint16(10 * i), MX: dnsmessage.MustNewName(host)})
		}
	}
	if len(m.Answers) == 0 {
		m.RCode = dnsmessage.RCodeNameError
	}
	answer, err := m.Pack()
	if err != nil {
		return nil
	}
	return answer
}

// TestConsent: a domain agrees by DNS or by a catcher, and nothing else passes for its agreement.
func TestConsent(t *testing.T) {
	config, err := demo.TLS()
	if err != nil {
		t.Fatal(err)
	}
	ours := start(t, func(c *Catcher) { c.TLS = config })
	theirs := start(t, nil)
	elsewhere := start(t, func(c *Catcher) { c.Domain, c.Key = "other.test", ours.Key })
	f, err := demo.Start(demo.Members)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Stop()
	hosts := map[string]netip.AddrPort{"catcher.test:25": ours.addr, "theirs.test:25": theirs.addr, "elsewhere.test:25": elsewhere.addr}
	for _, m := range f.Running {
		hosts[m.Name+".test:25"] = m.Addr
	}
	record, text := Record(ours.Key, domain)
	_, other := Record(probe.NewKey(), domain)
	for name, c := range map[string]struct {
		zone zone
		asks []string // the hosts that are asked
		says string   // in the error, "" for agreement
	}{
		"TXT":                       {zone: zone{txt: map[string][]string{record + ".": {"v=spf1 -all", text}}, mx: mx("open.test.")}},
		"catcher at the MX":         {zone: zone{mx: mx("catcher.test.")}, asks: []string{"catcher.test:25"}},
		"catcher at the second":     {zone: zone{mx: mx("closed.test.", "catcher.test.")}, asks: []string{"closed.test:25", "catcher.test:25"}},
		"catcher beside an old TXT": {zone: zone{txt: map[string][]string{record + ".": {other}}, mx: mx("catcher.test.")}, asks: []string{"catcher.test:25"}},
		"another key at both":       {zone{txt: map[string][]string{record + ".": {other}}, mx: mx("theirs.test.")}, []string{"theirs.test:25"}, "with another key"},
		"our key, another domain":   {zone{mx: mx("elsewhere.test.")}, []string{"elsewhere.test:25"}, "is no catcher"},
		"a server that takes all":   {zone{mx: mx("open.test.")}, []string{"open.test:25"}, `is no catcher, it answered "250`},
		"a server that refuses":     {zone{mx: mx("closed.test.")}, []string{"closed.test:25"}, `is no catcher, it answered "550`},
		"a greylist":                {zone{mx: mx("greylist.test.")}, []string{"greylist.test:25"}, `is no catcher, it answered "450`},
		"nobody at the MX":          {zone{mx: mx("gone.test.")}, []string{"gone.test:25"}, "cannot be reached"},
		"the catcher comes fourth": {zone{mx: mx("closed.test.", "closed.test.", "closed.test.", "catcher.test.")},
			[]string{"closed.test:25", "closed.test:25", "closed.test:25"}, "is no catcher"},
		"null MX":         {zone{mx: mx(".")}, nil, "takes no mail"},
		"no MX":           {zone{}, []string{domain + ":25"}, "cannot be reached"},
		"TXT of a parent": {zone{txt: map[string][]string{"_openrelay.test.": {text}}}, []string{domain + ":25"}, "there is none"},
	} {
		t.Run(name, func(t *testing.T) {
			var asked []string
			consent := &Consent{Key: ours.Key, Resolver: c.zone.resolver(t), Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
				asked = append(asked, address)
				addr, ok := hosts[address]
				if !ok {
					return nil, errors.New("no such host")
				}
				return (&net.Dialer{}).DialContext(ctx, network, addr.String())
			}}
			err := consent.Ask(t.Context(), domain)
			if !slices.Equal(asked, c.asks) {
				t.Errorf("asked %q, want %q", asked, c.asks)
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
			for _, way := range []string{record, text, "openrelay catch --domain " + domain, "--catch-key"} {
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

func mx(hosts ...string) map[string][]string { return map[string][]string{domain + ".": hosts} }

func TestNeedsConsent(t *testing.T) {
	for addr, want := range map[string]bool{
		"127.0.0.1": false, "::1": false, "10.1.2.3": false, "192.168.1.1": false, "fd00::1": false, "fe80::1%lo": false,
		"::ffff:10.1.2.3": false, "100.64.0.1": false, "64:ff9b::a00:1": false, "198.51.100.1": true, "2001:db8::1": true, "64:ff9b::c633:6401": true,
	} {
		if got := NeedsConsent(netip.MustParseAddr(addr)); got != want {
			t.Errorf("%s: %v", addr, got)
		}
	}
}
