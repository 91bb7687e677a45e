package main

import (
	"cmp"
	"context"
	"encoding"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"net"
	"net/netip"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"

	"openrelay/probe"
	"openrelay/probe/bounce"
	"openrelay/probe/changes"
	"openrelay/probe/dnsbl"
	"openrelay/probe/expect"
	"openrelay/probe/words"
	"openrelay/report"
	"openrelay/scanner/targets"
)

const recordPage = "docs/record.md"

// TestDocsRecord holds docs/record.md to the types of the records: their fields, and the comments that these
// have in the source. A field without a comment fails.
func TestDocsRecord(t *testing.T) {
	d := &recordDoc{t: t, known: map[reflect.Type]string{}, packages: map[string]*typeComments{}}
	for _, r := range []struct {
		name string
		of   any
	}{
		{"result", probe.Result{}},
		{"change", changes.Change{}},
		{"listing", dnsbl.Listings{}},
		{"bounce", bounce.Record{}},
		{"delivery", probe.Arrival{}},
	} {
		d.b.Reset()
		d.record = r.name
		d.object("", reflect.TypeOf(r.of))
		generated(t, recordPage, r.name, strings.TrimSuffix(d.b.String(), "\n"))
	}
}

// TestDocsVerdicts holds the tables of docs/verdicts.md to those of the code.
func TestDocsVerdicts(t *testing.T) {
	const page = "docs/verdicts.md"
	for _, v := range probe.Verdicts {
		if v == probe.Open {
			continue // whose reasons are the vectors
		}
		b := strings.Builder{}
		b.WriteString("| reason | means | what to do |\n|---|---|---|\n")
		for _, w := range words.OfReasons(v) {
			fmt.Fprintf(&b, "| `%s` | %s | %s |\n", w.Word, inTable(w.Says), inTable(w.WayOut))
		}
		generated(t, page, v.String(), b.String())
	}
	var b strings.Builder
	b.WriteString("| meaning | says |\n|---|---|\n")
	for _, m := range words.Of(words.Meaning) {
		fmt.Fprintf(&b, "| `%s` | %s. |\n", m.Word, inTable(m.Says))
	}
	generated(t, page, "meanings", b.String())
	b.Reset()
	b.WriteString("| trait | the server |\n|---|---|\n")
	for _, w := range words.Of(words.Trait) {
		fmt.Fprintf(&b, "| `%s` | %s. |\n", w.Word, inTable(w.Says))
	}
	generated(t, page, "traits", b.String())
}

// TestDocsTargets holds the forms of targets in docs/scanning.md to those there are.
func TestDocsTargets(t *testing.T) {
	var b strings.Builder
	b.WriteString("| target | is | for example |\n|---|---|---|\n")
	for _, k := range targets.Kinds {
		fmt.Fprintf(&b, "| `%s` | %s | `%s` |\n", k.Form, inTable(k.About), k.Example)
	}
	generated(t, "docs/scanning.md", "targets", b.String())
}

// TestDocsExpectations holds docs/expectations.md to the grammar and to the words.
func TestDocsExpectations(t *testing.T) {
	const page = "docs/expectations.md"
	generated(t, page, "sample", "```\n"+targets.ExpectForm+"```\n")
	var b strings.Builder
	b.WriteString("| expectation | it is expected that the server |\n|---|---|\n")
	for _, f := range expect.Forms {
		fmt.Fprintf(&b, "| `%s` | %s. |\n", f.Form, inTable(f.About))
	}
	generated(t, page, "forms", b.String())
	b.Reset()
	b.WriteString("| word | the server | what to do |\n|---|---|---|\n")
	for _, w := range words.Of(words.Standing) {
		fmt.Fprintf(&b, "| `%s` | %s. | %s |\n", w.Word, inTable(w.Says), inTable(w.WayOut))
	}
	generated(t, page, "standings", b.String())
}

