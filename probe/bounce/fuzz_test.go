package bounce

import (
	"bytes"
	"encoding/base64"
	"mime/quotedprintable"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"openrelay/internal/variants"
)

// FuzzParse: what is reported as a reply was said, word for word; what is read twice is the same; and
// nothing grows without bound.
func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/*.eml")
	if err != nil || len(files) == 0 {
		f.Fatal("no seeds", err)
	}
	var seeds [][]byte
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		seeds = append(seeds, b, append([]byte(fromAda), b...))
	}
	n := 100
	if testing.Short() {
		n = 10
	}
	for text := range variants.Of(n, seeds...) {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		bounces := 0
		for b, err := range testReader.All(bytes.NewReader(in)) {
			if bounces++; bounces > 20 {
				return
			}
			if err != nil {
				if b.Kind != "" {
					t.Errorf("an error and a kind: %v, %v", err, b.Kind)
				}
				continue
			}
			honest(t, in, b)
		}
		first, err1 := testReader.Parse(bytes.NewReader(in))
		second, err2 := testReader.Parse(bytes.NewReader(in))
		if !reflect.DeepEqual(first, second) || (err1 == nil) != (err2 == nil) {
			t.Errorf("read twice: %+v, %v and %+v, %v", first, err1, second, err2)
		}
	})
}

// honest checks what one bounce says against the input.
func honest(t *testing.T, in []byte, b Bounce) {
	t.Helper()
	if len(b.Findings) > maxRecipients {
		t.Errorf("%d findings", len(b.Findings))
	}
	if b.Kind == NotABounce && (len(b.Findings) > 0 || b.Why == "") {
		t.Errorf("no bounce, and yet %+v", b)
	}
	lower := bytes.ToLower(in)
	for _, f := range b.Findings {
		if f.Kind == "" || len(f.Reply) > maxReply || !utf8.ValidString(f.Reply+f.Host+f.Recipient) || f.BlockList != (f.Subject == BlockListed) || len(f.Lists) > 0 && !f.BlockList {
			t.Errorf("finding %+v", f)
		}
		if bytes.Contains(lower, []byte("content-transfer-encoding")) || bytes.Contains(lower, []byte("charset")) || bytes.Contains(lower, []byte("html")) {
			continue // FuzzEncoding has these
		}
		for _, word := range strings.Fields(f.Reply) {
			word = strings.Trim(word, "\uFFFD")
			if !strings.Contains(word, "\uFFFD") && !bytes.Contains(in, []byte(word)) {
				t.Errorf("nobody said %q of %q", word, f.Reply)
			}
		}
	}
}

// FuzzEncoding: how the words are encoded makes no difference to what they say (RFC 2045 6).
func FuzzEncoding(f *testing.F) {
	var seeds []string
	for _, name := range []string{"qmail-greeting", "exim-two", "sendmail-v5", "mailenable", "mdaemon", "yahoo"} {
		b, err := os.ReadFile("testdata/" + name + ".eml")
		if err != nil {
			f.Fatal(err)
		}
		_, body, _ := bytes.Cut(b, []byte("\n\n"))
		seeds = append(seeds, string(body))
	}
	n := 50
	if testing.Short() {
		n = 5
	}
	for text := range variants.Of(n, seeds...) {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, body string) {
		body = strings.ToValidUTF8(strings.ReplaceAll(body, "\r", ""), "?")
		if len(body) > maxText {
			return
		}
		var qp bytes.Buffer
		w := quotedprintable.NewWriter(&qp)
		_, _ = w.Write([]byte(body))
		_ = w.Close()
		plain := parseBody(t, "8bit", body)
		for encoding, text := range map[string]string{"quoted-printable": qp.String(), "base64": base64.StdEncoding.EncodeToString([]byte(body))} {
			if got := parseBody(t, encoding, text); !reflect.DeepEqual(got, plain) {
				t.Errorf("%s: %+v\n8bit: %+v", encoding, got, plain)
			}
		}
	})
}

func parseBody(t *testing.T, encoding, body string) Bounce {
	t.Helper()
	b, err := testReader.Parse(strings.NewReader("From: MAILER-DAEMON@mail.example.org\nSubject: failure notice\n" +
		"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: " + encoding + "\n\n" + body))
	if err != nil {
		t.Fatal(err)
	}
	return b
}
