package main

import "syscall"

// bindAddressNoPort is IP_BIND_ADDRESS_NO_PORT of ip(7), for IPv6 too.
const bindAddressNoPort = 24

// sharePorts lets connections from --source to different servers have one port of ours. Otherwise every
// port can be used once a minute, as long as TCP remembers a connection that has ended, and a fast scan is
// out of them.
func sharePorts(_, _ string, c syscall.RawConn) error {
	return c.Control(func(fd uintptr) {
		_ = syscall.SetsockoptInt(int(fd), syscall.SOL_IP, bindAddressNoPort, 1) // slower without it, no more
	})
}
