package interception

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"openrelay/probe"
)

// answer is what one port of a target said, as tests like to write it: "25 gw.hotel.example ESMTP | CN=gw". A "!"
// before the certificate makes it one that is valid for the target's name.
type answer struct{ target, name, said string }

func (a answer) result() *probe.Result {
	port, rest, _ := strings.Cut(a.said, " ")
	banner, cert, _ := strings.Cut(rest, " | ")
	r := &probe.Result{Target: a.target + ":" + port, Name: a.name, Named: a.name != "", Verdict: probe.Closed, Server: probe.Server{Banner: banner},
		Vantage: probe.Vantage{Source: "192.168.7.7", Kind: probe.Private}}
	if subject, valid := strings.CutPrefix(cert, "!"); cert != "" {
		r.Server.TLS = &probe.TLS{Cert: &probe.Cert{Subject: subject, VerifyError: "not valid for the name"}}
		if valid {
			r.Server.TLS.Cert.VerifyError = ""
		}
	}
	return r
}

// ask lets n servers answer, spread over four networks. %d in what they are called and what they say is the number
// of the server.
func ask(n int, name string, said ...string) (all []answer) {
	number := func(text string, i int) string { return strings.ReplaceAll(text, "%d", fmt.Sprint(i)) }
	for i := range n {
		for _, s := range said {
			all = append(all, answer{fmt.Sprintf("8.%d.0.%d", i%4, i), number(name, i), number(s, i)})
		}
	}
	return all
}

func join(all ...[]answer) (joined []answer) {
	for _, a := range all {
		joined = append(joined, a...)
	}
	return joined
}

// move puts servers elsewhere, by what their addresses begin with.
func move(all []answer, from, to string) []answer {
	for i := range all {
		all[i].target = strings.Replace(all[i].target, from, to, 1)
	}
	return all
}

// ipv6 gives servers addresses of that family, in as many networks.
func ipv6(all []answer) []answer {
	for i, a := range all {
		var network, n int
		_, _ = fmt.Sscanf(a.target, "8.%d.0.%d", &network, &n)
		all[i].target = fmt.Sprintf("[2a0%d:1::%d]", network, n)
	}
	return all
}

const gateway = "25 gw.hotel.example ESMTP ready"

var cases = []struct {
	about   string
	answers []answer
	shown   string // of what is found, a part; "" for nothing
}{
	{"a gateway answers for eight names", ask(8, "mx.firm%d.example", gateway),
		"8 of 8 public addresses that answered on port 25, in 4 networks, greet in the same words; gw.hotel.example is the name of none of the targets"},
	{"its greeting has a date and a number", ask(8, "mx.firm%d.example", "25 gw.hotel.example ESMTP Exim 4.9%d Tue, %d Nov 2026 18:00:0%d +0100"), "gw.hotel.example"},
	{"it has a certificate", ask(8, "mx.firm%d.example", gateway+" | CN=gw"), "in the same words with the same certificate; gw"},
	{"it is a pair", ask(9, "mx.firm%d.example", gateway)[:8], "gw.hotel.example"},
	{"all targets are of one owner", ask(8, "mx%d.firm.example", gateway), "gw.hotel.example"},
	{"one address in nine is let through", join(ask(8, "mx.firm%d.example", gateway), []answer{{"9.9.9.9", "mx.near.example", "25 mx.near.example ESMTP Exim"}}), "8 of 9"},
	{"addresses without a name, whose other ports are let through", ask(8, "", gateway, "587 mx.firm%d.example ESMTP Postfix"),
		"in the same words; other ports of 8 of them show another server"},
	{"the same over IPv6", ipv6(ask(8, "mx.firm%d.example", gateway)), "in 4 networks"},

	{"no results", nil, ""},
	{"a server that stands alone", ask(1, "mx.firm%d.example", gateway), ""},
	{"seven addresses", ask(7, "mx.firm%d.example", gateway), ""},
	{"eight addresses in three networks", move(ask(8, "mx.firm%d.example", gateway), "8.3.", "8.2."), ""},
	{"a private network", move(ask(8, "mx.firm%d.example", gateway), "8.", "10."), ""},
	{"loopback", move(ask(8, "mx.firm%d.example", gateway), "8.", "127."), ""},
	{"a third answers otherwise", join(ask(8, "mx.firm%d.example", gateway), move(ask(4, "mx.other%d.example", "25 mx.other%d.example ESMTP Exim"), "8.", "9.")), ""},
	{"many owners, each with a certificate", ask(8, "mx.firm%d.example", "25 mx.firm%d.example ESMTP Postfix | CN=mx.firm%d.example"), ""},
	{"many owners, one program", ask(8, "mx.firm%d.example", "25 mx.firm%d.example ESMTP Postfix"), ""},
	{"the name of a target", join(ask(8, "mx.firm%d.example", gateway), []answer{{"8.0.0.0", "smtp.hotel.example", "465 x"}}), ""},
	{"the default name of a system", ask(8, "mx.firm%d.example", "25 localhost.localdomain ESMTP Postfix"), ""},
	{"no name", ask(8, "mx.firm%d.example", "25 ESMTP ready"), ""},

	// A hosting company: one greeting, one certificate.
	{"its servers by address", ask(20, "", "25 srv%d.hoster.example ESMTP Postfix | CN=*.hoster.example"), ""},
	{"and one of them by a name", join(ask(20, "", "25 mx.hoster.example ESMTP | CN=hoster"), []answer{{"8.0.0.0", "mx.firm.example", "587 -"}}), ""},
	{"by its names", ask(20, "srv%d.hoster.example", "25 srv%d.hoster.example ESMTP Postfix | !CN=*.hoster.example"), ""},
	{"by its customers' names", ask(20, "mx.firm%d.example", "25 srv%d.hoster.example ESMTP Postfix | CN=*.hoster.example"), ""},
	{"by its customers' names, all greeting alike", ask(20, "mx.firm%d.example", "25 mx.hoster.example ESMTP Postfix", "587 submit.hoster.example ESMTP Dovecot"), ""},
	{"the same with a certificate", ask(20, "mx.firm%d.example", "25 mx.hoster.example ESMTP | CN=hoster", "587 ESMTP submission | CN=hoster"), ""},
	{"with a certificate for its customers", ask(20, "mx.firm%d.example", "25 mx.hoster.example ESMTP | !CN=hoster"), ""},
}

