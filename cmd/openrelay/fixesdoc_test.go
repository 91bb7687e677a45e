package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	"openrelay/probe/fixes"
)

// TestDocsFixes holds the tables of docs/fixes.md to the rows there are.
func TestDocsFixes(t *testing.T) {
	const page = "docs/fixes.md"
	var b strings.Builder
	b.WriteString("| server | vectors | where | checked | documentation |\n|---|---|---|---|---|\n")
	row := func(servers, vectors string, f *fixes.Fix) {
		for i := range f.Ways {
			w := &f.Ways[i]
			fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", servers, vectors, inTable(w.When), checkedBy(w), inTable(w.Ref))
		}
	}
	for i := range fixes.All {
		f := &fixes.All[i]
		vectors := "any other"
		if len(f.Vectors) > 0 {
			vectors = "`" + strings.Join(f.Vectors, "` `") + "`"
		}
		row(strings.Join(f.MTAs, ", "), vectors, f)
	}
	row("any that does not see its clients", "[`identity-lost`](verdicts.md)", &fixes.HiddenClients)
	generated(t, page, "fixes", b.String())

	b.Reset()
	b.WriteString("| system | the server inside | documentation |\n|---|---|---|\n")
	for _, p := range fixes.Products {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", p.Name, p.Server, inTable(p.Ref))
	}
	generated(t, page, "products", b.String())

	var others []string
	for _, name := range fixes.Servers() {
		if rows, _ := adviceFor(name); len(rows) == 0 {
			others = append(others, name)
		}
	}
	generated(t, page, "others", cmp.Or(strings.Join(slices.Compact(others), ", "), "None")+".\n")
}

// checkedBy is in a few words how it is known that a way holds.
func checkedBy(w *fixes.Way) string {
	if w.Run != "" {
		return "run: " + inTable(w.Run)
	}
	return "read: " + w.Read
}
