package prober_test

import (
	"encoding/json"
	"math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"openrelay/probe"
	"openrelay/probe/pasted"
	"openrelay/probe/prober"
)

// A dialogue file is judged as the server was that said it.
func TestJudgeDialogues(t *testing.T) {
	files, err := filepath.Glob("testdata/dialogue/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no dialogues: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			sessions, err := pasted.Read(string(text))
			if err != nil {
				t.Fatal(err)
			}
			for i := range sessions {
				sessions[i].Addr = netip.MustParseAddrPort("127.0.0.1:25")
			}
			d := readDialogue(t, file)
			p := d.prober(t).Prober
			p.Vectors = probe.Vectors
			res := p.Judge(sessions).Result
			for key, got := range map[string]string{"verdict": res.Verdict.String(), "reason": string(res.Reason), "proof": res.Proof.String()} {
				if want, ok := d.headers[key]; ok && got != want {
					t.Errorf("%s %q, want %q", key, got, want)
				}
			}
			if t.Failed() {
				t.Logf("%d sessions of %d, detail %q", len(sessions), len(d.connections), res.Detail)
				for _, f := range res.Findings {
					t.Logf("%s %s: %s %s %s %s %q", f.Vector, f.Via, f.From, f.To, f.Outcome, f.Meaning, f.Reply)
				}
			}
		})
	}
}

// typed is a session in which a client gives its name, and then puts questions: a recipient and the reply, "" before a
// recipient for a mail of its own.
func typed(questions ...string) string {
	text := "220 mx.local.test ESMTP\nEHLO me.sender.test\n250 mx.local.test\nMAIL FROM:<a@sender.test>\n250 Ok\n"
	for _, q := range questions {
		if q == "" {
			text += "RSET\n250 Ok\nMAIL FROM:<a@sender.test>\n250 Ok\n"
			continue
		}
		to, reply, _ := strings.Cut(q, " ")
		text += "RCPT TO:<" + to + ">\n" + reply + "\n"
	}
	return text + "QUIT\n221 Bye\n"
}

// toData is a session with a mail for a stranger that was taken to DATA, and with its reply to the message, if it got one.
func toData(answer, toMessage string) string {
	text := strings.TrimSuffix(typed("b@receiver.test 250 Ok"), "QUIT\n221 Bye\n") + "DATA\n" + answer + "\n"
	if toMessage != "" {
		text += "Subject: test\n\ntest\n.\n" + toMessage + "\n"
	}
	return text + "QUIT\n221 Bye\n"
}

func readOut(t *testing.T, text string, local ...string) *prober.Reading {
	t.Helper()
	sessions, err := pasted.Read(text)
	if err != nil {
		t.Fatalf("%v:\n%s", err, text)
	}
	p := &prober.Prober{Vectors: probe.Vectors, LocalDomains: local}
	return p.Judge(sessions)
}

