package scanner

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"openrelay/probe"
	"openrelay/probe/words"
)

// answers yields targets on addresses of their own: a letter of what is what their probes say, in order.
func answers(what string) iter.Seq2[probe.Target, error] {
	return func(yield func(probe.Target, error) bool) {
		for i := range what {
			addr := netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)})
			if !yield(probe.Target{Addr: netip.AddrPortFrom(addr, 25), Domain: what[i : i+1]}, nil) {
				return
			}
		}
	}
}

// said is what the letters mean.
var said = map[string]probe.Result{
	"c": {Verdict: probe.Closed, Reason: probe.ReasonRelayDenied},
	"o": {Verdict: probe.Open, Reason: "plain"},
	"t": {Verdict: probe.Unreachable, Reason: probe.ReasonTimeout},
	"r": {Verdict: probe.Unreachable, Reason: probe.ReasonRefused},
	"n": {Verdict: probe.Unreachable, Reason: probe.ReasonNoRouteHere},
	"b": {Verdict: probe.Inconclusive, Reason: probe.ReasonBannedMidway},
	"d": {Verdict: probe.Unreachable, Reason: probe.ReasonDNS},
}

func TestOutage(t *testing.T) {
	dead := strings.Repeat("t", 200)
	for _, tc := range []struct {
		name, targets string
		answers       bool   // whether those that answered still do
		want          string // the results
		down          bool
		asked         int // connections to those that answered, at most
	}{
		{"all is well", "ccorccc", true, "ccorccc", false, 0},
		{"down in the middle", "cco" + dead, false, "cco", true, 3},
		{"no route any more", "cc" + strings.Repeat("n", 20), false, "cc", true, 3},
		{"names are not found any more", "cc" + strings.Repeat("d", 20), false, "cc", true, 3},
		{"cut off in a dialogue", "cobtttt", false, "co", true, 3},
		{"down at the very end", "ccttt", false, "cc", true, 3},
		{"the rest is dead", "cco" + dead, true, "cco" + dead, false, 200},
		{"refusals are answers", "cc" + strings.Repeat("ttttr", 20), false, "cc" + strings.Repeat("ttttr", 20), false, 0},
		{"few are silent", "cctt", false, "cctt", false, 0},
		{"none ever answered", dead, false, dead, false, 0},
		{"one answered, and has banned us", "c" + dead, false, "c" + dead, false, 100},
		{"one answered, and there is no route", "cnnn", false, "c", true, 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var asked atomic.Int64
				s := &Scanner{
					Workers: 1, // in order
					Probe: func(_ context.Context, target probe.Target) *probe.Result {
						res := said[target.Domain]
						res.Started = time.Now()
						time.Sleep(time.Millisecond)
						if res.Name = target.Domain; res.Reason == probe.ReasonTimeout {
							time.Sleep(time.Second)
						}
						return &res
					},
					Answers: func(_ context.Context, target probe.Target) bool {
						if v := said[target.Domain].Verdict; v == probe.Unreachable {
							t.Errorf("%s is asked, which never answered", target.Name)
						}
						asked.Add(1)
						return tc.answers
					},
				}
				var got strings.Builder
				err := s.Run(t.Context(), answers(tc.targets), func(res probe.Result) error { got.WriteString(res.Name); return nil })
				var down *OutageError
				if errors.As(err, &down) != tc.down || err != nil && !tc.down {
					t.Errorf("Run: %v", err)
				}
				if got.String() != tc.want {
					t.Errorf("results %s, want %s", got.String(), tc.want)
				}
				if n := asked.Load(); n > int64(tc.asked) {
					t.Errorf("asked %d times, want at most %d", n, tc.asked)
				}
			})
		})
	}
}

// A scan that is interrupted while it cannot know whose fault the silence is says nothing of the silent.
func TestOutageInterrupted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		s := &Scanner{
			Workers: 1,
			Probe: func(_ context.Context, target probe.Target) *probe.Result {
				time.Sleep(time.Second)
				res := said[target.Domain]
				return &res
			},
			Answers: func(ctx context.Context, _ probe.Target) bool {
				cancel()
				<-ctx.Done()
				return false
			},
		}
		got := ""
		err := s.Run(ctx, answers("cc"+strings.Repeat("t", 50)), func(res probe.Result) error { got += fmt.Sprintln(res.Verdict); return nil })
		if !errors.Is(err, context.Canceled) || got != "closed\nclosed\n" {
			t.Errorf("%v with\n%s", err, got)
		}
	})
}

