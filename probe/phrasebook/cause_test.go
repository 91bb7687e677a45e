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

func TestMissesHeader(t *testing.T) {
	for reply, want := range map[string]bool{
		"503 Command refused, required Proxy negotiation failed":              true,
		"503-Command refused,\n503 required Proxy negotiation failed":         true,
		"503 5.5.1 Command refused, required Proxy negotiation failed":        true,
		"450 Command refused, required Proxy negotiation failed":              false, // it says to come again
		"550 host mx.example.org said: 503 HELO first":                        false,
		"550 Access denied: your address is listed as an open proxy":          false,
		"504 5.5.2 <x>: Helo command rejected: need fully-qualified hostname": false,
		"250 mx.example.org": false,
	} {
		if got := MissesHeader(parse(t, reply)); got != want {
			t.Errorf("%q: %v", reply, got)
		}
	}
}
