package phrasebook

import (
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"openrelay/probe/dialogue"
)

// TestSayings lets every row prove itself, and holds it to be its server's own: it matches no example of another
// server's, of this table or of the phrases, and none that many servers say.
func TestSayings(t *testing.T) {
	for i, row := range Sayings {
		if got := new(Memo).Speaker(replies(t, row.Example)); got != row.MTA {
			t.Errorf("row %d: %q is said by %q, want %q", i, row.Example, got, row.MTA)
		}
		if quoted := strings.Replace(row.Example, " ", " host mx.example.org said: "+row.Example[:4], 1); new(Memo).Speaker(replies(t, quoted)) != "" {
			t.Errorf("row %d takes a server that quotes %s for it", i, row.MTA)
		}
		if said := row.Example[:3] + "-the server behind said\n" + row.Example; new(Memo).Speaker(replies(t, said)) != "" {
			t.Errorf("row %d takes a server that repeats a whole line of %s for it", i, row.MTA)
		}
		if !slices.ContainsFunc(Banners, func(g Greeting) bool { return g.MTA == row.MTA }) {
			t.Errorf("row %d: no greeting is of %s", i, row.MTA)
		}
		for _, p := range Phrases {
			if p.MTA != row.MTA && row.Pattern.MatchString(p.Example) {
				t.Errorf("row %d (%s) matches what %q says: %q", i, row.MTA, p.MTA, p.Example)
			}
		}
	}
}

func TestSpeaker(t *testing.T) {
	for _, tt := range []struct {
		want string
		said []string
	}{
		{"", nil},
		{"", []string{"250 OK", "550 no"}},
		{"", []string{"250 2.1.0 Sender OK", "250 2.1.5 Recipient OK", "550 5.7.1 Relay denied"}}, // a server of a few lines
		{"Courier", []string{"250 Ok.", "513 Relaying denied.", "513 Relaying denied."}},
		{"", []string{"454 4.7.1 <r@example.com>: Relay access denied", "550 relay not permitted"}}, // one of them is behind the other
		{"", []string{"250 recipient <u@example.org> OK", "550 relay not permitted", "250 recipient <u@example.org> OK"}},
		{"", []string{"550-Callback setup failed\n550-Response was: 454 4.7.1 <r@example.com>: Relay access denied\n550 no"}},
		{"", []string{"550 " + strings.Repeat("x", 1<<20)}},
	} {
		if got := new(Memo).Speaker(replies(t, tt.said...)); got != tt.want {
			t.Errorf("%.80q is said by %q, want %q", tt.said, got, tt.want)
		}
	}
}

func replies(t *testing.T, said ...string) iter.Seq[dialogue.Reply] {
	t.Helper()
	var all []dialogue.Reply
	for _, s := range said {
		r, err := dialogue.ParseReply(s)
		if err != nil {
			t.Fatalf("%q: %v", s, err)
		}
		all = append(all, r)
	}
	return slices.Values(all)
}

// TestSayingsOfRecordedServers hides the greetings of the dialogues that were recorded from real servers. What is
// left names that server or nobody, and names it where the server refused as it comes.
func TestSayingsOfRecordedServers(t *testing.T) {
	files, err := filepath.Glob("../prober/testdata/dialogue/*.txt")
	if err != nil || len(files) < 100 {
		t.Fatalf("%d dialogues: %v", len(files), err)
	}
	told := map[string]string{}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".txt")
		greeted, said := recorded(t, file)
		told[name] = new(Memo).Speaker(replies(t, said...))
		if told[name] != "" && greeted != "" && told[name] != greeted && !IsLibrary(greeted) {
			t.Errorf("%s: greets as %s, and is told to be %s by its words", name, greeted, told[name])
		}
	}
	for name, want := range map[string]string{
		"postfix-closed": "Postfix", "postfix-open": "Postfix", "exim-closed": "Exim", "opensmtpd-closed": "OpenSMTPD", "opensmtpd-open": "OpenSMTPD",
		"courier-closed": "Courier", "haraka-closed": "Haraka", "haraka-open": "Haraka", "chasquid-closed": "chasquid", "qpsmtpd-open": "qpsmtpd", "maddy-closed": "maddy", "maddy-open": "maddy",
		"sendmail-closed": "", "aiosmtpd-closed": "",
	} {
		if got, ok := told[name]; got != want || !ok {
			t.Errorf("%s is told to be %q by its words, want %q", name, got, want)
		}
	}
}

// recorded is who greets in a dialogue, and all its replies but greetings and those to EHLO.
func recorded(t *testing.T, file string) (greeted string, said []string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var reply []string
	before := ""
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		spoken, server := strings.CutPrefix(line, "S: ")
		if !server {
			before, reply = line, nil
			continue
		}
		if reply = append(reply, spoken); len(spoken) < 4 || spoken[3] == '-' {
			continue
		}
		whole := strings.Join(reply, "\n")
		if _, err := dialogue.ParseReply(whole); err != nil { // a server that is no SMTP server
			continue
		}
		switch {
		case strings.HasPrefix(before, "*: connection") && greeted == "":
			greeted = MTA(whole, nil)
		case strings.HasPrefix(before, "C: MAIL"), strings.HasPrefix(before, "C: RCPT"), strings.HasPrefix(before, "C: DATA"):
			said = append(said, whole)
		}
		reply = nil
	}
	return greeted, said
}
