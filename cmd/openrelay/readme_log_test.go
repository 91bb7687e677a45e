package main

import (
	"bytes"
	"context"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"

	"openrelay/internal/mtatest"
)

// TestDocsLog holds what the pages show of servers' logs to what real ones write: every line, but for
// its date, its process and our address.
func TestDocsLog(t *testing.T) {
	if testing.Short() {
		t.Skip("starts real mail servers")
	}
	const page = "docs/manners.md"
	_, block, found := strings.Cut(readPage(t, page), "<!-- log:")
	block, _, closed := strings.Cut(block, "<!-- /log -->")
	if !found || !closed {
		t.Fatalf("%s has no log", page)
	}
	servers := map[string][]*mtatest.Server{}
	for _, config := range []string{"postfix-closed", "postfix-open", "exim-closed", "exim-open"} {
		program, _, _ := strings.Cut(config, "-")
		servers[program] = append(servers[program], scanned(t, config))
	}
	lines := 0
	for line := range strings.Lines(block) {
		program, _, ok := strings.Cut(line, ":")
		program, _, _ = strings.Cut(program, "/")
		if !ok || servers[program] == nil {
			continue
		}
		lines++
		if !written(servers[program], strings.ReplaceAll(line, "203.0.113.9", mtatest.Stranger)) {
			t.Errorf("no %s wrote %s", program, line)
		}
	}
	if lines < 7 {
		t.Errorf("%s shows %d lines of logs", page, lines)
	}
}

// pid and date are what no two logs share.
var pidAndDate = regexp.MustCompile(`(?m)^.{15} ([a-z/]+)\[\d+\]: (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d )?`)

// written reports whether a line is in the log of one of the servers, or comes soon: some write when they
// notice that we are gone.
func written(servers []*mtatest.Server, line string) bool {
	for deadline := time.Now().Add(2 * time.Minute); ; time.Sleep(10 * time.Millisecond) {
		for _, s := range servers {
			if strings.Contains(pidAndDate.ReplaceAllString(s.Log(), "$1: "), line) {
				return true
			}
		}
		if time.Now().After(deadline) {
			return false
		}
	}
}

// scanned is a server that has been scanned.
func scanned(t *testing.T, config string) *mtatest.Server {
	s := mtatest.Start(t, config)
	args := []string{"scan", "--helo", "probe.example.org", "--local-domain", "local.test", "--source", mtatest.Stranger, s.Addr.String()}
	var errs bytes.Buffer
	if status := run(context.Background(), args, strings.NewReader(""), io.Discard, &errs); status > 1 {
		t.Fatalf("%s: exit status %d\n%s", config, status, errs.String())
	}
	return s
}
