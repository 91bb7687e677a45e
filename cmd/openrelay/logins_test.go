package main

import (
	"bytes"
	"context"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"openrelay/probe"
	"openrelay/probe/prober"
	"openrelay/report"
	"openrelay/scanner/demo"
	"openrelay/scanner/targets"
)

// operator has several servers, which tell each other the password that one of them was given. From then on each says
// it in every reply, the greeting too.
type operator struct {
	repeat func(password string) string // in the words of one line

	mu       sync.Mutex
	password string
	late     []string // what was said to one of them after a login, on connections that were none of a login
}

func (o *operator) heard(line string) {
	blob, ok := strings.CutPrefix(line, "AUTH PLAIN ")
	o.mu.Lock()
	defer o.mu.Unlock()
	if ok {
		plain, _ := base64.StdEncoding.DecodeString(blob)
		o.password = string(plain[bytes.LastIndexByte(plain, 0)+1:])
	} else if o.password != "" && strings.HasPrefix(line, "RCPT") {
		o.late = append(o.late, line)
	}
}

// learned is what it knows, and what was said to it since.
func (o *operator) learned() (password string, late []string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.password, o.late
}

// says is a reply with the password in it, or the usual one as long as that is not known.
func (o *operator) says(code, usual string) func(demo.Dialogue) string {
	return func(d demo.Dialogue) string {
		o.heard(d.Line)
		o.mu.Lock()
		defer o.mu.Unlock()
		if o.password == "" {
			return usual
		}
		text := o.repeat(o.password)
		half := len(text) / 2
		return code + "-" + text[:half] + "\n" + code + " " + text[half:]
	}
}

// start starts one of them, which knows the certificate for 127.0.0.1 and refuses to relay.
func (o *operator) start(t *testing.T, c certified) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	s := &demo.Script{TLS: c.config, Extensions: []string{"AUTH PLAIN LOGIN"}, Greet: o.says("220", "220 mx.local.test ESMTP"), Mail: o.says("250", ""),
		Rcpt: o.says("554", "554 5.7.1 Relay access denied"), Other: o.says("235", "235 2.7.0 ok")}
	s.EHLO = func(d demo.Dialogue) string {
		if text := o.says("250", "")(d); text != "" {
			first, last, _ := strings.Cut(text, "\n")
			return first + "\n250-AUTH PLAIN LOGIN\n250-STARTTLS\n" + last
		}
		return ""
	}
	go func() { _ = s.Serve(l) }()
	return l.Addr().String()
}

// encodings are ways to repeat a password, of which there is no end.
var encodings = map[string]func(string) string{
	"as it is": func(s string) string { return s },
	"hex":      func(s string) string { return hex.EncodeToString([]byte(s)) },
	"HEX":      func(s string) string { return strings.ToUpper(hex.EncodeToString([]byte(s))) },
	"percent":  func(s string) string { return "%" + strings.Join(pairs(hex.EncodeToString([]byte(s))), "%") },
	"quoted-printable": func(s string) string {
		return "=" + strings.Join(pairs(strings.ToUpper(hex.EncodeToString([]byte(s)))), "=")
	},
	"query":             url.QueryEscape,
	"spaced":            func(s string) string { return strings.Join(strings.Split(s, ""), " ") },
	"dashed":            func(s string) string { return strings.Join(strings.Split(s, ""), "-") },
	"reversed":          func(s string) string { b := []byte(s); slices.Reverse(b); return string(b) },
	"rot13":             rot13,
	"another case":      strings.ToUpper,
	"base64":            func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
	"base64 behind one": func(s string) string { return base64.StdEncoding.EncodeToString([]byte("a" + s + "b")) },
	"base64 behind two": func(s string) string { return base64.StdEncoding.EncodeToString([]byte("ab" + s)) },
	"base32":            func(s string) string { return base32.StdEncoding.EncodeToString([]byte(s)) },
	"among words":       func(s string) string { return "no " + strings.Join(strings.Split(s, ""), " no ") },
	"as enhanced codes": func(s string) string { return "5." + strconv.Itoa(int(s[0])) + "." + strconv.Itoa(int(s[1])) + " " + s },
}

func pairs(s string) (all []string) {
	for p := range slices.Chunk([]byte(s), 2) {
		all = append(all, string(p))
	}
	return all
}

func rot13(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z':
			return 'a' + (r-'a'+13)%26
		case 'A' <= r && r <= 'Z':
			return 'A' + (r-'A'+13)%26
		}
		return r
	}, s)
}

