package probe_test

import (
	"bufio"
	"bytes"
	"io"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"strings"
	"testing"
	"time"

	message "github.com/emersion/go-message/mail"

	"openrelay/probe"
)

// received undoes what Data does for the wire, as a server would.
func received(t *testing.T, m probe.Message) []byte {
	t.Helper()
	data, err := m.Data()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.HasSuffix(data, []byte("\r\n.\r\n")) || bytes.Count(data, []byte("\r\n.\r\n")) != 1 {
		t.Fatalf("the end is not at the end:\n%q", data)
	}
	text, err := io.ReadAll(textproto.NewReader(bufio.NewReader(bytes.NewReader(data))).DotReader())
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		if !strings.HasSuffix(line, "\r\n") || strings.ContainsAny(line[:len(line)-2], "\r\n\x00") || len(line) > 80 && !strings.HasPrefix(line, " ") {
			t.Errorf("line %q", line)
		}
		if len(line) > 1000 {
			t.Errorf("a line of %d octets", len(line))
		}
	}
	if i := bytes.IndexFunc(data, func(r rune) bool { return r > '~' }); i >= 0 {
		t.Errorf("not ASCII at %d: %q", i, data)
	}
	return text
}

func TestMessage(t *testing.T) {
	key := probe.NewKey()
	token := issue(key)
	for contact, from := range map[string]string{
		"ada@example.org":                  "ada@example.org",
		"Ada Admin <ada@corp.test>":        "ada@corp.test",
		"Ädä <ada@corp.test>":              "ada@corp.test",
		"":                                 "postmaster@relay.test",
		"https://audit.example.org/":       "postmaster@relay.test",
		"ädä@example.org":                  "postmaster@relay.test",
		"see\r\n.\r\nMAIL FROM:<>":         "postmaster@relay.test",
		strings.Repeat("a long way ", 200): "postmaster@relay.test",
	} {
		text := received(t, probe.Message{Token: token, Domain: "relay.test", Contact: contact})
		m, err := mail.ReadMessage(bytes.NewReader(text))
		if err != nil {
			t.Fatalf("%q: %v\n%s", contact, err, text)
		}
		h := m.Header
		froms, err := h.AddressList("From")
		if err != nil || len(froms) != 1 || froms[0].Address != from {
			t.Errorf("%q: from %v, %v", contact, froms, err)
		}
		to, err := h.AddressList("To")
		if err != nil || len(to) != 1 || to[0].Address != token.LocalPart+"@relay.test" {
			t.Errorf("%q: to %v, %v", contact, to, err)
		}
		if date, err := h.Date(); err != nil || !date.Equal(token.At.Truncate(time.Second)) {
			t.Errorf("%q: date %v, %v", contact, date, err)
		}
		if h.Get("Auto-Submitted") != "auto-generated" || h.Get("Message-Id") != "<"+token.LocalPart+"@relay.test>" || h.Get("Subject") == "" {
			t.Errorf("%q: header %v", contact, h)
		}
		if got, err := key.Verify(h.Get(probe.TokenHeader), issuedAt); err != nil || got != token.Issued {
			t.Errorf("%q: token %+v, %v", contact, got, err)
		}
		body, err := io.ReadAll(quotedprintable.NewReader(m.Body))
		if err != nil {
			t.Fatal(err)
		}
		want := strings.Join(strings.Fields(contact), " ")
		if want == "" {
			want = from
		}
		for _, word := range []string{"[2001:db8::1]:25", "percent-own-domain", want, "relays mail for", "openrelay explain"} {
			if !strings.Contains(string(body), word) {
				t.Errorf("%q: the body lacks %q:\n%s", contact, word, body)
			}
		}
	}
}

// TestMessageReads holds the message to another reader.
func TestMessageReads(t *testing.T) {
	m, err := message.CreateReader(bytes.NewReader(received(t, probe.Message{Token: issue(probe.NewKey()), Domain: "relay.test", Contact: "ada@example.org"})))
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	if n := m.Header.Fields().Len(); n != 10 {
		t.Errorf("%d fields", n)
	}
	part, err := m.NextPart()
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(part.Body)
	if err != nil || !strings.HasPrefix(string(body), "This is a test message.") {
		t.Errorf("%q, %v", body, err)
	}
}

// TestMessageLooks: no line is so long that it had to be broken (RFC 5322 2.1.1), so that people can
// read the message as it is.
func TestMessageLooks(t *testing.T) {
	text := received(t, probe.Message{Token: issue(probe.NewKey()), Domain: "relay.test", Contact: "ada@example.org"})
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimRight(line, "\n"); len(line) > 78 || strings.HasSuffix(line, "=") {
			t.Errorf("%d columns: %q", len(line), line)
		}
	}
}
