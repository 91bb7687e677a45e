package memnet

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"syscall"
	"testing"

	"golang.org/x/net/nettest"
)

var here = netip.MustParseAddrPort("127.0.0.1:25")

func connected(n *Net) (ours, theirs net.Conn, err error) {
	l := n.Listen(here)
	defer l.Close()
	if ours, err = n.DialContext(context.Background(), "tcp", here.String()); err == nil {
		theirs, err = l.Accept()
	}
	return ours, theirs, err
}

// Its connections are like those of package net.
func TestConn(t *testing.T) {
	nettest.TestConn(t, func() (ours, theirs net.Conn, stop func(), err error) {
		ours, theirs, err = connected(new(Net))
		return ours, theirs, func() { ours.Close(); theirs.Close() }, err
	})
}

// What ends a connection of TCP ends one in memory, with the same error.
func TestEnds(t *testing.T) {
	for name, tc := range map[string]struct {
		end  func(theirs *Conn)
		want error
	}{
		"closed":          {func(theirs *Conn) { theirs.Read(make([]byte, 5)); theirs.Close() }, io.EOF},
		"closed unread":   {func(theirs *Conn) { theirs.Close() }, syscall.ECONNRESET},
		"reset":           {func(theirs *Conn) { theirs.Read(make([]byte, 5)); theirs.SetLinger(0); theirs.Close() }, syscall.ECONNRESET},
		"closed one way":  {func(theirs *Conn) { theirs.CloseWrite() }, io.EOF},
		"nobody accepted": {nil, syscall.ECONNRESET},
	} {
		n := new(Net)
		l := n.Listen(here)
		ours, err := n.DialContext(t.Context(), "tcp", here.String())
		if err != nil {
			t.Fatal(err)
		}
		if tc.end != nil {
			theirs, err := l.Accept()
			if err != nil {
				t.Fatal(err)
			}
			io.WriteString(ours, "hello")
			io.WriteString(theirs, "a")
			io.WriteString(theirs, "b")
			tc.end(theirs.(*Conn))
			b := make([]byte, 5)
			for _, want := range []string{"a", "b"} {
				if k, err := ours.Read(b); string(b[:k]) != want || err != nil {
					t.Errorf("%s: read %q, %v, want %q", name, b[:k], err, want)
				}
			}
		}
		l.Close()
		if k, err := ours.Read(make([]byte, 5)); k != 0 || !errors.Is(err, tc.want) {
			t.Errorf("%s: read %d bytes, %v, want %v", name, k, err, tc.want)
		}
		if _, err := n.DialContext(t.Context(), "tcp", here.String()); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("%s: nobody listens, and dialling says %v", name, err)
		}
	}
}
