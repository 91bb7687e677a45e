package prober

import (
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"testing"

	"openrelay/probe"
	"openrelay/probe/phrasebook"
)

// inquiryInto is one probe at its end: everything asked, nothing accepted yet.
func inquiryInto(name string, p *Prober) *inquiry {
	q := &inquiry{p: p, local: p.local(&probe.Target{}), res: new(probe.Result), t: probe.Target{Addr: netip.MustParseAddrPort("192.0.2.5:25"), Name: name, Domain: "local.test", Named: true}}
	q.vantage = probe.Vantage{Source: "198.51.100.7", Kind: probe.Public}
	q.names = foreign(p.FromDomains, p.ToDomains)
	q.names.own(q.t, p.LocalDomains, "mx.local.test", false)
	q.names["own-user"] = q.ownUsers("mx.local.test")
	q.names.avoidOwnDomains()
	for i := range probe.Vectors {
		q.put(&probe.Vectors[i], rowOf(&probe.Vectors[i]), &q.asks)
	}
	return q
}

// Every vector, on every server, has a cause and a fix, which ends in the command to test again with.
func TestEveryAcceptedVectorHasAFix(t *testing.T) {
	mtas := []string{""}
	for _, g := range phrasebook.Banners {
		mtas = append(mtas, g.MTA)
	}
	last := regexp.MustCompile(`\nThen test again:\n  openrelay scan --vectors ([a-z0-9-]+)(?: --[a-z-]+(?: [a-z0-9.@-]+)?)* mx\.local\.test:25$`)
	q := inquiryInto("mx.local.test", &Prober{LocalUsers: []string{"ada"}})
	for _, mta := range mtas {
		q.res.Server.MTA = mta
		for _, a := range q.asks {
			a.outcome = probe.OutcomeAccepted
			f := probe.Finding{Vector: a.vector.ID}
			q.advise(&f, a, map[string]string{})
			cause, fix := f.Cause, f.Fix
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

// A fix that several findings share is written out once, with the one that decides where there is one.
func TestFixIsWrittenOnce(t *testing.T) {
	q := inquiryInto("mx.local.test", &Prober{})
	q.res.Server.MTA = "Postfix"
	written := make(map[string]string)
	full := make(map[string][]string) // of each text, the vectors that have it
	for _, a := range q.asks {
		if a.vector.ID != "sender-own-domain" && a.vector.ID != "sender-own-host" && a.vector.ID != "helo-localhost" {
			continue
		}
		a.outcome = probe.OutcomeAccepted
		f := probe.Finding{Vector: a.vector.ID}
		q.advise(&f, a, written)
		text, again, _ := strings.Cut(f.Fix, probe.TestAgain)
		full[text] = append(full[text], a.vector.ID)
		if !strings.Contains(again, "--vectors "+a.vector.ID) {
			t.Errorf("%s is tested again by %q", a.vector.ID, again)
		}
	}
	if got := full[probe.FixedWith("sender-own-domain")]; len(full) != 3 || !slices.Equal(got, []string{"sender-own-host"}) {
		t.Errorf("%d texts, and %v refer to sender-own-domain", len(full), got)
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
		{"plain", "mx.local.test", &Prober{MTA: "Microsoft 365"}, "--vectors plain --mta 'Microsoft 365' mx.local.test:25"},
		{"plain", "$(reboot).test", &Prober{}, "--vectors plain 192.0.2.5:25"},
		{"sender-own-domain", "", &Prober{}, "--vectors sender-own-domain --local-domain local.test 192.0.2.5:25"},
		{"helo-own-domain", "", &Prober{}, "--vectors helo-own-domain --local-domain local.test 192.0.2.5:25"},
		{"second-recipient", "", &Prober{LocalDomains: []string{"sub.local.test"}},
			"--vectors second-recipient --local-domain sub.local.test 192.0.2.5:25"},
		{"sender-own-user", "", &Prober{LocalUsers: []string{"bob@other.test", "ada"}}, "--vectors sender-own-user --local-user ada@local.test --local-domain local.test 192.0.2.5:25"},
		{"sender-own-user", "", &Prober{LocalUsers: []string{"o'brien@local.test"}},
			`--vectors sender-own-user --local-user 'o'\''brien@local.test' --local-domain local.test 192.0.2.5:25`},
		{"sender-own-domain", "", &Prober{LocalUsers: []string{"ada"}}, "--vectors sender-own-domain --local-domain local.test 192.0.2.5:25"},
		{"xclient-loopback", "", &Prober{}, "--vectors xclient-loopback --intrusive 192.0.2.5:25"},
		{"plain", "", &Prober{FromDomains: []string{"me.test"}, ToDomains: []string{"you.test", "they.test"}},
			"--vectors plain --from-domain me.test --to-domain you.test 192.0.2.5:25"},
		{"plain", "", &Prober{FromDomains: []string{"mail_1.test"}, ToDomains: []string{"intranet"}},
			"--vectors plain --from-domain mail_1.test --to-domain intranet 192.0.2.5:25"},
	} {
		q := inquiryInto(tc.name, tc.p)
		i := slices.IndexFunc(q.asks, func(a *ask) bool { return a.vector.ID == tc.vector })
		if got := q.again(q.asks[i]); got != "openrelay scan "+tc.want {
			t.Errorf("got %q, want %q", got, tc.want)
		}
	}
}

// What the probe has seen comes before what is usual.
func TestFixFollowsTheEvidence(t *testing.T) {
	told := func(ehlo, source string, kind probe.VantageKind, id string, accepted ...string) (cause, fix string) {
		q := inquiryInto("", &Prober{})
		q.res.Server = probe.Server{MTA: "Exim", EHLO: []string{ehlo}}
		q.vantage = probe.Vantage{Source: source, Kind: kind}
		var a *ask
		for _, b := range q.asks {
			if slices.Contains(accepted, b.vector.ID) || b.vector.ID == id {
				b.outcome = probe.OutcomeAccepted
			}
			if b.vector.ID == id {
				a = b
			}
		}
		return q.causeAndFix(a)
	}
	const hello = "mx.local.test Hello probe [172.17.0.1]"
	const saw = "The server saw 172.17.0.1, but we connected from 198.51.100.7: "
	for _, tc := range []struct {
		name, ehlo, source string
		kind               probe.VantageKind
		id                 string
		accepted           []string
		cause, fix         string
	}{
		{"NAT leads", hello, "198.51.100.7", probe.Public, "plain", nil, saw, "Let the server see"},
		{"for a forged sender too", hello, "198.51.100.7", probe.Public, "sender-own-domain", nil, saw, "Let the server see"},
		{"not where we log in", hello, "198.51.100.7", probe.Public, "auth-any", nil, "An authenticator", "Let server_condition"},
		{"our own NAT is no fault", "mx Hello [198.51.100.1]", "192.168.1.5", probe.Private, "plain", nil, "The list relay_from_hosts", "List addresses"},
		{"nor our carrier's", "mx Hello [198.51.100.1]", "100.64.7.7", probe.Private, "plain", nil, "The list relay_from_hosts", "List addresses"},
		{"plain explains the rest", "mx", "198.51.100.7", probe.Public, "sender-own-domain", []string{"plain"}, "The server relays for everybody: ", "List addresses"},
		{"but not a local form", "mx", "198.51.100.7", probe.Public, "percent-own-domain", []string{"plain"}, "Not proven: here this form may be the name of a local mailbox. If it is not: A redirect router", "Put the guard"},
		{"alone it is its own", "mx", "198.51.100.7", probe.Public, "sender-own-domain", nil, "An accept", "Put a relay check"},
	} {
		cause, fix := told(tc.ehlo, tc.source, tc.kind, tc.id, tc.accepted...)
		if !strings.HasPrefix(strings.TrimPrefix(cause, notShown), tc.cause) || !strings.HasPrefix(fix, tc.fix) {
			t.Errorf("%s:\n%s\n%s", tc.name, cause, fix)
		}
	}
}
