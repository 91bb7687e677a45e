package probe

import (
	"bufio"
	"bytes"
	"fmt"
	"net/textproto"
	"strings"

	message "github.com/emersion/go-message/mail"
)

// Message is the test message of one token: what it says to whoever may ever see it.
type Message struct {
	Token  Token
	User   string // whose mailbox it is, the token behind a "+" (RFC 5233); "" where the token is the mailbox
	Domain string // of the recipient, which agreed to get it
	// Contact is who answers for the test: a mail address, with a name if wanted, or any line of text.
	// The message is From that address, or from the recipient domain's postmaster where it is none:
	// never from an address of somebody else, whatever the envelope sender claims.
	Contact string
}

// Data is the message as it goes over the wire after the 354, in the format of RFC 5322: lines in CR
// LF, dots doubled, and the dot that ends it.
func (m Message) Data() ([]byte, error) {
	text, err := m.text()
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	w := textproto.NewWriter(bufio.NewWriter(&b)).DotWriter()
	if _, err := w.Write(text); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// text is the message itself.
func (m Message) text() ([]byte, error) {
	var h message.Header
	h.SetDate(m.Token.At)
	h.SetAddressList("From", []*message.Address{m.from()})
	h.SetAddressList("To", []*message.Address{{Address: m.Recipient() + "@" + m.Domain}})
	h.SetSubject("Relay test of " + m.Token.Target)
	h.SetMessageID(m.Token.LocalPart + "@" + m.Domain)
	h.Set("Auto-Submitted", "auto-generated") // RFC 3834 5: nobody shall answer by machine
	h.Set(TokenHeader, m.Token.Header)
	h.SetContentType("text/plain", map[string]string{"charset": "utf-8"})
	h.Set("Content-Transfer-Encoding", "quoted-printable")
	var b bytes.Buffer
	w, err := message.CreateSingleInlineWriter(&b, h)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write([]byte(strings.ReplaceAll(m.body(), "\n", "\r\n"))); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// Recipient is the local part of the address it goes to: the token, behind the user where there is one.
func (m Message) Recipient() string {
	if m.User != "" {
		return m.User + "+" + m.Token.LocalPart
	}
	return m.Token.LocalPart
}

func (m Message) from() *message.Address {
	if a, err := message.ParseAddress(m.Contact); err == nil && isASCII(a.Address) {
		return a
	}
	return &message.Address{Name: "openrelay test", Address: "postmaster@" + m.Domain}
}

// body says who tests, why, and what to do. Lines stay below 76 columns, so that people can read
// them as they are; quoted-printable sees to a contact that does not.
func (m Message) body() string {
	title := ""
	if v, ok := Find(m.Token.Vector); ok {
		title = v.Title
	}
	contact := strings.Join(strings.Fields(m.Contact), " ")
	if contact == "" {
		contact = m.from().Address
	}
	return fmt.Sprintf(`This is a test message. It was handed to a mail server by a client that
the server does not know, for a domain that is not its own. That it came
out at the mailbox made for it shows that the server relays mail for
strangers.

  Server tested   %s
  Asked as        %s
                  %s
  Handed over     %s
  Scan            %s
  Mailbox of      %s

It has no other purpose, and no answer is expected.

If you run the server tested: anybody can send mail through it. To learn
how to close it, ask whoever tests it, or run
  openrelay explain %s

If you got this message and do not know why: please tell
  %s
who answers for the test. No other copy of this message will be sent.
`, m.Token.Target, m.Token.Vector, title, m.Token.At.Format("2 January 2006 15:04:05 MST"), m.Token.Run, m.Domain, m.Token.Vector, contact)
}

// isASCII: any other address needs SMTPUTF8 on all of its way (RFC 6531), which few servers offer.
func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > '~' })
}
