package pasted

import (
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"openrelay/probe/dialogue"
)

// FuzzRead: whatever the text is, what is read of it twice is the same; every session holds something; and what somebody
// is said to have said stood in the text, word for word.
func FuzzRead(f *testing.F) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		f.Fatal("no seeds", err)
	}
	for _, file := range files {
		text := readFile(f, file)
		f.Add(text)
		f.Add("> " + strings.ReplaceAll(text, "\n", "\n> "))
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 8<<10 {
			return
		}
		sessions, err := Read(text)
		again, err2 := Read(text)
		if !reflect.DeepEqual(sessions, again) || (err == nil) != (err2 == nil) {
			t.Fatalf("read twice: %v, %v and %v, %v", sessions, err, again, err2)
		}
		if (err == nil) != (len(sessions) > 0) {
			t.Fatalf("%d sessions and %v", len(sessions), err)
		}
		for _, s := range sessions {
			honest(t, text, s)
		}
	})
}

// honest checks what one session says against the text it was read from.
func honest(t *testing.T, text string, s Session) {
	t.Helper()
	if len(s.Transcript) == 0 || s.From == "" || len(s.Doubt) > maxDoubt+2 {
		t.Errorf("session %+v", s)
	}
	joined := slices.ContainsFunc(s.Doubt, func(d string) bool { return strings.Contains(d, "was taken for the end") })
	if s.FromLog || joined || strings.Contains(text, `\`) || strings.HasPrefix(text, "\xff\xfe") || strings.HasPrefix(text, "\xfe\xff") || strings.ContainsFunc(text, edits) {
		return // rebuilt, put together again, or decoded
	}
	for _, l := range s.Transcript {
		if l.From == dialogue.Note {
			continue
		}
		for _, word := range strings.Fields(l.Data) {
			if word != hidden && !strings.Contains(text, word) {
				t.Errorf("%s said no %q of %q", s.From, word, l.Data)
			}
		}
	}
}

// edits reports whether a character changes what stood before it.
func edits(r rune) bool { return isControl(r) && r != '\n' && r != '\r' }

// exchanged is a command and its reply.
type exchanged struct{ command, reply string }

// conversations makes connections of a few bytes: each begins with a greeting and ends with a good-bye.
func conversations(seed []byte) (all [][]exchanged) {
	commands := []string{"MAIL FROM:<a@example.net>", "RCPT TO:<b@example.com>", "RCPT TO:<\"b@example.com\"@example.org>", "RSET", "MAIL FROM:<>", "RCPT TO:<postmaster>", "NOOP", "VRFY root"}
	replies := []string{"250 2.1.0 Ok", "550 relay not permitted", "554-5.7.1 No\n554 5.7.1 not here", "450 later", "250 ", "503 5.5.1 MAIL first", "250-a\n250-b\n250 c"}
	talk := func() []exchanged {
		return []exchanged{{"", "220 mx.example.org ESMTP"}, {"EHLO me", "250-mx\n250 SIZE"}}
	}
	for i, b := range seed {
		if i == 0 || b == 0xff && len(all) < 4 {
			all = append(all, talk())
		}
		last := len(all) - 1
		all[last] = append(all[last], exchanged{commands[int(b)%len(commands)], replies[int(b)/len(commands)%len(replies)]})
	}
	for i := range all {
		all[i] = append(all[i], exchanged{"QUIT", "221 Bye"})
	}
	return all
}

// FuzzTorn: whatever line of a text is left out, no reply is taken for the answer to another command than it was, be the
// commands sent one by one or several at once.
func FuzzTorn(f *testing.F) {
	for i := range writers {
		f.Add([]byte{8, 1, 25, 33, 5, 6, 7, 0xff, 40, 1}, uint8(i), uint16(3*i), uint8(i%4))
	}
	f.Fuzz(func(t *testing.T, seed []byte, tool uint8, gone uint16, atOnce uint8) {
		if len(seed) > 100 || len(seed) == 0 {
			return
		}
		lines, pairs := numberedPairs(writers[int(tool)%len(writers)], conversations(seed), int(atOnce%4)+1)
		at := int(gone) % len(lines)
		paste := strings.Join(slices.Delete(slices.Clone(lines), at, at+1), "")
		sessions, _ := Read(paste)
		for _, s := range sessions {
			for _, pair := range pairsOf(s.Transcript) {
				if !pairs[pair] {
					t.Errorf("without %q, %q is read in\n%s", lines[at], pair, paste)
				}
			}
		}
	})
}

// numberedPairs writes connections, up to atOnce commands in a row, every command and reply unlike all others. Pairs has
// each command with each line of its reply.
func numberedPairs(w writer, talks [][]exchanged, atOnce int) (lines []string, pairs map[string]bool) {
	pairs = map[string]bool{}
	var held []string
	for _, talk := range talks {
		lines = append(lines, strings.SplitAfter(w.begin, "\n")...)
		for i, e := range talk {
			n := len(lines)
			if e.command != "" {
				e.command = strings.Replace(e.command, "@", fmt.Sprint(n, "@"), 1)
				lines = append(lines, fmt.Sprintf(w.client, e.command))
			}
			for line := range strings.SplitSeq(e.reply, "\n") {
				line += fmt.Sprint(" ", n)
				held = append(held, fmt.Sprintf(w.server, line))
				pairs[e.command+" | "+line] = true
			}
			if i < 2 || i%atOnce == 0 || i >= len(talk)-2 { // the greeting and EHLO end a batch, QUIT is in none
				lines, held = append(lines, held...), nil
			}
		}
	}
	return lines, pairs
}

// pairsOf returns each command of a transcript with each line of the reply behind it.
func pairsOf(lines dialogue.Transcript) (pairs []string) {
	command := ""
	for _, l := range lines {
		text := strings.TrimSuffix(l.Data, "\r\n")
		if l.From == dialogue.Client {
			command = text
		}
		if l.From == dialogue.Server && command != "" {
			pairs = append(pairs, command+" | "+text)
			if _, last, _ := isReply(text); last {
				command = "" // what comes now is no answer to it
			}
		}
	}
	return pairs
}

// writer is how a tool shows a connection.
type writer struct{ name, client, server, begin, end string }

var writers = []writer{
	{"transcript", "C: %s\n", "S: %s\n", "*: connection\n", ""},
	{"swaks", " -> %s\n", "<-  %s\n", "=== Trying mx.example.org:25...\n", "=== Connection closed with remote host.\n"},
	{"curl", "> %s\r\n", "< %s\r\n", "*   Trying 192.0.2.1:25...\n", "* Closing connection 0\n"},
	{"msmtp", "--> %s\n", "<-- %s\n", "host = mx.example.org\n", ""},
	{"smtplib", "send: '%s\\r\\n'\n", "reply: b'%s\\r\\n'\n", "connect: to ('192.0.2.1', 25) None\n", ""},
	{"telnet", "%s\n", "%s\n", "Trying 192.0.2.1...\nConnected to mx.\nEscape character is '^]'.\n", "Connection closed by foreign host.\n"},
	{"as typed", "%s\n", "%s\n", "", ""},
	{"Postfix debug log", "Nov 30 02:11:20 mx postfix/smtpd[50]: < unknown[192.0.2.9]: %s\n", "Nov 30 02:11:20 mx postfix/smtpd[50]: > unknown[192.0.2.9]: %s\n", "", ""},
	{"Exim debug log", " 4724 SMTP<< %s\n", " 4724 SMTP>> %s\n", "", ""},
	{"Haraka log", "[PROTOCOL] [59AF] [core] C: %s state=1\n", "[PROTOCOL] [59AF] [core] S: %s\n", "", ""},
	{"PHPMailer", "CLIENT -> SERVER: %s\n", "SERVER -> CLIENT: %s\n", "", ""},
}

// write writes connections, and says what must be read of them.
func (w writer) write(talks [][]exchanged) (paste string, want []dialogue.Transcript) {
	var text strings.Builder
	for _, talk := range talks {
		var lines dialogue.Transcript
		text.WriteString(w.begin)
		for _, e := range talk {
			if e.command != "" {
				fmt.Fprintf(&text, w.client, strings.ReplaceAll(e.command, `'`, `\'`))
				lines = append(lines, dialogue.Line{From: dialogue.Client, Data: e.command + "\r\n"})
			}
			for line := range strings.SplitSeq(e.reply, "\n") {
				fmt.Fprintf(&text, w.server, line)
				lines = append(lines, dialogue.Line{From: dialogue.Server, Data: line + "\r\n"})
			}
		}
		text.WriteString(w.end)
		want = append(want, lines)
	}
	return text.String(), want
}

