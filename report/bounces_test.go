package report

import (
	"os"
	"testing"
	"testing/fstest"

	"openrelay/probe/bounce"
)

// savedBounces reads bounces of every kind, and one that is none.
func savedBounces(t testing.TB) (all []bounce.Record) {
	t.Helper()
	dir := fstest.MapFS{"zz.eml": {Data: []byte("no mail\x1b[2J\n")}}
	for _, name := range []string{"postfix-zen", "postfix-three", "postfix-backscatter", "postfix-success", "exim-delayed", "hmailserver", "mailenable", "microsoft-365", "not-vacation", "unknown-wording"} {
		text, err := os.ReadFile("../probe/bounce/testdata/" + name + ".eml")
		if err != nil {
			t.Fatal(err)
		}
		dir[name+".eml"] = &fstest.MapFile{Data: text}
	}
	reader := &bounce.Reader{
		Lists: []bounce.List{{Zone: "zen.spamhaus.org", Name: "Spamhaus ZEN", Lookup: "https://lookup.example/", Delist: "https://delist.example/"}},
		Ours:  []string{"mail.example.org", "203.0.113.9"},
	}
	for b, err := range reader.Dir(dir) {
		all = append(all, bounce.NewRecord(b, err))
	}
	return all
}

// The golden files show every kind of message.
func TestBounceSummary(t *testing.T) {
	var sum BounceSummary
	seen := map[bounce.Kind]bool{}
	for _, r := range savedBounces(t) {
		sum.Add(r)
		seen[r.Kind] = true
	}
	if want := (BounceSummary{BlockLists: 5, Others: 6, NoBounces: 1, Unreadable: 1}); sum != want {
		t.Errorf("%+v, want %+v", sum, want)
	}
	for _, k := range []bounce.Kind{bounce.Failed, bounce.Delayed, bounce.Delivered, bounce.NotABounce} {
		if !seen[k] {
			t.Errorf("no message is %s", k)
		}
	}
}
