package report

import (
	"strings"
	"testing"

	"openrelay/probe"
)

// The mail host of two domains is two targets, and every report says which is which, in whatever order they come.
func TestTwoDomains(t *testing.T) {
	a, b := result("open 192.0.2.1:25"), result("open 192.0.2.1:25")
	a.Name, a.Domain, a.Reason = "mail.example.net", "a.example", "sender-own-domain"
	b.Name, b.Domain, b.Reason = "mail.example.net", "b.example", "sender-own-domain"
	for _, f := range Results {
		text := render(t, f, Options{}, []probe.Result{a, b})
		for _, domain := range []string{a.Domain, b.Domain} {
			if !strings.Contains(text, domain) {
				t.Errorf("%s does not name %s:\n%.2000s", f.Name, domain, text)
			}
		}
	}
	if one, other := fingerprint(a, "plain", ""), fingerprint(b, "plain", ""); one["primaryLocationLineHash"] == other["primaryLocationLineHash"] {
		t.Error("code scanning takes them for one alert")
	}
	a.Verdict = probe.Closed
	got := readMetrics(t, render(t, format(t, "prometheus"), Options{}, []probe.Result{a, b}))
	for domain, open := range map[string]string{a.Domain: "0", b.Domain: "1"} {
		if sample := `openrelay_target_verdict{target="192.0.2.1:25",name="mail.example.net",domain="` + domain + `",verdict="open"}`; got[sample] != open {
			t.Errorf("%s is %q, want %s", sample, got[sample], open)
		}
	}
}
