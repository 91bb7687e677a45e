// Package sockets makes TCP connections by the ten thousand. On Linux one goroutine watches all of them
// with epoll: a connection in the making costs neither a goroutine nor a timer, and one that waits for a
// server no more than its own goroutine. Elsewhere they are those of package net, see [Patient].
//
// All time-outs are checked after everything that has happened by then was seen: on a busy machine it is
// us who are late, and a server that has answered in time has.
package sockets

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// tick is how late a time-out may be noticed.
const tick = 5 * time.Millisecond

// Set is connections that are watched together. It may be used from several goroutines.
type Set struct {
	source netip.Addr // connections leave from it; zero for whatever the system chooses
	start  time.Time
	epoll  int
	file   *os.File // epoll again: the runtime waits for it as for any other file
	poll   syscall.RawConn
	table  table
	births atomic.Int32 // tells sockets apart that had the same descriptor
	ended  chan struct{}

	mu   sync.Mutex
	open int
	ctx  context.Context // of the last attempts; its end ends them
}

// Open makes an empty set, whose connections leave from an address of this machine, if source is one.
func Open(source netip.Addr) (*Set, error) {
	fd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("cannot watch sockets: %w", err)
	}
	if err := unix.SetNonblock(fd, true); err != nil {
		_ = unix.Close(fd)
		return nil, fmt.Errorf("cannot watch sockets: %w", err)
	}
	s := &Set{source: source.Unmap(), start: time.Now(), epoll: fd, file: os.NewFile(uintptr(fd), "epoll"), ended: make(chan struct{})}
	if s.poll, err = s.file.SyscallConn(); err != nil {
		_ = s.file.Close()
		return nil, fmt.Errorf("cannot watch sockets: %w", err)
	}
	go s.watch()
	return s, nil
}

// Close ends the set. Its connections must be closed before.
func (s *Set) Close() error {
	err := s.file.Close()
	<-s.ended
	return err
}

// Connect begins a connection, and calls done once when it has come about, has failed, or limit is over;
// 0 is no limit. done may be called before Connect returns, and must not wait for anything. The end of ctx
// ends the attempt.
func (s *Set) Connect(ctx context.Context, to netip.AddrPort, limit time.Duration, done func(net.Conn, error)) {
	s.mu.Lock()
	if s.ctx != ctx {
		s.ctx = ctx
		context.AfterFunc(ctx, func() { s.abort(ctx) })
	}
	s.mu.Unlock()
	if c := s.begin(ctx, to, limit, done); c != nil && ctx.Err() != nil {
		c.giveUp(ctx.Err()) // abort may have gone through the table before it was there
	}
}

// DialContext is Connect for one who waits, as net.Dialer.DialContext is: address is an IP address and a
// port. The deadline of ctx is the limit.
func (s *Set) DialContext(ctx context.Context, _, address string) (net.Conn, error) {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return nil, err
	}
	limit := time.Duration(0)
	if deadline, ok := ctx.Deadline(); ok {
		limit = max(1, time.Until(deadline))
	}
	type made struct {
		conn net.Conn
		err  error
	}
	came := make(chan made, 1)
	c := s.begin(ctx, to, limit, func(conn net.Conn, err error) { came <- made{conn, err} })
	defer context.AfterFunc(ctx, func() {
		if c != nil && !errors.Is(ctx.Err(), context.DeadlineExceeded) { // that one is ours to notice
			c.giveUp(ctx.Err())
		}
	})()
	m := <-came
	return m.conn, m.err
}

// begin begins a connection; nil if that failed at once.
func (s *Set) begin(ctx context.Context, to netip.AddrPort, limit time.Duration, done func(net.Conn, error)) *conn {
	c := &conn{set: s, ctx: ctx, remote: netip.AddrPortFrom(to.Addr().Unmap(), to.Port()), done: done, fd: -1, birth: s.births.Add(1)}
	c.change.L = &c.mu
	if err := s.try(c, limit); err != nil {
		done(nil, c.fault("dial", err))
		return nil
	}
	return c
}

func (s *Set) try(c *conn, limit time.Duration) error {
	switch err := c.ctx.Err(); {
	case errors.Is(err, context.DeadlineExceeded):
		return os.ErrDeadlineExceeded
	case err != nil:
		return err
	}
	fd, err := s.socket(c.remote)
	if err != nil {
		return err
	}
	return s.enter(c, fd, limit)
}

// socket makes a socket that begins to connect.
func (s *Set) socket(to netip.AddrPort) (int, error) {
	family := unix.AF_INET
	if to.Addr().Is6() {
		family = unix.AF_INET6
	}
	fd, err := unix.Socket(family, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, os.NewSyscallError("socket", err)
	}
	if err := s.aim(fd, to); err != nil {
		_ = unix.Close(fd)
		return -1, err
	}
	return fd, nil
}

