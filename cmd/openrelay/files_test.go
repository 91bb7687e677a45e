package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

// Every flag whose help names a FILE, and every command with files for arguments, has its row.
func TestEveryFileIsListed(t *testing.T) {
	root := rootCommand(&ui{})
	for _, cmd := range root.Commands() {
		listed := func(flag string) bool {
			return slices.ContainsFunc(fileRows, func(r fileRow) bool { return r.flag == flag && r.of(cmd) })
		}
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			if name, _ := pflag.UnquoteUsage(f); strings.Contains(name, "FILE") && !listed(f.Name) {
				t.Errorf("%s --%s %s is not among the files of any command", cmd.Name(), f.Name, name)
			}
		})
		for _, word := range []string{"FILE", "DIR", "OLD", "TARGET"} {
			if _, arguments, _ := strings.Cut(cmd.Use, " "); cmd.Name() != "catch" && strings.Contains(arguments, word) && !listed("") {
				t.Errorf("the arguments of %s are not among the files of any command", cmd.Use)
			}
		}
	}
	for _, row := range fileRows {
		for name := range strings.FieldsSeq(row.commands) {
			cmd, _, err := root.Find([]string{name})
			if err != nil || !row.of(cmd) || row.flag != "" && cmd.Flag(row.flag) == nil {
				t.Errorf("%s has no --%s", name, row.flag)
			}
		}
	}
}

// usually is a command line of each command with files, without them.
var usually = map[string][]string{
	"scan":      {"127.0.0.1:1"},
	"blocklist": {"127.0.0.1"},
	"report":    {"saved.jsonl"},
	"diff":      {"saved.jsonl"},
	"explain":   {},
	"catch":     {"--domain", "relaytest.example.org", "--listen", "127.0.0.1:0"},
}

// spellings are names for one file of a folder. A hard link is of what is there, a dangling link of what is not.
var spellings = []struct {
	name  string
	there bool // whether the file is
	make  func(file string) (other string, err error)
}{
	{"as it is", true, func(file string) (string, error) { return file, nil }},
	{"as it will be", false, func(file string) (string, error) { return file, nil }},
	{"in this folder", true, func(file string) (string, error) { return "./" + file, nil }},
	{"by another folder", true, func(file string) (string, error) { return "folder/../" + file, nil }},
	{"from the root", false, filepath.Abs},
	{"a symbolic link", true, func(file string) (string, error) { return "link", os.Symlink(file, "link") }},
	{"a link to a link", true, func(file string) (string, error) {
		return "link", errors.Join(os.Symlink("folder/link", "link"), os.Symlink("../"+file, "folder/link"))
	}},
	{"a hard link", true, func(file string) (string, error) { return "hard", os.Link(file, "hard") }},
	{"a dangling link", false, func(file string) (string, error) { return "link", os.Symlink("./"+file, "link") }},
	{"a link on the way", true, func(file string) (string, error) {
		return "way/" + file, os.Symlink("../"+filepath.Base(here()), "way")
	}},
	{"a link on the way to what is not there", false, func(file string) (string, error) {
		return "folder/way/" + file, os.Symlink("..", "folder/way")
	}},
}

func here() string {
	dir, _ := os.Getwd()
	return dir
}

// with is the command line of a command where a row names a file.
func (r fileRow) with(args []string, name string) []string {
	switch {
	case r.flag == "" && strings.HasPrefix(r.commands, "scan"):
		return append(args, "@"+name)
	case r.flag == "":
		return append(args, name)
	case r.flag == "report":
		name = "csv=" + name
	}
	return append(args, "--"+r.flag, name)
}

// No command writes to what it reads, whatever either is called: it ends with status 2 and a command line that
// would work, and nothing has changed.
func TestNothingReadIsWritten(t *testing.T) {
	for command, args := range usually {
		for _, in := range fileRows {
			for _, out := range fileRows {
				both := slices.Contains(strings.Fields(in.commands), command) && slices.Contains(strings.Fields(out.commands), command)
				if !both || in.use.writes() || in.use == toMention || in.flag == "jsonl" || !out.use.writes() || out.flag == "" {
					continue
				}
				for _, s := range spellings {
					for _, swapped := range []bool{false, true} {
						t.Run(strings.Join([]string{command, in.flag, out.flag, s.name}, " "), func(t *testing.T) {
							spareOne(t, append([]string{command}, args...), in, out, s.there, swapped, s.make)
						})
					}
				}
			}
		}
	}
}

