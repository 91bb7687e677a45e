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
	"time"

	"github.com/emersion/go-sasl"

	"openrelay/probe"
	"openrelay/probe/allowance"
	"openrelay/probe/dialogue"
	"openrelay/probe/phrasebook"
	"openrelay/probe/words"
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

// login is a control on its way. It keeps nothing of the inquiry but what it needs: it may be made much later.
type login struct {
	probe.Login
	p       *Prober
	t       probe.Target
	limits  Limits
	manner  manner
	style   style
	from    string   // the user's address, "" where no domain is known
	domains []string // foreign ones, for recipients
}

// prepareLogin gathers what the positive control needs, if there is to be one.
func (q *inquiry) prepareLogin() {
	a := q.p.Account
	if a == nil {
		return
	}
	if why := q.noLogin(); why.Detail != "" {
		why.User, why.Outcome = a.User, probe.OutcomeSkipped
		q.res.Login = &why
		return
	}
	l := &login{Login: probe.Login{User: a.User}, p: q.p, t: q.t, limits: q.limits, manner: q.base, style: q.style}
	l.manner.account = true
	if l.manner.via == probe.Plain {
		l.manner.via = probe.StartTLS
	}
	l.from = q.userAddress(a.User)
	l.domains = distinct(slices.Concat(q.names["to"], q.elsewhere.domains))
	q.login = l
}

// logIn makes the positive control, or hands it on. It comes last, and never before a question: a server may remember
// the address of whoever has logged in, and relay for it from then on (POP before SMTP did); and whatever it says
// after that may repeat the password. It has the time that is left of the target's.
func (q *inquiry) logIn(ctx context.Context) {
	if q.login == nil {
		return
	}
	if until, ok := ctx.Deadline(); ok {
		q.login.limits.Total = time.Until(until)
	}
	switch {
	case q.login.limits.Total <= 0:
		q.login.end(probe.OutcomeFailed, "", "%v", errTimeUp)
		q.res.Login = &q.login.Login
	case q.p.LogInLater != nil:
		q.p.LogInLater(q.t, q.login.make)
	default:
		q.res.Login = q.login.make(ctx)
	}
}

// noLogin is why none is tried: a password is only given to a server that the user named, and that shows by its
// certificate that it is this one.
func (q *inquiry) noLogin() probe.Login {
	switch {
	case !q.t.Named:
		return probe.Login{Detail: "a password is given to named servers only"}
	case q.t.Domain != "": // RFC 8314 5.1, RFC 6125 6.2.1: what DNS says is not what the user said
		return probe.Login{Detail: fmt.Sprintf("only DNS says that %s is the mail host of %s; name the host itself to log in there", q.t.Name, q.t.Domain)}
	case q.base.via == probe.Plain && !q.first.offers("STARTTLS"):
		return probe.Login{Stage: probe.StageTLS, Detail: "no TLS is offered, and a password is not sent in clear"}
	}
	return probe.Login{}
}

// userAddress is the address of a user, who may be one of the server's own domain.
func (q *inquiry) userAddress(user string) string {
	if strings.Contains(user, "@") {
		return user
	}
	if own := q.names["own-domain"]; len(own) > 0 {
		return user + "@" + own[0]
	}
	return ""
}

// make logs in, as far as it goes.
func (l *login) make(ctx context.Context) *probe.Login {
	ctx, cancel := allowance.For(ctx, l.limits.Total)
	defer cancel()
	by := &caller{p: l.p, t: l.t, limits: l.limits, desk: new(desk)}
	c, s := by.open(ctx, l.manner, l.style)
	if f := c.failure; f != nil {
		l.notOpened(f)
		l.trace(f.said)
		return &l.Login
	}
	if l.authenticate(ctx, s) && l.relays(ctx, s) {
		l.Login = probe.Login{User: l.User, Outcome: probe.OutcomeAccepted}
	}
	_ = s.conn.Quit(ctx)
	l.trace(s.conn.Since(0))
	return &l.Login
}

func (l *login) trace(said dialogue.Transcript) {
	if l.p.Trace != nil && len(said) > 0 {
		l.p.Trace(l.t, withoutText(said, l.secrets()))
	}
}

func (l *login) end(o probe.Outcome, stage probe.Stage, format string, args ...any) {
	l.Outcome, l.Stage, l.Detail = o, stage, fmt.Sprintf(format, args...)
}

