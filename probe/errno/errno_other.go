//go:build !windows

package errno

import "syscall"

// posix is an error code by its POSIX name, which it has already.
func posix(e syscall.Errno) syscall.Errno { return e }