// TestDocsLists reads the sample of every form of list, and writes it into docs/targets.md with the targets that it names.
func TestDocsLists(t *testing.T) {
	var b strings.Builder
	for _, form := range targets.ListForms {
		o := targets.Options{Stdin: strings.NewReader(form.Sample)}
		o.LookupNetIP = func(_ context.Context, network, _ string) (addrs []netip.Addr, _ error) {
			if network == "ip4" {
				addrs = []netip.Addr{netip.MustParseAddr("192.0.2.99")}
			}
			return addrs, nil
		}
		o.LookupMX = func(context.Context, string) ([]*net.MX, error) { return nil, nil }
		o.LookupAliases = func(context.Context, string) ([]string, error) { return nil, nil }
		list, err := targets.Parse([]string{"-"}, o)
		if err != nil {
			t.Errorf("%s: %v", form.Name, err)
			continue
		}
		outline, err := list.Outline(t.Context())
		if err != nil {
			t.Errorf("%s: %v", form.Name, err)
		}
		fmt.Fprintf(&b, "### %s\n\nRead: %s.%s\n\n```text\n%s```\n\nTested: %s.\n\n", form.Name, inTable(form.About), strings.TrimRight(" "+form.Note, " "), form.Sample, tested(outline))
		if width := 2 + max(20, len(form.Name)) + 2 + len(form.About); width > 80 {
			t.Errorf("%s: its line of the help has %d columns", form.Name, width)
		}
	}
	generated(t, "docs/targets.md", "lists", strings.TrimSuffix(b.String(), "\n"))
}

// tested says what a list names, the ports of a host together.
func tested(o targets.Outline) string {
	var all []string
	for _, t := range o.Named {
		host := "`" + cmp.Or(t.Name, t.Addr.Addr().String()) + "`"
		if t.Domain != "" {
			host += " for `" + t.Domain + "`"
		}
		host += " on "
		if i := slices.IndexFunc(all, func(one string) bool { return strings.HasPrefix(one, host) }); i >= 0 {
			all[i] += fmt.Sprintf(", %d", t.Port)
		} else {
			all = append(all, fmt.Sprintf("%s%d", host, t.Port))
		}
	}
	for _, s := range o.Spans {
		span := "`" + s.From().String() + "`"
		if s.Size() > 1 {
			span += " to `" + s.To().String() + "`"
		}
		all = append(all, fmt.Sprintf("%s on %d", span, s.Port))
	}
	slices.Sort(all)
	return strings.Join(all, "; ")
}

// TestDocsReports holds the formats, the metrics and the standings of docs/reports.md to those there are.
func TestDocsReports(t *testing.T) {
	const page = "docs/reports.md"
	var b strings.Builder
	b.WriteString("| format | is |\n|---|---|\n")
	for _, f := range report.Results {
		fmt.Fprintf(&b, "| `%s` | %s |\n", f.Name, inTable(f.About))
	}
	generated(t, page, "formats", b.String())

	var metrics strings.Builder
	w, err := report.Results.New("prometheus", &metrics, report.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.Write(probe.Result{Target: "192.0.2.1:25", Scan: &probe.Scan{ID: "a"}}), w.Close()); err != nil {
		t.Fatal(err)
	}
	b.Reset()
	b.WriteString("| metric | is |\n|---|---|\n")
	for line := range strings.Lines(metrics.String()) {
		if help, ok := strings.CutPrefix(line, "# HELP "); ok {
			name, about, _ := strings.Cut(help, " ")
			fmt.Fprintf(&b, "| `%s` | %s |\n", name, inTable(about))
		}
	}
	generated(t, page, "metrics", b.String())
	for _, name := range regexp.MustCompile(`openrelay_[a-z_]+`).FindAllString(readPage(t, page), -1) {
		if !strings.Contains(metrics.String(), "# HELP "+name+" ") {
			t.Errorf("%s: there is no metric %s", page, name)
		}
	}

	b.Reset()
	b.WriteString("| `found` | the server | what to do |\n|---|---|---|\n")
	for _, w := range words.Of(words.Standing) {
		fmt.Fprintf(&b, "| `%s` | %s. | %s |\n", w.Word, inTable(w.Says), inTable(w.WayOut))
	}
	generated(t, page, "standings", b.String())
}

