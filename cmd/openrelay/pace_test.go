package main

import (
	"bytes"
	"fmt"
	"net"
	"runtime"
	"sync"
	"testing"

	"openrelay/scanner/demo"
)

// waited counts the connections to several listeners that wait for us: a reply to what we ask is still to be
// written on them.
type waited struct {
	mu        sync.Mutex
	now, most int
}

func (w *waited) add(n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now += n
	w.most = max(w.most, w.now)
}

type waitedListener struct {
	net.Listener
	*waited
}

func (l waitedListener) Accept() (net.Conn, error) {
	nc, err := l.Listener.Accept()
	if err == nil {
		l.add(1)
	}
	return &waitedConn{Conn: nc, waited: l.waited}, err
}

type waitedConn struct {
	net.Conn
	*waited
	writes int
}

// Write writes the greeting, the reply to EHLO, and then the first one that we asked for.
func (c *waitedConn) Write(b []byte) (int, error) {
	if c.writes++; c.writes == 3 {
		c.add(-1)
	}
	return c.Conn.Write(b)
}

// --workers 1 is one server at a time, one that is connected and waits for its turn included.
func TestOneWorker(t *testing.T) {
	var servers waited
	first, err := net.Listen("tcp", "127.77.0.1:0")
	if err != nil && runtime.GOOS != "linux" { // macOS has 127.0.0.1 alone
		t.Skipf("no further address of loopback here: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	port := first.Addr().(*net.TCPAddr).Port
	listeners := []net.Listener{first}
	for i := 2; i <= 6; i++ {
		l, err := net.Listen("tcp", fmt.Sprintf("127.77.0.%d:%d", i, port))
		if err != nil {
			t.Fatal(err)
		}
		listeners = append(listeners, l)
	}
	for _, l := range listeners {
		t.Cleanup(func() { _ = l.Close() })
		go func() { _ = new(demo.Script).Serve(waitedListener{l, &servers}) }()
	}
	var stdout, stderr bytes.Buffer
	args := []string{"scan", "--profile", "quick", "--workers", "1", "--ports", fmt.Sprint(port), "127.77.0.1-127.77.0.6"}
	if status := run(t.Context(), args, nil, &stdout, &stderr); status != 0 {
		t.Fatalf("exit status %d: %s%s", status, stdout.String(), stderr.String())
	}
	servers.mu.Lock()
	defer servers.mu.Unlock()
	if servers.most != 1 {
		t.Errorf("%d servers at once", servers.most)
	}
}
