package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"iter"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/miekg/dns"

	"openrelay/probe"
	"openrelay/probe/prober"
	"openrelay/report"
	"openrelay/scanner/catcher"
	"openrelay/scanner/demo"
)

// asked is a name server that counts what it is asked for.
type asked struct {
	txt     map[string]string
	queries atomic.Int32
	pause   chan struct{} // no answer before it is closed; nil for none
}

func (a *asked) ServeDNS(w dns.ResponseWriter, q *dns.Msg) {
	if a.pause != nil {
		<-a.pause
	}
	m := new(dns.Msg).SetReply(q)
	name, typ := strings.ToLower(q.Question[0].Name), q.Question[0].Qtype
	if typ == dns.TypeTXT {
		a.queries.Add(1)
	}
	if text := a.txt[name]; typ == dns.TypeTXT && text != "" {
		m.Answer = append(m.Answer, &dns.TXT{Hdr: dns.RR_Header{Name: q.Question[0].Name, Rrtype: typ, Class: dns.ClassINET, Ttl: 1}, Txt: []string{text}})
	} else {
		m.Rcode = dns.RcodeNameError
	}
	_ = w.WriteMsg(m)
}

// resolver asks that name server, and no other.
func (a *asked) resolver(t *testing.T) *net.Resolver {
	t.Helper()
	pc, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &dns.Server{PacketConn: pc, Handler: a}
	go func() { _ = server.ActivateAndServe() }()
	t.Cleanup(func() { _ = server.Shutdown() })
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", pc.LocalAddr().String())
	}}
}

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

// TestPublicTargets: servers at public addresses get no message before the recipient's domain has agreed,
// which is asked once, and no more than are allowed in all. All connections lead to a server of the
// test's own.
func TestPublicTargets(t *testing.T) {
	vectors, err := probe.Select("quick", false)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		agrees   bool
		total    int
		messages int
	}{
		"without consent": {false, 20, 0},
		"with consent":    {true, 20, 12},
		"four in all":     {true, 4, 4},
	} {
		t.Run(name, func(t *testing.T) {
			server, addr := relay(t)
			var out, errs bytes.Buffer
			j := &job{sinks: sinks{ui: &ui{stdin: strings.NewReader(""), stdout: &out, stderr: &errs, colour: "never"}}, scan: newScan("", "")}
			d := &j.delivery
			d.to, d.listen, d.most, d.total = "receiver.test", "127.0.0.1:0", 3, c.total
			if err := d.set("deliver", false, ""); err != nil {
				t.Fatal(err)
			}
			ns := &asked{}
			if record, text := catcher.Record(d.test.Key, "receiver.test"); c.agrees {
				ns.txt = map[string]string{record + ".": text}
			}
			d.consent.Resolver = ns.resolver(t)
			d.consent.Dial = func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("nobody there") }
			j.prober = prober.Prober{Vectors: vectors, Quick: true, LocalDomains: []string{"local.test"}, Proof: probe.Delivered, Delivery: d.test,
				Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
					return (&net.Dialer{}).DialContext(ctx, network, addr)
				}}
			var list someTargets
			for _, a := range []string{"198.51.100.1:25", "198.51.100.2:25", "203.0.113.1:25", "[2001:db8::1]:25"} {
				list = append(list, probe.Target{Addr: netip.MustParseAddrPort(a), Named: true})
			}
			err := j.run(t.Context(), list, []destination{{format: "table", file: "-"}})
			if status := exitStatus(0); !errors.As(err, &status) || status != 1 {
				t.Errorf("ended with %v", err)
			}
			if got := server.Seen().Messages; got != c.messages || d.sent != c.messages {
				t.Errorf("%d messages, %d counted, want %d\n%s", got, d.sent, c.messages, errs.String())
			}
			if n := ns.queries.Load(); n != 1 {
				t.Errorf("the domain was asked %d times", n)
			}
			record, text := catcher.Record(d.test.Key, "receiver.test")
			for _, way := range []string{"openrelay: error: receiver.test has not agreed", "publish " + record, text, "openrelay catch --domain receiver.test", "no message is sent to a public server"} {
				if strings.Count(errs.String(), way) != map[bool]int{false: 1}[c.agrees] {
					t.Errorf("%q is said %d times:\n%s", way, strings.Count(errs.String(), way), errs.String())
				}
			}
			if n := strings.Count(out.String(), "open (data)"); n != len(list) {
				t.Errorf("%d open (data):\n%s", n, out.String())
			}
		})
	}
}

