package report

import (
	"fmt"
	"strings"

	"openrelay/probe"
	"openrelay/probe/changes"
	"openrelay/probe/interception"
)

// Summary counts results. The exit status comes from here and from nowhere else, so that it is the
// same whatever report was asked for. The zero Summary is ready, and may be asked at any moment.
type Summary struct {
	Open         int
	Inconclusive int
	Closed       int
	Unreachable  int // named targets without a mail server
	NotOffered   int // ports of the default list that nothing listens on, beside one that answers
	Dead         int // targets out of ranges without a mail server: most of any range
	NoLogin      int // servers that the positive control could not show to relay for their own users

	FailOn FailOn // what ExitStatus fails on
	Part   bool   // of a scan in several parts, which may have no target

	changed    int // changes against an older scan but those to what is expected, and those for the worse
	newlyWorse int
	port25     port25
	way        interception.Watch // what may stand between here and the targets
	alive      bool               // something answered a connection attempt, be it with a refusal
	hosts      map[string]*host   // by address; named ones only, so it stays small in a large scan
	expected   map[comparison]int // results of which something is expected
}

// comparison is what such results have in common: where they are counted, and how they compare.
type comparison struct {
	verdict probe.Verdict
	dead    bool
	found   probe.Standing
}

// host is what is known of the ports of one address.
type host struct {
	answers bool // one of its ports has a mail server
	absent  int  // ports that may turn out not to be offered
	login   bool // on one of its ports the positive control went well
	skipped int  // ports on which nobody can log in
}

// Add counts one result. A port that may not be offered counts as unreachable until another port of
// its address answers.
func (s *Summary) Add(r probe.Result) {
	if r.Named {
		s.addHost(r)
	}
	s.port25.add(r)
	s.way.Add(&r)
	s.alive = s.alive || r.Verdict != probe.Unreachable || r.Stage != probe.StageConnect || r.Reason == probe.ReasonRefused || r.Reason == probe.ReasonReset
	if r.Expected != nil {
		if s.expected == nil {
			s.expected = map[comparison]int{}
		}
		s.expected[comparison{r.Verdict, nobodyThere(r), r.Expected.Found}]++
	}
	switch r.Verdict {
	case probe.Open:
		s.Open++
	case probe.Inconclusive:
		s.Inconclusive++
	case probe.Closed:
		s.Closed++
	case probe.Unreachable:
		s.addUnreachable(r)
	}
}

func (s *Summary) addUnreachable(r probe.Result) {
	switch {
	case nobodyThere(r):
		s.Dead++
	case r.MayBeAbsent() && s.answers(r):
		s.NotOffered++
	default:
		s.Unreachable++
	}
}

func (s *Summary) addHost(r probe.Result) {
	if s.hosts == nil {
		s.hosts = map[string]*host{}
	}
	h := s.hosts[address(r)]
	if h == nil {
		h = &host{}
		s.hosts[address(r)] = h
	}
	s.addLogin(h, r.Login)
	switch {
	case r.Verdict != probe.Unreachable:
		h.answers = true
		s.Unreachable -= h.absent
		s.NotOffered += h.absent
		h.absent = 0
	case r.MayBeAbsent() && r.Standing() != probe.AsExpected && !h.answers:
		h.absent++
	}
}

// addLogin counts the ports on which the positive control failed. Where nobody can log in, as on most
// servers' port 25, that is no failure if it went well on another port.
func (s *Summary) addLogin(h *host, l *probe.Login) {
	switch {
	case l == nil:
	case l.Outcome == probe.OutcomeAccepted:
		h.login = true
		s.NoLogin -= h.skipped
		h.skipped = 0
	case l.Outcome != probe.OutcomeSkipped:
		s.NoLogin++
	case !h.login:
		h.skipped++
		s.NoLogin++
	}
}

// answers reports whether a port of the result's address is known to have a mail server, so that this one is just not
// offered. One that is expected to be unreachable is that, whatever its neighbours do.
func (s *Summary) answers(r probe.Result) bool {
	h := s.hosts[address(r)]
	return h != nil && h.answers && r.Standing() != probe.AsExpected
}

// address returns the result's target without its port: "192.0.2.1", "[2001:db8::1]".
func address(r probe.Result) string {
	return strings.TrimSuffix(r.Target, ":"+port(r))
}

// port returns the port of the result's target.
func port(r probe.Result) string {
	if i := strings.LastIndexByte(r.Target, ':'); i >= 0 {
		return r.Target[i+1:]
	}
	return ""
}

// The exit statuses a summary can have. The command line adds its own for usage errors and
// interruptions.
const (
	exitClosed  = 0
	exitOpen    = 1
	exitUnknown = 3
)

// Compare counts the changes since an older scan.
func (s *Summary) Compare(all []changes.Change) {
	s.changed, s.newlyWorse = 0, 0
	for i := range all {
		if !all[i].AsExpected() {
			s.changed++
		}
		if all[i].NewlyWorse() {
			s.newlyWorse++
		}
	}
}

// of counts the results with a verdict that compare so with what is expected of them.
func (s *Summary) of(v probe.Verdict, found probe.Standing) int {
	return s.expected[comparison{v, false, found}]
}

