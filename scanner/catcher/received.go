package catcher

import (
	"net/netip"
	"regexp"
	"strings"
)

// received returns the Received fields of a header, newest first, each unfolded, and bounds what it
// keeps of them: thirty hops, of which no honest field is longer than a kilobyte.
func received(h header) []string {
	const most, longest = 30, 1 << 10
	var fields []string
	for _, value := range h.all("Received") {
		if len(fields) == most {
			break
		}
		fields = append(fields, strings.ToValidUTF8(value[:min(len(value), longest)], "\ufffd"))
	}
	return fields
}

// sawClient is the address that the tested server believed its client to have, by the field it wrote
// itself: the oldest one, since the message had none when it was handed over. It is zero where the
// field does not say.
func sawClient(fields []string) netip.Addr {
	if len(fields) == 0 {
		return netip.Addr{}
	}
	return clientOf(fields[len(fields)-1])
}

// clientOf reads the client's address out of the from clause of a Received field (RFC 5321 4.4). The
// grammar puts the name the client gave after "from", and what the server knows, the address, into
// a comment:
//
//	from helo.example (name.example [192.0.2.7]) by ...      Postfix, Sendmail, OpenSMTPD, Haraka
//	from helo.example ([::ffff:192.0.2.7]) by ...            Courier
//	from helo.example (192.0.2.7) by ...                     Exchange
//	from unknown (HELO helo.example) (192.0.2.7) by ...      qmail
//	from [192.0.2.7] (helo=helo.example) by ...              Exim, a client without a name
//
// Exim alone puts the address outside, in brackets, and then no comment holds one. An address that
// the client gave for its name, "HELO [10.0.0.1]", is never meant.
func clientOf(field string) netip.Addr {
	name, comments := fromClause(field)
	for i := range comments {
		comments[i] = claimed.ReplaceAllString(comments[i], " ")
	}
	for _, candidates := range []func(string) []string{inBrackets, words} {
		for _, comment := range comments {
			for _, c := range candidates(comment) {
				if addr, ok := address(c); ok {
					return addr
				}
			}
		}
	}
	if strings.HasPrefix(name, "[") {
		for _, c := range inBrackets(name) {
			if addr, ok := address(c); ok {
				return addr
			}
		}
	}
	return netip.Addr{}
}

// claimed is what the client said of itself: Exim's helo= and ident=, qmail's HELO, James's EHLO.
var claimed = regexp.MustCompile(`(?i)\b(?:helo|ehlo|ident)[= ]\S+`)

var bracketed = regexp.MustCompile(`\[([^][]{2,60})\]`)

// inBrackets returns what stands in brackets.
func inBrackets(s string) (inner []string) {
	for _, m := range bracketed.FindAllStringSubmatch(s, -1) {
		inner = append(inner, m[1])
	}
	return inner
}

// words returns the words of a comment, without the user that RFC 1413 named: qmail writes
// (root@192.0.2.7).
func words(s string) []string {
	list := strings.Fields(s)
	for i, w := range list {
		list[i] = w[strings.LastIndexByte(w, '@')+1:]
	}
	return list
}

// address reads an address as Received fields write it: IPv6: or not, mapped or not, never with a zone.
func address(s string) (netip.Addr, bool) {
	if len(s) > 5 && strings.EqualFold(s[:5], "IPv6:") {
		s = s[5:]
	}
	addr, err := netip.ParseAddr(s)
	return addr.Unmap(), err == nil && addr.Zone() == ""
}

// fromClause returns the word after "from" and the comments behind it, without their parentheses, up
// to the next word that is no comment. Comments may nest (RFC 5322 3.2.2).
func fromClause(field string) (name string, comments []string) {
	rest := strings.TrimSpace(field)
	if len(rest) < 5 || !strings.EqualFold(rest[:4], "from") || !strings.ContainsAny(rest[4:5], " \t") {
		return "", nil
	}
	rest = strings.TrimLeft(rest[5:], " \t")
	if i := strings.IndexAny(rest, " \t("); i >= 0 {
		name, rest = rest[:i], rest[i:]
	} else {
		name, rest = rest, ""
	}
	for {
		rest = strings.TrimLeft(rest, " \t")
		if !strings.HasPrefix(rest, "(") {
			return name, comments
		}
		end := commentEnd(rest)
		comments = append(comments, rest[1:end])
		rest = rest[min(end+1, len(rest)):]
	}
}

// commentEnd is where the comment that s begins with ends: its last parenthesis, or the end of s. A
// backslash takes the meaning from the next character.
func commentEnd(s string) int {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return len(s)
}
