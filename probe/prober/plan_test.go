package prober

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"openrelay/probe"
	"openrelay/probe/phrasebook"
	"openrelay/probe/words"
)

// questions makes asks from lines of "sender recipient", with ! behind a risky one.
func questions(lines ...string) []*ask {
	var asks []*ask
	for _, l := range lines {
		from, to, _ := strings.Cut(l, " ")
		a := &ask{vector: &probe.Vector{Risky: strings.HasSuffix(to, "!")}, manner: manner{via: probe.Plain}, envelope: envelope{from, to}}
		if to == "postmaster" {
			a.vector, a.control = nil, postmaster
		}
		asks = append(asks, a)
	}
	return asks
}

func TestPlan(t *testing.T) {
	for _, tc := range []struct {
		name   string
		budget budget
		asks   []string
		want   string
	}{
		{"all fit", fullBudget, []string{"a 1", "a 2"}, "1 2"},
		{"eight refusals", fullBudget, []string{"a 1", "a 2", "a 3", "a 4", "a 5", "a 6", "a 7", "a 8", "a 9"}, "1 2 3 4 5 6 7 8"},
		{"postmaster last", budget{refusals: 3, senders: 9, risky: 3}, []string{"a 1", "a postmaster", "a 2", "a 3"}, "1 2 postmaster"},
		{"one MAIL for each sender", fullBudget, []string{"a 1", "b 2", "a 3", "b 4"}, "1 3 2 4"},
		{"three risky ones", fullBudget, []string{"a 1!", "a 2!", "a 3!", "a 4!", "a 5"}, "1! 2! 3! 5"},
		{"a sender that may be refused costs one", budget{refusals: 4, senders: 9, risky: 3, mails: true}, []string{"a 1", "a 2", "b 3", "c 4"}, "1 2 3"},
		{"as many senders as RSETs allow", budget{refusals: 8, senders: 2, risky: 3}, []string{"a 1", "b 2", "c 3", "a 4"}, "1 4 2"},
		{"nothing pending", fullBudget, nil, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var got []string
			for _, a := range plan(questions(tc.asks...), tc.budget) {
				got = append(got, a.to)
			}
			if s := strings.Join(got, " "); s != tc.want {
				t.Errorf("planned %q, want %q", s, tc.want)
			}
		})
	}
}

// However small the budget becomes, planning goes on until everything was asked once.
func TestPlanEnds(t *testing.T) {
	for b, n := fullBudget, 0; n < 5; b, n = b.fewer(), n+1 {
		asks := questions("a 1", "b 2!", "c 3!", "a 4!", "d 5", "a 6!", "a 7", "e 8", "f 9", "a postmaster")
		left := len(asks)
		for batch := plan(asks, b); len(batch) > 0; batch = plan(asks, b) {
			for _, a := range batch {
				a.settle(probe.OutcomeRefused)
				left--
			}
		}
		if left != 0 {
			t.Errorf("budget %+v leaves %d questions unasked", b, left)
		}
	}
}

func TestScript(t *testing.T) {
	var got []string
	for _, s := range script(nil, questions("<a> <1>", "<a> <2>", "<b> <3>")) {
		got = append(got, fmt.Sprintf("%s %d", s.line, len(s.asks)))
	}
	want := []string{"MAIL FROM:<a> 2", "RCPT TO:<1> 1", "RCPT TO:<2> 1", "RSET 0", "MAIL FROM:<b> 1", "RCPT TO:<3> 1"}
	if !slices.Equal(got, want) {
		t.Errorf("script %q, want %q", got, want)
	}
}

// settled makes a question with an outcome.
func settled(id string, o probe.Outcome, r probe.Reason, p probe.Proof) *ask {
	v, _ := probe.Find(id)
	return &ask{vector: &v, outcome: o, reason: r, proof: p}
}

