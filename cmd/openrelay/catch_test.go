package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/smtp"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"openrelay/probe"
	"openrelay/report"
)

// TestCatch hands a message to the command as a relay would, and reads what it writes.
func TestCatch(t *testing.T) {
	dir := t.TempDir()
	keyFile, output := filepath.Join(dir, "catch.key"), filepath.Join(dir, "caught.jsonl")
	for i := range 2 { // the second time there is a key, and a file to add to
		r := startCatcher(t, keyFile, output)
		token, err := r.hand(t)
		if err != nil {
			t.Error(err)
		}
		if err := smtp.SendMail(r.addr, nil, "audit@example.net", []string{"stranger@example.org"}, nil); err == nil || !strings.Contains(err.Error(), "relay access denied") {
			t.Errorf("a stranger's mail: %v", err)
		}
		r.stop()
		if got := <-r.status; got != 0 {
			t.Errorf("status %d", got)
		}
		said := <-r.said
		if !strings.Contains(said, `_openrelay.relay.example.org. TXT "openrelay=`+r.key.Fingerprint()+`"`) ||
			!strings.HasSuffix(said, "openrelay: messages caught: 1, come again: 0, refused: 1; connections turned away: 0\n") {
			t.Errorf("said %q", said)
		}
		file, err := os.Open(output)
		if err != nil {
			t.Fatal(err)
		}
		var got []probe.Arrival
		for a, err := range report.ReadDeliveries(file) {
			if err != nil {
				t.Error(err)
			}
			got = append(got, a)
		}
		_ = file.Close()
		if len(got) != i+1 || got[i].Token != token.Serial || got[i].Target != "192.0.2.1:25" || got[i].Scan != "run7" || got[i].Relay != "127.0.0.1" || !got[i].MultiHop {
			t.Errorf("wrote %+v", got)
		}
	}
	info, err := os.Stat(keyFile)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key: %v, %v", info.Mode(), err)
	}
}

// running is the command, at work.
type running struct {
	addr   string
	key    probe.Key
	stop   func()
	status chan int
	said   chan string // all of standard error, at the end
}

func startCatcher(t *testing.T, keyFile, output string) *running {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r := &running{stop: cancel, status: make(chan int, 1), said: make(chan string, 1)}
	said, stderr := io.Pipe()
	go func() {
		defer stderr.Close()
		r.status <- run(ctx, []string{"catch", "--listen", "127.0.0.1:0", "--domain", "Relay.Example.Org", "--key", keyFile, "--output", output}, nil, io.Discard, stderr)
	}()
	lines := bufio.NewScanner(said)
	var text strings.Builder
	for r.addr == "" && lines.Scan() {
		text.WriteString(lines.Text() + "\n")
		if m := regexp.MustCompile(` on (127\.0\.0\.1:\d+);`).FindStringSubmatch(lines.Text()); m != nil {
			r.addr = m[1]
		}
	}
	go func() {
		for lines.Scan() {
			text.WriteString(lines.Text() + "\n")
		}
		r.said <- text.String()
	}()
	var created bool
	var err error
	if r.key, created, err = loadKey(keyFile); err != nil || created || r.addr == "" {
		t.Fatalf("no catcher at %q: %v", r.addr, err)
	}
	return r
}

// hand sends the catcher a message, and returns its token and what the catcher minded.
func (r *running) hand(t *testing.T) (probe.Token, error) {
	t.Helper()
	token := r.key.Issue("run7", "192.0.2.1:25", "plain", probe.Plain, time.Now())
	text, err := probe.Message{Token: token, Domain: "relay.example.org"}.Data()
	if err != nil {
		t.Fatal(err)
	}
	return token, smtp.SendMail(r.addr, nil, "audit@example.net", []string{token.LocalPart + "@relay.example.org"}, []byte(strings.TrimSuffix(string(text), ".\r\n")))
}

// TestCatchCannotWrite: what cannot be written down is no reason to go on as if it were.
func TestCatchCannotWrite(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("needs /dev/full")
	}
	r := startCatcher(t, filepath.Join(t.TempDir(), "catch.key"), "/dev/full")
	defer r.stop()
	if _, err := r.hand(t); err == nil {
		t.Error("the message was taken")
	}
	if got := <-r.status; got != statusUsage {
		t.Errorf("status %d", got)
	}
	if said := <-r.said; !strings.Contains(said, "openrelay: error: cannot write what was caught: write /dev/full: no space left on device\n") {
		t.Errorf("said %q", said)
	}
}

// TestCatchLine keeps what programs read as it is.
func TestCatchLine(t *testing.T) {
	a := probe.Issued{Run: "run7", Target: "192.0.2.1:25", Vector: "plain", Via: probe.StartTLS, Serial: "s1", At: time.Unix(1e9, 0)}.Arrive(probe.Target{}.Addr.Addr(), time.Unix(1e9+2, 0))
	a.Relay, a.Helo, a.TLS, a.Received, a.SawClient = "192.0.2.9", "mx.example.org", "TLS 1.3", []string{"from a by b"}, "198.51.100.7"
	line, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"type":"delivery","schema":1,"scan":"run7","target":"192.0.2.1:25","token":"s1","vector":"plain","via":"starttls","relay":"192.0.2.9","multi_hop":true,` +
		`"helo":"mx.example.org","tls":"TLS 1.3","received":["from a by b"],"saw_client":"198.51.100.7","at":"2001-09-09T01:46:42Z","delay_ms":2000}`
	if string(line) != want {
		t.Errorf("%s\nwant\n%s", line, want)
	}
}