// What is found does not depend on the order of the results.
func TestFound(t *testing.T) {
	order := rand.New(rand.NewPCG(1, 2))
	for _, test := range cases {
		for range 5 {
			var w Watch
			for _, a := range test.answers {
				w.Add(a.result())
			}
			if got := w.Found(); !strings.Contains(got, test.shown) || (got == "") != (test.shown == "") {
				t.Errorf("%s: found %q, want %q", test.about, got, test.shown)
			}
			order.Shuffle(len(test.answers), func(i, j int) {
				test.answers[i], test.answers[j] = test.answers[j], test.answers[i]
			})
		}
	}
}

// The trait is in the results that come when it is known, where the machine on the way answered, and there once.
func TestMark(t *testing.T) {
	var w Watch
	take := func(a answer) (traits []probe.Trait) {
		r := a.result()
		w.Add(r)
		w.Mark(r)
		w.Mark(r)
		return r.Traits
	}
	for i, a := range ask(40, "mx.firm%d.example", gateway+" | CN=gw") {
		traits := take(a)
		if known := i+1 >= fewAddresses; known != (len(traits) == 1) {
			t.Errorf("result %d has the traits %v", i+1, traits)
		}
		for _, trait := range traits {
			if trait.Name != probe.TraitIntercepted || !strings.HasPrefix(trait.Evidence, fmt.Sprintf("%d of %d public", i+1, i+1)) {
				t.Errorf("result %d: %v", i+1, trait)
			}
		}
	}
	for about, a := range map[string]answer{
		"another port":              {"8.0.0.0", "mx.firm0.example", "587 mx.firm0.example ESMTP ready"},
		"another greeting":          {"9.9.9.9", "mx.near.example", "25 mx.near.example ESMTP Exim"},
		"another certificate":       {"9.9.9.8", "mx.near.example", gateway + " | CN=other"},
		"a private network":         {"10.0.0.1", "mx.firm.example", gateway},
		"a name without an address": {"mx.firm.example", "mx.firm.example", gateway},
	} {
		if traits := take(a); len(traits) > 0 {
			t.Errorf("%s: %v", about, traits)
		}
	}
	if w.Found() == "" {
		t.Error("by now nothing is found")
	}
	dead := answer{"8.0.0.1", "mx.firm1.example", "25 "}.result()
	dead.Verdict = probe.Unreachable
	if w.Mark(dead); len(dead.Traits) > 0 {
		t.Errorf("what did not answer: %v", dead.Traits)
	}
}

