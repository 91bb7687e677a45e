package simnet

import (
	"slices"

	"golang.org/x/sys/unix"
)

// slash24 is the network a session is held in.
func slash24(s *session) [3]byte {
	four := s.addr.As4()
	return [3]byte(four[:3])
}

// count keeps the most sessions at once.
func (c *Servers) count(s *session) {
	network := slash24(s)
	sessions := append(c.nets[network], s)
	c.nets[network] = sessions
	n := &c.counts
	n.MaxOpen = max(n.MaxOpen, len(c.open))
	n.MaxOpenPerNetwork = most(n.MaxOpenPerNetwork, sessions, func(*session) bool { return true })
	n.MaxOpenPerAddress = most(n.MaxOpenPerAddress, sessions, func(other *session) bool { return other.addr == s.addr })
}

// most is how many of the sessions are held at once, or how many were before, if that is more. A client
// may end one session and begin the next before we have noticed the end, which is no overlap: what its
// end has closed does not count. The oldest are looked at first, and no more than it takes.
func most(before int, sessions []*session, counts func(*session) bool) int {
	n := 0
	for _, s := range sessions {
		if counts(s) && !s.left {
			n++
		}
	}
	for _, s := range sessions {
		if n <= before {
			return before
		}
		if counts(s) && !s.left && !established(s.fd) {
			s.left = true
			n--
		}
	}
	return max(n, before)
}

// established reports whether neither end has closed the connection.
func established(fd int) bool {
	const tcpEstablished = 1 // include/net/tcp_states.h
	info, err := unix.GetsockoptTCPInfo(fd, unix.IPPROTO_TCP, unix.TCP_INFO)
	return err == nil && info.State == tcpEstablished
}

// forget takes a session that is over out of the count.
func (c *Servers) forget(s *session) {
	network := slash24(s)
	c.nets[network] = slices.DeleteFunc(c.nets[network], func(other *session) bool { return other == s })
	if len(c.nets[network]) == 0 {
		delete(c.nets, network)
	}
}
