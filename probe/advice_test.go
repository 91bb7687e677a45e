package probe

import (
	"net/netip"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"openrelay/probe/phrasebook"
)

// Every row is about servers that can be recognised and vectors that exist, in sentences, and none is
// hidden behind another.
func TestAdvice(t *testing.T) {
	known := func(mta string) bool {
		return slices.ContainsFunc(phrasebook.Banners, func(g phrasebook.Greeting) bool { return g.MTA == mta })
	}
	for i := range Advice {
		c := &Advice[i]
		if len(c.MTAs) == 0 {
			t.Errorf("row %d is about no server", i)
		}
		for _, mta := range c.MTAs {
			if !known(mta) {
				t.Errorf("%q cannot be recognised", mta)
			}
			if !slices.ContainsFunc(Vectors, func(v Vector) bool { return Advise(mta, &v) == c }) {
				t.Errorf("%s, %q: no vector leads to the row", mta, c.Vectors)
			}
		}
		for _, pattern := range c.Vectors {
			if !slices.ContainsFunc(Vectors, func(v Vector) bool { ok, _ := path.Match(pattern, v.ID); return ok }) {
				t.Errorf("%s: %q is no vector", c.MTAs, pattern)
			}
		}
		wellWorded(t, c)
	}
	wellWorded(t, &HiddenClients)
}

func wellWorded(t *testing.T, c *Counsel) {
	t.Helper()
	for _, text := range []string{c.Cause, c.Fix} {
		if !strings.HasSuffix(text, ".") || strings.Contains(text, "\n") || strings.Contains(text, "  ") {
			t.Errorf("%s: no sentences: %q", c.MTAs, text)
		}
	}
	for line := range strings.SplitSeq(c.Lines, "\n") {
		if strings.ContainsAny(line, "\t\r") || line == "" && c.Lines != "" || line != strings.TrimRight(line, " ") {
			t.Errorf("%s: bad line %q", c.MTAs, line)
		}
	}
	if strings.HasSuffix(c.Ref, ".") {
		t.Errorf("%s: %q ends in a full stop", c.MTAs, c.Ref)
	}
}

// inquiryInto is one probe at its end: everything asked, nothing accepted yet.
func inquiryInto(name string, p *Prober) *inquiry {
	q := &inquiry{p: p, res: new(Result), t: Target{Addr: netip.MustParseAddrPort("192.0.2.5:25"), Name: name, Domain: "local.test", Named: true}}
	q.res.Vantage = Vantage{Source: "198.51.100.7", Kind: Public}
	q.names = foreign(p.FromDomains, p.ToDomains)
	q.names.own(q.t, p.LocalDomains, "mx.local.test", false)
	q.names.apart()
	for i := range Vectors {
		asks, _ := q.put(&Vectors[i], Vectors[i].templates())
		q.asks = append(q.asks, asks...)
	}
	return q
}

// Every vector, on every server, has a cause and a fix, which ends in the command to test again with.
func TestEveryAcceptedVectorHasCounsel(t *testing.T) {
	mtas := []string{""}
	for _, g := range phrasebook.Banners {
		mtas = append(mtas, g.MTA)
	}
	last := regexp.MustCompile(`\nThen test again:\n  openrelay scan --vectors ([a-z0-9-]+)(?: --[a-z-]+(?: [a-z0-9.-]+)?)* mx\.local\.test:25$`)
	q := inquiryInto("mx.local.test", &Prober{})
	for _, mta := range mtas {
		q.res.Server.MTA = mta
		for _, a := range q.asks {
			a.outcome = Accepted
			cause, fix := q.counsel(a)
			a.outcome = ""
			m := last.FindStringSubmatch(fix)
			if m == nil || m[1] != a.vector.ID {
				t.Fatalf("%s, %s: fix ends wrongly: %q", mta, a.vector.ID, fix)
			}
			if !strings.HasSuffix(cause, ".") || strings.HasPrefix(fix, "\n") {
				t.Errorf("%s, %s: cause %q, fix %q", mta, a.vector.ID, cause, fix)
			}
		}
	}
}

