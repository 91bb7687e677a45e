package probe

import "strings"

// Placeholder is a word that stands in braces in the templates of vectors, and is filled in for each target.
type Placeholder struct {
	Word  string
	Kind  Kind
	About string
}

// Kind is what a placeholder stands for.
type Kind int

// The kinds.
const (
	Ours     Kind = iota // what we call ourselves and others
	Foreign              // a foreign domain
	TopLevel             // a foreign domain that stands for its top level, by which the word goes
	Own                  // a name of the target's own
	Address              // an address, as XCLIENT writes it
)

// Placeholders is the table of them. A word may stand for several values, such as two own domains, and for none
// where nobody knows one.
var Placeholders = []Placeholder{
	{"user", Ours, "the local part of our senders"},
	{"rcpt", Ours, "the local part of our foreign recipients"},
	{"from", Foreign, "the foreign domain of our senders"},
	{"to", Foreign, "the foreign domain of our recipients"},
	{"to-mixed-case", Foreign, "the same, in mixed case"},
	{"com", TopLevel, "a foreign domain of recipients under .com"},
	{"net", TopLevel, "one under .net"},
	{"org", TopLevel, "one under .org"},
	{"own-domain", Own, "a domain that the target takes mail for"},
	{"own-host", Own, "a host name of the target"},
	{"own-literal", Own, "the target's address as a domain literal: [192.0.2.1] or [IPv6:2001:db8::1]"},
	{"own-user", Own, "the address of a user of the target, without the angle brackets"},
	{"our-address", Address, "the address that we test from"},
	{"loopback", Address, "a loopback address"},
	{"private", Address, "a private address"},
}

// Words lists the placeholders of one kind.
func Words(k Kind) (words []string) {
	for _, p := range Placeholders {
		if p.Kind == k {
			words = append(words, p.Word)
		}
	}
	return words
}

// names reports whether a template uses a placeholder of one kind.
func names(template string, k Kind) bool {
	for i := range Placeholders {
		if p := &Placeholders[i]; p.Kind == k && strings.Contains(template, "{"+p.Word+"}") {
			return true
		}
	}
	return false
}