// Where every target is an address of this machine, as in a network namespace, each is tested from itself.
func TestSameHost(t *testing.T) {
	var w Watch
	for _, a := range ask(8, "mx.firm%d.example", gateway) {
		r := a.result()
		r.Vantage = probe.Vantage{Source: a.target, Kind: probe.SameHost}
		w.Add(r)
		if w.Mark(r); (len(r.Traits) == 1) != (len(w.paths[vantage(r)].hosts) == 8) {
			t.Errorf("%s: traits %v", r.Target, r.Traits)
		}
	}
	if got := w.Found(); !strings.HasPrefix(got, "8 of 8") {
		t.Errorf("found %q", got)
	}
}

// Two addresses of ours are two ways: what is on one says nothing of the other.
func TestPathsAreApart(t *testing.T) {
	var w Watch
	home := ask(40, "mx.firm%d.example", "25 mx.firm%d.example ESMTP Postfix | CN=mx.firm%d.example")
	for _, a := range home {
		r := a.result()
		r.Vantage.Source = "192.168.1.2"
		w.Add(r)
	}
	if got := w.Found(); got != "" {
		t.Fatalf("at home: %q", got)
	}
	for _, a := range ask(8, "mx.firm%d.example", gateway) {
		w.Add(a.result())
	}
	if got := w.Found(); !strings.HasPrefix(got, "8 of 8") {
		t.Errorf("in the hotel: %q", got)
	}
	r := home[0].result()
	r.Vantage.Source = "192.168.1.2"
	if w.Mark(r); len(r.Traits) > 0 {
		t.Errorf("at home: %v", r.Traits)
	}
}

// However many results there are, no more is remembered than is needed.
func TestBounded(t *testing.T) {
	var w Watch
	for i := range 3 * mostHosts {
		said := "25 gw.hotel.example ESMTP " + strings.Repeat("x", 10*mostGreeting)
		r := answer{fmt.Sprintf("8.%d.%d.1", i>>8, i&255), "mx.firm.example", said}.result()
		r.Vantage.Source = fmt.Sprintf("192.168.7.%d", i%8)
		w.Add(r)
		w.Mark(r)
		for port := range uint16(5) {
			r.Target = fmt.Sprintf("8.%d.%d.1:%d", i>>8, i&255, 1000+port)
			w.Add(r)
		}
	}
	hosts := 0
	for _, p := range w.paths {
		hosts += len(p.hosts)
		for _, h := range p.hosts {
			if len(h.others) > mostPorts || len(h.on25.greeting) > mostGreeting {
				t.Fatalf("%d ports, greeting %q", len(h.others), h.on25.greeting)
			}
		}
	}
	if hosts != mostHosts || len(w.paths) != 8 {
		t.Errorf("%d hosts on %d paths", hosts, len(w.paths))
	}
	// Beyond what can be remembered of names, no name is said to be of none of them.
	w = Watch{}
	for i := range mostDomains + 1 {
		w.Add(&probe.Result{Target: "mx:25", Name: fmt.Sprintf("mx.firm%d.example", i), Named: true, Verdict: probe.Unreachable})
	}
	for i := range mostDomains + 1 {
		w.Add(&probe.Result{Target: "mx:25", Name: fmt.Sprintf("firm%d.example", i), Named: true, Verdict: probe.Unreachable})
	}
	for _, a := range ask(8, "mx.firm%d.example", gateway) {
		w.Add(a.result())
	}
	if got := w.Found(); len(w.domains) != mostDomains+1 || got != "" {
		t.Errorf("%d domains, found %q", len(w.domains), got)
	}
}

func TestNormalize(t *testing.T) {
	for _, test := range []struct{ banner, greeting, name string }{
		{"mx.example.org ESMTP Postfix (Debian/GNU)", "ESMTP Postfix (Debian/GNU)", "mx.example.org"},
		{"mx.example.org ESMTP Exim 4.97 Mon, 23 Nov 2026 18:00:02 +0100", "ESMTP Exim", "mx.example.org"},
		{"MX1.Example.ORG Microsoft ESMTP MAIL Service ready at Monday, 3 May 2027 09:10:11 +0000", "Microsoft ESMTP MAIL Service ready at", "mx1.example.org"},
		{"[192.0.2.25] ESMTP for (203.0.113.9)", "ESMTP for", ""},
		{"Welcome to gw.hotel.example, 17 users,\nask postmaster@hotel.example", "to users, ask", "gw.hotel.example"},
		{"mx.google.com ESMTP d9443c01a7336-1f6bd7c9d9csi1234567.123 - gsmtp", "ESMTP - gsmtp", "mx.google.com"},
		{"mx.example.org May March Market", "Market", "mx.example.org"},
		{"", "", ""},
	} {
		if greeting, name := normalize(test.banner); greeting != test.greeting || name != test.name {
			t.Errorf("%q: %q, name %q", test.banner, greeting, name)
		}
	}
}
