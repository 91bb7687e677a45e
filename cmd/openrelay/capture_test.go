package main

import (
	"bytes"
	"io"
	"net"
	"regexp"
	"strings"
	"sync"
	"testing"

	"openrelay/internal/mtatest"
	"openrelay/scanner/demo"
)

// capture stands before a server and keeps every byte of every connection, in the order in which they
// passed.
type capture struct {
	addr  string
	mu    sync.Mutex
	conns []*captured
}

// captured is one connection. What came after the server's 354 is kept apart.
type captured struct {
	mu             sync.Mutex
	client, server bytes.Buffer
	invited        bool
	after          bytes.Buffer // from the client
}

// startCapture listens, and leads connections on to a server.
func startCapture(t *testing.T, server string) *capture {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &capture{addr: l.Addr().String()}
	var passing sync.WaitGroup
	t.Cleanup(func() { _ = l.Close(); passing.Wait() })
	passing.Go(func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			passing.Go(func() { c.pass(in, server) })
		}
	})
	return c
}

func (c *capture) pass(in net.Conn, server string) {
	defer in.Close()
	out, err := net.Dial("tcp", server)
	if err != nil {
		return
	}
	defer out.Close()
	k := &captured{}
	c.mu.Lock()
	c.conns = append(c.conns, k)
	c.mu.Unlock()
	var back sync.WaitGroup
	back.Go(func() {
		_, _ = io.Copy(io.MultiWriter(noting(k.fromServer), in), out)
		_ = in.Close()
	})
	_, _ = io.Copy(io.MultiWriter(noting(k.fromClient), out), in)
	_ = out.Close()
	back.Wait()
}

type noting func([]byte)

func (n noting) Write(b []byte) (int, error) { n(b); return len(b), nil }

var invitation = regexp.MustCompile(`(?m)^354`)

// fromServer notes what a server says before the client gets it: nothing can be said in answer before.
func (k *captured) fromServer(b []byte) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.server.Write(b)
	k.invited = k.invited || invitation.Match(k.server.Bytes())
}

func (k *captured) fromClient(b []byte) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.client.Write(b)
	if k.invited {
		k.after.Write(b)
	}
}

// TestNothingIsSent captures whole scans with every vector there is, of servers that would take a message:
// none is ever sent, no byte of one, unless --proof deliver asks for it. It sees one where that does.
func TestNothingIsSent(t *testing.T) {
	if testing.Short() {
		t.Skip("scans everything, and a real mail server takes seconds to start; not in short mode")
	}
	scripted := func(extensions ...string) func(*testing.T) string {
		return func(t *testing.T) string {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = l.Close() })
			s := &demo.Script{Extensions: extensions, Rcpt: func(demo.Dialogue) string { return "250 2.1.5 Ok" },
				Other: func(demo.Dialogue) string { return "220 2.0.0 Ok" }}
			go func() { _ = s.Serve(l) }()
			return l.Addr().String()
		}
	}
	real := func(config string) func(*testing.T) string {
		return func(t *testing.T) string { return mtatest.Start(t, config).Addr.String() }
	}
	deliver := []string{"--proof", "deliver", "--deliver-to", "receiver.test", "--catch", "127.0.0.1:0", "--wait-delivery", "0s"}
	for name, c := range map[string]struct {
		server func(*testing.T) string
		more   []string
		sends  bool
	}{
		"pipelining":          {scripted("PIPELINING", "AUTH PLAIN ANONYMOUS", "XCLIENT ADDR NAME LOGIN"), nil, false},
		"one by one":          {scripted("8BITMIME"), nil, false},
		"only RCPT":           {scripted("PIPELINING"), []string{"--proof", "rcpt"}, false},
		"postfix-open":        {real("postfix-open"), nil, false},
		"deliver":             {scripted("PIPELINING"), deliver, true},
		"deliver, one by one": {scripted("8BITMIME"), deliver, true},
	} {
		t.Run(name, func(t *testing.T) {
			capture := startCapture(t, c.server(t))
			var out, errs bytes.Buffer
			args := append([]string{"scan", "--profile", "thorough", "--intrusive", "--local-domain", "local.test",
				"--from-domain", "sender.test", "--to-domain", "receiver.test", "--retry-for", "-1s", "--format", "jsonl", capture.addr}, c.more...)
			if status := run(t.Context(), args, strings.NewReader(""), &out, &errs); status != 1 {
				t.Fatalf("exit status %d\n%s", status, errs.String())
			}
			invited, bodies := 0, 0
			capture.mu.Lock()
			defer capture.mu.Unlock()
			for _, k := range capture.conns {
				k.mu.Lock()
				if k.invited {
					invited++
				}
				said := k.client.String()
				body := k.after.Len() > 0 || strings.Contains(said, "\r\n.\r\n") || strings.Contains(said, "Subject:") || strings.Contains(said, "X-Openrelay")
				if body {
					bodies++
				}
				if body && !c.sends {
					t.Errorf("after 354 the client sent %q; in all\n%s", k.after.String(), said)
				}
				k.mu.Unlock()
			}
			proof := !strings.Contains(strings.Join(c.more, " "), "rcpt")
			if len(capture.conns) < 5 || (invited > 0) != proof || (bodies > 0) != c.sends {
				t.Errorf("%d connections, %d came to 354, %d messages", len(capture.conns), invited, bodies)
			}
			t.Logf("%d connections, %d came to 354, %d messages", len(capture.conns), invited, bodies)
		})
	}
}
