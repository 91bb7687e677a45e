package report

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"openrelay/probe"
)

// reasonConstants reads the reasons out of package probe's source, so that none is forgotten here.
func reasonConstants(t *testing.T) []probe.Reason {
	t.Helper()
	files, err := filepath.Glob("../probe/*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("no source of package probe: %v", err)
	}
	var found []probe.Reason
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok {
				return true
			}
			if typ, ok := spec.Type.(*ast.Ident); !ok || typ.Name != "Reason" {
				return true
			}
			for _, value := range spec.Values {
				if lit, ok := value.(*ast.BasicLit); ok {
					s, _ := strconv.Unquote(lit.Value)
					found = append(found, probe.Reason(s))
				}
			}
			return true
		})
	}
	return found
}

// Every reason has a row that says it in words and, unless the server is closed, the way out.
func TestReasons(t *testing.T) {
	constants := reasonConstants(t)
	if len(constants) < 26 {
		t.Errorf("found only %d reasons in package probe", len(constants))
	}
	for _, reason := range constants {
		explained := 0
		for _, verdict := range probe.Verdicts {
			text, ok := probe.Explain(verdict, reason)
			if !ok {
				continue
			}
			explained++
			r := probe.Result{Target: "192.0.2.1:25", Named: true, Verdict: verdict, Reason: reason}
			got := render(t, format(t, "table"), Options{}, []probe.Result{r})
			if verdict == probe.Closed {
				continue // said by its id
			}
			if !strings.Contains(got, string(reason)+": "+text.Words+"\n") || !strings.Contains(got, "try       "+text.WayOut+"\n") {
				t.Errorf("%s %q:\n%s", verdict, reason, got)
			}
		}
		if explained == 0 {
			t.Errorf("no words for %q", reason)
		}
	}
}

func TestUnknownWords(t *testing.T) {
	r := probe.Result{Target: "192.0.2.1:25", Named: true, Reason: "moonshine", Traits: []probe.Trait{{Name: "lunar"}}}
	for _, v := range probe.Verdicts {
		r.Verdict = v
		got := render(t, format(t, "table"), Options{}, []probe.Result{r})
		if !strings.Contains(got, "moonshine") || !strings.Contains(got, "lunar") {
			t.Errorf("%s for a reason and a trait of a later version:\n%s", v, got)
		}
	}
}
