package main

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"openrelay/scanner/demo"
)

// A dry run of a server makes no connection to it, not one.
func TestDryRunConnectsToNobody(t *testing.T) {
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	var out, errs bytes.Buffer
	args := []string{"scan", "--dry-run", "--intrusive", "--wait", "1s", l.Addr().String()}
	if status := run(context.Background(), args, strings.NewReader(""), &out, &errs); status != 0 {
		t.Fatalf("exit status %d\n%s", status, errs.String())
	}
	if !strings.Contains(out.String(), "what is said to "+l.Addr().String()) {
		t.Errorf("it says\n%s", out.String())
	}
	// A connection of its would be complete by now, since the kernel makes it, and ours comes behind it.
	ours, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer ours.Close()
	first, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	if first.RemoteAddr().String() != ours.LocalAddr().String() {
		t.Errorf("a connection was made, from %v", first.RemoteAddr())
	}
}

// What a dry run says of a server is what a scan then says to it: the same commands, over as many
// connections. Random words are told as such, and where a PROXY header went before is not compared.
func TestDryRunTellsTheTruth(t *testing.T) {
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	config, err := demo.TLS()
	if err != nil {
		t.Fatal(err)
	}
	server := &demo.Script{TLS: config, Greeting: greeting, Extensions: []string{"PIPELINING", "AUTH PLAIN ANONYMOUS"}, Rcpt: dryRcpt, Other: dryLogin}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() { _ = server.Serve(l) }()
	for _, flags := range [][]string{nil, {"--profile", "quick"}, {"--profile", "thorough", "--local-domain", "local.test,other.test", "--helo", "probe.example.org"}} {
		before := server.Seen()
		args := append([]string{"scan", l.Addr().String()}, flags...)
		var out, errs bytes.Buffer
		if status := run(context.Background(), append(args, "--dry-run"), strings.NewReader(""), &out, &errs); status != 0 {
			t.Fatalf("exit status %d\n%s", status, errs.String())
		}
		told := out.String()
		if status := run(context.Background(), args, strings.NewReader(""), &out, &errs); status != 0 {
			t.Fatalf("exit status %d\n%s%s", status, out.String(), errs.String())
		}
		seen := server.Seen()
		m := regexp.MustCompile(`connections   (\d+) to`).FindStringSubmatch(told)
		if n := seen.Connections - before.Connections; m == nil || m[1] != strconv.Itoa(n) {
			t.Errorf("%v: %d connections were made, and it said %q", flags, n, m)
		}
		random := regexp.MustCompile(`(nobody-|@)[a-z2-7]{10}([@>]|\.invalid)`)
		for _, command := range seen.Commands[len(before.Commands):] {
			command = random.ReplaceAllString(command, "${1}xxxxxxxxxx${2}")
			if strings.HasPrefix(command, "MAIL") || strings.HasPrefix(command, "RCPT") {
				if !strings.Contains(told, command) {
					t.Errorf("%v: it never said %q", flags, command)
				}
			}
		}
	}
}

// What would be asked of whom before the first message: looked up, and not dialled.
func TestDryRunNamesTheQuestion(t *testing.T) {
	record := "_openrelay." + foreign
	leads := []string{foreign + ". MX 0 a.test.", foreign + ". MX 5 b.test.", foreign + ". MX 9 none.test.", "a.test. A 192.0.2.1", "a.test. AAAA 2001:db8::1", "b.test. A 10.0.0.1"}
	for name, c := range map[string]struct {
		to, catch string
		zone      []string
		says      []string
	}{
		"mail hosts": {foreign, "127.0.0.1:2525", leads, []string{"one to " + foreign + ": up to 3 to a server, 20 in all", "a server is an address, with all its ports and names",
			"before the first " + foreign + " is asked", "the DNS, for the TXT record of " + record, "port 25 of a.test [192.0.2.1] [2001:db8::1]",
			"b.test [10.0.0.1] is not asked: excluded", "none.test has no address"}},
		"no mail":         {foreign, "127.0.0.1:2525", []string{foreign + ". MX 0 ."}, []string{"its mail hosts: it says that it takes no mail"}},
		"our catcher":     {foreign, "127.0.0.1:2525", []string{foreign + ". A 127.0.0.1"}, []string{foreign + " is not asked whether it agrees: its mail hosts are on loopback"}},
		"on port 25":      {foreign, ":25", []string{foreign + ". A 127.0.0.1"}, []string{foreign + " is where this scan's own --catch listens"}},
		"a reserved name": {"ada@receiver.test", "127.0.0.1:2525", nil, []string{"receiver.test is not asked whether it agrees: test is a reserved name"}},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHanding(t, c.to, c.catch, false, c.zone...)
			h.delivery.consent.Dial = func(_ context.Context, _, address string) (net.Conn, error) {
				t.Errorf("%s was dialled", address)
				return nil, errors.New("a dry run")
			}
			h.delivery.consent.Allowed = func(_ context.Context, _ string, addr netip.Addr) error {
				if addr.IsPrivate() {
					return errors.New("excluded")
				}
				return nil
			}
			p := &dryRun{job: h.job}
			p.messages(t.Context())
			for _, want := range c.says {
				if !strings.Contains(p.b.String(), want) {
					t.Errorf("it lacks %q:\n%s", want, p.b.String())
				}
			}
			if n := h.zone.Asked(record); n != 0 {
				t.Errorf("the domain was asked %d times", n)
			}
		})
	}
}
