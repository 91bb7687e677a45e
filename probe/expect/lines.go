package expect

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"

	"openrelay/probe"
	"openrelay/probe/netaddr"
)

// Lines are those of a new file of expectations: what each server was found to be, a line for an address and port. The
// lines of open servers are refused until somebody writes down a reason.
type Lines struct {
	Now time.Time // when the servers were tested
	Old *Set      // what was expected of them: its lines that nothing takes the place of are kept; nil keeps none

	states map[netip.AddrPort]*state
	taken  map[string]bool // the origins of lines of Old that new ones take the place of
}

// state is what a server is to be expected to be, and the names that led there.
type state struct {
	expect probe.Expectation
	names  []string
}

// allowance is how long an open server may stay so by its new line.
const allowance = 30 * 24 * time.Hour

// Add takes in a result. Addresses of ranges where nothing answers get no line, and neither do ports that are not
// offered, for they are no news, nor what was not tried; but what is as expected keeps its expectation.
func (l *Lines) Add(r *probe.Result) {
	at, err := netip.ParseAddrPort(r.Target)
	e, said := l.expectation(r)
	if err != nil || !said {
		return
	}
	at = netip.AddrPortFrom(normalAddr(at.Addr()), at.Port())
	if l.states == nil {
		l.states, l.taken = map[netip.AddrPort]*state{}, map[string]bool{}
	}
	if r.Expected != nil {
		l.taken[r.Expected.Origin] = true
	}
	known := l.states[at]
	if known == nil {
		known = &state{expect: e}
		l.states[at] = known
	}
	known.expect = l.join(known.expect, e)
	if netaddr.Name(r.Name) && !slices.Contains(known.names, r.Name) {
		known.names = append(known.names, r.Name)
	}
}

// expectation is what would be as expected if it is found again.
func (l *Lines) expectation(r *probe.Result) (e probe.Expectation, said bool) {
	if r.Verdict == probe.Unreachable && (!r.Named || untried(r)) {
		return e, false
	}
	if r.Expected != nil && r.Expected.Found == probe.AsExpected {
		if kept, err := Parse(r.Expected.String()); err == nil { // a record that was read may hold anything
			return kept, true
		}
	}
	switch r.Verdict {
	case probe.Inconclusive:
		return probe.Expectation{Verdict: r.Verdict, Reason: r.Reason}, true
	case probe.Open:
		return l.open(r.OpenTo()), true
	}
	return probe.Expectation{Verdict: r.Verdict}, !r.MayBeAbsent()
}

func (l *Lines) open(vectors []string) probe.Expectation {
	return probe.Expectation{Verdict: probe.Open, Vectors: vectors, Until: l.Now.UTC().Add(allowance).Format(time.DateOnly), Because: todo}
}

// join is the worse of two expectations of one server, which may have been reached by two names. Of two that are
// as bad it is one that somebody gave a reason for, if that one allows all vectors.
func (l *Lines) join(a, b probe.Expectation) probe.Expectation {
	if preferred(a, b) > 0 {
		a, b = b, a
	}
	switch {
	case a.Verdict != b.Verdict, a.Verdict != probe.Open, allowsAll(a, b):
		return a
	case allowsAll(b, a):
		return b
	}
	both := slices.Concat(a.Vectors, b.Vectors)
	slices.Sort(both)
	return l.open(slices.Compact(both))
}

func preferred(a, b probe.Expectation) int {
	return cmp.Or(-cmp.Compare(a.Verdict, b.Verdict), compareBool(a.Because == todo, b.Because == todo), cmp.Compare(a.String(), b.String()))
}

func allowsAll(a, b probe.Expectation) bool {
	return !slices.ContainsFunc(b.Vectors, func(v string) bool { return !a.Allows(v) })
}

// Write writes the file, in the order of the addresses.
func (l *Lines) Write(w io.Writer) error {
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, header, l.Now.UTC().Format(time.DateOnly))
	for _, f := range Forms {
		fmt.Fprintf(b, "#     %s\n", f.Form)
	}
	fmt.Fprintln(b)
	for _, s := range slices.SortedFunc(maps.Keys(l.states), netip.AddrPort.Compare) {
		known := l.states[s]
		for _, name := range slices.Sorted(slices.Values(known.names)) {
			fmt.Fprintf(b, "# %s\n", name)
		}
		fmt.Fprintf(b, "%s %s\n", s, known.expect)
	}
	if kept := l.kept(); len(kept) > 0 {
		fmt.Fprintf(b, "\n# Kept, for they are about more than one address, or about none that has a line now:\n%s\n", strings.Join(kept, "\n"))
	}
	return b.Flush()
}

// kept are the lines of the old files that stay: without them a firewall that must hold would be one that may answer.
func (l *Lines) kept() (kept []string) {
	if l.Old == nil {
		return nil
	}
	l.Old.ready()
	for _, old := range l.Old.lines {
		if old.idle == "" && !old.Comment && (old.wide() || !l.taken[old.Origin]) {
			kept = append(kept, old.Text)
		}
	}
	return kept
}

const header = `# What servers were found to be on %s, to compare later tests with: openrelay scan --expect FILE TARGET...
# A server that is worse than its line makes the scan end with status 1. One that has no line is expected to be closed.
# Where it says TODO, write down why the server may be open and for how long; else close it, and take the line out.
# The file cannot be read while TODO is there. A line is a target and one of these:
`
