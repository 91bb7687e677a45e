package dnsbl

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// Zone is one block list: a row of [Zones], or a line of a user's file. What is not known stays empty.
type Zone struct {
	Zone     string // the zone in the DNS: "bl.example.org"
	Key      string // a label before the zone in queries that is nobody's business: never shown
	Name     string // what people call it
	Operator string // who runs it
	Asks     Asks   // what it can be asked about
	Kind     Kind   // what a listing means, where Codes does not say
	Means    string // the same in words
	Codes    []Code // what its answers mean
	Bits     bool   // the last octet of an answer is a sum of those of Codes
	Test     string // of a list of names: the name that is always listed, where that is not TEST
	Lookup   string // where to look an entry up; {} stands for it
	Delist   string // where to ask for removal, or where it says how that goes
	Needs    string // what it wants before it answers: registration
	Source   string // where the facts were read
	Date     string // when: "2026-11"
}

// Asks says what a list can be asked about.
type Asks uint

// What a list can be asked about.
const (
	IP4 Asks = 1 << iota
	IP6
	Names
)

// EveryAsks lists each of them.
var EveryAsks = []Asks{IP4, IP6, Names}

var askNames = map[Asks]string{IP4: "ip4", IP6: "ip6", Names: "name"}

func (a Asks) String() string {
	var names []string
	for _, one := range EveryAsks {
		if a&one != 0 {
			names = append(names, askNames[one])
		}
	}
	return strings.Join(names, ",")
}

// Code is what one answer of a list means.
type Code struct {
	Addr  string // "127.0.0.2", "127.0.0.4-7"; of a zone with Bits the one bit it is about
	Means string
	Kind  Kind // the zone's where empty
}

// Find returns the row of a zone.
func Find(zones []Zone, name string) (Zone, bool) {
	for _, z := range zones {
		if strings.EqualFold(z.Zone, strings.TrimSuffix(name, ".")) {
			return z, true
		}
	}
	return Zone{}, false
}

// Page fills the address or name asked about into the address of a page.
func Page(url, query string) string { return strings.ReplaceAll(url, "{}", query) }

// first and last of the addresses of a code.
func (c Code) limits() (first, last netip.Addr) {
	from, to, isRange := strings.Cut(c.Addr, "-")
	first, err := netip.ParseAddr(from)
	if err != nil || !first.Is4() {
		return netip.Addr{}, netip.Addr{}
	}
	if !isRange {
		return first, first
	}
	n, err := strconv.ParseUint(to, 10, 8)
	if err != nil {
		return netip.Addr{}, netip.Addr{}
	}
	b := first.As4()
	b[3] = byte(n)
	return first, netip.AddrFrom4(b)
}

// means returns the rows that an answer matches: one, or of a zone with Bits one for each bit.
func (z *Zone) means(answer netip.Addr) []Code {
	var found []Code
	for _, c := range z.Codes {
		first, last := c.limits()
		match := first.IsValid() && !answer.Less(first) && !last.Less(answer)
		if z.Bits {
			match = first.IsValid() && answer.As4()[3]&first.As4()[3] != 0
		}
		if match {
			found = append(found, c)
		}
	}
	return found
}

var (
	loopback   = netip.MustParsePrefix("127.0.0.0/8")
	errorCodes = netip.MustParsePrefix("127.255.255.0/24") // Spamhaus; others have taken it over
	typo       = netip.MustParseAddr("127.255.255.252")
	openDNS    = netip.MustParseAddr("127.255.255.254")
	excess     = netip.MustParseAddr("127.255.255.255")
	noCode     = netip.MustParseAddr("127.0.0.1")
)

// Decode reads the addresses that a list answered with. Where they are no answer it says why not;
// otherwise listed tells whether any of them is a listing, and l has what it means.
func (z *Zone) Decode(answers []netip.Addr, l *Listing) (listed bool, t Trouble) {
	for _, a := range answers {
		if t := z.refuses(a); t.Problem != "" {
			return false, t
		}
	}
	var means []string
	for _, a := range answers {
		rows := z.means(a)
		if len(rows) == 0 {
			rows = []Code{{Means: z.Means}}
		}
		l.Codes = append(l.Codes, a.String())
		for _, row := range rows {
			if row.Kind == "" {
				row.Kind = z.Kind
			}
			if row.Kind == Neutral {
				continue
			}
			listed = true
			if weight[row.Kind] > weight[l.Kind] {
				l.Kind = row.Kind
			}
			if row.Means != "" && !slices.Contains(means, row.Means) {
				means = append(means, row.Means)
			}
		}
	}
	l.Means = strings.Join(means, "; ")
	return listed, Trouble{}
}

// refuses says why an answer is none. 127.0.0.1 is no code of a listing unless the list says so: lists
// use it to refuse, to whitelist, and as a last sign of life.
func (z *Zone) refuses(a netip.Addr) Trouble {
	switch {
	case !loopback.Contains(a):
		return Trouble{NotLoopback, "it answered " + a.String()}
	case a == typo:
		return Trouble{WrongZone, "it answered " + a.String()}
	case a == openDNS:
		return Trouble{PublicResolver, "it answered " + a.String()}
	case a == excess:
		return Trouble{TooMany, "it answered " + a.String()}
	case errorCodes.Contains(a):
		return Trouble{ListRefuses, "it answered " + a.String()}
	}
	rows := z.means(a)
	for _, row := range rows {
		if row.Kind == Refusal {
			return Trouble{ListRefuses, "it answered " + a.String() + ", " + row.Means}
		}
	}
	if a == noCode && len(rows) == 0 {
		return Trouble{ListRefuses, "it answered 127.0.0.1, which is no code of a listing"}
	}
	return Trouble{}
}
