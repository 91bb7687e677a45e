package crowd

import (
	"slices"

	"golang.org/x/sys/unix"
)

// slash24 is the network a session is held in.
func slash24(s *session) [3]byte {
	four := s.addr.As4()
	return [3]byte(four[:3])
}

// count keeps the most sessions at once. A client may end one session and begin the next before we
// have noticed the end, which is no overlap: where the count matters, only connections that the
// client has not closed are counted.
func (c *Crowd) count(s *session) {
	c.counts.MaxOpen = max(c.counts.MaxOpen, len(c.open))
	network := slash24(s)
	c.nets[network] = append(c.nets[network], s)
	same, all := 0, 0
	for _, other := range c.nets[network] {
		if other.addr == s.addr && (other == s || established(other.fd)) {
			same++
		}
	}
	c.counts.MaxOpenPerAddress = max(c.counts.MaxOpenPerAddress, same)
	if len(c.nets[network]) <= c.counts.MaxOpenPerNetwork {
		return
	}
	for _, other := range c.nets[network] {
		if established(other.fd) {
			all++
		}
	}
	c.counts.MaxOpenPerNetwork = max(c.counts.MaxOpenPerNetwork, all)
}

// established reports whether neither end has closed the connection.
func established(fd int) bool {
	const tcpEstablished = 1 // include/net/tcp_states.h
	info, err := unix.GetsockoptTCPInfo(fd, unix.IPPROTO_TCP, unix.TCP_INFO)
	return err == nil && info.State == tcpEstablished
}

// forget takes a session that is over out of the count.
func (c *Crowd) forget(s *session) {
	network := slash24(s)
	c.nets[network] = slices.DeleteFunc(c.nets[network], func(other *session) bool { return other == s })
	if len(c.nets[network]) == 0 {
		delete(c.nets, network)
	}
}
