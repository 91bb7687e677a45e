package simnet

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"iter"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"
)

// Bare is the least a client can do to ask the same questions: no verdicts, no controls, no second
// try, no pace. It is the yardstick that a scan is measured with.
type Bare struct {
	Probes     int  // recipients to try, at most 16; the first alone is the shortest relay test
	Sessions   int  // to spread them over, as one who does not want to be slowed down must; 0 = 1
	Sequential bool // one command a write; else all of them and QUIT in one, after EHLO
	Workers    int  // sessions at once
}

// forms are a sender and a recipient each, the ways to ask that other scanners know.
var forms = [16][2]string{
	{"<a@example.net>", "<b@example.org>"},
	{"<a@example.com>", "<b@example.org>"},
	{"<a@example.org>", "<b@example.net>"},
	{"<>", "<b@example.org>"},
	{"<a@example.org>", "<b@example.org>"},
	{"<a@local.test>", "<b@example.org>"},
	{"<a@example.net>", "<b%example.org@local.test>"},
	{"<a@example.net>", "<b%example.org>"},
	{"<a@example.net>", `<"b@example.org"@local.test>`},
	{"<a@example.net>", `<"b@example.org">`},
	{"<a@example.net>", "<example.org!b@local.test>"},
	{"<a@example.net>", "<example.org!b>"},
	{"<a@example.net>", "<b@example.org@local.test>"},
	{"<a@example.net>", "<@local.test:b@example.org>"},
	{"<a@example.net>", "<b@example.org.>"},
	{"<a@example.net>", "<b@EXAMPLE.org>"},
}

// write is some commands in one write.
type write struct {
	text  string
	verbs []string // of each command
}

// writes is what each session sends.
func (b Bare) writes() (sessions [][]write) {
	size := (b.Probes-1)/max(b.Sessions, 1) + 1
	for some := range slices.Chunk(forms[:b.Probes], size) {
		sessions = append(sessions, b.session(some))
	}
	return sessions
}

func (b Bare) session(forms [][2]string) []write {
	commands := []string{"EHLO bare.local.test"}
	for i, f := range forms {
		if i > 0 {
			commands = append(commands, "RSET")
		}
		commands = append(commands, "MAIL FROM:"+f[0], "RCPT TO:"+f[1])
	}
	commands = append(commands, "QUIT")
	var list []write
	for i, command := range commands {
		if b.Sequential || i < 2 {
			list = append(list, write{})
		}
		w := &list[len(list)-1]
		w.text += command + "\r\n"
		w.verbs = append(w.verbs, command[:4])
	}
	return list
}

// Run holds its sessions with every target, one after the other, and returns how many were answered to the end, and how many
// recipients were accepted.
func (b Bare) Run(ctx context.Context, targets iter.Seq[netip.AddrPort]) (answered, accepted int) {
	next := make(chan netip.AddrPort)
	sessions := b.writes()
	var mu sync.Mutex
	var workers sync.WaitGroup
	for range max(b.Workers, 1) {
		workers.Go(func() {
			in := bufio.NewReaderSize(nil, 1024)
			for target := range next {
				n, err := 0, error(nil)
				for i := 0; i < len(sessions) && err == nil; i++ {
					var m int
					m, err = hold(ctx, target, sessions[i], in)
					n += m
				}
				mu.Lock()
				accepted += n
				if err == nil {
					answered++
				}
				mu.Unlock()
			}
		})
	}
	for target := range targets {
		next <- target
	}
	close(next)
	workers.Wait()
	return answered, accepted
}

func hold(ctx context.Context, target netip.AddrPort, writes []write, in *bufio.Reader) (accepted int, err error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp4", target.String())
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		return 0, err
	}
	in.Reset(conn)
	if _, err := readReply(in); err != nil {
		return 0, err
	}
	for _, w := range writes {
		if _, err := io.WriteString(conn, w.text); err != nil {
			return accepted, err
		}
		for _, verb := range w.verbs {
			positive, err := readReply(in)
			if err != nil {
				return accepted, fmt.Errorf("%s: %w", verb, err)
			}
			if positive && verb == "RCPT" {
				accepted++
			}
		}
	}
	return accepted, nil
}

// readReply reads one reply, "250-..." lines and the "250 ..." that ends them.
func readReply(in *bufio.Reader) (positive bool, err error) {
	for {
		line, err := in.ReadSlice('\n')
		if err != nil {
			return false, err
		}
		if len(line) < 4 || line[3] != '-' {
			return line[0] == '2', nil
		}
	}
}

// Addresses are those of a network, at a port.
func Addresses(network netip.Prefix, port uint16) iter.Seq[netip.AddrPort] {
	return func(yield func(netip.AddrPort) bool) {
		for a := network.Masked().Addr(); network.Contains(a); a = a.Next() {
			if !yield(netip.AddrPortFrom(a, port)) {
				return
			}
		}
	}
}
