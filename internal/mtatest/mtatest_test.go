package mtatest

import (
	"cmp"
	"strings"
	"testing"
	"time"
)

// Every configuration is what its row says.
func TestConfigs(t *testing.T) {
	if testing.Short() {
		t.Skip("starts real mail servers")
	}
	for _, c := range Configs {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			began := time.Now()
			s := Start(t, c.Name)
			t.Logf("ready after %v", time.Since(began).Round(time.Millisecond))
			if !c.Silent {
				testReplies(t, s)
			}
			switch {
			case c.Verdict == Open:
				testOpen(t, s)
			case strings.HasPrefix(c.Foreign, "250"):
				testSwallowed(t, s)
			}
			if c.Verdict != Open {
				waitQueue(t, s, 0)
			}
			if t.Failed() {
				t.Log(s.Log())
			}
		})
	}
}

// testReplies asks the plain form and the two controls.
func testReplies(t *testing.T, s *Server) {
	d := dial(t, s, Stranger)
	d.want(d.say("EHLO stranger.test"), "250")
	mail := d.say("MAIL FROM:<a@sender.test>")
	if s.Mail != "" {
		d.want(mail, s.Mail)
		return
	}
	d.want(mail, "250")
	for _, ask := range []struct{ rcpt, want string }{
		{"b@receiver.test", s.Foreign},
		{"postmaster", s.Postmaster},
		{"nosuchuser@local.test", s.Unknown},
	} {
		if ask.want == "" {
			continue
		}
		reply := d.say("RCPT TO:<" + ask.rcpt + ">")
		d.want(reply, ask.want)
		if strings.HasPrefix(reply, "421") {
			return
		}
	}
	d.say("QUIT")
}

// testOpen shows that the server relays; that a connection dropped at 354 leaves nothing behind; and
// that a message which is sent after it, and queued, is seen.
func testOpen(t *testing.T, s *Server) {
	dropped := opened(t, s, "<a@sender.test>")
	dropped.want(dropped.say("DATA"), "354")
	dropped.conn.Close()

	sent := opened(t, s, "<>") // a message that is not relayed may not leave a bounce in the queue instead
	sent.want(sent.say("DATA"), "354")
	sent.want(sent.say("Subject: to the sink\r\n\r\nhello\r\n."), "250")
	waitQueue(t, s, 1)
}

