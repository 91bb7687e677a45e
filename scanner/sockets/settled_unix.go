//go:build unix

package sockets

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// settled reports whether a socket's connection attempt has come to its end, good or bad. One that has
// not begun looks hung up, but without an error.
func settled(c syscall.RawConn) bool {
	var seen int16
	err := c.Control(func(fd uintptr) {
		poll := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLOUT}}
		if n, err := unix.Poll(poll, 0); err == nil && n > 0 {
			seen = poll[0].Revents
		}
	})
	return err == nil && (seen&unix.POLLERR != 0 || seen&unix.POLLOUT != 0 && seen&unix.POLLHUP == 0)
}
