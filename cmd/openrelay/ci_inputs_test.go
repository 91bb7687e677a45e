package main

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// What looks like a shell's or a program's command in an input is neither.
func TestActionInputsAreData(t *testing.T) {
	t.Parallel()
	r := newRunner(t)
	const bad = "$(touch pwned)`touch pwned`'\"; touch pwned; #"
	for _, name := range []string{"targets", "local-domain", "profile", "wait", "baseline", "expect", "fail-on", "arguments", "reports"} {
		inputs := map[string]string{"binary": program(t), "targets": "127.0.0.1:1", "summary": "false", name: bad}
		if status := r.run(inputs); status != 2 {
			t.Errorf("%s: status %d, want 2:\n%s", name, status, r.log)
		}
	}
	for _, target := range []string{"--output=pwned", "-opwned"} {
		if status := r.run(map[string]string{"binary": program(t), "targets": target, "summary": "false"}); status != 2 {
			t.Errorf("target %s: status %d, want 2:\n%s", target, status, r.log)
		}
	}
	if found, _ := filepath.Glob(filepath.Join(r.dir, "pwned*")); len(found) > 0 {
		t.Errorf("%v", found)
	}
}

// An input of one line writes no line of its own to the outputs, to the summary or to the log; it is refused, by name.
func TestActionInputsAreOneLine(t *testing.T) {
	t.Parallel()
	r := newRunner(t)
	for name, input := range r.action.Inputs {
		if strings.Contains(input.Description, "a line") {
			continue
		}
		for _, end := range []string{"\n", "\r\n", "\r"} {
			bad := "good" + end + "open=0" + end + "pwned=1" + end + "::set-output name=pwned::1"
			status := r.run(map[string]string{"binary": program(t), "targets": "127.0.0.1:1", "summary": "false", name: bad})
			if status != 2 || !strings.Contains(r.log, "openrelay: error: the input "+name+" is more than one line\n") || strings.Contains(r.log, "pwned") {
				t.Errorf("%s: status %d:\n%s", name, status, r.log)
			}
			if r.outputs["scan.status"] != "2" || len(r.outputs) != 1 || r.summary != "" {
				t.Errorf("%s: outputs %q, summary %q", name, r.outputs, r.summary)
			}
		}
	}
}

// Several lines of what may have them are arguments, and no outputs.
func TestActionLinesAreArguments(t *testing.T) {
	t.Parallel()
	r := newRunner(t)
	for _, name := range []string{"targets", "arguments", "reports"} {
		r.run(map[string]string{"binary": program(t), "targets": "127.0.0.1:1", "summary": "false", name: "127.0.0.1:1\nopen=7\npwned=1\n"})
		for output := range r.outputs {
			if !slices.Contains([]string{"build.binary", "scan.binary", "scan.status", "scan.open", "scan.results"}, output) {
				t.Errorf("%s: output %s", name, output)
			}
		}
		if r.outputs["scan.open"] != "0" {
			t.Errorf("%s: %s open", name, r.outputs["scan.open"])
		}
	}
}