// FuzzWritten: a connection is read as it was, in whatever way a tool shows it, and so it is out of a quotation.
func FuzzWritten(f *testing.F) {
	f.Add([]byte{0, 9, 17, 0xff, 1, 2, 3, 4}, uint8(0), true)
	for i := range writers {
		f.Add([]byte{8, 1, 25, 33, 5, 6, 7, 0xff, 40, 1}, uint8(i), i%2 == 0)
	}
	f.Fuzz(func(t *testing.T, seed []byte, tool uint8, quote bool) {
		w := writers[int(tool)%len(writers)]
		if len(seed) > 100 || len(seed) == 0 {
			return
		}
		paste, want := w.write(conversations(seed))
		if quote {
			paste = "Ada wrote:\n> " + strings.ReplaceAll(strings.TrimSuffix(paste, "\n"), "\n", "\n> ") + "\n\nSo?\n"
		}
		sessions, err := Read(paste)
		if err != nil || len(sessions) != len(want) {
			t.Fatalf("%d connections are read as %d, %v:\n%s", len(want), len(sessions), err, paste)
		}
		for i, s := range sessions {
			if strings.Join(strings.Fields(s.Transcript.String()), " ") != strings.Join(strings.Fields(want[i].String()), " ") || len(s.Doubt) > 0 || s.From != w.name {
				t.Errorf("by %s, doubt %q:\n%s\nwant:\n%s\nof:\n%s", s.From, s.Doubt, s.Transcript, want[i], paste)
			}
		}
	})
}