// TestPasswordIsNotRepeated: the logins are the last thing that a scan does, and nothing of what a server says there is
// in any report or dialogue. So no way to repeat a password brings it out: not on a later connection, not by the next
// server of the same operator.
func TestPasswordIsNotRepeated(t *testing.T) {
	const secret = "Xq7-Zk9_Wv3!Jp5-Mc8"
	keys := certify(t)
	for name, repeat := range encodings {
		t.Run(name, func(t *testing.T) {
			o := &operator{repeat: repeat}
			dir := t.TempDir()
			file := filepath.Join(dir, "password")
			if err := os.WriteFile(file, []byte(secret+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			args := []string{"scan", "--auth", "ada@local.test", "--auth-password-file", file, "--auth-ca", keys.file, "-v", "--evidence", "all", "--profile", "quick",
				"--local-domain", "local.test", o.start(t, keys), o.start(t, keys), o.start(t, keys)}
			var files []string
			for _, f := range report.Results {
				files = append(files, filepath.Join(dir, "report."+f.Name))
				args = append(args, "--report", f.Name+"="+files[len(files)-1])
			}
			var out, errs bytes.Buffer
			if status := run(context.Background(), args, strings.NewReader(""), &out, &errs); status != 3 {
				t.Errorf("exit status %d\n%s", status, errs.String())
			}
			if password, late := o.learned(); password != secret || len(late) != 3 { // each login asks for one recipient
				t.Errorf("password %q, and after it was known %q", password, late)
			}
			everything := out.String() + errs.String()
			for _, name := range files {
				text, err := os.ReadFile(name)
				if err != nil || len(text) == 0 {
					t.Errorf("%s: %d bytes, %v", name, len(text), err)
				}
				everything += string(text)
			}
			for _, form := range []string{repeat(secret), secret} {
				for i := range len(form) - 7 {
					if at := strings.Index(everything, form[i:i+8]); at >= 0 && !strings.Contains("no no no no no no", form[i:i+8]) {
						t.Fatalf("%q was printed: %q", form[i:i+8], everything[max(0, at-200):at])
					}
				}
			}
			if n := strings.Count(errs.String(), "C: AUTH PLAIN [hidden]"); n != 3 {
				t.Errorf("%d logins are in the dialogues", n)
			}
		})
	}
}

// Whoever interrupts a scan that is about to log in keeps what is known.
func TestInterruptedLogin(t *testing.T) {
	keys := certify(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	o := &operator{repeat: func(string) string { cancel(); return "ok" }}
	dir := t.TempDir()
	password, file := filepath.Join(dir, "password"), filepath.Join(dir, "results.jsonl")
	if err := os.WriteFile(password, []byte("hunter2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var errs bytes.Buffer
	status := run(ctx, []string{"scan", "--auth", "ada@local.test", "--auth-password-file", password, "--auth-ca", keys.file, "--profile", "quick",
		"--local-domain", "local.test", "--format", "jsonl", "--output", file, o.start(t, keys), o.start(t, keys)}, strings.NewReader(""), &bytes.Buffer{}, &errs)
	if status != statusInterrupted {
		t.Errorf("exit status %d\n%s", status, errs.String())
	}
	if want := "logins that were not made: 2; --resume does not make up for them"; !strings.Contains(errs.String(), want) {
		t.Errorf("%s\nwant %q", errs.String(), want)
	}
	n := 0
	for r, err := range results(t, file) {
		if err != nil {
			t.Fatal(err)
		}
		n++
		if r.Verdict != probe.Closed || r.Login == nil || r.Login.Outcome != probe.OutcomeFailed || r.Login.Detail != "the scan ended before the login was over" {
			t.Errorf("%s: %v, %+v", r.Target, r.Verdict, r.Login)
		}
	}
	if n != 2 {
		t.Errorf("%d results", n)
	}
}

// A scope that has ended when the logins come allows none.
func TestScopeEndsBeforeLogins(t *testing.T) {
	var errs bytes.Buffer
	j := &job{sinks: sinks{ui: &ui{stderr: &errs}}}
	j.prober.Account, j.logins.scope = &prober.Account{User: "ada"}, &targets.Scope{File: "scope.txt", End: time.Now()}
	target := probe.Target{Addr: netip.MustParseAddrPort("192.0.2.1:25")}
	j.logins.later(target, func(context.Context) *probe.Login {
		t.Error("a login")
		return nil
	})
	if err := j.pass(probe.Result{Target: target.String(), Named: true, Verdict: probe.Closed}); err != nil {
		t.Fatal(err)
	}
	if err := j.logIn(t.Context(), nil); err == nil || !strings.Contains(err.Error(), "scope.txt: ended with") || j.summary.NoLogin != 1 {
		t.Errorf("%v, %s", err, j.summary.String())
	}
}

// A scan that fails makes no login any more, and its results are written without.
func TestFailedScanLogsInNowhere(t *testing.T) {
	j := &job{sinks: sinks{ui: &ui{stderr: &bytes.Buffer{}}}}
	j.prober.Account = &prober.Account{User: "ada"}
	r := probe.Result{Target: "192.0.2.1:25", Named: true, Verdict: probe.Closed}
	j.logins.later(probe.Target{Addr: netip.MustParseAddrPort("192.0.2.1:25")}, func(context.Context) *probe.Login {
		t.Error("a login")
		return nil
	})
	if err := j.pass(r); err != nil || j.summary.Closed != 0 {
		t.Errorf("%v, %s", err, j.summary.String())
	}
	full := errors.New("disk full")
	if err := j.logIn(t.Context(), full); !errors.Is(err, full) || j.summary.Closed != 1 || j.summary.NoLogin != 1 {
		t.Errorf("%v, %s", err, j.summary.String())
	}
}
