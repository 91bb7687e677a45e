package catcher

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/netip"
	"net/textproto"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"openrelay/probe"
	"openrelay/probe/dialogue"
	"openrelay/probe/phrasebook"
	"openrelay/probe/prober"
	"openrelay/scanner/demo"
)

const domain = "relay.test"

// caught is a catcher that runs until the test ends.
type caught struct {
	*Catcher
	addr netip.AddrPort

	mu       sync.Mutex
	arrivals []probe.Arrival
}

func newCaught() *caught {
	c := &caught{Catcher: &Catcher{Domain: domain, Key: probe.NewKey(), Contact: "ada@example.org"}}
	c.Caught = func(a probe.Arrival) error {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.arrivals = append(c.arrivals, a)
		return nil
	}
	return c
}

func start(t *testing.T, with func(*Catcher)) *caught {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return serve(t, l, with)
}

func serve(t *testing.T, l net.Listener, with func(*Catcher)) *caught {
	t.Helper()
	c := newCaught()
	c.addr = addrPort(l)
	if with != nil {
		with(c.Catcher)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- c.Serve(ctx, l) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	return c
}

func addrPort(l net.Listener) netip.AddrPort { return l.Addr().(*net.TCPAddr).AddrPort() }

func (c *caught) all() []probe.Arrival {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.arrivals)
}

// token is one that was issued a while ago for a server at 192.0.2.1.
func (c *caught) token() probe.Token {
	return c.Key.Issue("run7", "192.0.2.1:25", "plain", probe.Plain, time.Now().Add(-time.Minute))
}

// message is what a relay makes of the test message of a token.
func message(t *testing.T, token probe.Token) []byte {
	t.Helper()
	text, err := probe.Message{Token: token, Domain: domain}.Data()
	if err != nil {
		t.Fatal(err)
	}
	trace := "Received: from probe.example (unknown [198.51.100.7])\r\n\tby mx.target.test (Postfix) with ESMTP id 1; Mon, 23 Nov 2026 12:00:00 +0000 (UTC)\r\n"
	return append([]byte(trace), text...)
}

// peer speaks raw SMTP to the catcher.
type peer struct {
	*textproto.Conn
	t *testing.T
}

// dial makes a connection to the catcher.
func (c *caught) dial(t *testing.T) *peer {
	t.Helper()
	return dial(t, c.addr, "127.0.0.1")
}

// dial makes a connection, past EHLO. Whoever calls it closes it.
func dial(t *testing.T, server netip.AddrPort, from string) *peer {
	t.Helper()
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
	nc, err := d.DialContext(t.Context(), "tcp", server.String())
	if err != nil {
		t.Fatal(err)
	}
	p := &peer{textproto.NewConn(nc), t}
	_ = nc.SetDeadline(time.Now().Add(5 * time.Minute))
	if r := p.reply(); r.Code != 220 {
		t.Fatalf("greeted with %s", r.String())
	}
	if code := p.say("EHLO relay.target.test"); code != 250 {
		t.Fatalf("EHLO was answered %d", code)
	}
	return p
}

func (p *peer) reply() dialogue.Reply {
	p.t.Helper()
	var text strings.Builder
	for {
		line, err := p.ReadLine()
		if err != nil {
			p.t.Fatalf("after %q: %v", text.String(), err)
		}
		text.WriteString(line + "\r\n")
		if len(line) < 4 || line[3] != '-' {
			break
		}
	}
	r, err := dialogue.ParseReply(text.String())
	if err != nil {
		p.t.Fatal(err)
	}
	return r
}

// say sends commands and returns the code of the last reply.
func (p *peer) say(commands ...string) (code int) {
	p.t.Helper()
	for _, command := range commands {
		if err := p.PrintfLine("%s", command); err != nil {
			p.t.Fatalf("%q: %v", command, err)
		}
		code = p.reply().Code
	}
	return code
}

// data sends DATA and a message, and returns the code of the reply to it.
func (p *peer) data(message []byte) int {
	p.t.Helper()
	if code := p.say("DATA"); code != 354 {
		return code
	}
	return p.say(strings.TrimSuffix(string(message), "\r\n"))
}

// send hands a message to the catcher, or only its recipient, and returns the code of the last reply.
func (c *caught) send(t *testing.T, local string, message []byte) int {
	t.Helper()
	p := c.dial(t)
	defer p.Close()
	code := p.say("MAIL FROM:<audit@example.net>", "RCPT TO:<"+local+"@"+domain+">")
	if code == 250 && message != nil {
		code = p.data(message)
	}
	p.say("QUIT")
	return code
}

