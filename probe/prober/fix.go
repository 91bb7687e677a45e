package prober

import (
	"fmt"
	"slices"
	"strings"

	"openrelay/probe"
	"openrelay/probe/fixes"
	"openrelay/probe/netaddr"
	"openrelay/probe/phrasebook"
)

// Parts of the texts that depend on what the probe has seen.
const (
	sawOtherAddress = "The server saw %s, but we connected from %s: NAT or a proxy hides its clients from it. "
	notShown        = "A likely cause, which this test does not show by itself: "
	greetsOtherwise = "This is for %s, as --mta says. The server greets as %s.\n"
	asPlain         = "The server relays for everybody: it accepted plain too, and nothing about this form matters. "
	lookIn          = "If all this is right already, look into the server's log for the address of this test. A container gateway, a cluster node or a proxy there makes every stranger look local: openrelay explain identity-lost."
)

// causeAndFix is the cause and the fix of an accepted vector. Lines of the fix that begin with two spaces
// are commands and configuration.
func (q *inquiry) causeAndFix(a *ask) (cause, fix string) {
	v := q.basis(a)
	cause, fix = fixes.CauseAndFix(q.res.Server.MTA, v)
	byAddress := v.ID == "plain" || strings.HasPrefix(v.ID, "sender-own-")
	saw, hidden := q.hidden()
	if hidden = hidden && !v.Claims(); hidden {
		cause = fmt.Sprintf(sawOtherAddress, saw, q.vantage.Source) + cause
		fix = fixes.HiddenClients.Text() + "\nThe rules matter as well. " + fix
	} else if a := fixes.For(q.res.Server.MTA, v); byAddress && (a.Fix == nil || len(a.Vectors) > 0) {
		fix += "\n" + lookIn
	}
	if v != a.vector {
		cause = asPlain + cause
	}
	switch {
	case q.unproven(a):
		cause = probe.MayBeLocal + cause
	case v == a.vector && !hidden && !q.shown(a):
		cause = notShown + cause
	}
	if greets := q.greetsAs(); greets != "" {
		fix = fmt.Sprintf(greetsOtherwise, q.res.Server.MTA, greets) + fix
	}
	return cause, fix
}

// advise writes cause and fix into a finding, and the command to test again with. A fix that several findings share is
// written out once, with the one that decides or else with the first: a server that is open to everybody accepts forty vectors.
func (q *inquiry) advise(f *probe.Finding, a *ask, written map[string]string) {
	f.Cause, f.Fix = q.causeAndFix(a)
	if with, ok := written[f.Fix]; !ok {
		written[f.Fix] = f.Vector
	} else if !f.Deciding {
		f.Fix = probe.FixedWith(with)
	}
	f.Fix += probe.TestAgain + q.again(a)
}

// greetsAs is what the server's greeting names, where that is another one than the user says: neither the server inside
// the product that he names, nor a library. It is "" for none.
func (q *inquiry) greetsAs() string {
	if q.res.Server.MTABy != probe.Told {
		return ""
	}
	greets := phrasebook.MTA(q.first.greeting.Text(), q.first.ehlo.Lines)
	if greets == q.p.MTA || greets == fixes.Inside(q.p.MTA) || phrasebook.IsLibrary(greets) {
		return ""
	}
	return greets
}

// shown reports whether the log holds it that the vector is the cause, by nothing else having been different: of a form,
// that the plain question was refused in a mail of its own before it, in the connection that proves it; of what we
// claim to be, that it was refused without the claim before and after.
func (q *inquiry) shown(a *ask) bool {
	switch {
	case a.vector.ID == "plain":
		return true
	case a.setup != nil:
		return q.refusedAround(a)
	}
	for _, c := range q.log {
		for i := 1; i < len(c.said) && c.session == a.s; i++ {
			if e := &c.said[i]; e.question.envelope == a.envelope && e.accepted() && q.isPlain(c, i-1) && e.nth > c.said[i-1].nth {
				return true
			}
		}
	}
	return false
}

