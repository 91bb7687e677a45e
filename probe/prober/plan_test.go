package prober

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"openrelay/probe"
	"openrelay/probe/dialogue"
	"openrelay/probe/phrasebook"
	"openrelay/probe/words"
)

// asking is an inquiry that has asks from lines of "sender recipient", with ! behind a risky one, of a server that
// takes mail for pm from c.
func asking(b budget, lines ...string) *inquiry {
	q := &inquiry{p: new(Prober), t: probe.Target{Named: true}, dose: dose{budget: b}}
	q.welcome = welcome{senders: []string{"c"}, locals: []recipient{{to: "pm"}}}
	for _, l := range lines {
		from, to, _ := strings.Cut(l, " ")
		q.add(none, manner{}, question{envelope: envelope{from, to}}, 0).vector = &probe.Vector{Risky: strings.HasSuffix(to, "!")}
	}
	return q
}

func TestBulk(t *testing.T) {
	for _, tc := range []struct {
		name   string
		budget budget
		asks   []string
		want   string
	}{
		{"all fit", fullBudget, []string{"a 1", "a 2"}, "1 2 pm"},
		{"eight refusals", fullBudget, []string{"a 1", "a 2", "a 3", "a 4", "a 5", "a 6", "a 7", "a 8", "a 9"}, "1 2 3 4 5 6 7 8 pm"},
		{"one MAIL for each sender", fullBudget, []string{"a 1", "b 2", "a 3", "b 4"}, "1 3 2 4 pm"},
		{"the sender of the controls last", fullBudget, []string{"c 1", "b 2", "c 3", "b 4"}, "2 4 1 3 pm"},
		{"the same question once", fullBudget, []string{"a 1", "b 2", "a 1"}, "1 2 pm"},
		{"three risky ones", fullBudget, []string{"a 1!", "a 2!", "a 3!", "a 4!", "a 5"}, "1! 2! 3! 5 pm"},
		{"a sender that may be refused costs one", budget{refusals: 5, senders: 9, risky: 3, mails: true}, []string{"a 1", "a 2", "b 3", "d 4"}, "1 2 pm"},
		{"as many senders as RSETs allow", budget{refusals: 8, senders: 2, risky: 3}, []string{"a 1", "b 2", "d 3", "a 4"}, "1 4 2 pm"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r, _ := asking(tc.budget, tc.asks...).bulk(new(connection))
			var got []string
			for _, put := range r.questions {
				got = append(got, put.to)
			}
			if s := strings.Join(got, " "); s != tc.want {
				t.Errorf("planned %q, want %q", s, tc.want)
			}
		})
	}
}

// A server that takes long over refusals is asked for three of them a mail at most, the controls at the end among them.
func TestSplits(t *testing.T) {
	for asks, want := range map[string]string{
		"c 1": "[]", "c 1,c 2": "[]", "c 1,c 2,c 3": "[]", "c 1,c 2,c 3,c 4": "[1]", "c 1,c 2,c 3,c 4,c 5,c 6,c 7": "[1 4]",
		"a 1,a 2,a 3,a 4,c 5": "[1]", "a 1,b 2": "[]",
	} {
		q := asking(fullBudget, strings.Split(asks, ",")...)
		q.gently = true
		r, _ := q.bulk(new(connection))
		if got := fmt.Sprint(r.split); got != want {
			t.Errorf("%s: split at %s, want %s", asks, got, want)
		}
	}
}