// TestConsentOutlivesWhoAsks: a server whose time is up does not answer for the others.
func TestConsentOutlivesWhoAsks(t *testing.T) {
	d := &delivery{to: "receiver.test", listen: "127.0.0.1:0", most: 3, total: 20, ui: &ui{stderr: io.Discard}}
	if err := d.set("deliver", false, ""); err != nil {
		t.Fatal(err)
	}
	record, text := catcher.Record(d.test.Key, "receiver.test")
	ns := &asked{txt: map[string]string{record + ".": text}, pause: make(chan struct{})}
	d.consent.Resolver = ns.resolver(t)
	stop, err := d.start(t.Context(), d.ui, "run7")
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	public := probe.Target{Addr: netip.MustParseAddrPort("198.51.100.1:25")}
	hurried, cancel := context.WithCancel(t.Context())
	cancel()
	if err := d.permit(hurried, public); !errors.Is(err, context.Canceled) {
		t.Errorf("without time: %v", err)
	}
	close(ns.pause)
	var all sync.WaitGroup
	for range 30 {
		all.Go(func() {
			if err := d.permit(t.Context(), public); err != nil && !strings.Contains(err.Error(), "--deliver-total") {
				t.Errorf("then: %v", err)
			}
		})
	}
	all.Wait()
	if d.sent != d.total {
		t.Errorf("%d permitted of %d", d.sent, d.total)
	}
	d.release()
	if err := d.permit(t.Context(), public); err != nil {
		t.Errorf("after one was given back: %v", err)
	}
	d.asking.Wait()
}

// trigger calls do once a text was written.
type trigger struct {
	mu   sync.Mutex
	buf  bytes.Buffer
	text string
	do   func()
}

func (w *trigger) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.buf.Write(b)
	if w.do != nil && strings.Contains(w.buf.String(), w.text) {
		w.do()
		w.do = nil
	}
	return len(b), nil
}

// TestInterruptedWait: whoever does not want to wait for messages any longer keeps what is known.
func TestInterruptedWait(t *testing.T) {
	server, addr := relay(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	file := filepath.Join(t.TempDir(), "results.jsonl")
	errs := &trigger{text: "waiting up to 1h0m0s for messages from " + addr, do: cancel}
	status := run(ctx, []string{"scan", "--proof", "deliver", "--deliver-to", "receiver.test", "--catch", "127.0.0.1:0", "--wait-delivery", "1h",
		"--profile", "quick", "--local-domain", "local.test", "--format", "jsonl", "--output", file, addr}, strings.NewReader(""), io.Discard, errs)
	if status != statusInterrupted || server.Seen().Messages != 3 {
		t.Errorf("exit status %d, %d messages\n%s", status, server.Seen().Messages, errs.buf.String())
	}
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	n := 0
	for r, err := range report.Read(f) {
		if err != nil {
			t.Fatal(err)
		}
		n++
		said := false
		for _, trait := range r.Traits {
			said = said || trait.Name == "not-delivered" && strings.Contains(trait.Evidence, "interrupted")
		}
		if r.Verdict != probe.Open || r.Proof != probe.Data || !said {
			t.Errorf("%v (%v), traits %v", r.Verdict, r.Proof, r.Traits)
		}
	}
	if n != 1 {
		t.Errorf("%d results", n)
	}
}

// TestFailedScanWaitsForNothing: where results cannot be written there is nothing to wait for.
func TestFailedScanWaitsForNothing(t *testing.T) {
	j := &job{sinks: sinks{ui: &ui{stderr: io.Discard}}}
	j.delivery.wait = time.Hour
	j.delivery.held = []probe.Result{{Verdict: probe.Open, Findings: []probe.Finding{{Token: "a"}}}}
	full := errors.New("disk full")
	if err := j.settle(t.Context(), full); !errors.Is(err, full) || j.summary.Open != 1 {
		t.Errorf("%v, %s", err, j.summary.String())
	}
}

// TestCatchPortTaken: that nothing can be caught is found before the first packet, and before a report of
// an earlier scan is written over.
func TestCatchPortTaken(t *testing.T) {
	server, addr := relay(t)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	file := filepath.Join(t.TempDir(), "results.jsonl")
	if err := os.WriteFile(file, []byte("of yesterday"), 0o600); err != nil {
		t.Fatal(err)
	}
	var errs bytes.Buffer
	status := run(t.Context(), []string{"scan", "--proof", "deliver", "--deliver-to", "receiver.test", "--catch", taken.Addr().String(),
		"--wait", "10s", "--output", file, addr}, strings.NewReader(""), io.Discard, &errs)
	if status != 2 || !strings.Contains(errs.String(), "something else does") || !strings.Contains(errs.String(), "openrelay: hint: openrelay scan --proof deliver --deliver-to receiver.test --catch :2525") {
		t.Errorf("exit status %d: %s", status, errs.String())
	}
	text, err := os.ReadFile(file)
	if string(text) != "of yesterday" || err != nil || server.Seen().Connections != 0 {
		t.Errorf("%q, %v, %d connections", text, err, server.Seen().Connections)
	}
}
