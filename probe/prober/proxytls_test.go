package prober_test

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"openrelay/probe"
	"openrelay/scanner/demo"
)

// begun is a connection of which the header has been read.
type begun struct {
	net.Conn
	in *bufio.Reader
}

func (b begun) Read(p []byte) (int, error) { return b.in.Read(p) }

// readHeader reads a PROXY header, if there is one, and the port of the client that it names (HAProxy,
// proxy-protocol.txt 2.1 and 2.2).
func readHeader(in *bufio.Reader) (version int, client string) {
	switch start, _ := in.Peek(5); {
	case bytes.Equal(start, []byte("PROXY")):
		line, _ := in.ReadString('\n')
		return 1, strings.Fields(line)[4]
	case bytes.Equal(start, []byte("\r\n\r\n\x00")):
		head := make([]byte, 16)
		_, _ = io.ReadFull(in, head)
		addresses := make([]byte, binary.BigEndian.Uint16(head[14:]))
		_, _ = io.ReadFull(in, addresses)
		return 2, strconv.Itoa(int(binary.BigEndian.Uint16(addresses[8:])))
	}
	return 0, ""
}

// A port that begins with TLS gets the header before the handshake. Where that is no way to begin, the rows are skipped.
func TestHeaderBeforeTLS(t *testing.T) {
	config := serverTLS(t)
	behind := func(takes []int, trusts bool) func(net.Listener) {
		serve := func(nc net.Conn) {
			in := bufio.NewReader(nc)
			version, client := 0, ""
			if !slices.Equal(takes, []int{0}) {
				version, client = readHeader(in)
			}
			s := &demo.Script{TLS: config, Implicit: true}
			if trusts && client == "40025" { // which an honest header does not name
				s.Rcpt = when(always, taken)
			}
			if !slices.Contains(takes, version) {
				_ = nc.Close()
				return
			}
			_ = s.Serve(&once{nc: begun{nc, in}}) // which closes it
		}
		return func(l net.Listener) {
			var all sync.WaitGroup
			defer all.Wait()
			for {
				nc, err := l.Accept()
				if err != nil {
					return
				}
				all.Go(func() { serve(nc) })
			}
		}
	}
	for _, tc := range []struct {
		name    string
		takes   []int // versions of the header, 0 for none
		trusts  bool  // the loopback address that a header names
		verdict probe.Verdict
		reason  probe.Reason
		skipped []string
	}{
		{"takes no header", []int{0}, true, probe.Closed, probe.ReasonRelayDenied, []string{"proxy-v1", "proxy-v2"}},
		{"takes one", []int{0, 1, 2}, true, probe.Open, "proxy-v1", nil},
		{"takes one, and trusts nobody", []int{0, 1, 2}, false, probe.Closed, probe.ReasonRelayDenied, nil},
		{"takes one of version 2", []int{0, 2}, true, probe.Open, "proxy-v2", []string{"proxy-v1"}},
		{"wants one", []int{1, 2}, true, probe.Open, "proxy-v1", nil},
		{"wants one of version 2", []int{2}, true, probe.Open, "proxy-v2", []string{"proxy-v1"}},
		{"wants one, and trusts nobody", []int{1, 2}, false, probe.Closed, probe.ReasonRelayDenied, nil},
	} {
		for _, named := range []bool{true, false} {
			p, target := intrusive(t), listen(t, behind(tc.takes, tc.trusts))
			target.Named = named
			onPort(465)(p, &target)
			res := p.Probe(t.Context(), target)
			wantVerdict(t, res, tc.verdict, tc.reason)
			var skipped []string
			for _, s := range res.Coverage.Skipped {
				if strings.HasPrefix(s.Vector, "proxy-") && strings.Contains(s.Why, "begins with TLS") {
					skipped = append(skipped, s.Vector)
				}
			}
			if !slices.Equal(skipped, tc.skipped) {
				t.Errorf("%s: skipped %q, want %q: %+v", tc.name, skipped, tc.skipped, res.Coverage.Skipped)
			}
		}
	}
}

// A server that speaks no TLS where others begin with it is asked in clear, headers or not.
func TestNoTLSForHeaders(t *testing.T) {
	p, target := intrusive(t), listenScript(t, &demo.Script{})
	onPort(465)(p, &target)
	wantVerdict(t, p.Probe(t.Context(), target), probe.Closed, probe.ReasonRelayDenied)
}
