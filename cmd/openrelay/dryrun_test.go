package main

import (
	"bytes"
	"context"
	"net"
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
