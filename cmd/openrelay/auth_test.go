package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"openrelay/report"
)

const accountPassword = "hunter2-and-more"

// accounts is a server with one user, who may send to others unless it is broken. It repeats in every
// refusal what it was given.
type accounts struct {
	broken, login bool
	user, got     string
}

func (a *accounts) AuthMechanisms() []string {
	if a.login {
		return []string{sasl.Plain}
	}
	return nil
}

func (a *accounts) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		a.got = password + " " + base64.StdEncoding.EncodeToString([]byte("\x00"+user+"\x00"+password))
		if password != accountPassword {
			return a.refuse()
		}
		a.user = user
		return nil
	}), nil
}

func (a *accounts) refuse() error {
	return &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 7, 1}, Message: "Relay access denied " + a.got}
}

func (a *accounts) Mail(string, *smtp.MailOptions) error { return nil }

func (a *accounts) Rcpt(string, *smtp.RcptOptions) error {
	if a.user == "" || a.broken {
		return a.refuse()
	}
	return nil
}

func (a *accounts) Data(io.Reader) error { return errors.New("a message was sent") }
func (a *accounts) Reset()               {}
func (a *accounts) Logout() error        { return nil }

// certified is a certificate for 127.0.0.1, and the file that whoever trusts it names.
type certified struct {
	config *tls.Config
	file   string
}

func certify(t *testing.T) certified {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return certified{&tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}, file}
}

// startAccounts starts one, with a certificate for its address that ca holds.
func startAccounts(t *testing.T, kind accounts) (addr, ca string) {
	t.Helper()
	keys := certify(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) {
		session := kind
		return &session, nil
	}))
	server.Domain = "mx.local.test"
	server.TLSConfig = keys.config
	var serving sync.WaitGroup
	serving.Go(func() { _ = server.Serve(l) })
	t.Cleanup(func() { _ = server.Close(); serving.Wait() })
	return l.Addr().String(), keys.file
}

