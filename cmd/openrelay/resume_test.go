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
