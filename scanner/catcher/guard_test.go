package catcher

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"openrelay/probe"
)

// pipes is a listener whose connections are pipes, for tests in which no time passes.
type pipes struct {
	conns chan net.Conn
	done  context.Context
	close context.CancelFunc
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case nc := <-p.conns:
		return nc, nil
	case <-p.done.Done():
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error   { p.close(); return nil }
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }

// inNoTime runs a test against a catcher in a bubble, and waits for it to end.
func inNoTime(t *testing.T, test func(t *testing.T, c *caught, dial func() net.Conn)) {
	synctest.Test(t, func(t *testing.T) {
		p := &pipes{conns: make(chan net.Conn)}
		p.done, p.close = context.WithCancel(context.Background())
		c := newCaught()
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan error)
		go func() { done <- c.Serve(ctx, p) }()
		test(t, c, func() net.Conn {
			ours, theirs := net.Pipe()
			p.conns <- theirs
			return ours
		})
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
}

// heard collects what the catcher says until it closes the connection.
func heard(nc net.Conn) <-chan string {
	all := make(chan string, 1)
	go func() {
		text, _ := io.ReadAll(nc)
		all <- string(text)
	}()
	return all
}

func TestSilence(t *testing.T) {
	inNoTime(t, func(t *testing.T, _ *caught, dial func() net.Conn) {
		begun := time.Now()
		said := <-heard(dial())
		if !strings.Contains(said, "\r\n421 ") || time.Since(begun) != 5*time.Minute {
			t.Errorf("after %v: %q", time.Since(begun), said)
		}
	})
}

// TestHalfACommand: what a client leaves unfinished is not carried out, or at least not answered and
// not gone on from.
func TestHalfACommand(t *testing.T) {
	inNoTime(t, func(t *testing.T, c *caught, dial func() net.Conn) {
		nc := dial()
		all := heard(nc)
		token := c.token()
		fmt.Fprintf(nc, "EHLO a\r\nMAIL FROM:<>\r\nRCPT TO:<%s@%s>\r\nDATA\r\n%s", token.LocalPart, domain,
			strings.TrimSuffix(string(message(t, token)), "\r\n.\r\n"))
		time.Sleep(6 * time.Minute)
		_, err := io.WriteString(nc, "\r\n.\r\nRCPT TO:<a@b.test>\r\n")
		said := <-all
		if err == nil || strings.Contains(said, "relay access denied") || strings.Contains(said, "caught") || len(c.all()) != 0 {
			t.Errorf("%v, %q", err, said)
		}
		if !strings.Contains(said, "354 ") || strings.Contains(said, "\r\n500 ") {
			t.Errorf("%q", said)
		}
	})
}

// TestDrip: a client that says a byte a minute is not waited for longer than any other.
func TestDrip(t *testing.T) {
	inNoTime(t, func(t *testing.T, _ *caught, dial func() net.Conn) {
		nc, begun := dial(), time.Now()
		all := heard(nc)
		for {
			if _, err := nc.Write([]byte("N")); err != nil {
				break
			}
			time.Sleep(time.Minute)
		}
		<-all
		if took := time.Since(begun); took < 10*time.Minute || took > 12*time.Minute {
			t.Errorf("it took %v", took)
		}
	})
}

func TestTooMany(t *testing.T) {
	c := start(t, func(c *Catcher) { c.Limits = Limits{Connections: 3, PerAddress: 2} })
	from := func(ip string) (nc net.Conn, code string) {
		d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(ip)}}
		nc, err := d.Dial("tcp", c.addr.String())
		if err != nil {
			t.Fatal(err)
		}
		line, err := bufio.NewReader(nc).ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		return nc, line[:3]
	}
	var conns []net.Conn
	for i, want := range []struct{ ip, code string }{
		{"127.0.0.1", "220"}, {"127.0.0.1", "220"}, {"127.0.0.1", "421"}, // too many of one
		{"127.0.0.2", "220"}, {"127.0.0.3", "421"}, // too many in all
	} {
		nc, code := from(want.ip)
		defer nc.Close()
		conns = append(conns, nc)
		if code != want.code {
			t.Errorf("connection %d from %s was greeted %s, want %s", i, want.ip, code, want.code)
		}
	}
	if n := c.Counts().TurnedAway; n != 2 {
		t.Errorf("%d were turned away", n)
	}
	_ = conns[0].Close()
	for { // until the catcher has noticed
		nc, code := from("127.0.0.1")
		_ = nc.Close()
		if code == "220" {
			break
		}
	}
}

func TestTooLarge(t *testing.T) {
	c := start(t, nil)
	token := c.token()
	large := append([]byte("X-Pad: "+strings.Repeat(strings.Repeat("x", 900)+"\r\n ", 80)+"\r\n"), message(t, token)...)
	if code := c.send(t, token.LocalPart, large); code != 552 {
		t.Errorf("answered %d", code)
	}
	if code := c.dial(t).say("MAIL FROM:<> SIZE=100000"); code != 552 {
		t.Errorf("the size alone was answered %d", code)
	}
	if len(c.all()) != 0 {
		t.Error("caught")
	}
}

