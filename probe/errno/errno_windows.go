package errno

import "syscall"

// winsock is what Windows says of sockets (Winsock error codes) where POSIX has a name of its own. Package
// syscall has the names there too, for values that no system call returns.
var winsock = map[syscall.Errno]syscall.Errno{
	10013: syscall.EACCES,
	10024: syscall.EMFILE,
	10047: syscall.EAFNOSUPPORT,
	10048: syscall.EADDRINUSE,
	10049: syscall.EADDRNOTAVAIL,
	10051: syscall.ENETUNREACH,
	10053: syscall.ECONNRESET, // "aborted": the server's reset, seen while we wrote
	10054: syscall.ECONNRESET,
	10055: syscall.ENOBUFS,
	10061: syscall.ECONNREFUSED,
	10065: syscall.EHOSTUNREACH,
}

// posix is an error code by its POSIX name.
func posix(e syscall.Errno) syscall.Errno {
	if p, ok := winsock[e]; ok {
		return p
	}
	return e
}
