package prober

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/netip"
	"strings"

	"github.com/emersion/go-sasl"

	"openrelay/probe"
	"openrelay/probe/dialogue"
	"openrelay/probe/phrasebook"
)

// claims are how a session makes use of an extension that a setup needs, by its keyword: what it says of us there,
// with the parameter of the extension that counts.
var claims = map[string]func(ctx context.Context, s *session, parameter, claim string) (dialogue.Reply, error){
	"AUTH":    logInAs,
	"XCLIENT": xclient,
}

// mechanisms are the logins that a claim may be, by their names (RFC 4422).
var mechanisms = map[string]func(name, password string) sasl.Client{
	sasl.Anonymous: func(name, _ string) sasl.Client { return sasl.NewAnonymousClient(name) },
	sasl.Plain:     func(name, password string) sasl.Client { return sasl.NewPlainClient("", name, password) },
}

// has reports whether the server offers what a setup needs.
func (s *session) has(u *probe.Setup) bool {
	keyword, parameter, _ := strings.Cut(u.Needs, " ")
	if keyword == "" {
		return true
	}
	params, ok := s.extension(keyword)
	return ok && containsFold(strings.Fields(params), parameter)
}

func containsFold(list []string, s string) bool {
	for _, x := range list {
		if strings.EqualFold(x, s) {
			return true
		}
	}
	return s == ""
}

// logInAs logs in by a mechanism over our own dialogue (RFC 4954 4), so that its replies are evidence too. The
// claim is a name, and a password where the mechanism has one.
func logInAs(ctx context.Context, s *session, mechanism, claim string) (dialogue.Reply, error) {
	name, password, _ := strings.Cut(claim, " ")
	_, initial, err := mechanisms[mechanism](name, password).Start()
	if err != nil {
		return dialogue.Reply{}, err
	}
	r, err := s.conn.Cmd(ctx, "AUTH "+mechanism+" "+base64.StdEncoding.EncodeToString(initial))
	for rounds := 0; err == nil && r.Code == 334 && rounds < 3; rounds++ { // asks for what it has been given
		r, err = s.conn.Cmd(ctx, base64.StdEncoding.EncodeToString(initial))
	}
	if err == nil && r.Code == 334 {
		r, err = s.conn.Cmd(ctx, "*") // RFC 4954 4: that is enough
	}
	return r, err
}

// xclient claims to be another client, and introduces us again as the server's new greeting demands
// (Postfix XCLIENT_README).
func xclient(ctx context.Context, s *session, _, claim string) (dialogue.Reply, error) {
	r, err := s.conn.Cmd(ctx, "XCLIENT "+claim)
	if err != nil || !r.Positive() {
		return r, err
	}
	s.ehlo, s.extended, err = s.conn.Hello(ctx, s.name)
	return s.ehlo, err
}

// claimed makes the session what the setup wants it to be. A refusal here refuses the vector.
func (s *session) claimed(ctx context.Context, u *probe.Setup) *setback {
	if u == nil || u.Claim == "" {
		return nil
	}
	keyword, parameter, _ := strings.Cut(u.Needs, " ")
	r, err := claims[keyword](ctx, s, parameter, s.claim)
	if err != nil {
		return s.lost(phrasebook.Helo, err)
	}
	if r.Code/100 != 2 {
		_ = s.conn.Quit(ctx)
		return s.refused(phrasebook.Helo, r, probe.ReasonHeloRejected)
	}
	return nil
}

// header is the PROXY header to send before anything is read, or nil: one that a vector claims to come from
// the server itself with, or an honest one for a port that says nothing without.
func (m manner) header(ours, theirs netip.AddrPort) []byte {
	version := int(m.front)
	if m.claimsProxy() {
		version, ours = m.setup.Proxy, loopbackLike(theirs)
	}
	switch version {
	case 1:
		return proxyHeaderV1(ours, theirs)
	case 2:
		return proxyHeaderV2(ours, theirs)
	}
	return nil
}

// claimsProxy reports whether a PROXY header is what the vector is about.
func (m manner) claimsProxy() bool { return m.setup != nil && m.setup.Proxy != 0 }

func loopbackLike(theirs netip.AddrPort) netip.AddrPort {
	addr := netip.MustParseAddr("127.0.0.1")
	if theirs.Addr().Unmap().Is6() {
		addr = netip.IPv6Loopback()
	}
	return netip.AddrPortFrom(addr, 40025)
}

// proxyHeaderV1 is the line of the PROXY protocol, version 1 (HAProxy, proxy-protocol.txt 2.1).
func proxyHeaderV1(client, server netip.AddrPort) []byte {
	family := "TCP4"
	if client.Addr().Unmap().Is6() {
		family = "TCP6"
	}
	return fmt.Appendf(nil, "PROXY %s %s %s %d %d\r\n", family, client.Addr().Unmap(), server.Addr().Unmap(), client.Port(), server.Port())
}

// proxyHeaderV2 is the binary header of version 2 (proxy-protocol.txt 2.2): signature, PROXY command,
// family and stream, length, addresses and ports.
func proxyHeaderV2(client, server netip.AddrPort) []byte {
	src, dst := client.Addr().Unmap().AsSlice(), server.Addr().Unmap().AsSlice()
	family := byte(0x11)
	if len(src) == 16 {
		family = 0x21
	}
	b := append([]byte("\r\n\r\n\x00\r\nQUIT\n\x21"), family, 0, byte(2*len(src)+4))
	b = append(append(b, src...), dst...)
	for _, port := range []uint16{client.Port(), server.Port()} {
		b = append(b, byte(port>>8), byte(port))
	}
	return b
}
