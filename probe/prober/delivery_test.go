package prober_test

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"openrelay/probe"
	"openrelay/probe/prober"
	"openrelay/scanner/demo"
)

// handing is a prober that hands messages over to a scripted server, and what it was permitted.
type handing struct {
	*prober.Prober
	server              *demo.Script
	target              probe.Target
	permitted, released int
	forbid              error
}

func handingTo(t *testing.T, server *demo.Script, vectors ...string) *handing {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() { _ = server.Serve(l) }()
	all, err := probe.Select("standard", false)
	if err != nil {
		t.Fatal(err)
	}
	if len(vectors) > 0 {
		all = slices.DeleteFunc(all, func(v probe.Vector) bool { return !slices.Contains(vectors, v.ID) })
	}
	h := &handing{server: server, target: probe.Target{Addr: netip.MustParseAddrPort(l.Addr().String()), Named: true}}
	h.Prober = &prober.Prober{Vectors: all, LocalDomains: []string{"local.test"}, FromDomains: []string{"sender.test"}, ToDomains: []string{"foreign.test"},
		Proof: probe.Delivered, Limits: prober.Limits{Total: 9 * time.Minute, Retry: -1},
		Delivery: &prober.DeliveryTest{Key: probe.NewKey(), Run: "run7", Domain: "receiver.test",
			Permit: func(context.Context, probe.Target) error {
				if h.forbid == nil {
					h.permitted++
				}
				return h.forbid
			},
			Release:     func(probe.Target) { h.released++ },
			LookupMX:    func(context.Context, string) ([]*net.MX, error) { return nil, errors.New("no DNS here") },
			LookupNetIP: func(context.Context, string, string) ([]netip.Addr, error) { return nil, errors.New("no DNS here") },
		}}
	return h
}

func (h *handing) probe(t *testing.T) *probe.Result {
	t.Helper()
	return h.Probe(context.Background(), h.target)
}

func tokens(r *probe.Result) (n int) {
	for _, f := range r.Findings {
		if f.Token != "" {
			n++
		}
	}
	return n
}

func acceptAll(demo.Dialogue) string { return "250 2.1.5 Ok" }

func saying(reply string) func(demo.Dialogue) string {
	return func(demo.Dialogue) string { return reply }
}

// TestRefusedLate: a server that says yes until it has the recipients, or the message, and then no.
func TestRefusedLate(t *testing.T) {
	const denied = "550 5.7.1 Relaying denied"
	for name, c := range map[string]struct {
		script   *demo.Script
		verdict  probe.Verdict
		proof    probe.Proof
		messages int // that came whole, refused or not; -1 for one for each vector that may send one
	}{
		"at DATA":               {&demo.Script{Rcpt: acceptAll, Data: saying(denied)}, probe.Closed, probe.NoProof, 0},
		"at DATA, without EHLO": {&demo.Script{Rcpt: acceptAll, Data: saying(denied), Extensions: []string{}}, probe.Closed, probe.NoProof, 0},
		"at the dot":            {&demo.Script{Rcpt: acceptAll, Body: saying(denied)}, probe.Closed, probe.NoProof, -1},
		"at the dot, for users": {&demo.Script{Rcpt: acceptAll, Body: saying("530 5.7.0 Authentication required")}, probe.Closed, probe.NoProof, -1},
		"for what it says":      {&demo.Script{Rcpt: acceptAll, Body: saying("554 5.7.1 Message rejected as spam by content filter")}, probe.Open, probe.Data, 3},
		"put off":               {&demo.Script{Rcpt: acceptAll, Body: saying("451 4.3.0 Temporary failure, please try again later")}, probe.Open, probe.Data, 3},
		"lost":                  {&demo.Script{Rcpt: acceptAll, Body: saying("-")}, probe.Open, probe.Data, 3},
		"never":                 {&demo.Script{Rcpt: acceptAll}, probe.Open, probe.Data, 3},
	} {
		t.Run(name, func(t *testing.T) {
			h := handingTo(t, c.script)
			r := h.probe(t)
			if r.Verdict != c.verdict || r.Proof != c.proof {
				t.Errorf("%v (%v, %v): %s", r.Verdict, r.Reason, r.Proof, r.Detail)
				for _, f := range r.Findings {
					if f.Outcome != probe.OutcomeRefused {
						t.Logf("%s over %s: %s %s %q", f.Vector, f.Via, f.Outcome, f.Stage, f.Reply)
					}
				}
			}
			seen := h.server.Seen()
			switch {
			case c.messages >= 0 && seen.Messages != c.messages:
				t.Errorf("%d messages, want %d", seen.Messages, c.messages)
			case c.messages < 0 && (seen.Messages < 20 || h.released != h.permitted || tokens(r) != 0):
				t.Errorf("%d messages, %d permitted, %d given back, %d waited for", seen.Messages, h.permitted, h.released, tokens(r))
			}
			if c.messages < 0 {
				i := slices.IndexFunc(r.Coverage.Skipped, func(s probe.Skip) bool { return s.Vector == "second-recipient" })
				if i < 0 || !strings.Contains(r.Coverage.Skipped[i].Why, "a user of the server would get it") {
					t.Errorf("nothing is said of second-recipient: %v", r.Coverage.Skipped)
				}
			}
			want := map[string]int{"lost": 3, "never": 3}[name]
			if tokens(r) != want || want > 0 && h.permitted-h.released != want {
				t.Errorf("waits for %d messages, want %d; %d permitted, %d given back", tokens(r), want, h.permitted, h.released)
			}
		})
	}
}