// inTable is prose in a cell of a Markdown table.
func inTable(s string) string {
	return strings.NewReplacer("|", `\|`, "<", `\<`, "*", `\*`).Replace(strings.Join(strings.Fields(s), " "))
}

// recordDoc writes tables of fields.
type recordDoc struct {
	t        *testing.T
	b        strings.Builder
	record   string                   // the kind of the record
	known    map[reflect.Type]string  // where an object is described already
	packages map[string]*typeComments // by path
}

// object writes a table of the fields of a struct, and then one for each object within.
func (d *recordDoc) object(path string, of reflect.Type) {
	d.known[of] = "the whole record"
	if path != "" {
		d.known[of] = "`" + path + "` of a " + d.record
		fmt.Fprintf(&d.b, "**`%s`** %s\n\n", path, sentence(d.source(of).types[of.Name()]))
	}
	d.b.WriteString("| field | holds | meaning |\n|---|---|---|\n")
	var inner []func()
	d.fields(strings.TrimPrefix(path+".", "."), of, &inner)
	d.b.WriteString("\n")
	for _, describe := range inner {
		describe()
	}
}

func (d *recordDoc) fields(path string, of reflect.Type, inner *[]func()) {
	for i := range of.NumField() {
		f := of.Field(i)
		tag, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous && tag == "":
			d.fields(path, f.Type, inner)
			continue
		case tag == "-" || !f.IsExported():
			continue
		case tag == "":
			d.t.Errorf("%v.%s has no json tag", of, f.Name)
		}
		about := d.source(of).fields[of.Name()][f.Name]
		if about == "" {
			d.t.Errorf("%v.%s has no comment: %s is made of them", of, f.Name, recordPage)
		}
		about = sentence(about)
		at := path + tag
		holds, element := holding(f.Type)
		if strings.HasPrefix(holds, "list") {
			at += "[]"
		}
		if element != nil {
			if where, known := d.known[element]; known {
				about += " See " + where + "."
			} else {
				d.known[element] = "`" + at + "` of a " + d.record
				*inner = append(*inner, func() { d.object(at, element) })
			}
		}
		if words := d.words(of, f.Type, about); words != "" {
			about += " " + words
		}
		switch {
		case strings.Contains(options, "omit"):
			holds += ", or absent"
		case f.Type.Kind() == reflect.Pointer:
			holds += ", or null"
		}
		fmt.Fprintf(&d.b, "| `%s` | %s | %s |\n", at, holds, inTable(about))
	}
}

// holding says what JSON a type is, and which struct it is made of, if any.
func holding(of reflect.Type) (holds string, element reflect.Type) {
	switch {
	case of == reflect.TypeFor[time.Time]():
		return "time (RFC 3339)", nil
	case of.Implements(reflect.TypeFor[encoding.TextMarshaler]()), of.Kind() == reflect.String:
		return "text", nil
	}
	switch of.Kind() {
	case reflect.Pointer:
		return holding(of.Elem())
	case reflect.Slice:
		if holds, element := holding(of.Elem()); element == nil {
			return "list of " + holds, nil
		} else {
			return "list of objects", element
		}
	case reflect.Struct:
		return "object", of
	case reflect.Bool:
		return "true or false", nil
	}
	return "number", nil
}

// mostWords is how many words a type may have that the table still lists.
const mostWords = 12

