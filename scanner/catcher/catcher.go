// Package catcher is the mail server at the far end of a relay test: a message that arrives here
// proves that the server which was given it relays.
//
// It takes one kind of mail, for one domain: messages that carry a token of its key (probe.Key). It
// relays nothing, stores nothing, and refuses everything else at RCPT, so that it would itself be
// found closed. Mail for its postmaster is refused too, in words that say whom to write to: RFC 5321
// 4.5.1 asks every server that delivers or relays to take it, this one does neither, and to take
// a message and throw it away is worse than to refuse it (RFC 5321 6.1).
package catcher

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"sync"
	"time"

	"github.com/emersion/go-smtp"

	"openrelay/probe"
)

// Catcher catches the test messages of one key. Domain, Key and Caught must be set.
type Catcher struct {
	Domain  string // it catches mail for; in the greeting too
	Key     probe.Key
	Contact string      // who answers for the test, for whom the refusals name; may be empty
	TLS     *tls.Config // offers STARTTLS; nil for none
	Limits  Limits

	// Caught is given every message that arrives, once each and one at a time; it should return soon.
	// After an error the message counts as not caught, and is asked for again later. It is not called
	// any more when Serve has returned.
	Caught func(probe.Arrival) error
	// Now is the time; time.Now by default.
	Now func() time.Time

	mu     sync.Mutex // held while Caught runs
	seen   serials
	closed bool
	counts Counts
}

// Limits bound what strangers may take. Zero means the default.
type Limits struct {
	Connections int           // open at once: 200
	PerAddress  int           // of these, from one IPv4 address or IPv6 /64: 10
	Message     int64         // octets of one message: 65,536
	Refusals    int           // refused recipients of one connection: 20
	Idle        time.Duration // without a byte: 5 min (RFC 5321 4.5.3.2.7)
	Session     time.Duration // for one connection: 10 min
}

func (l Limits) filled() Limits {
	def := func(have *int, otherwise int) {
		if *have == 0 {
			*have = otherwise
		}
	}
	def(&l.Connections, 200)
	def(&l.PerAddress, 10)
	def(&l.Refusals, 20)
	if l.Message == 0 {
		l.Message = 64 << 10
	}
	if l.Idle == 0 {
		l.Idle = 5 * time.Minute
	}
	if l.Session == 0 {
		l.Session = 10 * time.Minute
	}
	return l
}

// Counts is what a catcher has seen.
type Counts struct {
	Caught     int // messages
	Again      int // messages that had been caught before: taken, and not counted
	Refused    int // recipients and messages
	TurnedAway int // connections, since there were too many
}

// Counts returns what was seen so far.
func (c *Catcher) Counts() Counts {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.counts
}

// count counts something.
func (c *Catcher) count(add func(*Counts)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	add(&c.counts)
}

// Serve answers the connections that l accepts until ctx ends, which is no error, or l fails. It closes
// l and every connection.
func (c *Catcher) Serve(ctx context.Context, l net.Listener) error {
	if c.Key == (probe.Key{}) || c.Domain == "" || c.Caught == nil {
		_ = l.Close()
		return errors.New("a catcher without a key, a domain, or anybody to tell")
	}
	limits := c.Limits.filled()
	server := smtp.NewServer(smtp.BackendFunc(func(conn *smtp.Conn) (smtp.Session, error) {
		return &session{c: c, conn: conn, guard: guardOf(conn), limits: limits}, nil
	}))
	server.Domain = c.Domain
	server.TLSConfig = c.TLS
	server.MaxMessageBytes = limits.Message
	server.MaxRecipients = 100                   // RFC 5321 4.5.3.1.8
	server.ErrorLog = log.New(io.Discard, "", 0) // of what strangers do wrong
	gate := &gate{Listener: l, limits: limits, turnedAway: func() { c.count(func(n *Counts) { n.TurnedAway++ }) }}
	stop := context.AfterFunc(ctx, func() { _ = l.Close() })
	defer stop()
	err := server.Serve(gate)
	_ = l.Close()
	gate.close() // not the server's Shutdown, which waits for idle clients
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// take counts a message, unless it is known, and tells of it. The error is for the client.
func (c *Catcher) take(a probe.Arrival) (news bool, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.seen.known[a.Token] {
		c.counts.Again++
		return false, nil
	}
	if c.closed || c.Caught(a) != nil {
		return false, &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "cannot be noted down now"}
	}
	c.seen.add(a.Token)
	c.counts.Caught++
	return true, nil
}

func (c *Catcher) now() time.Time {
	if c.Now != nil {
		return c.Now()
	}
	return time.Now()
}

// serials remembers the last messages that were caught. Only what was issued gets in, and a scan issues
// a few dozen a run; the bound keeps a catcher that runs for years from growing.
type serials struct {
	known map[string]bool
	order []string // oldest first, once full from next on
	next  int
}

const mostSerials = 1 << 16

// add notes a serial that is not known.
func (s *serials) add(serial string) {
	if s.known == nil {
		s.known = make(map[string]bool)
	}
	if len(s.order) < mostSerials {
		s.order = append(s.order, serial)
	} else {
		delete(s.known, s.order[s.next])
		s.order[s.next] = serial
		s.next = (s.next + 1) % mostSerials
	}
	s.known[serial] = true
}
