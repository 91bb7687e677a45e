package prober_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"strings"
	"testing"

	"openrelay/internal/memnet"
	"openrelay/probe"
)

func TestUnreachable(t *testing.T) {
	speak := func(words string) func(net.Listener) {
		return func(l net.Listener) {
			for {
				nc, err := l.Accept()
				if err != nil {
					return
				}
				_, _ = io.WriteString(nc, words)
				if words == "" {
					_ = nc.Close()
					continue
				}
				_ = nc.(*memnet.Conn).CloseWrite()
				_, _ = io.Copy(io.Discard, nc)
				_ = nc.Close()
			}
		}
	}
	for _, tc := range []struct {
		name   string
		serve  func(net.Listener)
		reason probe.Reason
		stage  probe.Stage
	}{
		{"SSH", speak("SSH-2.0-OpenSSH_9.2p1\r\n"), probe.ReasonNotSMTP, "banner"},
		{"HTTP", speak("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"), probe.ReasonNotSMTP, "banner"},
		{"closes", speak(""), probe.ReasonClosedEarly, "banner"},
		{"half a greeting", speak("220 mx.exa"), probe.ReasonClosedEarly, "banner"},
		{"endless greeting", speak(strings.Repeat("220-x\r\n", 20000)), probe.ReasonNotSMTP, "banner"},
		{"354 for a greeting", speak("354 go ahead\r\n"), probe.ReasonNotSMTP, "banner"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			res := standard(t).Probe(t.Context(), listen(t, tc.serve))
			wantVerdict(t, res, probe.Unreachable, tc.reason)
			if res.Stage != tc.stage {
				t.Errorf("stage %q, want %q", res.Stage, tc.stage)
			}
		})
	}
	t.Run("refused", func(t *testing.T) {
		target := probe.Target{Addr: netip.MustParseAddrPort("127.0.0.1:1"), Named: true}
		wantVerdict(t, standard(t).Probe(t.Context(), target), probe.Unreachable, probe.ReasonRefused)
	})
	t.Run("no name", func(t *testing.T) {
		res := standard(t).Probe(t.Context(), probe.Target{Name: "nohost.invalid", Port: 25, Named: true, DNSError: "no such host"})
		wantVerdict(t, res, probe.Unreachable, probe.ReasonDNS)
		if res.Target != "nohost.invalid:25" {
			t.Errorf("target %q", res.Target)
		}
	})
}

func TestDialFailures(t *testing.T) {
	p := standard(t)
	p.Dial = func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("no descriptors left") }
	res := p.Probe(t.Context(), probe.Target{Named: true, Name: "x"})
	if res.Verdict != probe.Unreachable {
		t.Errorf("verdict %v", res.Verdict)
	}
}
