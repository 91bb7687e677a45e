//go:build !linux

// Package sockets makes TCP connections: here as package net does, with a little more patience.
package sockets

import (
	"context"
	"net"
	"net/netip"
	"time"
)

// Set is connections that leave from one address.
type Set struct {
	dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// Open makes an empty set, whose connections leave from an address of this machine, if source is one.
func Open(source netip.Addr) (*Set, error) {
	dialer := &net.Dialer{KeepAlive: -1} // every wait has a limit of its own
	if source.IsValid() {
		dialer.LocalAddr = &net.TCPAddr{IP: source.AsSlice(), Zone: source.Zone()}
	}
	return &Set{Patient(dialer)}, nil
}

// Close ends the set.
func (*Set) Close() error { return nil }

// Connect begins a connection, and calls done once when it has come about, has failed, or limit is over;
// 0 is no limit. The end of ctx ends the attempt.
func (s *Set) Connect(ctx context.Context, to netip.AddrPort, limit time.Duration, done func(net.Conn, error)) {
	go func() {
		if limit > 0 {
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(ctx, limit)
			defer cancel()
		}
		done(s.dial(ctx, "tcp", to.String()))
	}()
}

// DialContext is Connect for one who waits, as net.Dialer.DialContext is.
func (s *Set) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	return s.dial(ctx, network, address)
}
