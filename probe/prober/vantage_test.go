package prober_test

import (
	"slices"
	"testing"

	"openrelay/probe"
	"openrelay/scanner/demo"
)

// A server that is open to a test from near may trust what is near. Who takes everything, for users too that cannot
// exist, does so by design.
func TestVantageTrusted(t *testing.T) {
	for name, tc := range map[string]struct {
		rcpt func(demo.Dialogue) string
		want bool
	}{
		"relays, and knows its users": {says("250 ok"), true},
		"takes everything":            {func(demo.Dialogue) string { return "250 ok" }, false},
	} {
		res := standard(t).Probe(t.Context(), listenScript(t, &demo.Script{Rcpt: tc.rcpt}))
		wantVerdict(t, res, probe.Open, "plain")
		has := func(trait probe.TraitName) bool {
			return slices.ContainsFunc(res.Traits, func(t probe.Trait) bool { return t.Name == trait })
		}
		if has(probe.TraitVantageTrusted) != tc.want || has(probe.TraitAcceptsEverything) == tc.want {
			t.Errorf("%s: traits %v", name, res.Traits)
		}
	}
}
