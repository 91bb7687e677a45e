package targets

import (
	"errors"
	"net/netip"
	"strings"

	"openrelay/probe/netaddr"
)

// fold writes a host name the one way it is compared: as the DNS holds it, in lower case, without a final dot.
func fold(name string) string {
	if ascii, err := netaddr.ASCII(name); err == nil {
		name = ascii
	}
	return strings.ToLower(strings.TrimSuffix(name, "."))
}

// mostName is how long a host name may be (RFC 1035 2.3.4).
const mostName = 253

// checkName refuses what cannot be a host name, and says what it may have been meant for.
func (w word) checkName(host string) error {
	if len(host) > mostName {
		return w.errorf(howTargets, "%q has %d characters, and a host name at most %d", host, len(host), mostName)
	}
	if local, domain, found := strings.Cut(host, "@"); found && local != "" && isName(domain) {
		return w.errorf(command("mx:"+domain), "%q is a mail address: name the domain's mail hosts", w.text)
	}
	if strings.Trim(host, "0123456789") == "" && host != "" {
		return w.errorf(howTargets, "%q is no target: a port stands behind one, with a colon", host)
	}
	if netaddr.EndsInNumber(host) {
		return w.errorf(howTargets, "%q is not an IPv4 address", host)
	}
	_, err := netaddr.ASCII(host)
	if err == nil {
		return nil
	}
	try := howTargets
	if meant := meantBy(err); meant != "" {
		text := w.text
		if isMX(text) && isAddress(meant) {
			text = text[len("mx:"):]
		}
		try = command(strings.Replace(text, host, meant, 1))
	}
	return w.errorf(try, "%s", err)
}

func isName(text string) bool {
	_, err := netaddr.ASCII(text)
	return err == nil
}

// meantBy is what was meant by a text that is no name, by the error about it; "" where nobody can tell.
func meantBy(err error) string {
	if bad, ok := errors.AsType[*netaddr.NameError](err); ok {
		return bad.Meant
	}
	return ""
}

// noEntry is the mistake of a text that is no name, by the error about it, nor what else might stand there.
func (w word) noEntry(noName error, try, what string) error {
	bad := netaddr.NameError{Name: clip(w.text)}
	if because, ok := errors.AsType[*netaddr.NameError](noName); ok {
		bad.Why = because.Why
	}
	return w.errorf(try, "%s", bad.Say("is not "+what))
}

// mailDomain is what stands behind mx:, with its port. What cannot be a domain with mail hosts is named as what it is.
func (w word) mailDomain() (word, error) {
	domain := word{w.text[len("mx:"):], w.where, w.about}
	host, _, err := domain.splitPort()
	if err != nil {
		return domain, err
	}
	switch name := fold(host); {
	case host == "":
		return domain, w.errorf(howTargets, "%q names no domain", w.text)
	case name == "localhost" || strings.HasSuffix(name, ".localhost"):
		return domain, w.errorf(command(domain.text), "%q: localhost is this machine, and no domain with mail hosts (RFC 6761 6.3)", w.text)
	case isAddress(host):
		return domain, w.errorf(command(domain.text), "%q: mx: takes a domain, not an address", w.text)
	case isNumeric(domain.text) || strings.Count(domain.text, ":") > 1:
		return domain, w.errorf(howTargets, "%q: mx: takes a domain, not an address", w.text)
	}
	return domain, w.checkName(host)
}

// isAddress reports whether a text, without a port, is an address, or names some.
func isAddress(text string) bool {
	_, noAddr := netip.ParseAddr(text)
	_, noNetwork := netip.ParsePrefix(text)
	_, noRange := parseRange(word{text: text})
	return noAddr == nil || noNetwork == nil || isRange(text) && noRange == nil
}

// isNobodysSecret reports whether a line may be quoted wherever it stands: nobody has such a password.
func (w word) isNobodysSecret() bool {
	text := strings.ToLower(w.text)
	return text == "mx:" || text == "mx:localhost"
}