// What is kept is bounded, however fast targets turn out dead.
func TestOutageKeepsLittle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked, done := 0, 0
		s := &Scanner{
			Workers: 1,
			Probe: func(_ context.Context, target probe.Target) *probe.Result {
				res := said[target.Domain]
				return &res
			},
			Answers: func(context.Context, probe.Target) bool { asked++; return true },
		}
		err := s.Run(t.Context(), answers("c"+strings.Repeat("t", 20_000)), func(probe.Result) error { done++; return nil })
		if err != nil || done != 20_001 || asked < 4 || asked > 6 {
			t.Errorf("%d results, asked %d times, %v", done, asked, err)
		}
	})
}

// A target that is asked again is in no dialogue, and in none begun meanwhile: another port of it waits.
func TestOutageOneDialogue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := new(gauge)
		n := 0
		s := &Scanner{
			Workers: 4, PerNetwork: 4,
			Probe: func(_ context.Context, target probe.Target) *probe.Result {
				defer g.enter(target.Addr.Addr().String())()
				res := said[target.Domain]
				res.Started = time.Now()
				time.Sleep(time.Second)
				return &res
			},
			Answers: func(_ context.Context, target probe.Target) bool {
				defer g.enter(target.Addr.Addr().String())()
				time.Sleep(3 * time.Second)
				return true
			},
		}
		targets := func(yield func(probe.Target, error) bool) {
			for _, what := range []string{"cc", strings.Repeat("t", 60), "cc"} {
				for target := range answers(what) {
					if what == "cc" {
						n++
						target.Addr = netip.AddrPortFrom(target.Addr.Addr(), uint16(n))
					}
					if !yield(target, nil) {
						return
					}
				}
			}
		}
		done := 0
		err := s.Run(t.Context(), targets, func(probe.Result) error { done++; return nil })
		if err != nil || done != 64 {
			t.Errorf("%d results, %v", done, err)
		}
		for addr, most := range g.most {
			if most > 1 {
				t.Errorf("%d dialogues with %s at once", most, addr)
			}
		}
	})
}

// Under a low rate those that answered before wait for their turn like everybody, and do not answer sooner.
func TestRateIsNoOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &Scanner{Workers: 30, Rate: 0.2}
		dial := s.Dial(func(context.Context, string, string) (net.Conn, error) { return dialed(), nil })
		s.Probe = func(ctx context.Context, target probe.Target) *probe.Result {
			res := said[target.Domain]
			res.Started = time.Now()
			for range 1 + 5*strings.Count(target.Domain, "c") {
				if conn, err := dial(ctx, "tcp", target.Addr.String()); err == nil {
					conn.Close()
				}
			}
			return &res
		}
		s.Answers = func(ctx context.Context, target probe.Target) bool {
			_, err := dial(ctx, "tcp", target.Addr.String())
			return err == nil
		}
		n := 0
		err := s.Run(t.Context(), answers("oo"+strings.Repeat("c", 14)+strings.Repeat("t", 6)), func(probe.Result) error { n++; return nil })
		if err != nil || n != 22 {
			t.Errorf("%d results of 22, %v", n, err)
		}
	})
}

// A range of dead addresses ends, though the one target that could tell whose fault their silence is
// has a long dialogue on another port.
func TestOutageBusyCanary(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &Scanner{PerNetwork: 1000, Answers: func(context.Context, probe.Target) bool { return true }}
		s.Probe = func(ctx context.Context, target probe.Target) *probe.Result {
			res := &probe.Result{Target: target.String(), Started: time.Now(), Verdict: probe.Closed, Reason: probe.ReasonRelayDenied}
			switch target.Addr.Port() {
			case 25:
				time.Sleep(time.Second)
			case 587:
				time.Sleep(5 * time.Minute)
			default:
				time.Sleep(1300 * time.Millisecond)
				res.Verdict, res.Reason, res.Stage = probe.Unreachable, probe.ReasonTimeout, probe.StageConnect
			}
			return res
		}
		targets := func(yield func(probe.Target, error) bool) {
			host := netip.MustParseAddr("10.9.9.9")
			for _, port := range []uint16{25, 587} {
				if !yield(probe.Target{Addr: netip.AddrPortFrom(host, port), Named: true}, nil) {
					return
				}
			}
			for i := range maxSilent + 1000 {
				if !yield(probe.Target{Addr: netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)}), 2525)}, nil) {
					return
				}
			}
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		n := 0
		if err := s.Run(ctx, targets, func(probe.Result) error { n++; return nil }); err != nil || n != maxSilent+1002 {
			t.Errorf("%d results, %v", n, err)
		}
	})
}

