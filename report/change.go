package report

import (
	"fmt"
	"slices"
	"strings"

	"openrelay/probe"
	"openrelay/probe/changes"
)

// changeRow is how a report shows one kind of change.
type changeRow struct {
	label  string
	colour colour
	beside bool // it is said beside what is expected
	words  func(changes.Change) string
}

// rowOf is the row of a kind; one of a later version stands for itself.
func rowOf(k changes.Kind) changeRow {
	if row, ok := changeRows[k]; ok {
		return row
	}
	return changeRow{string(k), noColour, true, otherVerdict}
}

var changeRows = map[changes.Kind]changeRow{
	changes.Opened:             {"opened", boldRed, true, otherVerdict},
	changes.VectorsChanged:     {"vectors", yellow, true, vectorWords},
	changes.BecameInconclusive: {"inconclusive", yellow, true, otherVerdict},
	changes.BecameUnreachable:  {"unreachable", yellow, true, otherVerdict},
	changes.Closed:             {"closed", green, true, closedWords},
	changes.Appeared:           {"appeared", noColour, true, func(c changes.Change) string { return stateWords(c.Now) }},
	changes.Vanished:           {"vanished", noColour, false, func(c changes.Change) string { return "was " + stateWords(c.Was) }},
	changes.AddressChanged:     {"address", noColour, false, func(c changes.Change) string { return "was at " + c.WasTarget }},
	changes.CertificateChanged: {"certificate", noColour, false, func(c changes.Change) string {
		return fmt.Sprintf("was %s; now %s", certWords(c.Was.Certificate), certWords(c.Now.Certificate))
	}},
	changes.BannerChanged: {"banner", noColour, false, func(c changes.Change) string {
		return fmt.Sprintf("was %q; now %q", c.Was.Banner, c.Now.Banner)
	}},
}

// changeWords say what a change is, and how what is found now compares with what is expected.
func changeWords(c changes.Change) string {
	row := rowOf(c.Kind)
	text := row.words(c)
	if row.beside {
		text += besideExpected(c)
	}
	return text
}

// besideExpected says how a server compares now: ", as expected: open plain until 2026-12-31 because CHG-1234
// (expect.txt:3)"; and of one that is worse because an expectation is no longer there, what that was.
func besideExpected(c changes.Change) string {
	switch was, now := c.Was, c.Now; {
	case now == nil:
		return ""
	case now.Expected == nil && was != nil && was.Expected != nil && c.NewlyWorse():
		return ", not expected any more; expected was " + expectation(probe.Result{Expected: was.Expected})
	case now.Expected == nil, now.Verdict == probe.Closed && now.Expected.Found == probe.AsExpected:
		return ""
	case now.Expected.Found == probe.AsExpected:
		return ", " + standingWords(now.Expected.Found) + ": " + expectation(probe.Result{Expected: now.Expected})
	default:
		return ", " + standingWords(now.Expected.Found) + "; expected is " + expectation(probe.Result{Expected: now.Expected})
	}
}

// changed is as much of a result as it takes to name the server that changed.
func changed(c changes.Change) probe.Result {
	return probe.Result{Target: c.Target, Name: c.Name, Domain: c.Domain}
}

func otherVerdict(c changes.Change) string {
	return fmt.Sprintf("was %s; now %s", stateWords(c.Was), stateWords(c.Now))
}

func closedWords(c changes.Change) string {
	text := otherVerdict(c)
	if len(c.NotAsked) > 0 {
		text += ", but " + few(c.NotAsked) + " was not asked or not answered this time"
	}
	return text
}

func vectorWords(c changes.Change) string {
	if len(c.Gained)+len(c.Lost) == 0 { // it is as it was, but worse than expected now
		return "still " + stateWords(c.Now)
	}
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