// refused takes in a refusal, by its codes and by what it means.
func (l *login) refused(stage probe.Stage, r dialogue.Reply) {
	l.Login = probe.Login{User: l.User, Outcome: probe.OutcomeRefused, Stage: stage, Reply: codesOf(r)}
	switch stage {
	case probe.StageAuth:
		l.Detail = loginReplies[r.Code]
	case phrasebook.Mail, phrasebook.Rcpt:
		l.Meaning = l.p.memo.Lookup(stage, r)
	}
}

// loginReplies are what the codes of RFC 4954 6 say about a login, in our words.
var loginReplies = map[int]string{
	432: "the password is to be changed first",
	454: "the server cannot check it for now",
	534: "the server wants a stronger mechanism",
	535: "the name or the password is wrong",
	538: "the server wants a stronger encryption",
}

// notOpened: without a session that is safe there is no login.
func (l *login) notOpened(f *setback) {
	switch {
	case f.reply.Code != 0:
		l.refused(f.stage, f.reply)
	case f.stage == probe.StageTLS:
		l.end(probe.OutcomeFailed, f.stage, "%s; the password was not sent: scan the server by a name that its certificate holds, or name who signed that with --auth-ca", f.detail)
	default:
		l.end(probe.OutcomeFailed, f.stage, "%s", reasonSays(f.reason))
	}
}

// reasonSays is why there is no session, without a word of the server's.
func reasonSays(r probe.Reason) string {
	if e, ok := words.Reason(probe.Unreachable, r); ok {
		return e.Says
	}
	e, _ := words.Reason(probe.Inconclusive, r)
	return "the server " + e.Says
}

// authenticate drives PLAIN (RFC 4616), or LOGIN where there is no other, over our own dialogue: go-sasl's
// LOGIN gives up where a server asks for the name too.
func (l *login) authenticate(ctx context.Context, s *session) bool {
	offered, _ := s.extension("AUTH")
	mechanisms := strings.Fields(offered)
	account := l.p.Account
	line, answers := "AUTH LOGIN", []string{account.User, string(account.Password)}
	switch {
	case !s.offers("AUTH"):
		l.end(probe.OutcomeSkipped, probe.StageAuth, "no login is offered here")
		return false
	case containsFold(mechanisms, sasl.Plain):
		_, initial, _ := sasl.NewPlainClient("", account.User, string(account.Password)).Start() // never fails
		line, answers = "AUTH PLAIN "+base64.StdEncoding.EncodeToString(initial), []string{string(initial)}
	case !containsFold(mechanisms, sasl.Login):
		l.end(probe.OutcomeSkipped, probe.StageAuth, "neither PLAIN nor LOGIN is offered")
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
		l.end(probe.OutcomeFailed, stage, "%s", failureSays(err.Error()))
	case r.Code/100 != 2:
		l.refused(stage, r)
	default:
		return true
	}
	return false
}

// relays asks for a recipient elsewhere, and leaves it at that.
func (l *login) relays(ctx context.Context, s *session) bool {
	if l.from == "" {
		l.end(probe.OutcomeSkipped, phrasebook.Mail, "no own domain is known to send from; give one with --local-domain")
		return false
	}
	r, err := s.conn.Cmd(ctx, "MAIL FROM:<"+l.from+">")
	if !l.goesOn(phrasebook.Mail, r, err) {
		return false
	}
	for _, domain := range l.domains {
		r, err = s.conn.Cmd(ctx, "RCPT TO:<"+recipientName+"@"+domain+">")
		if l.goesOn(phrasebook.Rcpt, r, err) {
			_, _ = s.conn.Cmd(ctx, "RSET") // only to be polite
			return true
		}
		if err != nil || s.memo.Lookup(phrasebook.Rcpt, r) != phrasebook.RecipientDomainRejected {
			return false
		}
		l.Outcome, l.Detail = probe.OutcomeFailed, "logged in, but the recipient's domain is refused for itself; give one that takes mail with --to-domain"
	}
	return false
}

// verifiedTLS lets nobody see a password but the server that the user named.
func (l *caller) verifiedTLS() *tls.Config {
	name := cmp.Or(l.t.Name, l.t.Addr.Addr().Unmap().WithZone("").String())
	return &tls.Config{ServerName: name, RootCAs: l.p.Account.Roots, MinVersion: tls.VersionTLS12}
}
