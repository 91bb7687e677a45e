package prober

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"iter"
	"net/netip"
	"regexp"
	"strings"
	"unicode/utf8"

	"openrelay/probe"
	"openrelay/probe/dialogue"
	"openrelay/probe/netaddr"
	"openrelay/probe/phrasebook"
	"openrelay/probe/wire"
)

// describe notes what the server says of itself in its first session.
func (q *inquiry) describe(s *session) {
	q.first = s
	q.res.Server.Banner = dialogue.Text(s.greeting.Text())
	for _, line := range s.ehlo.Lines {
		q.res.Server.EHLO = append(q.res.Server.EHLO, dialogue.Text(line))
	}
	q.describeTLS(s)
}

func (q *inquiry) describeTLS(s *session) {
	state, ok := s.conn.TLS()
	if !ok || q.res.Server.TLS != nil {
		return
	}
	t := &probe.TLS{Version: tls.VersionName(state.Version), Cipher: tls.CipherSuiteName(state.CipherSuite)}
	if len(state.PeerCertificates) > 0 {
		c := state.PeerCertificates[0]
		t.Cert = &probe.Cert{
			Subject: ofCert(c.Subject.String()), Issuer: ofCert(c.Issuer.String()), NotAfter: c.NotAfter.UTC(),
			VerifyError: verifyError(state, q.t.Name),
		}
	}
	q.res.Server.TLS = t
}

// longestOfCert is how long a name in a certificate may be in a record, in bytes. The handshake lets a server send
// names of many KiB, and every result of it would hold them.
const longestOfCert = 1 << 10

// ofCert is text out of a certificate. What is longer is cut off between two characters, and ends with a mark.
func ofCert(text string) string {
	const mark = "…"
	text = dialogue.Text(text)
	if len(text) <= longestOfCert {
		return text
	}
	end := longestOfCert - len(mark)
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + mark
}

// verifyError says what a client that checks certificates would mind, "" for nothing. Without a name
// only the chain is checked.
func verifyError(state tls.ConnectionState, name string) string {
	pool := x509.NewCertPool()
	for _, c := range state.PeerCertificates[1:] {
		pool.AddCert(c)
	}
	_, err := state.PeerCertificates[0].Verify(x509.VerifyOptions{DNSName: name, Intermediates: pool})
	if err != nil {
		return ofCert(err.Error()) // which quotes names
	}
	return ""
}

func vantage(ours, theirs netip.Addr) probe.Vantage {
	v := probe.Vantage{Source: ours.String(), Kind: probe.Public}
	switch {
	case ours.IsLoopback():
		v.Kind = probe.Loopback
	case ours == theirs:
		v.Kind = probe.SameHost
	case !netaddr.Public(ours):
		v.Kind = probe.Private
	}
	return v
}

func (q *inquiry) trait(name probe.TraitName, evidence string) {
	q.res.Traits = append(q.res.Traits, probe.Trait{Name: name, Evidence: evidence})
}

// traits notes what is worth knowing beside the verdict.
func (q *inquiry) traits(j judgement) {
	var anywhere, nobody *exchange
	if q.t.Named || q.users { // else nobody asked for them
		anywhere, nobody = q.accepted(q.nowhere()), q.accepted(q.nobody())
	}
	everything := anywhere != nil && nobody != nil && q.plain != nil && q.plain.outcome == probe.OutcomeAccepted // by design, from anybody
	if j.verdict == probe.Open && !everything && q.vantage.Source != "" && q.vantage.Kind != probe.Public && j.deciding.vector.From == "<{user}@{from}>" && !j.deciding.vector.Suspect {
		q.trait(probe.TraitVantageTrusted, fmt.Sprintf("tested from %s, a %s address", q.vantage.Source, q.vantage.Kind))
	}
	if saw, lost := q.hidden(); lost {
		q.trait(probe.TraitIdentityLost, fmt.Sprintf("the server greets %s, we connected from %s: %q", saw, q.vantage.Source, q.res.Server.EHLO[0]))
	}
	switch {
	case everything:
		q.trait(probe.TraitAcceptsEverything, saidTo(anywhere))
	case nobody != nil:
		q.trait(probe.TraitBackscatter, saidTo(nobody))
	}
	if q.first.offers("XCLIENT") {
		q.trait(probe.TraitXCLIENTOffered, "EHLO lists XCLIENT")
	}
	if q.first.offers("STARTTLS") {
		if q.res.Server.TLS != nil {
			q.trait(probe.TraitSTARTTLS, q.res.Server.TLS.Version)
		} else if q.underTLS {
			q.trait(probe.TraitSTARTTLS, "offered, but no session came of it")
		}
	}
	if q.slow() {
		q.trait(probe.TraitTarpit, fmt.Sprintf("%d replies took over %.0f s", q.slowReplies, wire.SlowReply.Seconds()))
	}
}

// accepted is the answer to a control that was accepted, as it is asked of every server; nil if it was not. The
// others are about a form of address, or stand behind a claim.
func (q *inquiry) accepted(to string) *exchange {
	for _, c := range q.log {
		for i := range c.said {
			if e := &c.said[i]; c.manner == q.base && e.to == to && e.heard() {
				if e.accepted() {
					return e
				}
				return nil
			}
		}
	}
	return nil
}

// saidTo quotes a control and its answer.
func saidTo(e *exchange) string {
	return fmt.Sprintf("RCPT TO:%s was answered %s", e.to, quote(e.reply))
}

var bracketed = regexp.MustCompile(`\[(?:IPv6:)?([0-9A-Fa-f.:]+)\]`)

// hidden reports the address that the server sees in place of ours, by its reply to our EHLO: it may
// trust what it sees.
func (q *inquiry) hidden() (saw netip.Addr, hidden bool) {
	m := bracketed.FindStringSubmatch(first(q.res.Server.EHLO))
	if m == nil {
		return saw, false
	}
	saw, err := netip.ParseAddr(m[1])
	if err != nil {
		return saw, false
	}
	saw = saw.Unmap()
	return saw, q.vantage.Hidden(saw, q.t.Addr.Addr())
}

// quote shows a reply inside a sentence of ours.
func quote(r dialogue.Reply) string {
	return fmt.Sprintf("%q", strings.ReplaceAll(text(r), "\n", " / "))
}

func text(r dialogue.Reply) string { return dialogue.Text(r.String()) }

// recognise names the server's software: as the user says, as it greets, or by words that are one server's own where
// it greets as nobody.
func (q *inquiry) recognise() {
	s := &q.res.Server
	s.MTA, s.MTABy = phrasebook.MTA(q.first.greeting.Text(), q.first.ehlo.Lines), probe.ByGreeting
	if s.MTA == "" || phrasebook.IsLibrary(s.MTA) {
		if mta := q.p.memo.Speaker(q.replies()); mta != "" {
			s.MTA, s.MTABy = mta, probe.ByReply
		}
	}
	if q.p.MTA != "" {
		s.MTA, s.MTABy = q.p.MTA, probe.Told
	}
	if s.MTA == "" {
		s.MTABy = ""
	}
}

// replies are all that was answered to a mail.
func (q *inquiry) replies() iter.Seq[dialogue.Reply] {
	return func(yield func(dialogue.Reply) bool) {
		for _, c := range q.log {
			for i := range c.said {
				e := &c.said[i]
				for _, r := range []*dialogue.Reply{e.before, &e.reply, e.atData} {
					if r != nil && r.Code != 0 && !yield(*r) {
						return
					}
				}
			}
		}
	}
}
