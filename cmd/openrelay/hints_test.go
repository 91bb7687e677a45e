package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// badLists are lists as people have them: how many of their lines are bad, and the hints, in their order. A list without a
// bad line is good. Hosts are below onion, of which no name server is asked (RFC 7686 2): the hints are typed in, and look
// them up.
var badLists = []struct {
	name, text string
	bad        int
	hints      string // separated by |
}{
	{"urls", "127.0.0.1\nhttps://mail.a.onion:8443/owa/\nsmtp://mail.b.onion:587\n", 2, "mail.a.onion|mail.b.onion:587|help"},
	{"only-urls", "https://127.0.0.1/\nsmtps://127.0.0.2\n", 2, "127.0.0.1|127.0.0.2|help"},
	{"mail-addresses", "ada@a.onion\nBob <bob@b.onion>\n", 2, "help"},
	{"host-and-prefix", "127.0.0.1\nmail.a.onion/24\nmail.b.onion/\n", 2, "mail.a.onion|mail.b.onion|help"},
	{"services", "127.0.0.1\nmail.a.onion:smtp\nmail.a.onion:submission\n127.0.0.1:smtps\n", 3, "mail.a.onion:25|mail.a.onion:587|127.0.0.1:465|help"},
	{"short-range", "127.0.0.1\n127.0.0.1-127.0.0\n", 1, "help"},
	{"spaced-range", "127.0.0.1 - 127.0.0.9\n127.0.0.0 / 24\n", 2, "127.0.0.1-127.0.0.9|127.0.0.0/24|help"},
	{"last-comma", "127.0.0.1,\n127.0.0.2,\n", 0, ""},
	{"semicolons", "127.0.0.1;25\n127.0.0.2;25;587\n127.0.0.3;mail\n127.0.0.4;127.0.0.5\n", 2, "127.0.0.2:25 127.0.0.2:587|127.0.0.4 127.0.0.5|help"},
	{"inventory", "[mail]\nmail.a.onion ansible_host=127.0.0.1\n127.0.0.2 ansible_user=ada\n[mail:vars]\nansible_port=2222\n", 5, "127.0.0.1|127.0.0.2|help"},
	{"hosts", "127.0.0.1\tlocalhost\n::1 localhost ip6-localhost\n127.0.0.3 mail.a.onion mail\n", 3, "help"},
	{"tabs", "127.0.0.1\t25\n127.0.0.2\t587\topen\n", 1, "help"},
	{"comments-of-others", "; ours\n127.0.0.1 ; old\n// theirs\n127.0.0.2\t// new\n", 0, ""},
	{"mx-records", "MX 10 mail.a.onion.\na.onion. 3600 IN MX 20 mail.a.onion.\n", 2, "help"},
	{"dig-short", "10 mail.a.onion.\n20 mail.b.onion.\n", 0, ""},
	{"final-dot", "mail.a.onion.\n", 0, ""},
	{"wildcard", "127.0.0.1\n*.a.onion\n", 1, "mx:a.onion"},
	{"quotes", "'127.0.0.1'\n'127.0.0.2',\n", 0, ""},
	{"brackets", "[127.0.0.1]:25\n[127.0.0.2]\n", 0, ""},
	{"netmask", "127.0.0.0/255.255.255.252\n", 0, ""},
	{"wildcard-mask", "127.0.0.0/0.0.0.255\n", 1, "help"},
	{"port-range", "127.0.0.0/30:25-587\n", 1, "127.0.0.0/30:25 127.0.0.0/30:587"},
	{"ports", "127.0.0.1:25,587\nmail.a.onion:25,587\n", 2, "127.0.0.1:25 127.0.0.1:587|help"},
	{"ipv6-ports", "127.0.0.1\n::1:2525\n2001:db8::1:25\n", 2, "'[::1]:2525'|'[2001:db8::1]:25'|help"},
	{"mx-ports", "127.0.0.1\nmx:a.onion:25:26\nmx:\n", 2, "mx:a.onion:25 mx:a.onion:26|help"},
	{"nested", "127.0.0.1\n@other.txt\n-\n", 2, "help"},
	{"markdown", "| 127.0.0.1 | 25 |\n- 127.0.0.2\n* 127.0.0.3\n1. 127.0.0.4\n", 4, "127.0.0.1:25|127.0.0.2|127.0.0.3|help"},
	{"yaml", "servers:\n  - 127.0.0.1\n", 2, "127.0.0.1|help"},
	{"ini", "host=127.0.0.1\n", 1, "127.0.0.1"},
	{"excludes", "127.0.0.0/30\n!127.0.0.1\n-127.0.0.2\n", 2, "help"},
	{"umlauts", "127.0.0.1\nm\xe4il.a.onion\n127.0.0.2 # B\xfcro\n", 1, "help"},
	{"long-line", "127.0.0.1\n" + strings.Repeat("x", 70_000) + "\n" + strings.Repeat("a.", 35_000) + "\n", 2, "help"},
	{"many", strings.Repeat("127.0.0.1:smtp\n", 12), 12, strings.Repeat("127.0.0.1:25|", 10) + "help"},
	{"not-addresses", "127.0.0.1\n127.0.0.300\n127.0.0.1.5\n127.0.0.01\n127.0.0\n", 4, "help"},
}

