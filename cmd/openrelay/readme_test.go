package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"openrelay/probe"
	"openrelay/scanner/demo"
)

var update = flag.Bool("update", false, "write the generated parts of README.md")

const readme = "../../README.md"

// commandsOf returns the command lines of the README: those of its consoles that begin with "$ ".
func commandsOf(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	var commands []string
	for line := range strings.Lines(string(text)) {
		if command, ok := strings.CutPrefix(line, "$ "); ok {
			commands = append(commands, strings.TrimSpace(command))
		}
	}
	if len(commands) < 10 {
		t.Fatalf("only %d commands in the README", len(commands))
	}
	return commands
}

// TestReadmeCommands runs every command of the README, as it stands but for the targets: they become
// servers of this machine.
func TestReadmeCommands(t *testing.T) {
	if testing.Short() {
		t.Skip("runs go run and go install")
	}
	f, err := demo.Start(demo.Members)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Stop()
	dir := t.TempDir()
	addr := func(name string) string {
		for _, m := range f.Running {
			if m.Name == name {
				return m.Addr.String()
			}
		}
		t.Fatalf("no %s server among those of the demo", name)
		return ""
	}
	if err := os.WriteFile(filepath.Join(dir, "targets.txt"), []byte(addr("closed")+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	writeReadmeScope(t, dir)
	targets := strings.NewReplacer(
		"--local-domain example.org mail.example.org", "--local-domain local.test "+addr("forged"),
		"mail.example.org", addr("closed"), "mx:example.org", addr("closed"), "198.18.0.0/22", "127.0.0.64/30:1",
		"go test ./...", "go test -run ^$ ./...", // the tests themselves are running
	)
	for _, command := range commandsOf(t) {
		want := 0
		if strings.Contains(command, "--local-domain example.org") {
			want = 1
		}
		runReadme(t, dir, targets.Replace(command), want)
	}
}

// writeReadmeScope writes the scope file of the README, as it stands but for the targets and the date.
func writeReadmeScope(t *testing.T, dir string) {
	t.Helper()
	text, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	_, scope, found := strings.Cut(string(text), "```\nowner: ")
	scope, _, closed := strings.Cut(scope, "```\n")
	if !found || !closed {
		t.Fatal("the README has no scope file")
	}
	scope = "owner: " + strings.ReplaceAll(scope, "198.18.0.0/22", "127.0.0.64/30")
	scope = regexp.MustCompile(`(?m)^not-after: \d{4}`).ReplaceAllString(scope, "not-after: 9999")
	if err := os.WriteFile(filepath.Join(dir, "scope.txt"), []byte(scope), 0o644); err != nil {
		t.Fatal(err)
	}
}

func runReadme(t *testing.T, dir, command string, want int) {
	t.Helper()
	cmd := exec.Command("sh", "-c", command)
	cmd.Dir = dir
	if strings.HasPrefix(command, "go ") {
		cmd.Dir = filepath.Dir(readme)
	}
	cmd.Env = append(os.Environ(), "GOBIN="+dir, "PATH="+dir+":"+os.Getenv("PATH"))
	out, err := cmd.CombinedOutput()
	if got := cmd.ProcessState.ExitCode(); got != want {
		t.Errorf("%s\nexit status %d, want %d (%v)\n%s", command, got, want, err, out)
	}
}

// TestReadmeVectors holds the table of vectors in the README to the table in the code.
func TestReadmeVectors(t *testing.T) {
	const begin, end = "-update -->\n", "<!-- /vectors -->"
	text, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, found := strings.Cut(string(text), begin)
	got, tail, closed := strings.Cut(rest, end)
	if !found || !closed {
		t.Fatal("the README has no place for the table of vectors")
	}
	var b strings.Builder
	b.WriteString("\n| id | class | MAIL FROM | RCPT TO | after |\n|---|---|---|---|---|\n")
	for _, v := range probe.Vectors {
		after := ""
		if v.Before() != "" {
			after = "`" + v.Before() + "`"
		}
		fmt.Fprintf(&b, "| %s | %s | `%s` | `%s` | %s |\n", v.ID, v.Class, v.From, v.To, after)
	}
	b.WriteString("\n")
	if *update {
		if err := os.WriteFile(readme, []byte(head+begin+b.String()+end+tail), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if got != b.String() {
		t.Error("the table of vectors in README.md is out of date: go test ./cmd/openrelay -run Readme -update")
	}
}