func TestWeigh(t *testing.T) {
	refused := settled("plain", probe.OutcomeRefused, probe.ReasonRelayDenied, probe.NoProof)
	accepted := settled("null-sender", probe.OutcomeAccepted, "", probe.Rcpt)
	proven := settled("sender-own-domain", probe.OutcomeAccepted, "", probe.Data)
	suspect := settled("percent-own-domain", probe.OutcomeAccepted, "", probe.Data)
	unanswered := settled("same-domain", probe.OutcomeUnanswered, probe.ReasonGreylisted, probe.NoProof)
	skipped := settled("same-domain", probe.OutcomeSkipped, "", probe.NoProof)
	nobody := func(o probe.Outcome, m phrasebook.Meaning) *ask {
		return &ask{control: unknownUser, outcome: o, envelope: envelope{to: "<nobody@local.test>"}, answer: answer{meaning: m}}
	}
	knowsUsers := nobody(probe.OutcomeRefused, phrasebook.RecipientUnknown)
	takesAll := nobody(probe.OutcomeAccepted, phrasebook.Accepted)
	noWord := nobody(probe.OutcomeUnanswered, phrasebook.Greylisted)
	notLocal := nobody(probe.OutcomeRefused, phrasebook.RelayDenied)
	suspect.to = "<stranger%example.org@local.test>"
	for _, tc := range []struct {
		name    string
		asks    []*ask
		xclient bool
		verdict probe.Verdict
		reason  probe.Reason
	}{
		{"nothing asked", nil, false, probe.Inconclusive, probe.ReasonUnclear},
		{"all refused", []*ask{refused, refused}, false, probe.Closed, probe.ReasonRelayDenied},
		{"one accepted", []*ask{refused, accepted, refused}, false, probe.Open, "null-sender"},
		{"the best proof decides", []*ask{accepted, proven}, false, probe.Open, "sender-own-domain"},
		{"one unanswered", []*ask{refused, unanswered}, false, probe.Inconclusive, probe.ReasonGreylisted},
		{"29 refused and one unanswered", append(slices.Repeat([]*ask{refused}, 29), unanswered), false, probe.Inconclusive, probe.ReasonGreylisted},
		{"accepted beats unanswered", []*ask{unanswered, accepted}, false, probe.Open, "null-sender"},
		{"skipped counts for nothing", []*ask{refused, skipped}, false, probe.Closed, probe.ReasonRelayDenied},
		{"only skipped", []*ask{skipped}, false, probe.Inconclusive, probe.ReasonUnclear},
		{"suspect, users known", []*ask{knowsUsers, refused, suspect}, false, probe.Open, "percent-own-domain"},
		{"suspect, users not known", []*ask{takesAll, refused, suspect}, false, probe.Inconclusive, probe.ReasonSuspectFormAccepted},
		{"suspect, control without answer", []*ask{noWord, refused, suspect}, false, probe.Inconclusive, probe.ReasonSuspectFormAccepted},
		{"suspect, under a name that is not local", []*ask{notLocal, refused, suspect}, false, probe.Inconclusive, probe.ReasonSuspectFormAccepted},
		{"suspect, no control", []*ask{refused, suspect}, false, probe.Inconclusive, probe.ReasonSuspectFormAccepted},
		{"suspect beside a true one", []*ask{takesAll, suspect, accepted}, false, probe.Open, "null-sender"},
		{"controls are no findings", []*ask{takesAll, refused}, false, probe.Closed, probe.ReasonRelayDenied},
		{"XCLIENT", []*ask{refused}, true, probe.Inconclusive, probe.ReasonXCLIENTOffered},
		{"XCLIENT beside an open one", []*ask{accepted}, true, probe.Open, "null-sender"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			j := weigh(tc.asks, tc.xclient)
			if j.verdict != tc.verdict || j.reason != tc.reason {
				t.Errorf("weighed %v (%s), want %v (%s)", j.verdict, j.reason, tc.verdict, tc.reason)
			}
		})
	}
}

func TestNames(t *testing.T) {
	n := foreign([]string{"from.example"}, []string{"to.example.com", "more.example"})
	n.own(probe.Target{Name: "mail.corp.example.co.uk", Domain: "example.co.uk"}, nil, bannerHost("mx1.provider.example ESMTP"), false)
	for word, want := range map[string][]string{
		"from": {"from.example"}, "to": {"to.example.com"}, "com": {"to.example.com"}, "net": {"example.net"},
		"to-mixed-case": {"To.eXaMpLe.cOm"},
		"own-host":      {"mail.corp.example.co.uk", "mx1.provider.example"},
		"own-domain":    {"example.co.uk", "provider.example"},
	} {
		if !slices.Equal(n[word], want) {
			t.Errorf("{%s} is %q, want %q", word, n[word], want)
		}
	}
	for banner, want := range map[string]string{
		"mx.example.org ESMTP": "mx.example.org", "ESMTP ready": "", "localhost ESMTP": "", "192.0.2.1 ESMTP": "",
		"[192.0.2.1] ESMTP": "", "": "", "mx.example.org. hi": "mx.example.org.", "a..b x": "",
	} {
		if got := bannerHost(banner); got != want {
			t.Errorf("banner %q names %q, want %q", banner, got, want)
		}
	}
}

// Every row can be filled in, and asks for nothing but what it says.
func TestVectorsAreFilledIn(t *testing.T) {
	known := foreign(nil, nil)
	known.own(probe.Target{Name: "mx.local.test"}, []string{"local.test"}, "", false)
	known["our-address"] = []string{"192.0.2.1"}
	for _, v := range probe.Vectors {
		filled, missing := known.fill(v.From, v.To, v.First, v.Setup.Helo, v.Setup.Claim)
		if missing != "" || len(filled) == 0 || strings.ContainsAny(strings.Join(filled[0], ""), "{}") {
			t.Errorf("%s: %q and %q filled in: %q, missing %q", v.ID, v.From, v.To, filled, missing)
		}
	}
}

// The engine knows every step that a row of the table takes.
func TestEverySetupIsKnown(t *testing.T) {
	for _, v := range probe.Vectors {
		keyword, parameter, _ := strings.Cut(v.Setup.Needs, " ")
		if claims[keyword] == nil && keyword != "" || keyword == "AUTH" && mechanisms[parameter] == nil || (keyword == "") != (v.Setup.Claim == "") {
			t.Errorf("%s: nobody knows how to use %q with the claim %q", v.ID, v.Setup.Needs, v.Setup.Claim)
		}
		if v.Setup.Verb != "" && v.Setup.Verb != "HELO" || v.Setup.Proxy < 0 || v.Setup.Proxy > 2 {
			t.Errorf("%s: nobody knows how to do %q", v.ID, v.Setup)
		}
	}
}

// Every reply that does not answer the question leaves it unanswered for a reason that is explained.
func TestUnansweredForAReason(t *testing.T) {
	for _, m := range phrasebook.Meanings {
		if m.Meaning == phrasebook.Accepted || settles(m.Meaning) {
			continue
		}
		if _, ok := words.Reason(probe.Inconclusive, reasonFor[m.Meaning]); !ok {
			t.Errorf("%s leads to %q, which nobody explains", m.Meaning, reasonFor[m.Meaning])
		}
	}
}
