package prober_test

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"openrelay/probe"
	"openrelay/scanner/demo"
)

// scripted is a mail server of which the truth is known, and what may be said of it. The tables of them stand in
// scripted_*_test.go, one for each kind.
type scripted struct {
	name   string
	server *demo.Script // asked afresh in each way, so its hooks go by the Dialogue alone
	set    []setting
	is     judgement // as a target that the user named, with the standard profile
	relays string    // the vector by which it relays; "" for not at all. Of a server that is open, what is named first.
	proof  probe.Proof
	most   int      // connections
	untold []string // vectors whose cause would be wrong, since everybody was relayed, or nobody in that manner
	detail string   // in the detail of the result

	namedOnly bool // in a range there is no unknown user to compare with
	notQuick  bool // it relays where the quick profile does not look
}

// setting changes how a server is asked, or where it stands.
type setting func(*clocked, *probe.Target)

// judgement is a verdict with the reasons that are right, any for none; or a verdict that is wrong, of a server that was
// there.
type judgement struct {
	verdict probe.Verdict
	not     bool
	reasons []probe.Reason
}

func open(vectors ...probe.Reason) judgement    { return judgement{probe.Open, false, vectors} }
func closed(reasons ...probe.Reason) judgement  { return judgement{probe.Closed, false, reasons} }
func unknown(reasons ...probe.Reason) judgement { return judgement{probe.Inconclusive, false, reasons} }

// notClosed is for a server that relays, and chance decides whether it shows.
func notClosed() judgement { return judgement{verdict: probe.Closed, not: true} }

// notOpen is for a server that does not, where it is open how much of that can be known.
func notOpen() judgement { return judgement{verdict: probe.Open, not: true} }

func (j judgement) String() string {
	if j.not {
		return "anything but " + j.verdict.String()
	}
	return fmt.Sprintf("%v %v", j.verdict, j.reasons)
}

func (j judgement) fits(res *probe.Result) bool {
	if j.not {
		return res.Verdict != j.verdict && res.Verdict != probe.Unreachable
	}
	return res.Verdict == j.verdict && (len(j.reasons) == 0 || slices.Contains(j.reasons, res.Reason))
}

// ways are how every server is asked. In the first one it is held to its row. In the others, where less is asked, no
// server that relays may be called closed, and none open that does not.
var ways = []struct {
	name string
	setting
}{
	{"named", func(*clocked, *probe.Target) {}},
	{"quick", quick},
	{"in a range", ofARange},
	{"proof rcpt", proofRcpt},
}

// holds asks every server in every way.
func holds(t *testing.T, rows []scripted) {
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			for _, way := range ways {
				want, ok := row.in(way.name)
				if !ok {
					continue
				}
				t.Run(way.name, func(t *testing.T) {
					t.Parallel()
					row.held(t, way.name, way.setting, want)
				})
			}
		})
	}
}

func (row scripted) held(t *testing.T, way string, setting setting, want judgement) {
	t.Helper()
	s := anew(row.server)
	p, target := standard(t), listenScript(t, s)
	p.Limits.Total = 10 * time.Minute
	for _, set := range append(slices.Clone(row.set), setting) {
		set(p, &target)
	}
	res := p.Probe(t.Context(), target)
	var faults []string
	if !want.fits(res) {
		faults = append(faults, fmt.Sprintf("%v (%s), want %v; detail %q", res.Verdict, res.Reason, want, res.Detail))
	}
	if s.Seen().Messages > 0 {
		faults = append(faults, "a message was sent")
	}
	if way == "named" {
		faults = append(faults, row.faults(res, s.Seen().Connections)...)
	}
	for _, fault := range faults {
		t.Errorf("wrong: %s", fault)
	}
	if len(faults) > 0 && way == "named" {
		for _, f := range res.Findings {
			t.Logf("%s over %s: %s %s %q", f.Vector, f.Via, f.Outcome, f.Meaning, f.Reply)
		}
	}
}

// in is what is right in a way, and whether there is anything to hold a server to: in those that ask less it is the law
// alone.
func (row scripted) in(way string) (want judgement, ok bool) {
	relays := row.relays
	if relays == "" && row.is.verdict == probe.Open && !row.is.not {
		relays = string(row.is.reasons[0])
	}
	v, _ := probe.Find(relays)
	switch {
	case way == "named":
		return row.is, true
	case way == "in a range" && row.namedOnly:
		return judgement{}, false
	case relays == "":
		return notOpen(), way != "proof rcpt" // there an acceptance counts as it is
	case way == "quick" && (row.notQuick || v.Class != probe.Core):
		return judgement{}, false
	}
	return notClosed(), true
}

// faults are those beside the verdict.
func (row scripted) faults(res *probe.Result, connections int) (faults []string) {
	if row.proof != probe.NoProof && res.Proof != row.proof {
		faults = append(faults, fmt.Sprintf("proof %q, want %q", res.Proof, row.proof))
	}
	if row.most > 0 && connections > row.most {
		faults = append(faults, fmt.Sprintf("%d connections, want at most %d", connections, row.most))
	}
	if !strings.Contains(res.Detail, row.detail) {
		faults = append(faults, fmt.Sprintf("detail %q, want %q in it", res.Detail, row.detail))
	}
	for _, f := range res.Findings {
		v, ok := probe.Find(f.Vector)
		if ok && slices.Contains(row.untold, f.Vector) && strings.HasPrefix(f.Cause, v.Why) {
			faults = append(faults, fmt.Sprintf("%s is said to be why: %q", f.Vector, f.Cause))
		}
	}
	return faults
}

// anew is a server like s that has not been asked anything.
func anew(s *demo.Script) *demo.Script {
	return &demo.Script{
		Host: s.Host, Greeting: s.Greeting, Extensions: s.Extensions, TLS: s.TLS, Implicit: s.Implicit,
		Greet: s.Greet, EHLO: s.EHLO, Mail: s.Mail, Rcpt: s.Rcpt, Data: s.Data, Body: s.Body, Other: s.Other,
		ErrorLimit: s.ErrorLimit, Delay: s.Delay,
	}
}

// onPort has a server stand at another port than it does: what is expected of a server hangs on it.
func onPort(port uint16) setting {
	return func(p *clocked, target *probe.Target) {
		p.server, target.Addr = target.Addr, netip.AddrPortFrom(target.Addr.Addr(), port)
		p.Dial = func(ctx context.Context, kind, _ string) (net.Conn, error) {
			return network.DialContext(ctx, kind, p.server.String())
		}
	}
}

// waiting has as much patience as the default.
func waiting(p *clocked, _ *probe.Target) { p.Limits.Retry = time.Minute }

func quick(p *clocked, _ *probe.Target) { inOneSession(p) }

func ofARange(p *clocked, target *probe.Target) { target.Named, p.Limits.Retry = false, -1 }

func proofRcpt(p *clocked, _ *probe.Target) { p.Proof = probe.Rcpt }

func toDomains(domains ...string) setting {
	return func(p *clocked, _ *probe.Target) { p.ToDomains = domains }
}

// within is for a server that is given little time, half of which one reply may take.
func within(total time.Duration) setting {
	return func(p *clocked, _ *probe.Target) {
		p.Limits.Greeting, p.Limits.Reply, p.Limits.Total = total/2, total/2, total
	}
}
