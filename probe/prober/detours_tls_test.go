package prober_test

import (
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"testing"

	"openrelay/probe"
	"openrelay/scanner/demo"
)

func TestTLSDemandedForSome(t *testing.T) {
	config := serverTLS(t)
	for _, named := range []bool{true, false} {
		s := &demo.Script{TLS: config, Rcpt: func(d demo.Dialogue) string {
			local := strings.HasPrefix(d.To, "<postmaster") || strings.HasSuffix(d.To, "@local.test>") && !strings.ContainsAny(d.To, "%!:\"")
			if local && !d.TLS {
				return "530 5.7.0 Must issue a STARTTLS command first"
			}
			if d.TLS && d.From == "<>" && strings.HasPrefix(d.To, "<stranger@") {
				return "250 ok"
			}
			return ""
		}}
		target := listenScript(t, s)
		target.Named = named
		res := noPause(t).Probe(t.Context(), target)
		wantNot(t, res, probe.Closed)
	}
}

func TestTLSDemandedForOthers(t *testing.T) {
	const demand = "530 5.7.0 Must issue a STARTTLS command first"
	config := serverTLS(t)
	relays := func(d demo.Dialogue) string {
		if !d.TLS && d.Helo == "localhost" && strings.HasPrefix(d.To, "<stranger@example.") {
			return "250 ok"
		}
		return ""
	}
	local := func(address string) bool { return strings.HasSuffix(address, "@local.test>") }
	for name, s := range map[string]*demo.Script{
		"recipients": {TLS: config, Rcpt: func(d demo.Dialogue) string {
			if !d.TLS && local(d.To) {
				return demand
			}
			return relays(d)
		}},
		"senders": {TLS: config, Rcpt: relays, Mail: when(func(d demo.Dialogue) bool { return !d.TLS && local(d.From) }, demand)},
	} {
		for _, named := range []bool{true, false} {
			t.Run(fmt.Sprint(name, named), func(t *testing.T) {
				target := listenScript(t, s)
				target.Named = named
				wantVerdict(t, noPause(t).Probe(t.Context(), target), probe.Open, "helo-localhost")
			})
		}
	}
}

func TestTLSDemandedWithoutPlain(t *testing.T) {
	for _, id := range []string{"helo-verb", "null-sender"} {
		s := &demo.Script{TLS: serverTLS(t), Mail: func(d demo.Dialogue) string {
			if d.TLS {
				return ""
			}
			return "530 5.7.0 Must issue a STARTTLS command first"
		}}
		p := noPause(t)
		v, _ := probe.Find(id)
		p.Vectors = []probe.Vector{v}
		wantVerdict(t, p.Probe(t.Context(), listenScript(t, s)), probe.Closed, probe.ReasonRelayDenied)
		if n := s.Seen().Connections; n > 3 {
			t.Errorf("%s: %d connections, want at most 3", id, n)
		}
	}
}

func TestTLSNever(t *testing.T) {
	for _, named := range []bool{true, false} {
		for _, words := range []string{"454 4.7.0 TLS not available due to temporary reason", "501 5.5.1 no"} {
			s := &demo.Script{Extensions: []string{"PIPELINING", "STARTTLS"}, Other: when(func(d demo.Dialogue) bool { return d.Verb == "STARTTLS" }, words)}
			target := listenScript(t, s)
			target.Named = named
			wantVerdict(t, noPause(t).Probe(t.Context(), target), probe.Inconclusive, probe.ReasonTLSUnavailable)
		}
	}
}

func TestTLSDemandedWith421(t *testing.T) {
	config := serverTLS(t)
	s := &demo.Script{TLS: config, Mail: func(d demo.Dialogue) string {
		if !d.TLS {
			return "421 4.7.0 Must issue a STARTTLS command first"
		}
		return ""
	}}
	res := noPause(t).Probe(t.Context(), listenScript(t, s))
	wantVerdict(t, res, probe.Closed, probe.ReasonRelayDenied)
}

func TestTLSLater(t *testing.T) {
	config := serverTLS(t)
	for _, named := range []bool{true, false} {
		for _, words := range []string{"454 4.7.0 TLS not available due to temporary reason", "421 4.3.0 busy", "-"} {
			t.Run(fmt.Sprint(named, words), func(t *testing.T) {
				var refused atomic.Bool
				without := &demo.Script{Extensions: []string{"PIPELINING", "STARTTLS"}, Other: func(d demo.Dialogue) string {
					if d.Verb == "STARTTLS" {
						refused.Store(true)
						return words
					}
					return ""
				}}
				with := &demo.Script{TLS: config, Rcpt: when(encrypted, "250 ok")}
				target := listen(t, func(l net.Listener) {
					for {
						nc, err := l.Accept()
						if err != nil {
							return
						}
						if refused.Load() {
							_ = with.Serve(&once{nc: nc})
						} else {
							_ = without.Serve(&once{nc: nc})
						}
					}
				})
				target.Named = named
				p := noPause(t)
				if named {
					p = patient(t)
				}
				res := p.Probe(t.Context(), target)
				if res.Verdict == probe.Closed {
					t.Errorf("closed (%s)", res.Reason)
				}
			})
		}
	}
}

func TestWhyThereIsNoTLS(t *testing.T) {
	s := &demo.Script{Extensions: []string{"PIPELINING", "STARTTLS"}, Mail: when(always, "530 5.7.0 Must issue a STARTTLS command first"),
		Other: func(d demo.Dialogue) string {
			if d.Verb == "STARTTLS" {
				return "454 4.7.0 TLS not available due to local problem"
			}
			return ""
		}}
	for _, named := range []bool{true, false} {
		target := listenScript(t, s)
		target.Named = named
		res := noPause(t).Probe(t.Context(), target)
		wantVerdict(t, res, probe.Inconclusive, probe.ReasonTLSUnavailable)
		for _, f := range res.Findings {
			if f.Deciding && !strings.Contains(f.Transcript.String(), "S: 454 4.7.0 TLS not available") {
				t.Errorf("%s over %s:\n%s", f.Vector, f.Via, f.Transcript)
			}
		}
	}
}
