// Package memnet is a network in memory, for tests by a clock of their own: what waits in it, waits for a
// channel or a condition, so that a testing/synctest bubble knows when everybody does. Its connections are
// like those of TCP but for this: what one Write sends, no Read mixes with what another does.
package memnet

import (
	"context"
	"io"
	"net"
	"net/netip"
	"os"
	"sync"
	"syscall"
	"time"
)

// Net is a network of its own. The zero value has no listeners.
type Net struct {
	mu        sync.Mutex
	listeners map[string]*listener
	dialled   uint16
}

// Listen listens at an address, as any network's listener does.
func (n *Net) Listen(at netip.AddrPort) net.Listener {
	l := &listener{of: n, at: net.TCPAddrFromAddrPort(at)}
	l.changed.L = &l.mu
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.listeners == nil {
		n.listeners = make(map[string]*listener)
	}
	n.listeners[at.String()] = l
	return l
}

// DialContext connects at once, or is refused where nobody listens.
func (n *Net) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, &net.OpError{Op: "dial", Net: network, Err: err}
	}
	n.mu.Lock()
	l := n.listeners[address]
	n.dialled++
	from := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1<<15 | int(n.dialled>>1)}
	n.mu.Unlock()
	if l != nil {
		if nc := l.connect(from); nc != nil {
			return nc, nil
		}
	}
	return nil, &net.OpError{Op: "dial", Net: network, Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
}

type listener struct {
	of      *Net
	at      *net.TCPAddr
	mu      sync.Mutex
	changed sync.Cond
	waiting []*Conn
	closed  bool
}

func (l *listener) connect(from *net.TCPAddr) net.Conn {
	there, back := newHalf(), newHalf()
	ours := &Conn{in: back, out: there, local: from, remote: l.at}
	theirs := &Conn{in: there, out: back, local: l.at, remote: from}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return nil
	}
	l.waiting = append(l.waiting, theirs)
	l.changed.Broadcast()
	return ours
}

func (l *listener) Accept() (net.Conn, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(l.waiting) == 0 && !l.closed {
		l.changed.Wait()
	}
	if l.closed {
		return nil, &net.OpError{Op: "accept", Net: "tcp", Addr: l.at, Err: net.ErrClosed}
	}
	nc := l.waiting[0]
	l.waiting = l.waiting[1:]
	return nc, nil
}

// Close ends listening. Whoever has connected and was not accepted is reset.
func (l *listener) Close() error {
	l.mu.Lock()
	waiting, before := l.waiting, l.closed
	l.waiting, l.closed = nil, true
	l.changed.Broadcast()
	l.mu.Unlock()
	for _, nc := range waiting {
		_ = nc.SetLinger(0)
		_ = nc.Close()
	}
	if before {
		return &net.OpError{Op: "close", Net: "tcp", Addr: l.at, Err: net.ErrClosed}
	}
	return nil
}

func (l *listener) Addr() net.Addr { return l.at }

// window is how many bytes one side may send before the other has read any.
const window = 64 << 10

// half is one direction of a connection.
type half struct {
	mu         sync.Mutex
	changed    sync.Cond
	segments   [][]byte
	bytes      int
	end        error // what a reader gets behind the segments: io.EOF, or the reset
	unread     bool  // the reader has closed: nothing more is kept
	broken     bool  // and has been written to since
	readClosed bool  // by its own reader
	shut       error // of its own writer
	read       deadline
	write      deadline
}

func newHalf() *half {
	h := new(half)
	h.changed.L = &h.mu
	return h
}

// deadline wakes a half when it has passed. Its half's lock guards it.
type deadline struct {
	timer  *time.Timer
	passed bool
	turn   int // of the timer that counts
}

func (h *half) set(d *deadline, at time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if d.timer != nil {
		d.timer.Stop()
		d.timer = nil
	}
	d.turn++
	turn := d.turn
	switch d.passed = false; {
	case at.IsZero():
	case time.Until(at) <= 0:
		d.passed = true
	default:
		d.timer = time.AfterFunc(time.Until(at), func() {
			h.mu.Lock()
			defer h.mu.Unlock()
			if d.turn == turn {
				d.passed = true
				h.changed.Broadcast()
			}
		})
	}
	h.changed.Broadcast()
}

