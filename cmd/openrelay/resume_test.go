package main

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"openrelay/probe"
	"openrelay/report"
	"openrelay/scanner/demo"
)

// A scan that is killed again and again, whatever it is doing, and goes on each time has in the end
// tested every target once.
func TestResumeAfterKill(t *testing.T) {
	l, err := net.Listen("tcp", "0.0.0.0:0") // every address of 127.0.0.0/8
	if err != nil {
		t.Fatal(err)
	}
	s := &demo.Script{Delay: 10 * time.Millisecond}
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	defer func() { l.Close(); <-served }()

	file := filepath.Join(t.TempDir(), "results.jsonl")
	scan := func() *exec.Cmd {
		cmd := exec.Command("openrelay", "scan", "--profile", "quick", "--workers", "8", "--local-domain", "local.test",
			"--resume", file, fmt.Sprintf("127.77.0.0/24:%d", l.Addr().(*net.TCPAddr).Port))
		return cmd
	}
	kills := 0
	for range 10 {
		cmd := scan()
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(rand.N(300 * time.Millisecond))
		if err := cmd.Process.Kill(); err == nil {
			kills++
		}
		_ = cmd.Wait()
	}
	if out, err := scan().CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	times := make(map[string]int)
	for r, err := range results(t, file) {
		if err != nil {
			t.Fatal(err)
		}
		if times[r.Target]++; r.Verdict != probe.Closed {
			t.Errorf("%s is %s: %s", r.Target, r.Verdict, r.Reason)
		}
	}
	for target, n := range times {
		if n != 1 {
			t.Errorf("%s was tested %d times", target, n)
		}
	}
	if len(times) != 256 || kills == 0 {
		t.Errorf("%d targets after %d kills, want 256", len(times), kills)
	}
}

// What cron starts before the last run has ended says so, and leaves the file to that one.
func TestResumeTwice(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no file is locked on Windows")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0") // and nobody greets
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	file := filepath.Join(t.TempDir(), "results.jsonl")
	first := exec.Command("openrelay", "scan", "--resume", file, l.Addr().String())
	if err := first.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = first.Process.Kill(); _ = first.Wait() }()
	conn, err := l.Accept() // the first has its file by now
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()

	out, err := exec.Command("openrelay", "scan", "--resume", file, l.Addr().String()).CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != statusUsage || !bytes.Contains(out, []byte(`results.jsonl": another scan is writing to it`)) {
		t.Errorf("the second run: %v\n%s", err, out)
	}
}

func results(t *testing.T, file string) func(func(probe.Result, error) bool) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return report.Read(f)
}

func TestLastLine(t *testing.T) {
	long := string(make([]byte, 200_000))
	for text, want := range map[string]string{
		"": "", "a\nb\n": "", "a\nb": "b", "torn": "torn", "\n": "", "a\n" + long: long, long + "\nb": "b", long + "\n": "",
	} {
		f, err := os.Create(filepath.Join(t.TempDir(), "f"))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if _, err := f.WriteString(text); err != nil {
			t.Fatal(err)
		}
		whole, torn, err := lastLine(f)
		if err != nil || whole != int64(len(text)-len(want)) || len(torn) == 0 != (want == "") || !strings.HasPrefix(want, string(torn)) {
			t.Errorf("%.20q: %d bytes, then %.20q, %v; want %.20q", text, whole, torn, err, want)
		}
	}
}

// What --resume names is looked at before anything in it is changed: only a last line that begins as a result of
// the same scan and breaks off is cut off, and a whole one gets its newline. Any other file stays as it is.
func TestResumeLooksFirst(t *testing.T) {
	t.Chdir(t.TempDir())
	scan := func(profile, file string) (int, string) {
		var said bytes.Buffer
		args := []string{"scan", "--profile", profile, "--retry-for", "-1s", "--resume", file, "127.0.0.1:1", "127.0.0.1:2"}
		status := run(t.Context(), args, nil, &said, &said)
		return status, said.String()
	}
	lines := func(profile string) (first, second string) {
		t.Helper()
		if status, said := scan(profile, profile); status != 3 {
			t.Fatalf("status %d: %s", status, said)
		}
		text, err := os.ReadFile(profile)
		all := strings.SplitAfter(string(text), "\n")
		if err != nil || len(all) != 3 {
			t.Fatalf("%q, %v", text, err)
		}
		return all[0], all[1]
	}
	ours, next := lines("quick")
	other, nextOther := lines("standard")
	torn := func(line string) string { return line[:len(line)-30] }
	whole := func(line string) string { return strings.TrimSuffix(line, "\n") }

	for _, text := range []string{
		"{", ours[:50], "a text", "a text\nof two lines", whole("127.0.0.1:1\n"), "\x00\x00",
		`{"schema":1,"a":2}`, `{"schema":"x","a`, `{"type":"result","schema":1,"a":2}`, `{"type":"result","schema":1,"scan":{"id":"x","a`,
		"{\"a\":1}\n{\"a\":2}", "{\"a\":1}\n" + ours[:20],
		other, whole(other), torn(other), other + torn(nextOther), other + ours[:20],
		ours + "a text", ours + `{"a":1}`, ours + torn(nextOther), ours + whole(nextOther), ours + " ", ours + other + ours[:20],
	} {
		if err := os.WriteFile("results.jsonl", []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		status, said := scan("quick", "results.jsonl")
		if got, err := os.ReadFile("results.jsonl"); string(got) != text || err != nil {
			t.Errorf("%q is now %q, %v", text, got, err)
		}
		if status != statusUsage || !strings.Contains(said, "openrelay: error: \"results.jsonl\"") || !strings.Contains(said, "openrelay: hint: openrelay scan ") {
			t.Errorf("%q: status %d, says\n%s", text, status, said)
		}
	}

	for _, tc := range []struct{ text, kept string }{
		{"", ""}, {"\n", ""}, {ours, ours}, {whole(ours), ours}, {torn(ours), ""}, {ours[:80], ""},
		{ours + torn(next), ours}, {ours + next[:1], ours}, {ours + next[:60], ours}, {ours + whole(next), ours + next}, {ours + next, ours + next},
	} {
		if err := os.WriteFile("results.jsonl", []byte(tc.text), 0o600); err != nil {
			t.Fatal(err)
		}
		status, said := scan("quick", "results.jsonl")
		got, err := os.ReadFile("results.jsonl")
		if n := strings.Count(strings.TrimSpace(string(got)), "\n") + 1; err != nil || !strings.HasPrefix(string(got), tc.kept) || n != 2 || status != 3 {
			t.Errorf("%q is now %q, %v; want two results, the first %q; status %d\n%s", tc.text, got, err, tc.kept, status, said)
		}
	}
}

// What is no file at all is not gone on with.
func TestResumeWantsAFile(t *testing.T) {
	var said bytes.Buffer
	for _, name := range []string{"/dev/zero", os.DevNull, t.TempDir()} {
		if _, err := os.Stat(name); err != nil {
			continue
		}
		said.Reset()
		if status := run(t.Context(), []string{"scan", "--resume", name, "127.0.0.1:1"}, nil, &said, &said); status != statusUsage || !strings.Contains(said.String(), "it is no regular file") {
			t.Errorf("%s: status %d\n%s", name, status, said.String())
		}
	}
}
