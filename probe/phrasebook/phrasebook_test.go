package phrasebook

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"openrelay/internal/variants"
	"openrelay/probe/dialogue"
)

func parse(t testing.TB, s string) dialogue.Reply {
	t.Helper()
	r, err := dialogue.ParseReply(s)
	if err != nil {
		t.Fatalf("ParseReply(%q): %v", s, err)
	}
	return r
}

// example is the example a row was decided by, for messages.
func example(p *Phrase) string {
	if p == nil {
		return "no row"
	}
	return p.Example
}

// TestPhrases lets every row prove itself: it is the first to match its own example, where it belongs.
func TestPhrases(t *testing.T) {
	for i := range Phrases {
		p := &Phrases[i]
		stage := Rcpt
		if len(p.Stages) > 0 {
			stage = p.Stages[0]
		}
		r := parse(t, p.Example)
		meaning, got := Lookup(stage, r)
		if got != p {
			t.Errorf("row %d: Lookup(%s, %q) was decided by %q\n\ttext: %s", i, stage, p.Example, example(got), plain(r))
		}
		if meaning != p.Meaning {
			t.Errorf("row %d: Lookup(%s, %q) = %s, want the row's %s", i, stage, p.Example, meaning, p.Meaning)
		}
	}
}

func TestMeanings(t *testing.T) {
	var listed []Meaning
	for _, s := range Meanings {
		if slices.Contains(listed, s.Meaning) || !strings.HasSuffix(s.About, ".") {
			t.Errorf("Meanings has %s twice or without a sentence: %q", s.Meaning, s.About)
		}
		listed = append(listed, s.Meaning)
	}
	for _, p := range Phrases {
		if !slices.Contains(listed, p.Meaning) {
			t.Errorf("a row means %s, which Meanings does not explain: %q", p.Meaning, p.Example)
		}
	}
	for _, m := range enhanced {
		if !slices.Contains(listed, m) {
			t.Errorf("an enhanced code means %s, which Meanings does not explain", m)
		}
	}
}

// written is a reply of testdata.
type written struct {
	id, said string
	stage    Stage
	reply    dialogue.Reply
	want     Meaning
}

