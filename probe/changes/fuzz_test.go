package changes

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"openrelay/internal/variants"
	"openrelay/probe"
)

// FuzzDiff: nothing changes between a scan and the same scan, in whatever order its results came; and where
// nothing was open before, every server that is open now is told as newly open; where nothing was worse than expected,
// every one that is now is told as newly worse.
func FuzzDiff(f *testing.F) {
	for row := range variants.Rows(2000,
		[]string{"closed mx@192.0.2.1:25\nopen 192.0.2.2:25 plain", "open mx@192.0.2.1:25 plain -null-sender"},
		[]string{"dns mx@mx:25\ndns mx@mx:465", "closed mx@192.0.2.1:25\nopen mx@192.0.2.2:25 plain"},
		[]string{"closed? mx@192.0.2.1:465\ntimeout~ 192.0.2.1:25", "refused? mx@192.0.2.1:465\nclosed~ 192.0.2.1:25"},
		[]string{"open a@192.0.2.1:25 plain\nopen a@192.0.2.1:25 -plain null-sender", "closed b@[2001:db8::1]:25 -plain"},
		[]string{"open a@192.0.2.1:25 plain =as-expected:open:plain\nclosed 192.0.2.2:25 =worse:unreachable", "open a@192.0.2.1:25 plain null-sender =worse:open:plain\ntimeout 192.0.2.2:25 =as-expected:unreachable"},
		[]string{"closed mx/a@192.0.2.1:25\nclosed mx/b@192.0.2.1:25", "closed mx/a@192.0.2.1:25\nopen mx/b@192.0.2.1:25 plain"},
	) {
		f.Add(row[0], row[1])
	}
	f.Fuzz(func(t *testing.T, one, other string) {
		a, b := scan("a", one), scan("b", other)
		again := slices.Clone(a)
		slices.Reverse(again)
		if found := changesOf(a, again); len(found) > 0 {
			t.Errorf("%q differs from itself: %s", one, line(found[0]))
		}
		found := changesOf(a, b)
		for _, r := range b {
			if isOpen(r) && !slices.ContainsFunc(a, isOpen) && !tells(found, r, func(c *Change) bool { return c.NewlyOpen }) {
				t.Errorf("%q to %q: nobody is told that %s is open", one, other, r.Target)
			}
			if isWorse(r) && !outdone(r, b) && !slices.ContainsFunc(a, isWorse) && !tells(found, r, (*Change).NewlyWorse) {
				t.Errorf("%q to %q: nobody is told that %s is worse than expected", one, other, r.Target)
			}
		}
	})
}

func tells(found []Change, r probe.Result, what func(*Change) bool) bool {
	return slices.ContainsFunc(found, func(c Change) bool {
		return what(&c) && c.Target == r.Target && c.Name == r.Name && c.Domain == r.Domain
	})
}

// outdone reports whether another result of the same server has a worse verdict, which counts then.
func outdone(r probe.Result, all []probe.Result) bool {
	return slices.ContainsFunc(all, func(o probe.Result) bool {
		return o.Verdict > r.Verdict && o.Target == r.Target && o.Name == r.Name && o.Domain == r.Domain
	})
}

// scan reads lines as scanned does, and leaves out what no scan finds: who has no address has no verdict.
func scan(id, text string) (all []probe.Result) {
	for l := range strings.Lines(text) {
		if len(strings.Fields(l)) < 2 || len(all) == 20 {
			continue
		}
		r := scanned(id, l)
		if _, err := netip.ParseAddrPort(r.Target); err == nil || r.Verdict == probe.Unreachable && r.Name != "" {
			all = append(all, r)
		}
	}
	return all
}

func isOpen(r probe.Result) bool { return r.Verdict == probe.Open }

// isWorse: what does not answer is never worse than expected.
func isWorse(r probe.Result) bool {
	return r.Standing() == probe.Worse && r.Verdict != probe.Unreachable
}
