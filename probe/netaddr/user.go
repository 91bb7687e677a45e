package netaddr

import (
	"errors"
	"strings"
)

// User reports whether a text is a user of a mail server as people write one: "ada", or "ada@example.org". The local
// part is a dot-string (RFC 5321 4.1.2) without the characters that servers route by, ! and %.
func User(s string) bool {
	local, domain, full := strings.Cut(s, "@")
	if full && !Name(domain) || len(local) > 64 { // RFC 5321 4.5.3.1.1
		return false
	}
	for atom := range strings.SplitSeq(local, ".") {
		if atom == "" || strings.ContainsFunc(atom, notOfAtom) {
			return false
		}
	}
	return true
}

func notOfAtom(r rune) bool { return notOfLabel(r) && !strings.ContainsRune("#$&'*+/=?^`{|}~", r) }

// ASCIIUser is a [User] as one is asked about: with its domain in ASCII. The user itself must be ASCII: any other needs
// SMTPUTF8 (RFC 6531), which openrelay does not speak. What is no user is a *NameError.
func ASCIIUser(s string) (string, error) {
	local, domain, full := strings.Cut(s, "@")
	if strings.ContainsFunc(local, notASCII) {
		return "", &NameError{Name: s, Why: "its user is not ASCII, and openrelay does not speak SMTPUTF8 (RFC 6531)"}
	}
	ascii, err := ASCII(domain)
	if bad, ok := errors.AsType[*NameError](err); full && ok {
		meant := bad.Meant
		if meant != "" {
			meant = local + "@" + meant
		}
		return "", &NameError{s, bad.Why, meant}
	}
	if full {
		s = local + "@" + ascii
	}
	if !User(s) {
		return "", &NameError{Name: s}
	}
	return s, nil
}