// words lists the words that a field of a type may hold, where they are few and its comment does not. The
// package of the record may have words of its own beside those of the type's.
func (d *recordDoc) words(record, of reflect.Type, about string) string {
	var all []string
	switch of {
	case reflect.TypeFor[probe.Verdict]():
		for _, v := range probe.Verdicts {
			all = append(all, v.String())
		}
	case reflect.TypeFor[probe.Proof]():
		for _, p := range []probe.Proof{probe.Rcpt, probe.Data, probe.Delivered} {
			all = append(all, p.String())
		}
	case reflect.TypeFor[dnsbl.Kind](): // the others are of codes, never of listings
		all = []string{string(dnsbl.Accusation), string(dnsbl.Network), string(dnsbl.Policy)}
	default:
		if of.Name() == "" || !strings.HasPrefix(of.PkgPath(), "openrelay/") {
			return ""
		}
		all = slices.Clone(d.source(of).words[of.Name()])
		if p := d.source(record); p.aliases[of.Name()] {
			all = append(all, p.words[of.Name()]...)
		}
		slices.Sort(all)
	}
	if of == reflect.TypeFor[probe.Outcome]() { // of a finding; that of a login has its words in its comment
		all = []string{string(probe.OutcomeAccepted), string(probe.OutcomeRefused), string(probe.OutcomeUnanswered)}
	}
	if len(all) == 0 || len(all) > mostWords || strings.Contains(strings.ToLower(about), all[0]) {
		return ""
	}
	return "One of `" + strings.Join(all, "`, `") + "`."
}

// sentence makes a comment begin and end as a sentence does.
func sentence(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if s == "" {
		return ""
	}
	runes := []rune(s)
	if len(runes) < 2 || !unicode.IsUpper(runes[1]) {
		runes[0] = unicode.ToUpper(runes[0])
	}
	s = string(runes)
	if strings.HasSuffix(s, ".") {
		return s
	}
	return s + "."
}

// typeComments is what the source of a package says of its types.
type typeComments struct {
	types   map[string]string            // comments, without the name that they begin with
	fields  map[string]map[string]string // comments
	words   map[string][]string          // the constants of a type
	aliases map[string]bool              // names for types of other packages
}

func (d *recordDoc) source(of reflect.Type) *typeComments {
	path := of.PkgPath()
	if d.packages[path] != nil {
		return d.packages[path]
	}
	files, err := filepath.Glob(filepath.Join(root, strings.TrimPrefix(path, "openrelay/"), "*.go"))
	if err != nil || len(files) == 0 {
		d.t.Fatalf("no source of %s: %v", path, err)
	}
	s := &typeComments{map[string]string{}, map[string]map[string]string{}, map[string][]string{}, map[string]bool{}}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			d.t.Fatal(err)
		}
		for _, decl := range f.Decls {
			if g, ok := decl.(*ast.GenDecl); ok {
				s.read(g)
			}
		}
	}
	d.packages[path] = s
	return s
}

func (s *typeComments) read(g *ast.GenDecl) {
	for _, spec := range g.Specs {
		switch spec := spec.(type) {
		case *ast.TypeSpec:
			comment := spec.Doc
			if comment == nil {
				comment = g.Doc
			}
			name := spec.Name.Name
			about := strings.Join(strings.Fields(comment.Text()), " ")
			about = strings.TrimPrefix(strings.TrimPrefix(about, name+" is "), name+" ")
			s.types[name] = about
			s.aliases[name] = spec.Assign.IsValid()
			if body, ok := spec.Type.(*ast.StructType); ok {
				s.fields[name] = comments(body)
			}
		case *ast.ValueSpec:
			named, ok := spec.Type.(*ast.Ident)
			if !ok || g.Tok != token.CONST {
				continue
			}
			for _, v := range spec.Values {
				if lit, ok := v.(*ast.BasicLit); ok && lit.Kind == token.STRING {
					word, _ := strconv.Unquote(lit.Value)
					s.words[named.Name] = append(s.words[named.Name], word)
				}
			}
		}
	}
}

// comments are those of the fields of a struct: before them, or behind them on the line.
func comments(of *ast.StructType) map[string]string {
	all := map[string]string{}
	for _, f := range of.Fields.List {
		for _, name := range f.Names {
			all[name.Name] = strings.TrimSpace(f.Doc.Text() + f.Comment.Text())
		}
	}
	return all
}
