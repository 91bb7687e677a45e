package pasted

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"openrelay/probe/dialogue"
)

var update = flag.Bool("update", false, "write what is read into the .want files, to be read before it is believed")

// TestExamples reads one text of each kind and compares with the file beside it.
func TestExamples(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) < len(formats) {
		t.Fatalf("%d examples, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			sessions, err := Read(readFile(t, file))
			got, wantFile := describe(sessions, err), strings.TrimSuffix(file, ".txt")+".want"
			if *update {
				if err := os.WriteFile(wantFile, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if want := readFile(t, wantFile); got != want {
				t.Errorf("got:\n%s\nwant:\n%s", got, want)
			}
		})
	}
}

func readFile(t testing.TB, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// describe writes sessions in the form of the .want files.
func describe(sessions []Session, err error) string {
	if err != nil {
		return "error: " + err.Error() + "\n"
	}
	var b strings.Builder
	for i, s := range sessions {
		if i > 0 {
			b.WriteByte('\n')
		}
		line := func(what string, value any, known bool) {
			if known {
				fmt.Fprintf(&b, "%s: %v\n", what, value)
			}
		}
		line("from", s.From, true)
		line("log", "yes", s.FromLog)
		line("server", s.Server, s.Server != "")
		line("address", s.Addr, s.Addr.Addr().IsValid())
		line("client", s.Client, s.Client.IsValid())
		for _, doubt := range s.Doubt {
			line("doubt", doubt, true)
		}
		b.WriteString("\n" + s.Transcript.String())
	}
	return b.String()
}

// TestFormats: each row reads its own example.
func TestFormats(t *testing.T) {
	for _, f := range formats {
		t.Run(f.name, func(t *testing.T) {
			sessions, err := Read(readFile(t, filepath.Join("testdata", f.example)))
			if err != nil || len(sessions) == 0 || sessions[0].From != f.name {
				t.Errorf("%s is read as %+v, %v", f.example, sessions, err)
			}
			if f.about == "" {
				t.Error("says nothing of itself")
			}
		})
	}
}

func TestReadRefuses(t *testing.T) {
	for text, want := range map[string]error{
		"":                                   ErrNoSession,
		"Nothing of this is SMTP.\n":         ErrNoSession,
		"250 users complained.\nQuit it.\n":  ErrNoSession,
		"HELP":                               ErrNoSession,
		strings.Repeat("x", maxText+1):       ErrTooLong,
		strings.Repeat("\n", maxLines):       ErrTooLong,
		strings.Repeat("\r", maxLines) + "x": ErrTooLong,
	} {
		if sessions, err := Read(text); !errors.Is(err, want) {
			t.Errorf("%.40q is read as %v, %v", text, sessions, err)
		}
	}
}

// TestBounds: a text of nothing but beginnings, or of commands without end, is read to no more than so much.
func TestBounds(t *testing.T) {
	sessions, err := Read(strings.Repeat("220 mx\nQUIT\n221 bye\n", 2*maxSessions))
	if err != nil || len(sessions) != maxSessions || len(sessions[maxSessions-1].Doubt) != 1 || len(sessions[0].Doubt) != 0 {
		t.Errorf("%d sessions, %v", len(sessions), err)
	}
	for _, command := range []string{"DATA\n", "RCPT TO:<a@example.net>\n"} {
		sessions, err = Read(strings.Repeat(command, 10*maxBatch) + strings.Repeat("354 go\n", 10*maxBatch))
		if err != nil || len(sessions) != 1 || len(sessions[0].Transcript) != 1 {
			t.Errorf("%d sessions, %v", len(sessions), err)
		}
	}
}

// TestMarks: each mark of each row is needed for a line of an example.
func TestMarks(t *testing.T) {
	files, _ := filepath.Glob("testdata/*.txt")
	var all []line
	for _, file := range files {
		lines, err := tidy(readFile(t, file))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, lines...)
	}
	for _, f := range formats {
		for _, m := range f.marks {
			if !slices.ContainsFunc(all, func(l line) bool { return m.line.MatchString(l.text) }) {
				t.Errorf("%s: no example has a line for %s", f.name, m.line)
			}
		}
	}
}

// lost finds where a reply cannot be the one to the command before it: that one was sent behind another.
var lost = regexp.MustCompile(`(?m)^C: .*\nC: .*\nS: `)

// TestDialogueFiles: what our own tests replay is read as it stands there, but for a server that loses a command.
func TestDialogueFiles(t *testing.T) {
	files, err := filepath.Glob("../prober/testdata/dialogue/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no dialogues: %v", err)
	}
	for _, file := range files {
		_, body, _ := strings.Cut(readFile(t, file), "\n\n")
		var want []dialogue.Transcript
		for part := range strings.SplitSeq("\n"+body, "\n*: connection\n") {
			lines, err := dialogue.ParseTranscript(part)
			if err != nil {
				t.Fatal(err)
			}
			if slices.ContainsFunc(lines, func(l dialogue.Line) bool { return l.From == dialogue.Server }) {
				want = append(want, lines)
			}
		}
		sessions, err := Read(readFile(t, file))
		if len(want) > 0 && err != nil || len(sessions) != len(want) {
			t.Errorf("%s: %d connections are read as %d, %v", file, len(want), len(sessions), err)
			continue
		}
		for i, s := range sessions {
			if text := want[i].String(); s.Transcript.String() != text && !(lost.MatchString(text) && len(s.Doubt) > 0) {
				t.Errorf("%s: connection %d is read as\n%s\nwant:\n%s", file, i+1, s.Transcript, want[i])
			}
		}
	}
}
