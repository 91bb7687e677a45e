package report

import (
	"strings"
	"testing"

	"openrelay/probe"
)

// The table ends with who authorised it: each scan's words once, and nothing where nobody is named.
func TestAuthorisation(t *testing.T) {
	of := func(s *probe.Scan) probe.Result {
		return probe.Result{Target: "192.0.2.1:25", Verdict: probe.Closed, Reason: probe.ReasonRelayDenied, Scan: s}
	}
	got := render(t, format(t, "table"), Options{}, []probe.Result{
		of(&probe.Scan{ID: "a", Authorized: "Ada, CHG-1"}), of(&probe.Scan{ID: "a", Authorized: "Ada, CHG-1"}), of(nil), of(&probe.Scan{ID: "b"}),
		of(&probe.Scan{ID: "c", Authorized: "::error::\x1b[31mEve\n1 open", Scope: "0123456789ab"}),
	})
	_, got, _ = strings.Cut(got, "5 closed\n")
	want := "authorised: Ada, CHG-1\nauthorised: ::error::\\x1b[31mEve 1 open (scope 0123456789ab)\n"
	if got != want {
		t.Errorf("the table ends with\n%s\nwant\n%s", got, want)
	}
}

// Every report says on whose word the test was made, and which scope file held it.
func TestAuthorisationInEveryReport(t *testing.T) {
	r := probe.Result{Schema: 1, Target: "192.0.2.1:25", Named: true, Verdict: probe.Open, Proof: probe.Rcpt, Reason: "plain",
		Scan:     &probe.Scan{ID: "s1", Version: "1.0.0", Authorized: "Ada Admin, CHG-1234", Scope: "0123456789ab"},
		Findings: []probe.Finding{{Vector: "plain", Via: probe.Plain, From: "<a@b>", To: "<c@d>", Outcome: probe.OutcomeAccepted, Deciding: true, Proof: probe.Rcpt}}}
	for _, f := range Results {
		text := render(t, f, Options{}, []probe.Result{r})
		for _, want := range []string{"Ada Admin", "CHG", "1234", "0123456789ab"} {
			if !strings.Contains(text, want) {
				t.Errorf("%s does not say %q", f.Name, want)
			}
		}
	}
}
