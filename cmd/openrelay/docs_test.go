package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"go.yaml.in/yaml/v3"
)

// pages are the pages that people read, by their names in the repository.
func pages(t *testing.T) []string {
	t.Helper()
	var names []string
	for _, pattern := range []string{"*.md", "docs/*.md"} {
		files, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			name, err := filepath.Rel(root, f)
			if err != nil {
				t.Fatal(err)
			}
			names = append(names, filepath.ToSlash(name))
		}
	}
	if len(names) < 10 {
		t.Fatalf("only %d pages", len(names))
	}
	return names
}

func readPage(t *testing.T, page string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, page))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// block is what stands between two lines of ```.
type block struct {
	language string // "console" shows commands behind "$ ", which the tests run
	lines    []string
}

// apart takes a page apart into its blocks and its prose.
func apart(text string) (blocks []block, prose string) {
	var b strings.Builder
	inside := false
	for line := range strings.Lines(text) {
		language, fence := strings.CutPrefix(strings.TrimSpace(line), "```")
		switch {
		case fence && inside:
			inside = false
			b.WriteString("\n")
		case fence:
			inside = true
			blocks = append(blocks, block{language: language})
		case inside:
			last := &blocks[len(blocks)-1]
			last.lines = append(last.lines, strings.TrimSuffix(line, "\n"))
		default:
			b.WriteString(line)
		}
	}
	return blocks, b.String()
}

