package prober_test

import (
	"encoding/json"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"openrelay/internal/hostile"
	"openrelay/probe"
	"openrelay/probe/prober"
	"openrelay/scanner/demo"
)

// Every server gets its verdict, and no more of us than an honest server: bounded time, a record of
// bounded size, and no message.
func TestHostile(t *testing.T) {
	for i := range hostile.Servers {
		server := &hostile.Servers[i]
		t.Run(server.Name, func(t *testing.T) {
			t.Parallel()
			p := noPause(t)
			p.Limits = prober.Limits{Greeting: time.Second, Reply: time.Second, Total: time.Minute, Retry: -1}
			wantUnharmed(t, server, p.Probe(t.Context(), listen(t, server.Serve)))
			if p.took > p.Limits.Total {
				t.Errorf("took %v of %v", p.took, p.Limits.Total)
			}
		})
	}
}

// What a server may make us allocate, in all connections together. Its own replies are at most 16 KB
// each; without bounds the floods would cost hundreds of megabytes. It is some 2 MB, and 4 to 6 under the race
// detector, where sync.Pool throws things away by chance.
const mostAllocated = 16 << 20

func TestFloodsAreBounded(t *testing.T) {
	for i := range hostile.Servers {
		server := &hostile.Servers[i]
		if !server.Floods {
			continue
		}
		t.Run(server.Name, func(t *testing.T) {
			allocated := func() uint64 {
				target := listenTCP(t, server.Serve)
				p := noPause(t).Prober
				p.Dial, p.Limits = nil, inRealTime // no flood is slow
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				res := p.Probe(t.Context(), target)
				runtime.ReadMemStats(&after)
				wantUnharmed(t, server, res)
				return after.TotalAlloc - before.TotalAlloc
			}
			allocated() // patterns are compiled when they are first needed, and certificates made
			if n := allocated(); n > mostAllocated {
				t.Errorf("%d KB were allocated, want at most %d", n>>10, mostAllocated>>10)
			} else {
				t.Logf("%d KB", n>>10)
			}
		})
	}
}

func wantUnharmed(t *testing.T, server *hostile.Server, res *probe.Result) {
	t.Helper()
	if res.Verdict != server.Verdict || server.Reasons != nil && !slices.Contains(server.Reasons, res.Reason) {
		wantVerdict(t, res, server.Verdict, append(server.Reasons, "")[0])
	}
	if server.Trait != "" && !slices.ContainsFunc(res.Traits, func(trait probe.Trait) bool { return trait.Name == server.Trait }) {
		t.Errorf("traits %v, want %s", res.Traits, server.Trait)
	}
	record, err := json.Marshal(res)
	if err != nil || len(record) > 256<<10 {
		t.Errorf("a record of %d bytes, %v", len(record), err)
	}
}

// A bad certificate is a remark, and says what is bad.
func TestBadCertificates(t *testing.T) {
	for name, want := range map[string]string{
		"expired certificate":         "expired",
		"certificate of another name": "not mx.local.test",
	} {
		i := slices.IndexFunc(hostile.Servers, func(s hostile.Server) bool { return s.Name == name })
		target := listen(t, hostile.Servers[i].Serve)
		target.Name = "mx.local.test"
		res := noPause(t).Probe(t.Context(), target)
		if c := res.Server.TLS; c == nil || !strings.Contains(c.Cert.VerifyError, want) {
			t.Errorf("%s: %+v, want %q", name, c, want)
		}
	}
}

// A mail server that is called after another protocol is a mail server, however it refuses us.
func TestNoFTP(t *testing.T) {
	for _, greeting := range []string{"220 ftp.local.test ESMTP", "220 ftp.local.test ready", "220 ESMTP ProFTPD filter"} {
		s := &demo.Script{Greeting: greeting, EHLO: when(always, "550 5.7.1 no")}
		wantVerdict(t, noPause(t).Probe(t.Context(), listenScript(t, s)), probe.Inconclusive, probe.ReasonHeloRejected)
	}
}
