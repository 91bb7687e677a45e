package prober_test

import (
	"strings"
	"testing"

	"openrelay/probe"
	"openrelay/probe/phrasebook"
	"openrelay/scanner/demo"
)

// A user's --to-domain may be one that the target takes mail for: no user there is no denial of relaying.
func TestOwnToDomain(t *testing.T) {
	s := &demo.Script{Rcpt: func(d demo.Dialogue) string {
		_, dom, _ := strings.Cut(strings.Trim(strings.ToLower(d.To), "<>"), "@")
		dom = strings.TrimSuffix(dom, ".")
		switch {
		case d.To == "<postmaster>":
			return ""
		case strings.HasPrefix(dom, "example."):
			return "556 5.1.10 " + d.To + ": Recipient address rejected: Domain does not accept mail (nullMX)"
		case dom == "local.test":
			return "550 5.1.1 " + d.To + ": Recipient address rejected: User unknown in local recipient table"
		}
		return "250 2.1.5 Ok"
	}}
	for _, named := range []bool{true, false} {
		p := noPause(t)
		p.ToDomains = []string{"local.test"}
		target := listenScript(t, s)
		target.Named = named
		res := p.Probe(t.Context(), target)
		wantNot(t, res, probe.Closed)
	}
}

// Nor is a recipient there one of a stranger's that was accepted.
func TestOwnSecondToDomain(t *testing.T) {
	s := &demo.Script{Rcpt: func(d demo.Dialogue) string {
		if strings.HasSuffix(d.To, "@local.test>") && !strings.ContainsAny(d.To, "%!:\"") {
			return "250 ok"
		}
		return ""
	}}
	p := noPause(t)
	p.ToDomains = []string{"other.test", "local.test"}
	res := p.Probe(t.Context(), listenScript(t, s))
	wantNot(t, res, probe.Open)
}

// Where the foreign domain is refused for itself, the question is the same for another: about the same own name.
func TestOtherDomainKeepsOwnName(t *testing.T) {
	s := &demo.Script{Rcpt: func(d demo.Dialogue) string {
		if strings.HasSuffix(strings.ToLower(d.To), "@bad.test>") || strings.HasSuffix(strings.ToLower(d.To), "@bad.test.>") {
			return "556 5.1.10 " + d.To + ": Recipient address rejected: Domain does not accept mail (nullMX)"
		}
		if strings.HasSuffix(d.From, "@second.test>") && strings.HasSuffix(d.To, "@good.test>") {
			return "250 ok"
		}
		return ""
	}}
	p := noPause(t)
	p.LocalDomains = []string{"local.test", "second.test"}
	p.ToDomains = []string{"bad.test", "good.test"}
	res := p.Probe(t.Context(), listenScript(t, s))
	wantNot(t, res, probe.Closed)
}

// And from the same sender, where ours was refused before.
func TestOtherDomainKeepsSender(t *testing.T) {
	s := &demo.Script{Mail: func(d demo.Dialogue) string {
		if strings.HasSuffix(d.From, "@example.net>") {
			return "550 5.1.8 Sender address rejected: Domain not found"
		}
		if strings.HasSuffix(d.From, "local.test>") {
			return "553 5.7.1 Sender address rejected: not logged in"
		}
		return ""
	}, Rcpt: func(d demo.Dialogue) string {
		if strings.Contains(strings.ToLower(d.To), "bad.test") {
			return "556 5.1.10 " + d.To + ": Recipient address rejected: Domain does not accept mail (nullMX)"
		}
		return ""
	}}
	p := noPause(t)
	p.ToDomains = []string{"bad.test", "good.test"}
	res := p.Probe(t.Context(), listenScript(t, s))
	wantVerdict(t, res, probe.Closed, probe.ReasonRelayDenied)
}

