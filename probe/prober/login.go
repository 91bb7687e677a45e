package prober

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"

	"github.com/emersion/go-sasl"

	"openrelay/probe"
	"openrelay/probe/dialogue"
	"openrelay/probe/phrasebook"
)

// Account is a user of the servers that are tested, for the positive control: a server that relays for
// those who log in is closed, one that relays for nobody may be broken.
type Account struct {
	User     string
	Password Secret
	Roots    *x509.CertPool // who vouches for the servers' certificates; the system's by default
}

// Secret is a text that says nothing where it is printed by mistake.
type Secret string

// String hides the secret.
func (Secret) String() string { return hidden }

// GoString hides the secret.
func (Secret) GoString() string { return hidden }

// MarshalText hides the secret.
func (Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }

const hidden = "[hidden]"

// logIn is the positive control. It comes last, and never before a question: a server may remember
// the address of whoever has logged in, and relay for it from then on (POP before SMTP did).
func (q *inquiry) logIn(ctx context.Context, by *caller) {
	a := q.p.Account
	if a == nil {
		return
	}
	l := &login{q: q, by: by, Login: probe.Login{User: a.User}, redactor: newRedactor(a)}
	l.try(ctx)
	l.Reply, l.Detail = clip(dialogue.Text(l.redactor.redact(l.Reply))), clip(dialogue.Text(l.redactor.redact(l.Detail)))
	q.res.Login = &l.Login
}

// login is a control on its way.
type login struct {
	probe.Login
	q        *inquiry
	by       *caller
	redactor redactor
}

func (l *login) end(o probe.Outcome, stage probe.Stage, format string, args ...any) {
	l.Outcome, l.Stage, l.Detail = o, stage, fmt.Sprintf(format, args...)
}

func (l *login) refused(stage probe.Stage, r dialogue.Reply) {
	l.Outcome, l.Stage, l.Reply = probe.OutcomeRefused, stage, r.String()
}

// try goes as far as it may: a password is only given to a server that the user named, and that
// shows by its certificate that it is this one.
func (l *login) try(ctx context.Context) {
	q := l.q
	m := q.base
	m.account = true
	switch {
	case !q.t.Named:
		l.end(probe.OutcomeSkipped, "", "a password is given to named servers only")
		return
	case q.t.Domain != "": // RFC 8314 5.1, RFC 6125 6.2.1: what DNS says is not what the user said
		l.end(probe.OutcomeSkipped, "", "only DNS says that %s is the mail host of %s; name the host itself to log in there", q.t.Name, q.t.Domain)
		return
	case m.via == probe.Plain && !q.first.offers("STARTTLS"):
		l.end(probe.OutcomeSkipped, probe.StageTLS, "no TLS is offered, and a password is not sent in clear")
		return
	case m.via == probe.Plain:
		m.via = probe.StartTLS
	}
	c, s := l.by.open(ctx, m, q.style)
	if f := c.failure; f != nil {
		l.notOpened(f)
		l.trace(f.said)
		return
	}
	if l.authenticate(ctx, s) && l.relays(ctx, s) {
		l.Login = probe.Login{User: l.User, Outcome: probe.OutcomeAccepted}
	}
	_ = s.conn.Quit(ctx)
	l.trace(s.conn.Since(0))
}

func (l *login) trace(said dialogue.Transcript) {
	said = slices.Clone(said)
	for i := range said {
		said[i].Data = l.redactor.redact(said[i].Data)
	}
	l.q.said = said
}

// notOpened: without a session that is safe there is no login.
func (l *login) notOpened(f *setback) {
	switch {
	case f.reply.Code != 0:
		l.refused(f.stage, f.reply)
	case f.stage == probe.StageTLS:
		l.end(probe.OutcomeFailed, f.stage, "%s; the password was not sent: scan the server by a name that its certificate holds, or name who signed that with --auth-ca", f.detail)
	default:
		l.end(probe.OutcomeFailed, f.stage, "%s", f.detail)
	}
}

