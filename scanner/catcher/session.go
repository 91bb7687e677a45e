package catcher

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"

	"github.com/emersion/go-smtp"

	"openrelay/probe"
)

// session is one connection to the catcher, past its EHLO.
type session struct {
	c       *Catcher
	conn    *smtp.Conn
	guard   *guard
	limits  Limits
	serials []string // of the message's recipients: each a token
	refused int
}

// Mail begins a message. Any sender will do: it is the vector's, and proves nothing here.
func (s *session) Mail(string, *smtp.MailOptions) error { return nil }

// Rcpt takes a token for its recipient, answers a challenge, and refuses everything else. go-smtp has
// taken source routes off and quotes out by now; what stands before the last @ must be a token
// alone, though a server's own subaddress before it, user+token, does no harm.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	at := strings.LastIndexByte(to, '@')
	local, domain := to[:max(at, 0)], strings.TrimSuffix(to[at+1:], ".")
	if !strings.EqualFold(domain, s.c.Domain) {
		return s.refuse(smtp.EnhancedCode{5, 7, 1}, "relay access denied: only test messages for %s are taken here", s.c.Domain)
	}
	if isChallenge(local) {
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 7, 1}, Message: answerPrefix + s.c.Key.Answer(local, s.c.Domain)}
	}
	serial, _, err := s.c.Key.Recognize(local[strings.LastIndexByte(local, '+')+1:], s.c.now())
	switch {
	case errors.Is(err, probe.ErrExpired):
		return s.refuse(smtp.EnhancedCode{5, 1, 1}, "no such user: this test is over")
	case err != nil:
		return s.refuse(smtp.EnhancedCode{5, 1, 1}, "no such user: there are no mailboxes here, only test messages are taken%s", s.whom())
	}
	s.serials = append(s.serials, serial)
	return nil
}

// whom says where people can be reached, for this server has no mailbox for them.
func (s *session) whom() string {
	if contact := strings.Join(strings.Fields(s.c.Contact), " "); contact != "" {
		return "; write to " + contact
	}
	return ""
}

// refuse is a refusal with a 550, and the last one of a client that knocks at too many doors.
func (s *session) refuse(enhanced smtp.EnhancedCode, format string, args ...any) error {
	s.c.count(func(n *Counts) { n.Refused++ })
	s.refused++
	if s.refused > s.limits.Refusals {
		_ = s.guard.end(net.ErrClosed)
		return &smtp.SMTPError{Code: 421, EnhancedCode: smtp.EnhancedCode{4, 7, 0}, Message: "too many errors"}
	}
	return &smtp.SMTPError{Code: 550, EnhancedCode: enhanced, Message: fmt.Sprintf(format, args...)}
}

// Data takes a message whose header carries the token of its recipient. A recipient alone proves
// nothing: servers ask about one to find out whether it exists, without a message. Nor does a token
// further inside: so a bounce brings it back.
func (s *session) Data(r io.Reader) error {
	message, err := io.ReadAll(r)
	if err != nil {
		return s.broken(err)
	}
	h := parseHeader(message)
	for _, value := range h.all(probe.TokenHeader) {
		issued, err := s.c.Key.Verify(value, s.c.now())
		if err != nil || !slices.Contains(s.serials, issued.Serial) {
			continue
		}
		news, err := s.c.take(s.arrival(issued, h))
		switch {
		case err != nil:
			return err
		case news:
			return &smtp.SMTPError{Code: 250, EnhancedCode: smtp.EnhancedCode{2, 0, 0}, Message: "caught: this message ends here"}
		}
		return &smtp.SMTPError{Code: 250, EnhancedCode: smtp.EnhancedCode{2, 0, 0}, Message: "caught before: this message ends here"}
	}
	return s.refuse(smtp.EnhancedCode{5, 7, 1}, "not a test message: it does not carry the token of its recipient")
}

// broken answers a message that was too large or did not come to its end. Where the client is at
// fault the guard sees to it that nothing more is read: the rest would be taken for commands.
func (s *session) broken(err error) error {
	var tooLarge *smtp.SMTPError
	if errors.As(err, &tooLarge) {
		s.c.count(func(n *Counts) { n.Refused++ })
		return tooLarge
	}
	return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 4, 2}, Message: "the message did not come to its end"}
}

// arrival is the record of the message that has just arrived.
func (s *session) arrival(i probe.Issued, h header) probe.Arrival {
	a := i.Arrive(addrOf(s.conn.Conn().RemoteAddr()), s.c.now())
	a.Helo = strings.ToValidUTF8(s.conn.Hostname(), "\ufffd")
	if state, ok := s.conn.TLSConnectionState(); ok {
		a.TLS = tls.VersionName(state.Version)
	}
	a.Received = received(h)
	if saw := sawClient(a.Received); saw.IsValid() {
		a.SawClient = saw.String()
	}
	return a
}

// Reset forgets the message.
func (s *session) Reset() { s.serials = nil }

// Logout ends the session.
func (s *session) Logout() error { return nil }
