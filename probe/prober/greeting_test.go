package prober_test

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"openrelay/probe"
	"openrelay/scanner/demo"
)

// ReadGreeting tells whether a server is there, and asks it nothing.
func TestKnock(t *testing.T) {
	for _, test := range []struct {
		name   string
		server *demo.Script
		want   probe.Verdict
		reason probe.Reason
	}{
		{"greets", &demo.Script{}, probe.Inconclusive, ""},
		{"refuses all service", &demo.Script{Greeting: "554 no service"}, probe.Inconclusive, probe.ReasonServiceRefused},
		{"silent", &demo.Script{Greeting: "-"}, probe.Unreachable, probe.ReasonNoBanner},
		{"no mail server", &demo.Script{Greeting: "HTTP/1.1 400 Bad Request"}, probe.Unreachable, probe.ReasonNotSMTP},
	} {
		target := listenScript(t, test.server)
		wantVerdict(t, standard(t).ReadGreeting(t.Context(), target), test.want, test.reason)
		for _, command := range test.server.Seen().Commands {
			if verb, _, _ := strings.Cut(command, " "); !slices.Contains([]string{"EHLO", "QUIT"}, verb) {
				t.Errorf("%s: asked %q", test.name, command)
			}
		}
	}
	nobody := probe.Target{Addr: netip.MustParseAddrPort("127.0.0.1:1"), Named: true}
	wantVerdict(t, standard(t).ReadGreeting(t.Context(), nobody), probe.Unreachable, probe.ReasonRefused)
	wantVerdict(t, standard(t).ReadGreeting(t.Context(), probe.Target{Name: "mx.invalid", Port: 25, DNSError: "no such host"}), probe.Unreachable, probe.ReasonDNS)
}

// Port 465 begins with TLS, in a look too, whoever named the target: nobody greets there in clear.
func TestKnockTLS(t *testing.T) {
	config, err := demo.TLS()
	if err != nil {
		t.Fatal(err)
	}
	server := listenScript(t, &demo.Script{TLS: config, Implicit: true})
	p := standard(t)
	p.server = server.Addr
	p.Dial = func(ctx context.Context, kind, _ string) (net.Conn, error) {
		return network.DialContext(ctx, kind, server.Addr.String())
	}
	for _, named := range []bool{true, false} {
		target := probe.Target{Addr: netip.MustParseAddrPort("192.0.2.1:465"), Named: named}
		wantVerdict(t, p.ReadGreeting(t.Context(), target), probe.Inconclusive, "")
	}
}
