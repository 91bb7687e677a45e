//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package main

import (
	"errors"
	"os"
	"syscall"
)

// claim keeps other runs from going on with a file, until it is closed; errClaimed where one does. What
// cannot be locked, as on some network file systems, is not.
func claim(f *os.File) error {
	if errors.Is(syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB), syscall.EWOULDBLOCK) {
		return errClaimed
	}
	return nil
}
