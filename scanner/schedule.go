package scanner

import (
	"net/netip"

	"openrelay/probe"
	"openrelay/probe/netaddr"
)

// schedule keeps one dialogue per address and a few per network. What cannot start now is put aside
// in a line of its own, so that nobody else waits: behind its address first, then behind its network.
// Every line is first come, first served, and every step takes the same time however long they are.
type schedule struct {
	perNetwork int
	host       func(netip.Addr) netip.Addr
	addresses  map[netip.Addr]queue // those in a dialogue or in their network's line; who waits behind them
	networks   map[netip.Prefix]*network
	ready      queue // may start: their network counts them already
	aside      int   // in all lines
}

type network struct {
	open int // dialogues, and those about to start
	line queue
}

func newSchedule(perNetwork int, host func(netip.Addr) netip.Addr) *schedule {
	return &schedule{
		perNetwork: perNetwork,
		host:       host,
		addresses:  map[netip.Addr]queue{},
		networks:   map[netip.Prefix]*network{},
	}
}

// hasRoom reports whether another target may enter. While one is ready, a worker is what is missing.
func (s *schedule) hasRoom() bool { return s.ready.empty() && s.aside < maxAside }

// empty reports whether nobody waits to start: not for a turn under the rate either.
func (s *schedule) empty() bool { return s.ready.empty() && s.aside == 0 }

// enter takes a job in, to be ready now or later.
func (s *schedule) enter(j *job) {
	addr, prefix := s.place(j.target)
	if !addr.IsValid() { // a name that was not found: no dialogue
		s.ready.push(j)
		return
	}
	if behind, busy := s.addresses[addr]; busy {
		behind.push(j)
		s.addresses[addr] = behind
		s.aside++
		return
	}
	s.addresses[addr] = queue{}
	n := s.network(prefix)
	n.line.push(j)
	s.aside++
	s.admit(n)
}

// leave gives back the places of a job whose dialogue ended.
func (s *schedule) leave(j *job) {
	addr, prefix := s.place(j.target)
	if !addr.IsValid() {
		return
	}
	n := s.networks[prefix]
	n.open--
	s.release(j.target)
	s.admit(n)
	if n.open == 0 {
		delete(s.networks, prefix)
	}
}

// reserve keeps an address for something that is no job; false where it is in a dialogue.
func (s *schedule) reserve(t probe.Target) bool {
	addr, _ := s.place(t)
	if _, busy := s.addresses[addr]; busy {
		return false
	}
	s.addresses[addr] = queue{}
	return true
}

// release lets the first that waits behind an address have it.
func (s *schedule) release(t probe.Target) {
	addr, prefix := s.place(t)
	behind := s.addresses[addr]
	next := behind.pop()
	if next == nil {
		delete(s.addresses, addr)
		return
	}
	s.addresses[addr] = behind
	n := s.network(prefix)
	n.line.push(next)
	s.admit(n)
}

// admit lets the first in a network's line start, if it has a place.
func (s *schedule) admit(n *network) {
	if n.open >= s.perNetwork || n.line.empty() {
		return
	}
	n.open++
	s.aside--
	s.ready.push(n.line.pop())
}

func (s *schedule) network(prefix netip.Prefix) *network {
	n := s.networks[prefix]
	if n == nil {
		n = new(network)
		s.networks[prefix] = n
	}
	return n
}

func (s *Scanner) host(addr netip.Addr) netip.Addr {
	if s.Host != nil {
		return s.Host(addr)
	}
	return netaddr.Embedded(addr)
}

// place is where a target counts: the address of its host, and the /24 or /64 of that.
func (s *schedule) place(t probe.Target) (netip.Addr, netip.Prefix) {
	if !t.Addr.IsValid() {
		return netip.Addr{}, netip.Prefix{}
	}
	addr := s.host(t.Addr.Addr())
	bits := 64
	if addr.Is4() {
		bits = 24
	}
	return addr, netip.PrefixFrom(addr, bits).Masked()
}

// queue is a line of jobs. A job stands in one line at a time.
type queue struct{ first, last *job }

func (q *queue) empty() bool { return q.first == nil }

func (q *queue) push(j *job) {
	if q.first == nil {
		q.first, q.last = j, j
		return
	}
	q.last.next, q.last = j, j
}

// pop returns the first job, nil where the line is empty.
func (q *queue) pop() *job {
	j := q.first
	if j != nil {
		q.first, j.next = j.next, nil
	}
	return j
}
