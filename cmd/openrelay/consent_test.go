package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"openrelay/probe"
	"openrelay/report"
	"openrelay/scanner/catcher"
	"openrelay/scanner/targets"
)

// TestConsent: wherever a server stands, it is handed no message before the recipient's domain has agreed, which is
// asked once; and no more than are allowed in all.
func TestConsent(t *testing.T) {
	public := []string{"198.51.100.1:25", "198.51.100.2:25", "203.0.113.1:25", "[2001:db8::1]:25"}
	private := []string{"10.1.2.3:25", "192.168.1.5:25", "[fd00::5]:25", "100.64.0.1:25"}
	loopback := []string{"127.0.0.9:25", "127.0.0.9:587", "[::1]:25", "169.254.1.1:25"}
	leads := foreign + ". A 127.0.0.1"
	for name, c := range map[string]struct {
		at        []string
		to        string
		catch     string // "" for one elsewhere
		zone      []string
		agrees    bool
		total     int
		messages  int
		questions int
	}{
		"public, without":               {at: public, catch: "127.0.0.1:0", questions: 1},
		"public, with":                  {at: public, catch: "127.0.0.1:0", agrees: true, messages: 12, questions: 1},
		"public, four in all":           {at: public, catch: "127.0.0.1:0", agrees: true, total: 4, messages: 4, questions: 1},
		"on the LAN, without":           {at: private, catch: "127.0.0.1:0", questions: 1},
		"on the LAN, with":              {at: private, catch: "127.0.0.1:0", agrees: true, messages: 12, questions: 1},
		"on this machine, without":      {at: loopback, catch: "127.0.0.1:0", questions: 1},
		"on this machine, with":         {at: loopback, catch: "127.0.0.1:0", agrees: true, messages: 9, questions: 1},
		"a catcher elsewhere":           {at: private, questions: 1},
		"a catcher elsewhere, agreed":   {at: private, agrees: true, messages: 12, questions: 1},
		"a reserved name":               {at: private, to: "receiver.test", catch: "127.0.0.1:0", messages: 12},
		"a reserved name, its user":     {at: private, to: "ada@Example.ORG.", catch: "127.0.0.1:0", messages: 12},
		"a reserved name, elsewhere":    {at: public, to: "receiver.test", messages: 12},
		"our catcher":                   {at: private, catch: "127.0.0.1:0", zone: []string{leads}, messages: 12, questions: 1},
		"our catcher, two addresses":    {at: private, catch: "127.0.0.1:0", zone: []string{leads, foreign + ". AAAA 2001:db8::1"}, questions: 1},
		"our catcher, mail elsewhere":   {at: private, catch: "127.0.0.1:0", zone: []string{leads, foreign + ". MX 0 mx.test.", "mx.test. A 203.0.113.9"}, questions: 1},
		"another's, mail here":          {at: private, zone: []string{leads}, questions: 1},
		"our catcher on all, mail here": {at: private, catch: ":0", zone: []string{leads}, questions: 1},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHanding(t, cmp.Or(c.to, foreign), c.catch, c.agrees, c.zone...)
			h.delivery.total = cmp.Or(c.total, 20)
			h.run(t, "", at(c.at...))
			if got := h.server.Seen().Messages; got != c.messages || h.delivery.handed.sent != c.messages {
				t.Errorf("%d messages, %d counted, want %d\n%s", got, h.delivery.handed.sent, c.messages, h.errs.String())
			}
			record, text := catcher.Record(h.delivery.test.Key, foreign)
			if n := h.zone.Asked(record); n != c.questions {
				t.Errorf("the domain was asked %d times, want %d", n, c.questions)
			}
			want := 0
			if c.messages == 0 {
				want = 1
			}
			for _, way := range []string{"openrelay: error: " + foreign + " has not agreed", "publish " + record, text, "openrelay catch --domain " + foreign,
				"no message is sent; what is accepted is proven as far as DATA"} {
				if n := strings.Count(h.errs.String(), way); n != want {
					t.Errorf("%q is said %d times:\n%s", way, n, h.errs.String())
				}
			}
			if n := strings.Count(h.out.String(), "open (data)"); n != len(c.at) {
				t.Errorf("%d open (data):\n%s", n, h.out.String())
			}
		})
	}
}

