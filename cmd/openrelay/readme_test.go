package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"flag"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"openrelay/probe"
	"openrelay/scanner/demo"
)

var update = flag.Bool("update", false, "write the generated parts of the pages in docs")

// commandsOf returns the command lines of a page that are run: those of its consoles, behind "$ ".
func commandsOf(t *testing.T, page string) []string {
	t.Helper()
	var commands []string
	blocks, _ := apart(readPage(t, page))
	for _, b := range blocks {
		for _, line := range b.lines {
			if command, ok := strings.CutPrefix(line, "$ "); ok && b.language == "console" {
				commands = append(commands, strings.TrimSpace(command))
			}
		}
	}
	return commands
}

// statuses are the exit statuses of the commands that do not end with 0.
var statuses = map[string]int{
	"openrelay scan --local-domain example.org mail.example.org":      1,
	"openrelay scan --format jsonl --output results.jsonl @mixed.txt": 1,
}

// TestDocsCommands runs every command that a console of the pages shows, as it stands but for the targets:
// they become servers of this machine. What a page has written, its later commands may read.
func TestDocsCommands(t *testing.T) {
	f, err := demo.Start(demo.Members)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Stop()
	t.Setenv("OPENRELAY_RETRY_FOR", "-1s") // a greylist is not waited for
	addr := func(name string) string {
		for _, m := range f.Running {
			if m.Name == name {
				return m.Addr.String()
			}
		}
		t.Fatalf("no %s server among those of the demo", name)
		return ""
	}
	targets := strings.NewReplacer(
		"--local-domain example.org mail.example.org", "--local-domain local.test "+addr("forged"),
		"mail.example.org", addr("closed"), "mx:example.org", addr("closed"), "198.18.0.0/22", "127.0.0.64/30:1",
		"go test ./...", "go test -run ^$ ./...", // the tests themselves are running
	)
	mixed := []string{addr("open"), addr("closed"), addr("greylist"), addr("starttls"), expiredServer(t)}
	ran := 0
	for _, page := range pages(t) {
		commands := commandsOf(t, page)
		if len(commands) == 0 {
			continue
		}
		ran += len(commands)
		t.Run(page, func(t *testing.T) {
			dir := t.TempDir()
			writeFile(t, dir, "targets.txt", addr("closed")+"\n")
			writeFile(t, dir, "mixed.txt", strings.Join(mixed, "\n")+"\n")
			writeFile(t, dir, "expect.txt", addr("closed")+" closed\n")
			writeFile(t, dir, "scope.txt", scopeFile(t))
			writeFile(t, dir, "listings.jsonl", readPage(t, "report/testdata/listings.jsonl"))
			for _, command := range commands {
				t.Run(command, func(t *testing.T) {
					runDocs(t, dir, targets.Replace(command), statuses[command])
				})
			}
		})
	}
	if ran < 30 {
		t.Errorf("only %d commands in the pages", ran)
	}
}

func writeFile(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// scopeFile is the scope file that the pages show, as it stands but for the targets and the date.
func scopeFile(t *testing.T) string {
	t.Helper()
	const page = "docs/scanning.md"
	_, scope, found := strings.Cut(readPage(t, page), "```\nowner: ")
	scope, _, closed := strings.Cut(scope, "```\n")
	if !found || !closed {
		t.Fatalf("%s has no scope file", page)
	}
	scope = "owner: " + strings.ReplaceAll(scope, "198.18.0.0/22", "127.0.0.64/30")
	return regexp.MustCompile(`(?m)^not-after: \d{4}`).ReplaceAllString(scope, "not-after: 9999")
}

// expiredServer is a server whose certificate has expired.
func expiredServer(t *testing.T) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "mx.local.test"},
		NotAfter: time.Date(2020, 2, 29, 0, 0, 0, 0, time.UTC)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	server := &demo.Script{TLS: &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}}
	go func() { _ = server.Serve(l) }() // until the listener is closed
	return l.Addr().String()
}

// nothing is what jq prints of a field that is not there: null, or an empty cell.
var nothing = regexp.MustCompile(`(?m)(?:^|[\s\[:,])null(?:$|[\s\],}])|^\t|\t\t|\t$`)

func runDocs(t *testing.T, dir, command string, want int) {
	t.Helper()
	cmd := exec.Command("sh", "-c", command)
	cmd.Dir = dir
	builds := strings.HasPrefix(command, "go ")
	if testing.Short() && (builds || command == "openrelay demo") {
		t.Skip("takes seconds")
	}
	if builds {
		cmd.Dir = root
	}
	asks := strings.HasPrefix(command, "jq ") || strings.Contains(command, "| jq ")
	if _, err := exec.LookPath("jq"); asks && err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("no jq: apt-get install jq")
		}
		t.Skip("no jq: apt-get install jq")
	}
	cmd.Env = append(os.Environ(), "GOBIN="+dir, "PATH="+dir+":"+os.Getenv("PATH"))
	out, err := cmd.CombinedOutput()
	if got := cmd.ProcessState.ExitCode(); got != want {
		t.Errorf("exit status %d, want %d (%v)\n%s", got, want, err, out)
	}
	if asks && (len(out) == 0 || nothing.Match(out)) {
		t.Errorf("an answer of the records is not there: %q", out)
	}
}

// TestDocsVectors holds the table of vectors to that in the code.
func TestDocsVectors(t *testing.T) {
	var b strings.Builder
	b.WriteString("| id | class | MAIL FROM | RCPT TO | after |\n|---|---|---|---|---|\n")
	for _, v := range probe.Vectors {
		after := ""
		if v.Before() != "" {
			after = "`" + v.Before() + "`"
		}
		fmt.Fprintf(&b, "| %s | %s | `%s` | `%s` | %s |\n", v.ID, v.Class, v.From, v.To, after)
	}
	generated(t, "docs/vectors.md", "vectors", b.String())
}