// The network goes down between the first ports of some hosts and their second ones, so that those who could
// tell are being tested themselves: none is called unreachable.
func TestOutageWhileCanariesAreBusy(t *testing.T) {
	for _, apart := range []time.Duration{0, time.Millisecond, 100 * time.Millisecond, time.Second} {
		synctest.Test(t, func(t *testing.T) {
			begin := time.Now()
			up := func() bool { return time.Since(begin) < 5*time.Second }
			s := &Scanner{Answers: func(context.Context, probe.Target) bool { time.Sleep(1300 * time.Millisecond); return up() }}
			s.Probe = func(_ context.Context, target probe.Target) *probe.Result {
				res := &probe.Result{Target: target.String(), Named: true, Started: time.Now(), Verdict: probe.Closed, Reason: probe.ReasonRelayDenied}
				if up() {
					time.Sleep(2*time.Second + time.Duration(target.Addr.Addr().As4()[3])*apart)
				}
				if !up() {
					time.Sleep(20 * time.Second)
					res.Verdict, res.Reason, res.Stage = probe.Unreachable, probe.ReasonTimeout, probe.StageConnect
				}
				return res
			}
			err := s.Run(t.Context(), func(yield func(probe.Target, error) bool) {
				for i := range 32 {
					a := netip.AddrFrom4([4]byte{10, 0, byte(i % 8), byte(i % 8)})
					if !yield(probe.Target{Addr: netip.AddrPortFrom(a, uint16(25+i/8)), Named: true}, nil) {
						return
					}
				}
			}, func(r probe.Result) error {
				if r.Verdict == probe.Unreachable {
					t.Errorf("%v apart: %s is %s (%s)", apart, r.Target, r.Verdict, r.Reason)
				}
				return nil
			})
			var down *OutageError
			if !errors.As(err, &down) {
				t.Errorf("%v apart: %v", apart, err)
			}
		})
	}
}

// A run that goes on with a scan knows from the start who answered before.
func TestOutageFromTheStart(t *testing.T) {
	for up, want := range map[bool]int{true: 200, false: 0} {
		synctest.Test(t, func(t *testing.T) {
			s := &Scanner{Answers: func(context.Context, probe.Target) bool { return up }}
			for _, a := range []string{"192.0.2.1:25", "192.0.2.2:25"} {
				s.Answered = append(s.Answered, probe.Target{Addr: netip.MustParseAddrPort(a)})
			}
			s.Probe = func(_ context.Context, target probe.Target) *probe.Result {
				started := time.Now()
				time.Sleep(time.Second)
				return &probe.Result{Started: started, Verdict: probe.Unreachable, Reason: probe.ReasonTimeout, Stage: probe.StageConnect}
			}
			n := 0
			err := s.Run(t.Context(), answers(strings.Repeat("t", 200)), func(probe.Result) error { n++; return nil })
			var down *OutageError
			if n != want || errors.As(err, &down) == up {
				t.Errorf("network up %v: %d results, %v", up, n, err)
			}
		})
	}
}

// What a dead network would bring about is silence; a refusal, or any word of a server, is not. A reason that is new
// has to be judged.
func TestSilentReasons(t *testing.T) {
	silent := map[words.Kind]string{
		words.Unreachable:  "dns timeout no-route-here no-banner",
		words.Inconclusive: "cut-off banned-midway slow",
	}
	heard := map[words.Kind]string{
		words.Unreachable: "refused closed-early reset not-smtp tls-failed",
		words.Inconclusive: "greylisted client-blocked rate-limited tls-unavailable helo-rejected sender-rejected recipient-domain-rejected " +
			"service-refused suspect-form-accepted xclient-offered answers-differ temporary unclear",
	}
	for _, v := range []probe.Verdict{probe.Unreachable, probe.Inconclusive} {
		for _, row := range words.OfReasons(v) {
			want := slices.Contains(strings.Fields(silent[row.Kind]), row.Word)
			if !want && !slices.Contains(strings.Fields(heard[row.Kind]), row.Word) {
				t.Errorf("%s %s: would a dead network bring it about?", row.Kind, row.Word)
			}
			if got := isSilent(&probe.Result{Verdict: v, Reason: probe.Reason(row.Word)}); got != want {
				t.Errorf("%s %s: silent %v, want %v", row.Kind, row.Word, got, want)
			}
		}
	}
}
