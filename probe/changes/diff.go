package changes

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"
	"time"
	"unique"

	"openrelay/probe"
)

// Diff compares two scans: what was found before, and what is found now. The zero Diff is ready.
//
// It keeps a few hundred bytes for each server and each named target, and nothing for the addresses
// of a range without a mail server, so that its size does not grow with the range.
type Diff struct {
	before, after index
}

type index struct {
	servers map[identity]*server
	targets map[string]bool
}

// identity is what a server is first recognised by. An address reached by two names is two targets, and so is
// the mail host of two domains: what one of them trusts the other may not.
type identity struct{ name, target, domain string }

// server is what a comparison needs of a result.
type server struct {
	identity
	scan    string // its ID
	started time.Time
	verdict probe.Verdict
	reason  probe.Reason
	absent  bool   // no mail server, and nobody said that there is one
	open    string // the vectors that were accepted, sorted, with commas
	refused string // those that were refused in every form
	banner  string
	cert    *probe.Cert

	expected *probe.Expected
}

// Before takes in a result of the older scan.
func (d *Diff) Before(r probe.Result) {
	if s := newServer(r); !s.absent {
		d.before.add(s)
	}
}

// After takes in a result of the newer scan. Every result of the older one must be in by then.
func (d *Diff) After(r probe.Result) {
	if s := newServer(r); !s.absent || s.name != "" || d.before.targets[s.target] {
		d.after.add(s)
	}
}

func newServer(r probe.Result) *server {
	s := &server{identity: identity{r.Name, r.Target, r.Domain}, started: r.Started, verdict: r.Verdict, reason: r.Reason, expected: r.Expected,
		absent: r.Verdict == probe.Unreachable && (!r.Named || r.MayBeAbsent()),
		banner: strings.ToValidUTF8(r.Server.Banner[:min(len(r.Server.Banner), maxBanner)], "")}
	if r.Scan != nil {
		s.scan = intern(r.Scan.ID)
	}
	if r.Server.TLS != nil {
		s.cert = r.Server.TLS.Cert
	}
	open := r.OpenTo()
	var refused, unsettled []string
	for _, f := range r.Findings {
		switch {
		case r.Proves(&f):
		case f.Outcome == probe.OutcomeRefused:
			refused = append(refused, f.Vector)
		default: // or accepted, but nothing tells a hole from a local name
			unsettled = append(unsettled, f.Vector)
		}
	}
	s.open = set(open)
	s.refused = set(slices.DeleteFunc(refused, func(v string) bool { return slices.Contains(open, v) || slices.Contains(unsettled, v) }))
	return s
}

// maxBanner bounds what is kept of a greeting: no more than a line of SMTP holds (RFC 5321 4.5.3.1.5).
const maxBanner = 512

// intern keeps one copy of a text that many servers share.
func intern(s string) string { return unique.Make(s).Value() }

func set(vectors []string) string {
	slices.Sort(vectors)
	return intern(strings.Join(slices.Compact(vectors), ","))
}

// vectorsOf is the inverse of set.
func vectorsOf(set string) []string {
	if set == "" {
		return nil
	}
	return strings.Split(set, ",")
}

// without returns what is in a and not in b.
func without(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(v string) bool { return slices.Contains(b, v) })
}

// add takes in a server. Of two results of one server the later scan's counts; within one scan the worse.
func (x *index) add(s *server) {
	if x.servers == nil {
		x.servers, x.targets = map[identity]*server{}, map[string]bool{}
	}
	x.targets[s.target] = true
	other, known := x.servers[s.identity]
	switch {
	case !known:
	case other.scan == s.scan && other.verdict == s.verdict:
		other.open = set(append(vectorsOf(other.open), vectorsOf(s.open)...))
		other.refused = set(without(append(vectorsOf(other.refused), vectorsOf(s.refused)...), vectorsOf(other.open)))
		if s.state().worse() {
			other.expected = s.expected
		}
		return
	case other.scan == s.scan && other.verdict > s.verdict, other.scan != s.scan && other.started.After(s.started):
		return
	}
	x.servers[s.identity] = s
}

// Changes returns what changed: what is newly worse than expected first, then what is newly open, then in the order of
// Kinds, and by name and address.
func (d *Diff) Changes() []Change {
	var all []Change
	for _, p := range d.pairs() {
		all = append(all, p.changes()...)
	}
	slices.SortFunc(all, func(a, b Change) int {
		return cmp.Or(-compareBool(a.NewlyWorse(), b.NewlyWorse()), -compareBool(a.NewlyOpen, b.NewlyOpen), cmp.Compare(a.Kind.order(), b.Kind.order()),
			strings.Compare(a.Name, b.Name), compareTargets(a.Target, b.Target), strings.Compare(a.Domain, b.Domain), strings.Compare(a.WasTarget, b.WasTarget))
	})
	return all
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// compareTargets puts 192.0.2.9 before 192.0.2.10, and names without an address last.
func compareTargets(a, b string) int {
	p, errA := netip.ParseAddrPort(a)
	q, errB := netip.ParseAddrPort(b)
	if errA != nil || errB != nil {
		return cmp.Or(compareBool(errA != nil, errB != nil), strings.Compare(a, b))
	}
	return p.Compare(q)
}