// generated holds a part of a page, which stands between two comments, to what the code makes it.
func generated(t *testing.T, page, name, want string) {
	t.Helper()
	text := readPage(t, page)
	begin, end := "<!-- "+name+": written by go test ./cmd/openrelay -run Docs -update -->\n", "<!-- /"+name+" -->"
	head, rest, found := strings.Cut(text, begin)
	got, tail, closed := strings.Cut(rest, end)
	if !found || !closed {
		t.Fatalf("%s has no place for %s: it needs the lines\n%s%s", page, name, begin, end)
	}
	want = "\n" + want + "\n"
	if *update {
		if err := os.WriteFile(filepath.Join(root, page), []byte(head+begin+want+end+tail), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if got != want {
		t.Errorf("%s is out of date: go test ./cmd/openrelay -run Docs -update\n%s", page, diff.Diff(page, []byte(got), "the code", []byte(want)))
	}
}

// TestDocsWords holds every command line of the pages to the program: the subcommand, the flags and the
// arguments must be such as it takes. Of docker, kubectl and apt only openrelay's own words are looked at.
func TestDocsWords(t *testing.T) {
	checked := 0
	for _, page := range pages(t) {
		blocks, prose := apart(readPage(t, page))
		var lines []string
		for _, b := range blocks {
			switch b.language {
			case "", "sh", "console":
				lines = append(lines, b.lines...)
			case "yaml":
				lines = append(lines, yamlCommands(t, page, strings.Join(b.lines, "\n"))...)
			}
		}
		for _, span := range spans(prose) {
			if strings.HasPrefix(span, "openrelay ") {
				lines = append(lines, span)
			}
		}
		for _, line := range lines {
			for _, args := range ownWords(line) {
				checked++
				if err := takes(args); err != nil {
					t.Errorf("%s: %s\n%v", page, line, err)
				}
			}
		}
		for _, span := range spans(prose) {
			name, _, _ := strings.Cut(strings.TrimPrefix(span, "--"), "=")
			name, _, _ = strings.Cut(name, " ")
			if strings.HasPrefix(span, "--") && !flagExists(name) && name != "network" { // which is docker's
				t.Errorf("%s: there is no flag --%s", page, name)
			}
		}
	}
	if checked < 60 {
		t.Errorf("only %d command lines in the pages", checked)
	}
}

var codeSpan = regexp.MustCompile("`([^`]+)`")

// spans are the pieces of code within prose.
func spans(prose string) (all []string) {
	for paragraph := range strings.SplitSeq(prose, "\n\n") {
		for _, m := range codeSpan.FindAllStringSubmatch(strings.Join(strings.Fields(paragraph), " "), -1) {
			all = append(all, m[1])
		}
	}
	return all
}

// ownWords are the arguments of each openrelay in a line of shell.
func ownWords(line string) (all [][]string) {
	line = strings.TrimPrefix(line, "$ ")
	var command []string
	end := func() {
		if i := slices.Index(command, "openrelay"); i >= 0 && runs(command[:i]) {
			all = append(all, command[i+1:])
		}
		command = nil
	}
	for _, word := range shellWords(line) {
		switch word {
		case "|", "||", "&&", ";":
			end()
		default:
			command = append(command, word)
		}
	}
	end()
	return all
}

// runs reports whether what stands behind these words is a program that is run.
func runs(before []string) bool {
	for len(before) > 0 && (before[0] == "sudo" || strings.Contains(before[0], "=") || before[0] == "then") {
		before = before[1:]
	}
	return len(before) == 0 || len(before) > 1 && (before[0] == "docker" || before[0] == "kubectl") && before[1] == "run"
}

// shellWords splits a line as a shell does, as far as the pages go: quotes, comments and redirections.
func shellWords(line string) (words []string) {
	var word strings.Builder
	var quote rune
	begun, away := false, false // away: the word is the file of a redirection
	end := func() {
		if begun && !away {
			words = append(words, word.String())
		}
		away = away && !begun
		word.Reset()
		begun = false
	}
	for _, r := range line {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case r == '\'' || r == '"':
			quote, begun = r, true
		case r == ' ':
			end()
		case r == '#' && !begun:
			return words
		case r == '<' || r == '>':
			end()
			away = true
		default:
			begun = true
			word.WriteRune(r)
		}
	}
	end()
	return words
}

// takes says what openrelay would object to in its arguments, without doing what they ask.
func takes(args []string) error {
	cmd, rest, err := rootCommand(silent()).Find(args)
	if err != nil {
		return err
	}
	err = cmd.ParseFlags(rest)
	if errors.Is(err, pflag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	return cmd.ValidateArgs(cmd.Flags().Args())
}

func silent() *ui { return &ui{stdin: strings.NewReader(""), stdout: io.Discard, stderr: io.Discard} }

func flagExists(name string) bool {
	everywhere := rootCommand(silent())
	return slices.ContainsFunc(append(everywhere.Commands(), everywhere), func(cmd *cobra.Command) bool {
		cmd.InitDefaultHelpFlag()
		return cmd.Flags().Lookup(name) != nil || cmd.PersistentFlags().Lookup(name) != nil
	})
}

// yamlCommands are the command lines of a block of YAML: the args of openrelay's containers. The inputs it
// gives to the GitHub Action, and the variables it gives to the GitLab job, must be such as they have.
func yamlCommands(t *testing.T, page, text string) (lines []string) {
	t.Helper()
	var node any
	if err := yaml.Unmarshal([]byte(text), &node); err != nil {
		t.Errorf("%s: %v\n%s", page, err, text)
		return nil
	}
	var walk func(any)
	walk = func(node any) {
		switch node := node.(type) {
		case []any:
			for _, n := range node {
				walk(n)
			}
		case map[string]any:
			uses, _ := node["uses"].(string)
			with, _ := node["with"].(map[string]any)
			for input := range with {
				if _, ok := readAction(t).Inputs[input]; !ok && strings.Contains(uses, "/openrelay@") {
					t.Errorf("%s: the action has no input %s", page, input)
				}
			}
			variables, _ := node["variables"].(map[string]any)
			for name := range variables {
				flag := strings.ReplaceAll(strings.ToLower(strings.TrimPrefix(name, "OPENRELAY_")), "_", "-")
				if node["extends"] == ".openrelay" && !flagExists(flag) && !slices.Contains([]string{"targets", "junit", "git-url", "git-ref"}, flag) {
					t.Errorf("%s: the job has no variable %s", page, name)
				}
			}
			image, _ := node["image"].(string)
			args, _ := node["args"].([]any)
			if strings.Contains(image, "openrelay") && len(args) > 0 {
				line := "openrelay"
				for _, a := range args {
					line += ` "` + strings.TrimSpace(a.(string)) + `"`
				}
				lines = append(lines, line)
			}
			for _, n := range node {
				walk(n)
			}
		}
	}
	walk(node)
	return lines
}

var (
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ (.*)$`)
	noSlug  = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
)

// TestDocsLinks follows every link from one page to another, to its file and its heading.
func TestDocsLinks(t *testing.T) {
	for _, page := range pages(t) {
		_, prose := apart(readPage(t, page))
		for _, m := range link.FindAllStringSubmatch(prose, -1) {
			file, anchor, anchored := strings.Cut(m[1], "#")
			if strings.Contains(file, ":") { // of the web
				continue
			}
			to := page
			if file != "" {
				to = filepath.ToSlash(filepath.Join(filepath.Dir(page), file))
			}
			if _, err := os.Stat(filepath.Join(root, to)); err != nil {
				t.Errorf("%s: the link to %s leads nowhere: %v", page, m[1], reason(err))
				continue
			}
			if anchored && !slices.Contains(anchors(readPage(t, to)), anchor) {
				t.Errorf("%s: %s has no heading #%s", page, to, anchor)
			}
		}
	}
}

// anchors are the names GitHub gives to the headings of a page.
func anchors(text string) (all []string) {
	_, prose := apart(text)
	for _, m := range heading.FindAllStringSubmatch(prose, -1) {
		all = append(all, strings.ReplaceAll(noSlug.ReplaceAllString(strings.ToLower(m[1]), ""), " ", "-"))
	}
	return all
}

// TestDocsShort keeps the README a page that is read to its end, and every page in reach from it.
func TestDocsShort(t *testing.T) {
	text := readPage(t, "README.md")
	if n := strings.Count(text, "\n"); n > 250 {
		t.Errorf("README.md has %d lines: the rest belongs into docs", n)
	}
	for _, page := range pages(t) {
		if page != "README.md" && !strings.Contains(text, "]("+page) {
			t.Errorf("README.md does not lead to %s", page)
		}
	}
}

// TestDocsIssueForm holds the form for wrong verdicts to what GitHub takes.
func TestDocsIssueForm(t *testing.T) {
	var form struct {
		Name, Description string
		Body              []struct {
			Type, ID   string
			Attributes struct{ Label, Value string }
		}
	}
	parse(t, ".github/ISSUE_TEMPLATE/wrong-verdict.yml", &form)
	if form.Name == "" || form.Description == "" {
		t.Error("the form has no name or no description")
	}
	seen := map[string]bool{}
	for _, b := range form.Body {
		switch {
		case b.Type == "markdown":
			if b.Attributes.Value == "" {
				t.Error("a markdown block without text")
			}
			continue
		case !slices.Contains([]string{"input", "textarea", "dropdown", "checkboxes"}, b.Type):
			t.Errorf("%s: GitHub knows no %q", b.ID, b.Type)
		case b.Attributes.Label == "" || b.ID == "" || seen[b.ID]:
			t.Errorf("%s %q: it needs a label, and an id of its own", b.Type, b.ID)
		}
		seen[b.ID] = true
	}
	for _, id := range []string{"version", "command", "kind", "expected", "evidence", "log"} {
		if !seen[id] {
			t.Errorf("the form does not ask for %s", id)
		}
	}
}
