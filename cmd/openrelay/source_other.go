//go:build !linux

package main

import "syscall"

// sharePorts does nothing: only Linux binds to an address without a port.
func sharePorts(_, _ string, _ syscall.RawConn) error { return nil }
