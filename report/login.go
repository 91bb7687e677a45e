package report

import (
	"cmp"
	"fmt"

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

// deliveries says where our messages came out.
func (p *page) deliveries(r probe.Result) {
	for _, words := range routes(r) {
		p.prose("delivered", words)
	}
}

// routes says for each address that messages came out at how many did, and that it is another than the
// one they went in at.
func routes(r probe.Result) (all []string) {
	var relays []string
	messages := map[string]int{}
	by := map[string]probe.Delivery{}
	for _, d := range r.Deliveries {
		if messages[d.Relay]++; messages[d.Relay] == 1 {
			relays = append(relays, d.Relay)
			by[d.Relay] = d
		}
	}
	for _, relay := range relays {
		what := count(messages[relay], "message")
		if d := by[relay]; d.MultiHop {
			all = append(all, fmt.Sprintf("%s went in at %s, came out at %s%s: multi-hop, through another server or from another address of its own", what, hostPlace(r), relay, calledItself(d)))
			continue
		}
		all = append(all, fmt.Sprintf("%s went in and came out at %s", what, hostPlace(r)))
	}
	return all
}

func calledItself(d probe.Delivery) string {
	if d.Helo == "" {
		return ""
	}
	return " (" + d.Helo + ")"
}
