package simnet

import (
	"bytes"
	"container/heap"
	"fmt"
	"maps"
	"net/netip"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// Servers is the servers.
type Servers struct {
	Options

	listener int
	poll     int // epoll
	wake     int // eventfd, written by Close
	addr     netip.AddrPort
	serving  sync.Mutex // held while Serve runs
	closing  atomic.Bool
	idle     time.Duration // what the thread had used before it was Serve's

	mu     sync.Mutex // guards what follows; Serve holds it but while it waits
	closed bool
	counts Counts
	open   map[int]*session       // by descriptor
	nets   map[[3]byte][]*session // by /24
	queue  queue
	now    time.Duration // since start, as of the last wake-up
	start  time.Time
	buf    []byte
}

// session is a dialogue and the connection it is held over.
type session struct {
	dialogue
	fd      int
	in      []byte // the beginning of a line
	pending *reply // the last one that waits; nil for none
	due     time.Duration
	left    bool // the client has closed its end
	closed  bool
}

// A line of a command is no longer than that (RFC 5321 4.5.3.1.4 allows 512); the rest is dropped.
const maxLine = 4096

// New listens on an IPv4 address, or on all there are; port 0 means a free one. Serve answers.
func New(addr netip.AddrPort, o Options) (*Servers, error) {
	c := &Servers{
		Options: o.filled(), start: time.Now(), listener: -1, poll: -1, wake: -1,
		open: make(map[int]*session), nets: make(map[[3]byte][]*session), buf: make([]byte, 16<<10),
		counts: Counts{Commands: make(map[string]int)},
	}
	if !addr.Addr().Is4() {
		return nil, fmt.Errorf("%q is not an IPv4 address and a port", addr)
	}
	if err := c.listen(addr); err != nil {
		c.release()
		return nil, fmt.Errorf("cannot listen on %s: %w", addr, err)
	}
	return c, nil
}

func (c *Servers) listen(addr netip.AddrPort) (err error) {
	if c.listener, err = unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0); err != nil {
		return err
	}
	// Both are inherited by the connections it accepts.
	for _, option := range [][2]int{{unix.SOL_SOCKET, unix.SO_REUSEADDR}, {unix.IPPROTO_TCP, unix.TCP_NODELAY}} {
		if err := unix.SetsockoptInt(c.listener, option[0], option[1], 1); err != nil {
			return err
		}
	}
	if err := unix.Bind(c.listener, &unix.SockaddrInet4{Addr: addr.Addr().As4(), Port: int(addr.Port())}); err != nil {
		return err
	}
	if err := unix.Listen(c.listener, 65535); err != nil {
		return err
	}
	sa, err := unix.Getsockname(c.listener)
	if err != nil {
		return err
	}
	c.addr = netip.AddrPortFrom(addr.Addr(), uint16(sa.(*unix.SockaddrInet4).Port))
	if c.poll, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return err
	}
	if c.wake, err = unix.Eventfd(0, unix.EFD_NONBLOCK|unix.EFD_CLOEXEC); err != nil {
		return err
	}
	if err := c.watch(c.wake); err != nil {
		return err
	}
	return c.watch(c.listener)
}

func (c *Servers) watch(fd int) error {
	return unix.EpollCtl(c.poll, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(fd)})
}

// Addr is where the servers listen.
func (c *Servers) Addr() netip.AddrPort { return c.addr }

// Counts is what the servers have seen so far.
func (c *Servers) Counts() Counts {
	c.mu.Lock()
	defer c.mu.Unlock()
	counts := c.counts
	counts.Commands = maps.Clone(counts.Commands)
	return counts
}

// Close ends every session and makes Serve return. They cannot be used again.
func (c *Servers) Close() error {
	if !c.closing.Swap(true) {
		if _, err := unix.Write(c.wake, []byte{1, 0, 0, 0, 0, 0, 0, 0}); err != nil {
			return err
		}
	}
	c.serving.Lock()
	defer c.serving.Unlock()
	c.release()
	return nil
}

// release gives every descriptor back.
func (c *Servers) release() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return
	}
	c.closed = true
	for _, s := range c.open {
		c.drop(s)
	}
	for _, fd := range []int{c.listener, c.poll, c.wake} {
		if fd >= 0 {
			_ = unix.Close(fd)
		}
	}
}

