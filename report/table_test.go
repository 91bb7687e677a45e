package report

import (
	"bytes"
	"fmt"
	"io"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"openrelay/probe"
	"openrelay/probe/dialogue"
	"openrelay/probe/phrasebook"
)

func TestTableOptions(t *testing.T) {
	results, table := saved(t), format(t, "table")
	for name, o := range map[string]Options{
		"results.table-50.golden":     {Width: 50},
		"results.table-80.golden":     {Width: 80},
		"results.table-colour.golden": {Width: 80, Colour: true},
		"results.table-quiet.golden":  {Quiet: true},
	} {
		checkGolden(t, name, render(t, table, o, results))
	}
	wide := render(t, table, Options{Width: 80}, results)
	coloured := render(t, table, Options{Width: 80, Colour: true}, results)
	for _, c := range []colour{boldRed, yellow, green, dim, boldPlain} {
		coloured = strings.ReplaceAll(coloured, "\x1b["+string(c)+"m", "")
	}
	if coloured = strings.ReplaceAll(coloured, "\x1b[0m", ""); coloured != wide {
		t.Error("colour changes more than colour")
	}
}

// Prose fits the terminal; a word that does not is whole all the same, and so is a line to be pasted.
func TestTableWidth(t *testing.T) {
	for _, columns := range []int{24, 50, 80, 132} {
		for line := range strings.Lines(render(t, format(t, "table"), Options{Width: columns}, saved(t))) {
			line = strings.TrimSuffix(line, "\n")
			text := strings.TrimPrefix(strings.TrimSpace(line), "> ")
			evidence := len(text) > 1 && text[1] == ':' && strings.ContainsRune("CS*", rune(text[0]))
			header := !strings.HasPrefix(line, " ")
			code := strings.HasPrefix(line, strings.Repeat(" ", margin+labelWidth+2))
			if evidence || header || code || !strings.Contains(text, " ") || columns < margin+labelWidth+minProse {
				continue
			}
			if width(line) > columns {
				t.Errorf("%d columns: %q", columns, line)
			}
		}
	}
}

// Nothing a server said reaches the terminal, or the log of a CI job, as anything but text.
func TestTableIsHarmless(t *testing.T) {
	for _, columns := range []int{0, 20, 50, 80} {
		out := render(t, format(t, "table"), Options{Width: columns}, saved(t))
		for line := range strings.Lines(out) {
			text := strings.TrimSuffix(line, "\n")
			if Printable(text) != text || !utf8.ValidString(text) {
				t.Errorf("%d columns: %q", columns, line)
			}
			if strings.HasPrefix(strings.TrimSpace(text), "::") {
				t.Errorf("%d columns: a workflow command: %q", columns, line)
			}
		}
	}
}

func TestWrap(t *testing.T) {
	for _, test := range []struct {
		text            string
		columns, indent int
		want            string
	}{
		{"", 80, 0, ""},
		{"one two three", 0, 70, "one two three"},
		{"one two three four five six", 24, 4, "one two three four|five six"},
		{"one\n\ttwo   three", 80, 4, "one two three"},
		{"a verylongwordthatdoesnotfitanywhere b", 20, 0, "a|verylongwordthatdoesnotfitanywhere|b"},
		{"narrow columns are as good as twenty", 1, 0, "narrow columns are|as good as twenty"},
		{"::error::x and then and ::error::y", 20, 0, `\x3a:error::x and|then and ::error::y`},
		{"twenty characters ok ::error::y", 20, 0, `twenty characters ok|\x3a:error::y`},
		{"日本 日本", 20, 0, "日本 日本"},
	} {
		if got := strings.Join(wrap(test.text, test.columns, test.indent), "|"); got != test.want {
			t.Errorf("wrap(%q, %d, %d) = %q, want %q", test.text, test.columns, test.indent, got, test.want)
		}
	}
}

