package report

import (
	"slices"
	"strings"
	"testing"

	"openrelay/probe"
)

// both is a server that is open, and accepts two more forms which may be names of local mailboxes.
func both(t *testing.T) probe.Result {
	all := saved(t)
	i := slices.IndexFunc(all, func(r probe.Result) bool { return r.Name == "both.example.org" })
	if i < 0 {
		t.Fatal("there is no such result")
	}
	return all[i]
}

// What may be a local name is no error of a gate, whatever the verdict is, and however old the record.
func TestUnprovenIsNoError(t *testing.T) {
	for about, change := range map[string]func(*probe.Result){
		"beside what is open": func(*probe.Result) {},
		"alone": func(r *probe.Result) {
			r.Verdict, r.Reason, r.Proof, r.Findings = probe.Inconclusive, probe.ReasonSuspectFormAccepted, probe.NoProof, r.Findings[2:]
		},
		"alone, in a record without the field": func(r *probe.Result) {
			r.Verdict, r.Reason, r.Proof, r.Findings = probe.Inconclusive, probe.ReasonSuspectFormAccepted, probe.NoProof, r.Findings[2:]
			r.Findings[0].Unproven, r.Findings[1].Unproven = false, false
		},
	} {
		r := both(t)
		change(&r)
		warnings := 0
		for _, result := range readSARIF(t, render(t, format(t, "sarif"), Options{}, []probe.Result{r})).Runs[0].Results {
			if result.RuleID == string(probe.ReasonSuspectFormAccepted) {
				warnings++
			}
			if proven := result.RuleID == "sender-own-domain"; proven != (result.Level == "error") || result.Properties.Verdict != r.Verdict.String() {
				t.Errorf("%s: %s is of level %s, %s", about, result.RuleID, result.Level, result.Properties.Verdict)
			}
		}
		if warnings != 1 {
			t.Errorf("%s: %d warnings", about, warnings)
		}
		forms := 0
		for _, c := range readJUnit(t, render(t, format(t, "junit"), Options{}, []probe.Result{r})).Suites[0].Cases {
			if !strings.HasPrefix(c.Name, "percent-own-domain ") && !strings.HasPrefix(c.Name, "bang-own-domain ") {
				continue
			}
			forms++
			if c.Failure != nil || c.Error != nil || c.Skipped == nil || !strings.Contains(c.Skipped.Message, notProven) {
				t.Errorf("%s: %+v", about, c)
			}
		}
		if forms != 2 {
			t.Errorf("%s: %d forms", about, forms)
		}
	}
}

// A vector that is proven in one way of asking is accepted, and another count is not made of it.
func TestUnprovenIDs(t *testing.T) {
	r := both(t)
	if got := strings.Join(unprovenIDs(r), " "); got != "percent-own-domain bang-own-domain" {
		t.Errorf("unproven: %s", got)
	}
	again := r.Findings[2]
	again.Via, again.Unproven = probe.StartTLS, false
	r.Findings = append(r.Findings, again)
	if got := strings.Join(unprovenIDs(r), " "); got != "bang-own-domain" {
		t.Errorf("unproven, with one proven over TLS: %s", got)
	}
	if got := headline(r); got != "accepted sender-own-domain and 1 more" {
		t.Error(got)
	}
}
