package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"openrelay/probe"
	"openrelay/report"
	"openrelay/scanner/fleet"
)

// A scan that is killed again and again, whatever it is doing, and goes on each time has in the end
// tested every target once.
func TestResumeAfterKill(t *testing.T) {
	l, err := net.Listen("tcp", "0.0.0.0:0") // every address of 127.0.0.0/8
	if err != nil {
		t.Fatal(err)
	}
	s := &fleet.Script{Delay: 10 * time.Millisecond}
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

func results(t *testing.T, file string) func(func(probe.Result, error) bool) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return report.Read(f)
}

func TestMend(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "a\nb\n": "a\nb\n", "a\nb": "a\n", "torn": "", "\n": "\n",
		"a\n" + string(make([]byte, 200_000)): "a\n",
	} {
		file := filepath.Join(t.TempDir(), "f")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		mended, err := mend(file)
		if err != nil || mended != (text != want) {
			t.Errorf("mend(%.20q) = %v, %v", text, mended, err)
		}
		if got, _ := os.ReadFile(file); string(got) != want {
			t.Errorf("mend(%.20q) left %.20q, want %q", text, got, want)
		}
	}
	if _, err := mend(filepath.Join(t.TempDir(), "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}
