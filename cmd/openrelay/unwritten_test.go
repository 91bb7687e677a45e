package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"openrelay/scanner/demo"
)

// A report that cannot be written any more, standard output that nobody reads or a full disk, does not keep the results
// from the others. The exit status says so, whatever the verdict.
func TestOtherReportsGoOn(t *testing.T) {
	target := manyServers(t, &demo.Script{})
	r, unread, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	r.Close()
	defer unread.Close()
	saved := filepath.Join(t.TempDir(), "saved.jsonl")
	if out, err := exec.Command("openrelay", quickly("--output", saved, target)...).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for name, tc := range map[string]struct {
		args   []string
		status int
		ends   string // the report that ends early
	}{
		"nobody reads":          {quickly(target), statusUnread, "jsonl"},
		"nobody reads a table":  {[]string{"scan", "--profile", "quick", target}, statusUnread, "table"},
		"nobody reads report":   {[]string{"report", "--format", "jsonl", saved}, statusUnread, "jsonl"},
		"full":                  {quickly("--output", "/dev/full", target), statusUsage, "jsonl"},
		"full and nobody reads": {quickly("--report", "csv=/dev/full", target), statusUsage, "csv"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			lines, whole := filepath.Join(dir, "r.jsonl"), filepath.Join(dir, "r.json")
			cmd := exec.Command("openrelay", append(tc.args, "--report", "jsonl="+lines, "--report", "json="+whole)...)
			var stderr bytes.Buffer
			cmd.Stdout, cmd.Stderr = unread, &stderr
			if got := status(t, cmd.Run()); got != tc.status {
				t.Errorf("exit status %d, want %d", got, tc.status)
			}
			if data, err := os.ReadFile(lines); err != nil || wholeLines(t, data) != 256 {
				t.Errorf("%d of 256 results in the other report, %v", wholeLines(t, data), err)
			}
			if data, err := os.ReadFile(whole); err != nil || !json.Valid(data) || !bytes.Contains(data, []byte(`"closed":256`)) {
				t.Errorf("the report that is written at the end is not whole, %v: ...%.300s", err, data[max(0, len(data)-300):])
			}
			for _, want := range []string{"warning: the " + tc.ends + " report ends here, the others go on: ", "256 closed"} {
				if strings.Count(stderr.String(), want) != 1 {
					t.Errorf("%q is not said once:\n%s", want, stderr.String())
				}
			}
		})
	}
}
