package dnsbl

import (
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// The table keeps its own rules.
func TestZones(t *testing.T) {
	seen := map[string]bool{}
	for _, z := range Zones {
		if !isZoneName(z.Zone) || seen[z.Zone] || z.Zone != strings.ToLower(z.Zone) {
			t.Errorf("%q is no zone, or is there twice", z.Zone)
		}
		seen[z.Zone] = true
		if z.Name == "" || z.Operator == "" || z.Asks == 0 || weight[z.Kind] == 0 || z.Key != "" {
			t.Errorf("%s: something is missing: %+v", z.Zone, z)
		}
		if z.Source == "" || z.Date == "" {
			t.Errorf("%s: where and when was that read?", z.Zone)
		}
		if z.Test != "" && z.Asks&Names == 0 {
			t.Errorf("%s: a test name, and no names", z.Zone)
		}
		for _, page := range []string{z.Lookup, z.Delist, z.Source} {
			if u, err := url.Parse(page); page != "" && (err != nil || u.Host == "" || !strings.HasPrefix(u.Scheme, "http")) {
				t.Errorf("%s: %q is no page", z.Zone, page)
			}
		}
		testCodes(t, z)
	}
}

func testCodes(t *testing.T, z Zone) {
	var last netip.Addr
	for _, c := range z.Codes {
		from, to := c.limits()
		if !from.IsValid() || !loopback.Contains(from) || to.Less(from) || last.IsValid() && !last.Less(from) {
			t.Errorf("%s: code %q is none, or out of order", z.Zone, c.Addr)
		}
		last = to
		if c.Means == "" {
			t.Errorf("%s: code %s means nothing", z.Zone, c.Addr)
		}
		if b := from.As4()[3]; z.Bits && b&(b-1) != 0 {
			t.Errorf("%s: code %s is more than one bit", z.Zone, c.Addr)
		}
	}
}

// Lists that have ended are not in the table: whoever asks them believes the parked domain.
func TestNoDeadZones(t *testing.T) {
	for _, z := range Zones {
		for _, dead := range []string{"sorbs", "njabl", "ahbl", "ordb", "dsbl.org", "manitu", "rfc-ignorant", "inps.de", "megarbl", "emailbasura", "dul.ru",
			"spamcannibal", "senderscore", "mcafee", "anonmails", "rothen", "madavi", "spamdown", "unsubscore", "lashback", "abuseat", "nether.net"} {
			if strings.Contains(z.Zone, dead) {
				t.Errorf("%s has ended", z.Zone)
			}
		}
		for _, white := range []string{"dnswl", "swl.", "whitelist", "wl."} {
			if strings.Contains(z.Zone, white) {
				t.Errorf("%s is a whitelist", z.Zone)
			}
		}
	}
}

func TestDecode(t *testing.T) {
	for _, test := range []struct {
		zone    string
		codes   string
		listed  bool
		kind    Kind
		means   string // part of it
		problem Problem
	}{
		{"zen.spamhaus.org", "127.0.0.2", true, Accusation, "SBL: ", ""},
		{"zen.spamhaus.org", "127.0.0.6", true, Accusation, "XBL: ", ""},
		{"zen.spamhaus.org", "127.0.0.11", true, Policy, "PBL: ", ""},
		{"zen.spamhaus.org", "127.0.0.4 127.0.0.11", true, Accusation, "directly", ""},
		{"zen.spamhaus.org", "127.0.0.9 127.0.0.10", true, Network, "DROP", ""},
		{"zen.spamhaus.org", "127.0.0.99", true, Accusation, "", ""},
		{"zen.spamhaus.org", "127.0.0.1", false, "", "", ListRefuses},
		{"zen.spamhaus.org", "127.0.0.2 127.255.255.254", false, "", "", PublicResolver},
		{"dbl.spamhaus.org", "127.0.1.255", false, "", "", ListRefuses},
		{"dnsbl-2.uceprotect.net", "127.0.0.2", true, Network, "range", ""},
		{"dyna.spamrats.com", "127.0.0.36", true, Policy, "", ""},
		{"hostkarma.junkemailfilter.com", "127.0.0.1", false, "", "", ""},
		{"hostkarma.junkemailfilter.com", "127.0.0.3", false, "", "", ""},
		{"hostkarma.junkemailfilter.com", "127.0.0.2", true, Accusation, "black", ""},
		{"multi.surbl.org", "127.0.0.80", true, Accusation, "MW: malware; ABUSE: ", ""},
		{"multi.surbl.org", "127.0.0.1", false, "", "", ListRefuses},
		{"multi.uribl.com", "127.0.0.1", false, "", "", ListRefuses},
		{"multi.uribl.com", "127.0.0.8", true, Policy, "red", ""},
		{"multi.uribl.com", "127.0.0.14", true, Accusation, "black: ", ""},
		{"psbl.surriel.com", "128.0.0.2", false, "", "", NotLoopback},
	} {
		z, ok := Find(Zones, test.zone)
		if !ok {
			t.Fatalf("no zone %s", test.zone)
		}
		var codes []netip.Addr
		for c := range strings.FieldsSeq(test.codes) {
			codes = append(codes, netip.MustParseAddr(c))
		}
		var l Listing
		listed, trouble := z.Decode(codes, &l)
		if listed != test.listed || l.Kind != test.kind || !strings.Contains(l.Means, test.means) || trouble.Problem != test.problem {
			t.Errorf("%s %s: %v %q %q %q, want %+v", test.zone, test.codes, listed, l.Kind, l.Means, trouble.Problem, test)
		}
	}
}

func TestProblems(t *testing.T) {
	seen := map[Problem]bool{}
	for _, p := range Problems {
		if p.Words == "" || seen[p.Problem] || p.Problem.Explain() != p {
			t.Errorf("%q says nothing, or twice", p.Problem)
		}
		seen[p.Problem] = true
	}
}

func TestStatusOf(t *testing.T) {
	for _, test := range []struct {
		lists []Status
		want  Status
	}{
		{nil, NotChecked},
		{[]Status{NotChecked, NotChecked}, NotChecked},
		{[]Status{NotChecked, Clean}, Clean},
		{[]Status{Clean, Listed, NotChecked}, Listed},
	} {
		var listings []Listing
		for _, s := range test.lists {
			listings = append(listings, Listing{Status: s})
		}
		if got := StatusOf(listings); got != test.want {
			t.Errorf("%v: %s, want %s", test.lists, got, test.want)
		}
	}
}

func TestNamesOf(t *testing.T) {
	for host, want := range map[string][]string{
		"mail.example.org":      {"mail.example.org", "example.org"},
		"Example.org.":          {"example.org"},
		"mx.a.example.co.uk":    {"mx.a.example.co.uk", "example.co.uk"},
		"localhost":             {"localhost"},
		"co.uk":                 {"co.uk"},
		"mail.customer.blog.de": {"mail.customer.blog.de", "blog.de"},
	} {
		if got := NamesOf(host); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", host, got, want)
		}
	}
}
