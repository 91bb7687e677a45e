package main

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestUpTo(t *testing.T) {
	for _, n := range []int{0, 9, 10, 11, 100} {
		got, err := io.ReadAll(upTo(10, strings.NewReader(strings.Repeat("x", n)), "which is no key"))
		if len(got) != min(n, 10) || (err != nil) != (n > 10) || err != nil && err.Error() != "longer than 10 bytes, which is no key" {
			t.Errorf("%d bytes: %q, %v", n, got, err)
		}
	}
	for n, want := range map[int64]string{7: "7 bytes", mostSecret: "64 KiB", mostCertificates: "1 MiB", mostSpooled: "1 GiB"} {
		if got := size(n); got != want {
			t.Errorf("%d is %q, want %q", n, got, want)
		}
	}
}

// What is read has an end, be it a device that has none, or a pipe: it is an error, soon.
func TestEndlessFiles(t *testing.T) {
	_, err := os.Stat("/dev/zero")
	unless(t, err == nil, "this takes /dev/zero")
	t.Chdir(t.TempDir())
	t.Setenv("TMPDIR", t.TempDir())
	if err := os.WriteFile("password", []byte("secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	catch := []string{"catch", "--domain", "relaytest.example.org", "--listen", "127.0.0.1:0"}
	for _, tc := range []struct {
		args []string // and the name of the file
		says string
	}{
		{append(catch, "--key"), "longer than 64 KiB, which is no key"},
		{append(catch, "--key", "new.key", "--tls-key", "password", "--cert"), "longer than 1 MiB, which are no certificates"},
		{[]string{"scan", "--proof", "deliver", "--deliver-to", "example.org", "127.0.0.1:1", "--catch-key"}, "longer than 64 KiB, which is no key"},
		{[]string{"scan", "--auth", "ada", "127.0.0.1:1", "--auth-password-file"}, "longer than 64 KiB, which is no password"},
		{[]string{"scan", "--auth", "ada", "127.0.0.1:1", "--auth-password-file", "password", "--auth-ca"}, "longer than 1 MiB, which are no certificates"},
		{[]string{"scan", "127.0.0.1:1", "--scope"}, "is too long for a scope file"},
		{[]string{"scan", "127.0.0.1:1", "--exclude-file"}, ":1: longer than 4 MiB, which is no line of a list"},
		{[]string{"scan", "127.0.0.1:1", "--baseline"}, "longer than 16 MiB, no record is"},
		{[]string{"scan", "127.0.0.1:1", "--blocklists", "--zones"}, "longer than 1 MiB, which is no list of zones"},
		{[]string{"scan", "127.0.0.1:1", "--resume"}, "it is no regular file"},
		{[]string{"blocklist", "127.0.0.1", "--zones"}, "longer than 1 MiB, which is no list of zones"},
		{[]string{"report"}, "longer than 16 MiB, no record is"},
		{[]string{"report", "/dev/null", "--deliveries"}, "longer than 16 MiB, no record is"},
		{[]string{"diff", "/dev/null"}, "holds no results"},
		{[]string{"explain"}, "text of over 1 MiB"},
	} {
		for _, kind := range []string{"/dev/zero", "pipe"} {
			name := kind
			if kind == "pipe" {
				name = pipe(t)
			}
			var out, said bytes.Buffer
			status := run(t.Context(), append(tc.args[:len(tc.args):len(tc.args)], name), nil, &out, &said)
			if status != statusUsage || !strings.Contains(said.String(), tc.says) {
				t.Errorf("%q %s: status %d, says\n%s\nwant %s", tc.args, kind, status, said.String(), tc.says)
			}
		}
	}
	if left, err := os.ReadDir(os.TempDir()); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// pipe is a named pipe with no end to what comes out of it.
func pipe(t *testing.T) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "pipe")
	unless(t, exec.Command("mkfifo", name).Run() == nil, "no mkfifo: apt-get install coreutils")
	t.Cleanup(func() { // of who waits for a reader that never came
		if r, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0); err == nil {
			r.Close()
		}
	})
	go func() {
		w, err := os.OpenFile(name, os.O_WRONLY, 0)
		if err != nil {
			return
		}
		defer w.Close()
		for block := make([]byte, 64<<10); err == nil; {
			_, err = w.Write(block) // until nobody reads it
		}
	}()
	return name
}

// Replies that come by the line have an end too.
func TestEndlessLine(t *testing.T) {
	var out, said bytes.Buffer
	if status := run(t.Context(), []string{"explain", "--jsonl"}, zeros{}, &out, &said); status != statusUsage || !strings.Contains(said.String(), "line 1 is longer than 1 MiB, which is no reply") {
		t.Errorf("status %d: %s", status, said.String())
	}
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

// A pipe is copied to a file up to a limit, and no further than its first line, if that is no result.
func TestSpoolHasALimit(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	var results bytes.Buffer
	if status := run(t.Context(), []string{"scan", "--format", "jsonl", "127.0.0.1:1"}, nil, &results, io.Discard); status != 3 {
		t.Fatalf("status %d", status)
	}
	many := strings.Repeat(results.String(), 200)
	for _, tc := range []struct {
		most int64
		text string
		says string
	}{
		{int64(len(many)), many, ""},
		{int64(len(many)) - 1, many, "which is too much to copy to"},
		{mostSpooled, "no result\n" + many, "line 1: "},
	} {
		s := saved{ui: &ui{}, most: tc.most}
		err := s.spool("-", strings.NewReader(tc.text))
		if (err == nil) != (tc.says == "") || err != nil && !strings.Contains(err.Error(), tc.says) {
			t.Errorf("up to %d bytes: %v, want %q", tc.most, err, tc.says)
		}
		if info, err := s.files[0].Stat(); err != nil || info.Size() > min(tc.most, int64(len(tc.text))) || tc.says == "line 1: " && info.Size() == int64(len(tc.text)) {
			t.Errorf("%d bytes were copied, %v", info.Size(), err)
		}
		s.close()
	}
}
