package prober

import (
	"strings"
	"testing"
)

func TestOfCert(t *testing.T) {
	for text, want := range map[string]string{
		"":                               "",
		"CN=mx":                          "CN=mx",
		"CN=\xff":                        `CN=\xff`,
		strings.Repeat("a", 1<<10):       strings.Repeat("a", 1<<10),
		strings.Repeat("a", 1<<10+1):     strings.Repeat("a", 1<<10-3) + "…",
		"a" + strings.Repeat("ü", 1<<10): "a" + strings.Repeat("ü", 510) + "…",
		"aa" + strings.Repeat("ü", 512):  "aa" + strings.Repeat("ü", 509) + "…",
	} {
		if got := ofCert(text); got != want {
			t.Errorf("%.20q, %d bytes: %d bytes, %q", text, len(text), len(got), got[max(0, len(got)-20):])
		}
	}
}
