package netaddr

import "strings"

// HostName reports whether a text is the full name of a host or a domain: what can stand in a dialogue
// as somebody's name, where "localhost" is anybody's. It has at least two labels and is no address;
// a final dot is allowed.
func HostName(s string) bool {
	return strings.Contains(strings.TrimSuffix(s, "."), ".") && Name(s)
}

// Name reports whether a text is a name that a user may give a host: a [HostName], or one label as
// networks of one's own have it ("localhost", "postfix").
//
// Letters, digits and hyphens make a label (RFC 1123 2.1, RFC 1035 2.3.1 and 2.3.4), and underscores:
// the DNS takes them (RFC 2181 11), and mail servers are called mail_1.
func Name(s string) bool {
	if EndsInNumber(s) {
		return false
	}
	s = strings.TrimSuffix(s, ".")
	if len(s) > 253 { // RFC 1035 3.1: 255 octets with the length of each label and the root
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' || strings.ContainsFunc(label, notOfLabel) {
			return false
		}
	}
	return true
}

func notOfLabel(r rune) bool {
	return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '-' || r == '_')
}

// EndsInNumber reports whether the last label of a text is a number: no host name ends so (RFC 3696 2),
// and 192.0.2.300 must not end as a question to the DNS.
func EndsInNumber(s string) bool {
	s = strings.TrimSuffix(s, ".")
	last := s[strings.LastIndexByte(s, '.')+1:]
	return last != "" && !strings.ContainsFunc(last, noDigit)
}

func noDigit(r rune) bool { return r < '0' || r > '9' }
