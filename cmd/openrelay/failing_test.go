package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"openrelay/probe"
	"openrelay/scanner/demo"
)

// manyServers listens on every address of 127.0.0.0/8, and returns 256 of them as a target.
func manyServers(t *testing.T, s *demo.Script) string {
	t.Helper()
	l, err := net.Listen("tcp", "0.0.0.0:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	t.Cleanup(func() { l.Close(); <-served })
	return fmt.Sprintf("127.77.0.0/24:%d", l.Addr().(*net.TCPAddr).Port)
}

// mailServers serves at every address that leads here, until it is killed. It is a program, since a
// namespace is entered by one.
func mailServers() {
	l, err := net.Listen("tcp", "0.0.0.0:25")
	if err == nil {
		fmt.Println("ready")
		err = (&demo.Script{Delay: 20 * time.Millisecond}).Serve(l)
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// quickly are the arguments of a scan that does not take long.
func quickly(more ...string) []string {
	return append([]string{"scan", "--profile", "quick", "--local-domain", "local.test", "--format", "jsonl"}, more...)
}

// status is how a command ended; a signal counts as it does for a shell.
func status(t *testing.T, err error) int {
	t.Helper()
	var failed *exec.ExitError
	if err == nil {
		return 0
	}
	if !errors.As(err, &failed) {
		t.Fatal(err)
	}
	if ws := failed.Sys().(syscall.WaitStatus); ws.Signaled() {
		return 128 + int(ws.Signal())
	}
	return failed.ExitCode()
}

// wholeLines counts the results in what a scan left, each in a line of its own, the last of which may be
// torn. None may be there twice.
func wholeLines(t *testing.T, data []byte) int {
	t.Helper()
	seen := make(map[string]bool)
	for line := range bytes.Lines(data) {
		var r probe.Result
		if !bytes.HasSuffix(line, []byte("\n")) {
			continue // the last one
		}
		if err := json.Unmarshal(line, &r); err != nil {
			t.Errorf("torn before the end: %.60q", line)
		}
		if seen[r.Target] {
			t.Errorf("%s twice", r.Target)
		}
		seen[r.Target] = true
		if r.Verdict != probe.Closed {
			t.Errorf("%s is %s (%s)", r.Target, r.Verdict, r.Reason)
		}
	}
	return len(seen)
}

// mounted is a script with a file system of its own, which ends with it: root may write what permissions
// forbid others, so they would test nothing.
func mounted(t *testing.T, mount, script string) *exec.Cmd {
	t.Helper()
	unless(t, os.Getuid() == 0, "only root may mount")
	dir := t.TempDir()
	cmd := exec.Command("unshare", "--mount", "sh", "-ec", mount+"\n"+script)
	cmd.Env = append(os.Environ(), "DIR="+dir)
	return cmd
}

// unless skips a test on a user's machine, and fails it in CI.
func unless(t *testing.T, ok bool, why string) {
	t.Helper()
	if !ok && os.Getenv("CI") != "" {
		t.Fatal(why)
	}
	if !ok {
		t.Skip(why)
	}
}

// Where results cannot be written, the scan ends, says so, and is no success.
func TestCannotWrite(t *testing.T) {
	target := manyServers(t, &demo.Script{})
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip(err)
	}
	defer full.Close()
	for _, tc := range []struct {
		name   string
		cmd    *exec.Cmd
		stdout io.Writer
		says   string
	}{
		{"standard output", exec.Command("openrelay", quickly(target)...), full, "cannot write results: "},
		{"the table", exec.Command("openrelay", "scan", "--profile", "quick", target), full, "cannot write results: "},
		{"--output", exec.Command("openrelay", quickly("--output", "/dev/full", target)...), nil, "cannot write results: "},
		{"--report", exec.Command("openrelay", quickly("--report", "table=/dev/full", target)...), nil, "cannot write results: "},
		{"explanations", exec.Command("openrelay", "explain", "plain"), full, "cannot write: "},
		{"the words", exec.Command("openrelay", "explain"), full, "cannot write: "},
		{"help", exec.Command("openrelay", "scan", "--help"), full, "cannot write: "},
		{"no directory", exec.Command("openrelay", quickly("--output", filepath.Join(t.TempDir(), "none", "r.jsonl"), target)...), nil, `cannot write ".*": no such file or directory`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var stderr bytes.Buffer
			tc.cmd.Stdout, tc.cmd.Stderr = tc.stdout, &stderr
			if got := status(t, tc.cmd.Run()); got != statusUsage {
				t.Errorf("exit status %d, want %d\n%s", got, statusUsage, stderr.String())
			}
			want, _, _ := strings.Cut(tc.says, ".*")
			if !strings.Contains(stderr.String(), "openrelay: error: "+want) {
				t.Errorf("says %q, want %q", stderr.String(), tc.says)
			}
		})
	}
}

// Whoever has seen enough of the results ends the scan, without a word; whoever listens to its remarks does not.
func TestReadersLeave(t *testing.T) {
	target := manyServers(t, &demo.Script{})
	for _, tc := range []struct {
		name   string
		args   []string
		gone   func(*exec.Cmd, *os.File)
		status int
	}{
		{"stdout", quickly(target), func(c *exec.Cmd, w *os.File) { c.Stdout = w }, statusUnread},
		{"stderr", quickly("--progress", "json", target), func(c *exec.Cmd, w *os.File) { c.Stderr = w }, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r, w, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			r.Close()
			var other bytes.Buffer
			cmd := exec.Command("openrelay", tc.args...)
			cmd.Stdout, cmd.Stderr = &other, &other
			tc.gone(cmd, w)
			if got := status(t, cmd.Run()); got != tc.status {
				t.Errorf("exit status %d, want %d\n%.300s", got, tc.status, other.String())
			}
			w.Close()
			if tc.status == 0 && wholeLines(t, other.Bytes()) != 256 || tc.status != 0 && strings.Contains(other.String(), "error") {
				t.Errorf("says %.300q", other.String())
			}
		})
	}
}

