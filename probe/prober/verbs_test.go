package prober_test

import (
	"slices"
	"strings"
	"testing"

	"openrelay/probe"
	"openrelay/scanner/demo"
)

// A server that offers everything is asked nothing but what the README tells, whether it relays or not: no VRFY, no
// EXPN, and nothing in another's name.
func TestVerbs(t *testing.T) {
	said := []string{"EHLO", "HELO", "MAIL", "RCPT", "DATA", "RSET", "QUIT", "AUTH ANONYMOUS"}
	for _, profile := range []string{"quick", "standard", "thorough"} {
		for name, rcpt := range map[string]hook{"closed": nil, "open": relays(always), "open to its own": relays(fromInside)} {
			s := &demo.Script{Rcpt: rcpt, Extensions: []string{"PIPELINING", "VRFY", "EXPN", "ETRN", "TURN", "AUTH PLAIN LOGIN ANONYMOUS", "XCLIENT NAME ADDR LOGIN", "XFORWARD NAME ADDR", "BURL", "CHUNKING", "SMTPUTF8"}}
			p := standard(t)
			p.Vectors, _ = probe.Select(profile, false)
			p.Probe(t.Context(), listenScript(t, s))
			seen := s.Seen()
			if len(seen.Commands) == 0 {
				t.Errorf("%s, %s: nothing was said", profile, name)
			}
			for _, command := range seen.Commands {
				if !slices.ContainsFunc(said, func(verb string) bool { return strings.HasPrefix(command+" ", verb+" ") }) {
					t.Errorf("%s, %s: said %q", profile, name, command)
				}
			}
			if seen.Messages != 0 {
				t.Errorf("%s, %s: %d messages", profile, name, seen.Messages)
			}
		}
	}
}
