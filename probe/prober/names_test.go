package prober_test

import (
	"slices"
	"strings"
	"testing"

	"openrelay/probe"
	"openrelay/scanner/demo"
)

// A server whose name has an underscore is asked everything that another is asked, by whichever way the
// name is known; and one that nobody knows by name is not.
func TestOwnNames(t *testing.T) {
	for name, c := range map[string]struct {
		host, named string
		known       bool
	}{
		"given":              {"", "mail-1.example.org", true},
		"with an underscore": {"", "mail_1.example.org", true},
		"only greeted":       {"mail_1.example.org", "", true},
		"one label":          {"mail_1", "mail_1", false},
		"an address":         {"[192.0.2.1]", "", false},
	} {
		t.Run(name, func(t *testing.T) {
			p := standard(t)
			p.LocalDomains = nil
			target := listenScript(t, &demo.Script{Host: c.host, Greeting: map[bool]string{true: "220 ESMTP"}[c.host == ""]})
			target.Name, target.Named = c.named, true
			r := p.Probe(t.Context(), target)
			wantVerdict(t, r, probe.Closed, probe.ReasonRelayDenied)
			for _, v := range p.Vectors {
				if !strings.Contains(v.ID, "-own-") || strings.HasSuffix(v.ID, "-literal") || v.ID == "sender-own-user" { // an address is always known, a user never
					continue
				}
				asked := slices.ContainsFunc(r.Findings, func(f probe.Finding) bool { return f.Vector == v.ID && f.Outcome == probe.OutcomeRefused })
				if asked != c.known {
					t.Errorf("%s was asked: %v", v.ID, asked)
				}
			}
		})
	}
}
