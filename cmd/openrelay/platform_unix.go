//go:build unix

package main

import (
	"net"
	"os"
	"os/signal"
	"syscall"
)

// surviveReaders makes a pipe that nobody reads any more an error like any other: a scan does not end because
// its remarks are not wanted.
func surviveReaders() { signal.Ignore(syscall.SIGPIPE) }

// descriptors is how many files and sockets this process may have open, where that is limited.
func descriptors() (n int, limited bool) {
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit) != nil || limit.Cur > 1<<30 {
		return 0, false
	}
	return int(limit.Cur), true
}

// pair is both ends of a connection within this machine.
func pair() (client, server net.Conn, err error) {
	fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err != nil {
		return nil, nil, err
	}
	client, err = connOf(fds[0])
	server, err2 := connOf(fds[1])
	if err != nil || err2 != nil {
		return nil, nil, net.ErrClosed
	}
	return client, server, nil
}

func connOf(fd int) (net.Conn, error) {
	file := os.NewFile(uintptr(fd), "pair")
	defer file.Close()
	return net.FileConn(file)
}
