package prober_test

import (
	"regexp"
	"strings"
	"sync"
	"testing"

	"openrelay/probe"
	"openrelay/scanner/demo"
)

// A server may refuse everybody behind a recipient that it has refused. What it refuses there says nothing about
// who is refused alone.
func TestRefusedBehindOthers(t *testing.T) {
	percent := regexp.MustCompile(`^<stranger%example\.\w+@local\.test>$`)
	for _, words := range []string{"550 5.7.1 Relaying denied", "550 5.7.1 %s... Relaying denied", "550 5.7.1 nie dla ciebie", "550 5.1.1 User unknown"} {
		for _, named := range []bool{true, false} {
			var mu sync.Mutex
			refused := make(map[int]int) // how many of the mail's recipients, by connection
			s := &demo.Script{
				Mail: func(d demo.Dialogue) string {
					mu.Lock()
					defer mu.Unlock()
					refused[d.Connection] = 0
					return ""
				},
				Rcpt: func(d demo.Dialogue) string {
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
			for _, p := range []*clocked{noPause(t), inOneSession(noPause(t))} {
				target := listenScript(t, s)
				target.Named = named
				wantVerdict(t, p.Probe(t.Context(), target), probe.Open, "percent-own-domain")
			}
		}
	}
}

// Who refuses the postmaster as a stranger, alone too, is not asked everything twice.
func TestPostmasterIsAStranger(t *testing.T) {
	s := &demo.Script{Rcpt: when(always, "550 5.7.1 Relaying denied")}
	wantVerdict(t, inOneSession(noPause(t)).Probe(t.Context(), listenScript(t, s)), probe.Closed, probe.ReasonRelayDenied)
	if n := s.Seen().Connections; n > 2 {
		t.Errorf("%d connections, want at most 2", n)
	}
}

// refusesBehind is a server that takes what it takes while it has refused nobody in this mail, or in this
// connection, and refuses everybody behind.
func refusesBehind(connection bool, words string, takes func(demo.Dialogue) bool) *demo.Script {
	var mu sync.Mutex
	refused := make(map[int]int) // by connection
	return &demo.Script{
		Mail: func(d demo.Dialogue) string {
			mu.Lock()
			defer mu.Unlock()
			if !connection {
				refused[d.Connection] = 0
			}
			return ""
		},
		Rcpt: func(d demo.Dialogue) string {
			mu.Lock()
			defer mu.Unlock()
			if refused[d.Connection] == 0 && takes(d) {
				return "250 ok"
			}
			refused[d.Connection]++
			return words
		},
	}
}

func relaysRoutes(d demo.Dialogue) bool {
	return d.To == "<postmaster>" || strings.HasPrefix(d.To, "<@mx.local.test:")
}

// A new mail may not make up for a refusal: then a new connection does.
func TestRefusedBehindOthersInAConnection(t *testing.T) {
	for _, named := range []bool{true, false} {
		for _, p := range []*clocked{noPause(t), inOneSession(noPause(t))} {
			target := listenScript(t, refusesBehind(true, "550 5.7.1 Relaying denied", relaysRoutes))
			target.Named = named
			wantVerdict(t, p.Probe(t.Context(), target), probe.Open, "route-own-host")
		}
	}
}

// Whether the postmaster is taken alone is asked on a connection of its own. One that is lost says nothing.
func TestRefusedBehindOthersAndLost(t *testing.T) {
	for _, p := range []*clocked{noPause(t), inOneSession(noPause(t))} {
		target, _ := unsteady(t, refusesBehind(false, "550 5.7.1 Relaying denied", relaysRoutes), func(n int64) bool { return n == 2 })
		wantVerdict(t, p.Probe(t.Context(), target), probe.Open, "route-own-host")
	}
}

// The postmaster is asked for in a range too, whatever number of questions there is.
func TestPostmasterInARange(t *testing.T) {
	for n := 1; n <= 9; n++ {
		p := noPause(t)
		p.Vectors, _ = probe.Select("thorough", false)
		for i := range n {
			p.ToDomains = append(p.ToDomains, string(rune('a'+i))+".test")
		}
		target := listenScript(t, refusesBehind(false, "550 5.7.1 Relaying denied", relaysRoutes))
		target.Named = false
		wantVerdict(t, p.Probe(t.Context(), target), probe.Open, "route-own-host")
	}
}

// Who takes any local user, alone, knows no users, and a suspect form is no hole there: the unknown user too is
// asked for in a mail of its own.
func TestUnknownUserApart(t *testing.T) {
	for n := 1; n <= 8; n++ {
		for _, named := range []bool{true, false} {
			p := noPause(t)
			p.Vectors, _ = probe.Select("thorough", false)
			for i := range n {
				p.ToDomains = append(p.ToDomains, string(rune('a'+i))+".test")
			}
			target := listenScript(t, refusesBehind(false, "550 5.1.1 User unknown", func(d demo.Dialogue) bool {
				return d.To == "<postmaster>" || strings.HasSuffix(d.To, "@local.test>") && !strings.HasPrefix(d.To, "<@")
			}))
			target.Named = named
			wantVerdict(t, p.Probe(t.Context(), target), probe.Inconclusive, probe.ReasonSuspectFormAccepted)
		}
	}
}

// The comparison that reads unknown words puts its recipients apart too.
func TestUnknownWordsApart(t *testing.T) {
	s := refusesBehind(false, "550 5.7.1 nie dla ciebie", func(d demo.Dialogue) bool { return d.To == "<postmaster>" })
	wantVerdict(t, noPause(t).Probe(t.Context(), listenScript(t, s)), probe.Inconclusive, probe.ReasonClientBlocked)
}
