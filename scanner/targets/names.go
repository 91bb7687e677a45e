package targets

import "strings"

// fold writes a host name the one way it is compared: lower case, without a final dot.
func fold(name string) string { return strings.ToLower(strings.TrimSuffix(name, ".")) }

// checkName refuses what cannot be a host name (RFC 1123 2.1, RFC 1035 2.3.4). Underscores are let
// through: there are hosts that have them.
func (w word) checkName(host string) error {
	if local, domain, found := strings.Cut(host, "@"); found && local != "" && IsHostName(domain) {
		return w.errorf(command("mx:"+domain), "%q is a mail address: name the domain's mail hosts", w.text)
	}
	if strings.IndexFunc(host, func(r rune) bool { return r > 127 }) >= 0 {
		return w.errorf("write a name as the DNS holds it: xn--...", "host name %q is not ASCII", host)
	}
	if strings.Trim(host, "0123456789") == "" && host != "" {
		return w.errorf("write a port behind its target: openrelay scan mail.example.org:"+host, "%q is no target", host)
	}
	if isNumeric(host) {
		return w.errorf(command("192.0.2.25"), "%q is not an IPv4 address", host)
	}
	if !IsHostName(host) {
		return w.errorf(command("mail.example.org"), "%q is not a host name", host)
	}
	return nil
}

// IsHostName reports whether name could be a host or a domain in the DNS.
func IsHostName(name string) bool {
	name = strings.TrimSuffix(name, ".")
	if len(name) > 253 || isNumeric(name) {
		return false
	}
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		if strings.IndexFunc(label, func(r rune) bool { return !isNameRune(r) }) >= 0 {
			return false
		}
	}
	return true
}

func isNameRune(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '-' || r == '_'
}
