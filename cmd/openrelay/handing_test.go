package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"iter"
	"net"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"

	"openrelay/internal/dnstest"
	"openrelay/probe"
	"openrelay/probe/prober"
	"openrelay/scanner/catcher"
	"openrelay/scanner/demo"
)

// someTargets is a list of targets.
type someTargets []probe.Target

func (s someTargets) Len() (uint64, bool) { return uint64(len(s)), true }

func (s someTargets) All(context.Context) iter.Seq2[probe.Target, error] {
	return func(yield func(probe.Target, error) bool) {
		for _, t := range s {
			if !yield(t, nil) {
				return
			}
		}
	}
}

// Done is for a list that a scan goes on with: it has nothing but what is left.
func (s someTargets) Done(string, string, string) {}

// relay starts a server that takes everything and throws it away.
func relay(t *testing.T) (*demo.Script, string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	s := &demo.Script{Rcpt: func(demo.Dialogue) string { return "250 2.1.5 Ok" }}
	go func() { _ = s.Serve(l) }()
	return s, l.Addr().String()
}

// foreign is a domain that may have mailboxes somewhere, as no reserved name has (RFC 8375).
const foreign = "relay.home.arpa"

// handing is a scan that hands over messages. All its connections lead to one relay of the test's own, wherever
// its targets stand.
type handing struct {
	*job
	server    *demo.Script
	zone      *dnstest.Server
	out, errs bytes.Buffer
}

// newHanding makes one. agrees is whether the domain publishes that it does.
func newHanding(t *testing.T, to, catch string, agrees bool, records ...string) *handing {
	t.Helper()
	vectors, err := probe.Select("quick", false)
	if err != nil {
		t.Fatal(err)
	}
	h := &handing{}
	h.zone, err = dnstest.Start(0, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.zone.Stop)
	h.job = &job{sinks: sinks{ui: &ui{stdin: strings.NewReader(""), stdout: &h.out, stderr: &h.errs, colour: "never"}}, scan: newScan("", "0a1b2c3d4e5f")}
	d := &h.delivery
	d.to, d.listen, d.most, d.total = to, catch, 3, 20
	if catch == "" {
		d.keyFile = filepath.Join(t.TempDir(), "catch.key")
	}
	if err := d.set("deliver", false, ""); err != nil {
		t.Fatal(err)
	}
	if record, text := catcher.Record(d.test.Key, d.test.Domain); agrees {
		records = append(records, fmt.Sprintf("%s. TXT %q", record, text))
	}
	if err := h.zone.Add(records...); err != nil {
		t.Fatal(err)
	}
	d.consent.Resolver = h.zone.Resolver()
	d.consent.Dial = func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("nobody there") }
	server, addr := relay(t)
	secured := overTLS(t, server)
	h.server = server
	h.prober = prober.Prober{Vectors: vectors, Quick: true, LocalDomains: []string{"local.test"}, Proof: probe.Delivered, Delivery: d.test,
		Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
			if strings.HasSuffix(address, ":465") {
				return (&net.Dialer{}).DialContext(ctx, network, secured)
			}
			return (&net.Dialer{}).DialContext(ctx, network, addr)
		}}
	return h
}

// overTLS is the same server, on a port where TLS comes first.
func overTLS(t *testing.T, s *demo.Script) string {
	t.Helper()
	config, err := demo.TLS()
	if err != nil {
		t.Fatal(err)
	}
	l, err := tls.Listen("tcp", "127.0.0.1:0", config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() { _ = s.Serve(l) }()
	return l.Addr().String()
}

// at are targets, each an address, with a name before it where it has one: "mx.test=192.0.2.1:25".
func at(addrs ...string) (list someTargets) {
	for _, a := range addrs {
		name, addr, named := strings.Cut(a, "=")
		if !named {
			name, addr = "", a
		}
		list = append(list, probe.Target{Addr: netip.MustParseAddrPort(addr), Name: name, Named: true})
	}
	return list
}

// run tests the targets, and adds the results to a file where there is one.
func (h *handing) run(t *testing.T, file string, list someTargets) {
	t.Helper()
	reports := []destination{{format: "table", file: "-"}}
	if file != "" {
		if err := h.resume(file, list); err != nil {
			t.Fatal(err)
		}
		reports = []destination{{format: "jsonl", file: file, resume: true}}
	}
	err := h.job.run(t.Context(), list, reports)
	if status := exitStatus(0); !errors.As(err, &status) || status != 1 {
		t.Errorf("ended with %v\n%s", err, h.errs.String())
	}
}
