package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// mayImport says what the packages of each folder may import of ours, from the bottom to the top. No import runs
// upwards: what asks servers, what reads and writes records and what knows about them stay apart.
var mayImport = []struct{ folder, of string }{
	{"probe/netaddr", ""},
	{"probe/errno", ""},
	{"probe/allowance", ""},
	{"probe/dialogue", ""},
	{"probe/wire", "probe/dialogue probe/errno"},
	{"probe/pasted", "probe/dialogue"},
	{"probe/phrasebook", "probe/dialogue"},
	{"probe/dnsbl", "probe/netaddr"},
	{"probe/dnsbl/lookup", "probe/dnsbl probe/netaddr probe/dialogue"},
	{"probe/bounce", "probe/dialogue probe/phrasebook probe/netaddr"},
	{"probe", "probe/dialogue probe/phrasebook probe/dnsbl probe/netaddr"},
	{"probe/changes", "probe"},
	{"probe/interception", "probe probe/netaddr"},
	{"probe/fixes", "probe probe/phrasebook"},
	{"probe/words", "probe probe/phrasebook probe/dnsbl probe/bounce probe/changes probe/fixes"},
	{"probe/expect", "probe probe/netaddr probe/words"},
	{"probe/prober", "probe probe/allowance probe/dialogue probe/errno probe/fixes probe/netaddr probe/phrasebook probe/wire probe/words probe/pasted"},
	{"report", "probe probe/bounce probe/changes probe/dialogue probe/dnsbl probe/interception probe/netaddr probe/phrasebook probe/words"},
	{"scanner/sockets", ""},
	{"scanner/demo", "probe"},
	{"scanner/targets", "probe probe/expect probe/netaddr probe/words"},
	{"scanner/catcher", "probe probe/dialogue probe/netaddr probe/wire"}, // wire, to ask the receiver whether it agrees
	{"scanner", "probe probe/allowance probe/errno probe/netaddr"},
	{"internal/mtatest", ""},
	{"internal/dnstest", ""},
	{"internal/memnet", ""},
	{"internal/variants", ""},
	{"internal/simnet", ""},
	{"internal/simnet/cmd/bare", "internal/simnet"},
	{"internal/simnet/cmd/simnet", "internal/simnet"},
	{"internal/simnet/cmd/stopwatch", ""},
	{"internal/hostile", "probe"},
}

// Tests may import anything.
func TestImportsRunOneWay(t *testing.T) {
	root, seen, used := os.DirFS("../.."), map[string]bool{}, map[string]bool{}
	err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return err
		}
		text, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, text, parser.ImportsOnly)
		if err != nil {
			return err
		}
		folder := path.Dir(name)
		seen[folder] = true
		for _, spec := range file.Imports {
			imported, _ := strconv.Unquote(spec.Path.Value)
			if of, ours := strings.CutPrefix(imported, "openrelay/"); ours {
				used[folder+" "+of] = true
				if !allowed(folder, of) {
					t.Errorf("%s imports %s", name, of)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	page := readPage(t, "docs/architecture.md")
	for _, row := range mayImport {
		if !seen[row.folder] {
			t.Errorf("%s holds no Go file", row.folder)
		}
		for of := range strings.FieldsSeq(row.of) {
			if !used[row.folder+" "+of] {
				t.Errorf("%s may import %s, and does not", row.folder, of)
			}
		}
		if !strings.Contains(row.folder, "/cmd/") && !strings.Contains(page, "| `"+row.folder+"`") && !strings.Contains(page, ", `"+row.folder+"`") {
			t.Errorf("docs/architecture.md does not say what %s is", row.folder)
		}
	}
}

// allowed: the program itself may import everything but what is there for tests.
func allowed(folder, imported string) bool {
	if folder == "cmd/openrelay" {
		return !strings.HasPrefix(imported, "internal/")
	}
	for _, row := range mayImport {
		if row.folder == folder {
			return slices.Contains(strings.Fields(row.of), imported)
		}
	}
	return false
}
