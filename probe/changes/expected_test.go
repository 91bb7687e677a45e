package changes

import (
	"slices"
	"testing"

	"openrelay/probe"
)

// A change says whether it is one for the worse, and whether it is one to what is expected.
func TestExpected(t *testing.T) {
	const (
		closed      = "closed mx@192.0.2.1:25 -plain -null-sender"
		known       = "open mx@192.0.2.1:25 plain =as-expected:open:plain"
		other       = "open mx@192.0.2.1:25 plain null-sender =worse:open:plain"
		alsoOther   = "open mx@192.0.2.1:25 plain null-sender percent-bare =worse:open:plain,percent-bare"
		fixed       = "closed mx@192.0.2.1:25 -plain =better:open:plain"
		unknown     = "open mx@192.0.2.1:25 plain"
		silent      = "timeout mx@192.0.2.1:25 =as-expected:unreachable"
		silentHere  = "timeout~ mx@192.0.2.1:25 =as-expected:unreachable"
		answers     = "closed mx@192.0.2.1:25 -plain =worse:unreachable"
		unclear     = "inconclusive mx@192.0.2.1:25 =as-expected:inconclusive"
		unclearBad  = "inconclusive mx@192.0.2.1:25 =worse:unreachable"
		unreachable = "timeout mx@192.0.2.1:25"
	)
	for _, test := range []struct {
		name, was, now string
		want           string // the change: "!" for one that is newly worse, "=" for one to what is expected
	}{
		{"open, as it always was", closed, unknown, "!opened"},
		{"open, as expected", closed, known, "=opened"},
		{"the same, as expected", known, known, ""},
		{"a new expectation of what is known", unknown, known, ""},
		{"another vector", known, other, "!vectors-changed"},
		{"another vector, at once", closed, other, "!opened"},
		{"the same other vector", other, other, ""},
		{"one more, which is expected", other, alsoOther, "vectors-changed"},
		{"the other vector is closed", other, known + " -null-sender", "=vectors-changed"},
		{"the expectation is gone or over", known, unknown, "!vectors-changed"},
		{"the expectation was gone before", unknown, unknown, ""},
		{"closed, though open was expected", known, fixed, "closed"},
		{"closed for long", fixed, fixed, ""},
		{"open again, as is still expected", fixed, known, "=opened"},
		{"a firewall that held answers", silent, answers, "!closed"},
		{"a firewall answers, unclearly", silent, unclearBad, "!inconclusive"},
		{"a firewall is to hold, and never did", closed, answers, "!vectors-changed"},
		{"it still does not", answers, answers, ""},
		{"it holds again", answers, silent, "=unreachable"},
		{"a dead address of a range answers", silentHere, answers, "!appeared"},
		{"what answered is open now", answers, unknown + " =worse:unreachable", "!opened"},
		{"a server that nobody tested before is as expected", "", known, "appeared"},
		{"a server that nobody tested before is worse", "", answers, "!appeared"},
		{"inconclusive, as expected", closed, unclear, "=inconclusive"},
		{"unreachable, untold", known, unreachable + " =untold:open:plain", "unreachable"},
		{"gone", known, "", "vanished"},
	} {
		var was, now []probe.Result
		if test.was != "" {
			was = append(was, scanned("old", test.was))
		}
		if test.now != "" {
			now = append(now, scanned("new", test.now))
		}
		got := ""
		for _, c := range changesOf(was, now) {
			switch {
			case c.NewlyWorse():
				got += "!"
			case c.AsExpected():
				got += "="
			}
			got += string(c.Kind)
		}
		if got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

// What changes beside the verdict is told as what it is.
func TestExpectedMoved(t *testing.T) {
	all := changesOf([]probe.Result{scanned("old", "closed mx@192.0.2.1:25 -plain")},
		[]probe.Result{scanned("new", "open mx@192.0.2.9:25 plain"), scanned("new", "open 192.0.2.2:25 plain =as-expected:open:plain")})
	var got []string
	for _, c := range all {
		got = append(got, map[bool]string{true: "!"}[c.NewlyWorse()]+string(c.Kind))
	}
	if want := []string{"!opened", "appeared", "address-changed"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// Of two results of one server in one scan the worse counts.
func TestExpectedTwice(t *testing.T) {
	known, unknown := scanned("new", "open 192.0.2.1:25 plain =as-expected:open:plain"), scanned("new", "open 192.0.2.1:25 null-sender =worse:open:plain")
	for _, now := range [][]probe.Result{{known, unknown}, {unknown, known}} {
		all := changesOf([]probe.Result{scanned("old", "closed 192.0.2.1:25")}, now)
		if len(all) != 1 || !all[0].NewlyWorse() || all[0].Now.Expected.Found != probe.Worse {
			t.Errorf("%+v", all)
		}
	}
}
