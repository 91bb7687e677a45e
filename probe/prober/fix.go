package prober

import (
	"fmt"
	"slices"
	"strings"

	"openrelay/probe"
	"openrelay/probe/netaddr"
)

// Parts of the texts that depend on what the probe has seen.
const (
	sawOtherAddress = "The server saw %s, but we connected from %s: NAT or a proxy hides its clients from it. "
	mayBeLocal      = "Not proven: here this form may be the name of a local mailbox. If it is not: "
	asPlain         = "The server relays for everybody: it accepted plain too, and nothing about this form matters. "
	lookIn          = "If all this is right already, look into the server's log for the address of this test. A container gateway, a cluster node or a proxy there makes every stranger look local: openrelay explain identity-lost."
)

// causeAndFix is the cause and the fix of an accepted vector. Lines of the fix that begin with two spaces
// are commands and configuration; the last is the command to test again with.
func (q *inquiry) causeAndFix(a *ask) (cause, fix string) {
	v := q.basis(a)
	cause, fix = probe.CauseAndFix(q.res.Server.MTA, v)
	byAddress := v.ID == "plain" || strings.HasPrefix(v.ID, "sender-own-")
	if saw, hidden := q.hidden(); hidden && !v.Claims() {
		cause = fmt.Sprintf(sawOtherAddress, saw, q.res.Vantage.Source) + cause
		fix = probe.HiddenClients.Text() + "\nThe rules matter as well. " + fix
	} else if c := probe.FixFor(q.res.Server.MTA, v); byAddress && (c == nil || len(c.Vectors) > 0) {
		fix += "\n" + lookIn
	}
	if v != a.vector {
		cause = asPlain + cause
	}
	if a.unproven(q.asks) {
		cause = mayBeLocal + cause
	}
	return cause, fix + "\nThen test again:\n  " + q.again(a)
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
	said := strings.ToLower(strings.Join([]string{a.from, a.to, a.first, a.helo, a.asked.from, a.asked.to}, " "))
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
	if longest == "" || !strings.Contains(template, "{own-domain}") {
		return nil
	}
	return []string{longest}
}

// place is the target as a user would name it.
func (q *inquiry) place() string {
	if netaddr.HostName(q.t.Name) {
		return fmt.Sprintf("%s:%d", q.t.Name, q.t.Addr.Port())
	}
	return q.t.String()
}
