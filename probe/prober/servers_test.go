package prober_test

import (
	"context"
	"flag"
	"fmt"
	"net"
	"net/netip"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"openrelay/internal/mtatest"
	"openrelay/probe"
	"openrelay/probe/dialogue"
	"openrelay/probe/prober"
	"openrelay/probe/wire"
)

// forServers is a prober for the real servers of mtatest: it comes from a stranger's address and has
// foreign domains that they can resolve.
func forServers(t *testing.T, profile string, intrusive bool) *prober.Prober {
	t.Helper()
	vectors, err := probe.Select(profile, intrusive)
	if err != nil {
		t.Fatal(err)
	}
	dialer := &net.Dialer{LocalAddr: net.TCPAddrFromAddrPort(netip.AddrPortFrom(netip.MustParseAddr(mtatest.Stranger), 0))}
	return &prober.Prober{
		Vectors: vectors, Quick: profile == "quick", Helo: "probe.sender.test", LocalDomains: []string{"local.test"},
		FromDomains: []string{"sender.test"}, ToDomains: []string{"receiver.test"},
		Dial: dialer.DialContext, Limits: prober.Limits{Total: 5 * time.Minute},
	}
}

// TestRealServers holds the verdict on every real server to what becomes of a stranger's mail there.
func TestRealServers(t *testing.T) {
	if testing.Short() {
		t.Skip("starts real mail servers")
	}
	var all sync.WaitGroup
	defer all.Wait()
	slots := make(chan struct{}, atOnce)
	for _, c := range mtatest.Configs {
		slots <- struct{}{}
		all.Go(func() {
			defer func() { <-slots }()
			t.Run(c.Name, func(t *testing.T) {
				s := mtatest.Start(t, c.Name)
				v, _ := probe.Find(c.Vector)
				profile := "standard"
				if v.Class == probe.Historic {
					profile = "thorough"
				}
				p := forServers(t, profile, v.Class == probe.Intrusive)
				if c.Masked == "slow" { // it takes whatever time there is
					p.Limits.Total = time.Minute
				}
				res := p.Probe(context.Background(), probe.Target{Addr: s.Addr, Named: true})
				judged(t, c, res)
				if *record && len(res.Findings) > 0 {
					recordDialogue(t, s)
				}
				inRange(t, c, forServers(t, profile, v.Class == probe.Intrusive), s)
				if queue := s.Queue(t); len(queue) > 0 {
					t.Errorf("left in the queue: %q", queue)
				}
				// chasquid leaves after three errors, which no audit can keep to.
				limit := tripped.FindString(s.Log())
				if limit != "" && c.MTA != "chasquid" && c.Masked == "" && !strings.HasPrefix(c.Postmaster, "421") {
					t.Errorf("the server's log says %q", limit)
				}
			})
		})
	}
}

// inRange asks again as a scan of a range does, with less patience and fewer round trips: that may leave
// more open, and nothing wrong.
func inRange(t *testing.T, c mtatest.Config, p *prober.Prober, s *mtatest.Server) {
	t.Helper()
	p.Limits = prober.Limits{Total: 20 * time.Second}
	res := p.Probe(context.Background(), probe.Target{Addr: s.Addr})
	t.Logf("%s, in a range: %v (%s) %v in %d ms", c.Name, res.Verdict, res.Reason, res.Proof, res.TookMS)
	if res.Verdict == probe.Closed && c.Verdict != mtatest.Closed || res.Verdict == probe.Open && c.Verdict == mtatest.Closed {
		t.Errorf("in a range: %v (%s), and it is %s: %s", res.Verdict, res.Reason, c.Verdict, c.About)
	}
}

// tripped is how servers log that a client has used its errors up, or came too often.
var tripped = regexp.MustCompile(`(?i)too many (?:errors|syntax|unrecogni[sz]ed|protocol|nonmail|bad|connections)[^\n]*|rate limit exceeded`)

var record = flag.Bool("record", false, "write what real servers say into testdata/dialogue")

