//go:build !unix

package main

import "net"

// surviveReaders makes a pipe that nobody reads any more an error like any other, as it is here.
func surviveReaders() {}

// descriptors is how many files and sockets this process may have open: Windows sets no limit.
func descriptors() (n int, limited bool) { return 0, false }

// pair is both ends of a connection within this machine.
func pair() (client, server net.Conn, err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, err
	}
	defer l.Close()
	if client, err = net.Dial("tcp", l.Addr().String()); err != nil {
		return nil, nil, err
	}
	if server, err = l.Accept(); err != nil {
		_ = client.Close()
		return nil, nil, err
	}
	return client, server, nil
}