func TestTestAgain(t *testing.T) {
	for _, tc := range []struct {
		vector, name string
		p            *Prober
		want         string
	}{
		{"plain", "mx.local.test", &Prober{}, "--vectors plain mx.local.test:25"},
		{"plain", "", &Prober{}, "--vectors plain 192.0.2.5:25"},
		{"plain", "$(reboot).test", &Prober{}, "--vectors plain 192.0.2.5:25"},
		{"sender-own-domain", "", &Prober{}, "--vectors sender-own-domain --local-domain local.test 192.0.2.5:25"},
		{"helo-own-domain", "", &Prober{}, "--vectors helo-own-domain --local-domain local.test 192.0.2.5:25"},
		{"second-recipient", "", &Prober{LocalDomains: []string{"sub.local.test"}},
			"--vectors second-recipient --local-domain sub.local.test 192.0.2.5:25"},
		{"xclient-loopback", "", &Prober{}, "--vectors xclient-loopback --intrusive 192.0.2.5:25"},
		{"plain", "", &Prober{FromDomains: []string{"me.test"}, ToDomains: []string{"you.test", "they.test"}},
			"--vectors plain --from-domain me.test --to-domain you.test 192.0.2.5:25"},
	} {
		q := inquiryInto(tc.name, tc.p)
		i := slices.IndexFunc(q.asks, func(a *ask) bool { return a.vector.ID == tc.vector })
		if got := q.again(q.asks[i]); got != "openrelay scan "+tc.want {
			t.Errorf("got %q, want %q", got, tc.want)
		}
	}
}

// What the probe has seen comes before what is usual.
func TestCounselFollowsTheEvidence(t *testing.T) {
	counsel := func(ehlo, source string, kind VantageKind, id string, accepted ...string) (cause, fix string) {
		q := inquiryInto("", &Prober{})
		q.res.Server = Server{MTA: "Exim", EHLO: []string{ehlo}}
		q.res.Vantage = Vantage{Source: source, Kind: kind}
		var a *ask
		for _, b := range q.asks {
			if slices.Contains(accepted, b.vector.ID) || b.vector.ID == id {
				b.outcome = Accepted
			}
			if b.vector.ID == id {
				a = b
			}
		}
		return q.counsel(a)
	}
	const hello = "mx.local.test Hello probe [172.17.0.1]"
	const saw = "The server saw 172.17.0.1, but we connected from 198.51.100.7: "
	for _, tc := range []struct {
		name, ehlo, source string
		kind               VantageKind
		id                 string
		accepted           []string
		cause, fix         string
	}{
		{"NAT leads", hello, "198.51.100.7", Public, "plain", nil, saw, "Let the server see"},
		{"for a forged sender too", hello, "198.51.100.7", Public, "sender-own-domain", nil, saw, "Let the server see"},
		{"not where we log in", hello, "198.51.100.7", Public, "auth-any", nil, "An authenticator", "Make server_condition"},
		{"our own NAT is no fault", "mx Hello [203.0.113.1]", "192.168.1.5", Private, "plain", nil, "The list relay_from_hosts", "List addresses"},
		{"plain explains the rest", "mx", "198.51.100.7", Public, "sender-own-domain", []string{"plain"}, "The server relays for everybody: ", "List addresses"},
		{"but not a local form", "mx", "198.51.100.7", Public, "percent-own-domain", []string{"plain"}, "percent_hack_domains", "Leave percent_hack"},
		{"alone it is its own", "mx", "198.51.100.7", Public, "sender-own-domain", nil, "An accept", "Take it out."},
	} {
		cause, fix := counsel(tc.ehlo, tc.source, tc.kind, tc.id, tc.accepted...)
		if !strings.HasPrefix(cause, tc.cause) || !strings.HasPrefix(fix, tc.fix) {
			t.Errorf("%s:\n%s\n%s", tc.name, cause, fix)
		}
	}
}
