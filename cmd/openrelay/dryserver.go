package main

import (
	"bytes"
	"context"
	"net"
	"net/netip"
	"strings"

	"openrelay/probe"
	"openrelay/scanner/demo"
)

// dryServer is whom the probe of a dry run talks to: a server of this process that offers all that vectors may need, lets
// everybody in, and relays nothing. Connections to it stay within this process.
type dryServer struct {
	ours, theirs net.Addr
	dials        int // of the one probe of a dry run
	calls        chan net.Conn
	over         chan struct{}
}

func newDryServer(ours netip.Addr, t probe.Target, intrusive bool) (*dryServer, error) {
	config, err := demo.TLS()
	if err != nil {
		return nil, err
	}
	s := &dryServer{
		ours:   net.TCPAddrFromAddrPort(netip.AddrPortFrom(ours, 40025)),
		theirs: net.TCPAddrFromAddrPort(t.Addr),
		calls:  make(chan net.Conn),
		over:   make(chan struct{}),
	}
	server := &demo.Script{
		Greeting: greeting, Extensions: []string{"PIPELINING", "AUTH PLAIN ANONYMOUS"},
		TLS: config, Implicit: t.Addr.Port() == 465,
		Rcpt: dryRcpt, Other: dryLogin,
	}
	if intrusive {
		server.Extensions = append(server.Extensions, "XCLIENT ADDR NAME LOGIN")
	}
	go func() { _ = server.Serve(s) }() // until close
	return s, nil
}

// greeting names no host: what a real one would teach is not known.
const greeting = "220 ESMTP"

func dryRcpt(d demo.Dialogue) string {
	if strings.HasPrefix(strings.ToLower(d.To), "<postmaster") {
		return "250 2.1.5 Ok"
	}
	return "550 5.7.1 Relaying denied"
}

func dryLogin(d demo.Dialogue) string {
	switch d.Verb {
	case "AUTH":
		return "235 2.7.0 Authentication successful"
	case "XCLIENT":
		return greeting
	}
	return ""
}

// dial is a connection to the server, in place of one to anybody.
func (s *dryServer) dial(context.Context, string, string) (net.Conn, error) {
	client, server, err := pair()
	if err != nil {
		return nil, err
	}
	s.dials++
	select {
	case s.calls <- server:
		return &dryConn{client, s}, nil
	case <-s.over:
		return nil, net.ErrClosed
	}
}

func (s *dryServer) close() { close(s.over) }

// Accept, Close and Addr make it a net.Listener.
func (s *dryServer) Accept() (net.Conn, error) {
	select {
	case conn := <-s.calls:
		return conn, nil
	case <-s.over:
		return nil, net.ErrClosed
	}
}

func (s *dryServer) Close() error   { return nil }
func (s *dryServer) Addr() net.Addr { return s.theirs }

// dryConn is a connection that goes by the addresses of the real one, and takes PROXY headers off as a
// server that expects them does.
type dryConn struct {
	net.Conn
	server *dryServer
}

func (c *dryConn) LocalAddr() net.Addr  { return c.server.ours }
func (c *dryConn) RemoteAddr() net.Addr { return c.server.theirs }

func (c *dryConn) Write(b []byte) (int, error) {
	if bytes.HasPrefix(b, []byte("PROXY ")) || bytes.HasPrefix(b, []byte("\r\n\r\n\x00\r\nQUIT\n")) {
		return len(b), nil
	}
	return c.Conn.Write(b)
}
