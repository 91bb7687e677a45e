// Package demo is a handful of mail servers on loopback, each built to get one verdict.
//
// `openrelay demo` scans them. A [Script] is a server that answers as it is told: three of the demo's are one, so is
// the server that a dry run talks to, and so are most servers of the tests. Nothing here relays: a message that is
// accepted is counted and thrown away.
package demo

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"net"
	"net/netip"
	"sync"
	"time"

	"openrelay/probe"
)

// Member is one server of the demo.
type Member struct {
	Name    string
	About   string
	Verdict probe.Verdict // what it is built to get
	Reason  probe.Reason

	start func(*Servers, net.Listener) // serves until the listener is closed
}

// Members lists the demo.
var Members = []Member{
	{"open", "relays for everybody", probe.Open, "plain", smtpServer(relayForAll)},
	{"closed", "relays for nobody", probe.Closed, probe.ReasonRelayDenied, smtpServer(relayForNobody)},
	{"forged", "relays for whoever claims to be local", probe.Open, "sender-own-domain", smtpServer(relayForLocalSenders)},
	{"login", "relays for users who log in", probe.Closed, probe.ReasonAuthRequired, smtpServer(relayForUsers)},
	{"greylist", "asks strangers to come back later", probe.Inconclusive, probe.ReasonGreylisted, scripted(func() *Script { return &Script{Rcpt: greylist} })},
	{"starttls", "relays for everybody, after STARTTLS", probe.Open, "plain", scripted(func() *Script { return &Script{Mail: demandTLS, Rcpt: relayUnderTLS} })},
	{"silent", "accepts connections and says nothing", probe.Unreachable, probe.ReasonNoBanner, scripted(func() *Script { return &Script{Greeting: "-"} })},
}

// Servers is the servers, running.
type Servers struct {
	Running []Running

	listeners []net.Listener
	servers   sync.WaitGroup
	mu        sync.Mutex
	conns     map[net.Conn]bool
	messages  int
	tls       *tls.Config
}

// Running is one member and where it listens.
type Running struct {
	Member
	Addr netip.AddrPort
}

// Start starts the members, each on a free port of 127.0.0.1.
func Start(members []Member) (*Servers, error) {
	config, err := TLS()
	if err != nil {
		return nil, err
	}
	s := &Servers{conns: make(map[net.Conn]bool), tls: config}
	for _, m := range members {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			s.Stop()
			return nil, fmt.Errorf("cannot start the %s server: %w", m.Name, err)
		}
		s.listeners = append(s.listeners, l)
		s.Running = append(s.Running, Running{m, l.Addr().(*net.TCPAddr).AddrPort()})
		s.servers.Go(func() { m.start(s, &tracked{Listener: l, servers: s}) })
	}
	return s, nil
}

// Messages is how many whole messages the servers have received. A probe leaves it at 0.
func (s *Servers) Messages() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.messages
}

func (s *Servers) received(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.messages += n
}

// Stop closes the listeners and every connection, and waits for the servers to end.
func (s *Servers) Stop() {
	for _, l := range s.listeners {
		_ = l.Close()
	}
	s.mu.Lock()
	for nc := range s.conns {
		_ = nc.Close()
	}
	s.mu.Unlock()
	s.servers.Wait()
}

// scripted starts a server that follows a script of its own.
func scripted(write func() *Script) func(*Servers, net.Listener) {
	return func(running *Servers, l net.Listener) {
		script := write()
		script.TLS = running.tls
		_ = script.Serve(l) // returns when the listener is closed
		running.received(script.Seen().Messages)
	}
}

func greylist(Dialogue) string {
	return "450 4.2.0 Recipient address rejected: Greylisted, try again in 300 seconds"
}

func demandTLS(d Dialogue) string {
	if d.TLS {
		return ""
	}
	return "530 5.7.0 Must issue a STARTTLS command first"
}

func relayUnderTLS(d Dialogue) string {
	if d.TLS {
		return "250 2.1.5 Ok"
	}
	return ""
}

// tracked remembers connections, so that Stop can end them.
type tracked struct {
	net.Listener
	servers *Servers
}

func (t *tracked) Accept() (net.Conn, error) {
	nc, err := t.Listener.Accept()
	if err != nil {
		return nil, err
	}
	t.servers.mu.Lock()
	defer t.servers.mu.Unlock()
	t.servers.conns[nc] = true
	return &trackedConn{nc, t.servers}, nil
}

type trackedConn struct {
	net.Conn
	servers *Servers
}

func (c *trackedConn) Close() error {
	c.servers.mu.Lock()
	delete(c.servers.conns, c.Conn)
	c.servers.mu.Unlock()
	return c.Conn.Close()
}

// TLS is what a server of mx.local.test needs: a certificate that nobody trusts, which is all a relay
// test asks for.
func TLS() (*tls.Config, error) {
	const name = "mx.local.test"
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()),
		Subject:      pkix.Name{CommonName: name},
		DNSNames:     []string{name},
		NotAfter:     time.Now().Add(24 * time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, err
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}, nil
}