// Ctrl-C ends a wait for standard input, which may stay open for ever.
func TestInterruptedAtStdin(t *testing.T) {
	for _, args := range [][]string{{"report", "-"}, {"explain", "--jsonl"}, {"blocklist", "--bounce", "-"}} {
		cmd := exec.Command("openrelay", args...)
		stdin, err := cmd.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		defer stdin.Close()
		var said bytes.Buffer
		cmd.Stderr = &said
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(stdin, strings.Repeat("\n", 1<<17)); err != nil { // more than a pipe holds: it reads
			t.Fatal(err)
		}
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}
		if got := status(t, cmd.Wait()); got != statusInterrupted || !strings.Contains(said.String(), "interrupted while reading standard input") {
			t.Errorf("%q: exit status %d, %q", args, got, said.String())
		}
	}
}

func TestReadOnly(t *testing.T) {
	target := manyServers(t, &demo.Script{})
	out, err := mounted(t, `mount -t tmpfs -o ro tmpfs "$DIR"`, `openrelay scan --output "$DIR/r.jsonl" `+target).CombinedOutput()
	if got := status(t, err); got != statusUsage || !strings.Contains(string(out), "read-only file system") {
		t.Errorf("exit status %d\n%s", got, out)
	}
}

// The disk fills up: what is on it is whole but for the last line, and --resume goes on from there.
func TestDiskFull(t *testing.T) {
	target := manyServers(t, &demo.Script{})
	copied := filepath.Join(t.TempDir(), "copy.jsonl")
	cmd := mounted(t, `mount -t tmpfs -o size=64k tmpfs "$DIR"`,
		"set +e\nopenrelay "+strings.Join(quickly("--output", `"$DIR/r.jsonl"`, target), " ")+"\ns=$?\ncp \"$DIR/r.jsonl\" "+copied+"\nexit $s")
	out, err := cmd.CombinedOutput()
	if got := status(t, err); got != statusUsage || !strings.Contains(string(out), "cannot write results: ") {
		t.Errorf("exit status %d\n%s", got, out)
	}
	data, err := os.ReadFile(copied)
	if n := wholeLines(t, data); err != nil || n == 0 || n >= 256 {
		t.Errorf("%d results on a full disk, %v", n, err)
	}
	args := slices.DeleteFunc(quickly("--resume", copied, target), func(s string) bool { return s == "--format" || s == "jsonl" })
	if out, err := exec.Command("openrelay", args...).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if data, err = os.ReadFile(copied); err != nil || wholeLines(t, data) != 256 {
		t.Errorf("not whole after --resume, %v", err)
	}
}

// Whoever reads the results goes away after some of them, or the scan is killed: it is no success, and no
// line but the last is torn.
func TestCutOffAtRandom(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds; not in short mode")
	}
	target := manyServers(t, &demo.Script{Delay: time.Millisecond})
	for i := range 12 {
		kill := i%2 == 0
		cmd := exec.Command("openrelay", quickly("--workers", "16", target)...)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		var got bytes.Buffer
		lines := rand.IntN(200)
		in := bufio.NewReader(out)
		for ; lines > 0; lines-- {
			line, err := in.ReadBytes('\n')
			got.Write(line)
			if err != nil {
				break
			}
		}
		if kill {
			_ = cmd.Process.Signal([]os.Signal{os.Kill, os.Interrupt, syscall.SIGTERM}[i/2%3])
			_, _ = io.Copy(&got, in)
		}
		_ = out.Close()
		s, n := status(t, cmd.Wait()), wholeLines(t, got.Bytes())
		if s == 0 && n < 256 {
			t.Errorf("exit status 0 with %d of 256 results", n)
		}
	}
}