// What people ask by hand: what it comes to, and what is missing.
func TestJudge(t *testing.T) {
	const denied, ok, unknown, strange = "554 5.7.1 Relay access denied", "250 Ok", "550 5.1.1 User unknown", "550 nimis procul"
	for _, row := range []struct {
		name    string
		session string
		local   string
		verdict probe.Verdict
		reason  probe.Reason
		missing string // what is missing, or a part of it; "" for nothing
	}{
		{"refused, then the postmaster", typed("b@receiver.test "+denied, "postmaster@local.test "+ok), "", probe.Closed, "relay-denied", ""},
		{"the postmaster, then refused", typed("postmaster@local.test "+ok, "b@receiver.test "+denied), "", probe.Inconclusive, "unclear", "behind the last refusal"},
		{"the postmaster around it", typed("postmaster@local.test "+ok, "b@receiver.test "+denied, "postmaster@local.test "+ok), "", probe.Closed, "relay-denied", ""},
		{"banned meanwhile", typed("postmaster@local.test "+ok, "b@receiver.test "+denied, "postmaster@local.test "+denied), "", probe.Inconclusive, "banned-midway", "behind the last refusal"},
		{"everybody refused", typed("b@receiver.test "+denied, "postmaster@local.test "+denied), "", probe.Inconclusive, "unclear", "behind the last refusal"},
		{"only an own recipient", typed("ada@local.test " + ok), "", probe.Inconclusive, "unclear", "a recipient in a foreign domain"},
		{"an own recipient, by a domain that was given", typed("ada@other.test " + ok), "other.test", probe.Inconclusive, "unclear", "a recipient in a foreign domain"},
		{"a stranger accepted", typed("b@receiver.test " + ok), "", probe.Open, "plain", "whether receiver.test is a domain of the server's own"},
		{"a stranger accepted, by a domain that was given", typed("b@receiver.test " + ok), "local.test", probe.Open, "plain", ""},
		{"a stranger accepted among refusals", typed("b@receiver.test "+denied, "", "c@example.com "+ok, "postmaster@local.test "+denied), "local.test", probe.Open, "plain", ""},
		{"a hosted domain", typed("b@receiver.test "+denied, "ada@hosted.test "+ok), "", probe.Inconclusive, "unclear", "whether hosted.test"},
		{"user unknown beside the postmaster", typed("b@receiver.test "+unknown, "postmaster@local.test "+ok), "", probe.Closed, "recipient-unknown", ""},
		{"user unknown alone", typed("b@receiver.test " + unknown), "", probe.Inconclusive, "unclear", "behind the last refusal"},
		{"words that nobody knows", typed("b@receiver.test "+strange, "postmaster@local.test "+ok), "", probe.Inconclusive, "unclear", "two foreign domains"},
		{"compared", typed("b@receiver.test "+strange, "b@example.com "+strange, "postmaster@local.test "+ok), "", probe.Closed, "refused", ""},
		{"a suspect form", typed("b%receiver.test@local.test " + ok), "", probe.Inconclusive, "suspect-form-accepted", "an unknown user"},
		{"a suspect form behind an unknown user", typed("nobody-7@local.test "+unknown, "b%receiver.test@local.test "+ok), "", probe.Open, "percent-own-domain", ""},
		{"taken to DATA", toData("354 go ahead", "250 queued"), "local.test", probe.Open, "plain", ""},
		{"denied at DATA", toData("554 5.7.1 Relay access denied", ""), "local.test", probe.Closed, "relay-denied", ""},
		{"denied behind the message", toData("354 go ahead", "554 5.7.1 Relay access denied"), "local.test", probe.Closed, "relay-denied", ""},
		{"put off at DATA", toData("451 4.3.0 try again later", ""), "local.test", probe.Inconclusive, "temporary", "some minutes later"},
		{"accepted with a claim alone", typed("b@receiver.test "+denied, "postmaster@local.test "+ok) + strings.Replace(typed("c@example.com "+ok), "EHLO me.sender.test", "EHLO mx.local.test", 1),
			"local.test", probe.Open, "helo-own-host", ""},
		{"a route", typed("@mx.local.test:b@receiver.test " + ok), "", probe.Open, "route-own-host", ""},
	} {
		var local []string
		if row.local != "" {
			local = []string{row.local}
		}
		r := readOut(t, row.session, local...)
		if r.Result.Verdict != row.verdict || r.Result.Reason != row.reason {
			t.Errorf("%s: %v, %s (%s), want %v, %s", row.name, r.Result.Verdict, r.Result.Reason, r.Result.Detail, row.verdict, row.reason)
		}
		var missing []string
		for _, m := range r.Missing {
			missing = append(missing, m.What)
		}
		if all := strings.Join(missing, "; "); row.missing == "" && all != "" || !strings.Contains(all, row.missing) {
			t.Errorf("%s: missing %q, want %q", row.name, all, row.missing)
		}
	}
}