// noLists are files that are no lists, with what is said of them.
var noLists = map[string]struct{ text, said string }{
	"empty":    {"", `"@empty" names no target`},
	"comments": {"# nobody\n; nor here\n", `"@comments" names no target`},
	"zip":      {"PK\x03\x04\x14\x00\x00\x00", "zip: is no list of targets: a zip file"},
	"binary":   {"\x7fELF\x02\x01\x01\x00127.0.0.1\n", "binary: is no list of targets: a binary file"},
	"mail":     {"From: Ada <ada@a.onion>\nSubject: our mail servers\n\n127.0.0.1\n", "mail: is no list of targets: a mail"},
	"scope":    {"owner: Ada\nticket: CHG-1\n127.0.0.0/30\n*.a.onion\n", "scope: is no list of targets: a scope file, which --scope takes"},
	"table":    {"unreachable   127.0.0.1:1  refused: the port refuses connections\n    connect   connection refused\n", "table: is no list of targets: a report of openrelay"},
	"folder":   {"", "folder: is a directory"},
	"missing":  {"", "open missing: no such file or directory"},
}

var (
	badLine = regexp.MustCompile(`(?m)^openrelay: error: [\w-]+:\d+: `)
	hint    = regexp.MustCompile(`(?m)^openrelay: hint: (.*)$`)
)