// TestEndless: a message without an end costs a bounded amount.
func TestEndless(t *testing.T) {
	c := start(t, nil)
	token := c.token()
	p := c.dial(t)
	defer p.Close()
	p.say("MAIL FROM:<>", "RCPT TO:<"+token.LocalPart+"@"+domain+">", "DATA")
	line := strings.Repeat("x", 998)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	sent := 0
	for ; sent < 100<<20; sent += len(line) + 2 {
		if err := p.PrintfLine("%s", line); err != nil {
			break
		}
	}
	runtime.ReadMemStats(&after)
	if sent > 20<<20 { // what the kernel takes comes on top
		t.Errorf("%d octets were taken", sent)
	}
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 4<<20 {
		t.Errorf("the heap grew by %d octets", grown)
	}
	if len(c.all()) != 0 {
		t.Error("caught")
	}
}

func TestTooManyRefusals(t *testing.T) {
	c := start(t, nil)
	p := c.dial(t)
	defer p.Close()
	p.say("MAIL FROM:<>")
	for i := range 20 {
		if code := p.say("RCPT TO:<a@b.test>"); code != 550 {
			t.Fatalf("the %dth was answered %d", i+1, code)
		}
	}
	if code := p.say("RCPT TO:<a@b.test>"); code != 421 {
		t.Errorf("answered %d", code)
	}
	if line, err := p.ReadLine(); err == nil {
		t.Errorf("goes on with %q", line)
	}
}

// TestChunks: Exim and others send a message in chunks where they may (RFC 3030).
func TestChunks(t *testing.T) {
	c := start(t, nil)
	token := c.token()
	text := strings.TrimSuffix(string(message(t, token)), ".\r\n")
	chunk := func(p *peer, part, last string) int {
		_, _ = fmt.Fprintf(p.W, "BDAT %d%s\r\n%s", len(part), last, part)
		_ = p.W.Flush()
		return p.reply().Code
	}
	for _, whole := range []bool{false, true} { // first it is given up half way
		p := c.dial(t)
		defer p.Close()
		p.say("MAIL FROM:<>", "RCPT TO:<"+token.LocalPart+"@"+domain+">")
		if code := chunk(p, text[:100], ""); code != 250 {
			t.Fatalf("the first chunk was answered %d", code)
		}
		if !whole {
			_ = p.Close()
			continue
		}
		if code := chunk(p, text[100:], " LAST"); code != 250 {
			t.Errorf("answered %d", code)
		}
	}
	if c.Counts() != (Counts{Caught: 1}) {
		t.Errorf("counts %+v", c.Counts())
	}
}

// TestStops: Serve returns though a client is connected, and nothing is caught after.
func TestStops(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := newCaught()
	c.addr = addrPort(l)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- c.Serve(ctx, l) }()
	p := c.dial(t)
	defer p.Close()
	token := c.token()
	p.say("MAIL FROM:<>", "RCPT TO:<"+token.LocalPart+"@"+domain+">", "DATA")
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if news, err := c.take(token.Arrive(c.addr.Addr(), time.Now())); news || err == nil || len(c.all()) != 0 {
		t.Error("caught something after the end")
	}
	if _, err := net.Dial("tcp", c.addr.String()); err == nil {
		t.Error("still listens")
	}
}

// TestRudeness: what is pipelined behind QUIT, and rubbish, harm nobody else.
func TestRudeness(t *testing.T) {
	c := start(t, nil)
	for _, words := range []string{
		"QUIT\r\nMAIL FROM:<>\r\nRCPT TO:<a@b.test>\r\nDATA\r\n", "\x00\x01\x02\r\n\r\n\r\n", "EHLO\r\nMAIL\r\nRCPT\r\nDATA\r\nBDAT x\r\n",
		strings.Repeat("x", 5000) + "\r\n", "STARTTLS\r\n\x16\x03\x01",
	} {
		p := c.dial(t)
		_, _ = p.W.WriteString(words)
		_ = p.W.Flush()
		_, _ = io.Copy(io.Discard, io.LimitReader(p.R, 1))
		_ = p.Close()
	}
	token := c.token()
	if code := c.send(t, token.LocalPart, message(t, token)); code != 250 || len(c.all()) != 1 {
		t.Errorf("answered %d", code)
	}
}

func TestNeedsKeyAndDomain(t *testing.T) {
	for _, c := range []*Catcher{{Domain: domain}, {Key: probe.NewKey()}, {Domain: domain, Key: probe.NewKey()}} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Serve(t.Context(), l); err == nil {
			t.Errorf("%q with %v serves", c.Domain, c.Key)
		}
	}
}