func TestSteps(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"", ""},
		{"One two three four five six.", "    fix       One two three four|              five six."},
		{"Set:\n  a = b   c, a long line that is whole\n    d\nThen:\n  e", "    fix       Set:|" +
			"                a = b   c, a long line that is whole|                  d|              Then:|                e"},
		{"  a\n\n  \nb", "    fix         a|              b"},
		{"x\n  ::error::y\n    ::z\n  \x1b[2J", `    fix       x|                \x3a:error::y|                  \x3a:z|                \x1b[2J`},
	} {
		p := page{Options: Options{Width: 34}}
		p.steps("fix", test.text)
		if got := strings.ReplaceAll(strings.TrimSuffix(p.b.String(), "\n"), "\n", "|"); got != test.want {
			t.Errorf("%q:\ngot  %q\nwant %q", test.text, got, test.want)
		}
	}
}

func transcript(t *testing.T, text string) dialogue.Transcript {
	t.Helper()
	parsed, err := dialogue.ParseTranscript(text)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

func TestDecidingLines(t *testing.T) {
	const dialogue = "S: 220 hi\nC: MAIL FROM:<a@x>\nS: 250 Ok\nC: RCPT TO:<b@y>\nS: 250 Ok\nC: RCPT TO:<c@y>\nS: 550-no\nS: 550 relaying\nC: RSET\nS: 250 Ok\n"
	for _, test := range []struct {
		name, reply, to string
		stage           probe.Stage
		from, upto      int
	}{
		{"the right of three that are alike", "250 Ok", "<b@y>", phrasebook.Rcpt, 4, 5},
		{"the sender's", "250 Ok", "<b@y>", phrasebook.Mail, 2, 3},
		{"two lines", "550-no\n550 relaying", "<c@y>", phrasebook.Rcpt, 6, 8},
		{"no stage: the last", "250 Ok", "<b@y>", "", 9, 10},
		{"the banner", "220 hi", "", phrasebook.Banner, 0, 1},
		{"no reply: the last line", "", "<b@y>", phrasebook.Rcpt, 9, 10},
		{"not in there", "421 bye", "<b@y>", phrasebook.Rcpt, 0, 0},
	} {
		f := &probe.Finding{From: "<a@x>", To: test.to, Stage: test.stage, Reply: test.reply, Transcript: transcript(t, dialogue)}
		if from, upto := decidingLines(f); from != test.from || upto != test.upto {
			t.Errorf("%s: lines %d to %d, want %d to %d", test.name, from, upto, test.from, test.upto)
		}
	}
}

// A reply that the transcript does not have is shown beside it.
func TestReplyIsNeverLost(t *testing.T) {
	r := probe.Result{Target: "192.0.2.1:25", Reason: probe.ReasonUnclear, Findings: []probe.Finding{{
		Vector: "plain", Outcome: probe.OutcomeUnanswered, Deciding: true, Reply: "599-what\n599 now", Transcript: transcript(t, "S: 220 hi\n"),
	}}}
	out := render(t, format(t, "table"), Options{}, []probe.Result{r})
	if want := "      S: 220 hi\n    > S: 599-what\n    > S: 599 now\n"; !strings.Contains(out, want) {
		t.Errorf("got\n%s", out)
	}
}

// tableOf returns the table of results written as for TestSummary.
func tableOf(t *testing.T, results ...string) string {
	t.Helper()
	var list []probe.Result
	for _, s := range results {
		list = append(list, result(s))
	}
	return render(t, format(t, "table"), Options{}, list)
}

func TestTableHoldsBack(t *testing.T) {
	var b bytes.Buffer
	w := format(t, "table").New(&b, Options{})
	steps := []struct {
		result string
		shown  string // as soon as it is written
	}{
		{"refused? 192.0.2.1:465", ""},
		{"timeout~ 192.0.2.9:25", ""},
		{"closed? 192.0.2.1:25", "closed        192.0.2.1:25"},
		{"timeout? 192.0.2.1:587", ""},
		{"refused? 192.0.2.2:25", ""},
		{"refused 192.0.2.3:25", "unreachable   192.0.2.3:25"},
	}
	for _, step := range steps {
		b.Reset()
		if err := w.Write(result(step.result)); err != nil {
			t.Fatal(err)
		}
		if got := b.String(); !strings.HasPrefix(got, step.shown) || step.shown == "" && got != "" {
			t.Errorf("%s shows at once:\n%s", step.result, got)
		}
	}
	b.Reset()
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"unreachable   192.0.2.2:25  refused: ",
		"\nnot offered: 465, 587 at 192.0.2.1\n",
		"\n1 closed, 2 unreachable, 2 not offered; no mail server at 1 target in ranges\n",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("at the end, no %q in\n%s", want, b.String())
		}
	}
}

