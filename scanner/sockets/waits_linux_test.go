package sockets

import (
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"time"
)

// What has come in time counts, though the deadline is over when we come to read it.
func TestLateReader(t *testing.T) {
	ours, theirs := pair(t, open(t))
	if _, err := io.WriteString(theirs, "550 no\r\n"); err != nil {
		t.Fatal(err)
	}
	if err := ours.SetDeadline(time.Now().Add(30 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	time.Sleep(60 * time.Millisecond)
	b := make([]byte, 64)
	if n, err := ours.Read(b); string(b[:n]) != "550 no\r\n" || err != nil {
		t.Errorf("read %q, %v", b[:n], err)
	}
	if n, err := ours.Read(b); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("then %q, %v", b[:n], err)
	}
	// A deadline that was over when it was set ends everything.
	io.WriteString(theirs, "550 again\r\n")
	time.Sleep(20 * time.Millisecond)
	ours.SetDeadline(time.Unix(1, 0))
	if n, err := ours.Read(b); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("after the end %q, %v", b[:n], err)
	}
}

// Who waits is woken by a new deadline, by the other end, and by Close.
func TestWaitsEnd(t *testing.T) {
	for name, tc := range map[string]struct {
		end  func(ours, theirs net.Conn)
		want error
	}{
		"a deadline":   {func(ours, _ net.Conn) { ours.SetDeadline(time.Unix(1, 0)) }, os.ErrDeadlineExceeded},
		"one to come":  {func(ours, _ net.Conn) { ours.SetReadDeadline(time.Now().Add(20 * time.Millisecond)) }, os.ErrDeadlineExceeded},
		"one so near":  {func(ours, _ net.Conn) { ours.SetReadDeadline(time.Now().Add(time.Microsecond)) }, os.ErrDeadlineExceeded},
		"closed":       {func(ours, _ net.Conn) { ours.Close() }, net.ErrClosed},
		"closed there": {func(_, theirs net.Conn) { theirs.Close() }, io.EOF},
		"reset there":  {func(_, theirs net.Conn) { theirs.(*net.TCPConn).SetLinger(0); theirs.Close() }, syscall.ECONNRESET},
	} {
		t.Run(name, func(t *testing.T) {
			ours, theirs := pair(t, open(t))
			time.AfterFunc(10*time.Millisecond, func() { tc.end(ours, theirs) })
			if n, err := ours.Read(make([]byte, 1)); n != 0 || !errors.Is(err, tc.want) {
				t.Errorf("%d, %v, want %v", n, err, tc.want)
			}
			ours.Close()
		})
	}
}

// takesLittle keeps the kernel from taking in, for a connection that nobody reads, more than these tests write: left
// alone it gives a fast sender ever more room (tcp_rmem).
func takesLittle(t *testing.T, conn net.Conn) {
	t.Helper()
	if err := conn.(*net.TCPConn).SetReadBuffer(64 << 10); err != nil {
		t.Fatal(err)
	}
}

// A write goes on when there is room again, and ends with its deadline where there is none.
func TestWriteWaits(t *testing.T) {
	ours, theirs := pair(t, open(t))
	takesLittle(t, theirs)
	const size = 16 << 20
	read := make(chan int64)
	go func() {
		time.Sleep(20 * time.Millisecond)
		n, _ := io.CopyN(io.Discard, theirs, size)
		read <- n
	}()
	if n, err := ours.Write(make([]byte, size)); n != size || err != nil {
		t.Errorf("wrote %d, %v", n, err)
	}
	if n := <-read; n != size {
		t.Errorf("%d of %d bytes arrived", n, size)
	}
	ours.SetDeadline(time.Now().Add(30 * time.Millisecond))
	if n, err := ours.Write(make([]byte, size)); n == size || !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("with nobody reading: wrote %d, %v", n, err)
	}
}

// A deadline is kept while another one of the same connection is put off.
func TestOtherDeadline(t *testing.T) {
	ours, theirs := pair(t, open(t))
	takesLittle(t, theirs)
	ours.SetWriteDeadline(time.Now().Add(30 * time.Millisecond))
	written := make(chan error, 1)
	go func() {
		_, err := ours.Write(make([]byte, 32<<20))
		written <- err
	}()
	for range 200 {
		ours.SetReadDeadline(time.Now().Add(time.Hour))
		time.Sleep(500 * time.Microsecond)
	}
	select {
	case err := <-written:
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Error(err)
		}
	case <-time.After(2 * time.Minute):
		t.Error("the writer has slept through its deadline")
		ours.Close()
		<-written
	}
	theirs.Close()
}

// A read ends at TCP's urgent mark (RFC 6093), with more to read behind it.
func TestUrgent(t *testing.T) {
	ours, theirs := pair(t, open(t))
	raw, err := theirs.(*net.TCPConn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	raw.Control(func(fd uintptr) {
		_ = syscall.Sendto(int(fd), []byte("220-a\r\n!"), syscall.MSG_OOB, nil)
		_, _ = syscall.Write(int(fd), []byte("220 b\r\n"))
	})
	ours.SetDeadline(time.Now().Add(5 * time.Minute))
	b := make([]byte, len("220-a\r\n220 b\r\n"))
	if n, err := io.ReadFull(ours, b); string(b) != "220-a\r\n220 b\r\n" {
		t.Errorf("%q, %v", b[:n], err)
	}
}
