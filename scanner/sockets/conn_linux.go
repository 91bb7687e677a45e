package sockets

import (
	"context"
	"io"
	"net"
	"net/netip"
	"os"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// conn is a connection. It is made by [Set.Connect], and is then a net.Conn like any other.
type conn struct {
	set    *Set
	remote netip.AddrPort
	birth  int32
	ctx    context.Context // of the attempt

	mu       sync.Mutex
	change   sync.Cond // something of the following
	fd       int       // -1 when it is closed
	at       place
	done     func(net.Conn, error) // to be told how the attempt ends; nil when it has
	readable bool
	writable bool
	hungUp   bool // the other end has said all that it will
	urgent   bool // there are urgent data, at which a read ends too
	local    *net.TCPAddr

	readDue, writeDue time.Duration // on the set's clock; 0 = never
}

// atOnce is a deadline that has passed when it was set: whatever waits must end.
const atOnce = time.Duration(1)

// happen takes note of an event.
func (c *conn) happen(events uint32) {
	c.mu.Lock()
	if c.done != nil {
		c.settle(events)
		return
	}
	c.note(events)
	c.mu.Unlock()
	c.change.Broadcast()
}

func (c *conn) note(events uint32) {
	const hangup = unix.EPOLLRDHUP | unix.EPOLLHUP | unix.EPOLLERR
	c.hungUp = c.hungUp || events&hangup != 0
	c.urgent = c.urgent || events&unix.EPOLLPRI != 0
	c.readable = c.readable || events&(unix.EPOLLIN|hangup) != 0
	c.writable = c.writable || events&(unix.EPOLLOUT|unix.EPOLLERR) != 0
}

// settle ends an attempt one way or the other, if the event says which. It unlocks c.
func (c *conn) settle(events uint32) {
	err := c.outcome(events)
	if err != nil || events&unix.EPOLLOUT == 0 {
		c.mu.Unlock()
		if err != nil {
			c.giveUp(err)
		}
		return
	}
	done := c.done
	c.done, c.readDue = nil, 0
	c.arm()
	c.note(events)
	c.mu.Unlock()
	done(c, nil)
}

// outcome is why an attempt failed, if it has. c must be locked.
func (c *conn) outcome(events uint32) error {
	if events&(unix.EPOLLERR|unix.EPOLLHUP) != 0 {
		errno, err := unix.GetsockoptInt(c.fd, unix.SOL_SOCKET, unix.SO_ERROR)
		if err == nil && errno != 0 {
			err = syscall.Errno(errno)
		}
		if err != nil {
			return os.NewSyscallError("connect", err)
		}
	}
	// A port from which connections leave can be connected with itself: nobody listens there.
	if c.remote.Port() >= 1024 && c.localAddr() == c.remote {
		return os.NewSyscallError("connect", unix.ECONNREFUSED)
	}
	return nil
}

// giveUp ends an attempt that goes on.
func (c *conn) giveUp(err error) {
	c.mu.Lock()
	done := c.done
	if done == nil {
		c.mu.Unlock()
		return
	}
	c.done = nil
	c.leave()
	c.mu.Unlock()
	done(nil, c.fault("dial", err))
}

// tooLate ends what should have ended by now.
func (c *conn) tooLate(now time.Duration) {
	c.mu.Lock()
	late := c.done != nil && c.readDue != 0 && c.readDue <= now
	c.arm()
	c.mu.Unlock()
	if late {
		c.giveUp(os.ErrDeadlineExceeded)
		return
	}
	c.change.Broadcast()
}

// arm tells the set when to look at c again, which it need not for what is over. c must be locked.
func (c *conn) arm() {
	if c.fd < 0 {
		return
	}
	now, next := c.set.now(), time.Duration(0)
	for _, due := range [...]time.Duration{c.readDue, c.writeDue} {
		if due > now && (next == 0 || due < next) {
			next = due
		}
	}
	c.at.due[c.at.i].Store(int64(next))
}

// leave closes the socket. c must be locked.
func (c *conn) leave() {
	fd := c.fd
	c.fd = -1
	c.at.due[c.at.i].Store(0)
	c.at.conn[c.at.i].Store(nil)
	_ = unix.Close(fd) // nothing is left that could fail
	c.set.count(-1)
}

// Read implements net.Conn.
func (c *conn) Read(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for {
		late, err := c.over(c.readDue)
		if err != nil {
			return 0, c.fault("read", err)
		}
		if c.readable || late { // when we are late, the socket may know better
			n, err := unix.Read(c.fd, b)
			switch {
			case err == unix.EINTR:
				continue
			case err == unix.EAGAIN:
				c.readable = false
			case err != nil:
				return 0, c.fault("read", os.NewSyscallError("read", err))
			case n == 0 && len(b) > 0:
				return 0, io.EOF
			default:
				c.readable = n == len(b) || c.hungUp || c.urgent // less than there is room for is all there is
				return n, nil
			}
		}
		if late {
			return 0, c.fault("read", os.ErrDeadlineExceeded)
		}
		if !c.readable {
			c.change.Wait()
		}
	}
}

// AwaitRead waits until Read need not wait any more, for whatever reason.
func (c *conn) AwaitRead() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for !c.readable {
		if late, err := c.over(c.readDue); late || err != nil {
			return
		}
		c.change.Wait()
	}
}

