package prober_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"openrelay/probe"
	"openrelay/probe/prober"
	"openrelay/report"
)

// memory is a mail server that relays for nobody and is no server: whatever a probe writes to it is
// answered before Write returns, so that a benchmark sees what the probe costs and nothing else.
type memory struct {
	out bytes.Buffer
}

func newMemory() *memory {
	m := new(memory)
	m.out.WriteString("220 mx.local.test ESMTP\r\n")
	return m
}

func (m *memory) Write(b []byte) (int, error) {
	for line := range bytes.Lines(b) {
		verb, _, _ := bytes.Cut(line, []byte(" "))
		switch string(bytes.TrimSpace(verb)) {
		case "EHLO":
			m.out.WriteString("250-mx.local.test\r\n250-SIZE 10240000\r\n250-PIPELINING\r\n250-ENHANCEDSTATUSCODES\r\n250 8BITMIME\r\n")
		case "RCPT":
			if bytes.Contains(line, []byte("<postmaster>")) {
				m.out.WriteString("250 2.1.5 Ok\r\n")
			} else {
				m.out.WriteString("550 5.7.1 Relaying denied\r\n")
			}
		case "QUIT":
			m.out.WriteString("221 2.0.0 Bye\r\n")
		default:
			m.out.WriteString("250 2.0.0 Ok\r\n")
		}
	}
	return len(b), nil
}

func (m *memory) Read(b []byte) (int, error)     { return m.out.Read(b) }
func (*memory) Close() error                     { return nil }
func (*memory) LocalAddr() net.Addr              { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 40000} }
func (*memory) RemoteAddr() net.Addr             { return &net.TCPAddr{IP: net.IPv4(127, 100, 0, 1), Port: 25} }
func (*memory) SetDeadline(time.Time) error      { return nil }
func (*memory) SetReadDeadline(time.Time) error  { return nil }
func (*memory) SetWriteDeadline(time.Time) error { return nil }

// BenchmarkProbe is one server asked for sixteen vectors in two sessions, and its record written, without
// a network: see BenchmarkScan for the whole.
func BenchmarkProbe(b *testing.B) {
	var vectors []probe.Vector
	for _, id := range strings.Fields("plain plain-com plain-net null-sender same-domain sender-own-domain sender-own-host sender-own-postmaster " +
		"sender-localhost percent-own-domain percent-own-host quoted-own-domain bang-own-domain double-at-own-domain route-own-host mixed-case") {
		v, _ := probe.Find(id)
		vectors = append(vectors, v)
	}
	p := &prober.Prober{Vectors: vectors, LocalDomains: []string{"local.test"}, Evidence: true}
	p.Dial = func(context.Context, string, string) (net.Conn, error) { return newMemory(), nil }
	target := probe.Target{Addr: netip.MustParseAddrPort("127.100.0.1:25")}
	b.Run("probe", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if r := p.Probe(context.Background(), target); r.Verdict != probe.Closed {
				b.Fatal(r.Verdict, r.Reason, r.Detail)
			}
		}
	})
	r := p.Probe(context.Background(), target)
	b.Run("record", func(b *testing.B) {
		b.ReportAllocs()
		w, err := report.Results.New("jsonl", io.Discard, report.Options{})
		if err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			if err := w.Write(*r); err != nil {
				b.Fatal(err)
			}
		}
	})
}
