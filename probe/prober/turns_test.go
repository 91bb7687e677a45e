package prober_test

import (
	"context"
	"fmt"
	"net/smtp"
	"testing"
	"time"

	"openrelay/internal/mtatest"
	"openrelay/probe"
	"openrelay/probe/fixes"
	"openrelay/probe/prober"
)

// Three Postfix take turns at the connections, and one is open: whichever comes first, they are not
// called closed, and no form of address that the open one happened to get is told as the cause.
func TestTurns(t *testing.T) {
	if testing.Short() {
		t.Skip("starts real mail servers")
	}
	s := mtatest.Start(t, "haproxy-turns-one-open")
	for first := range s.Turns {
		for _, named := range []bool{true, false} {
			t.Run(fmt.Sprintf("%d after the open one, named %t", first+1, named), func(t *testing.T) {
				p := forServers(t, "standard", false)
				if !named {
					p.Limits = prober.Limits{Total: 20 * time.Second}
				}
				for turn := 1; !relaysVia(t, p, s); turn++ {
					if turn == s.Turns {
						t.Fatal("none is open")
					}
				}
				for range first {
					relaysVia(t, p, s)
				}
				r := p.Probe(context.Background(), probe.Target{Addr: s.Addr, Named: named})
				t.Logf("%v (%s) %s", r.Verdict, r.Reason, r.Detail)
				if r.Verdict != probe.Open && (r.Verdict != probe.Inconclusive || r.Reason != "answers-differ") {
					t.Errorf("%v (%s): %s", r.Verdict, r.Reason, r.Detail)
				}
				for _, f := range r.Findings {
					v, _ := probe.Find(f.Vector)
					cause, _ := fixes.CauseAndFix(r.Server.MTA, &v)
					if f.Outcome == probe.OutcomeAccepted && v.ID != "plain" && v.Setup == (probe.Setup{}) && f.Cause == cause {
						t.Errorf("%s: %q is told as the cause, and plain was not refused in that connection", f.Vector, f.Cause)
					}
				}
			})
		}
	}
}

// relaysVia takes a turn, and reports whether that one takes a stranger's recipient.
func relaysVia(t *testing.T, p *prober.Prober, s *mtatest.Server) bool {
	t.Helper()
	nc, err := p.Dial(t.Context(), "tcp", s.Addr.String())
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	c, err := smtp.NewClient(nc, s.IP().String())
	if err == nil {
		err = c.Mail("a@sender.test")
	}
	if err != nil {
		t.Fatal(err)
	}
	return c.Rcpt("b@receiver.test") == nil
}
