package catcher

import (
	"fmt"
	"strings"
)

// reserved are the names that no mail goes to: nobody can have a mailbox there or below. Not among them are
// names that are special, and have mailboxes in some networks: local, internal, home.arpa, onion.
var reserved = []struct{ name, source string }{
	{"test", "RFC 2606 2"},
	{"example", "RFC 2606 2"},
	{"invalid", "RFC 2606 2"},
	{"localhost", "RFC 2606 2"},
	{"example.com", "RFC 2606 3"},
	{"example.net", "RFC 2606 3"},
	{"example.org", "RFC 2606 3"},
}

// reservedAs says of a domain that it is a reserved name; "" where it is none.
func reservedAs(domain string) string {
	domain = "." + strings.ToLower(strings.TrimSuffix(domain, "."))
	for _, r := range reserved {
		if strings.HasSuffix(domain, "."+r.name) {
			return fmt.Sprintf("%s is a reserved name, to which no mail goes (%s)", r.name, r.source)
		}
	}
	return ""
}
