package report

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"openrelay/probe"
)

func arrival(scan, target, vector, token string) probe.Arrival {
	return probe.Arrival{Type: probe.DeliveryType, Schema: probe.Schema, Scan: scan, Target: target, Delivery: probe.Delivery{
		Token: token, Vector: vector, Via: probe.Plain, Relay: "192.0.2.1", At: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)}}
}

func accepted(scan, target string) probe.Result {
	return probe.Result{Schema: probe.Schema, Scan: &probe.Scan{ID: scan}, Target: target, Verdict: probe.Open, Proof: probe.Data,
		Reason: "plain", Findings: []probe.Finding{{Vector: "plain", Via: probe.Plain, Outcome: probe.OutcomeAccepted, Proof: probe.Data, Deciding: true}}}
}

// savedDeliveries are messages that came out at the server they went in at, and elsewhere, one of them
// through a server that means ill.
func savedDeliveries() []probe.Arrival {
	all := []probe.Arrival{
		arrival("one", "192.0.2.1:25", "plain", "a"), arrival("one", "192.0.2.1:587", "null-sender", "b"), arrival("two", "[2001:db8::1]:25", "plain", "c"),
	}
	all[1].Via, all[1].Relay, all[1].MultiHop, all[1].Helo, all[1].TLS, all[1].DelayMS = probe.StartTLS, "198.51.100.2", true, "out.example.org", "TLS 1.3", 61500
	all[2].Relay, all[2].MultiHop, all[2].Helo, all[2].Received = "198.51.100.3", true, "##[error]\x1b[2J\u202e", []string{"from a\n::error::x by b"}
	return all
}

func TestJoinDeliveries(t *testing.T) {
	d := NewCaught([]probe.Arrival{
		arrival("one", "192.0.2.1:25", "plain", "a"),
		arrival("one", "192.0.2.1:25", "plain", "a"), // a file that was joined with itself
		arrival("two", "192.0.2.1:25", "plain", "b"),
		arrival("one", "192.0.2.2:25", "plain", "c"),
		arrival("one", "192.0.2.1:25", "null-sender", "d"),
	})
	for _, c := range []struct {
		r          probe.Result
		deliveries int
	}{
		{accepted("one", "192.0.2.1:25"), 1},
		{accepted("one", "192.0.2.1:587"), 0},
		{accepted("two", "192.0.2.1:25"), 1},
	} {
		d.Join(&c.r)
		proven := c.r.Proof == probe.Delivered && c.r.Findings[0].Proof == probe.Delivered
		if len(c.r.Deliveries) != c.deliveries || proven != (c.deliveries > 0) {
			t.Errorf("%s of %s: %d deliveries, proof %v", c.r.Target, c.r.Scan.ID, len(c.r.Deliveries), c.r.Proof)
		}
	}
	if n := d.Unmatched(); n != 2 {
		t.Errorf("%d deliveries of nobody, want 2", n)
	}
}

func TestReadDeliveries(t *testing.T) {
	want := arrival("one", "192.0.2.1:25", "plain", "a")
	line, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	input := string(line) + "\n\n{}\n" + strings.Replace(string(line), `"schema":1`, `"schema":9`, 1) + "\nnonsense\n"
	var errs []string
	n := 0
	for a, err := range ReadDeliveries(strings.NewReader(input)) {
		if err != nil {
			errs = append(errs, err.Error())
			continue
		}
		n++
		if again, _ := json.Marshal(a); string(again) != string(line) {
			t.Errorf("read %s", again)
		}
	}
	if n != 1 || len(errs) != 3 || !strings.HasPrefix(errs[0], "line 3: not a delivery") || !strings.HasPrefix(errs[1], "line 4: written by a newer version") || !strings.HasPrefix(errs[2], "line 5: ") {
		t.Errorf("%d deliveries, errors %q", n, errs)
	}
	if !strings.HasPrefix(string(line), `{"type":"delivery","schema":1,"scan":"one","target":"192.0.2.1:25","token":"a","vector":"plain","via":"plain","relay":"192.0.2.1",`) {
		t.Errorf("the line begins otherwise: %s", line)
	}
}
