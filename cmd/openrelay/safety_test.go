package main

import (
	"io/fs"
	"os"
	"path"
	"regexp"
	"strings"
	"testing"
)

var (
	promising = regexp.MustCompile(`(?i)\b(never|at most|only)\b`)
	sentences = regexp.MustCompile(`[.:;]\s+`)
	aTest     = regexp.MustCompile("`((?:Test|Fuzz)\\w+|\\w+\\.txt)`")
	testFunc  = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`)
	linked    = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`)
)

// flat is a text in one line, without its links.
func flat(text string) string {
	return strings.Join(strings.Fields(linked.ReplaceAllString(strings.ReplaceAll(text, "**", ""), "$1")), " ")
}

// promises are the sentences of a page with a word that promises something, and every line of a list of what is
// never sent. Tables and headings are not among them: the first show what is, the second lead to it.
func promises(text string) (all []string) {
	_, prose := apart(text)
	for paragraph := range strings.SplitSeq(prose, "\n\n") {
		paragraph = strings.TrimSpace(paragraph)
		switch {
		case paragraph == "", paragraph[0] == '#', paragraph[0] == '|':
			continue
		case strings.HasPrefix(paragraph, "- "):
			for item := range strings.SplitSeq("\n"+paragraph, "\n- ") {
				if item = flat(strings.TrimRight(item, ".;")); item != "" {
					all = append(all, item)
				}
			}
			continue
		}
		for _, s := range sentences.Split(flat(paragraph), -1) {
			if s = strings.TrimRight(s, ".:;"); promising.MatchString(s) && s != "Never sent" {
				all = append(all, s)
			}
		}
	}
	return all
}

// TestDocsSafety holds docs/safety.md to the README, whose promises it must all have, and to the tests, which it names.
func TestDocsSafety(t *testing.T) {
	page := readPage(t, "docs/safety.md")
	all := promises(readPage(t, "README.md"))
	if len(all) < 8 {
		t.Errorf("the README promises %q only", all)
	}
	for _, promise := range all {
		if !strings.Contains(flat(page), promise) {
			t.Errorf("docs/safety.md does not say what holds this promise of README.md: %s", promise)
		}
	}
	exists := testNames(t)
	rows := 0
	for line := range strings.Lines(page) {
		cells := strings.Split(line, "|")
		if len(cells) != 4 || strings.HasPrefix(line, "|--") || strings.Contains(line, "held by") {
			continue
		}
		rows++
		named := aTest.FindAllStringSubmatch(cells[2], -1)
		if len(named) == 0 {
			t.Errorf("nothing holds: %s", cells[1])
		}
		for _, name := range named {
			if !exists[name[1]] {
				t.Errorf("there is no %s, which is to hold: %s", name[1], cells[1])
			}
		}
	}
	if rows < 20 {
		t.Errorf("only %d promises", rows)
	}
}

// testNames are the tests, and the scripts.
func testNames(t *testing.T) map[string]bool {
	all := map[string]bool{}
	err := fs.WalkDir(os.DirFS(root), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case strings.HasSuffix(name, "_test.go"):
			text, err := fs.ReadFile(os.DirFS(root), name)
			for _, m := range testFunc.FindAllSubmatch(text, -1) {
				all[string(m[1])] = true
			}
			return err
		case path.Dir(name) == "cmd/openrelay/testdata/script":
			all[path.Base(name)] = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}
