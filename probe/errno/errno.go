// Package errno tells why the system refused something, in POSIX's names on Windows too.
package errno

import (
	"errors"
	"slices"
	"syscall"
)

// Is reports whether err is one of the system's error codes, by their POSIX names on Windows too.
func Is(err error, codes ...syscall.Errno) bool {
	var errno syscall.Errno
	return errors.As(err, &errno) && slices.Contains(codes, posix(errno))
}
