package report

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/diff"
)

var update = flag.Bool("update", false, "write the golden files anew")

// checkGolden compares a report with the file of that name.
func checkGolden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; -update writes it anew:\n%s", path, difference(string(want), got))
	}
}

// What a person reads of a difference.
const (
	mostDiff = 40  // lines
	mostLine = 160 // bytes of one
)

// difference is the beginning of what differs. Long lines of JSON are broken between their members.
func difference(want, got string) string {
	broken := func(text string) []byte {
		var b strings.Builder
		for line := range strings.Lines(text) {
			if len(line) > mostLine {
				line = strings.ReplaceAll(line, `,"`, ",\n\"")
			}
			b.WriteString(line)
		}
		return []byte(b.String())
	}
	lines := strings.Split(strings.TrimSpace(string(diff.Diff("want", broken(want), "got", broken(got)))), "\n")[1:]
	shown := 0 // where what differs begins, in the line before
	for i, line := range lines[:min(len(lines), mostDiff)] {
		from := 0
		if i+1 < len(lines) && line != "" && line[0] == '-' && strings.HasPrefix(lines[i+1], "+") {
			from = common(line[1:], lines[i+1][1:])
		} else if i > 0 && line != "" && line[0] == '+' {
			from = shown
		}
		shown = from
		if from > mostLine/2 {
			line = line[:1] + "…" + line[1+from-mostLine/2:]
		}
		lines[i] = line[:min(len(line), mostLine)]
	}
	if more := len(lines) - mostDiff; more > 0 {
		lines = append(lines[:mostDiff], fmt.Sprintf("and %d lines more", more))
	}
	return strings.Join(lines, "\n")
}

// common is how many bytes two lines begin with alike.
func common(a, b string) int {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}

// A difference can be seen in a huge line too, and is short however much differs.
func TestDifference(t *testing.T) {
	line := `{"a":1` + strings.Repeat(`,"b":"x"`, 10000) + "}\n"
	if text := difference(line, strings.Replace(line, `"x"}`, `"y"}`, 1)); !strings.Contains(text, "\n-\"b\":\"x\"}\n+\"b\":\"y\"}") || len(text) > 200 {
		t.Errorf("%d bytes:\n%.500s", len(text), text)
	}
	text := difference(strings.Repeat("a\n", 100), strings.Repeat(strings.Repeat("b", 1000)+"\n", 100))
	if n := strings.Count(text, "\n"); n > mostDiff || len(text) > mostDiff*(mostLine+1)+100 {
		t.Errorf("%d lines, %d bytes", n, len(text))
	}
}