// isPlain reports whether an exchange is the plain question, refused, in a mail of its own.
func (q *inquiry) isPlain(c *connection, i int) bool {
	e, plain := &c.said[i], q.plainIn(c.manner)
	return plain != nil && e.question == plain.question && e.refused() && (i == 0 || c.said[i-1].nth < e.nth)
}

// refusedAround reports whether the plain question was refused under no claim both before and after a vector that makes
// one was accepted.
func (q *inquiry) refusedAround(a *ask) bool {
	before, accepted, after := false, false, false
	for _, c := range q.log {
		for i := range c.said {
			e := &c.said[i]
			plain := c.manner == q.base && q.plain != nil && e.question == q.plain.question && e.refused()
			accepted = accepted || c.manner == a.manner && e.accepted() && e.envelope == a.envelope
			before, after = before || plain && !accepted, after || plain && accepted
		}
	}
	return before && after
}

// basis is the vector to blame: the plain one where that was accepted in the same way, since then it
// takes no trick. A form that may be a local name says something of its own.
func (q *inquiry) basis(a *ask) *probe.Vector {
	i := slices.IndexFunc(q.asks, func(b *ask) bool {
		return b.vector != nil && b.vector.ID == "plain" && b.outcome == probe.OutcomeAccepted && b.via == a.via
	})
	if i < 0 || a.vector.Suspect || a.vector.Claims() {
		return a.vector
	}
	return q.asks[i].vector
}

// again is the command line that asks the same question of the same server.
func (q *inquiry) again(a *ask) string {
	words := []string{"openrelay scan --vectors " + a.vector.ID}
	if a.vector.Class == probe.Intrusive {
		words = append(words, "--intrusive")
	}
	said := strings.ToLower(strings.Join([]string{a.from, a.to, a.first, a.manner.helo, a.asked.from, a.asked.to}, " "))
	for _, user := range q.names["own-user"] {
		if strings.Contains(said, strings.ToLower("<"+user+">")) {
			words = append(words, "--local-user "+shellWord(user))
		}
	}
	for _, d := range []struct {
		flag    string
		domains []string
	}{
		{"--local-domain ", q.ownDomain(a, said)},
		{"--from-domain ", q.p.FromDomains},
		{"--to-domain ", q.p.ToDomains},
	} {
		for _, name := range d.domains {
			if netaddr.Name(name) && strings.Contains(said, strings.ToLower(name)) {
				words = append(words, d.flag+name)
			}
		}
	}
	if q.p.MTA != "" {
		words = append(words, "--mta "+shellWord(q.p.MTA))
	}
	return strings.Join(append(words, q.place()), " ")
}

// ownDomain is the own domain that the question names, if its vector wants one: the longest, since one
// may be the end of another.
func (q *inquiry) ownDomain(a *ask, said string) []string {
	v := a.vector
	template := v.From + v.To + v.First + v.Setup.Helo
	longest := ""
	for _, d := range q.names["own-domain"] {
		if strings.Contains(said, strings.ToLower(d)) && len(d) > len(longest) {
			longest = d
		}
	}
	if longest == "" || !strings.Contains(template, "{own-domain}") && !strings.Contains(template, "{own-user}") {
		return nil
	}
	return []string{longest}
}

// shellWord quotes what a shell would read as more than a word.
func shellWord(s string) string {
	if strings.ContainsAny(s, " #$&'*/=?^`{|}~") {
		return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
	}
	return s
}

// place is the target as a user would name it.
func (q *inquiry) place() string {
	port := q.t.Addr.Port()
	if !q.t.Addr.IsValid() {
		port = q.t.Port
	}
	switch {
	case netaddr.HostName(q.t.Name):
		return fmt.Sprintf("%s:%d", q.t.Name, port)
	case !q.t.Addr.IsValid(): // of sessions that were pasted
		return fmt.Sprintf("HOST:%d", port)
	}
	return q.t.String()
}
