package main

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/spf13/cobra"

	"openrelay/probe"
	"openrelay/probe/prober"
	"openrelay/scanner/demo"
)

func demoCommand(u *ui) *cobra.Command {
	return &cobra.Command{
		Use:   "demo",
		Short: "Start a few mail servers on this machine and scan them",
		Long: `Start a few mail servers on 127.0.0.1, each built to get one verdict, and scan them
as "openrelay scan" would, with short limits. Needs no network and no root.
Ends with status 0 when every verdict is the one its server was built to get.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runDemo(cmd.Context(), u) },
	}
}

// demoLimits keep the silent server and the greylist from taking the minute that real ones may.
var demoLimits = prober.Limits{Connect: time.Second, Greeting: 2 * time.Second, Reply: 2 * time.Second, Total: 10 * time.Second, Retry: time.Second}

func runDemo(ctx context.Context, u *ui) error {
	f, err := demo.Start(demo.Members)
	if err != nil {
		return err
	}
	defer f.Stop()
	u.say("%d mail servers on 127.0.0.1, for this demo only:", len(f.Running))
	for _, m := range f.Running {
		u.say("  %s  %-9s %s", m.Addr, m.Name, m.About)
	}
	l := demoLimits
	u.say("limits: --connect-timeout %v --timeout %v --max-time %v --retry-for %v --local-domain local.test", l.Connect, l.Reply, l.Total, l.Retry)
	vectors, err := probe.Select("standard", false)
	if err != nil {
		return err
	}
	got := make(map[string]probe.Result)
	j := &job{sinks: sinks{ui: u}, scan: newScan("", ""), each: func(r probe.Result) { got[r.Target] = r }}
	j.prober = prober.Prober{Vectors: vectors, Helo: hostname(), LocalDomains: []string{"local.test"}, Limits: l}
	j.scanner.Workers = len(f.Running)
	var status exitStatus // what was found is judged below
	if err := j.run(ctx, demoTargets(f.Running), []destination{{format: "table", file: "-"}}); err != nil && (!errors.As(err, &status) || status == statusInterrupted) {
		return err
	}
	return u.judgeDemo(f, got)
}

// judgeDemo compares the verdicts with those the servers were built to get.
func (u *ui) judgeDemo(f *demo.Servers, got map[string]probe.Result) error {
	wrong := 0
	for _, m := range f.Running {
		r := got[m.Addr.String()]
		if r.Verdict != m.Verdict || r.Reason != m.Reason {
			u.say("error: the %s server is %v (%s), and was judged %v (%s)", m.Name, m.Verdict, m.Reason, r.Verdict, r.Reason)
			wrong++
		}
	}
	if n := f.Messages(); n > 0 {
		u.say("error: %d messages were sent, and none should have been", n)
		wrong++
	}
	if wrong > 0 {
		return exitStatus(1)
	}
	u.say("all %d verdicts are right, and no message was sent", len(f.Running))
	return nil
}

// demoTargets is the servers as a list of targets.
type demoTargets []demo.Running

func (d demoTargets) Len() (uint64, bool) { return uint64(len(d)), true }

func (d demoTargets) All(context.Context) iter.Seq2[probe.Target, error] {
	return func(yield func(probe.Target, error) bool) {
		for _, m := range d {
			if !yield(probe.Target{Addr: m.Addr, Named: true}, nil) {
				return
			}
		}
	}
}
