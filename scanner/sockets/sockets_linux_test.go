package sockets

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/net/nettest"

	"openrelay/scanner/demo"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t *testing.T) *Set {
	t.Helper()
	s, err := Open(netip.Addr{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// pair is a connection of a set, and its other end.
func pair(t *testing.T, s *Set) (ours, theirs net.Conn) {
	t.Helper()
	l := listen(t)
	ours, err := s.DialContext(t.Context(), "tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	theirs, err = l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ours.Close(); theirs.Close() })
	return ours, theirs
}

// The connections of a set are connections like those of package net.
func TestConn(t *testing.T) {
	s := open(t)
	nettest.TestConn(t, func() (ours, theirs net.Conn, stop func(), err error) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, nil, nil, err
		}
		defer l.Close()
		ours, err = s.DialContext(context.Background(), "tcp", l.Addr().String())
		if err == nil {
			theirs, err = l.Accept()
		}
		return ours, theirs, func() { ours.Close(); theirs.Close() }, err
	})
}

func TestAddresses(t *testing.T) {
	ours, theirs := pair(t, open(t))
	if ours.LocalAddr().String() != theirs.RemoteAddr().String() || ours.RemoteAddr().String() != theirs.LocalAddr().String() {
		t.Errorf("%v to %v, and at the other end %v to %v", ours.LocalAddr(), ours.RemoteAddr(), theirs.RemoteAddr(), theirs.LocalAddr())
	}
}

func TestSource(t *testing.T) {
	s, err := Open(netip.MustParseAddr("127.0.0.9"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ours, theirs := pair(t, s)
	if from, _, _ := net.SplitHostPort(theirs.RemoteAddr().String()); from != "127.0.0.9" {
		t.Errorf("came from %s", from)
	}
	ours.Close()
}

func TestIPv6(t *testing.T) {
	l, err := net.Listen("tcp6", "[::1]:0")
	if err != nil {
		t.Skip("no IPv6 here")
	}
	defer l.Close()
	conn, err := open(t).DialContext(t.Context(), "tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
}

func TestZone(t *testing.T) {
	loopback, err := net.InterfaceByName("lo")
	if err != nil {
		t.Skip("no interface is called lo")
	}
	for name, want := range map[string]uint32{"lo": uint32(loopback.Index), "7": 7, "": 0, "no such": 0} {
		if got := zone(name); got != want {
			t.Errorf("zone %q is %d, want %d", name, got, want)
		}
	}
}

// An attempt ends as it does with package net: the errors lead to verdicts.
func TestAttempts(t *testing.T) {
	s := open(t)
	closed := listen(t)
	refused := closed.Addr().String()
	closed.Close()
	full := unanswered(t)
	cancelled, cancel := context.WithCancel(t.Context())
	defer cancel()
	past, cancelPast := context.WithDeadline(t.Context(), time.Unix(1, 0))
	defer cancelPast()
	ended, end := context.WithCancel(t.Context())
	end()
	for _, tc := range []struct {
		name, address string
		ctx           context.Context
		limit         time.Duration
		want          error
	}{
		{"refused", refused, t.Context(), time.Minute, syscall.ECONNREFUSED},
		{"nobody answers", full, t.Context(), 30 * time.Millisecond, os.ErrDeadlineExceeded},
		{"nobody answers and the scan ends", full, cancelled, time.Minute, context.Canceled},
		{"no such network", "224.0.0.1:25", t.Context(), time.Minute, syscall.ENETUNREACH}, // of many, which no TCP goes to
		{"out of time before it begins", full, past, 0, os.ErrDeadlineExceeded},
		{"next to no time", full, t.Context(), 1, os.ErrDeadlineExceeded},
		{"the scan has ended", full, ended, time.Minute, context.Canceled},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if tc.ctx == cancelled {
				time.AfterFunc(20*time.Millisecond, cancel)
			}
			dialed := make(chan error, 1)
			s.Connect(tc.ctx, netip.MustParseAddrPort(tc.address), tc.limit, func(conn net.Conn, err error) {
				if conn != nil {
					conn.Close()
				}
				dialed <- err
			})
			err := <-dialed
			var op *net.OpError
			if !errors.Is(err, tc.want) || !errors.As(err, &op) || op.Op != "dial" {
				t.Errorf("%v, want %v", err, tc.want)
			}
			if op != nil && op.Timeout() != (tc.want == os.ErrDeadlineExceeded) {
				t.Errorf("%v: a time-out is %v", err, op.Timeout())
			}
		})
	}
}

// An attempt that fails at once leaves nothing behind.
func TestNoDescriptorIsLost(t *testing.T) {
	elsewhere, err := Open(netip.MustParseAddr("192.0.2.77")) // not an address of ours
	if err != nil {
		t.Fatal(err)
	}
	defer elsewhere.Close()
	for address, s := range map[string]*Set{"224.0.0.1:25": open(t), "[fe80::1]:25": open(t), "127.0.0.1:25": elsewhere} {
		before := descriptors(t)
		for range 20 {
			dialed := make(chan error, 1)
			s.Connect(t.Context(), netip.MustParseAddrPort(address), time.Minute, func(_ net.Conn, err error) { dialed <- err })
			if err := <-dialed; err == nil {
				t.Errorf("%s: connected", address)
			}
		}
		if n := descriptors(t); n != before {
			t.Errorf("%s: %d descriptors before and %d after", address, before, n)
		}
	}
}

func descriptors(t *testing.T) int {
	t.Helper()
	open, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(open)
}

// A context that ends an attempt by its deadline does not do so before the set has looked.
func TestDialTimeout(t *testing.T) {
	s, full := open(t), unanswered(t)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	if _, err := s.DialContext(ctx, "tcp", full); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("out of time: %v", err)
	}
	ctx, cancel = context.WithCancel(t.Context())
	time.AfterFunc(10*time.Millisecond, cancel)
	if _, err := s.DialContext(ctx, "tcp", full); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if _, err := s.DialContext(t.Context(), "tcp", "localhost:25"); err == nil {
		t.Error("a name was dialled")
	}
}

func TestTLS(t *testing.T) {
	config, err := demo.TLS()
	if err != nil {
		t.Fatal(err)
	}
	ours, theirs := pair(t, open(t))
	go func() {
		server := tls.Server(theirs, config)
		_, _ = io.Copy(server, server)
	}()
	client := tls.Client(ours, &tls.Config{InsecureSkipVerify: true})
	b := make([]byte, 5)
	if _, err := io.WriteString(client, "hello"); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(client, b); string(b) != "hello" || err != nil {
		t.Errorf("%q, %v", b, err)
	}
}

// Thousands of short connections, which have the same few descriptors again and again: nobody hears what
// was meant for another.
func TestDescriptorsAreUsedAgain(t *testing.T) {
	s, l := open(t), listen(t)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				_, _ = io.CopyN(conn, conn, 8)
			}()
		}
	}()
	rounds := 200
	if testing.Short() {
		rounds = 20
	}
	var wait sync.WaitGroup
	for worker := range 50 {
		wait.Go(func() {
			for round := range rounds {
				if err := echo(s, l.Addr().String(), fmt.Sprintf("%03d %04d", worker, round)); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wait.Wait()
}

func echo(s *Set, address, text string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	conn, err := s.DialContext(ctx, "tcp", address)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(5 * time.Minute)); err != nil {
		return err
	}
	if _, err := io.WriteString(conn, text); err != nil {
		return err
	}
	got, err := io.ReadAll(conn)
	if err != nil || string(got) != text {
		return fmt.Errorf("%q came back as %q, %w", text, got, err)
	}
	return nil
}
