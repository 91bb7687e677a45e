package report

import (
	"fmt"
	"slices"
	"strings"

	"openrelay/probe"
)

// ChangeKind is what happened to a server between two scans.
type ChangeKind string

// The kinds of change.
const (
	Opened             ChangeKind = "opened"
	VectorsChanged     ChangeKind = "vectors-changed"
	BecameInconclusive ChangeKind = "inconclusive"
	BecameUnreachable  ChangeKind = "unreachable"
	Closed             ChangeKind = "closed"
	Appeared           ChangeKind = "appeared"
	Vanished           ChangeKind = "vanished"
	AddressChanged     ChangeKind = "address-changed"
	CertificateChanged ChangeKind = "certificate-changed"
	BannerChanged      ChangeKind = "banner-changed"
)

// ChangeKinds lists the kinds with what they mean, worst news first.
var ChangeKinds = []struct {
	Kind   ChangeKind
	Label  string // in the table
	About  string
	colour colour
}{
	{Opened, "opened", "is open, and was not", boldRed},
	{VectorsChanged, "vectors", "is as open as before, but not to the same vectors", yellow},
	{BecameInconclusive, "inconclusive", "is inconclusive, and was not", yellow},
	{BecameUnreachable, "unreachable", "has no mail server that answers, and had one", yellow},
	{Closed, "closed", "is closed, and was not", green},
	{Appeared, "appeared", "was not tested before, or had no mail server", noColour},
	{Vanished, "vanished", "was tested before, and is not now", noColour},
	{AddressChanged, "address", "is a name that leads to another address", noColour},
	{CertificateChanged, "certificate", "shows another certificate, or one that is judged otherwise", noColour},
	{BannerChanged, "banner", "greets in other words; dates and numbers of sessions do not count", noColour},
}

func (k ChangeKind) order() int {
	for i, row := range ChangeKinds {
		if row.Kind == k {
			return i
		}
	}
	return len(ChangeKinds)
}

// Change is one thing that is no longer as it was, of one server. Its JSON is as stable as that of a
// result.
type Change struct {
	Schema    int        `json:"schema"`               // the number of this format
	Kind      ChangeKind `json:"change"`               // what happened
	Target    string     `json:"target"`               // the server as it is now, or as it was if it is not there any more
	Name      string     `json:"name,omitempty"`       // the host name that leads to it
	WasTarget string     `json:"was_target,omitempty"` // where the name had another address
	NewlyOpen bool       `json:"newly_open"`           // it is open now to what it was not known to be open to
	Gained    []string   `json:"gained,omitempty"`     // vectors accepted now, and not before
	Lost      []string   `json:"lost,omitempty"`       // vectors accepted before, and refused now
	NotAsked  []string   `json:"not_asked,omitempty"`  // vectors accepted before, and not asked or not answered now
	Was       *State     `json:"was"`                  // the server before; null where it appeared
	Now       *State     `json:"now"`                  // the server now; null where it vanished
}

// State is what is compared of a server.
type State struct {
	Verdict     probe.Verdict `json:"verdict"`                // what was found out
	Reason      probe.Reason  `json:"reason"`                 // the one word behind it
	OpenVectors []string      `json:"open_vectors,omitempty"` // the vectors that were accepted
	Banner      string        `json:"banner,omitempty"`       // the first 512 bytes of the greeting. Hostile
	Certificate *probe.Cert   `json:"certificate,omitempty"`  // the certificate it showed
}

func (s *server) state() *State {
	if s == nil {
		return nil
	}
	return &State{s.verdict, s.reason, vectorsOf(s.open), s.banner, s.cert}
}

// changes compares a server with what it was.
func (p pair) changes() []Change {
	was, now := p.was, p.now
	switch {
	case was == nil && (now == nil || now.absent):
		return nil
	case was == nil:
		c := p.change(Appeared)
		c.NewlyOpen = now.verdict == probe.Open
		return []Change{c}
	case now == nil:
		return []Change{p.change(Vanished)}
	}
	var all []Change
	if c, changed := p.verdict(); changed {
		all = append(all, c)
	}
	if was.target != now.target && !was.unresolved() && !now.unresolved() {
		all = append(all, p.change(AddressChanged))
	}
	if was.cert != nil && now.cert != nil && steadyCert(*was.cert) != steadyCert(*now.cert) {
		all = append(all, p.change(CertificateChanged))
	}
	if was.banner != "" && now.banner != "" && steady(was.banner) != steady(now.banner) {
		all = append(all, p.change(BannerChanged))
	}
	return all
}