// TestMostMessages: no server gets more than the user allows, and none once it is forbidden.
func TestMostMessages(t *testing.T) {
	for most, want := range map[int]int{0: 3, 1: 1, 5: 5} {
		h := handingTo(t, &demo.Script{Rcpt: acceptAll})
		h.Delivery.Most = most
		if r := h.probe(t); tokens(r) != want || h.server.Seen().Messages != want || h.permitted != want {
			t.Errorf("at most %d: %d messages, %d came", most, tokens(r), h.server.Seen().Messages)
		}
	}
	h := handingTo(t, &demo.Script{Rcpt: acceptAll})
	h.forbid = errors.New("receiver.test has not agreed")
	r := h.probe(t)
	if r.Verdict != probe.Open || r.Proof != probe.Data || h.server.Seen().Messages != 0 || tokens(r) != 0 {
		t.Errorf("forbidden: %v (%v), %d messages", r.Verdict, r.Proof, h.server.Seen().Messages)
	}
	noted := 0
	for _, f := range r.Findings {
		if strings.Contains(f.Transcript.String(), "*: no message is sent: receiver.test has not agreed") {
			noted++
		}
	}
	if noted != 1 {
		t.Errorf("noted in %d dialogues: once is enough to know", noted)
	}
}

// Where two vectors come to the same question there is one message, and what becomes of it both hear.
func TestOneMessageForOneQuestion(t *testing.T) {
	for words, want := range map[string]probe.Verdict{"250 2.0.0 Ok": probe.Open, "550 5.7.1 Relaying denied": probe.Closed} {
		h := handingTo(t, &demo.Script{Rcpt: acceptAll, Body: saying(words)}, "plain", "plain-org")
		h.ToDomains = nil
		r := h.probe(t)
		if r.Verdict != want || h.permitted != 1 || len(r.Findings) != 2 || r.Findings[0].Outcome != r.Findings[1].Outcome {
			t.Errorf("%s: %v, %d messages, %+v", words, r.Verdict, h.permitted, r.Findings)
		}
	}
}

// TestSecondRecipientStays: a user of the server would get that message too.
func TestSecondRecipientStays(t *testing.T) {
	h := handingTo(t, &demo.Script{Rcpt: func(d demo.Dialogue) string {
		if len(d.Rcpts) > 0 {
			return "250 2.1.5 Ok"
		}
		return ""
	}}, "second-recipient")
	r := h.probe(t)
	if f := r.Findings[0]; f.Outcome != probe.OutcomeAccepted || f.Token != "" || h.server.Seen().Messages != 0 || h.permitted != 0 {
		t.Errorf("%+v, %d messages", f, h.server.Seen().Messages)
	}
}