// Exim may look for a route before it thinks of relaying: then the domain is refused, in whatever form it is written.
func TestUnroutableDomain(t *testing.T) {
	for _, what := range []func(string) bool{func(to string) bool { return strings.ToLower(to) != to }, routed,
		func(to string) bool { return !strings.HasPrefix(to, "<") }, func(to string) bool { return strings.HasSuffix(to, ".>") }} {
		s := &demo.Script{Rcpt: func(d demo.Dialogue) string {
			dom := domainOf(d.To)
			switch {
			case strings.HasPrefix(d.To, "<postmaster"):
				return "250 ok"
			case ours(dom):
				return "550 Unrouteable address"
			case dom == "bad.test":
				return "550 Unrouteable address"
			case what(d.To):
				return "250 ok"
			}
			return "550 relay not permitted"
		}}
		p := noPause(t)
		p.ToDomains = []string{"bad.test", "good.test"}
		res := p.Probe(t.Context(), listenScript(t, s))
		if res.Verdict == probe.Closed {
			t.Errorf("closed (%s)", res.Reason)
		}
	}
}

// A server that verifies recipients at their own servers, and relays to those that exist, says of our made-up ones what
// it heard there. Of its own domain it says the same of an unknown user.
func TestAnothersWords(t *testing.T) {
	s := &demo.Script{Rcpt: func(d demo.Dialogue) string {
		if strings.HasPrefix(d.To, "<postmaster") {
			return "250 ok"
		}
		return "550 5.1.1 " + d.To + ": Recipient address rejected: undeliverable address: host mx[192.0.2.9] said: 550 5.1.1 User unknown"
	}}
	res := noPause(t).Probe(t.Context(), listenScript(t, s))
	wantVerdict(t, res, probe.Inconclusive, probe.ReasonRecipientDomainRejected)
	for _, f := range res.Findings {
		if f.Vector == "percent-own-domain" && f.Meaning != phrasebook.RecipientUnknown {
			t.Errorf("%s is %s", f.Vector, f.Meaning)
		}
	}
}

// The differential rule wants two foreign domains, also where the user's is one of .com.
func TestTwoForeignDomains(t *testing.T) {
	s := &demo.Script{Rcpt: func(d demo.Dialogue) string {
		if strings.Contains(strings.ToLower(d.To), "foo.com") {
			return "550 5.7.1 Access denied"
		}
		if strings.HasSuffix(d.To, "local.test>") {
			return ""
		}
		return "250 ok"
	}}
	p := noPause(t)
	inOneSession(p)
	p.ToDomains = []string{"foo.com"}
	res := p.Probe(t.Context(), listenScript(t, s))
	wantNot(t, res, probe.Closed)
}

// A local recipient may be refused for the sender that a stranger's is asked with: there are others.
func TestLocalRecipientMindsSender(t *testing.T) {
	s := &demo.Script{Rcpt: func(d demo.Dialogue) string {
		if len(d.Rcpts) > 0 {
			return "250 ok"
		}
		if strings.Contains(d.To, "postmaster") || strings.HasSuffix(d.To, "@local.test>") && !strings.ContainsAny(d.To, "%!:\"") {
			if strings.HasSuffix(d.From, "@example.net>") || strings.HasSuffix(d.From, "@example.org>") {
				return "550 5.7.23 " + d.To + ": Recipient address rejected: Message rejected due to: SPF fail - not authorized"
			}
			return ""
		}
		return "554 5.7.1 " + d.To + ": Relay access denied"
	}}
	for _, proof := range []probe.Proof{probe.NoProof, probe.Rcpt} {
		p := noPause(t)
		p.Proof = proof
		res := p.Probe(t.Context(), listenScript(t, s))
		wantNot(t, res, probe.Closed)
	}
}

// Who takes one recipient a message has no second one.
func TestOneRecipientAMessage(t *testing.T) {
	for _, words := range []string{"452 4.5.3 Error: too many recipients", "451 4.3.0 Multiple destination domains per transaction is unsupported. Please try again.",
		"550 5.5.3 Too many recipients", "452 4.5.3 Recipients belong to multiple regions ATTR38", "501 5.5.3 only one recipient allowed"} {
		t.Run(words, func(t *testing.T) {
			for _, named := range []bool{true, false} {
				s := &demo.Script{Rcpt: func(d demo.Dialogue) string {
					if len(d.Rcpts) > 0 {
						return words
					}
					return ""
				}}
				target := listenScript(t, s)
				target.Named = named
				p := patient(t)
				if !named {
					p.Limits.Retry = -1
				}
				res := p.Probe(t.Context(), target)
				wantVerdict(t, res, probe.Closed, probe.ReasonRelayDenied)
			}
		})
	}
}

