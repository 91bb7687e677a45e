package mtatest

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// dialogue is SMTP by hand: this package tests servers, and must not lean on what is tested with it.
type dialogue struct {
	t    *testing.T
	conn net.Conn
	r    *bufio.Reader
	last string
}

func dial(t *testing.T, s *Server, from string) *dialogue {
	t.Helper()
	d := connect(t, s, from)
	d.want(d.reply(), "220")
	return d
}

// dialProxy says first what a proxy would: version 1 with the header given, or, for "2 ADDRESS",
// version 2 from that address.
func dialProxy(t *testing.T, s *Server, header string) *dialogue {
	t.Helper()
	d := connect(t, s, Stranger)
	d.last = "PROXY " + header
	line := d.last + "\r\n"
	if from, ok := strings.CutPrefix(header, "2 "); ok {
		line = "\r\n\r\n\x00\r\nQUIT\n\x21\x11\x00\x0c"
		line += string(netip.MustParseAddr(from).AsSlice()) + string(s.IP().AsSlice()) + "\x9c\x40\x00\x19"
	}
	fmt.Fprint(d.conn, line)
	d.want(d.reply(), "220")
	return d
}

func connect(t *testing.T, s *Server, from string) *dialogue {
	t.Helper()
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
	conn, err := dialer.Dial("tcp4", s.Addr.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(5 * time.Minute))
	return &dialogue{t: t, conn: conn, r: bufio.NewReader(conn)}
}

func (d *dialogue) startTLS() {
	d.conn = tls.Client(d.conn, &tls.Config{InsecureSkipVerify: true}) // self-signed, and not the question
	d.r = bufio.NewReader(d.conn)
}

// say sends a command and returns the reply, its lines joined by a newline.
func (d *dialogue) say(command string) string {
	d.t.Helper()
	d.last = command
	if _, err := fmt.Fprintf(d.conn, "%s\r\n", command); err != nil {
		d.t.Fatalf("%s: %v", command, err)
	}
	reply := d.reply()
	d.t.Logf("%s: %s", command, reply)
	return reply
}

func (d *dialogue) reply() string {
	d.t.Helper()
	var lines []string
	for {
		line, err := d.r.ReadString('\n')
		if err != nil {
			d.t.Fatalf("%s: %v after %q", d.last, err, lines)
		}
		lines = append(lines, strings.TrimRight(line, "\r\n"))
		if len(line) < 4 || line[3] != '-' {
			return strings.Join(lines, "\n")
		}
	}
}

func (d *dialogue) want(reply, prefix string) {
	d.t.Helper()
	if !strings.HasPrefix(reply, prefix) {
		d.t.Errorf("%s: got %q, want %q", d.last, reply, prefix)
	}
}
