package main

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"regexp"
	"sync"

	"openrelay/probe"
)

// What --deliver-max and --deliver-total may be raised to. One message proves that a server is open, and ten that it is
// so in many ways. A hundred are what somebody looks through by hand, and what no mail host takes for a flood.
const (
	mostToServer = 10
	mostInAll    = 100
)

// again is the command line with another number of messages.
func (d *delivery) again(flag string, n int) string {
	catch := "--catch " + d.listen
	if d.listen == "" {
		catch = "--catch-key " + d.keyFile
	}
	return fmt.Sprintf("openrelay scan --proof deliver --deliver-to %s %s %s %d TARGET", d.to, catch, flag, n)
}

// handed counts messages. A server is an address, whatever the port or the name that it is reached by.
type handed struct {
	server  func(netip.Addr) netip.Addr // tells which addresses are one server's
	count   map[netip.Addr]int          // of each server
	sent    int                         // in this run
	earlier int                         // in those that it goes on from
}

// add counts messages of this run to a server, or takes them back.
func (h *handed) add(addr netip.Addr, n int) {
	h.note(addr, n)
	h.sent += n
}

func (h *handed) note(addr netip.Addr, n int) {
	if h.count == nil {
		h.count = make(map[netip.Addr]int)
	}
	h.count[h.server(addr)] += n
}

// before counts messages of an earlier run.
func (h *handed) before(target string, n int) {
	h.earlier += n
	if server, err := netip.ParseAddrPort(target); err == nil {
		h.note(server.Addr(), n)
	}
}

// permit is asked before every message: none unless the recipient's domain agrees, and no more than are allowed to
// that server and in all.
func (d *delivery) permit(ctx context.Context, t probe.Target) error {
	if err := d.agreed(ctx); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	h, addr := &d.handed, t.Addr.Addr()
	switch {
	case h.earlier+h.sent >= d.total:
		return fmt.Errorf("the %d messages of this scan are spent (--deliver-total)", d.total)
	case h.count[h.server(addr)] >= d.most:
		return fmt.Errorf("the %d messages to this server are spent (--deliver-max)", d.most)
	}
	h.add(addr, 1)
	return nil
}

// release takes back a permission that was not made use of.
func (d *delivery) release(t probe.Target) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.handed.add(t.Addr.Addr(), -1)
}

// goOnAfter counts the messages that a result of an earlier run records.
func (d *delivery) goOnAfter(r probe.Result) {
	if d.test == nil {
		return
	}
	tokens := make(map[string]bool)
	for _, f := range r.Findings {
		tokens[f.Token] = true
	}
	for _, got := range r.Deliveries {
		tokens[got.Token] = true
	}
	delete(tokens, "")
	d.handed.before(r.Target, len(tokens))
}

var targetOf = regexp.MustCompile(`"target":"([^"\\]+)"`)

// goOnAfterTorn counts a result of an earlier run of which only the beginning is left. How many messages it recorded
// is not known: as many as it may have.
func (d *delivery) goOnAfterTorn(line []byte) {
	if d.test == nil {
		return
	}
	target := ""
	if m := targetOf.FindSubmatch(line); m != nil {
		target = string(m[1])
	}
	d.handed.before(target, d.most)
}

// askOnce asks the recipient's domain when somebody first wants to know, and as long as the scan goes on:
// whoever wants to know may run out of time before, and others shall not take that for a no.
func (d *delivery) askOnce(scan context.Context) func(context.Context) error {
	var once sync.Once
	var answer error
	answered := make(chan struct{})
	ask := func() {
		defer close(answered)
		err := d.consent.Ask(scan, d.test.Domain)
		if err == nil {
			return
		}
		answer = fmt.Errorf("%s has not agreed", d.test.Domain)
		if scan.Err() == nil {
			d.ui.failed(err)
			d.ui.say("no message is sent; what is accepted is proven as far as DATA")
		}
	}
	return func(ctx context.Context) error {
		once.Do(func() { d.asking.Go(ask) })
		select {
		case <-answered:
			return answer
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// listensAt is where --catch listens; the zero value where that is nowhere.
func listensAt(listen string) netip.AddrPort {
	addr, err := net.ResolveTCPAddr("tcp", listen)
	if listen == "" || err != nil {
		return netip.AddrPort{}
	}
	if addr.IP == nil {
		addr.IP = net.IPv6unspecified
	}
	at := addr.AddrPort()
	return netip.AddrPortFrom(at.Addr().Unmap().WithZone(""), at.Port())
}