// head(1) is content with one line, and goes.
func TestPipeToHead(t *testing.T) {
	target := manyServers(t, &demo.Script{})
	out, err := exec.Command("sh", "-c", `{ openrelay "$@"; echo "status $?" >&2; } | head -n 1`, "sh", "scan", "--profile", "quick", "--format", "jsonl", target).CombinedOutput()
	if err != nil || !strings.HasPrefix(string(out), "{") || strings.Contains(string(out), "status 0\n") || !strings.Contains(string(out), "status ") {
		t.Errorf("%v: %s", err, out)
	}
}

// The first signal ends a scan in order: what is known is written, and how far it came is said.
func TestSignals(t *testing.T) {
	target := manyServers(t, &demo.Script{Delay: 20 * time.Millisecond})
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		t.Run(sig.String(), func(t *testing.T) {
			cmd, stderr, got := begin(t, target)
			_ = cmd.Process.Signal(sig)
			rest, _ := io.ReadAll(got)
			if s := status(t, cmd.Wait()); s != statusInterrupted || !strings.Contains(stderr.String(), "openrelay: interrupted after ") {
				t.Errorf("exit status %d\n%s", s, stderr)
			}
			var n int
			_, after, _ := strings.Cut(stderr.String(), "interrupted after ")
			if _, err := fmt.Sscan(after, &n); err != nil || n != 1+wholeLines(t, rest) {
				t.Errorf("says %d targets, wrote %d", n, 1+wholeLines(t, rest))
			}
		})
	}
}

// The second signal ends it at once: here nobody takes the results, so that the first cannot.
func TestSecondSignal(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds; not in short mode")
	}
	server := &demo.Script{}
	target := manyServers(t, server)
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		cmd, stderr, _ := begin(t, target)
		for n := -1; n != server.Seen().Connections; time.Sleep(500 * time.Millisecond) {
			n = server.Seen().Connections // it goes on until the pipe is full, and waits then
		}
		done := make(chan error, 1)
		go func() { _, err := cmd.Process.Wait(); done <- err }()
		for again, ended := 0, false; !ended; again++ {
			_ = cmd.Process.Signal(sig)
			select {
			case <-done:
				ended = true
			case <-time.After(time.Second): // what comes at once is the same one
			}
			if again == 120 {
				_ = cmd.Process.Kill()
				t.Errorf("%v: a second signal did not end it\n%s", sig, stderr)
				<-done
				ended = true
			}
		}
	}
}

// begin starts a scan and waits for its first result.
func begin(t *testing.T, target string) (*exec.Cmd, *bytes.Buffer, io.Reader) {
	t.Helper()
	cmd := exec.Command("openrelay", quickly("--workers", "8", "--evidence", "all", target)...)
	stderr := new(bytes.Buffer)
	cmd.Stderr = stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = out.Close() })
	in := bufio.NewReader(out)
	if line, err := in.ReadString('\n'); err != nil {
		t.Fatalf("%q, %v\n%s", line, err, stderr)
	}
	return cmd, stderr, in
}

// Few descriptors make a scan slower, and change no verdict.
func TestFewDescriptors(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds; not in short mode")
	}
	target := manyServers(t, &demo.Script{})
	for _, limit := range []int{24, 64, 256} {
		var stdout, stderr bytes.Buffer
		cmd := exec.Command("sh", append([]string{"-c", fmt.Sprintf(`ulimit -n %d; exec openrelay "$@"`, limit), "sh"}, quickly(target)...)...)
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		if s := status(t, cmd.Run()); s != 0 || wholeLines(t, stdout.Bytes()) != 256 {
			t.Errorf("ulimit -n %d: exit status %d, %d results\n%s", limit, s, wholeLines(t, stdout.Bytes()), stderr.String())
		}
		if !strings.Contains(stderr.String(), fmt.Sprintf("warning: %d file descriptors are allowed", limit)) {
			t.Errorf("ulimit -n %d: no warning\n%s", limit, stderr.String())
		}
	}
}

// Where nobody answers for names, none is found: what is said is that the name server does not answer.
func TestNoResolver(t *testing.T) {
	cmd := mounted(t, `echo "nameserver 127.0.0.1" > "$DIR/resolv.conf"; mount --bind "$DIR/resolv.conf" /etc/resolv.conf`,
		"exec openrelay scan mail.local.test mx:local.test")
	out, err := cmd.CombinedOutput()
	if s := status(t, err); s != 3 || strings.Count(string(out), "connection refused") != 2 || !strings.Contains(string(out), "whether this machine can resolve names at all") {
		t.Errorf("exit status %d\n%s", s, out)
	}
}
