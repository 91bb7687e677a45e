package expect

import (
	"reflect"
	"strings"
	"testing"

	"openrelay/internal/variants"
	"openrelay/probe"
	"openrelay/probe/words"
)

func TestForms(t *testing.T) {
	seen := map[probe.Verdict]bool{}
	for _, f := range Forms {
		seen[f.Verdict] = true
		if e, err := Parse(f.Example); err != nil || e.Verdict != f.Verdict || e.String() != f.Example {
			t.Errorf("%s: %q is read as %q, %v", f.Form, f.Example, e, err)
		}
		if word, _, _ := strings.Cut(f.Form, " "); word != f.Verdict.String() || f.About == "" {
			t.Errorf("the form of %s is %q, about %q", f.Verdict, f.Form, f.About)
		}
	}
	if len(seen) != len(probe.Verdicts) {
		t.Errorf("%d verdicts can be expected", len(seen))
	}
}

func TestEveryReasonAndVectorIsRead(t *testing.T) {
	for _, row := range words.OfReasons(probe.Inconclusive) {
		want := probe.Expectation{Verdict: probe.Inconclusive, Reason: probe.Reason(row.Word)}
		if e, err := Parse("inconclusive " + row.Word); err != nil || !reflect.DeepEqual(e, want) {
			t.Errorf("%s: %+v, %v", row.Word, e, err)
		}
	}
	for _, v := range probe.Vectors {
		if e, err := Parse("open " + v.ID + " until 2026-12-31 because it is known"); err != nil || !e.Allows(v.ID) {
			t.Errorf("%s: %+v, %v", v.ID, e, err)
		}
	}
}

// What is read, and how it is written again.
var readable = []struct{ text, as string }{
	{"closed", "closed"},
	{"  Closed\t", "closed"},
	{"UNREACHABLE", "unreachable"},
	{"Inconclusive Greylisted", "inconclusive greylisted"},
	{"open plain until 2026-12-31 because CHG-1", "open plain until 2026-12-31 because CHG-1"},
	{"OPEN plain, null-sender UNTIL 2026-12-31 BECAUSE of printers", "open plain,null-sender until 2026-12-31 because of printers"},
	{"open plain ,null-sender,plain, until 2026-12-31 because  of   printers", "open plain,null-sender until 2026-12-31 because of printers"},
	{"open plain null-sender until 2026-12-31 because of printers", "open plain,null-sender until 2026-12-31 because of printers"},
	{"open plain at Inside because of printers", "open plain at Inside because of printers"},
	{"open plain at inside, dmz until 2026-12-31 because of printers", "open plain at inside,dmz until 2026-12-31 because of printers"},
	{"open plain until 2026-12-31 at inside because of printers", "open plain at inside until 2026-12-31 because of printers"},
	{"open plain until 2026-12-31 because until then at night TODO is done", "open plain until 2026-12-31 because until then at night TODO is done"},
	{"open plain until 2026-12-31 because ändern", "open plain until 2026-12-31 because ändern"},
}

func TestParse(t *testing.T) {
	for _, row := range readable {
		if e, err := Parse(row.text); err != nil || e.String() != row.as {
			t.Errorf("%q is read as %q, %v", row.text, e, err)
		}
	}
}