// Each bad line of a list is told once, up to ten, with a hint that is a command line: it is typed in.
func TestBadLists(t *testing.T) {
	t.Chdir(t.TempDir())
	write := func(name, text string) {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, list := range badLists {
		write(list.name, list.text)
		said, status := dryRunOf(t, "@"+list.name)
		if (status == statusUsage) != (list.bad > 0) {
			t.Errorf("%s: status %d\n%s", list.name, status, said)
			continue
		}
		if n := len(badLine.FindAllString(said, -1)); n != min(list.bad, 10) {
			t.Errorf("%s: %d lines are told, want %d\n%s", list.name, n, list.bad, said)
		}
		if many := fmt.Sprintf("%s: %d bad lines", list.name, list.bad); list.bad > 1 && !strings.Contains(said, many) {
			t.Errorf("%s: no %q in\n%s", list.name, many, said)
		}
		if got := strings.Join(typedIn(t, "scan", said), "|"); got != list.hints {
			t.Errorf("%s: hints\n\t%s\nwant\n\t%s\n%s", list.name, got, list.hints, said)
		}
	}
}

func TestNoLists(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.Mkdir("folder", 0o700); err != nil {
		t.Fatal(err)
	}
	for name, file := range noLists {
		if name != "folder" && name != "missing" {
			if err := os.WriteFile(name, []byte(file.text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		said, _ := dryRunOf(t, "@"+name)
		if want := "openrelay: error: " + file.said + "\n"; !strings.HasPrefix(said, want) {
			t.Errorf("%s: said\n%swant\n%s", name, said, want)
		}
		if got := typedIn(t, "scan", said); !slices.Equal(got, []string{"help"}) {
			t.Errorf("%s: hints %q", name, got)
		}
	}
}

// A target of the command line is told as well, and blocklist has hints of its own.
func TestBadTargets(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, name := range []string{"targets.txt", "my hosts.csv"} {
		if err := os.WriteFile(name, []byte("127.0.0.1\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for spec, want := range map[string]string{
		"targets.txt": "@targets.txt", "./targets.txt": "@./targets.txt", "my hosts.csv": "'@my hosts.csv'", "https://localhost:443/": "localhost",
		"127.0.0.1:25,587": "127.0.0.1:25 127.0.0.1:587", "::1:2525": "'[::1]:2525'", "127.0.0.1;$(reboot)": "help", "127.0.0.1 localhost": "127.0.0.1 localhost",
		"localhost:smtp": "localhost:25", "<127.0.0.1>": "127.0.0.1", "127.0.0.9-3": "127.0.0.3-127.0.0.9", "2001:db8::/64": "2001:db8::/112", "*": "help",
	} {
		said, status := dryRunOf(t, spec)
		if got := strings.Join(typedIn(t, "scan", said), "|"); status != statusUsage || got != want {
			t.Errorf("%q: status %d, hints %q, want %q\n%s", spec, status, got, want, said)
		}
	}
	for spec, want := range map[string]string{"./targets.txt": "@./targets.txt", "127.0.0.1;25": "127.0.0.1:25", "mx:": "help"} {
		var said bytes.Buffer
		status := run(t.Context(), []string{"blocklist", spec}, strings.NewReader(""), &said, &said)
		if got := strings.Join(hintsOf("blocklist", said.String()), "|"); status != statusUsage || got != want {
			t.Errorf("blocklist %q: status %d, hints %q, want %q", spec, status, got, want)
		}
	}
}

// Flags that make no sense with the targets have hints that name the same ones.
func TestBadFlagsOfTargets(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, args := range [][]string{
		{"-4", "-6", "127.0.0.1", "[::1]:25"}, {"--ports", "0", "127.0.0.1"}, {"--authorized", "-", "127.0.0.1"}, {"--exclude", "a b", "127.0.0.1"},
		{"--exclude", "127.0.0.1:25", "127.0.0.1"}, {"--exclude-file", "missing", "127.0.0.1"}, {"--scope", "missing", "127.0.0.1"},
	} {
		said, status := dryRunOf(t, args...)
		if got := typedIn(t, "scan", said); status != statusUsage || len(got) != 1 {
			t.Errorf("%q: status %d, hints %q", args, status, got)
		}
	}
}

func dryRunOf(t *testing.T, args ...string) (said string, status int) {
	t.Helper()
	var errors, results bytes.Buffer
	status = run(t.Context(), append([]string{"scan", "--dry-run"}, args...), strings.NewReader(""), &results, &errors)
	return errors.String(), status
}

// hintsOf are the targets of the hints, "help" where it is the help.
func hintsOf(command, said string) (hints []string) {
	for _, m := range hint.FindAllStringSubmatch(said, -1) {
		what, _ := strings.CutPrefix(m[1], "openrelay "+command+" ")
		hints = append(hints, strings.TrimPrefix(what, "--"))
	}
	return hints
}

// typedIn types the hints into a shell, as they are but for --dry-run, and fails for those that are no command lines.
func typedIn(t *testing.T, command, said string) []string {
	t.Helper()
	typed := map[string]bool{}
	for _, m := range hint.FindAllStringSubmatch(said, -1) {
		if typed[m[1]] {
			continue
		}
		typed[m[1]] = true
		out, err := exec.Command("bash", "-c", m[1]+" --dry-run").CombinedOutput()
		if s := status(t, err); s == statusUsage {
			t.Errorf("hint %s: status %d\n%s", m[1], s, out)
		}
	}
	return hintsOf(command, said)
}
