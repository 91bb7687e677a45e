package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"openrelay/internal/mtatest"
	"openrelay/probe"
)

// TestHops: a server in front that relays through one inside is told from one that sends by itself: by
// the address at which the message comes out.
func TestHops(t *testing.T) {
	if testing.Short() {
		t.Skip("real mail servers take seconds to start; not in short mode")
	}
	for _, front := range []string{"postfix-open", "exim-open"} {
		t.Run(front, func(t *testing.T) {
			t.Parallel()
			inside := mtatest.Start(t, "postfix-inside")
			s := mtatest.StartBefore(t, front, inside.Addr)
			r, table := deliverTable(t, s, inside.Sink.String())
			if r.Verdict != probe.Open || r.Proof != probe.Delivered || len(r.Deliveries) == 0 {
				t.Fatalf("%v (%v), %d deliveries\n%s\n%s", r.Verdict, r.Proof, len(r.Deliveries), s.Log(), inside.Log())
			}
			for _, d := range r.Deliveries {
				if !d.MultiHop || d.Relay != inside.IP().String() || r.Target != s.Addr.String() || d.Helo != "inside.local.test" || len(d.Received) < 2 {
					t.Errorf("%+v of %s, want it out of %s", d, r.Target, inside.IP())
				}
				if d.SawClient != mtatest.Stranger {
					t.Errorf("it believed to see %q", d.SawClient)
				}
			}
			want := "went in at " + s.IP().String() + ", came out at " + inside.IP().String() + " (inside.local.test): multi-hop"
			if !strings.Contains(table, want) {
				t.Errorf("the table lacks %q:\n%s", want, table)
			}
		})
	}
}

// deliverTable is deliver with the table too.
func deliverTable(t *testing.T, s *mtatest.Server, sink string, more ...string) (r probe.Result, table string) {
	t.Helper()
	dir := t.TempDir()
	args := append([]string{"scan", "--proof", "deliver", "--deliver-to", "receiver.test", "--catch", sink, "--local-domain", "local.test",
		"--from-domain", "sender.test", "--to-domain", "receiver.test", "--source", mtatest.Stranger,
		"--report", "jsonl=" + filepath.Join(dir, "results.jsonl"), s.Addr.String()}, more...)
	var out, errs bytes.Buffer
	if status := run(t.Context(), args, strings.NewReader(""), &out, &errs); status != 1 {
		t.Fatalf("exit status %d\n%s\n%s", status, errs.String(), s.Log())
	}
	data, err := os.ReadFile(filepath.Join(dir, "results.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &r); err != nil {
		t.Fatal(err)
	}
	return r, out.String()
}
