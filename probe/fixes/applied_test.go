package fixes_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/netip"
	"net/smtp"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"openrelay/internal/mtatest"
	"openrelay/probe"
	"openrelay/probe/fixes"
	"openrelay/probe/prober"
)

// applied is a real server that is open as a row says, and a way of the row that closes it.
type applied struct {
	mta, vector, when string // lead to the way; without an mta, to one of HiddenClients

	config string         // of mtatest, that is open by the vector
	server mtatest.Config // or one that is only here
	login  uint16         // the port where whoever may relay logs in, if the server trusts no address

	// Why the checks below are left out, where they are.
	noFriend string // the client that may relay still can
	noLocal  string // a stranger still reaches a local user
}

// friend is a client that may relay everywhere: 192.0.2.10 of the printed lines. The test itself comes from an
// address in 127.0.0.0/8, which the lines trust.
const friend = "127.255.255.254"

var here = strings.NewReplacer("192.0.2.10", friend, "example.org", "local.test", "example.com", "receiver.test", "127.0.0.0/8", "127.0.0.1/32")

// printed is a line that is printed, for that server. A port of Postfix has its address for its name here, not smtp.
func printed(s *mtatest.Server, line string) string {
	return strings.NewReplacer("smtp/inet", s.Addr.String()+"/inet", "127.0.0.1:12525", s.IP().String()+":12525").Replace(here.Replace(line))
}

// Every way that says it was run is run: the server is open, the lines are followed as they are printed, and it is
// closed. Its users' mail passes all the same.
func TestApplied(t *testing.T) {
	if testing.Short() {
		t.Skip("starts real mail servers")
	}
	for _, a := range allApplied {
		t.Run(a.mta+" "+a.vector+" "+a.when, func(t *testing.T) {
			t.Parallel()
			way := a.way(t)
			if a.config != "" {
				var err error
				if a.server, err = mtatest.Find(a.config); err != nil {
					t.Fatal(err)
				}
			}
			s := mtatest.StartConfig(t, a.server)
			if f := ask(t, s, a.vector); f.Outcome != probe.OutcomeAccepted {
				t.Fatalf("before: %s: %s\n%s\n%s", f.Outcome, f.Reply, f.Transcript, s.Log())
			}
			follow(t, s, way)
			closes(t, s, a.vector)
			switch {
			case a.login != 0:
				acceptsLogin(t, s, a.login)
			case a.noFriend == "":
				accepts(t, s, friend, "b@receiver.test")
			}
			if a.noLocal == "" {
				accepts(t, s, mtatest.Stranger, "alice@local.test")
			}
			if t.Failed() {
				t.Log(s.Log())
			}
		})
	}
}

// Every way that says it was run is in the table, and no other.
func TestAppliedIsAll(t *testing.T) {
	for _, f := range append(rows(), &fixes.HiddenClients) {
		for j := range f.Ways {
			w := &f.Ways[j]
			ran := slices.ContainsFunc(allApplied, func(a applied) bool { return a.way(t) == w })
			if ran != (w.Run != "") {
				t.Errorf("%s %s %s: it says it was checked by a run: %t; it is in the table: %t", f.MTAs, f.Vectors, w.When, w.Run != "", ran)
			}
		}
	}
}

func rows() (all []*fixes.Fix) {
	for i := range fixes.All {
		all = append(all, &fixes.All[i])
	}
	return all
}

func (a *applied) way(t *testing.T) *fixes.Way {
	t.Helper()
	v, ok := probe.Find(a.vector)
	advice := fixes.For(a.mta, &v)
	if a.mta == "" {
		advice.Fix = &fixes.HiddenClients
	}
	if !ok || advice.Fix == nil {
		t.Fatalf("%s %s: no fix", a.mta, a.vector)
	}
	i := slices.IndexFunc(advice.Ways, func(w fixes.Way) bool { return w.When == a.when })
	if i < 0 {
		t.Fatalf("%s %s: no way %q", a.mta, a.vector, a.when)
	}
	return &advice.Ways[i]
}

// ask asks a server one question, as a stranger.
func ask(t *testing.T, s *mtatest.Server, vector string) *probe.Finding {
	t.Helper()
	v, _ := probe.Find(vector)
	dialer := &net.Dialer{LocalAddr: net.TCPAddrFromAddrPort(netip.AddrPortFrom(netip.MustParseAddr(mtatest.Stranger), 0))}
	p := &prober.Prober{
		Vectors: []probe.Vector{v}, Helo: "probe.sender.test", LocalDomains: []string{"local.test"}, LocalUsers: []string{"alice"},
		FromDomains: []string{"sender.test"}, ToDomains: []string{"receiver.test"}, Dial: dialer.DialContext, Evidence: true,
		Limits: prober.Limits{Total: 5 * time.Minute},
	}
	r := p.Probe(context.Background(), probe.Target{Addr: s.Addr, Named: true})
	for i := range r.Findings {
		if f := &r.Findings[i]; f.Vector == vector {
			return f
		}
	}
	for _, skip := range r.Coverage.Skipped { // what is not offered is refused to whoever tries it
		if skip.Vector == vector && strings.HasSuffix(skip.Why, " offered") {
			return &probe.Finding{Outcome: probe.OutcomeRefused, Reply: skip.Why}
		}
	}
	return &probe.Finding{Outcome: probe.OutcomeUnanswered, Reply: fmt.Sprintf("%s (%s)", r.Verdict, r.Reason)}
}

