//go:build !linux

package simnet

import (
	"errors"
	"fmt"
	"net/netip"
)

// Servers is the servers.
type Servers struct{ Options }

// New fails: only Linux has a whole network on its loopback, and epoll.
func New(netip.AddrPort, Options) (*Servers, error) {
	return nil, fmt.Errorf("simulated servers need Linux: %w", errors.ErrUnsupported)
}

// Addr is where the servers listen.
func (c *Servers) Addr() netip.AddrPort { return netip.AddrPort{} }

// Serve answers until Close.
func (c *Servers) Serve() error { return errors.ErrUnsupported }

// Close ends every session.
func (c *Servers) Close() error { return nil }

// Counts is what the servers have seen so far.
func (c *Servers) Counts() Counts { return Counts{} }