// TestAccount is the positive control as a user asks for it, and looks for the password in all that is
// printed and written: every format, every dialogue, errors and progress.
func TestAccount(t *testing.T) {
	for name, c := range map[string]struct {
		kind     accounts
		password string
		ca       bool
		more     []string
		status   int
		says     string // in the table
	}{
		"works":            {accounts{login: true}, accountPassword, true, nil, 0, "login     ada@local.test can log in and send to others"},
		"broken":           {accounts{login: true, broken: true}, accountPassword, true, nil, 3, "refused at rcpt: 554 5.7.1 (text left out: it may repeat a password), relay-denied"},
		"broken, fail-on":  {accounts{login: true, broken: true}, accountPassword, true, []string{"--fail-on", "open"}, 0, "refused at rcpt"},
		"a wrong password": {accounts{login: true}, "correct-horse-battery", true, nil, 3, "could not log in: 554 5.7.1 (text left out: it may repeat a password)"},
		"no certificate":   {accounts{login: true}, accountPassword, false, nil, 3, "the password was not sent"},
		"no login":         {accounts{}, accountPassword, true, nil, 3, "not tried: no login is offered here"},
	} {
		t.Run(name, func(t *testing.T) {
			addr, ca := startAccounts(t, c.kind)
			dir := t.TempDir()
			file := filepath.Join(dir, "password")
			if err := os.WriteFile(file, []byte(c.password+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			args := []string{"scan", "--auth", "ada@local.test", "--auth-password-file", file, "-v", "--evidence", "all", "--progress", "json",
				"--vectors", "plain,null-sender", "--local-domain", "local.test"}
			if c.ca {
				args = append(args, "--auth-ca", ca)
			}
			var files []string
			for _, f := range report.Results {
				if f.Name == "table" {
					continue
				}
				files = append(files, filepath.Join(dir, "report."+f.Name))
				args = append(args, "--report", f.Name+"="+files[len(files)-1])
			}
			var out, errs bytes.Buffer
			if status := run(context.Background(), append(append(args, c.more...), addr), strings.NewReader(""), &out, &errs); status != c.status {
				t.Errorf("exit status %d, want %d", status, c.status)
			}
			if !strings.Contains(out.String(), c.says) {
				t.Errorf("the table lacks %q:\n%s", c.says, out.String())
			}
			if strings.Contains(errs.String(), "warning: others can read") {
				t.Error("a warning about a file that only its owner can read")
			}
			everything := out.String() + errs.String()
			for _, name := range files {
				text, err := os.ReadFile(name)
				if err != nil || len(text) == 0 {
					t.Errorf("%s: %d bytes, %v", name, len(text), err)
				}
				everything += string(text)
			}
			if c.kind.login && c.ca && !strings.Contains(everything, "C: AUTH PLAIN [hidden]") {
				t.Error("the login is in no dialogue: nothing is shown")
			}
			for _, form := range []string{c.password, base64.RawStdEncoding.EncodeToString([]byte(c.password)),
				base64.RawStdEncoding.EncodeToString([]byte("\x00ada@local.test\x00" + c.password))} {
				if i := strings.Index(everything, form); i >= 0 {
					t.Errorf("%q was printed: %q", form, everything[max(0, i-100):i])
				}
			}
		})
	}
}

// TestAccountMistakes: what is wrong is found before the first packet, and said without the password.
func TestAccountMistakes(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string, mode os.FileMode) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(file, mode); err != nil {
			t.Fatal(err)
		}
		return file
	}
	good := write("good", accountPassword, 0o600)
	for name, c := range map[string]struct {
		args []string
		says string
	}{
		"a password without a user": {[]string{"--auth-password-file", good}, "nobody is to"},
		"a user without a password": {[]string{"--auth", "ada"}, "--auth without a password"},
		"standard input":            {[]string{"--auth", "ada", "--auth-password-file", "-"}, "standard input is for targets"},
		"no user":                   {[]string{"--auth", "a b", "--auth-password-file", good}, "neither a user nor an address"},
		"no address":                {[]string{"--auth", "ada@x y", "--auth-password-file", good}, "neither a user nor an address"},
		"no file":                   {[]string{"--auth", "ada", "--auth-password-file", dir + "/none"}, "no such file"},
		"an empty file":             {[]string{"--auth", "ada", "--auth-password-file", write("empty", "", 0o600)}, "empty line"},
		"two lines":                 {[]string{"--auth", "ada", "--auth-password-file", write("two", "ada\n"+accountPassword, 0o600)}, "more than a password"},
		"a NUL":                     {[]string{"--auth", "ada", "--auth-password-file", write("nul", accountPassword+"\x00", 0o600)}, "odd characters"},
		"too long":                  {[]string{"--auth", "ada", "--auth-password-file", write("long", strings.Repeat(accountPassword, 100), 0o600)}, "odd characters, or over 500"},
		"no certificates":           {[]string{"--auth", "ada", "--auth-password-file", good, "--auth-ca", good}, "holds no certificate"},
		"a password as an argument": {[]string{"--auth", "ada", "--auth-password=" + accountPassword}, "unknown flag: --auth-password"},
		"a range":                   {[]string{"--auth", "ada", "--auth-password-file", good, "127.0.0.0/30"}, "named, not for ranges"},
	} {
		t.Run(name, func(t *testing.T) {
			var out, errs bytes.Buffer
			status := run(context.Background(), append(append([]string{"scan"}, c.args...), "127.0.0.1:1"), strings.NewReader(""), &out, &errs)
			if status != 2 || !strings.Contains(errs.String(), c.says) || !strings.Contains(errs.String(), "openrelay: hint: ") && name != "no file" {
				t.Errorf("status %d: %s", status, errs.String())
			}
			if out.Len() > 0 || strings.Contains(errs.String(), accountPassword) {
				t.Errorf("printed %s%s", out.String(), errs.String())
			}
		})
	}
	var errs bytes.Buffer
	file := write("open", accountPassword+"\r\n", 0o644)
	run(context.Background(), []string{"scan", "--auth", "ada", "--auth-password-file", file, "127.0.0.1:1"}, strings.NewReader(""), io.Discard, &errs)
	if !strings.Contains(errs.String(), fmt.Sprintf("openrelay: hint: chmod 600 %s", file)) {
		t.Errorf("no warning about a file that all can read: %s", errs.String())
	}
}
