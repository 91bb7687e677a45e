package report

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	goldhtml "github.com/yuin/goldmark/renderer/html"
	"golang.org/x/net/html"

	"openrelay/probe"
)

// pageOf is a Markdown page as a browser has it: which elements there are, and the text of those asked
// for. Raw HTML is let through, as GitHub lets some of it through.
func pageOf(t testing.TB, text string) (elements map[string]int, codes []string, cells [][]string) {
	t.Helper()
	var b bytes.Buffer
	md := goldmark.New(goldmark.WithExtensions(extension.GFM), goldmark.WithRendererOptions(goldhtml.WithUnsafe()))
	if err := md.Convert([]byte(text), &b); err != nil {
		t.Fatal(err)
	}
	doc, err := html.Parse(&b)
	if err != nil {
		t.Fatal(err)
	}
	elements = map[string]int{}
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		name := n.Data
		for _, a := range n.Attr {
			if a.Key != "class" || a.Val != "language-text" {
				name += " " + a.Key
			}
		}
		elements[name]++
		switch n.Data {
		case "pre":
			codes = append(codes, textOf(n))
		case "tr":
			var row []string
			for c := range n.ChildNodes() {
				if c.Type == html.ElementNode {
					row = append(row, textOf(c))
				}
			}
			cells = append(cells, row)
		}
	}
	return elements, codes, cells
}

func textOf(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return b.String()
}

// ourElements are what a page may consist of.
var ourElements = []string{"html", "head", "body", "h2", "h3", "p", "strong", "details", "summary", "pre", "code",
	"table", "thead", "tbody", "tr", "th", "td"}

// checkPage holds a page to what is ours: no element but those, a row of three cells for each target,
// every dialogue whole in a block of its own.
func checkPage(t testing.TB, text string, results []probe.Result) {
	t.Helper()
	elements, codes, cells := pageOf(t, text)
	for name := range elements {
		if !slices.Contains(ourElements, name) {
			t.Errorf("the page has <%s>", name)
		}
	}
	for _, row := range cells {
		if len(row) != 3 {
			t.Errorf("a row of %d cells: %q", len(row), row)
		}
	}
	for _, r := range results {
		if f := telling(r); r.Verdict == probe.Open && f != nil {
			if want := strings.Join(dialogueLines(f), "\n") + "\n"; !slices.Contains(codes, want) {
				t.Errorf("%s: no dialogue\n%s\nin %q", r.Target, want, codes)
			}
		}
	}
}

func TestMarkdownPage(t *testing.T) {
	results := saved(t)
	text := render(t, format(t, "markdown"), Options{}, results)
	checkPage(t, text, results)
	_, _, cells := pageOf(t, text)
	var verdicts []string
	for _, row := range cells[1:] {
		verdicts = append(verdicts, strings.Fields(row[0])[0])
	}
	if want := []string{"open", "closed", "open", "inconclusive", "unreachable", "closed"}; !slices.Equal(slices.Compact(verdicts), want) { // worse than expected, then the others
		t.Errorf("the table is in the order %q, want %q", verdicts, want)
	}
	evil := "evil\\x1b]0;owned\\x07\\u{202e}.example [192.0.2.66]:25"
	if !slices.ContainsFunc(cells, func(row []string) bool { return row[1] == evil }) {
		t.Errorf("no row is %q", evil)
	}
}

// What nobody expects comes first, in the table and in the details, whatever order it came in.
func TestMarkdownExpected(t *testing.T) {
	at := func(target string, r probe.Result) probe.Result { r.Target = target; return r }
	open := probe.Expectation{Verdict: probe.Open, Vectors: []string{"plain"}, Until: "2026-12-31", Because: "CHG-1234"}
	firewall := probe.Expectation{Verdict: probe.Unreachable}
	text := render(t, format(t, "markdown"), Options{}, []probe.Result{
		at("192.0.2.1:25", expecting(accepting("plain"), open, probe.AsExpected)),
		result("closed 192.0.2.2:25"),
		result("inconclusive 192.0.2.3:25"),
		expecting(result("closed~ 192.0.2.4:25"), firewall, probe.Worse),
		expecting(result("closed~ 192.0.2.5:25"), open, probe.Better),
		expecting(result("timeout~ 192.0.2.6:25"), firewall, probe.AsExpected), // not told: most of a range
		expecting(result("timeout~ 192.0.2.7:25"), open, probe.Untold),
		at("192.0.2.8:25", expecting(accepting("plain", "quoted"), open, probe.Worse)),
		at("192.0.2.9:25", accepting("plain")),
	})
	_, _, cells := pageOf(t, text)
	const line = "expected is open plain until 2026-12-31 because CHG-1234 (expect.txt:3)"
	want := [][]string{
		{"open (rcpt)", "192.0.2.8:25", "accepted plain, quoted. Worse than expected: accepts quoted; " + line + ". Mend it."},
		{"open (rcpt)", "192.0.2.9:25", "accepted plain"},
		{"closed", "192.0.2.4:25", "refused: . Worse than expected: answers, and is closed; expected is unreachable (expect.txt:3). Mend it."},
		{"open (rcpt)", "192.0.2.1:25", "accepted plain. As expected: open plain until 2026-12-31 because CHG-1234 (expect.txt:3)"},
		{"inconclusive", "192.0.2.3:25", ""},
		{"unreachable", "192.0.2.7:25", "timeout: nothing answered the connection attempt. Untold: is unreachable (timeout); " + line + ". The reason says what to do."},
		{"closed", "192.0.2.2:25", ""},
		{"closed", "192.0.2.5:25", "refused: . Better than expected: is closed; " + line + ". Take the expectation out"},
	}
	for i, row := range cells[1:] {
		if i >= len(want) || row[0] != want[i][0] || row[1] != want[i][1] || !strings.HasPrefix(row[2], want[i][2]) {
			t.Errorf("row %d: %q, want %q", i, row, want[min(i, len(want)-1)])
		}
	}
	_, details, _ := strings.Cut(text, "<details>")
	unexpected, expected, _ := strings.Cut(details, "### Open, as expected\n\n<details>\n")
	if !strings.Contains(unexpected, "192.0.2.8:25") || !strings.Contains(unexpected, "192.0.2.9:25") || strings.Contains(unexpected, "192.0.2.1:25") ||
		!strings.HasPrefix(expected, "<summary>192.0.2.1:25</summary>\n\nAs expected: ") {
		t.Errorf("the details are\n%s", details)
	}
	if n := strings.Count(text, "**open**") + strings.Count(text, "**closed**"); n != 3 {
		t.Errorf("%d verdicts are bold, want the three that are worse", n)
	}
}