// Serve answers until Close, from one thread, whose CPU time is the servers'.
func (c *Servers) Serve() error {
	c.serving.Lock()
	defer c.serving.Unlock()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	c.idle = threadCPU()
	events := make([]unix.EpollEvent, 512)
	wait := -1
	for !c.closing.Load() {
		n, err := unix.EpollWait(c.poll, events, wait)
		if err != nil && err != unix.EINTR {
			return fmt.Errorf("simnet: epoll: %w", err)
		}
		wait = c.turn(events[:max(n, 0)])
	}
	return nil
}

// turn does what there is to do and returns how many milliseconds there will be nothing; -1 for until
// somebody calls.
func (c *Servers) turn(events []unix.EpollEvent) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = time.Since(c.start)
	for _, e := range events {
		if s := c.open[int(e.Fd)]; s != nil {
			c.read(s)
		} else if int(e.Fd) == c.listener {
			c.accept()
		}
	}
	for len(c.queue) > 0 && c.queue[0].due <= c.now {
		c.write(heap.Pop(&c.queue).(*reply))
	}
	c.counts.CPU = threadCPU() - c.idle
	if len(c.queue) == 0 {
		return -1
	}
	return int((c.queue[0].due - c.now + time.Millisecond - 1) / time.Millisecond)
}

// threadCPU is the CPU time this thread has used.
func threadCPU() time.Duration {
	var usage unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_THREAD, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// accept takes connections, but not so many at a time that the others have to wait.
func (c *Servers) accept() {
	for range 64 {
		fd, _, err := unix.Accept4(c.listener, unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC)
		if err == unix.EMFILE || err == unix.ENFILE {
			c.counts.Full++
		}
		if err != nil {
			return
		}
		c.begin(fd)
	}
}

// begin begins a session at the address that the connection was made to.
func (c *Servers) begin(fd int) {
	sa, err := unix.Getsockname(fd)
	local, is4 := sa.(*unix.SockaddrInet4)
	if err != nil || !is4 || !c.Within.Contains(netip.AddrFrom4(local.Addr)) {
		abort(fd)
		return
	}
	s := &session{fd: fd}
	s.o, s.counts, s.addr = &c.Options, &c.counts, netip.AddrFrom4(local.Addr)
	s.is, s.piped = c.Expected(s.addr), c.Pipelines(s.addr)
	c.counts.Sessions++
	switch s.is.early {
	case reset:
		abort(fd)
		return
	case hangup:
		_ = unix.Close(fd)
		return
	}
	if err := c.watch(fd); err != nil {
		abort(fd)
		return
	}
	c.open[fd] = s
	c.count(s)
	if s.is.early != silent {
		text, late := s.greeting()
		c.say(s, text, late)
	}
}

// abort closes with a reset.
func abort(fd int) {
	_ = unix.SetsockoptLinger(fd, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1})
	_ = unix.Close(fd)
}

func (c *Servers) drop(s *session) {
	s.closed = true
	_ = unix.Close(s.fd)
	delete(c.open, s.fd)
	c.forget(s)
}

// read takes what a client sent and answers every whole line.
func (c *Servers) read(s *session) {
	n, err := unix.Read(s.fd, c.buf)
	if err == unix.EAGAIN || err == unix.EINTR {
		return
	}
	if err != nil || n == 0 {
		c.drop(s)
		return
	}
	if s.is.early == silent {
		return
	}
	data := c.buf[:n]
	if len(s.in) > 0 {
		data = append(s.in, data...)
	}
	for !s.over {
		line, rest, whole := bytes.Cut(data, []byte("\n"))
		if !whole {
			break
		}
		data = rest
		late := s.delay()
		if text := s.answer(string(bytes.TrimSuffix(line, []byte("\r"))), len(rest) > 0); text != "" {
			c.say(s, text, late)
		}
		if s.overdrawn() {
			c.say(s, tooMany, s.delay())
		}
	}
	s.in = append(s.in[:0], data[:min(len(data), maxLine)]...)
}

// say sends a reply when it is time. What is due at the same time goes out in one write.
func (c *Servers) say(s *session, text string, late time.Duration) {
	s.due = max(s.due, c.now+c.Latency) + late
	if s.pending == nil || s.pending.due != s.due {
		s.pending = &reply{session: s, due: s.due}
		heap.Push(&c.queue, s.pending)
	}
	s.pending.text = append(append(s.pending.text, text...), "\r\n"...)
	s.pending.last = s.over
}

// write sends. Replies are short: a client that leaves no room for one does not read.
func (c *Servers) write(r *reply) {
	s := r.session
	if s.closed {
		return
	}
	if s.pending == r {
		s.pending = nil
	}
	s.greeted = true
	n, err := unix.Write(s.fd, r.text)
	if r.last || err != nil || n < len(r.text) {
		c.drop(s)
	}
}