func spareOne(t *testing.T, args []string, in, out fileRow, there, swapped bool, spell func(string) (string, error)) {
	t.Chdir(t.TempDir())
	const file = "input.txt"
	if err := os.Mkdir("folder", 0o777); err != nil {
		t.Fatal(err)
	}
	if there {
		if err := os.WriteFile(file, []byte("the only copy\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	other, err := spell(file)
	unless(t, err == nil, "this takes links")
	from, to := file, other
	if swapped {
		from, to = other, file
	}
	args = in.with(args, from)
	before := walked(t, ".")
	status, hint := refused(t, out.with(slices.Clone(args), to))
	if after := walked(t, "."); status != statusUsage || after != before {
		t.Errorf("%q: status %d; the folder holds\n%s\nbefore\n%s", args, status, after, before)
	}
	words := strings.Fields(hint)
	if len(words) < 4 || words[0] != "openrelay" || words[1] != args[0] || words[2] != "--"+out.flag {
		t.Fatalf("%q: hint %q", args, hint)
	}
	if err := listed(t, append(slices.Clone(args), words[2:4]...)); err != nil {
		t.Errorf("the hint %q does not work: %v", hint, err)
	}
}

// refused runs the program, and returns its status and its hint.
func refused(t *testing.T, args []string) (status int, hint string) {
	t.Helper()
	var said bytes.Buffer
	over, end := context.WithCancel(t.Context())
	end() // a catcher that is not refused would wait for ever
	status = run(over, args, strings.NewReader(""), &said, &said)
	if !strings.Contains(said.String(), " is read and would be ") {
		t.Errorf("%q: says %s", args, said.String())
	}
	_, hint, _ = strings.Cut(said.String(), "openrelay: hint: ")
	return status, hint
}

// listed is the error of a command line's list of files.
func listed(t *testing.T, args []string) error {
	t.Helper()
	u := &ui{}
	cmd, rest, err := rootCommand(u).Find(args)
	if err == nil {
		err = cmd.ParseFlags(rest)
	}
	if err != nil {
		t.Fatal(err)
	}
	return u.listFiles(cmd, cmd.Flags().Args())
}

// What the shell has put behind standard input and output is read and written too, by any of its names.
func TestStreamsAreFiles(t *testing.T) {
	const text = "the only copy\n"
	for _, tc := range []struct {
		args        []string
		stdin, says string
	}{
		{[]string{"report", "input"}, "", `standard output goes to "input", which is read`},
		{[]string{"report", "-"}, "input", "standard output goes to the file of standard input, which is read"},
		{[]string{"report", "--output", "new", "--report", "csv=/dev/stdout", "./input"}, "", `standard output goes to "./input", which is read`},
		{[]string{"report", "--report", "csv=/dev/fd/1", "saved"}, "", `two reports go to "-"`},
		{[]string{"report", "--report", "csv=output", "saved"}, "", `two reports go to "output"`},
		{[]string{"scan", "--output", "/proc/self/fd/1", "@input"}, "", `standard output goes to "input", which is read`},
		{[]string{"scan", "--resume", "/dev/stdout", "127.0.0.1:1"}, "", "standard input cannot be added to"},
		{[]string{"blocklist", "-"}, "input", "standard output goes to the file of standard input, which is read"},
		{[]string{"catch", "--domain", "relaytest.example.org", "--key", "input"}, "", `standard output goes to "input", which is read`},
		{[]string{"diff", "saved", "input"}, "", `standard output goes to "input", which is read`},
		{[]string{"explain", "./input"}, "", `standard output goes to "./input", which is read`},
		{[]string{"explain", "--jsonl"}, "input", "standard output goes to the file of standard input, which is read"},
	} {
		t.Run(strings.Join(tc.args, " "), func(t *testing.T) {
			t.Chdir(t.TempDir())
			if err := errors.Join(os.WriteFile("input", []byte(text), 0o600), os.Symlink("input", "output")); err != nil {
				t.Fatal(err)
			}
			stdout, err := os.OpenFile("input", os.O_WRONLY|os.O_APPEND, 0)
			if err != nil {
				t.Fatal(err)
			}
			defer stdout.Close()
			stdin, err := os.Open(cmp.Or(tc.stdin, os.DevNull))
			if err != nil {
				t.Fatal(err)
			}
			defer stdin.Close()
			before := walked(t, ".")
			var said bytes.Buffer
			status := run(t.Context(), tc.args, stdin, stdout, &said)
			if !strings.HasPrefix(said.String(), "openrelay: error: "+tc.says+"\nopenrelay: hint: openrelay "+tc.args[0]+" ") || status != statusUsage {
				t.Errorf("status %d, says\n%s", status, said.String())
			}
			if after := walked(t, "."); after != before {
				t.Errorf("the folder holds\n%s\nbefore\n%s", after, before)
			}
		})
	}
}

// Standard output by its other names is added to, as the shell said, and never begun anew.
func TestStandardOutputIsNotCut(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.Symlink("/dev/stdout", "link"); err != nil {
		t.Fatal(err)
	}
	want := "before\n"
	if err := os.WriteFile("all.txt", []byte(want), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1", "link"} {
		if _, err := os.Lstat(name); err != nil && name != "-" {
			continue // another system
		}
		file, err := os.OpenFile("all.txt", os.O_WRONLY|os.O_APPEND, 0)
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command("openrelay", "scan", "--profile", "quick", "--format", "csv", "--output", name, "127.0.0.1:1")
		cmd.Stdout = file
		_ = cmd.Run() // which ends with 3: nobody answers
		file.Close()
		got, err := os.ReadFile("all.txt")
		if err != nil || !strings.HasPrefix(string(got), want) || len(got) == len(want) {
			t.Fatalf("--output %s left %q of %q, %v", name, got, want, err)
		}
		want = string(got)
	}
}

// walked is what a folder holds, names and contents.
func walked(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		text := ""
		if info.Mode().IsRegular() {
			content, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			text = string(content)
		}
		_, err = b.WriteString(path + " " + info.Mode().String() + " " + text + "\n")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}
