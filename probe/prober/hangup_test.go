package prober_test

import (
	"context"
	"net"
	"testing"
	"time"

	"openrelay/internal/mtatest"
	"openrelay/probe"
)

// TestHangUp looks into the queues of real servers after a probe has hung up at 354, in good order (FIN)
// and not (RST): nothing is there.
func TestHangUp(t *testing.T) {
	if testing.Short() {
		t.Skip("starts real mail servers")
	}
	for _, config := range []string{"postfix-open", "exim-open", "sendmail-promiscuous", "opensmtpd-open", "courier-open"} {
		t.Run(config, func(t *testing.T) {
			t.Parallel()
			s := mtatest.Start(t, config)
			for _, end := range []string{"FIN", "RST"} {
				p := forServers(t, "quick", false)
				dial, conns := p.Dial, 0
				p.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
					nc, err := dial(ctx, network, address)
					if err == nil && end == "RST" {
						err = nc.(*net.TCPConn).SetLinger(0)
					}
					conns++
					return nc, err
				}
				r := p.Probe(context.Background(), probe.Target{Addr: s.Addr, Named: true})
				if r.Verdict != probe.Open || r.Proof != probe.Data || conns < 2 {
					t.Errorf("%s: %v (%v) after %d connections", end, r.Verdict, r.Proof, conns)
				}
				for range 5 { // what the server has taken for a message may be on its way into the queue
					if queue := s.Queue(t); len(queue) > 0 {
						t.Errorf("%s: queued %q\n%s", end, queue, s.Log())
						break
					}
					time.Sleep(200 * time.Millisecond)
				}
			}
		})
	}
}
