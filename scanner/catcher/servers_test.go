package catcher

import (
	"flag"
	"fmt"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"openrelay/internal/mtatest"
	"openrelay/probe"
)

var keep = flag.Bool("keep", false, "write the headers that real servers make to testdata/received")

// TestServers sends a test message through real mail servers that relay for everybody, and catches it
// where they send it.
func TestServers(t *testing.T) {
	if testing.Short() {
		t.Skip("real mail servers take seconds to start; not in short mode")
	}
	for _, config := range []string{"postfix-open", "exim-open", "sendmail-promiscuous", "opensmtpd-open", "courier-open"} {
		t.Run(config, func(t *testing.T) { testServer(t, mtatest.Start(t, config)) })
	}
}

func testServer(t *testing.T, s *mtatest.Server) {
	l, err := net.Listen("tcp", s.Sink.String())
	if err != nil {
		t.Fatal(err)
	}
	arrived := make(chan probe.Arrival, 1)
	c := serve(t, l, func(c *Catcher) {
		c.Domain = "receiver.test"
		c.Caught = func(a probe.Arrival) error { arrived <- a; return nil }
	})
	token := c.Key.Issue("run7", s.Addr.String(), "plain", probe.Plain, time.Now())
	text, err := probe.Message{Token: token, Domain: c.Domain, Contact: "Ada <ada@sender.test>"}.Data()
	if err != nil {
		t.Fatal(err)
	}
	p := dial(t, s.Addr, mtatest.Stranger)
	defer p.Close()
	p.say("MAIL FROM:<audit@sender.test>", "RCPT TO:<"+token.LocalPart+"@"+c.Domain+">")
	if code := p.data(text); code != 250 {
		t.Fatalf("the server answered %d\n%s", code, s.Log())
	}
	p.say("QUIT")
	select {
	case a := <-arrived:
		if a.Token != token.Serial || a.Target != s.Addr.String() || a.SawClient != mtatest.Stranger || a.Helo == "" {
			t.Errorf("caught %+v", a)
		}
		t.Logf("%s, %s, after %d ms, saw %s\n%s", a.Helo, a.TLS, a.DelayMS, a.SawClient, strings.Join(a.Received, "\n"))
		if *keep {
			text := fmt.Sprintf("Received: %s\nX-Want-Client: %s\n\n", strings.Join(a.Received, "\nReceived: "), mtatest.Stranger)
			if err := os.WriteFile("testdata/received/"+s.Name+".txt", []byte(text), 0o644); err != nil {
				t.Error(err)
			}
		}
	case <-time.After(5 * time.Minute):
		t.Fatalf("nothing arrived; %+v\n%s", c.Counts(), s.Log())
	}
}
