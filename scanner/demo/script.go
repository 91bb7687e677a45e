package demo

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"time"
)

// Script is a mail server that answers as it is told, rightly or wrongly. The zero value greets,
// offers PIPELINING, takes mail for postmaster and refuses everybody else in Postfix's words.
type Script struct {
	Host       string      // in the greeting; mx.local.test by default
	Greeting   string      // the whole first reply instead; "-" for none at all
	Extensions []string    // of the reply to EHLO; PIPELINING by default
	TLS        *tls.Config // offers STARTTLS
	Implicit   bool        // TLS from the first byte

	// Each returns the whole reply to a command, "" for the usual one, and "-" to hang up, as the last line of a
	// reply too.
	Greet                  func(Dialogue) string // to nothing: the first reply
	EHLO, Mail, Rcpt, Data func(Dialogue) string
	Body                   func(Dialogue) string // after the final dot
	Other                  func(Dialogue) string // to a command it does not know

	ErrorLimit int           // refusals on one connection before it is closed with 421
	Delay      time.Duration // before each reply

	mu      sync.Mutex
	count   Counts
	refused int       // on all connections
	first   time.Time // when the first connection came
}

// Dialogue is what a server knows when it answers.
type Dialogue struct {
	Connection int    // 1 for the first to this server
	Line       string // the command as it came
	Verb, Helo string // of the command, and the name we were given
	Pipelined  bool   // it came in one read with the one before it
	TLS        bool
	From       string   // the argument of MAIL FROM, as it came
	To         string   // the argument of RCPT TO, as it came
	Rcpts      []string // accepted so far

	Said          []string      // the commands on this connection before it
	SaidInAll     []string      // and on all connections
	Mails, Asked  int           // MAIL on this connection, and RCPT behind the last one, this command too
	Refused       int           // commands refused on this connection so far
	RefusedInAll  int           // and on all connections
	AfterTheFirst time.Duration // how long ago the first connection came
}

// Counts is what a server has seen.
type Counts struct {
	Connections int
	Refusals    int // the most on one connection
	Messages    int // whole messages received
	Commands    []string
}

// Seen returns what the server has seen so far.
func (s *Script) Seen() Counts {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.count
	c.Commands = slices.Clone(c.Commands)
	return c
}

// Serve answers connections until the listener is closed.
func (s *Script) Serve(l net.Listener) error {
	for {
		nc, err := l.Accept()
		if err != nil {
			return err
		}
		s.mu.Lock()
		s.count.Connections++
		n := s.count.Connections
		if n == 1 {
			s.first = time.Now()
		}
		s.mu.Unlock()
		go func() {
			defer nc.Close()
			(&talk{s: s, nc: nc, d: Dialogue{Connection: n}}).run()
		}()
	}
}

// talk is one connection to a Script.
type talk struct {
	s  *Script
	nc net.Conn
	in *bufio.Reader
	d  Dialogue
}

func (t *talk) run() {
	if t.s.Implicit {
		t.encrypt()
	}
	t.in = bufio.NewReader(t.nc)
	if t.s.Greeting == "-" {
		_, _ = io.Copy(io.Discard, t.nc)
		return
	}
	host := t.s.Host
	if host == "" {
		host = "mx.local.test"
	}
	t.remember()
	if !t.say(or(hook(t.s.Greet, t.d), or(t.s.Greeting, "220 "+host+" ESMTP"))) {
		return
	}
	for {
		t.d.Pipelined = t.in.Buffered() > 0
		line, err := t.in.ReadString('\n')
		if err != nil {
			return
		}
		if !t.answer(strings.TrimRight(line, "\r\n")) {
			return
		}
	}
}

// say writes a reply and reports whether the conversation goes on.
func (t *talk) say(reply string) bool {
	if reply == "-" {
		return false
	}
	time.Sleep(t.s.Delay)
	if reply[0] >= '4' {
		t.refuse()
	}
	if t.s.ErrorLimit > 0 && t.d.Refused > t.s.ErrorLimit {
		_, _ = io.WriteString(t.nc, "421 4.7.0 Error: too many errors\r\n")
		return false
	}
	reply, last := strings.CutSuffix(reply, "\n-")
	_, err := io.WriteString(t.nc, strings.ReplaceAll(reply, "\n", "\r\n")+"\r\n")
	return err == nil && !last && !strings.HasPrefix(reply, "421") && !strings.HasPrefix(reply, "221")
}

func (t *talk) refuse() {
	t.d.Refused++
	t.s.mu.Lock()
	defer t.s.mu.Unlock()
	t.s.refused++
	t.s.count.Refusals = max(t.s.count.Refusals, t.d.Refused)
}

