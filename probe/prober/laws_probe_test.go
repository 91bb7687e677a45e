package prober

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"openrelay/probe"
	"openrelay/scanner/demo"
)

// mtaConn is a connection to an mta, which answers in Write: there is no socket, no time and, but under TLS, no
// goroutine.
type mtaConn struct {
	t     *mtaTalk
	in    []byte // of a command that is not whole
	out   bytes.Buffer
	cover *tlsPipe // once TLS has begun
}

var memoryCertificate = sync.OnceValue(func() *tls.Config {
	config, err := demo.TLS()
	if err != nil {
		panic(err)
	}
	return config
})

func (c *mtaConn) Write(b []byte) (int, error) {
	if c.cover != nil {
		return c.cover.up.Write(b)
	}
	c.in = append(c.in, b...)
	for {
		line, rest, whole := bytes.Cut(c.in, []byte("\r\n"))
		if !whole || c.t.over {
			return len(b), nil
		}
		c.in = rest
		if reply := c.t.answer(string(line)); reply != "" {
			c.out.WriteString(reply + "\r\n")
			if string(line) == "STARTTLS" && strings.HasPrefix(reply, "220") {
				c.cover = newTLSPipe(c.t)
				return len(b), nil
			}
		}
	}
}

func (c *mtaConn) Read(b []byte) (int, error) {
	switch {
	case c.out.Len() > 0:
		return c.out.Read(b)
	case c.cover != nil:
		return c.cover.down.Read(b)
	case c.t.over:
		return 0, io.EOF
	}
	return 0, os.ErrDeadlineExceeded
}

func (c *mtaConn) Close() error {
	if c.cover != nil {
		c.cover.close()
	}
	return nil
}

func (*mtaConn) LocalAddr() net.Addr              { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 40000} }
func (*mtaConn) RemoteAddr() net.Addr             { return &net.TCPAddr{IP: net.IPv4(127, 100, 0, 1), Port: 25} }
func (*mtaConn) SetDeadline(time.Time) error      { return nil }
func (*mtaConn) SetReadDeadline(time.Time) error  { return nil }
func (*mtaConn) SetWriteDeadline(time.Time) error { return nil }

// tlsPipe carries a connection under TLS, which wants somebody at both ends.
type tlsPipe struct {
	up, down *queue
	done     chan struct{}
}

func newTLSPipe(t *mtaTalk) *tlsPipe {
	p := &tlsPipe{newQueue(), newQueue(), make(chan struct{})}
	go func() {
		defer close(p.done)
		defer p.down.end()
		tc := tls.Server(&pipeEnd{p.up, p.down}, memoryCertificate())
		t.encrypted = true
		in := bufio.NewReader(tc)
		for !t.over {
			line, err := in.ReadString('\n')
			if err != nil {
				return
			}
			reply := t.answer(strings.TrimRight(line, "\r\n"))
			if reply == "" {
				return
			}
			if _, err := io.WriteString(tc, reply+"\r\n"); err != nil {
				return
			}
		}
	}()
	return p
}

// close waits until the server has left, so that it says nothing more.
func (p *tlsPipe) close() {
	p.up.end()
	p.down.end()
	<-p.done
}

type pipeEnd struct{ in, out *queue }

func (e *pipeEnd) Read(b []byte) (int, error)     { return e.in.Read(b) }
func (e *pipeEnd) Write(b []byte) (int, error)    { return e.out.Write(b) }
func (*pipeEnd) Close() error                     { return nil }
func (*pipeEnd) LocalAddr() net.Addr              { return &net.TCPAddr{} }
func (*pipeEnd) RemoteAddr() net.Addr             { return &net.TCPAddr{} }
func (*pipeEnd) SetDeadline(time.Time) error      { return nil }
func (*pipeEnd) SetReadDeadline(time.Time) error  { return nil }
func (*pipeEnd) SetWriteDeadline(time.Time) error { return nil }

// queue is bytes on their way.
type queue struct {
	mu    sync.Mutex
	more  *sync.Cond
	b     bytes.Buffer
	ended bool
}

func newQueue() *queue {
	q := new(queue)
	q.more = sync.NewCond(&q.mu)
	return q
}

func (q *queue) Write(b []byte) (int, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	defer q.more.Broadcast()
	if q.ended {
		return 0, io.ErrClosedPipe
	}
	return q.b.Write(b)
}

func (q *queue) Read(b []byte) (int, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for q.b.Len() == 0 && !q.ended {
		q.more.Wait()
	}
	if q.b.Len() == 0 {
		return 0, io.EOF
	}
	return q.b.Read(b)
}

func (q *queue) end() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.ended = true
	q.more.Broadcast()
}

