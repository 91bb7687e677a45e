package prober_test

import (
	"context"
	"net"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"openrelay/probe"
	"openrelay/scanner/demo"
)

// A server that is busy when the second recipient comes is no server that takes one a message.
func TestBusyAtSecondRecipient(t *testing.T) {
	for _, words := range []string{"452 4.3.1 busy, try again", "451 4.7.1 Too many messages from you, slow down", "450 4.7.1 Error: too much mail from 127.0.0.1"} {
		var n atomic.Int64
		s := &demo.Script{Rcpt: func(d demo.Dialogue) string {
			if len(d.Rcpts) == 0 || ours(domainOf(d.To)) {
				return ""
			}
			if n.Add(1) <= 3 {
				return words
			}
			return "250 ok"
		}}
		wantVerdict(t, patient(t).Probe(t.Context(), listenScript(t, s)), probe.Open, "second-recipient")
	}
}

// The local recipient may want TLS before a stranger beside it is relayed.
func TestTLSForTheLocalRecipient(t *testing.T) {
	config := serverTLS(t)
	for _, extensions := range [][]string{{"PIPELINING"}, {}} {
		s := &demo.Script{TLS: config, Extensions: extensions, Rcpt: func(d demo.Dialogue) string {
			local := strings.HasPrefix(d.To, "<postmaster@")
			switch {
			case local && !d.TLS:
				return "530 5.7.0 Must issue a STARTTLS command first"
			case local || d.TLS && len(d.Rcpts) > 0:
				return "250 ok"
			}
			return ""
		}}
		wantVerdict(t, noPause(t).Probe(t.Context(), listenScript(t, s)), probe.Open, "second-recipient")
	}
}

// Where the local recipient takes no strangers at all, nobody stands beside it.
func TestLocalRecipientForInsiders(t *testing.T) {
	for _, words := range []string{"550 5.7.23 Message rejected due to: SPF fail - not authorized", "550 5.7.1 members-only", "550 5.7.1 Sender address rejected: Access denied"} {
		s := &demo.Script{Rcpt: func(d demo.Dialogue) string {
			if d.To == "<postmaster@local.test>" {
				return words
			}
			return ""
		}}
		wantVerdict(t, noPause(t).Probe(t.Context(), listenScript(t, s)), probe.Closed, probe.ReasonRelayDenied)
	}
}

// Words that nobody knows refuse a user for being unknown where the postmaster is accepted behind one, though the
// control was alone in its session; in a ban they do not.
func TestUnknownUserInUnknownWords(t *testing.T) {
	s := &demo.Script{Rcpt: func(d demo.Dialogue) string {
		switch {
		case strings.HasSuffix(d.To, "%example.org@mx.local.test>"):
			return "250 ok"
		case ours(domainOf(d.To)) && strings.Contains(d.To, "nobody-"):
			return "550 5.1.0 nobody of that kind lives here, friend"
		}
		return ""
	}}
	wantVerdict(t, noPause(t).Probe(t.Context(), listenScript(t, s)), probe.Open, "percent-own-host")

	for limit := int64(1); limit <= 8; limit++ {
		var n atomic.Int64
		ban := &demo.Script{Rcpt: func(d demo.Dialogue) string {
			switch {
			case n.Load() >= limit:
				return "550 5.7.1 Access denied"
			case ours(domainOf(d.To)):
				return "250 ok"
			}
			n.Add(1)
			return ""
		}}
		wantNot(t, inOneSession(noPause(t)).Probe(t.Context(), listenScript(t, ban)), probe.Open)
	}
}

// Senders of its own domain that must log in are no ban: the postmaster is still accepted from others.
func TestOwnSendersMustLogIn(t *testing.T) {
	s := &demo.Script{Extensions: []string{"PIPELINING", "AUTH PLAIN LOGIN"}, Rcpt: func(d demo.Dialogue) string {
		if strings.Contains(d.From, "local.test") {
			return "550 5.7.1 Local people use the other door"
		}
		return ""
	}}
	wantVerdict(t, noPause(t).Probe(t.Context(), listenScript(t, s)), probe.Closed, probe.ReasonRelayDenied)
}

// A user that is looked up while we talk is taken at first, and unknown then: that is no relaying.
func TestUserVerifiedMeanwhile(t *testing.T) {
	var mu sync.Mutex
	seen := map[string]bool{}
	s := &demo.Script{Rcpt: func(d demo.Dialogue) string {
		if strings.HasPrefix(d.To, "<@") || !strings.HasSuffix(d.To, "@local.test>") {
			return ""
		}
		mu.Lock()
		defer mu.Unlock()
		if seen[d.To] {
			return "550 5.1.1 User unknown in local recipient table"
		}
		seen[d.To] = true
		return "250 ok"
	}}
	wantVerdict(t, noPause(t).Probe(t.Context(), listenScript(t, s)), probe.Closed, probe.ReasonRelayDenied)
}

// The differential rule asks for the user's domains before others.
func TestTwoDomainsOfTheUser(t *testing.T) {
	for _, to := range [][]string{{"foo.com", "bar.com"}, {"foo.test", "bar.test"}, {"foo.com", "bar.net"}} {
		s := &demo.Script{Rcpt: func(d demo.Dialogue) string {
			switch domain := domainOf(d.To); {
			case strings.HasPrefix(d.To, "<postmaster"):
				return "250 ok"
			case strings.HasPrefix(domain, "example."):
				return "556 5.1.10 Recipient address rejected: Domain does not accept mail (nullMX)"
			}
			return "550 5.7.1 Access denied"
		}}
		p := noPause(t)
		p.ToDomains = to
		wantVerdict(t, p.Probe(t.Context(), listenScript(t, s)), probe.Closed, probe.ReasonRefused)
	}
}

// Words that refuse everybody who writes from one sender say nothing of strangers who write from another.
func TestWordsForOneSender(t *testing.T) {
	s := &demo.Script{Rcpt: when(func(d demo.Dialogue) bool { return d.From == "<audit@example.org>" || d.From == "<>" }, "550 5.7.1 nie dla ciebie")}
	wantVerdict(t, noPause(t).Probe(t.Context(), listenScript(t, s)), probe.Inconclusive, probe.ReasonClientBlocked)
}

// On a port for users a refusal of everybody is a demand to log in; but what says "later", or demands TLS, means it.
func TestRefusedAlikeOnAPortForUsers(t *testing.T) {
	for to, reply := range map[string]string{
		"": "", "<stranger%example.org@local.test>": "451 4.3.0 Temporary lookup failure, try again later",
		"<stranger@ExAmPlE.OrG>": "530 5.7.0 Must issue a STARTTLS command first",
	} {
		s := &demo.Script{Extensions: []string{"PIPELINING", "AUTH PLAIN"}, Rcpt: func(d demo.Dialogue) string {
			if d.To == to {
				return reply
			}
			return "550 5.7.1 nie dla ciebie"
		}}
		p := noPause(t)
		p.server = listenScript(t, s).Addr
		p.Dial = func(ctx context.Context, networkName, _ string) (net.Conn, error) {
			return network.DialContext(ctx, networkName, p.server.String())
		}
		res := p.Probe(t.Context(), probe.Target{Addr: netip.MustParseAddrPort("192.0.2.1:587"), Named: true})
		if to == "" {
			wantVerdict(t, res, probe.Closed, probe.ReasonAuthRequired)
		} else {
			wantNot(t, res, probe.Closed)
		}
	}
}
