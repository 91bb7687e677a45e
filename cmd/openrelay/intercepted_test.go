package main

import (
	"fmt"
	"strings"
	"testing"

	"openrelay/probe"
)

// Whoever prints only what is open is told of an interception too: nothing that is printed is about the targets then.
func TestInterceptionIsSaidQuietly(t *testing.T) {
	var stderr strings.Builder
	s := sinks{ui: &ui{stderr: &stderr}, quiet: true}
	for i := range 8 {
		target, name := fmt.Sprintf("8.%d.0.1:25", i), fmt.Sprintf("mx.firm%d.example", i)
		r := probe.Result{Target: target, Name: name, Named: true, Verdict: probe.Closed, Server: probe.Server{Banner: "gw.hotel.example ESMTP"}}
		if err := s.add(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.verdict(); err != nil || !strings.HasPrefix(stderr.String(), "openrelay: warning: port 25 seems to be answered by a machine on the way") {
		t.Errorf("%v, %q", err, stderr.String())
	}
}
