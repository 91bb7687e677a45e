package prober

import (
	"cmp"
	"context"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"regexp"
	"strings"

	"github.com/emersion/go-sasl"

	"openrelay/probe/dialogue"
	"openrelay/probe/wire"
)

// leftOut stands for what a server says in the session of a login. It has the password there, or had it before, and
// there are more ways to repeat one than anybody could look for: so none of its words is kept.
const leftOut = "(text left out: it may repeat a password)"

// codesOf is a reply without its text: the codes are few, and nobody's words.
func codesOf(r dialogue.Reply) string {
	line := dialogue.Reply{Code: r.Code, Lines: []string{leftOut}}
	if e := r.Enhanced(); registered(e) {
		line.Lines[0] = e + " " + leftOut
	}
	return line.String()
}

// registered reports whether an enhanced status code may be one of IANA's registry (RFC 5248): its subjects have one
// digit, and the details of each two.
func registered(enhanced string) bool {
	class, rest, _ := strings.Cut(enhanced, ".")
	subject, detail, _ := strings.Cut(rest, ".")
	return class != "" && len(subject) == 1 && subject <= "7" && len(detail) <= 2
}

// withoutText is what was said in the session of a login, without the secrets in our own commands and without the
// server's words. Of all it says at a time the last line is kept, with its codes.
func withoutText(said dialogue.Transcript, secrets *strings.Replacer) (kept dialogue.Transcript) {
	for i, line := range said {
		switch line.From {
		case dialogue.Client:
			line.Data = secrets.Replace(line.Data)
		case dialogue.Note:
			line.Data = noteSays(line.Data)
		case dialogue.Server:
			if i+1 < len(said) && said[i+1].From == dialogue.Server {
				continue
			}
			line.Data = leftOut + "\r\n"
			if r, err := dialogue.ParseReply(said[i].Data); err == nil {
				line.Data = codesOf(r) + "\r\n"
			}
		}
		kept = append(kept, line)
	}
	return kept
}

// secrets covers the password in our own commands, in the forms in which it travels.
func (l *login) secrets() *strings.Replacer {
	password := string(l.p.Account.Password)
	_, plain, _ := sasl.NewPlainClient("", l.p.Account.User, password).Start() // never fails
	encode := base64.StdEncoding.EncodeToString
	return strings.NewReplacer(encode(plain), hidden, encode([]byte(password)), hidden)
}

// failures are the words of ours for what ends a connection. What a server said may stand behind them.
var failures = []error{wire.ErrTimeout, wire.ErrClosed, wire.ErrReset, wire.ErrTruncated, wire.ErrNotSMTP, wire.ErrTooLong, wire.ErrUnasked,
	wire.ErrTLS, wire.ErrClosing, wire.ErrOver, errTimeUp, context.Canceled, context.DeadlineExceeded}

// errTimeUp is how package wire begins to say that there is no time left.
var errTimeUp = errors.New("the time for this server is up")

// failureSays is the beginning of an error, as far as it is ours.
func failureSays(text string) string {
	for _, f := range failures {
		if strings.HasPrefix(text, f.Error()) {
			return f.Error()
		}
	}
	return "the connection failed"
}

// ownNote are the remarks that hold nothing of the server's: how long a reply took, and that TLS began.
var ownNote = regexp.MustCompile(`^(after [0-9.]+ s|TLS begun: (TLS [0-9.]+|0x[0-9A-F]+), [A-Z0-9_x]+)$`)

// noteSays is a remark of ours without what the server said.
func noteSays(text string) string {
	if ownNote.MatchString(text) {
		return text
	}
	return failureSays(text)
}

// unverified says why a certificate will not do. Its names, and who signed it, are the server's words: the record has
// them from a session without a login.
func unverified(err error) string {
	var name x509.HostnameError
	var authority x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	switch {
	case errors.As(err, &name):
		return "the certificate is not one of " + cmp.Or(name.Host, "this server")
	case errors.As(err, &authority):
		return "nobody that we trust has signed the certificate"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "the certificate has expired, or does not hold yet"
	case errors.As(err, &invalid):
		return "the certificate is not valid"
	case errors.Is(err, wire.ErrTimeout):
		return "no TLS session in time"
	}
	return failureSays(err.Error())
}