// worse counts what is worse than expected: what is open, where nobody said anything else, and what answers at all where
// nothing is expected to.
func (s *Summary) worse() int {
	return s.Open - s.of(probe.Open, probe.AsExpected) + s.of(probe.Inconclusive, probe.Worse) + s.of(probe.Closed, probe.Worse)
}

// unclear counts what is inconclusive, and not expected to be: nobody knows whether it is open, be it worse already.
func (s *Summary) unclear() int { return s.Inconclusive - s.of(probe.Inconclusive, probe.AsExpected) }

// unheard counts what is unreachable, and not expected to be.
func (s *Summary) unheard() int { return s.Unreachable - s.of(probe.Unreachable, probe.AsExpected) }

// Port25Blocked reports whether it looks as if nothing can be reached on port 25 from here, whoever is
// asked: the named targets do not answer there at all, and where they were asked on other ports, some do.
func (s *Summary) Port25Blocked() bool { return s.port25.blocked() }

// Mark gives a result that was added the traits that only many results show, as far as they are known by now.
func (s *Summary) Mark(r *probe.Result) { s.way.Mark(r) }

// Intercepted says what shows that a machine on the way answers port 25 for everybody, so that no verdict on it is
// about the target; "" where nothing does. It is never part of the exit status.
func (s *Summary) Intercepted() string {
	shown := s.way.Found()
	if shown == "" {
		return ""
	}
	return "port 25 seems to be answered by a machine on the way, not by the targets: " + shown + "; test from another network"
}

// Silent reports whether no address of a range answered a connection attempt, nor anything else, not even
// with a refusal: it may be the network here that keeps them apart. What is expected to be silent is no sign of it.
func (s *Summary) Silent() bool {
	return s.Dead > s.expected[comparison{probe.Unreachable, true, probe.AsExpected}] && !s.alive
}

// Fails reports whether there is anything of what FailOn names.
func (s *Summary) Fails() bool {
	switch s.FailOn {
	case FailOnNever:
		return false
	case FailOnNewOpen:
		return s.newlyWorse > 0
	case FailOnAnyChange:
		return s.changed > 0
	case FailOnInconclusive:
		return s.worse()+s.unclear() > 0
	}
	return s.worse() > 0
}

// ExitStatus returns 1 where anything is worse than expected, which is open where nobody said anything else, or what else
// FailOn names; else 3 where anything is inconclusive, a named target unreachable or not shown to relay for its own
// users, and that is not expected, unless FailOn says open or never; else 0. Addresses out of a range that have no mail
// server are no failure, unless one is expected there. A scan of no targets at all returns 3, unless it is one part of
// several: it has shown nothing, and a gate must not open on it.
func (s *Summary) ExitStatus() int {
	switch {
	case s.Fails():
		return exitOpen
	case s.FailOn == FailOnNever:
		return exitClosed
	case s.None() && !s.Part:
		return exitUnknown
	case s.FailOn != FailOnOpen && (s.unclear() > 0 || s.unheard() > 0 || s.NoLogin > 0):
		return exitUnknown
	}
	return exitClosed
}

// None reports whether there were no results at all.
func (s *Summary) None() bool {
	return s.Open+s.Inconclusive+s.Closed+s.Unreachable+s.NotOffered+s.Dead == 0
}

// String says it in one line: "2 open (1 as expected), 12 closed, 1 unreachable; no mail server at 241 targets in
// ranges". What there is none of is left out.
func (s *Summary) String() string {
	var counts []string
	for _, c := range []struct {
		n       int
		verdict probe.Verdict
	}{
		{s.Open, probe.Open}, {s.Inconclusive, probe.Inconclusive}, {s.Closed, probe.Closed}, {s.Unreachable, probe.Unreachable},
	} {
		if c.n > 0 {
			counts = append(counts, fmt.Sprintf("%d %s", c.n, c.verdict)+s.compared(c.n, c.verdict, false))
		}
	}
	if s.NotOffered > 0 {
		counts = append(counts, fmt.Sprintf("%d not offered", s.NotOffered))
	}
	parts := []string{strings.Join(counts, ", ")}
	switch {
	case s.None():
		return "nothing was tested"
	case s.Dead > 0 && len(counts) == 0:
		parts = nil
	}
	if s.Dead > 0 {
		parts = append(parts, fmt.Sprintf("no mail server at %s in ranges", count(s.Dead, "target"))+s.compared(s.Dead, probe.Unreachable, true))
	}
	if s.NoLogin > 0 {
		parts = append(parts, fmt.Sprintf("not shown to relay for their own users: %d", s.NoLogin))
	}
	return strings.Join(parts, "; ")
}

// compared says how many of n results compare in which way with what is expected of them: " (1 worse than expected)",
// without the number where all do. That closed is what is expected goes without saying.
func (s *Summary) compared(n int, v probe.Verdict, dead bool) string {
	var notes []string
	for _, found := range []probe.Standing{probe.Worse, probe.Better, probe.AsExpected} {
		switch m := s.expected[comparison{v, dead, found}]; {
		case m == 0, v == probe.Closed && found == probe.AsExpected:
		case m == n:
			notes = append(notes, standingWords(found))
		default:
			notes = append(notes, fmt.Sprintf("%d %s", m, standingWords(found)))
		}
	}
	return remark(strings.Join(notes, ", "))
}

// count writes a number and its noun: "1 vector", "2 vectors".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