// TestConsentKeepsToTheScan: no mail host is dialled that the scan itself would not, whatever the MX says.
func TestConsentKeepsToTheScan(t *testing.T) {
	scope := filepath.Join(t.TempDir(), "scope.txt")
	if err := os.WriteFile(scope, []byte("owner: Ada\nticket: 7\n198.51.100.0/24\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	agreed, err := targets.ReadScope(scope)
	if err != nil {
		t.Fatal(err)
	}
	records := []string{foreign + ". MX 0 a.test.", foreign + ". MX 1 b.test.", foreign + ". MX 2 c.test.", "a.test. A 198.51.100.1", "a.test. A 127.0.0.1", "a.test. A 169.254.169.254",
		"b.test. A 203.0.113.1", "b.test. AAAA 2001:db8::1", "b.test. AAAA ::1", "c.test. CNAME inner.test.", "inner.test. AAAA fe80::1", "inner.test. A 198.51.100.2"}
	for name, c := range map[string]struct {
		o       targets.Options
		dialled string
		says    string
	}{
		"as it is":         {targets.Options{}, "198.51.100.1:25 203.0.113.1:25 [2001:db8::1]:25 198.51.100.2:25", "[127.0.0.1] is not asked: "},
		"an address":       {targets.Options{Exclude: []string{"203.0.113.0/24"}}, "198.51.100.1:25 [2001:db8::1]:25 198.51.100.2:25", "[203.0.113.1] is not asked: "},
		"a name":           {targets.Options{Exclude: []string{"b.test"}}, "198.51.100.1:25 198.51.100.2:25", "b.test [2001:db8::1] is not asked: "},
		"a scope":          {targets.Options{Scope: agreed}, "198.51.100.1:25 198.51.100.2:25", "[203.0.113.1] is not asked: "},
		"IPv4 alone":       {targets.Options{IPv4Only: true}, "198.51.100.1:25 203.0.113.1:25 198.51.100.2:25", "[2001:db8::1] is not asked: an IPv6 address, which -4 or --source leaves out"},
		"IPv6 alone":       {targets.Options{IPv6Only: true}, "[2001:db8::1]:25", "[198.51.100.1] is not asked: an IPv4 address, which -6 or --source leaves out"},
		"everything of it": {targets.Options{Exclude: []string{"198.51.100.0/24", "b.test"}}, "", "c.test [198.51.100.2] is not asked: "},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHanding(t, foreign, "127.0.0.1:0", false, records...)
			target := "198.51.100.77"
			if c.o.IPv6Only {
				target = "2001:db8::77"
			} else if slices.Contains(c.o.Exclude, "198.51.100.0/24") {
				target = "203.0.113.77"
			}
			o := c.o
			o.LookupNetIP, o.LookupMX = h.delivery.consent.Resolver.LookupNetIP, h.delivery.consent.Resolver.LookupMX
			o.LookupAliases = func(ctx context.Context, host string) ([]string, error) {
				return targets.AliasesOf(ctx, h.delivery.consent.Resolver, nameServer(h.zone.Addr), host)
			}
			list, err := targets.Parse([]string{target}, o)
			if err != nil {
				t.Fatal(err)
			}
			h.delivery.consent.Allowed = list.Allowed
			var dialled []string
			h.delivery.consent.Dial = func(_ context.Context, _, address string) (net.Conn, error) {
				dialled = append(dialled, address)
				return nil, errors.New("nobody there")
			}
			err = h.delivery.consent.Ask(t.Context(), foreign)
			if got := strings.Join(dialled, " "); got != c.dialled || err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("dialled %q, want %q; %v", got, c.dialled, err)
			}
		})
	}
}

// TestConsentOutlivesWhoAsks: a server whose time is up does not answer for the others.
func TestConsentOutlivesWhoAsks(t *testing.T) {
	h := newHanding(t, foreign, "127.0.0.1:0", true)
	d := &h.delivery
	answering := make(chan struct{})
	ask := d.consent.Resolver.Dial
	d.consent.Resolver.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		<-answering
		return ask(ctx, network, address)
	}
	stop, err := d.start(t.Context(), h.ui, "run7")
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	server := func(i int) probe.Target {
		return probe.Target{Addr: netip.AddrPortFrom(netip.AddrFrom4([4]byte{198, 51, 100, byte(i / 2)}), 25)}
	}
	hurried, cancel := context.WithCancel(t.Context())
	cancel()
	if err := d.permit(hurried, server(0)); !errors.Is(err, context.Canceled) {
		t.Errorf("without time: %v", err)
	}
	close(answering)
	var all sync.WaitGroup
	for i := range 30 {
		all.Go(func() {
			if err := d.permit(t.Context(), server(i)); err != nil && !strings.Contains(err.Error(), "--deliver-total") {
				t.Errorf("then: %v", err)
			}
		})
	}
	all.Wait()
	if d.handed.sent != d.total {
		t.Errorf("%d permitted of %d", d.handed.sent, d.total)
	}
	d.release(server(7))
	if err := d.permit(t.Context(), server(7)); err != nil {
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
