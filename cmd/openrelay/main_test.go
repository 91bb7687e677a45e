package main

import (
	"cmp"
	"errors"
	"go/build"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"openrelay/scanner/demo"
)

func TestMain(m *testing.M) {
	etc = cmp.Or(os.Getenv("TEST_ETC"), "testdata/no-etc") // what this machine excludes is none of the tests' business
	programs := map[string]func(){"openrelay": main, "mailservers": mailServers, "upon": upon}
	maps.Copy(programs, linuxPrograms)
	testscript.Main(homeless{m}, programs)
}

// homeless runs the tests without the exclude file of whoever runs them, which may name what they test. The mail servers
// of mtatest are in a cache at home, and so is what Go keeps.
type homeless struct{ *testing.M }

func (h homeless) Run() int {
	cache, noCache := os.UserCacheDir()
	config, noConfig := os.UserConfigDir()
	for _, row := range []struct {
		name, folder string
		unknown      error
	}{{"XDG_CACHE_HOME", cache, noCache}, {"GOPATH", build.Default.GOPATH, nil}, {"GOCACHE", filepath.Join(cache, "go-build"), noCache}, {"GOENV", filepath.Join(config, "go", "env"), noConfig}} {
		if os.Getenv(row.name) == "" && row.unknown == nil {
			os.Setenv(row.name, row.folder)
		}
	}
	os.Setenv("HOME", filepath.Join(os.TempDir(), "no-home"))
	os.Unsetenv("XDG_CONFIG_HOME")
	return h.M.Run()
}

// TestScripts runs the program as a user does. Each script has servers of its own: $OPEN, $CLOSED,
// $GREYLIST and so on are the addresses of its members, and $RESOLVER is a name server of block lists.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			f, err := demo.Start(demo.Members)
			if err != nil {
				return err
			}
			env.Defer(f.Stop)
			staging, err := newStaged()
			if err != nil {
				return err
			}
			env.Defer(staging.stop)
			env.Values[stagedKey{}] = staging
			env.Setenv("STAGING", staging.addr)
			env.Setenv("TEST_ETC", filepath.Join(env.WorkDir, "etc"))
			for _, m := range f.Running {
				env.Setenv(strings.ToUpper(m.Name), m.Addr.String())
			}
			return startBlockLists(env)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "torn": torn, "serves": serves, "write": writeLine},
	})
}

// exits runs a program and holds it to its exit status: exits 3 openrelay scan 127.0.0.1:1
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits STATUS PROGRAM [ARG...]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	var failed *exec.ExitError
	switch err := ts.Exec(args[1], args[2:]...); {
	case errors.As(err, &failed):
		got = failed.ExitCode()
	case err != nil:
		ts.Fatalf("%v", err)
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}

// torn takes the last bytes of a file away, as a scan that was killed would leave it.
func torn(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: torn FILE")
	}
	data := []byte(ts.ReadFile(args[0]))
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), data[:len(data)-40], 0o666))
}

// writeLine makes a file of one line, in which variables count: write expect.txt '$STAGING unreachable'
func writeLine(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: write FILE WORD...")
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.Join(args[1:], " ")+"\n"), 0o666))
}
