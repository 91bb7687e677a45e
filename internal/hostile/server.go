// Package hostile is mail servers that attack whoever tests them, each in its own way.
//
// They are for tests alone. What is listed with each is the verdict that it must not keep a tester from,
// and all of them are to cost no more memory or time than an honest server.
package hostile

import (
	"bufio"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/netip"
	"strings"
	"sync"
	"time"

	"openrelay/probe"
)

// Server is a server that attacks whoever tests it. Each address it is reached at is a server of its own,
// so that thousands of targets need one listener.
type Server struct {
	Name    string
	Verdict probe.Verdict
	Reasons []probe.Reason  // any of these; nil for any at all
	Trait   probe.TraitName // that the result must have, or ""
	Floods  bool            // sends without end

	act func(*call)
}

// call is one connection to a server.
type call struct {
	net.Conn
	in   *bufio.Reader
	n    int             // 1 for the first to this address
	past *past           // what this address remembers
	tls  bool            // encrypted
	over <-chan struct{} // closed when the server ends
}

// past is what a server remembers between connections. Its lock is held for no longer than a look.
type past struct {
	mu      sync.Mutex
	calls   int
	rcpts   int // foreign recipients named
	refused int
}

// Serve answers connections until the listener is closed, and ends them then.
func (s *Server) Serve(l net.Listener) {
	over := make(chan struct{})
	var calls sync.WaitGroup
	pasts := make(map[netip.Addr]*past)
	defer calls.Wait()
	defer close(over)
	for {
		nc, err := l.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil { // out of descriptors, or reset before it was taken
			time.Sleep(time.Millisecond)
			continue
		}
		at := nc.LocalAddr().(*net.TCPAddr).AddrPort().Addr()
		if pasts[at] == nil {
			pasts[at] = new(past)
		}
		pasts[at].calls++
		c := &call{Conn: nc, in: bufio.NewReaderSize(nc, 512), n: pasts[at].calls, past: pasts[at], over: over}
		calls.Go(func() { c.run(s.act) })
	}
}

// run acts, and hangs up at the end, or when the server ends.
func (c *call) run(act func(*call)) {
	ended := make(chan struct{})
	go func() {
		select {
		case <-c.over:
		case <-ended:
		case <-time.After(patience):
		}
		_ = c.Conn.Close()
	}()
	nc := c.Conn
	act(c)
	close(ended)
	_ = nc.Close()
}

// patience is the longest a connection may last, for a server that never looks whether anybody is there.
const patience = time.Minute

// say writes bytes as they are, and reports whether anybody was there.
func (c *call) say(s string) bool {
	_, err := io.WriteString(c.Conn, s)
	return err == nil
}

// line reads a command without its ending.
func (c *call) line() (string, bool) {
	s, err := c.in.ReadString('\n')
	return strings.TrimRight(s, "\r\n"), err == nil
}

// reset makes the end of the connection a RST.
func (c *call) reset() {
	if tcp, ok := c.Conn.(interface{ SetLinger(int) error }); ok {
		_ = tcp.SetLinger(0)
	}
	_ = c.Conn.Close()
}

func (c *call) encrypt(config *tls.Config) bool {
	tc := tls.Server(c.Conn, config)
	if tc.Handshake() != nil {
		return false
	}
	c.Conn, c.in, c.tls = tc, bufio.NewReaderSize(tc, 512), true
	return true
}

// honest is the reply of a server of local.test that relays for nobody, in Postfix's words.
func (c *call) honest(line string) string {
	upper := strings.ToUpper(line)
	verb, _, _ := strings.Cut(upper, " ")
	switch {
	case verb == "EHLO" && c.tls:
		return "250-mx.local.test\r\n250 PIPELINING\r\n"
	case verb == "EHLO": // STARTTLS is for talks, which has the connection
		return "250-mx.local.test\r\n250-PIPELINING\r\n250 STARTTLS\r\n"
	case verb == "QUIT":
		return "221 2.0.0 Bye\r\n"
	case verb == "DATA":
		return "554 5.5.1 Error: no valid recipients\r\n"
	case strings.HasPrefix(upper, "RCPT TO:"):
		return toRcpt(line[len("RCPT TO:"):])
	}
	return "250 2.0.0 Ok\r\n"
}

// toRcpt is the reply to a recipient, of a server where only postmaster lives.
func toRcpt(to string) string {
	switch {
	case to == "<postmaster>", to == "<postmaster@local.test>":
		return "250 2.1.5 Ok\r\n"
	case strings.HasSuffix(to, "@local.test>") && !strings.ContainsAny(to, "%!:\""):
		return "550 5.1.1 " + to + ": Recipient address rejected: User unknown in local recipient table\r\n"
	}
	return "454 4.7.1 " + to + ": Relay access denied\r\n"
}

const greeting = "220 mx.local.test ESMTP Postfix\r\n"

// talks is an honest server but for what does answers: it reports whether it has, and whether the
// conversation goes on.
func talks(does func(c *call, line string) (done, more bool)) func(*call) {
	return func(c *call) {
		if done, more := does(c, ""); !done && !c.say(greeting) || done && !more {
			return
		}
		for {
			line, ok := c.line()
			if !ok {
				return
			}
			done, more := does(c, line)
			switch {
			case done:
			case !c.tls && strings.EqualFold(line, atStartTLS):
				more = c.say("220 2.0.0 Ready\r\n") && c.encrypt(plainTLS())
			default:
				more = c.say(c.honest(line)) && !strings.EqualFold(line, "QUIT")
			}
			if !more {
				return
			}
		}
	}
}

// Stages at which a server may attack: prefixes of commands.
const (
	atGreeting = ""
	atHello    = "EHLO"
	atMail     = "MAIL"
	atRcpt     = "RCPT"
	atData     = "DATA"
	atQuit     = "QUIT"
	atStartTLS = "STARTTLS"
)

// at is an honest server until a stage, where it attacks. Up to DATA it relays for everybody if that is
// the stage: nobody else is asked to go on.
func at(stage string, attack func(*call)) func(*call) {
	return talks(func(c *call, line string) (done, more bool) {
		upper := strings.ToUpper(line)
		if strings.HasPrefix(upper, "HELO") {
			upper = "EHLO"
		}
		switch {
		case stage == "" && line == "", stage != "" && strings.HasPrefix(upper, stage):
			attack(c)
			return true, false
		case stage == atData && strings.HasPrefix(upper, atRcpt):
			return true, c.say("250 2.1.5 Ok\r\n")
		case stage == atData && upper == atStartTLS:
			return true, false
		}
		return false, true
	})
}

// says is an honest server that says something else at a stage, and goes on.
func says(stage, words string) func(*call) {
	return talks(func(c *call, line string) (done, more bool) {
		if stage == "" && line != "" || stage == "" != (line == "") || !strings.HasPrefix(strings.ToUpper(line), stage) {
			return false, true
		}
		return true, c.say(words)
	})
}

// speaks says something at once and then waits to be spoken to no more.
func speaks(words string) func(*call) {
	return func(c *call) {
		_ = c.say(words) && c.waits()
	}
}

// waits reads and says nothing until the other side has gone.
func (c *call) waits() bool {
	_, err := io.Copy(io.Discard, c.in)
	return err == nil
}