// corpus reads the replies of testdata, each file written down without looking at the patterns.
func corpus(t testing.TB) (all []written) {
	files, err := filepath.Glob("testdata/replies*.jsonl")
	if err != nil || len(files) == 0 {
		t.Fatalf("no replies: %v", err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for line := range bytes.Lines(text) {
			var s struct{ ID, Stage, Reply, Class string }
			if err := json.Unmarshal(line, &s); err != nil {
				t.Fatalf("%s: %s: %v", name, line, err)
			}
			all = append(all, written{s.ID, s.Reply, Stage(s.Stage), parse(t, s.Reply), Meaning(s.Class)})
		}
	}
	return all
}

func TestReplies(t *testing.T) {
	var memo Memo
	for _, w := range corpus(t) {
		got, p := Lookup(w.stage, w.reply)
		if got != w.want {
			t.Errorf("%s: Lookup(%s, %q) = %s by %q, want %s\n\ttext: %s", w.id, w.stage, w.said, got, example(p), w.want, plain(w.reply))
		}
		for range 2 {
			if again := memo.Lookup(w.stage, w.reply); again != got {
				t.Errorf("%s: a memo says %s, want %s", w.id, again, got)
			}
		}
	}
}

// TestEchoes checks that our own names, which servers repeat to us, answer nothing.
func TestEchoes(t *testing.T) {
	tests := []struct {
		stage Stage
		reply string
		want  Meaning
	}{
		{Rcpt, "550 <relay-denied@example.com> rejected", RefusedOther},
		{Rcpt, "550 5.7.1 relaying.not.allowed@relay.example.com: rejected", RefusedOther},
		{Rcpt, `550 5.7.1 <"relaying denied"@example.com>: rejected`, RefusedOther},
		{Rcpt, `550 5.7.1 "relay access denied"@example.com rejected`, RefusedOther},
		{Rcpt, "550 5.7.1 <@relay.not.permitted.example:r@example.com>: rejected", RefusedOther},
		{Rcpt, "550 5.7.1 relay.example!denied rejected", RefusedOther},
		{Rcpt, "550 5.7.1 relay%not-permitted.example@mx.example.org rejected", RefusedOther},
		{Rcpt, "450 4.3.0 <r@example.com>: Temporary lookup failure (openrelay.example.net denied)", Temporary},
		{Rcpt, "550 5.7.1 rejected, see https://relay.example.org/relaying-denied.html", RefusedOther},
		{Rcpt, "550 5.7.1 rejected, see www.example.org/open-relay-not-allowed", RefusedOther},
		{Rcpt, "550 5.7.1 rejected (relay=[192.0.2.7])", RefusedOther},
		{Rcpt, "550 5.7.1 rejected, relay=mail.example.net [192.0.2.7], denied", RefusedOther},
		{Rcpt, "450 4.7.1 <openrelay>: Helo command rejected: Host not found", HeloRejected},
		{Rcpt, "554 5.7.1 <openrelay[192.0.2.7]>: Client host rejected: Access denied", ClientBlocked},
		{Rcpt, "554 5.7.1 <relay.example.net[192.0.2.7]>: Client host rejected: Access denied", ClientBlocked},
		{Rcpt, "550 5.1.1 <relay-denied@example.org>: Recipient address rejected: User unknown in relay recipient table", RecipientUnknown},
		{Rcpt, "550 5.1.1 <spam@example.org>: Recipient address rejected: User unknown", RecipientUnknown},
		{Rcpt, "450 4.2.0 <greylist@example.org> try again later", Temporary},
		{Rcpt, "550 5.7.1 mail relay relay1.example.org refuses this recipient", RefusedOther},
		{Rcpt, "451 Relay Server Not Ready.", Temporary},
		{Rcpt, "451 4.4.1 can not connect to relay host relay.example.org[192.0.2.9]", Temporary},
		{Banner, "554 relay.example.org ESMTP, this is the mail relay of Example, not accepting connections", RefusedOther},
		{Rcpt, "550 5.7.1 Relaying denied.Please log in", RelayDenied},
		{Rcpt, "550 5.7.1 Relaying denied.No exceptions", RelayDenied},
		{Rcpt, "454 4.7.1 <r@relay.example.com>: Relay access denied", RelayDenied},
	}
	for _, tt := range tests {
		r := parse(t, tt.reply)
		if got, p := Lookup(tt.stage, r); got != tt.want {
			t.Errorf("Lookup(%s, %q) = %s by %q, want %s\n\ttext: %s", tt.stage, tt.reply, got, example(p), tt.want, plain(r))
		}
	}
}

// TestFolds checks that it does not matter how a server folds its text or repeats its codes.
func TestFolds(t *testing.T) {
	for _, s := range []string{
		"550 5.7.1 Unable to relay for r@example.com",
		"550-5.7.1 Unable to\n550 5.7.1 relay for r@example.com",
		"550-5.7.1 Unable\n550-5.7.1  to\t\n550 5.7.1 relay",
		"550 550 5.7.1 UNABLE TO RELAY",
		"550 #5.7.1 can’t relay",
	} {
		if got, _ := Lookup(Rcpt, parse(t, s)); got != RelayDenied {
			t.Errorf("Lookup(%q) = %s, want %s; text is %q", s, got, RelayDenied, plain(parse(t, s)))
		}
	}
}

// TestCodes checks what the code decides when the words say nothing.
func TestCodes(t *testing.T) {
	tests := []struct {
		stage Stage
		reply dialogue.Reply
		want  Meaning
	}{
		{Rcpt, dialogue.Reply{}, Temporary},
		{Rcpt, dialogue.Reply{Code: 550}, RefusedOther},
		{Rcpt, dialogue.Reply{Code: 450}, Temporary},
		{Mail, dialogue.Reply{Code: 250, Lines: []string{"relaying denied"}}, Accepted},
		{Rcpt, dialogue.Reply{Code: 550, Lines: []string{"5.1.1 zzz"}}, RecipientUnknown},
		{Mail, dialogue.Reply{Code: 550, Lines: []string{"5.1.1 zzz"}}, SenderRejected},
		{Rcpt, dialogue.Reply{Code: 550, Lines: []string{"zzz (#5.1.1)"}}, RecipientUnknown},
		{Rcpt, dialogue.Reply{Code: 550, Lines: []string{"5.7.1 zzz"}}, RefusedOther},
		{Rcpt, dialogue.Reply{Code: 556, Lines: []string{"5.1.10 zzz"}}, RecipientDomainRejected},
	}
	for _, tt := range tests {
		if got, p := Lookup(tt.stage, tt.reply); got != tt.want || p != nil {
			t.Errorf("Lookup(%s, %q) = %s by %q, want %s by the code", tt.stage, tt.reply, got, example(p), tt.want)
		}
	}
}

// FuzzLookup states what holds for any reply: the same answer twice; what is positive was accepted; the
// case of letters and the way an address is written in front do not matter, nor what the address says.
func FuzzLookup(f *testing.F) {
	var seeds [][]string
	for _, p := range Phrases {
		code, text, _ := strings.Cut(strings.ReplaceAll(p.Example, "\n", " "), " ")
		seeds = append(seeds, []string{code[:1] + "50", text})
	}
	n := 500
	if testing.Short() {
		n = 50
	}
	for row := range variants.Rows(n, seeds...) {
		code, _ := strconv.Atoi(row[0])
		f.Add(code, row[1])
	}
	stages := []Stage{Banner, Helo, Mail, Rcpt, DataCmd, Unknown}
	f.Fuzz(func(t *testing.T, code int, text string) {
		if len(text) > 900 { // beyond it, a longer address in front pushes words past what Lookup reads
			return
		}
		stage := stages[len(text)%len(stages)]
		r := dialogue.Reply{Code: code, Lines: []string{text}}
		want, p := Lookup(stage, r)
		if again, q := Lookup(stage, r); again != want || q != p {
			t.Fatalf("Lookup(%s, %q) = %s, then %s", stage, r, want, again)
		}
		if r.Positive() && want != Accepted {
			t.Fatalf("Lookup(%s, %q) = %s, want %s", stage, r, want, Accepted)
		}
		upper := dialogue.Reply{Code: code, Lines: []string{asciiUpper(text)}}
		if got, _ := Lookup(stage, upper); got != want {
			t.Fatalf("Lookup(%s, %q) = %s, in capitals %s", stage, r, want, got)
		}
		first := Meaning("")
		for _, front := range []string{"<r@example.com>: ", "r@example.com: ", "<relay-denied@relay.example.net>: "} {
			got, _ := Lookup(stage, dialogue.Reply{Code: code, Lines: []string{front + text}})
			if first == "" {
				first = got
			}
			if got != first {
				t.Fatalf("Lookup(%s, %d %q) = %s, but %s after another address", stage, code, front+text, got, first)
			}
		}
	})
}

func asciiUpper(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'a' <= c && c <= 'z' {
			b[i] = c - 'a' + 'A'
		}
	}
	return string(b)
}
