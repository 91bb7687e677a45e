package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"openrelay/probe"
)

// login says what the positive control came to. It reports whether there was one.
func (p *page) login(l *probe.Login) bool {
	if l == nil {
		return false
	}
	p.prose("login", loginWords(l))
	return true
}

// loginWords says whether the server relays for its own users.
func loginWords(l *probe.Login) string {
	why := cmp.Or(l.Detail, l.Reply)
	if l.Outcome == probe.OutcomeRefused {
		why = refusalWords(l)
	}
	switch {
	case l.Outcome == probe.OutcomeAccepted:
		return l.User + " can log in and send to others: it relays for its own users"
	case l.Outcome == probe.OutcomeRefused && l.Stage == probe.StageAuth:
		return fmt.Sprintf("%s could not log in: %s", l.User, why)
	case l.Outcome == probe.OutcomeRefused:
		return fmt.Sprintf("%s may not send to others, refused at %s: %s", l.User, l.Stage, why)
	case l.Outcome == probe.OutcomeSkipped:
		return "not tried: " + why
	}
	return "failed: " + why
}

// refusalWords are the codes of a reply that refused, and what they mean: its text is not kept.
func refusalWords(l *probe.Login) string {
	parts := slices.DeleteFunc([]string{l.Reply, string(l.Meaning), l.Detail}, func(s string) bool { return s == "" })
	return strings.Join(parts, ", ")
}
