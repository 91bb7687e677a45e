package prober_test

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"openrelay/probe"
	"openrelay/probe/fixes"
	"openrelay/probe/pasted"
	"openrelay/probe/phrasebook"
	"openrelay/probe/prober"
)

// A server is named by its greeting, else by words that are its own, and by the user before both.
func TestRecognise(t *testing.T) {
	const foreign, local = "b@receiver.test ", "postmaster@local.test "
	for _, row := range []struct {
		name, greeting, told string
		said                 []string
		mta                  string
		by                   probe.MTABy
	}{
		{"a greeting", "ESMTP Postfix", "", []string{foreign + "550 relay not permitted"}, "Postfix", probe.ByGreeting},
		{"its words", "ESMTP", "", []string{local + "250 OK", foreign + "550 Delivery is not allowed to this address."}, "hMailServer", probe.ByReply},
		{"an acceptance", "ESMTP", "", []string{local + "250 2.1.5 Destination address valid: Recipient ok", foreign + "550 no"}, "OpenSMTPD", probe.ByReply},
		{"the words of many", "ESMTP", "", []string{foreign + "550 Relaying denied"}, "", ""},
		{"a library, and its words", "ESMTP Service Ready", "", []string{foreign + "550 5.1.1 User doesn't exist (msg ID = 4cbcd54a)"}, "maddy", probe.ByReply},
		{"a library alone", "ESMTP Service Ready", "", []string{foreign + "550 5.1.1 User doesn't exist"}, "go-smtp", probe.ByGreeting},
		{"the words of two", "ESMTP", "", []string{local + "250 recipient <postmaster@local.test> OK", foreign + "550 relay not permitted"}, "", ""},
		{"a gateway that quotes", "ESMTP", "", []string{foreign + "550 host inner.local.test said: 454 4.7.1 <b@receiver.test>: Relay access denied"}, "", ""},
		{"the user's word", "ESMTP Postfix", "Exim", []string{foreign + "513 Relaying denied."}, "Exim", probe.Told},
	} {
		t.Run(row.name, func(t *testing.T) {
			text := strings.Replace(typed(row.said...), "mx.local.test ESMTP", "mx.local.test "+row.greeting, 1)
			sessions, err := pasted.Read(text)
			if err != nil {
				t.Fatal(err)
			}
			p := &prober.Prober{Vectors: probe.Vectors, MTA: row.told}
			if s := p.Judge(sessions).Result.Server; s.MTA != row.mta || s.MTABy != row.by {
				t.Errorf("%q by %q, want %q by %q", s.MTA, s.MTABy, row.mta, row.by)
			}
		})
	}
}

// What the user says of a server that greets as another is said with its fix, but of a product that has it inside.
func TestToldOtherwise(t *testing.T) {
	for _, row := range []struct{ greeting, told, greets string }{
		{"ESMTP Postfix", "Exim", "Postfix"},
		{"ESMTP Postcow", "Postfix", "mailcow"}, // which writes Postfix's files
		{"ESMTP Postfix", "mailcow", ""},
		{"ESMTP Postfix", "Postfix", ""},
		{"ESMTP", "Exim", ""},
		{"ESMTP Service Ready", "maddy", ""},
		{"ESMTP Postfix", "", ""},
	} {
		sessions, err := pasted.Read(strings.Replace(typed("b@receiver.test 250 OK"), "mx.local.test ESMTP", "mx.local.test "+row.greeting, 1))
		if err != nil {
			t.Fatal(err)
		}
		p := &prober.Prober{Vectors: probe.Vectors, MTA: row.told}
		findings := p.Judge(sessions).Result.Findings
		if len(findings) == 0 {
			t.Fatalf("%v: nothing was accepted", row)
		}
		want := ""
		if row.greets != "" {
			want = "This is for " + row.told + ", as --mta says. The server greets as " + row.greets + ".\n"
		}
		fix := findings[0].Fix
		said, _, _ := strings.Cut(fix, "\n")
		if !strings.HasPrefix(fix, want) || want == "" && strings.Contains(said, "--mta") {
			t.Errorf("%v: the fix begins %q", row, said)
		}
	}
}

// A real server's greeting is hidden: it is known by its words in a live test too, and gets its own fix.
func TestRecogniseLive(t *testing.T) {
	text, err := os.ReadFile("testdata/dialogue/postfix-sender-domain.txt")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "hidden.txt")
	if err := os.WriteFile(file, []byte(strings.ReplaceAll(string(text), "ESMTP Postfix (Debian/GNU)", "ESMTP")), 0o600); err != nil {
		t.Fatal(err)
	}
	d := readDialogue(t, file)
	var wrong []error
	target := listen(t, func(l net.Listener) { wrong = d.play(l, nil) })
	res := d.prober(t).Probe(t.Context(), target)
	for _, err := range wrong {
		t.Error(err)
	}
	if res.Verdict != probe.Open || res.Server.MTA != "Postfix" || res.Server.MTABy != probe.ByReply {
		t.Fatalf("%s, %q by %q", res.Verdict, res.Server.MTA, res.Server.MTABy)
	}
	for _, f := range res.Findings {
		v, _ := probe.Find(f.Vector)
		if _, fix := fixes.CauseAndFix("Postfix", &v); f.Deciding && !strings.Contains(f.Fix, fix) {
			t.Errorf("%s: the fix is not Postfix's: %q", f.Vector, f.Fix)
		}
	}
}

// Whoever is known by his words has a name that fixes know too.
func TestSpeakersHaveNames(t *testing.T) {
	for _, s := range phrasebook.Sayings {
		if fixes.Server(s.MTA) != s.MTA {
			t.Errorf("%q is no server of the fixes", s.MTA)
		}
	}
}