// recordDialogue asks a server once more, for the core and its own vector alone, and writes the dialogue
// down for TestReplay, which then keeps the case where the server is not installed. Left out are vectors
// that hold the server's address, since the replay has another, and one that proves a 2xx at most; servers on a port of
// their own, or behind a header; and what a replay cannot do, such as a handshake that fails.
func recordDialogue(t *testing.T, s *mtatest.Server) {
	t.Helper()
	p := forServers(t, "quick", false)
	p.Quick = false // after STARTTLS too
	ids := ""
	v, ok := probe.Find(s.Vector)
	if ok && v.Setup.Proxy != 0 || s.Port != 0 {
		return
	}
	if ok && v.Class != probe.Core && !strings.HasSuffix(v.ID, "-literal") && v.First == "" {
		p.Vectors = append(slices.Clip(p.Vectors), v)
		for _, v := range p.Vectors {
			ids += " " + v.ID
		}
		ids = "vectors:" + ids + "\n"
	}
	p.Helo, p.Nonce = "probe.example.net", func() string { return "nonce" }
	p.Limits = prober.Limits{Retry: 30 * time.Second}
	var b strings.Builder
	p.Trace = func(_ probe.Target, said dialogue.Transcript) {
		fmt.Fprintf(&b, "\n*: connection\n%s", said)
	}
	res := p.Probe(context.Background(), probe.Target{Addr: s.Addr, Named: true})
	said := b.String()
	if len(res.Findings) == 0 || s.Masked == "slow" || strings.Contains(said, "*: "+wire.ErrTimeout.Error()) || strings.Contains(said, "*: "+wire.ErrTLS.Error()) {
		return // nothing was said, or not at a time that a replay could keep
	}
	head := fmt.Sprintf("# %s\nverdict: %v\nreason: %s\n", s.About, res.Verdict, res.Reason)
	if res.Proof != probe.NoProof {
		head += fmt.Sprintf("proof: %v\n", res.Proof)
	}
	head += fmt.Sprintf(ids+"mta: %s\nlocal-domain: local.test\nfrom-domain: sender.test\nto-domain: receiver.test\nretry-for: 30\n", res.Server.MTA)
	said = strings.ReplaceAll(said, "ADDR="+mtatest.Stranger, "ADDR=127.0.0.1") // where the replay tests from
	if err := os.WriteFile("testdata/dialogue/"+s.Name+".txt", []byte(head+said), 0o644); err != nil {
		t.Fatal(err)
	}
}

// judged: no open server may be called closed and no closed one open; where something stands between
// us and the answer, not to know is right if the reason is.
func judged(t *testing.T, c mtatest.Config, res *probe.Result) {
	t.Helper()
	t.Logf("%s: %v (%s) %v in %d ms", c.Name, res.Verdict, res.Reason, res.Proof, res.TookMS)
	masked := c.Masked != "" && res.Reason == probe.Reason(c.Masked) && res.Verdict != probe.Closed && res.Verdict != probe.Open
	right := false
	switch c.Verdict {
	case mtatest.Closed:
		right = res.Verdict == probe.Closed
	default:
		right = res.Verdict == probe.Open
	}
	if !right && !masked {
		t.Errorf("%v (%s), and it is %s: %s; masked %q; detail %q", res.Verdict, res.Reason, c.Verdict, c.About, c.Masked, res.Detail)
		for _, f := range res.Findings {
			if f.Outcome != probe.OutcomeRefused {
				t.Logf("%s over %s: %s %s %q", f.Vector, f.Via, f.Outcome, f.Meaning, f.Reply)
			}
		}
	}
	if c.Trait != "" && !slices.ContainsFunc(res.Traits, func(trait probe.Trait) bool { return string(trait.Name) == c.Trait }) {
		t.Errorf("traits %v, and one is %s: %s", res.Traits, c.Trait, c.About)
	}
	for _, f := range res.Findings {
		shown := strings.Contains(f.Transcript.String(), "S: 354") && strings.HasSuffix(f.Transcript.String(), "no byte of a message was sent\n")
		if f.Proof == probe.Data && !shown {
			t.Errorf("%s: proof data, and the dialogue does not show it:\n%s", f.Vector, f.Transcript)
		}
	}
	if right && c.Vector != "" && !slices.ContainsFunc(res.Findings, func(f probe.Finding) bool {
		return f.Vector == c.Vector && f.Outcome == probe.OutcomeAccepted
	}) {
		t.Errorf("open by %s, and the finding is %s", c.Vector, res.Reason)
	}
}
