package targets

import (
	"strings"

	"openrelay/probe/netaddr"
)

// fold writes a host name the one way it is compared: lower case, without a final dot.
func fold(name string) string { return strings.ToLower(strings.TrimSuffix(name, ".")) }

// mostName is how long a host name may be (RFC 1035 2.3.4).
const mostName = 253

// checkName refuses what cannot be a host name, and says what it may have been meant for.
func (w word) checkName(host string) error {
	if len(host) > mostName {
		return w.errorf(howTargets, "%q has %d characters, and a host name at most %d", host, len(host), mostName)
	}
	if local, domain, found := strings.Cut(host, "@"); found && local != "" && netaddr.Name(domain) {
		return w.errorf(command("mx:"+domain), "%q is a mail address: name the domain's mail hosts", w.text)
	}
	if strings.IndexFunc(host, func(r rune) bool { return r > 127 }) >= 0 {
		return w.errorf("write a name as the DNS holds it: xn--...", "host name %q is not ASCII", host)
	}
	if strings.Trim(host, "0123456789") == "" && host != "" {
		return w.errorf("write a port behind its target: openrelay scan mail.example.org:"+host, "%q is no target", host)
	}
	if netaddr.EndsInNumber(host) {
		return w.errorf(command("192.0.2.25"), "%q is not an IPv4 address", host)
	}
	if !netaddr.Name(host) {
		return w.errorf(command("mail.example.org"), "%q is not a host name", host)
	}
	return nil
}