// event is what the loop did: a pause after so many connections.
type event struct {
	after int
	pause time.Duration
}

// probed is a probe of an mta, with its log.
type probed struct {
	mta    mta
	p      *Prober
	target probe.Target
	server *mtaState
	q      *inquiry
	pauses []event
	res    *probe.Result
}

// probe asks a server by the real loop over the real wire.
func (m mta) probe(seed uint64) *probed {
	r := &probed{mta: m, server: m.start(seed)}
	r.target = probe.Target{Addr: netip.MustParseAddrPort("127.100.0.1:25"), Named: !m.Range}
	if m.Submission {
		r.target.Addr = netip.AddrPortFrom(r.target.Addr.Addr(), 587)
	}
	r.p = &Prober{Vectors: m.profile(), Quick: m.Quick, Helo: "probe.example.net", Nonce: func() string { return "nonce" }, Evidence: true}
	r.p.Limits.Retry = -1
	if m.Patient && !m.Range {
		r.p.Limits.Retry = time.Minute
	}
	if !m.Guessed {
		r.p.LocalDomains = []string{"local.test"}
	}
	if m.ProofRcpt {
		r.p.Proof = probe.Rcpt
	}
	r.p.Dial = func(context.Context, string, string) (net.Conn, error) {
		c := &mtaConn{t: r.server.connect()}
		c.out.WriteString("220 mx.local.test ESMTP\r\n")
		return c, nil
	}
	r.p.Pause = func(_ context.Context, d time.Duration) error {
		r.pauses = append(r.pauses, event{len(r.q.log), d})
		r.server.clock += d
		return nil
	}
	r.res = r.p.inquire(context.Background(), r.target, func(ctx context.Context, q *inquiry, l *caller) {
		r.q = q
		r.p.ask(ctx, q, l)
	})
	return r
}

// fresh is an inquiry of the same plan that has heard nothing.
func (r *probed) fresh() *inquiry {
	q := r.p.inquiry(&r.target)
	q.desk = new(desk) // that of the first lies in the pool, and its questions on it
	return q
}

// relays names a vector of the plan whose question the server relays, if nothing stands in the way that passes: no
// ban, no block, no limit, no greylist. It is "" for one that relays for nobody.
func (r *probed) relays() string {
	m := r.mta
	m.Ban, m.Block, m.Most, m.Mails, m.Grey, m.Flaky, m.LooksUp, m.DataRefuse = "", "", 0, 0, 0, 0, false, ""
	if r.q.first == nil {
		return ""
	}
	q := r.fresh()
	q.letIn(&connection{manner: r.q.log[0].manner, ours: r.q.log[0].ours, session: r.q.first})
	for _, a := range append(append([]*ask{}, q.asks...), q.special...) {
		for machine := range max(m.Machines, 1) {
			for _, encrypted := range []bool{false, true} {
				if encrypted && (!m.TLS || m.Quick || a.setup == nil && !a.core()) {
					continue
				}
				for _, e := range q.inOtherWays(a, m) {
					s := m.start(0)
					s.connections = machine
					t := s.connect()
					t.encrypted = encrypted
					if t.takes(a, e) {
						return a.vector.ID
					}
				}
			}
		}
	}
	return ""
}

// inOtherWays are the envelopes that a question may be put in, where the server finds fault with our sender or with the
// foreign domain.
func (q *inquiry) inOtherWays(a *ask, m mta) (list []envelope) {
	senders, domains := []string{a.from}, a.left().domains
	if m.Senders != "" {
		senders = append(senders, a.left().senders...)
	}
	if !slices.Contains(domainWords, m.Denial) {
		domains = nil
	}
	for _, from := range senders {
		list = append(list, envelope{from, a.to})
		for _, d := range domains {
			b := *a
			b.from, b.resent = from, from != a.from
			list = append(list, b.under(q.names.with("to", d)))
		}
	}
	return list
}

// takes reports whether the question of a vector is relayed.
func (t *mtaTalk) takes(a *ask, e envelope) bool {
	helo := "EHLO probe.example.net"
	if a.setup != nil {
		helo = or(a.setup.Verb, "EHLO") + " " + or(a.manner.helo, "probe.example.net")
		if a.setup.Claim != "" {
			return false
		}
	}
	lines := []string{helo, "MAIL FROM:" + e.from}
	if a.first != "" {
		lines = append(lines, "RCPT TO:"+a.first)
	}
	for _, line := range append(lines, "RCPT TO:"+e.to, "DATA") {
		if reply := t.answer(line); reply == "" || reply[0] != '2' && reply[0] != '3' {
			return false
		}
	}
	return t.relaying
}
