package bounce

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

const aBounce = `From: MAILER-DAEMON@mail.example.org
Subject: Undelivered Mail Returned to Sender

<bob@example.net>: host mx.example.net[192.0.2.1] said: 554 5.7.1 blocked
    using bl.example.com (in reply to RCPT TO command)

From here on this is text, and
From bob to you with love at 10:00 there is none.
`

const fromAda = "From MAILER-DAEMON Mon Oct  5 10:00:00 2026\n"

// read all of a source; a bounce that could not be read has its error in Why.
func all(t *testing.T, r io.Reader) []Bounce {
	t.Helper()
	var got []Bounce
	for b, err := range testReader.All(r) {
		if err != nil {
			b.Why = err.Error()
		}
		got = append(got, b)
	}
	return got
}

func TestAll(t *testing.T) {
	whole := func(bs []Bounce) (s string) {
		for _, b := range bs {
			s += fmt.Sprintf("%d %s %d %s\n", b.Message, b.Kind, len(b.Findings), b.Why)
		}
		return s
	}
	for name, tt := range map[string]struct{ in, want string }{
		"one":                  {aBounce, "1 failed 1 \n"},
		"one, CRLF":            {strings.ReplaceAll(aBounce, "\n", "\r\n"), "1 failed 1 \n"},
		"blank lines and mark": {"\xef\xbb\xbf\r\n\n" + aBounce, "1 failed 1 \n"},
		"mbox of one":          {fromAda + aBounce, "1 failed 1 \n"},
		"mbox of two":          {fromAda + aBounce + "\n" + fromAda + aBounce, "1 failed 1 \n2 failed 1 \n"},
		"mbox, CRLF":           {strings.ReplaceAll(fromAda+aBounce+"\n"+fromAda+aBounce, "\n", "\r\n"), "1 failed 1 \n2 failed 1 \n"},
		"no mail between two":  {fromAda + aBounce + "\n" + fromAda + "not a header\n\n" + fromAda + aBounce, "1 failed 1 \n2  0 no mail message: malformed MIME header line\n3 failed 1 \n"},
		"empty":                {"", "1  0 no mail message: the input is empty\n"},
		"blank":                {"\n\r\n\n", "1  0 no mail message: the input is empty\n"},
		"no mail":              {"hello\n", "1  0 no mail message: malformed MIME header line\n"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := whole(all(t, strings.NewReader(tt.in))); got != tt.want {
				t.Errorf("got\n%swant\n%s", got, tt.want)
			}
		})
	}
}

// TestAllBroken: an error of the source is told, beside what came before.
func TestAllBroken(t *testing.T) {
	r := io.MultiReader(strings.NewReader(fromAda+aBounce+"\n"+fromAda+"Subject: half"), brokenReader{})
	got := all(t, r)
	if len(got) != 2 || got[0].Kind != Failed || got[1].Why != "the disk is gone" {
		t.Errorf("got %+v", got)
	}
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, fmt.Errorf("the disk is gone") }

func TestDir(t *testing.T) {
	file := &fstest.MapFile{Data: []byte(aBounce)}
	for name, tt := range map[string]struct {
		dir  fstest.MapFS
		want []string
	}{
		"Maildir": {fstest.MapFS{"cur/2:2,S": file, "cur/1:2,S": file, "new/3": file, "tmp/4": file, "dovecot.index": file}, []string{"cur/1:2,S", "cur/2:2,S", "new/3"}},
		"files":   {fstest.MapFS{"b.eml": file, "a.eml": file, ".hidden": file, "sub/c.eml": file}, []string{"a.eml", "b.eml"}},
	} {
		var got []string
		for b, err := range testReader.Dir(tt.dir) {
			if err != nil || b.Kind != Failed {
				t.Errorf("%s: %s: %v %v", name, b.Source, b.Kind, err)
			}
			got = append(got, b.Source)
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %q, want %q", name, got, tt.want)
		}
	}
	for _, err := range testReader.Dir(fstest.MapFS{"cur": {Mode: os.ModeDir}}) {
		if err == nil {
			t.Error("an empty Maildir is no error")
		}
	}
}

// endless repeats a text.
type endless struct {
	text string
	at   int
}

func (e *endless) Read(p []byte) (n int, err error) {
	for n < len(p) {
		c := copy(p[n:], e.text[e.at:])
		n += c
		e.at = (e.at + c) % len(e.text)
	}
	return n, nil
}

