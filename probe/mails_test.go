package probe_test

import (
	"regexp"
	"strings"
	"sync"
	"testing"

	"openrelay/probe"
	"openrelay/scanner/fleet"
)

// A server may refuse everybody behind a recipient that it has refused. What it refuses there says nothing about
// who is refused alone.
func TestRefusedBehindOthers(t *testing.T) {
	percent := regexp.MustCompile(`^<stranger%example\.\w+@local\.test>$`)
	for _, words := range []string{"550 5.7.1 Relaying denied", "550 5.7.1 %s... Relaying denied", "550 5.7.1 nie dla ciebie", "550 5.1.1 User unknown"} {
		for _, named := range []bool{true, false} {
			var mu sync.Mutex
			refused := make(map[int]int) // how many of the mail's recipients, by connection
			s := &fleet.Script{
				Mail: func(d fleet.Dialogue) string {
					mu.Lock()
					defer mu.Unlock()
					refused[d.Connection] = 0
					return ""
				},
				Rcpt: func(d fleet.Dialogue) string {
					mu.Lock()
					defer mu.Unlock()
					if refused[d.Connection] == 0 && (d.To == "<postmaster>" || percent.MatchString(d.To)) {
						return "250 ok"
					}
					if refused[d.Connection]++; refused[d.Connection] == 1 && domainOf(d.To) == "local.test" {
						return "550 5.1.1 User unknown"
					}
					return strings.Replace(words, "%s", d.To, 1)
				},
			}
			for _, p := range []*prober{noPause(t), inOneSession(noPause(t))} {
				target := listenScript(t, s)
				target.Named = named
				wantVerdict(t, p.Probe(t.Context(), target), probe.Open, "percent-own-domain")
			}
		}
	}
}

// Who refuses the postmaster as a stranger, alone too, is not asked everything twice.
func TestPostmasterIsAStranger(t *testing.T) {
	s := &fleet.Script{Rcpt: when(always, "550 5.7.1 Relaying denied")}
	wantVerdict(t, inOneSession(noPause(t)).Probe(t.Context(), listenScript(t, s)), probe.Closed, probe.RelayDenied)
	if n := s.Seen().Connections; n > 2 {
		t.Errorf("%d connections, want at most 2", n)
	}
}