// aim makes a socket connect.
func (s *Set) aim(fd int, to netip.AddrPort) error {
	if err := unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1); err != nil {
		return os.NewSyscallError("setsockopt", err)
	}
	if s.source.IsValid() {
		// Connections to different servers may have one port of ours. Otherwise every port can be used once
		// a minute, as long as TCP remembers a connection that has ended, and a fast scan is out of them.
		_ = unix.SetsockoptInt(fd, unix.SOL_IP, unix.IP_BIND_ADDRESS_NO_PORT, 1) // slower without it, no more
		if err := unix.Bind(fd, sockaddr(netip.AddrPortFrom(s.source, 0))); err != nil {
			return os.NewSyscallError("bind", err)
		}
	}
	if err := unix.Connect(fd, sockaddr(to)); err != nil && err != unix.EINPROGRESS && err != unix.EINTR {
		return os.NewSyscallError("connect", err)
	}
	return nil
}

func sockaddr(a netip.AddrPort) unix.Sockaddr {
	if a.Addr().Is4() {
		return &unix.SockaddrInet4{Port: int(a.Port()), Addr: a.Addr().As4()}
	}
	return &unix.SockaddrInet6{Port: int(a.Port()), Addr: a.Addr().As16(), ZoneId: zone(a.Addr().Zone())}
}

// zone is the index of an interface by its name, or as a number (RFC 4007 11.2); 0 for none.
func zone(name string) uint32 {
	if i, err := net.InterfaceByName(name); err == nil {
		return uint32(i.Index)
	}
	n, _ := strconv.ParseUint(name, 10, 32)
	return uint32(n)
}

// enter begins to watch a socket.
func (s *Set) enter(c *conn, fd int, limit time.Duration) error {
	at, ok := s.table.place(fd)
	if !ok {
		_ = unix.Close(fd)
		return os.NewSyscallError("socket", unix.EMFILE)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.fd, c.at = fd, at
	if limit > 0 {
		c.readDue = s.now() + limit
		at.due[at.i].Store(int64(c.readDue)) // in the past too: see arm
	}
	at.conn[at.i].Store(c)
	s.count(1)
	event := unix.EpollEvent{Events: unix.EPOLLIN | unix.EPOLLOUT | unix.EPOLLRDHUP | unix.EPOLLPRI | unix.EPOLLET, Fd: int32(fd), Pad: c.birth}
	if err := unix.EpollCtl(s.epoll, unix.EPOLL_CTL_ADD, fd, &event); err != nil {
		c.done = nil
		c.leave()
		return os.NewSyscallError("epoll_ctl", err)
	}
	return nil
}

// count counts the open sockets. While there are any, the watcher looks for time-outs.
func (s *Set) count(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open += n; n > 0 && s.open == n {
		s.alarm(tick)
	}
}

// alarm makes the watcher's wait end after d, 0 for never. It fails on a set that is closed, which has no
// watcher.
func (s *Set) alarm(d time.Duration) {
	at := time.Time{}
	if d > 0 {
		at = time.Now().Add(d)
	}
	_ = s.file.SetReadDeadline(at)
}

// now is the time on the set's own clock, never 0.
func (s *Set) now() time.Duration { return max(1, time.Since(s.start)) }

// watch tells connections what has happened to them, until the set is closed.
func (s *Set) watch() {
	defer close(s.ended)
	events := make([]unix.EpollEvent, 512)
	n := 0
	look := func(uintptr) bool { n = s.look(events); return n > 0 }
	for {
		err := s.poll.Read(look)
		switch {
		case err == nil:
			s.spread(events[:n])
		case errors.Is(err, os.ErrDeadlineExceeded):
			s.sweep(events)
		default:
			return
		}
	}
}

// look takes what has happened, without waiting for it.
func (s *Set) look(events []unix.EpollEvent) int {
	n, err := unix.EpollWait(s.epoll, events, 0)
	if err != nil { // EINTR; of a set that is being closed the next wait tells
		return 0
	}
	return n
}

func (s *Set) spread(events []unix.EpollEvent) {
	for _, e := range events {
		at, _ := s.table.place(int(e.Fd))
		if c := at.conn[at.i].Load(); c != nil && c.birth == e.Pad {
			c.happen(e.Events)
		}
	}
}

// sweep notices what is out of time, after all that has happened before.
func (s *Set) sweep(events []unix.EpollEvent) {
	now := s.now()
	for n := s.look(events); n > 0; n = s.look(events) {
		s.spread(events[:n])
	}
	for c := range s.table.due(now) {
		c.tooLate(now)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open > 0 {
		s.alarm(tick)
	} else {
		s.alarm(0)
	}
}

// abort ends the attempts of a context that is over.
func (s *Set) abort(ctx context.Context) {
	for c := range s.table.all() {
		if c.ctx == ctx {
			c.giveUp(ctx.Err())
		}
	}
}
