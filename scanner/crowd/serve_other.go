//go:build !linux

package crowd

import (
	"errors"
	"fmt"
	"net/netip"
)

// Crowd is the servers.
type Crowd struct{ Options }

// New fails: only Linux has a whole network on its loopback, and epoll.
func New(netip.AddrPort, Options) (*Crowd, error) {
	return nil, fmt.Errorf("a crowd needs Linux: %w", errors.ErrUnsupported)
}

// Addr is where the crowd listens.
func (c *Crowd) Addr() netip.AddrPort { return netip.AddrPort{} }

// Serve answers until Close.
func (c *Crowd) Serve() error { return errors.ErrUnsupported }

// Close ends every session.
func (c *Crowd) Close() error { return nil }

// Counts is what the crowd has seen so far.
func (c *Crowd) Counts() Counts { return Counts{} }