// allocated is how many bytes f allocates in all, freed or not.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// TestHostile: what is long, deep or damaged ends with an answer, in bounded memory.
func TestHostile(t *testing.T) {
	const size = 50 << 20
	long := func(head, body string) io.Reader {
		return io.LimitReader(io.MultiReader(strings.NewReader(head), &endless{text: body}), size)
	}
	multi := "From: MAILER-DAEMON@mail.example.org\nSubject: Undelivered Mail\nContent-Type: multipart/report; report-type=delivery-status; boundary=B\n\n--B\n"
	deep := func(levels int) io.Reader {
		var s strings.Builder
		s.WriteString("From: MAILER-DAEMON@mail.example.org\nSubject: Undelivered Mail\n")
		for i := range levels {
			fmt.Fprintf(&s, "Content-Type: multipart/mixed; boundary=B%d\n\n--B%d\n", i, i)
		}
		return strings.NewReader(s.String() + "\n<bob@example.net>: 550 no\n")
	}
	for name, tt := range map[string]struct {
		in   io.Reader
		kind Kind   // "" where it is no mail
		why  string // what the error or the bounce says
	}{
		"50 MB behind a bounce":        {long(aBounce+"\n", "attachment\n"), Failed, ""},
		"50 MB of one line":            {long(aBounce+"\n", "x"), Failed, ""},
		"50 MB of one header line":     {long("Subject: ", "x"), "", "header is longer than 256 KiB"},
		"50 MB of header":              {long("", "Subject: x\n"), "", "header is longer than 256 KiB"},
		"50 MB header of a part":       {long(multi, "Subject: x\n"), Failed, "1 MiB"},
		"50 MB header line of a part":  {long(multi+"X: ", "x"), Failed, "1 MiB"},
		"50 MB of parts":               {long(multi, "\n\nx\n--B\n"), Failed, "more than 100 parts"},
		"50 MB of status fields":       {long(multi+"Content-Type: message/delivery-status\n\n", "Final-Recipient: rfc822; a@example.net\nAction: failed\nStatus: 5.0.0\n\n"), Failed, ""},
		"50 MB of addresses":           {long("From: MAILER-DAEMON@example.org\nSubject: failure notice\n\n", "<a@example.net>:\n1.2.3.4 does not like recipient.\nRemote host said: 550 no\n\n"), Failed, ""},
		"50 MB of HTML":                {long("From: MAILER-DAEMON@example.org\nSubject: failure notice\nContent-Type: text/html\n\n", "<p>550 5.1.1 no</p>"), Failed, ""},
		"50 MB of a tag":               {long("From: MAILER-DAEMON@example.org\nSubject: failure notice\nContent-Type: text/html\n\n<p ", "a=b "), Failed, "not known"},
		"50 MB that is nothing":        {long("", "\x00\xff\n"), "", "no mail message"},
		"5000 levels":                  {deep(5000), Failed, "more than 8 deep"},
		"no boundary":                  {strings.NewReader("From: MAILER-DAEMON@a.example\nSubject: Undelivered\nContent-Type: multipart/report; report-type=delivery-status\n\nx\n"), Failed, ""},
		"a boundary that never comes":  {strings.NewReader(multi[:len(multi)-4] + "x\n"), Failed, "damaged"},
		"half a header":                {strings.NewReader("Subject"), "", "no mail message"},
		"unknown encoding and charset": {strings.NewReader("Content-Transfer-Encoding: x-rot\nContent-Type: text/plain; charset=klingon\n" + aBounce), Failed, ""},
		"damaged base64":               {strings.NewReader("Content-Transfer-Encoding: base64\n" + aBounce), Failed, "not known"},
	} {
		t.Run(name, func(t *testing.T) {
			var got []Bounce
			used := allocated(func() { got = all(t, tt.in) })
			if len(got) != 1 || got[0].Kind != tt.kind || !strings.Contains(got[0].Why, tt.why) {
				t.Fatalf("got %+.600v", got)
			}
			if len(got[0].Findings) > maxRecipients {
				t.Errorf("%d findings", len(got[0].Findings))
			}
			// All that was ever allocated. The most costly are ten thousands of fields in the header of a part.
			if limit := uint64(64 << 20); used > limit {
				t.Errorf("allocated %d MiB", used>>20)
			}
			t.Logf("%d MiB", used>>20)
		})
	}
}

// TestStream: a mailbox takes no more memory for being long.
func TestStream(t *testing.T) {
	one, err := os.ReadFile(filepath.Join("testdata", "postfix-zen.eml"))
	if err != nil {
		t.Fatal(err)
	}
	message := fromAda + string(one) + "\n"
	const n = 150
	peak, count := uint64(0), 0
	for b, err := range testReader.All(io.LimitReader(&endless{text: message}, int64(n*len(message)))) {
		if err != nil || len(b.Findings) != 1 || b.Findings[0].Lists[0].Zone != "zen.spamhaus.org" {
			t.Fatalf("message %d: %+v, %v", b.Message, b, err)
		}
		if count++; count%50 == 0 {
			runtime.GC()
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			if count == 50 {
				peak = m.HeapAlloc
			} else if m.HeapAlloc > peak+(1<<20) {
				t.Errorf("after %d messages %d bytes in use, after 50 %d", count, m.HeapAlloc, peak)
			}
		}
	}
	if count != n {
		t.Errorf("%d messages", count)
	}
}
