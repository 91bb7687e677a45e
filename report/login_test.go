package report

import (
	"strings"
	"testing"

	"openrelay/probe"
)

// TestLogins: a control that failed ends like something inconclusive; that nobody can log in on one
// port is none while it goes well on another one of the server.
func TestLogins(t *testing.T) {
	for _, test := range []struct {
		results string
		exit    int
	}{
		{"closed a:25 accepted", 0},
		{"closed a:25 refused", 3},
		{"closed a:25 failed", 3},
		{"closed a:25 skipped", 3},
		{"open a:25 failed", 1},
		{"closed a:25 skipped, closed a:587 accepted", 0},
		{"closed a:25 skipped, closed a:465 skipped, closed a:587 accepted, closed b:25 skipped", 3},
		{"closed a:25 refused, closed a:587 accepted", 3},
		{"closed~ a:25 skipped", 0},
		{"closed a:25 ", 0},
	} {
		list := strings.Split(test.results, ", ")
		for range 2 {
			var s Summary
			for _, text := range list {
				i := strings.LastIndexByte(text, ' ')
				r := result(text[:i])
				if text[i+1:] != "" {
					r.Login = &probe.Login{User: "ada", Outcome: probe.Outcome(text[i+1:])}
				}
				s.Add(r)
			}
			if got := s.ExitStatus(); got != test.exit || (s.NoLogin > 0) != strings.Contains(s.String(), "not shown to relay for their own users") {
				t.Errorf("%s: status %d, want %d: %s", test.results, got, test.exit, s.String())
			}
			for i, j := 0, len(list)-1; i < j; i, j = i+1, j-1 { // results come in any order
				list[i], list[j] = list[j], list[i]
			}
		}
	}
}

func TestLoginWords(t *testing.T) {
	for want, l := range map[string]probe.Login{
		"ada can log in and send to others: it relays for its own users":    {User: "ada", Outcome: probe.OutcomeAccepted},
		"ada could not log in: 535 5.7.8 no":                                {User: "ada", Outcome: probe.OutcomeRefused, Stage: probe.StageAuth, Reply: "535 5.7.8 no"},
		"ada may not send to others, refused at rcpt: 554 no":               {User: "ada", Outcome: probe.OutcomeRefused, Stage: "rcpt", Reply: "554 no"},
		"ada could not log in: 535 5.7.8 (left out), it is wrong":           {User: "ada", Outcome: probe.OutcomeRefused, Stage: probe.StageAuth, Reply: "535 5.7.8 (left out)", Detail: "it is wrong"},
		"ada may not send to others, refused at mail: 553, sender-rejected": {User: "ada", Outcome: probe.OutcomeRefused, Stage: "mail", Reply: "553", Meaning: "sender-rejected"},
		"not tried: no login is offered here":                               {User: "ada", Outcome: probe.OutcomeSkipped, Detail: "no login is offered here"},
		"failed: connection closed":                                         {User: "ada", Outcome: probe.OutcomeFailed, Stage: "auth", Detail: "connection closed"},
	} {
		if got := loginWords(&l); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// TestRoutes: a message that came out elsewhere names both addresses.
func TestRoutes(t *testing.T) {
	r := probe.Result{Target: "192.0.2.1:25", Name: "mx.example.org", Verdict: probe.Open, Proof: probe.Delivered, Reason: "plain", Deliveries: []probe.Delivery{
		{Token: "a", Relay: "192.0.2.1"}, {Token: "b", Relay: "192.0.2.1"},
		{Token: "c", Relay: "198.51.100.2", MultiHop: true, Helo: "out\x1b[2J.example.org"},
	}}
	want := []string{
		"2 messages went in and came out at mx.example.org [192.0.2.1]",
		"1 message went in at mx.example.org [192.0.2.1], came out at 198.51.100.2 (out\x1b[2J.example.org): multi-hop, through another server or from another address of its own",
	}
	if got := strings.Join(routes(r), "\n"); got != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
	table := render(t, format(t, "table"), Options{}, []probe.Result{r})
	for _, line := range want {
		if !strings.Contains(table, "    delivered "+Printable(line)) {
			t.Errorf("the table lacks %q:\n%s", line, table)
		}
	}
}
