package main

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"openrelay/probe/netaddr"
)

// noName is the error of a flag whose text has no name in it, by the error of netaddr. what says what it is not, and line
// is a command line that works with the flag in place of %s: with what was meant, or else with another value.
func noName(flag, text, what string, err error, line, other string) error {
	bad := netaddr.NameError{Name: text}
	if because, ok := errors.AsType[*netaddr.NameError](err); ok {
		bad.Why, bad.Meant = because.Why, because.Meant
	}
	if netaddr.User(bad.Meant) && !netaddr.EndsInNumber(bad.Meant) { // a name, a user's address, but no IP address
		other = bad.Meant
	}
	return &usageError{flag + " " + bad.Say(what), fmt.Sprintf(line, flag+" "+other)}
}

// isLiteral reports whether a name to introduce us by is an address (RFC 5321 4.1.3).
func isLiteral(name string) bool {
	inner, begins := strings.CutPrefix(name, "[")
	inner, ends := strings.CutSuffix(inner, "]")
	_, err := netip.ParseAddr(strings.TrimPrefix(inner, "IPv6:"))
	return begins && ends && err == nil
}