// Conn is one end of a connection.
type Conn struct {
	in, out       *half
	local, remote *net.TCPAddr
	abrupt        bool // closing resets
}

func (c *Conn) failed(op string, err error) error {
	if errno, ok := err.(syscall.Errno); ok {
		err = os.NewSyscallError(op, errno)
	}
	return &net.OpError{Op: op, Net: "tcp", Source: c.local, Addr: c.remote, Err: err}
}

func (c *Conn) Read(p []byte) (int, error) {
	h := c.in
	h.mu.Lock()
	defer h.mu.Unlock()
	for {
		switch {
		case h.readClosed:
			return 0, c.failed("read", net.ErrClosed)
		case h.read.passed:
			return 0, c.failed("read", os.ErrDeadlineExceeded)
		case len(p) == 0:
			return 0, nil
		case len(h.segments) > 0:
			n := copy(p, h.segments[0])
			if h.segments[0] = h.segments[0][n:]; len(h.segments[0]) == 0 {
				h.segments = h.segments[1:]
			}
			h.bytes -= n
			h.changed.Broadcast()
			return n, nil
		case h.end == io.EOF:
			return 0, io.EOF
		case h.end != nil:
			return 0, c.failed("read", h.end)
		}
		h.changed.Wait()
	}
}

// Write sends to a closed end once, as one does who has not heard of it, and fails then.
func (c *Conn) Write(p []byte) (int, error) {
	h := c.out
	h.mu.Lock()
	defer h.mu.Unlock()
	for {
		switch {
		case h.shut != nil:
			return 0, c.failed("write", h.shut)
		case h.write.passed:
			return 0, c.failed("write", os.ErrDeadlineExceeded)
		case h.broken:
			return 0, c.failed("write", syscall.EPIPE)
		case h.unread:
			h.broken = true
			return len(p), nil
		case h.bytes < window:
			if len(p) > 0 {
				h.segments = append(h.segments, append([]byte(nil), p...))
				h.bytes += len(p)
				h.changed.Broadcast()
			}
			return len(p), nil
		}
		h.changed.Wait()
	}
}

// Close ends both directions. Where something was not read, the other end is reset.
func (c *Conn) Close() error {
	c.in.mu.Lock()
	before := c.in.readClosed
	reset := c.abrupt || len(c.in.segments) > 0
	c.in.readClosed, c.in.unread, c.in.broken = true, true, c.in.broken || reset
	c.in.segments, c.in.bytes = nil, 0
	stop(&c.in.read)
	c.in.changed.Broadcast()
	c.in.mu.Unlock()
	if before {
		return c.failed("close", net.ErrClosed)
	}
	c.out.mu.Lock()
	defer c.out.mu.Unlock()
	c.out.shut = net.ErrClosed
	if reset {
		c.out.end = syscall.ECONNRESET
	} else if c.out.end == nil {
		c.out.end = io.EOF
	}
	stop(&c.out.write)
	c.out.changed.Broadcast()
	return nil
}

func stop(d *deadline) {
	if d.turn++; d.timer != nil {
		d.timer.Stop()
	}
}

// CloseWrite says that nothing more will be said.
func (c *Conn) CloseWrite() error {
	c.out.mu.Lock()
	defer c.out.mu.Unlock()
	if c.out.shut == nil {
		c.out.shut, c.out.end = syscall.EPIPE, io.EOF
		c.out.changed.Broadcast()
	}
	return nil
}

// SetLinger makes the end of the connection a reset, for zero seconds.
func (c *Conn) SetLinger(seconds int) error {
	c.in.mu.Lock()
	defer c.in.mu.Unlock()
	c.abrupt = seconds == 0
	return nil
}

func (c *Conn) LocalAddr() net.Addr  { return c.local }
func (c *Conn) RemoteAddr() net.Addr { return c.remote }

func (c *Conn) SetDeadline(at time.Time) error {
	_ = c.SetReadDeadline(at)
	return c.SetWriteDeadline(at)
}

func (c *Conn) SetReadDeadline(at time.Time) error {
	c.in.set(&c.in.read, at)
	return nil
}

func (c *Conn) SetWriteDeadline(at time.Time) error {
	c.out.set(&c.out.write, at)
	return nil
}
