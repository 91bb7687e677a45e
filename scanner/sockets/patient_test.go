//go:build unix

package sockets

import (
	"context"
	"errors"
	"net"
	"runtime"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// The time begins with the connection: what happens to us before is not the server's fault.
func TestPatientBeginsLate(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	conn, err := Patient(&net.Dialer{})(late{t.Context()}, "tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
}

// late allows for a minute, which is over at once: as if there had been no processor for us until then.
type late struct{ context.Context }

func (late) Deadline() (time.Time, bool) { return time.Now().Add(time.Minute), true }
func (late) Err() error                  { return context.DeadlineExceeded }
func (late) Done() <-chan struct{} {
	done := make(chan struct{})
	close(done)
	return done
}

// A socket that is refused or connected is settled; one that waits for an answer is not.
func TestSettled(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	fresh := &net.Dialer{Control: func(_, _ string, c syscall.RawConn) error {
		if settled(c) {
			t.Error("a connection that has not begun is settled")
		}
		return nil
	}}
	conn, err := fresh.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	raw, err := conn.(*net.TCPConn).SyscallConn()
	if err != nil || !settled(raw) {
		t.Errorf("a connection is not settled: %v", err)
	}
	l.Close()
	if _, err := Patient(&net.Dialer{})(t.Context(), "tcp", address); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("refused: %v", err)
	}
}

// The time of an attempt that nobody answers is over when it is over, and a scan that ends does not wait.
func TestPatientEnds(t *testing.T) {
	full := unanswered(t)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	if _, err := Patient(&net.Dialer{})(ctx, "tcp", full); !isDeadline(err) {
		t.Errorf("out of time: %v", err)
	}
	ctx, cancel = context.WithCancel(t.Context())
	time.AfterFunc(10*time.Millisecond, cancel)
	if _, err := Patient(&net.Dialer{})(ctx, "tcp", full); err == nil || isDeadline(err) {
		t.Errorf("cancelled: %v", err)
	}
}

func isDeadline(err error) bool {
	var ne net.Error
	return errors.As(err, &ne) && ne.Timeout()
}

// unanswered is an address that answers no connection: its queue is full, and nobody accepts.
func unanswered(t *testing.T) string {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { syscall.Close(fd) })
	if err := syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Listen(fd, 0); err != nil {
		t.Fatal(err)
	}
	name, err := syscall.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	address := (&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: name.(*syscall.SockaddrInet4).Port}).String()
	if runtime.GOOS == "linux" { // its queue holds one
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		for err = unix.EINTR; err == unix.EINTR; { // until it is in the queue
			_, err = unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, -1)
		}
		if err != nil {
			t.Fatal(err)
		}
		return address
	}
	for range 20 {
		conn, err := net.DialTimeout("tcp", address, 50*time.Millisecond)
		if err != nil {
			return address
		}
		t.Cleanup(func() { conn.Close() })
	}
	t.Skip("this system's queue is never full")
	return ""
}
