package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"openrelay/internal/mtatest"
	"openrelay/probe"
)

// TestDeliver is the whole way, in one command: real servers that relay for everybody are handed
// messages, and the catcher of the scan gets each one, marked with its vector.
func TestDeliver(t *testing.T) {
	if testing.Short() {
		t.Skip("real mail servers take seconds to start; not in short mode")
	}
	for config, vector := range map[string]string{
		"postfix-open": "plain", "exim-open": "plain", "sendmail-promiscuous": "plain", "opensmtpd-open": "plain", "courier-open": "plain",
		"postfix-percent": "percent-own-domain",
	} {
		t.Run(config, func(t *testing.T) {
			s := mtatest.Start(t, config)
			r, stderr := deliver(t, s, s.Sink.String())
			if r.Verdict != probe.Open || r.Proof != probe.Delivered || len(r.Deliveries) == 0 {
				t.Fatalf("%s (%s), %d deliveries\n%s\n%s", r.Verdict, r.Proof, len(r.Deliveries), stderr, s.Log())
			}
			proven := map[string]bool{}
			for _, f := range r.Findings {
				if f.Proof == probe.Delivered {
					proven[f.Vector] = true
				}
				if strings.Contains(f.Transcript.String(), "Auto-Submitted") {
					t.Errorf("%s: the dialogue holds the message", f.Vector)
				}
			}
			for _, d := range r.Deliveries {
				if !proven[d.Vector] || d.SawClient != mtatest.Stranger || d.MultiHop || d.Relay != s.IP().String() {
					t.Errorf("%+v of a vector that is not proven, seen from elsewhere, or through another server", d)
				}
			}
			if !proven[vector] {
				t.Errorf("%s is not proven; %v are", vector, proven)
			}
		})
	}
}

// What takes a message and throws it away, or sends it back, is not proven to relay, and the report says so.
func TestDeliverToSink(t *testing.T) {
	if testing.Short() {
		t.Skip("real mail servers take seconds to start; not in short mode")
	}
	for _, config := range []string{"postfix-sink", "postfix-bounces", "aiosmtpd-sink"} {
		t.Run(config, func(t *testing.T) {
			t.Parallel()
			s := mtatest.Start(t, config)
			r, table := deliverTable(t, s, s.Sink.String(), "--wait-delivery", "4s")
			traits := map[string]bool{}
			for _, trait := range r.Traits {
				traits[string(trait.Name)] = true
			}
			if r.Verdict != probe.Open || r.Proof != probe.Data || len(r.Deliveries) != 0 || !traits["accepts-everything"] || !traits["not-delivered"] {
				t.Errorf("%s (%s), traits %v\n%s", r.Verdict, r.Proof, traits, s.Log())
			}
			if strings.Count(table, "not proven to relay") != 2 || !strings.Contains(table, "open (data)") {
				t.Errorf("the table does not say that nothing is proven:\n%s", table)
			}
			if config == "postfix-bounces" && !written([]*mtatest.Server{s}, "sender non-delivery notification") {
				t.Errorf("nothing was sent back:\n%s", s.Log())
			}
		})
	}
}

// deliver scans one server and has its messages caught at sink.
func deliver(t *testing.T, s *mtatest.Server, sink string, more ...string) (r probe.Result, stderr string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "results.jsonl")
	args := append([]string{"scan", "--proof", "deliver", "--deliver-to", "receiver.test", "--catch", sink, "--contact", "ada@sender.test",
		"--local-domain", "local.test", "--from-domain", "sender.test", "--to-domain", "receiver.test",
		"--source", mtatest.Stranger, "--format", "jsonl", "--output", file, s.Addr.String()}, more...)
	var out, errs bytes.Buffer
	if status := run(context.Background(), args, strings.NewReader(""), &out, &errs); status != 1 {
		t.Fatalf("exit status %d\n%s", status, errs.String())
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &r); err != nil {
		t.Fatal(err)
	}
	return r, errs.String()
}