// However small the budget becomes, planning goes on until everything was asked once.
func TestBulkEnds(t *testing.T) {
	for b, n := fullBudget, 0; n < 5; b, n = b.fewer(), n+1 {
		q := asking(b, "a 1", "b 2!", "c 3!", "a 4!", "d 5", "a 6!", "a 7", "e 8", "f 9")
		left := len(q.asks)
		for chosen := q.choose(new(connection)); len(chosen) > 0; chosen = q.choose(new(connection)) {
			for _, a := range chosen {
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
	put := func(from, to string) exchange { return exchange{question: question{envelope: envelope{from, to}}} }
	exchanges := []exchange{put("<a>", "<1>"), put("<a>", "<2>"), put("<b>", "<3>")}
	for apart, want := range map[bool]string{
		false: "MAIL FROM:<a>, RCPT TO:<1>, RCPT TO:<2>, RSET, MAIL FROM:<b>, RCPT TO:<3>; mails [1 1 2]",
		true:  "MAIL FROM:<a>, RCPT TO:<1>, RSET, MAIL FROM:<a>, RCPT TO:<2>, RSET, MAIL FROM:<b>, RCPT TO:<3>; mails [1 2 3]",
	} {
		var sc script
		sc.write(exchanges, round{apart: apart}, 0)
		got := fmt.Sprintf("%s; mails %v", strings.Join(sc.lines, ", "), []int16{exchanges[0].nth, exchanges[1].nth, exchanges[2].nth})
		if got != want {
			t.Errorf("script %q, want %q", got, want)
		}
	}
}

// settled makes an ask with an outcome.
func settled(id string, o probe.Outcome, r probe.Reason, p probe.Proof) *ask {
	v, _ := probe.Find(id)
	return &ask{vector: &v, outcome: o, reason: r, proof: p, answer: &unanswered}
}

func TestWeigh(t *testing.T) {
	refused := settled("plain", probe.OutcomeRefused, probe.ReasonRelayDenied, probe.NoProof)
	hanging := settled("plain", probe.OutcomeRefused, probe.ReasonRelayDenied, probe.NoProof)
	hanging.hangs = true
	accepted := settled("null-sender", probe.OutcomeAccepted, "", probe.Rcpt)
	proven := settled("sender-own-domain", probe.OutcomeAccepted, "", probe.Data)
	unanswered := settled("same-domain", probe.OutcomeUnanswered, probe.ReasonGreylisted, probe.NoProof)
	skipped := settled("same-domain", probe.OutcomeSkipped, "", probe.NoProof)
	pending := settled("same-domain", "", "", probe.NoProof)
	suspect := settled("percent-own-domain", probe.OutcomeAccepted, "", probe.Data)
	suspect.to = "<stranger%example.org@local.test>"
	s := new(session)
	said := func(to string, code int, m phrasebook.Meaning) exchange {
		return exchange{question: question{envelope: envelope{to: to}}, answer: answer{s: s, reply: dialogue.Reply{Code: code}, meaning: m}}
	}
	form := said(suspect.to, 250, phrasebook.Accepted)
	nobody := func(m phrasebook.Meaning) []exchange {
		return []exchange{said("<nobody-x@local.test>", 550, m), form}
	}
	for _, tc := range []struct {
		name    string
		said    []exchange
		asks    []*ask
		verdict probe.Verdict
		reason  probe.Reason
	}{
		{"nothing asked", nil, nil, probe.Inconclusive, probe.ReasonUnclear},
		{"all refused", nil, []*ask{refused, refused}, probe.Closed, probe.ReasonRelayDenied},
		{"one accepted", nil, []*ask{refused, accepted, refused}, probe.Open, "null-sender"},
		{"the best proof decides", nil, []*ask{accepted, proven}, probe.Open, "sender-own-domain"},
		{"one unanswered", nil, []*ask{refused, unanswered}, probe.Inconclusive, probe.ReasonGreylisted},
		{"29 refused and one unanswered", nil, append(slices.Repeat([]*ask{refused}, 29), unanswered), probe.Inconclusive, probe.ReasonGreylisted},
		{"one not asked yet", nil, []*ask{refused, pending}, probe.Inconclusive, probe.ReasonSlow},
		{"one refused first in a connection that ended badly", nil, []*ask{refused, hanging}, probe.Inconclusive, probe.ReasonBannedMidway},
		{"accepted beats unanswered", nil, []*ask{unanswered, accepted}, probe.Open, "null-sender"},
		{"skipped counts for nothing", nil, []*ask{refused, skipped}, probe.Closed, probe.ReasonRelayDenied},
		{"only skipped", nil, []*ask{skipped}, probe.Inconclusive, probe.ReasonUnclear},
		{"suspect, users known", nobody(phrasebook.RecipientUnknown), []*ask{refused, suspect}, probe.Open, "percent-own-domain"},
		{"suspect before the unknown user", []exchange{form, said("<nobody-x@local.test>", 550, phrasebook.RecipientUnknown)}, []*ask{refused, suspect},
			probe.Inconclusive, probe.ReasonSuspectFormAccepted},
		{"suspect, behind another refusal", slices.Insert(nobody(phrasebook.RecipientUnknown), 0, said("<stranger@example.org>", 554, phrasebook.RelayDenied)),
			[]*ask{refused, suspect}, probe.Inconclusive, probe.ReasonSuspectFormAccepted},
		{"suspect, under a name that is not local", nobody(phrasebook.RelayDenied), []*ask{refused, suspect}, probe.Inconclusive, probe.ReasonSuspectFormAccepted},
		{"suspect, no control", []exchange{form}, []*ask{refused, suspect}, probe.Inconclusive, probe.ReasonSuspectFormAccepted},
		{"suspect beside a true one", []exchange{form}, []*ask{suspect, accepted}, probe.Open, "null-sender"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			q := &inquiry{p: new(Prober), nonce: "x", asks: tc.asks, first: s, log: []*connection{{session: s, said: tc.said}}}
			j := q.weigh()
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
		"from": {"from.example"}, "to": {"to.example.com"}, "com": {"to.example.com"}, "net": {"example.net"}, "org": {"example.org"},
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
	known["own-user"] = []string{"ada@local.test"}
	known["our-address"] = []string{"192.0.2.1"}
	for _, v := range probe.Vectors {
		filled, missing := templatesOf(&v).filled(known)
		if w := filled[:min(1, len(filled))]; missing != "" || len(w) == 0 || strings.ContainsAny(w[0].from+w[0].to+w[0].first+w[0].helo+w[0].claim, "{}") {
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
