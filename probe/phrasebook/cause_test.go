package phrasebook

import "testing"

func TestNamesCause(t *testing.T) {
	for reply, want := range map[string]bool{
		"554 5.7.1 Service unavailable; Client host [192.0.2.9] blocked using bl.example.net": true,
		"450 4.7.25 Client host rejected: cannot find your hostname, [192.0.2.9]":             true,
		"550 5.7.1 Fix reverse DNS for 192.0.2.9":                                             true,
		"550 your host is an open relay, see our list":                                        true,
		"554 5.7.1 <unknown[192.0.2.9]>: Client host rejected: Access denied":                 false,
		"550 5.7.1 <a@example.org>... Relaying denied. IP name lookup failed [192.0.2.9]":     false,
	} {
		if got := NamesCause(parse(t, reply)); got != want {
			t.Errorf("NamesCause(%q) is %v", reply, got)
		}
	}
}