func TestInline(t *testing.T) {
	for _, test := range []string{
		"mx.example.org:25", "a | b", "`code` ``", "*x* _y_ ~z~ ~~z~~", "<script>alert(1)</script>", "&lt; &amp; &#60;",
		"[a](http://evil.example)", "![i](x)", "http://evil.example", "https://evil.example", "www.evil.example", "WWW.evil",
		"\\| \\", "$x$ # 1", "<!-- x", "]]>", "mail me", "{{ x }}", "1. x", "a@b.example", "xmpp:a@b", "ftp://x.example",
	} {
		elements, _, cells := pageOf(t, "| a | b |\n|---|---|\n| x | "+inline(test)+" |\n\nText: "+inline(test)+"\n")
		for name := range elements {
			if !slices.Contains(ourElements, name) {
				t.Errorf("%q makes <%s>", test, name)
			}
		}
		want := strings.ReplaceAll(test, "@", `\x40`)
		if len(cells) != 2 || len(cells[1]) != 2 || cells[1][1] != want {
			t.Errorf("%q is shown as %q", want, cells)
		}
	}
	if got := inline("::error::x"); strings.HasPrefix(got, "::") {
		t.Errorf("a command: %q", got)
	}
}

// However much there is to say, GitHub takes the page, and the page says what it lacks.
func TestMarkdownCap(t *testing.T) {
	bulk := strings.Repeat("` | <b> \u202e", 20)
	short := saved(t)[3]
	var results []probe.Result
	for i := range 2200 {
		r := short
		r.Target, r.Name = fmt.Sprintf("[2001:db8::%x]:25", i), fmt.Sprintf("mx%d.example.org %s", i, bulk)
		if i >= 1100 {
			r.Verdict, r.Reason, r.Findings = probe.Inconclusive, probe.ReasonUnclear, nil
		}
		results = append(results, r)
	}
	for _, test := range []struct {
		name string
		make func(i int, r *probe.Result)
	}{
		{"long names", func(int, *probe.Result) {}},
		{"short names", func(i int, r *probe.Result) { r.Name = "" }},
		{"short details", func(i int, r *probe.Result) { r.Name, r.Findings = "", short.Findings }},
		{"none open", func(i int, r *probe.Result) { r.Verdict = probe.Inconclusive }},
	} {
		if testing.Short() && strings.HasPrefix(test.name, "short ") {
			continue
		}
		for i := range results {
			test.make(i, &results[i])
		}
		text := render(t, format(t, "markdown"), Options{}, results)
		if len(text) > 1<<20 {
			t.Errorf("%s: %d bytes", test.name, len(text))
		}
		elements, _, cells := pageOf(t, text)
		listed, left := len(cells)-1, 0
		for _, row := range cells {
			var n int
			if _, err := fmt.Sscanf(row[1], "and %d more, left out here", &n); err == nil {
				left += n
				listed--
			}
		}
		if listed+left != len(results) || left == 0 {
			t.Errorf("%s: %d rows and %d left out, of %d", test.name, listed, left, len(results))
		}
		var sum Summary
		for _, r := range results {
			sum.Add(r)
		}
		want := fmt.Sprintf("The details of %s are left out", count(sum.Open-elements["details"], "open target"))
		if sum.Open > 0 && !strings.Contains(text, want) {
			t.Errorf("%s: %d details of %d, and no %q", test.name, elements["details"], sum.Open, want)
		}
	}
}

func TestFence(t *testing.T) {
	for _, lines := range [][]string{nil, {"a"}, {"```"}, {"a ````` b", "``", "~~~"}, {"", "    x", "```text"}} {
		_, codes, _ := pageOf(t, fence(lines)+"after\n")
		if want := strings.Join(lines, "\n"); len(codes) != 1 || strings.TrimSuffix(codes[0], "\n") != want {
			t.Errorf("%q: %q", lines, codes)
		}
	}
}
