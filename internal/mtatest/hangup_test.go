package mtatest

import (
	"net"
	"strings"
	"testing"
	"time"
)

// A connection that is dropped at 354, in good order (FIN) or not (RST), leaves nothing behind for a user of
// the server's own: of three messages to alice only the one that was sent is delivered, and seen in the log.
func TestHangUp(t *testing.T) {
	if testing.Short() {
		t.Skip("starts real mail servers")
	}
	for config, delivered := range map[string]string{
		"postfix-closed":   "to=<alice@local.test>, relay=local",
		"exim-closed":      " => alice <alice@local.test>",
		"sendmail-closed":  "to=<alice@local.test>, delay=",
		"opensmtpd-closed": " user=alice ",
		"courier-closed":   "addr=<alice@local.test>,size=",
		"chasquid-closed":  "Queued from a@sender.test to [alice@local.test]",
		"maddy-closed":     "smtp: accepted",
	} {
		t.Run(config, func(t *testing.T) {
			t.Parallel()
			s := Start(t, config)
			for _, end := range []string{"FIN", "RST"} {
				d := invited(t, s)
				if end == "RST" {
					if err := d.conn.(*net.TCPConn).SetLinger(0); err != nil {
						t.Fatal(err)
					}
				}
				d.conn.Close()
			}
			if queue := s.Queue(t); len(queue) > 0 {
				t.Errorf("queued are %q", queue)
			}
			sent := invited(t, s)
			sent.want(sent.say("Subject: to alice\r\n\r\nhello\r\n."), "250")
			for deadline := time.Now().Add(2 * time.Minute); !strings.Contains(s.Log(), delivered); time.Sleep(10 * time.Millisecond) {
				if time.Now().After(deadline) {
					t.Fatalf("the message that was sent is not delivered\n%s", s.Log())
				}
			}
			if n := strings.Count(s.Log(), delivered); n != 1 {
				t.Errorf("%d messages to alice\n%s", n, s.Log())
			}
		})
	}
}

// invited has an accepted user of the server's own, and a 354.
func invited(t *testing.T, s *Server) *dialogue {
	t.Helper()
	d := dial(t, s, Stranger)
	for _, line := range plain("a@sender.test", "alice@local.test") {
		d.want(d.say(line), "250")
	}
	d.want(d.say("DATA"), "354")
	return d
}