// remember tells what happened on other connections.
func (t *talk) remember() {
	t.s.mu.Lock()
	defer t.s.mu.Unlock()
	t.d.SaidInAll = slices.Clip(t.s.count.Commands)
	t.d.RefusedInAll, t.d.AfterTheFirst = t.s.refused, time.Since(t.s.first)
}

func (t *talk) answer(line string) bool {
	t.remember()
	t.s.mu.Lock()
	t.s.count.Commands = append(t.s.count.Commands, line)
	t.s.mu.Unlock()
	defer func() { t.d.Said = append(t.d.Said, line) }()
	upper := strings.ToUpper(line)
	t.d.Line = line
	t.d.Verb, _, _ = strings.Cut(upper, " ")
	switch {
	case t.d.Verb == "EHLO" || t.d.Verb == "HELO":
		_, t.d.Helo, _ = strings.Cut(line, " ")
		return t.say(or(hook(t.s.EHLO, t.d), t.hello()))
	case t.d.Verb == "STARTTLS" && t.s.TLS != nil:
		return t.say("220 2.0.0 Ready to start TLS") && t.encrypt()
	case strings.HasPrefix(upper, "MAIL FROM:"):
		t.d.From, t.d.Rcpts, t.d.Asked = argument(line), nil, 0
		t.d.Mails++
		return t.say(or(hook(t.s.Mail, t.d), "250 2.1.0 Ok"))
	case strings.HasPrefix(upper, "RCPT TO:"):
		return t.rcpt(line)
	case t.d.Verb == "DATA":
		return t.data()
	case t.d.Verb == "RSET":
		t.d.From, t.d.Rcpts = "", nil
		return t.say("250 2.0.0 Ok")
	case t.d.Verb == "QUIT":
		return t.say("221 2.0.0 Bye")
	case t.d.Verb == "NOOP":
		return t.say("250 2.0.0 Ok")
	}
	return t.say(or(hook(t.s.Other, t.d), "502 5.5.2 Error: command not recognized"))
}

func (t *talk) hello() string {
	extensions := t.s.Extensions
	if extensions == nil {
		extensions = []string{"PIPELINING"}
	}
	if t.s.TLS != nil && !t.d.TLS {
		extensions = append(slices.Clone(extensions), "STARTTLS")
	}
	lines := append([]string{or(t.s.Host, "mx.local.test")}, extensions...)
	if t.d.Verb == "HELO" {
		lines = lines[:1]
	}
	for i := range lines {
		lines[i] = "250-" + lines[i]
	}
	lines[len(lines)-1] = "250 " + lines[len(lines)-1][4:]
	return strings.Join(lines, "\n")
}

func (t *talk) rcpt(line string) bool {
	if t.d.From == "" {
		return t.say("503 5.5.1 Error: need MAIL command")
	}
	t.d.To = argument(line)
	t.d.Asked++
	reply := or(hook(t.s.Rcpt, t.d), usual(t.d.To))
	if strings.HasPrefix(reply, "2") {
		t.d.Rcpts = append(t.d.Rcpts, t.d.To)
	}
	return t.say(reply)
}

// usual is a server of local.test with one mailbox.
func usual(to string) string {
	switch {
	case to == "<postmaster>" || to == "<postmaster@local.test>":
		return "250 2.1.5 Ok"
	case strings.HasSuffix(to, "@local.test>") && !strings.ContainsAny(to, "%!:\""):
		return fmt.Sprintf("550 5.1.1 %s: Recipient address rejected: User unknown in local recipient table", to)
	}
	return fmt.Sprintf("454 4.7.1 %s: Relay access denied", to)
}

func (t *talk) data() bool {
	if len(t.d.Rcpts) == 0 {
		return t.say("554 5.5.1 Error: no valid recipients")
	}
	reply := or(hook(t.s.Data, t.d), "354 End data with <CR><LF>.<CR><LF>")
	if !t.say(reply) || !strings.HasPrefix(reply, "354") {
		return !strings.HasPrefix(reply, "354")
	}
	for {
		line, err := t.in.ReadString('\n')
		if err != nil {
			return false
		}
		if line == ".\r\n" {
			break
		}
	}
	t.s.mu.Lock()
	t.s.count.Messages++
	t.s.mu.Unlock()
	return t.say(or(hook(t.s.Body, t.d), "250 2.0.0 Ok: queued"))
}

func (t *talk) encrypt() bool {
	tc := tls.Server(t.nc, t.s.TLS)
	if err := tc.Handshake(); err != nil {
		return false
	}
	t.nc, t.in, t.d.TLS = tc, bufio.NewReader(tc), true
	return true
}

func argument(line string) string {
	_, arg, _ := strings.Cut(line, ":")
	return arg
}

func hook(f func(Dialogue) string, d Dialogue) string {
	if f == nil {
		return ""
	}
	return f(d)
}

func or(reply, usual string) string {
	if reply == "" {
		return usual
	}
	return reply
}