// follow does what a way prints.
func follow(t *testing.T, s *mtatest.Server, w *fixes.Way) {
	t.Helper()
	if w.Look != "" {
		t.Logf("%s\n%s", w.Look, s.Shell(t, "{\n"+printed(s, w.Look)+"\n} || [ $? -eq 1 ]", "")) // 1: a grep that finds nothing
	}
	for i := range w.Steps {
		step := &w.Steps[i]
		if step.Run != "" {
			s.Shell(t, "set -e\n"+printed(s, step.Run), "")
			s.Shell(t, printed(s, step.Run)+"\n:", "") // it may be pasted twice
			continue
		}
		edit(t, s, step)
	}
	if w.Load != "" {
		s.Shell(t, "set -e\n"+printed(s, w.Load), "")
	}
}

// edit does by hand what a step says of a file, with the lines as they are printed, two spaces before each.
func edit(t *testing.T, s *mtatest.Server, step *fixes.Step) {
	t.Helper()
	found := regexp.MustCompilePOSIX(step.Out)
	below := regexp.MustCompilePOSIX(step.Below)
	text := s.Shell(t, "cat "+step.At+" 2>/dev/null || :", "")
	var lines []string
	written := step.Lines == ""
	write := func() {
		if !written {
			pasted := "\n" + printed(s, step.Lines)
			if !step.Flush {
				pasted = strings.ReplaceAll(pasted, "\n", "\n  ")
			}
			lines, written = append(lines, pasted[1:]+"\n"), true
		}
	}
	out := false
	for line := range strings.Lines(text) {
		switch {
		case step.Out != "" && found.MatchString(strings.TrimSuffix(line, "\n")):
			out = true
			write()
			continue
		case step.Below != "" && below.MatchString(strings.TrimSuffix(line, "\n")):
			lines, out = append(lines, line), true
			write()
			continue
		}
		lines = append(lines, line)
	}
	if (step.Out != "" || step.Below != "") && !out {
		t.Fatalf("%s has no line as %q%q:\n%s", step.At, step.Out, step.Below, text)
	}
	write()
	s.Shell(t, "cat >"+step.At, strings.Join(lines, ""))
}

// closes waits until the server refuses, or offers no longer what the vector is about: a server takes a new
// configuration when it gets to it.
func closes(t *testing.T, s *mtatest.Server, vector string) {
	t.Helper()
	var f *probe.Finding
	for deadline := time.Now().Add(2 * time.Minute); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		if f = ask(t, s, vector); f.Outcome == probe.OutcomeRefused {
			return
		}
	}
	t.Fatalf("after: %s: %s\n%s\n%s", f.Outcome, f.Reply, f.Transcript, s.Log())
}

// accepts asks by hand, for a client that is not the prober's.
func accepts(t *testing.T, s *mtatest.Server, from, to string) {
	t.Helper()
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
	conn, err := dialer.Dial("tcp4", s.Addr.String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(2 * time.Minute))
	r := bufio.NewReader(conn)
	for _, line := range []string{"", "EHLO client.sender.test\r\n", "MAIL FROM:<a@sender.test>\r\n", "RCPT TO:<" + to + ">\r\n"} {
		fmt.Fprint(conn, line)
		reply, err := r.ReadString('\n')
		for err == nil && len(reply) > 3 && reply[3] == '-' {
			reply, err = r.ReadString('\n')
		}
		if err != nil || !strings.HasPrefix(reply, "2") {
			t.Errorf("from %s to %s: %q was answered %q (%v)", from, to, line, reply, err)
			return
		}
	}
	fmt.Fprint(conn, "QUIT\r\n")
}

// acceptsLogin asks as alice, who has logged in.
func acceptsLogin(t *testing.T, s *mtatest.Server, port uint16) {
	t.Helper()
	c, err := smtp.Dial(netip.AddrPortFrom(s.IP(), port).String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for _, step := range []error{
		c.StartTLS(&tls.Config{InsecureSkipVerify: true}),
		c.Auth(smtp.PlainAuth("", "alice@local.test", mtatest.Password, s.IP().String())),
		c.Mail("alice@local.test"),
		c.Rcpt("b@receiver.test"),
	} {
		if step != nil {
			t.Errorf("a user who logs in on port %d: %v", port, step)
		}
	}
}
