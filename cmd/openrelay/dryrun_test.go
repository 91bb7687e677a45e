package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"openrelay/scanner/demo"
)

// A dry run of a server makes no connection to it, not one.
func TestDryRunConnectsToNobody(t *testing.T) {
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

// A dry run writes nothing at all, whatever the flags are: no report, no key, no file to go on with, and nothing
// that is there is cut.
func TestDryRunWritesNothing(t *testing.T) {
	t.Chdir(t.TempDir())
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	for name, text := range map[string]string{"there.jsonl": "kept\n", "password": "secret\n", "zones": "bl.test ip4\n",
		"scope": "owner: Ada\nticket: CHG-7\n127.0.0.0/8\n", "exclude": "127.0.0.9\n", "targets": "127.0.0.1:1\n"} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var saved bytes.Buffer
	if status := run(t.Context(), []string{"scan", "--format", "jsonl", "127.0.0.1:1"}, nil, &saved, io.Discard); status != 3 {
		t.Fatalf("status %d", status)
	}
	if err := os.WriteFile("results.jsonl", saved.Bytes()[:saved.Len()-9], 0o600); err != nil {
		t.Fatal(err)
	}
	flags := [][]string{
		{"--output", "new.txt"}, {"--output", "there.jsonl"}, {"--report", "jsonl=new.jsonl"}, {"--report", "prometheus=there.jsonl", "--format", "html"},
		{"--proof", "deliver", "--deliver-to", "relaytest.example.org", "--catch-key", "new.key"},
		{"--resume", "results.jsonl"}, {"--resume", "new.jsonl"}, {"--baseline", "results.jsonl"}, {"--scope", "scope"}, {"--verbose", "--wait", "1s"},
		{"--auth", "ada@example.org", "--auth-password-file", "password"}, {"--blocklists", "--zones", "zones"}, {"--exclude-file", "exclude"}, {"@targets"}, {"--shard", "0/1", "--quiet"},
	}
	before := walked(t, ".")
	for i, one := range flags {
		for _, other := range flags[:i+1] {
			args := slices.Concat([]string{"scan", "--dry-run", "127.0.0.1:1"}, one, other)
			var said bytes.Buffer
			if status := run(t.Context(), args, nil, io.Discard, &said); status != 0 && status != statusUsage {
				t.Errorf("%q: status %d\n%s", args, status, said.String())
			}
			if after := walked(t, "."); after != before {
				t.Fatalf("%q: the folder holds\n%s\nbefore\n%s", args, after, before)
			}
		}
	}
	if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
