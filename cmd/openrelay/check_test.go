package main

import (
	"bytes"
	"context"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"openrelay/scanner/targets"
)

// Whoever waits for many names, or for name servers that are dead, is told so.
func TestLookingUpIsSaid(t *testing.T) {
	const remark = "openrelay: looking up names: "
	for each, told := range map[time.Duration]bool{time.Millisecond: false, time.Second: true} {
		synctest.Test(t, func(t *testing.T) {
			var stderr bytes.Buffer
			var names []string
			for i := range 1000 {
				names = append(names, fmt.Sprintf("host%d.example", i))
			}
			list, err := targets.Parse(names, targets.Options{LookupNetIP: func(context.Context, string, string) ([]netip.Addr, error) {
				time.Sleep(each)
				return []netip.Addr{netip.MustParseAddr("10.0.0.1")}, nil
			}})
			if err != nil {
				t.Fatal(err)
			}
			if err := (&ui{stderr: &stderr}).check(t.Context(), list); err != nil {
				t.Fatal(err)
			}
			if strings.Count(stderr.String(), remark) != map[bool]int{true: 1}[told] {
				t.Errorf("%v a name: says %q", each, stderr.String())
			}
		})
	}
}

// So is whoever interrupts a dry run while names are looked up.
func TestInterruptedDryRun(t *testing.T) {
	list, err := targets.Parse([]string{"mail.example"}, targets.Options{Authorized: "Ada"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var stdout, stderr bytes.Buffer
	j := &job{sinks: sinks{ui: &ui{stdout: &stdout, stderr: &stderr}}}
	ended := new(scanFlags).printDryRun(ctx, j, targets.Options{}, list)
	if ended != exitStatus(statusInterrupted) || stderr.String() != "openrelay: interrupted before the first target\n" || stdout.Len() > 0 {
		t.Errorf("%v, says %q, prints %q", ended, stderr.String(), stdout.String())
	}
}