func TestCatch(t *testing.T) {
	c := start(t, nil)
	token := c.token()
	if code := c.send(t, token.LocalPart, message(t, token)); code != 250 {
		t.Fatalf("answered %d", code)
	}
	got := c.all()
	if len(got) != 1 {
		t.Fatalf("%d messages", len(got))
	}
	a := got[0]
	if a.Scan != "run7" || a.Target != "192.0.2.1:25" || a.Vector != "plain" || a.Via != probe.Plain || a.Token != token.Serial {
		t.Errorf("whose: %+v", a)
	}
	if a.Relay != "127.0.0.1" || !a.MultiHop || a.Helo != "relay.target.test" || a.TLS != "" || a.SawClient != "198.51.100.7" {
		t.Errorf("how: %+v", a)
	}
	if len(a.Received) != 1 || !strings.HasPrefix(a.Received[0], "from probe.example (unknown [198.51.100.7]) by mx.target.test") {
		t.Errorf("Received %q", a.Received)
	}
	if !a.At.After(token.At) || a.DelayMS < 60_000 {
		t.Errorf("at %v, after %d ms", a.At, a.DelayMS)
	}
}

func TestCatchOverTLS(t *testing.T) {
	config, err := demo.TLS()
	if err != nil {
		t.Fatal(err)
	}
	c := start(t, func(c *Catcher) { c.TLS = config })
	token := c.token()
	client, err := smtp.DialStartTLS(c.addr.String(), &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if err := client.SendMail("", []string{strings.ToUpper(token.LocalPart) + "@Relay.Test"}, bytes.NewReader(message(t, token))); err != nil {
		t.Fatal(err)
	}
	if got := c.all(); len(got) != 1 || got[0].TLS != "TLS 1.3" || got[0].Token != token.Serial {
		t.Errorf("caught %+v", got)
	}
}

// TestOnce: a message that comes again, since a reply was lost or a queue is run twice, is taken, so
// that the relay lets go of it, and counts no second time.
func TestOnce(t *testing.T) {
	c := start(t, nil)
	token := c.token()
	for range 3 {
		if code := c.send(t, token.LocalPart, message(t, token)); code != 250 {
			t.Errorf("answered %d", code)
		}
	}
	if n := len(c.all()); n != 1 || c.Counts() != (Counts{Caught: 1, Again: 2}) {
		t.Errorf("%d messages, counts %+v", n, c.Counts())
	}
}

// TestNotNoted: a message that cannot be written down is not lost: it is asked for again.
func TestNotNoted(t *testing.T) {
	full := true
	c := start(t, func(c *Catcher) {
		caught := c.Caught
		c.Caught = func(a probe.Arrival) error {
			if full {
				return errors.New("disk full")
			}
			return caught(a)
		}
	})
	token := c.token()
	if code := c.send(t, token.LocalPart, message(t, token)); code != 451 || c.Counts().Caught != 0 {
		t.Errorf("answered %d, counts %+v", code, c.Counts())
	}
	full = false
	if code := c.send(t, token.LocalPart, message(t, token)); code != 250 || len(c.all()) != 1 {
		t.Errorf("then answered %d", code)
	}
}

// TestNoProof: what looks like a delivery and is none.
func TestNoProof(t *testing.T) {
	c := start(t, nil)
	token, other := c.token(), c.token()
	bounce := append([]byte("From: MAILER-DAEMON@target.test\r\nSubject: undelivered\r\n\r\n"), message(t, token)...)
	for name, data := range map[string][]byte{
		"a recipient alone, as a callout asks": nil,
		"a message without a token":            []byte("Subject: hello\r\n\r\nhello\r\n.\r\n"),
		"the token inside of a bounce":         bounce,
		"the token of another message":         message(t, other),
		"a token somebody else made":           message(t, probe.NewKey().Issue("run7", "192.0.2.1:25", "plain", probe.Plain, time.Now())),
		"another target in the header":         bytes.ReplaceAll(message(t, token), []byte("192.0.2.1"), []byte("192.0.2.2")),
	} {
		code := c.send(t, token.LocalPart, data)
		if want := map[bool]int{true: 250, false: 550}[data == nil]; code != want {
			t.Errorf("%s: answered %d, want %d", name, code, want)
		}
	}
	if got := c.all(); len(got) != 0 {
		t.Errorf("caught %+v", got)
	}
}

// TestRefuses: every refusal means to our own phrasebook what it is meant to mean.
func TestRefuses(t *testing.T) {
	c := start(t, func(c *Catcher) { c.Limits.Refusals = 1000 })
	old := c.Key.Issue("run7", "192.0.2.1:25", "plain", probe.Plain, time.Now().Add(-2*probe.TokenLife))
	token := c.token()
	for to, want := range map[string]phrasebook.Meaning{
		"<stranger@example.org>":                                   phrasebook.RelayDenied,
		"<" + token.LocalPart + "@example.org>":                    phrasebook.RelayDenied,
		"<" + token.LocalPart + "@sub." + domain + ">":             phrasebook.RelayDenied,
		`<"` + token.LocalPart + "@" + domain + `"@example.org>`:   phrasebook.RelayDenied,
		`<"stranger@example.org"@` + domain + ">":                  phrasebook.RecipientUnknown,
		"<stranger%example.org@" + domain + ">":                    phrasebook.RecipientUnknown,
		"<example.org!stranger@" + domain + ">":                    phrasebook.RecipientUnknown,
		"<" + token.LocalPart + "%" + domain + "@" + domain + ">":  phrasebook.RecipientUnknown,
		"<postmaster@" + domain + ">":                              phrasebook.RecipientUnknown,
		"<nobody@" + domain + ">":                                  phrasebook.RecipientUnknown,
		"<" + old.LocalPart + "@" + domain + ">":                   phrasebook.RecipientUnknown,
		"<postmaster>":                                             phrasebook.Syntax,
		"<>":                                                       phrasebook.Syntax,
		"<" + token.LocalPart + "@" + domain + ">":                 phrasebook.Accepted,
		"<" + token.LocalPart + "@" + domain + ".>":                phrasebook.Accepted,
		"<@mx.target.test:" + token.LocalPart + "@" + domain + ">": phrasebook.Accepted,
		"<ada+" + token.LocalPart + "@" + domain + ">":             phrasebook.Accepted,
	} {
		p := c.dial(t)
		p.say("MAIL FROM:<>")
		_ = p.PrintfLine("RCPT TO:%s", to)
		r := p.reply()
		if got, _ := phrasebook.Lookup(phrasebook.Rcpt, r); got != want {
			t.Errorf("%s: %v, want %v: %s", to, got, want, r.String())
		}
		_ = p.Close()
	}
	if len(c.all()) != 0 {
		t.Error("caught something")
	}
}

// TestClosed: the catcher, tested as any server is, is closed.
func TestClosed(t *testing.T) {
	config, err := demo.TLS()
	if err != nil {
		t.Fatal(err)
	}
	c := start(t, func(c *Catcher) { c.TLS = config })
	vectors, err := probe.Select("thorough", true)
	if err != nil {
		t.Fatal(err)
	}
	p := &prober.Prober{Vectors: vectors, Helo: "probe.example.com", LocalDomains: []string{domain}}
	r := p.Probe(t.Context(), probe.Target{Addr: c.addr, Named: true, Name: "mx." + domain})
	if r.Verdict != probe.Closed || len(r.Traits) != 1 || r.Traits[0].Name != "starttls" {
		t.Errorf("%v (%s), %s, traits %v", r.Verdict, r.Reason, r.Detail, r.Traits)
	}
	for _, f := range r.Findings {
		if f.Outcome != probe.OutcomeRefused {
			t.Errorf("%s via %s: %s, %q", f.Vector, f.Via, f.Outcome, f.Reply)
		}
	}
	if r.Coverage.Asked < 40 || r.Coverage.Answered != r.Coverage.Asked {
		t.Errorf("coverage %+v", r.Coverage)
	}
	if got := c.all(); len(got) != 0 {
		t.Errorf("caught %+v", got)
	}
	t.Logf("%v (%s), %d of %d vectors answered", r.Verdict, r.Reason, r.Coverage.Answered, r.Coverage.Asked)
}

// TestFlood: two thousand forged or replayed tokens are not counted and leave nothing behind.
func TestFlood(t *testing.T) {
	c := start(t, nil)
	known := c.token()
	if code := c.send(t, known.LocalPart, message(t, known)); code != 250 {
		t.Fatalf("answered %d", code)
	}
	forger, replay := probe.NewKey(), message(t, known)
	flood := func(n int) {
		for i := range n / 20 {
			p := c.dial(t)
			for j := range 20 {
				local := forger.Issue("run7", "192.0.2.1:25", "plain", probe.Plain, time.Now()).LocalPart
				if (i+j)%2 == 0 {
					local = known.LocalPart
				}
				code := p.say("MAIL FROM:<>", "RCPT TO:<"+local+"@"+domain+">")
				if local != known.LocalPart {
					if code != 550 {
						t.Fatalf("a forged token was answered %d", code)
					}
				} else if code = p.data(replay); code != 250 {
					t.Fatalf("a replayed message was answered %d", code)
				}
			}
			p.say("QUIT")
			_ = p.Close()
		}
	}
	flood(200)
	before := heap()
	flood(2000)
	after := heap()
	if n := len(c.all()); n != 1 || c.Counts().Caught != 1 || c.Counts().Again != 1100 || c.Counts().Refused != 1100 {
		t.Errorf("%d messages, counts %+v", n, c.Counts())
	}
	if after > before+256<<10 {
		t.Errorf("the heap grew from %d to %d octets", before, after)
	}
	t.Logf("heap %d KiB before, %d KiB after; %+v", before>>10, after>>10, c.Counts())
}

func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// TestSerials: what is remembered is bounded, and the oldest is forgotten first.
func TestSerials(t *testing.T) {
	var s serials
	for i := range mostSerials + 100 {
		s.add(strconv.Itoa(i))
	}
	if len(s.known) != mostSerials || len(s.order) != mostSerials {
		t.Errorf("%d and %d are kept", len(s.known), len(s.order))
	}
	if s.known["99"] || !s.known["100"] || !s.known[strconv.Itoa(mostSerials+99)] {
		t.Error("not the oldest are forgotten")
	}
}
