package words

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"openrelay/probe"
)

// sets are the types whose constants are words of a report, and the kinds that they have rows of.
var sets = []struct {
	dir, of string
	kinds   []Kind
	never   []string // constants that no report holds
}{
	{"probe", "Reason", []Kind{Unreachable, Inconclusive, Closed}, nil},
	{"probe", "TraitName", []Kind{Trait}, nil},
	{"probe", "Outcome", []Kind{Outcome}, nil},
	{"probe", "Stage", []Kind{Stage}, nil},
	{"probe/phrasebook", "Stage", []Kind{Stage}, nil},
	{"probe/phrasebook", "Meaning", []Kind{Meaning}, nil},
	{"probe", "Class", []Kind{Class}, nil},
	{"probe", "Via", []Kind{Via}, nil},
	{"probe", "VantageKind", []Kind{Vantage}, nil},
	{"probe/dnsbl", "Status", []Kind{Status}, nil},
	{"probe/dnsbl", "Kind", []Kind{Listing}, []string{"Neutral", "Refusal"}},
	{"probe/dnsbl", "Problem", []Kind{Problem}, nil},
	{"probe/bounce", "Kind", []Kind{Bounce}, nil},
	{"probe/bounce", "Origin", []Kind{Origin}, nil},
	{"probe/changes", "Kind", []Kind{Change}, nil},
}

// Every word of the record has a row, something sets it, and no row is about a word that there is none of.
func TestEveryWordHasARow(t *testing.T) {
	source := readSource(t)
	known := map[Kind][]string{}
	for _, set := range sets {
		constants := source.constants(t, set.dir, set.of)
		if len(constants) < 2 {
			t.Errorf("%s has only %d constants of %s", set.dir, len(constants), set.of)
		}
		for name, word := range constants {
			if slices.Contains(set.never, name) {
				continue
			}
			if !slices.ContainsFunc(set.kinds, func(k Kind) bool { _, ok := Find(k, word); return ok }) {
				t.Errorf("%s.%s: %q has no row of any kind of %q", set.dir, name, word, set.kinds)
			}
			if !source.uses(set.dir, name) {
				t.Errorf("%s.%s: nothing sets %q", set.dir, name, word)
			}
			for _, k := range set.kinds {
				known[k] = append(known[k], word)
			}
		}
	}
	for _, e := range All {
		if words := known[e.Kind]; words != nil && !slices.Contains(words, e.Word) {
			t.Errorf("%s %q has a row, and is no word of a report", e.Kind, e.Word)
		}
	}
}

// Verdicts and proofs are numbers in the program.
func TestVerdictsAndProofsHaveRows(t *testing.T) {
	source := readSource(t)
	if n := len(source.names("probe", "Verdict")); n != len(probe.Verdicts) || len(Of(Verdict)) != n {
		t.Errorf("%d verdicts, %d rows", n, len(Of(Verdict)))
	}
	for _, v := range probe.Verdicts {
		if _, ok := Find(Verdict, v.String()); !ok {
			t.Errorf("no row for %v", v)
		}
	}
	proofs := []probe.Proof{probe.Rcpt, probe.Data, probe.Delivered}
	if n := len(source.names("probe", "Proof")) - 1; n != len(proofs) || len(Of(Proof)) != n { // there is no word for no proof
		t.Errorf("%d proofs, %d rows", n, len(Of(Proof)))
	}
	for _, p := range proofs {
		if _, ok := Find(Proof, p.String()); !ok {
			t.Errorf("no row for %v", p)
		}
	}
}

// Rows are in the words they promise to be in, each once, and none but a way of asking is called as a vector is.
func TestRowsAreWellWorded(t *testing.T) {
	for i, e := range All {
		name := string(e.Kind) + " " + e.Word
		if !slices.Contains(Kinds, e.Kind) {
			t.Errorf("%s: no such kind", name)
		}
		if first := slices.IndexFunc(All, func(o Entry) bool { return o.Kind == e.Kind && o.Word == e.Word }); first != i {
			t.Errorf("%s stands twice", name)
		}
		_, vector := probe.Find(e.Word)
		if vector && e.Kind != Via || e.Word == "" || strings.ContainsAny(e.Word, " \n") { // plain is a way, and a vector
			t.Errorf("%s: no word, or a vector's", name)
		}
		if e.Says == "" || strings.HasSuffix(e.Says, ".") || strings.Contains(e.Says, "\n") {
			t.Errorf("%s is no clause: %q", name, e.Says)
		}
		if e.WayOut != "" && (!strings.HasSuffix(e.WayOut, ".") || strings.ToUpper(e.WayOut[:1]) != e.WayOut[:1]) {
			t.Errorf("%s: the way out is no sentence: %q", name, e.WayOut)
		}
		if needs := e.Kind == Unreachable || e.Kind == Inconclusive; needs && e.WayOut == "" || e.Kind == Closed && e.WayOut != "" {
			t.Errorf("%s: way out %q", name, e.WayOut)
		}
		for line := range strings.SplitSeq(e.Page, "\n") {
			if n := utf8.RuneCountInString(line); e.Kind == Topic && n > 112 {
				t.Errorf("%s: %d columns: %s", name, n, line)
			}
		}
	}
	for _, k := range Kinds {
		if len(Of(k)) == 0 {
			t.Errorf("no row is a %s", k)
		}
	}
}

// source is the program's own, tests left out, by folder.
type source map[string][]*ast.File

func readSource(t *testing.T) source {
	t.Helper()
	root, files := os.DirFS("../.."), source{}
	err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return err
		}
		text, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, text, 0)
		files[path.Dir(name)] = append(files[path.Dir(name)], file)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// specs calls do with each declaration of constants of a type. In a group with iota, the type stands at the first.
func (s source) specs(dir, of string, do func(*ast.ValueSpec)) {
	for _, file := range s[dir] {
		for _, d := range file.Decls {
			group, ok := d.(*ast.GenDecl)
			if !ok || group.Tok != token.CONST {
				continue
			}
			mine := false
			for _, spec := range group.Specs {
				v := spec.(*ast.ValueSpec)
				if id, ok := v.Type.(*ast.Ident); ok || len(v.Values) > 0 {
					mine = ok && id.Name == of
				}
				if mine {
					do(v)
				}
			}
		}
	}
}

func (s source) names(dir, of string) (names []string) {
	s.specs(dir, of, func(v *ast.ValueSpec) {
		for _, id := range v.Names {
			names = append(names, id.Name)
		}
	})
	return names
}

// constants are those of a type of strings, by name.
func (s source) constants(t *testing.T, dir, of string) map[string]string {
	t.Helper()
	found := map[string]string{}
	s.specs(dir, of, func(v *ast.ValueSpec) {
		for i, id := range v.Names {
			text, err := strconv.Unquote(v.Values[i].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatalf("%s: %v", id.Name, err)
			}
			found[id.Name] = text
		}
	})
	return found
}

// uses reports whether anything but this package names a constant, its declaration apart.
func (s source) uses(dir, name string) bool {
	used := false
	for in, files := range s {
		if in == "probe/words" || strings.HasPrefix(in, "internal/") {
			continue
		}
		for _, file := range files {
			ast.Inspect(file, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.ValueSpec:
					if in == dir && slices.ContainsFunc(n.Names, func(id *ast.Ident) bool { return id.Name == name }) {
						return false
					}
				case *ast.SelectorExpr:
					x, ok := n.X.(*ast.Ident)
					used = used || ok && x.Name == path.Base(dir) && n.Sel.Name == name
				case *ast.Ident:
					used = used || in == dir && n.Name == name
				}
				return true
			})
		}
	}
	return used
}
