package demo

import (
	"errors"
	"io"
	"log"
	"net"
	"strings"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// policy decides about a foreign recipient: nil relays.
type policy func(from string, loggedIn bool) error

func relayForAll(string, bool) error { return nil }

func relayForNobody(string, bool) error {
	return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 7, 1}, Message: "Relaying denied"}
}

func relayForLocalSenders(from string, _ bool) error {
	if strings.HasSuffix(from, "@local.test") {
		return nil
	}
	return relayForNobody(from, false)
}

func relayForUsers(_ string, loggedIn bool) error {
	if loggedIn {
		return nil
	}
	return &smtp.SMTPError{Code: 530, EnhancedCode: smtp.EnhancedCode{5, 7, 0}, Message: "Authentication required"}
}

// smtpServer starts a go-smtp server with a policy.
func smtpServer(p policy) func(*Servers, net.Listener) {
	return func(s *Servers, l net.Listener) {
		server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) {
			return &mailbox{policy: p, servers: s}, nil
		}))
		server.Domain = "mx.local.test"
		server.AllowInsecureAuth = true
		server.ReadTimeout, server.WriteTimeout = 5*time.Minute, time.Minute
		server.TLSConfig = s.tls
		server.ErrorLog = log.New(io.Discard, "", 0) // testers hang up on it all the time
		_ = server.Serve(l)                          // returns when the listener is closed
	}
}

// mailbox is one session of a server of local.test, where only postmaster lives.
type mailbox struct {
	policy   policy
	servers  *Servers
	from     string
	loggedIn bool
}

// Password is the password of the user "user" on the servers that know logins.
const Password = "correct horse"

// AuthMechanisms lists what a login may use.
func (m *mailbox) AuthMechanisms() []string { return []string{sasl.Plain} }

// Auth begins a login.
func (m *mailbox) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != "user" || password != Password {
			return errors.New("wrong user or password")
		}
		m.loggedIn = true
		return nil
	}), nil
}

// Mail begins a message.
func (m *mailbox) Mail(from string, _ *smtp.MailOptions) error {
	m.from = from
	return nil
}

// Rcpt takes local mail for postmaster, and leaves foreign mail to the policy.
func (m *mailbox) Rcpt(to string, _ *smtp.RcptOptions) error {
	at := strings.LastIndexByte(to, '@')
	local, domain := to, ""
	if at >= 0 {
		local, domain = to[:at], to[at+1:]
	}
	switch {
	case domain != "" && !strings.EqualFold(domain, "local.test"):
		return m.policy(m.from, m.loggedIn)
	case strings.EqualFold(local, "postmaster"):
		return nil
	}
	return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "User unknown"}
}

// Data counts a message and throws it away.
func (m *mailbox) Data(r io.Reader) error {
	if _, err := io.Copy(io.Discard, r); err != nil {
		return err
	}
	m.servers.received(1)
	return nil
}

// Reset forgets the message.
func (m *mailbox) Reset() { m.from = "" }

// Logout ends the session.
func (m *mailbox) Logout() error { return nil }
