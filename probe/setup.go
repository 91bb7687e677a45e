package probe

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/netip"
	"strings"

	"github.com/emersion/go-sasl"

	"openrelay/probe/phrasebook"
	"openrelay/probe/wire"
)

// Setup is what must happen on a connection before a vector can be asked on it. Vectors that share a
// Setup, and the name it gives us, share connections.
type Setup struct {
	Name  string
	Needs string // the extension that must be offered, with a parameter if that matters: "AUTH ANONYMOUS"
	Helo  string // the name to introduce us by, as a template
	Claim string // what to claim after EHLO, as a template
	Verb  string // HELO in place of EHLO

	// header is sent before anything is read; enter is said after EHLO, with the claim filled in. A
	// refusal there refuses the vector.
	header func(ours, theirs netip.AddrPort) []byte
	enter  func(ctx context.Context, s *session, claim string) (wire.Reply, error)
}

// The setups.
var (
	heloVerb            = &Setup{Name: "HELO in place of EHLO", Verb: "HELO"}
	heloOwnHost         = &Setup{Name: "the server's own host name in EHLO", Helo: "{own-host}"}
	heloOwnDomain       = &Setup{Name: "the server's own domain in EHLO", Helo: "{own-domain}"}
	heloLocalhost       = &Setup{Name: "localhost in EHLO", Helo: "localhost"}
	heloOwnLiteral      = &Setup{Name: "the server's own address in EHLO", Helo: "{own-literal}"}
	heloLoopbackLiteral = &Setup{Name: "the loopback address in EHLO", Helo: "[127.0.0.1]"}

	authAnonymous = &Setup{Name: "a login without a name", Needs: "AUTH ANONYMOUS", enter: logIn(sasl.NewAnonymousClient(senderName))}
	authAny       = &Setup{Name: "a login with a made-up name", Needs: "AUTH PLAIN", enter: logIn(sasl.NewPlainClient("", "audit-nobody", "made-up-for-a-relay-test"))}

	xclientLoopback = &Setup{Name: "XCLIENT as the server itself", Needs: "XCLIENT", Claim: "ADDR={loopback} NAME=localhost", enter: xclient}
	xclientPrivate  = &Setup{Name: "XCLIENT as a private address", Needs: "XCLIENT", Claim: "ADDR={private} NAME=[UNAVAILABLE]", enter: xclient}
	xclientLogin    = &Setup{Name: "XCLIENT as a user who logged in", Needs: "XCLIENT", Claim: "ADDR={our-address} LOGIN=postmaster", enter: xclient}

	proxyV1 = &Setup{Name: "a PROXY header, version 1, as the server itself", header: func(_, theirs netip.AddrPort) []byte {
		return proxyHeaderV1(loopbackLike(theirs), theirs)
	}}
	proxyV2 = &Setup{Name: "a PROXY header, version 2, as the server itself", header: func(_, theirs netip.AddrPort) []byte {
		return proxyHeaderV2(loopbackLike(theirs), theirs)
	}}

	// As an honest proxy would say it, for a port that says nothing without a header.
	proxyHonestV1 = &Setup{Name: "behind a PROXY header, version 1", header: proxyHeaderV1}
	proxyHonestV2 = &Setup{Name: "behind a PROXY header, version 2", header: proxyHeaderV2}
)

// offered reports whether a session has what the setup needs.
func (u *Setup) offered(s *session) bool {
	keyword, parameter, _ := strings.Cut(u.Needs, " ")
	params, ok := wire.Extension(s.ehlo, keyword)
	return keyword == "" || s.extended && ok && containsFold(strings.Fields(params), parameter)
}

func containsFold(list []string, s string) bool {
	for _, x := range list {
		if strings.EqualFold(x, s) {
			return true
		}
	}
	return s == ""
}

// logIn drives a mechanism over our own dialogue (RFC 4954 4), so that its replies are evidence too.
func logIn(client sasl.Client) func(context.Context, *session, string) (wire.Reply, error) {
	return func(ctx context.Context, s *session, _ string) (wire.Reply, error) {
		mech, initial, err := client.Start()
		if err != nil {
			return wire.Reply{}, err
		}
		r, err := s.conn.Cmd(ctx, "AUTH "+mech+" "+base64.StdEncoding.EncodeToString(initial))
		for rounds := 0; err == nil && r.Code == 334 && rounds < 3; rounds++ { // asks for what it has been given
			r, err = s.conn.Cmd(ctx, base64.StdEncoding.EncodeToString(initial))
		}
		if err == nil && r.Code == 334 {
			r, err = s.conn.Cmd(ctx, "*") // RFC 4954 4: that is enough
		}
		return r, err
	}
}

// xclient claims to be another client, and introduces us again as the server's new greeting demands
// (Postfix XCLIENT_README).
func xclient(ctx context.Context, s *session, claim string) (wire.Reply, error) {
	r, err := s.conn.Cmd(ctx, "XCLIENT "+claim)
	if err != nil || !r.Positive() {
		return r, err
	}
	s.ehlo, s.extended, err = s.conn.Hello(ctx, s.name)
	return s.ehlo, err
}

// begin makes the session what the setup wants it to be.
func (u *Setup) begin(ctx context.Context, s *session) *setback {
	if u == nil || u.enter == nil {
		return nil
	}
	r, err := u.enter(ctx, s, s.claim)
	if err != nil {
		return s.lost(phrasebook.Helo, err)
	}
	if r.Code/100 != 2 {
		_ = s.conn.Quit(ctx)
		return s.refused(phrasebook.Helo, r, HeloRejected)
	}
	return nil
}

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