// TestOwnDomain: a domain that only the server calls its own may be somebody else's, who would get the
// bounce.
func TestOwnDomain(t *testing.T) {
	here, elsewhere := netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("192.0.2.9")
	for name, c := range map[string]struct {
		local string // --local-domain
		mx    map[string][]string
		addrs map[string]netip.Addr
		sends bool
	}{
		"from the banner":      {"", nil, nil, false},
		"given":                {"local.test", nil, nil, true},
		"given in capitals":    {"Local.Test", nil, nil, true},
		"its address":          {"", nil, map[string]netip.Addr{"local.test": here}, true},
		"its MX":               {"", map[string][]string{"local.test.": {"mail.local.test."}}, map[string]netip.Addr{"mail.local.test.": here}, true},
		"its second MX":        {"", map[string][]string{"local.test.": {"a.test.", "b.test."}}, map[string]netip.Addr{"a.test.": elsewhere, "b.test.": here}, true},
		"its MX elsewhere":     {"", map[string][]string{"local.test.": {"mail.local.test."}}, map[string]netip.Addr{"mail.local.test.": elsewhere}, false},
		"its address elsewere": {"", nil, map[string]netip.Addr{"local.test": elsewhere}, false},
		"null MX":              {"", map[string][]string{"local.test.": {"."}}, nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			h := handingTo(t, &demo.Script{Rcpt: func(d demo.Dialogue) string {
				if strings.EqualFold(d.From, "<audit@local.test>") {
					return "250 2.1.5 Ok"
				}
				return ""
			}}, "sender-own-domain")
			h.LocalDomains = nil
			if c.local != "" {
				h.LocalDomains = []string{c.local}
			}
			lookups := 0
			h.Delivery.LookupMX = func(_ context.Context, domain string) (records []*net.MX, err error) {
				lookups++
				for _, host := range c.mx[domain] {
					records = append(records, &net.MX{Host: host})
				}
				return records, nil
			}
			h.Delivery.LookupNetIP = func(_ context.Context, _, host string) ([]netip.Addr, error) {
				if a, ok := c.addrs[host]; ok {
					return []netip.Addr{a}, nil
				}
				return nil, errors.New("no such host")
			}
			r := h.probe(t)
			want := map[bool]int{true: 1}[c.sends]
			if got := h.server.Seen().Messages; got != want || r.Verdict != probe.Open || r.Reason != "sender-own-domain" {
				t.Errorf("%d messages, want %d; %v (%v)", got, want, r.Verdict, r.Reason)
			}
			told := ""
			if i := slices.IndexFunc(r.Traits, func(trait probe.Trait) bool { return trait.Name == probe.TraitNotSent }); i >= 0 {
				told = r.Traits[i].Evidence
			}
			if said := "sender-own-domain; where it is yours, name it: --local-domain local.test"; told != map[bool]string{false: said}[c.sends] {
				t.Errorf("says %q", told)
			}
			if c.local == "" && lookups != 1 || c.local == "local.test" && lookups != 0 {
				t.Errorf("looked up %d times", lookups)
			}
		})
	}
}

// TestEachFormFirst: a server that takes any name for that of a mailbox gets one message of each form before a second
// of any, and what is no such form before all.
func TestEachFormFirst(t *testing.T) {
	for most, want := range map[int]string{
		3: "percent-own-domain quoted-own-domain bang-own-domain",
		5: "percent-own-domain percent-own-host quoted-own-domain bang-own-domain double-at-own-domain",
	} {
		h := handingTo(t, &demo.Script{Rcpt: func(d demo.Dialogue) string {
			if strings.HasSuffix(d.To, "local.test>") {
				return "250 2.1.5 Ok"
			}
			return ""
		}}, "percent-own-domain", "percent-own-host", "quoted-own-domain", "quoted-own-host", "bang-own-domain", "bang-own-host", "double-at-own-domain")
		h.Delivery.Most = most
		var sent []string
		for _, f := range h.probe(t).Findings {
			if f.Token != "" {
				sent = append(sent, f.Vector)
			}
		}
		if got := strings.Join(sent, " "); got != want {
			t.Errorf("of at most %d messages went to %q, want %q", most, got, want)
		}
	}
}

// A server that refuses strangers' messages in the end, and sends those of its own domain on: where that
// domain is known from its banner only no message tells, and nobody may call it closed.
func TestUntoldIsNotClosed(t *testing.T) {
	for local, want := range map[string]probe.Verdict{"": probe.Inconclusive, "local.test": probe.Open} {
		h := handingTo(t, &demo.Script{Rcpt: acceptAll, Body: func(d demo.Dialogue) string {
			if strings.HasSuffix(d.From, "@local.test>") {
				return "250 2.0.0 Ok"
			}
			return "550 5.7.1 Relaying denied"
		}}, "plain", "sender-own-domain")
		h.LocalDomains = nil
		if local != "" {
			h.LocalDomains = []string{local}
		}
		if r := h.probe(t); r.Verdict != want {
			t.Errorf("with --local-domain %q: %v (%v), want %v", local, r.Verdict, r.Reason, want)
		}
	}
}