// Write implements net.Conn.
func (c *conn) Write(b []byte) (written int, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(b) > written {
		late, err := c.over(c.writeDue)
		if err != nil {
			return written, c.fault("write", err)
		}
		if c.writable || late {
			n, err := unix.Write(c.fd, b[written:])
			switch {
			case err == unix.EINTR:
			case err == unix.EAGAIN:
				c.writable = false
			case err != nil:
				return written, c.fault("write", os.NewSyscallError("write", err))
			default:
				written += n
			}
			if err == nil {
				continue
			}
		}
		if late {
			return written, c.fault("write", os.ErrDeadlineExceeded)
		}
		if !c.writable {
			c.change.Wait()
		}
	}
	return written, nil
}

// over reports whether a deadline has passed, with an error where nothing may be tried any more.
func (c *conn) over(due time.Duration) (late bool, err error) {
	switch {
	case c.fd < 0:
		return false, net.ErrClosed
	case due == atOnce:
		return true, os.ErrDeadlineExceeded
	}
	return due != 0 && due <= c.set.now(), nil
}

// Close implements net.Conn.
func (c *conn) Close() error {
	c.mu.Lock()
	if c.fd < 0 {
		c.mu.Unlock()
		return c.fault("close", net.ErrClosed)
	}
	c.leave()
	c.mu.Unlock()
	c.change.Broadcast()
	return nil
}

// LocalAddr implements net.Conn.
func (c *conn) LocalAddr() net.Addr {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.local == nil {
		c.local = net.TCPAddrFromAddrPort(c.localAddr())
	}
	return c.local
}

// localAddr asks the system. c must be locked.
func (c *conn) localAddr() netip.AddrPort {
	if c.fd < 0 {
		return netip.AddrPort{}
	}
	switch sa, _ := unix.Getsockname(c.fd); sa := sa.(type) {
	case *unix.SockaddrInet4:
		return netip.AddrPortFrom(netip.AddrFrom4(sa.Addr), uint16(sa.Port))
	case *unix.SockaddrInet6:
		return netip.AddrPortFrom(netip.AddrFrom16(sa.Addr).WithZone(c.remote.Addr().Zone()), uint16(sa.Port))
	}
	return netip.AddrPort{}
}

// RemoteAddr implements net.Conn.
func (c *conn) RemoteAddr() net.Addr { return net.TCPAddrFromAddrPort(c.remote) }

// SetDeadline implements net.Conn.
func (c *conn) SetDeadline(t time.Time) error { return c.setDue(t, &c.readDue, &c.writeDue) }

// SetReadDeadline implements net.Conn.
func (c *conn) SetReadDeadline(t time.Time) error { return c.setDue(t, &c.readDue) }

// SetWriteDeadline implements net.Conn.
func (c *conn) SetWriteDeadline(t time.Time) error { return c.setDue(t, &c.writeDue) }

func (c *conn) setDue(t time.Time, which ...*time.Duration) error {
	due := time.Duration(0)
	if !t.IsZero() {
		due = t.Sub(c.set.start)
		if time.Until(t) <= 0 {
			due = atOnce
		}
	}
	c.mu.Lock()
	if c.fd < 0 {
		c.mu.Unlock()
		return c.fault("set", net.ErrClosed)
	}
	for _, d := range which {
		*d = due
	}
	c.arm()
	c.mu.Unlock()
	c.change.Broadcast() // who waits looks itself whether it is over: see arm
	return nil
}

// fault is an error as package net words it.
func (c *conn) fault(op string, err error) error {
	return &net.OpError{Op: op, Net: "tcp", Addr: net.TCPAddrFromAddrPort(c.remote), Err: err}
}