// waitQueue waits until the queue holds as many messages as that: what was sent may be on its way
// into the queue, or on its way out of it.
func waitQueue(t *testing.T, s *Server, want int) {
	t.Helper()
	var queue []string
	for deadline := time.Now().Add(2 * time.Minute); time.Now().Before(deadline); {
		queue = s.Queue(t)
		if len(queue) == want {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Errorf("queued are %q, want %d", queue, want)
}

// testSwallowed shows that what is accepted goes nowhere.
func testSwallowed(t *testing.T, s *Server) {
	d := dial(t, s, Stranger)
	for _, line := range plain("a@sender.test", "b@receiver.test") {
		d.want(d.say(line), "250")
	}
	reply := d.say("DATA")
	if s.Verdict == Closed {
		d.want(reply, "5")
		return
	}
	d.want(reply, "354")
	d.want(d.say("Subject: to nobody\r\n\r\nhello\r\n."), "250")
}

// opened says all that makes the server accept a foreign recipient, with this sender where a stranger's
// will do. Where servers take turns it goes on to the one that does.
func opened(t *testing.T, s *Server, from string) *dialogue {
	t.Helper()
	d, reply := attempt(t, s, from)
	for turn := 1; turn < s.Turns && !strings.HasPrefix(reply, "250"); turn++ {
		d, reply = attempt(t, s, from)
	}
	d.want(reply, "250")
	return d
}

// attempt says so once, and returns the last reply.
func attempt(t *testing.T, s *Server, from string) (d *dialogue, reply string) {
	t.Helper()
	lines := s.Opens
	if lines == nil {
		lines = plain("a@sender.test", "b@receiver.test")
	}
	if header, ok := strings.CutPrefix(lines[0], "PROXY "); ok {
		d, lines = dialProxy(t, s, header), lines[1:]
	} else {
		d = dial(t, s, cmp.Or(s.From, Stranger))
	}
	for _, line := range lines {
		if wait, ok := strings.CutPrefix(line, "WAIT "); ok {
			pause, err := time.ParseDuration(wait)
			if err != nil {
				t.Fatal(err)
			}
			time.Sleep(pause)
			continue
		}
		reply = d.say(strings.Replace(line, "MAIL FROM:<a@sender.test>", "MAIL FROM:"+from, 1))
		if line == "STARTTLS" {
			d.want(reply, "220")
			d.startTLS()
		}
	}
	return d, reply
}

// Of three servers that take turns each third connection finds the open one.
func TestTurns(t *testing.T) {
	if testing.Short() {
		t.Skip("starts real mail servers")
	}
	s := Start(t, "haproxy-turns-one-open")
	var accepted []int
	for i := range 9 {
		d, reply := attempt(t, s, "<a@sender.test>")
		if strings.HasPrefix(reply, "250") {
			accepted = append(accepted, i)
		} else {
			d.want(reply, postfixDenies)
		}
		d.say("QUIT")
	}
	if len(accepted) != 3 || accepted[1]-accepted[0] != 3 || accepted[2]-accepted[1] != 3 {
		t.Errorf("accepted in connections %v", accepted)
	}
}

// Postfix behind reject_unknown_recipient_domain relays, but not to example.org, nor from it.
func TestDomainChecks(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a real mail server")
	}
	s := Start(t, "postfix-domains-open")
	d := dial(t, s, Stranger)
	d.say("EHLO stranger.test")
	d.say("MAIL FROM:<a@sender.test>")
	d.want(d.say("RCPT TO:<b@example.org>"), "556 5.1.10")
	d.want(d.say("RCPT TO:<b@nowhere.invalid>"), "450 4.1.2")
	d.want(d.say("RCPT TO:<b@receiver.test>"), "250")
	d.say("RSET")
	d.say("MAIL FROM:<a@example.net>")
	d.want(d.say("RCPT TO:<b@receiver.test>"), "550 5.7.27")
}

func TestFind(t *testing.T) {
	if _, err := Find("postfix-ajar"); err == nil {
		t.Error("found a configuration that does not exist")
	}
	seen := make(map[string]bool)
	for _, c := range Configs {
		if seen[c.Name] {
			t.Errorf("two rows are called %q", c.Name)
		}
		seen[c.Name] = true
		if c.Verdict != Open && c.Verdict != Closed && c.Verdict != Sink {
			t.Errorf("%s: verdict %q", c.Name, c.Verdict)
		}
		if c.Verdict == Open && c.Opens == nil && !strings.HasPrefix(c.Foreign, "250") && c.Masked == "" {
			t.Errorf("%s: open, but nothing says to what", c.Name)
		}
		files := []string{c.MTA + "/mta/start", c.MTA + "/mta/queue"}
		if c.With != "" {
			files = append(files, c.With+"/mta/before")
		}
		for _, file := range files {
			if _, err := roots.ReadFile("roots/" + file); err != nil {
				t.Errorf("%s: %v", c.Name, err)
			}
		}
	}
}

// chasquid behind a proxy believes anybody's header, but relays for no address, so that nothing is gained by it.
func TestTrustsNoAddress(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a real mail server")
	}
	s := StartConfig(t, Config{Name: "chasquid-proxy", MTA: "chasquid", Lines: "haproxy_incoming: true", Silent: true})
	d := dialProxy(t, s, "TCP4 127.0.0.1 "+s.IP().String()+" 40000 25")
	d.say("EHLO stranger.test")
	d.want(d.say("MAIL FROM:<a@sender.test>"), "250")
	d.want(d.say("RCPT TO:<b@receiver.test>"), chasquidDenies)
}
