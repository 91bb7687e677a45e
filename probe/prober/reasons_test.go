package prober_test

import (
	"context"
	"strings"
	"testing"

	"openrelay/internal/mtatest"
	"openrelay/probe"
	"openrelay/probe/prober"
)

// TestBrokenTLS: the detail names what failed, the reply to STARTTLS or the handshake, and where the server
// knows none of our ciphers, which kind Go lacks: another client may get a session there.
func TestBrokenTLS(t *testing.T) {
	if testing.Short() {
		t.Skip("starts real mail servers")
	}
	for config, want := range map[string]string{
		"opensmtpd-pki-closed":   "tls: internal error",
		"postfix-dhe-closed":     "DHE",
		"postfix-key-closed":     "454 4.7.0 TLS not available due to local problem",
		"exim-unreadable-closed": "454 TLS currently unavailable",
	} {
		t.Run(config, func(t *testing.T) {
			s := mtatest.Start(t, config)
			p := forServers(t, "quick", false)
			p.Quick = false // after STARTTLS too
			p.Limits = prober.Limits{Retry: -1}
			r := p.Probe(context.Background(), probe.Target{Addr: s.Addr, Named: true})
			if r.Verdict != probe.Inconclusive || r.Reason != probe.ReasonTLSUnavailable || !strings.Contains(r.Detail, want) {
				t.Errorf("%v (%s), detail %q, which should say %q", r.Verdict, r.Reason, r.Detail, want)
			}
		})
	}
}

// TestSubmission: where nobody is accepted, words about our address are a demand to log in on the port for it.
func TestSubmission(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a real mail server")
	}
	s := mtatest.Start(t, "postfix-submission-587")
	r := forServers(t, "standard", false).Probe(context.Background(), probe.Target{Addr: s.Addr, Named: true})
	if r.Verdict != probe.Closed || r.Reason != probe.ReasonAuthRequired {
		t.Errorf("%v (%s): %s", r.Verdict, r.Reason, r.Detail)
	}
}
