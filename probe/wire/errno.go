package wire

import (
	"errors"
	"slices"
	"syscall"
)

// IsErrno reports whether err is one of the system's error codes, by their POSIX names on Windows too.
func IsErrno(err error, codes ...syscall.Errno) bool {
	var errno syscall.Errno
	return errors.As(err, &errno) && slices.Contains(codes, posix(errno))
}
