package report

import (
	"strings"
	"testing"

	"openrelay/probe"
)

// The headline of a lost client address: closed where people look, open where they do not.
func TestFamiliesDiffer(t *testing.T) {
	at := func(name, target string, v probe.Verdict) probe.Result {
		return probe.Result{Name: name, Target: target, Named: true, Verdict: v, Reason: probe.ReasonRelayDenied}
	}
	out := render(t, format(t, "table"), Options{}, []probe.Result{
		at("mx.example.org", "192.0.2.1:25", probe.Closed), at("mx.example.org", "[2001:db8::1]:25", probe.Open),
		at("alike.example.org", "192.0.2.2:25", probe.Open), at("alike.example.org", "[2001:db8::2]:25", probe.Open),
		at("four.example.org", "192.0.2.3:25", probe.Open),
		at("half.example.org", "192.0.2.4:25", probe.Open), at("half.example.org", "[2001:db8::4]:25", probe.Unreachable),
	})
	if want := "mx.example.org: IPv4 closed, IPv6 open\n"; !strings.Contains(out, want) {
		t.Errorf("no line %q in\n%s", want, out)
	}
	if n := strings.Count(out, ": IPv4 "); n != 1 {
		t.Errorf("%d names differ, want 1:\n%s", n, out)
	}
}