// What is refused, and what was meant.
var refused = []struct{ text, says, hint string }{
	{"", "it is not said what is expected", "closed"},
	{"opne plain until 2026-12-31 because CHG-1", `"opne" is not what can be expected, did you mean "open"?`, "open plain until 2026-12-31 because CHG-1"},
	{"filtered", `"filtered" is not what can be expected: closed, unreachable, inconclusive, open`, "closed"},
	{"192.0.2.1 closed", `"192.0.2.1" is not what can be expected: closed, unreachable, inconclusive, open`, "closed"},
	{"closed today", `"today" is too much: the form is closed`, "closed"},
	{"closed because of the firewall", `"because" belongs to open, and not to closed`, "closed"},
	{"unreachable UNTIL 2026-12-31", `"UNTIL" belongs to open, and not to unreachable`, "unreachable"},
	{"inconclusive", "inconclusive needs its reason", "inconclusive greylisted"},
	{"inconclusive greylsited", `"greylsited" is not a reason of inconclusive, did you mean "greylisted"?`, "inconclusive greylisted"},
	{"inconclusive slow greylisted", `"greylisted" is too much: the form is inconclusive REASON`, "inconclusive slow"},
	{"inconclusive slow until 2026-12-31", `"until" belongs to open, and not to inconclusive`, "inconclusive slow"},
	{"open", "open needs the vectors that may be accepted", "open plain until 2030-12-31 because CHG-1234"},
	{"open until 2026-12-31 because CHG-1", "open needs the vectors that may be accepted", "open plain until 2026-12-31 because CHG-1"},
	{"open plian,null-sender until 2026-12-31 because CHG-1", `"plian" is not a vector, did you mean "plain"?`, "open plain,null-sender until 2026-12-31 because CHG-1"},
	{"open plain,everything until 2026-12-31 because CHG-1", `"everything" is not a vector: openrelay vectors lists them`, "open plain until 2026-12-31 because CHG-1"},
	{"open plain unitl 2026-12-31 because CHG-1", `"unitl" is not known here, did you mean "until"?`, "open plain until 2026-12-31 because CHG-1"},
	{"open plain until 2026-12-31 becuase CHG-1", `"becuase" is not known here, did you mean "because"?`, "open plain until 2026-12-31 because CHG-1"},
	{"open plain because CHG-1", "open needs a last day before its reason: until DATE", "open plain until 2030-12-31 because CHG-1"},
	{"open plain until because CHG-1", `"" is not a day, such as 2030-12-31`, "open plain until 2030-12-31 because CHG-1"},
	{"open plain until 2026-02-30 because CHG-1", `"2026-02-30" is not a day, such as 2030-12-31`, "open plain until 2030-12-31 because CHG-1"},
	{"open plain until 31.12.2026 because CHG-1", `"31.12.2026" is not written as a day is here: 2026-12-31`, "open plain until 2026-12-31 because CHG-1"},
	{"open plain until 2026-12-31 CHG-1", `"2026-12-31 CHG-1" is not a day, such as 2030-12-31`, "open plain until 2030-12-31 because CHG-1234"},
	{"open plain until 2026-12-31", "open needs a reason: because WHY", "open plain until 2026-12-31 because CHG-1234"},
	{"open plain until 2026-12-31 because", "open needs a reason: because WHY", "open plain until 2026-12-31 because CHG-1234"},
	{"open plain until 2026-12-31 because - !", "open needs a reason: because WHY", "open plain until 2026-12-31 because CHG-1234"},
	{"open plain until 2026-12-31 because TODO", `"TODO" is no reason: write down why it may be open`, "open plain until 2026-12-31 because CHG-1234"},
	{"open plain until 2026-12-31 because (to-do!)", `"(to-do!)" is no reason: write down why it may be open`, "open plain until 2026-12-31 because CHG-1234"},
	{"open plain at until 2026-12-31 because CHG-1", "at needs the name of a vantage", "open plain until 2026-12-31 because CHG-1"},
	{"open plain at inside", "open needs a reason: because WHY", "open plain at inside because CHG-1234"},
}

func TestParseRefuses(t *testing.T) {
	for _, row := range refused {
		_, err := Parse(row.text)
		mistake, ok := err.(*Error)
		if !ok || mistake.Error() != row.says || mistake.Hint() != row.hint {
			t.Errorf("%q: %#v", row.text, err)
		}
	}
}

// FuzzParse: what is read is written so that it is read the same; and what is refused comes with a hint that is read.
func FuzzParse(f *testing.F) {
	var seeds []string
	for _, row := range readable {
		seeds = append(seeds, row.text)
	}
	for _, row := range refused {
		seeds = append(seeds, row.text)
	}
	for text := range variants.Of(5000, seeds...) {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		e, err := Parse(text)
		if err != nil {
			hint := err.(*Error).Hint()
			if e, err := Parse(hint); err != nil || e.String() != hint {
				t.Errorf("%q: the hint %q is read as %q, %v", text, hint, e, err)
			}
			return
		}
		if again, err := Parse(e.String()); err != nil || !reflect.DeepEqual(again, e) {
			t.Errorf("%q is written as %q, and read as %+v, %v", text, e, again, err)
		}
	})
}
