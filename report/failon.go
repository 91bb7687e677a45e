package report

import (
	"fmt"
	"strings"

	"openrelay/probe/words"
)

// FailOn is what a scan, or a comparison, is to fail on: to end with status 1.
type FailOn string

// The policies. The zero FailOn is the default of a scan: what is open ends with 1, what is
// inconclusive or unreachable with 3.
const (
	FailOnOpen         FailOn = "open"
	FailOnNewOpen      FailOn = "new-open"
	FailOnInconclusive FailOn = "inconclusive"
	FailOnAnyChange    FailOn = "any-change"
	FailOnNever        FailOn = "never"
)

// Policies lists what may be failed on. What is as somebody expects is none of it (see probe.Expected).
var Policies = []struct {
	FailOn FailOn
	About  string
	Change bool // it takes an older scan to tell
}{
	{FailOnOpen, "anything is open, or else worse than expected", false},
	{FailOnNewOpen, "something is newly open, be it to another vector only, or newly worse than expected", true},
	{FailOnInconclusive, "anything is open, or else worse than expected, or inconclusive", false},
	{FailOnAnyChange, "anything is not as it was, for better or worse", true},
	{FailOnNever, "nothing does", false},
}

// ParseFailOn returns the policy of that name.
func ParseFailOn(name string) (FailOn, error) {
	var known []string
	for _, p := range Policies {
		if string(p.FailOn) == name {
			return p.FailOn, nil
		}
		known = append(known, string(p.FailOn))
	}
	meant := ":"
	if near := words.Nearest(name, known); near != "" {
		meant = fmt.Sprintf(", did you mean %q?", near)
	}
	return "", fmt.Errorf("cannot fail on %q%s there are %s", name, meant, strings.Join(known, ", "))
}

// NeedsChange reports whether it takes an older scan to tell.
func (f FailOn) NeedsChange() bool {
	for _, p := range Policies {
		if p.FailOn == f {
			return p.Change
		}
	}
	return false
}