func (p pair) change(kind ChangeKind) Change {
	c := Change{Schema: probe.Schema, Kind: kind, Was: p.was.state(), Now: p.now.state()}
	of := p.now
	if of == nil || p.was != nil && of.unresolved() { // which stands for every address the name had
		of = p.was
	}
	c.Target, c.Name = of.target, of.name
	if kind == AddressChanged {
		c.WasTarget = p.was.target
	}
	return c
}

// verdict compares the verdicts, and where both are open the vectors.
func (p pair) verdict() (c Change, changed bool) {
	open, before := vectorsOf(p.now.open), vectorsOf(p.was.open)
	gained, gone := without(open, before), without(before, open)
	kind := map[probe.Verdict]ChangeKind{probe.Open: Opened, probe.Inconclusive: BecameInconclusive,
		probe.Closed: Closed, probe.Unreachable: BecameUnreachable}[p.now.verdict]
	if p.was.verdict == p.now.verdict {
		kind = VectorsChanged
	}
	c = p.change(kind)
	c.Gained = gained
	c.NotAsked = without(gone, vectorsOf(p.now.refused))
	c.Lost = without(gone, c.NotAsked)
	c.NewlyOpen = p.now.verdict == probe.Open && (p.was.verdict != probe.Open || len(gained) > 0)
	if kind == VectorsChanged {
		return c, len(gained)+len(c.Lost) > 0
	}
	return c, true
}

// result is as much of a result as it takes to name the target.
func (c *Change) result() probe.Result { return probe.Result{Target: c.Target, Name: c.Name} }

// words says in a line what a change is.
func (c *Change) words() string {
	switch c.Kind {
	case VectorsChanged:
		return c.vectors()
	case Vanished:
		return "was " + c.Was.words()
	case Appeared:
		return c.Now.words()
	case AddressChanged:
		return "was at " + c.WasTarget
	case CertificateChanged:
		return fmt.Sprintf("was %s; now %s", certWords(c.Was.Certificate), certWords(c.Now.Certificate))
	case BannerChanged:
		return fmt.Sprintf("was %q; now %q", c.Was.Banner, c.Now.Banner)
	}
	text := fmt.Sprintf("was %s; now %s", c.Was.words(), c.Now.words())
	if len(c.NotAsked) > 0 && c.Kind == Closed {
		text += ", but " + few(c.NotAsked) + " was not asked or not answered this time"
	}
	return text
}

func (c *Change) vectors() string {
	var parts []string
	if len(c.Gained) > 0 {
		parts = append(parts, "accepts "+few(c.Gained)+" too")
	}
	if len(c.Lost) > 0 {
		parts = append(parts, "refuses "+few(c.Lost)+" now")
	}
	return strings.Join(parts, "; ") + "; still open"
}

// words is a verdict and why: "open (accepts plain, null-sender)", "closed (relay-denied)".
func (s *State) words() string {
	if s.Verdict != probe.Open {
		return fmt.Sprintf("%v (%s)", s.Verdict, s.Reason)
	}
	return "open (accepts " + few(s.OpenVectors) + ")"
}

// few lists the first vectors of many, those that tell most before the others.
func few(words []string) string {
	const enough = 5
	words = slices.Clone(words)
	slices.SortStableFunc(words, func(a, b string) int { return rank(a) - rank(b) })
	if len(words) <= enough+1 {
		return strings.Join(words, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(words[:enough], ", "), len(words)-enough)
}

// rank is the place of a vector in the table of vectors, behind all others if it is not there.
func rank(id string) int {
	i := slices.IndexFunc(probe.Vectors, func(v probe.Vector) bool { return v.ID == id })
	if i < 0 {
		return len(probe.Vectors)
	}
	return i
}

func certWords(c *probe.Cert) string {
	text := fmt.Sprintf("%q by %q until %s", c.Subject, c.Issuer, c.NotAfter.UTC().Format("2006-01-02"))
	if c.VerifyError != "" {
		text += fmt.Sprintf(" (%s)", c.VerifyError)
	}
	return text
}