// TLS may be demanded for local recipients alone: what was answered in clear is asked again, and is not said to have been encrypted.
// What is demanded of some senders or recipients is not demanded of the others: in clear a relay may stand open to
// a name.
// The demand is of everybody where the plain vector is not asked.
// Who offers TLS and has none to give, now, may relay to those who get one.
// TLS may be demanded with a goodbye.
// A STARTTLS that is put off is asked for once more, by a scan of a range too.
// inOneSession makes a prober of the quick profile.
func inOneSession(p *clocked) *clocked {
	p.Quick = true
	p.Vectors, _ = probe.Select("quick", false)
	return p
}

// domainOf is the domain of a recipient as Postfix reads it, source routes taken off.
func domainOf(to string) string {
	to = strings.Trim(strings.ToLower(to), "<>")
	if strings.HasPrefix(to, "@") {
		_, to, _ = strings.Cut(to, ":")
	}
	i := strings.LastIndexByte(to, '@')
	if i < 0 || strings.HasSuffix(to, `"`) {
		return ""
	}
	return strings.TrimSuffix(to[i+1:], ".")
}

// ours reports whether the server of these tests takes mail for a domain.
func ours(domain string) bool {
	return domain == "" || domain == "local.test" || domain == "mx.local.test" || domain == "[127.0.0.1]"
}

// A domain that we only guessed may not be the server's own. Its postmaster is refused as a stranger then,
// by Postfix with a 454, which is no reason to come back, and none to doubt that the server is closed.
func TestGuessedDomain(t *testing.T) {
	for _, extensions := range [][]string{{"PIPELINING"}, {}} {
		server := &demo.Script{Extensions: extensions, Rcpt: func(d demo.Dialogue) string {
			if d.To == "<postmaster>" {
				return ""
			}
			return "454 4.7.1 " + d.To + ": Relay access denied"
		}}
		p := standard(t)
		p.LocalDomains = nil
		target := listenScript(t, server)
		target.Named = false
		wantVerdict(t, p.Probe(t.Context(), target), probe.Closed, probe.ReasonRelayDenied)
	}
}

// A finding names its envelope though the server refused what comes before it.
func TestRefusedSetupNamesEnvelope(t *testing.T) {
	server := &demo.Script{EHLO: func(d demo.Dialogue) string {
		if d.Helo == "localhost" {
			return "550 5.7.1 you are not"
		}
		return ""
	}}
	for _, f := range standard(t).Probe(t.Context(), listenScript(t, server)).Findings {
		if f.From == "" || f.To == "" {
			t.Errorf("%s: MAIL FROM:%s RCPT TO:%s", f.Vector, f.From, f.To)
		}
	}
}

// Where TLS is demanded and cannot be had, the dialogue that is shown is the one in which it could not.
// A plain stranger writes to another domain than his own, whichever of them the user named.
func TestSenderAndRecipientDiffer(t *testing.T) {
	for _, tc := range [][2][]string{{{"example.org"}, nil}, {nil, {"example.net"}}, {{"a.test"}, {"a.test", "b.test"}}, {{"local.test"}, {"example.org"}}} {
		p := noPause(t)
		p.FromDomains, p.ToDomains = tc[0], tc[1]
		for _, f := range p.Probe(t.Context(), listenScript(t, &demo.Script{})).Findings {
			_, from, _ := strings.Cut(f.From, "@")
			if _, to, _ := strings.Cut(f.To, "@"); f.Vector == "plain" && strings.EqualFold(from, to) {
				t.Errorf("%q: plain is from %s to %s", tc, f.From, f.To)
			}
		}
	}
}