// authenticate drives PLAIN (RFC 4616), or LOGIN where there is no other, over our own dialogue: go-sasl's
// LOGIN gives up where a server asks for the name too.
func (l *login) authenticate(ctx context.Context, s *session) bool {
	offered, _ := s.extension("AUTH")
	mechanisms := strings.Fields(offered)
	account := l.q.p.Account
	line, answers := "AUTH LOGIN", []string{account.User, string(account.Password)}
	switch {
	case !s.offers("AUTH"):
		l.end(probe.OutcomeSkipped, probe.StageAuth, "no login is offered here")
		return false
	case containsFold(mechanisms, sasl.Plain):
		_, initial, _ := sasl.NewPlainClient("", account.User, string(account.Password)).Start() // never fails
		line, answers = "AUTH PLAIN "+base64.StdEncoding.EncodeToString(initial), []string{string(initial)}
	case !containsFold(mechanisms, sasl.Login):
		l.end(probe.OutcomeSkipped, probe.StageAuth, "neither PLAIN nor LOGIN is offered, only %s", offered)
		return false
	}
	r, err := s.conn.Cmd(ctx, line)
	for _, answer := range answers { // of PLAIN where the server passes over what it has been given
		if err == nil && r.Code == 334 {
			r, err = s.conn.Cmd(ctx, base64.StdEncoding.EncodeToString([]byte(answer)))
		}
	}
	if err == nil && r.Code == 334 {
		if r, err = s.conn.Cmd(ctx, "*"); err == nil { // RFC 4954 4: that is enough
			l.end(probe.OutcomeFailed, probe.StageAuth, "the server asks and asks, with no end to it")
			return false
		}
	}
	return l.goesOn(probe.StageAuth, r, err)
}

func (l *login) goesOn(stage probe.Stage, r dialogue.Reply, err error) bool {
	switch {
	case err != nil:
		l.end(probe.OutcomeFailed, stage, "%v", err)
	case r.Code/100 != 2:
		l.refused(stage, r)
	default:
		return true
	}
	return false
}

// relays asks for a recipient elsewhere, and leaves it at that.
func (l *login) relays(ctx context.Context, s *session) bool {
	from := l.sender()
	if from == "" {
		l.end(probe.OutcomeSkipped, phrasebook.Mail, "no own domain is known to send from; give one with --local-domain")
		return false
	}
	r, err := s.conn.Cmd(ctx, "MAIL FROM:<"+from+">")
	if !l.goesOn(phrasebook.Mail, r, err) {
		return false
	}
	for _, domain := range distinct(slices.Concat(l.q.names["to"], l.q.elsewhere.domains)) {
		r, err = s.conn.Cmd(ctx, "RCPT TO:<"+recipientName+"@"+domain+">")
		if l.goesOn(phrasebook.Rcpt, r, err) {
			_, _ = s.conn.Cmd(ctx, "RSET") // only to be polite
			return true
		}
		if err != nil || s.memo.Lookup(phrasebook.Rcpt, r) != phrasebook.RecipientDomainRejected {
			return false
		}
		l.end(probe.OutcomeFailed, phrasebook.Rcpt, "logged in, but the recipient's domain is refused for itself; give one that takes mail with --to-domain")
	}
	return false
}

// sender is the user's address.
func (l *login) sender() string {
	if strings.Contains(l.User, "@") {
		return l.User
	}
	if own := l.q.names["own-domain"]; len(own) > 0 {
		return l.User + "@" + own[0]
	}
	return ""
}

// verifiedTLS lets nobody see a password but the server that the user named.
func (l *caller) verifiedTLS() *tls.Config {
	name := cmp.Or(l.t.Name, l.t.Addr.Addr().Unmap().WithZone("").String())
	return &tls.Config{ServerName: name, RootCAs: l.p.Account.Roots, MinVersion: tls.VersionTLS12}
}

// redactor covers a password in whatever a server says: it may repeat what it got, or a part of it.
type redactor []string

// leastPiece is how short a piece of a password may be and still be covered. A shorter password is
// covered as a whole.
const leastPiece = 6

// newRedactor knows the forms in which the password travels.
func newRedactor(a *Account) redactor {
	encode := base64.RawStdEncoding.EncodeToString
	password := string(a.Password)
	v := redactor{password, encode([]byte(password)), encode([]byte("\x00" + a.User + "\x00" + password))}
	for i := range v {
		v[i] = lowerASCII(v[i]) // a server may change the case of a line
	}
	return slices.DeleteFunc(v, func(form string) bool { return form == "" })
}

// redact covers every piece of the password in s.
func (v redactor) redact(s string) string {
	var b strings.Builder
	low := lowerASCII(s)
	for i := 0; i < len(s); {
		n := 0
		for _, form := range v {
			n = max(n, pieceOf(form, low[i:]))
		}
		if n == 0 {
			b.WriteByte(s[i])
			i++
			continue
		}
		if !strings.HasSuffix(b.String(), hidden) {
			b.WriteString(hidden)
		}
		i += n
	}
	return b.String()
}

// pieceOf is the length of the longest piece of form that s begins with, 0 where it is too short.
func pieceOf(form, s string) int {
	n := min(leastPiece, len(form))
	if len(s) < n || !strings.Contains(form, s[:n]) {
		return 0
	}
	for n < len(s) && strings.Contains(form, s[:n+1]) {
		n++
	}
	return n
}

// lowerASCII changes no length, as strings.ToLower may.
func lowerASCII(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}
