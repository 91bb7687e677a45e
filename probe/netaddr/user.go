package netaddr

import "strings"

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
// SMTPUTF8 (RFC 6531), which is not spoken here.
func ASCIIUser(s string) (string, error) {
	local, domain, full := strings.Cut(s, "@")
	if full && strings.ContainsFunc(domain, notASCII) {
		ascii, err := ASCII(domain)
		if err != nil {
			return "", err
		}
		s = local + "@" + ascii
	}
	switch {
	case strings.ContainsFunc(local, notASCII):
		return "", &NameError{Name: local, Why: "it is not ASCII, and openrelay does not speak SMTPUTF8 (RFC 6531)"}
	case !User(s):
		return "", &NameError{Name: s}
	}
	return s, nil
}