// What nobody looks at any more keeps a server from closed, however it was answered, and costs nothing.
func TestJudgeBounds(t *testing.T) {
	const denied, ok, unknown = " 554 5.7.1 Relay access denied", " 250 Ok", " 550 5.1.1 User unknown"
	for _, row := range []struct{ one, end, detail string }{
		{"b@receiver.test" + denied, "postmaster@local.test" + ok, "only the first 500 questions are looked at"},
		{"b%d@receiver.test" + denied, "postmaster@local.test" + ok, ""},
		{"nobody@local.test" + unknown, "b%receiver.test@local.test" + ok, ""},
		{"b%d%%receiver.test@local.test" + ok, "", ""},
		{"b@receiver%d.test" + ok, "b@receiver.test" + denied, ""},
	} {
		var questions []string
		for n := range 1000 {
			questions = append(questions, strings.ReplaceAll(strings.ReplaceAll(row.one, "%%", "%"), "%d", strconv.Itoa(n)))
		}
		r := readOut(t, typed(append(questions, row.end)...), "local.test")
		if r.Result.Verdict == probe.Closed || !strings.Contains(r.Result.Detail, row.detail) || len(r.Rests) > 10 || len(r.Missing) > 10 {
			t.Errorf("%s: %v, %s; %d clauses, %d missing", row.one, r.Result.Verdict, r.Result.Detail, len(r.Rests), len(r.Missing))
		}
	}
}

// Law: a stranger who was accepted in an honest form, without a login, keeps a server from closed, whatever else was
// said; and closed takes a control behind the refusals, or words about relaying twice.
func TestJudgeLaws(t *testing.T) {
	lines := []string{
		"b@receiver.test 554 5.7.1 Relay access denied", "b@receiver.test 550 nimis procul", "b@receiver.test 250 Ok",
		"b@example.com 554 5.7.1 Relay access denied", "b@example.com 250 Ok", "postmaster@local.test 250 Ok", "postmaster@local.test 554 5.7.1 Relay access denied",
		"nobody-7@local.test 550 5.1.1 User unknown", "nobody-7@local.test 250 Ok", "b%receiver.test@local.test 250 Ok",
		"b@receiver.test 451 4.7.1 Greylisted", "b@receiver.test 550 5.1.1 User unknown", "", "",
	}
	rng := rand.New(rand.NewPCG(1, 2))
	seen := map[probe.Verdict]int{}
	for range 1000 {
		var text string
		accepted, local := false, false
		for range 1 + rng.IntN(2) {
			var questions []string
			for range 1 + rng.IntN(6) {
				q := lines[rng.IntN(len(lines))]
				questions = append(questions, q)
				accepted = accepted || strings.HasPrefix(q, "b@") && strings.HasSuffix(q, "250 Ok")
				local = local || strings.HasSuffix(q, "@local.test 250 Ok")
			}
			text += typed(questions...)
		}
		r := readOut(t, text, "local.test")
		seen[r.Result.Verdict]++
		relay := strings.Count(text, "Relay access denied")
		if v := r.Result.Verdict; v == probe.Closed && (accepted || !local && relay < 2) || v == probe.Open && !accepted && !strings.Contains(text, "%") {
			t.Errorf("%v, %s:\n%s", v, r.Result.Reason, text)
		}
	}
	if len(seen) < 3 {
		t.Errorf("only %v", seen)
	}
}

// FuzzJudge: whatever is pasted is judged, and what is not known is not told as a verdict.
func FuzzJudge(f *testing.F) {
	f.Add(typed("b@receiver.test 250 Ok"))
	f.Add(typed("nobody@local.test 550 no", " 250 Ok") + "RCPT TO:<nobody\n250 Ok\nRCPT TO:\n250 Ok\n")
	f.Add(typed("b@receiver.test 554 5.7.1 no", "", "postmaster@local.test 250 Ok") + typed("{rcpt}@{to} 250 Ok"))
	f.Add("S: 220 x\nC: PROXY TCP4 127.0.0.1 192.0.2.1 1 25\nS: 220 x\nC: XCLIENT ADDR=1 LOGIN=x\nS: 220 x\nC: EHLO [127.0.0.1]\nS: 250 x\nC: MAIL FROM:<>\nS: 250 x\nC: RCPT TO:<\"a@b\"@x>\nS: 250 x\nC: DATA\nS: 354 x\n")
	p := &prober.Prober{Vectors: probe.Vectors}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 1<<10 {
			return
		}
		sessions, err := pasted.Read(text)
		if err != nil {
			return
		}
		r := p.Judge(sessions)
		if r.Result.Verdict == probe.Open && !strings.Contains(text, "2") {
			t.Errorf("open, and no reply accepts anything: %q", text)
		}
		if _, err := json.Marshal(r.Result); err != nil {
			t.Error(err)
		}
	})
}
