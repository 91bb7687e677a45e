package catcher

import (
	"crypto/tls"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/emersion/go-smtp"
)

// gate lets connections in, as many as the limits allow, and turns the others away: a listener that let
// them wait would let a few slow clients keep out the server that is tested.
type gate struct {
	net.Listener
	limits     Limits
	turnedAway func()

	mu       sync.Mutex
	open     map[*guard]bool
	from     map[netip.Prefix]int
	sessions sync.WaitGroup
}

// Accept returns the next connection that may come in.
func (g *gate) Accept() (net.Conn, error) {
	for {
		nc, err := g.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if in := g.enter(nc); in != nil {
			return in, nil
		}
		g.turnedAway()
		_ = nc.SetDeadline(time.Now().Add(time.Second)) // a few bytes on a new connection do not block
		_, _ = nc.Write([]byte("421 4.7.0 too many connections, try again later\r\n"))
		_ = nc.Close()
	}
}

// enter lets a connection in, or returns nil.
func (g *gate) enter(nc net.Conn) *guard {
	network := networkOf(nc.RemoteAddr())
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.open) >= g.limits.Connections || g.from[network] >= g.limits.PerAddress {
		return nil
	}
	if g.open == nil {
		g.open, g.from = make(map[*guard]bool), make(map[netip.Prefix]int)
	}
	in := &guard{Conn: nc, idle: g.limits.Idle, until: time.Now().Add(g.limits.Session), left: 16 * g.limits.Message}
	in.leave = func() { g.leave(in, network) }
	g.open[in] = true
	g.from[network]++
	g.sessions.Add(1)
	return in
}

func (g *gate) leave(out *guard, network netip.Prefix) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.open, out)
	if g.from[network]--; g.from[network] == 0 {
		delete(g.from, network)
	}
	g.sessions.Done()
}

// close ends every connection and waits until the sessions have taken note. Nothing may be accepted
// any more.
func (g *gate) close() {
	g.mu.Lock()
	for in := range g.open {
		_ = in.Conn.Close()
	}
	g.mu.Unlock()
	g.sessions.Wait()
}

// networkOf is what counts as one address: a host has one of IPv4 and a /64 of IPv6.
func networkOf(a net.Addr) netip.Prefix {
	addr := addrOf(a)
	bits := 32
	if addr.Is6() {
		bits = 64
	}
	network, _ := addr.Prefix(bits) // the zero Prefix for a connection that is no TCP one
	return network
}

func addrOf(a net.Addr) netip.Addr {
	ap, _ := netip.ParseAddrPort(a.String())
	return ap.Addr().Unmap().WithZone("")
}

// guard is a connection with an end: in time, for one read and for all, and in bytes. go-smtp sets a
// deadline once a command, which a message may outlast, and runs half a command that came before
// it; so it sets none here. And once a read has failed, all fail: what was cut off is never read on,
// neither as a command nor as a message.
type guard struct {
	net.Conn
	idle  time.Duration
	until time.Time
	left  int64 // bytes to read; only the reading goroutine knows
	over  atomic.Pointer[error]
	leave func()
	once  sync.Once
}

func (g *guard) Read(b []byte) (int, error) {
	if err := g.over.Load(); err != nil {
		return 0, *err
	}
	if g.left <= 0 {
		return 0, g.end(net.ErrClosed)
	}
	_ = g.Conn.SetReadDeadline(g.deadline())
	n, err := g.Conn.Read(b[:min(int64(len(b)), g.left)])
	g.left -= int64(n)
	if err != nil {
		return n, g.end(err)
	}
	return n, nil
}

func (g *guard) Write(b []byte) (int, error) {
	_ = g.Conn.SetWriteDeadline(g.deadline())
	return g.Conn.Write(b)
}

func (g *guard) deadline() time.Time {
	if t := time.Now().Add(g.idle); t.Before(g.until) {
		return t
	}
	return g.until
}

// end makes every later read fail. What is written before the connection closes still arrives.
func (g *guard) end(err error) error {
	g.over.CompareAndSwap(nil, &err)
	return *g.over.Load()
}

// Close closes the connection and gives its place free.
func (g *guard) Close() error {
	err := g.Conn.Close()
	g.once.Do(g.leave)
	return err
}

// guardOf finds the guard of a connection, through TLS.
func guardOf(c *smtp.Conn) *guard {
	nc := c.Conn()
	if t, ok := nc.(*tls.Conn); ok {
		nc = t.NetConn()
	}
	g, _ := nc.(*guard)
	return g
}
