package report

import (
	"fmt"
	"slices"
	"strings"

	"openrelay/probe"
	"openrelay/probe/changes"
)

// changeLabels say how the table shows the kinds of change.
var changeLabels = map[changes.Kind]struct {
	label  string
	colour colour
}{
	changes.Opened:             {"opened", boldRed},
	changes.VectorsChanged:     {"vectors", yellow},
	changes.BecameInconclusive: {"inconclusive", yellow},
	changes.BecameUnreachable:  {"unreachable", yellow},
	changes.Closed:             {"closed", green},
	changes.Appeared:           {"appeared", noColour},
	changes.Vanished:           {"vanished", noColour},
	changes.AddressChanged:     {"address", noColour},
	changes.CertificateChanged: {"certificate", noColour},
	changes.BannerChanged:      {"banner", noColour},
}

// changed is as much of a result as it takes to name the server that changed.
func changed(c changes.Change) probe.Result { return probe.Result{Target: c.Target, Name: c.Name} }

// changeWords says in a line what a change is.
func changeWords(c changes.Change) string {
	switch c.Kind {
	case changes.VectorsChanged:
		return vectorWords(c)
	case changes.Vanished:
		return "was " + stateWords(c.Was)
	case changes.Appeared:
		return stateWords(c.Now)
	case changes.AddressChanged:
		return "was at " + c.WasTarget
	case changes.CertificateChanged:
		return fmt.Sprintf("was %s; now %s", certWords(c.Was.Certificate), certWords(c.Now.Certificate))
	case changes.BannerChanged:
		return fmt.Sprintf("was %q; now %q", c.Was.Banner, c.Now.Banner)
	}
	text := fmt.Sprintf("was %s; now %s", stateWords(c.Was), stateWords(c.Now))
	if len(c.NotAsked) > 0 && c.Kind == changes.Closed {
		text += ", but " + few(c.NotAsked) + " was not asked or not answered this time"
	}
	return text
}

func vectorWords(c changes.Change) string {
	var parts []string
	if len(c.Gained) > 0 {
		parts = append(parts, "accepts "+few(c.Gained)+" too")
	}
	if len(c.Lost) > 0 {
		parts = append(parts, "refuses "+few(c.Lost)+" now")
	}
	return strings.Join(parts, "; ") + "; still open"
}

// stateWords are a verdict and why: "open (accepts plain, null-sender)", "closed (relay-denied)".
func stateWords(s *changes.State) string {
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