func TestNotOffered(t *testing.T) {
	var results []string
	for i := range 9 {
		addr := "192.0.2." + strconv.Itoa(i)
		results = append(results, "refused? "+addr+":587", "closed? "+addr+":25", "refused? "+addr+":465")
	}
	results = append(results, "closed? [2001:db8::1]:587", "refused? [2001:db8::1]:25")
	want := "\nnot offered: 465, 587 at 192.0.2.0, 192.0.2.1, 192.0.2.2 and 6 more\nnot offered: 25 at [2001:db8::1]\n"
	if out := tableOf(t, results...); !strings.Contains(out, want) {
		t.Errorf("got\n%s", out)
	}
}

func TestTableOfNothing(t *testing.T) {
	if got := tableOf(t); got != "nothing was tested\n" {
		t.Errorf("got %q", got)
	}
	if got := tableOf(t, "timeout~ 192.0.2.1:25"); got != "no mail server at 1 target in ranges\n" {
		t.Errorf("got %q", got)
	}
}

// endless returns saved results of n addresses of a range, made as they are read.
func endless(n int) *io.PipeReader {
	const line = `{"type":"result","schema":1,"target":"10.0.%d.%d:25","verdict":%q,"reason":"refused","detail":%q}` + "\n"
	r, w := io.Pipe()
	go func() { // ends with the last line, or when the test closes r
		for i := range n {
			verdict := []string{"closed", "unreachable", "inconclusive"}[i%3]
			if _, err := fmt.Fprintf(w, line, i/250, i%250, verdict, strings.Repeat("x", 100)); err != nil {
				return
			}
		}
		w.Close()
	}()
	return r
}

// A report of a large scan costs no more memory than one of a small one.
func TestStreamingMemory(t *testing.T) {
	live := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	var writers []Writer[probe.Result]
	for _, f := range Results {
		if f.Name != "html" { // which begins with the worst: see TestHTMLMemory
			writers = append(writers, f.New(io.Discard, Options{Width: 80}))
		}
	}
	few, many := 10_000, 30_000
	if testing.Short() {
		few, many = 10_000, 20_000
	}
	var sum Summary
	var before, after uint64
	n := 0
	in := endless(many)
	defer in.Close()
	for r, err := range Read(in) {
		if err != nil {
			t.Fatal(err)
		}
		sum.Add(r)
		for _, w := range writers {
			if err := w.Write(r); err != nil {
				t.Fatal(err)
			}
		}
		switch n++; n {
		case few:
			before = live()
		case many:
			after = live()
		}
	}
	if n != many || sum.Closed+sum.Inconclusive+sum.Dead != many {
		t.Fatalf("%d results: %s", n, &sum)
	}
	if after > before+256<<10 {
		t.Errorf("%d KiB are alive after %d results, %d KiB after %d", before>>10, few, after>>10, many)
	}
	runtime.KeepAlive(writers)
}

// Of a dialogue that ended before any vector, the line that says why is marked, not our goodbye.
func TestLastWord(t *testing.T) {
	for text, want := range map[string]int{
		"S: 554 5.7.1 go away\nC: QUIT\nS: 221 bye\n":                                   0,
		"S: 554 5.7.1 go away\nC: QUIT\n":                                               0,
		"S: 220 mx\nC: EHLO a\nS: 550 no\nC: HELO a\nS: 550 no\nC: QUIT\n*: no reply\n": 4,
		"S: 220 mx\nC: EHLO a\n*: connection closed by the server\n":                    2,
		"*: no reply in time\n":                                                         0,
		"C: QUIT\nS: 221 bye\n":                                                         1,
	} {
		dialogue, err := dialogue.ParseTranscript(text)
		if err != nil {
			t.Fatal(err)
		}
		if from, to := lastWord(dialogue); from != want || to != want+1 {
			t.Errorf("%q: line %d up to %d, want %d", text, from, to, want)
		}
	}
}
