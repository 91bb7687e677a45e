// Package changes says what differs between two sets of results: which servers have opened or closed, come,
// gone or moved, and which greet in other words or show another certificate. What changes with every
// connection, such as the date in a greeting, is no difference.
package changes

import (
	"slices"

	"openrelay/probe"
)

// Kind is what happened to a server between two scans.
type Kind string

// The kinds of change.
const (
	Opened             Kind = "opened"
	VectorsChanged     Kind = "vectors-changed"
	BecameInconclusive Kind = "inconclusive"
	BecameUnreachable  Kind = "unreachable"
	Closed             Kind = "closed"
	Appeared           Kind = "appeared"
	Vanished           Kind = "vanished"
	AddressChanged     Kind = "address-changed"
	CertificateChanged Kind = "certificate-changed"
	BannerChanged      Kind = "banner-changed"
)

// Kinds lists the kinds with what they mean, worst news first.
var Kinds = []struct {
	Kind  Kind
	About string
}{
	{Opened, "is open, and was not"},
	{VectorsChanged, "is as open as before, but not to the same vectors, or it is worse than expected now"},
	{BecameInconclusive, "is inconclusive, and was not"},
	{BecameUnreachable, "has no mail server that answers, and had one"},
	{Closed, "is closed, and was not"},
	{Appeared, "was not tested before, or had no mail server"},
	{Vanished, "was tested before, and is not now"},
	{AddressChanged, "is a name that leads to another address"},
	{CertificateChanged, "shows another certificate, or one that is judged otherwise"},
	{BannerChanged, "greets in other words; dates and numbers of sessions do not count"},
}

func (k Kind) order() int {
	for i, row := range Kinds {
		if row.Kind == k {
			return i
		}
	}
	return len(Kinds)
}

// Type is what a Change says it is.
const Type = "change"

// Change is one thing that is no longer as it was, of one server. Its JSON is as stable as that of a
// result.
type Change struct {
	Type      string   `json:"type"`                 // what the record is: "change"
	Schema    int      `json:"schema"`               // the number of this format
	Kind      Kind     `json:"change"`               // what happened
	Target    string   `json:"target"`               // the server as it is now, or as it was if it is not there any more
	Name      string   `json:"name,omitempty"`       // the host name that leads to it
	Domain    string   `json:"domain,omitempty"`     // the domain whose mail host it was tested as (mx:example.org)
	WasTarget string   `json:"was_target,omitempty"` // where the name had another address
	NewlyOpen bool     `json:"newly_open"`           // it is open now to what it was not known to be open to
	Gained    []string `json:"gained,omitempty"`     // vectors accepted now, and not before
	Lost      []string `json:"lost,omitempty"`       // vectors accepted before, and refused now
	NotAsked  []string `json:"not_asked,omitempty"`  // vectors accepted before, and not asked or not answered now
	Was       *State   `json:"was"`                  // the server before; null where it appeared
	Now       *State   `json:"now"`                  // the server now; null where it vanished
}

// State is what is compared of a server.
type State struct {
	Verdict     probe.Verdict `json:"verdict"`                // what was found out
	Reason      probe.Reason  `json:"reason"`                 // the one word behind it
	OpenVectors []string      `json:"open_vectors,omitempty"` // the vectors that were accepted
	Banner      string        `json:"banner,omitempty"`       // the first 512 bytes of the greeting. Hostile
	Certificate *probe.Cert   `json:"certificate,omitempty"`  // the certificate it showed

	Expected *probe.Expected `json:"expected,omitempty"` // what was expected of it, where somebody said so, and how what was found compares
}

// worse reports whether a server is worse than it is expected to be: open, where nobody said anything else.
func (s *State) worse() bool {
	if s == nil {
		return false
	}
	r := probe.Result{Verdict: s.Verdict, Expected: s.Expected}
	return r.Standing() == probe.Worse
}

// NewlyWorse reports whether a server is worse than it is expected to be, and was not: newly open to what nobody
// expects, or answering where nothing is expected to.
func (c *Change) NewlyWorse() bool {
	switch {
	case !c.Now.worse(), c.Kind != Appeared && !c.Kind.ofVerdict():
		return false
	case !c.Was.worse():
		return true
	}
	return c.NewlyOpen && slices.ContainsFunc(c.Gained, func(v string) bool { return c.Now.Expected == nil || !c.Now.Expected.Allows(v) })
}

// AsExpected reports whether it is the verdict or the vectors that changed, to what somebody expressly expects.
func (c *Change) AsExpected() bool {
	return c.Kind.ofVerdict() && c.Now.Expected != nil && c.Now.Expected.Found == probe.AsExpected
}

// ofVerdict reports whether it is the verdict that changed, or the vectors behind it, of a server that was there before.
func (k Kind) ofVerdict() bool {
	switch k {
	case Opened, VectorsChanged, BecameInconclusive, BecameUnreachable, Closed:
		return true
	}
	return false
}
