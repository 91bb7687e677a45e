package prober

import (
	"maps"
	"net/netip"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/net/publicsuffix"

	"openrelay/probe"
	"openrelay/probe/netaddr"
)

// names are the values of the words that a template may use, for one target: see [probe.Placeholders]. The own ones
// may have several, or none where nobody knows them.
type names map[string][]string

var topLevels = probe.Words(probe.TopLevel)

// Our local parts. They are plain words, so that a server which quotes them back says nothing that
// could be taken for a reason.
const (
	senderName    = "audit"
	recipientName = "stranger"
)

// foreign returns the names of foreign domains: what the user gave, else the ones reserved by RFC
// 2606. The sender's domain and the recipient's differ, or "plain" would be "same-domain".
func foreign(from, to []string) names {
	sender, recipient := "example.net", "example.org"
	if len(from) > 0 && strings.EqualFold(from[0], recipient) {
		recipient = "example.com"
	}
	if len(to) > 0 && strings.EqualFold(to[0], sender) {
		sender = "example.org" // plain-com has the other one
	}
	n := names{
		"user": {senderName}, "rcpt": {recipientName},
		"from": {sender}, "to": {recipient},
		"loopback": {"127.0.0.1", "IPV6:::1"}, "private": {"10.0.0.1", "172.17.0.1", "192.168.0.1"},
	}
	if len(from) > 0 {
		n["from"] = from[:1]
	}
	if len(to) > 0 {
		n["to"] = to[:1] // the plain vector asks for the others too
	}
	for _, tld := range topLevels {
		n[tld] = []string{"example." + tld}
		if i := slices.IndexFunc(to, func(d string) bool { return strings.HasSuffix(d, "."+tld) }); i >= 0 {
			n[tld] = to[i : i+1]
		}
	}
	n["to-mixed-case"] = []string{mixedCase(n["to"][0])}
	return n
}

// with returns a copy in which one name has another value.
func (n names) with(name, value string) names {
	c := maps.Clone(n)
	c[name] = []string{value}
	if name == "to" {
		c["to-mixed-case"] = []string{mixedCase(value)}
	}
	return c
}

// exchanged returns a copy with the foreign domains of sender and recipient exchanged.
func (n names) exchanged() names {
	c := maps.Clone(n)
	c["from"], c["to"] = n["to"], n["from"]
	return c
}

func mixedCase(domain string) string {
	b := []byte(strings.ToLower(domain))
	for i := 0; i < len(b); i += 2 {
		b[i] = byte(unicode.ToUpper(rune(b[i])))
	}
	return string(b)
}

// own adds the target's own names, best known first: what the user said, the name it was reached by,
// what the banner says. quick keeps the first of each.
func (n names) own(t probe.Target, localDomains []string, bannerHost string, quick bool) {
	var hosts, domains []string
	for _, h := range []string{t.Name, bannerHost} {
		if netaddr.HostName(h) {
			hosts = append(hosts, strings.ToLower(strings.TrimSuffix(h, ".")))
		}
	}
	domains = append(domains, localDomains...)
	if t.Domain != "" {
		domains = append(domains, t.Domain)
	}
	for _, h := range hosts {
		domains = append(domains, mailDomain(h))
	}
	n["own-host"], n["own-domain"] = distinct(hosts), distinct(domains)
	n["own-literal"] = []string{literal(t.Addr.Addr())}
	if quick {
		for _, key := range []string{"own-host", "own-domain"} {
			n[key] = n[key][:min(1, len(n[key]))]
		}
	}
}

func distinct(list []string) []string {
	var out []string
	for _, s := range list {
		if !slices.ContainsFunc(out, func(o string) bool { return strings.EqualFold(o, s) }) {
			out = append(out, s)
		}
	}
	return out
}

// mailDomain guesses the domain a mail host serves: the registrable one, by the public suffix list.
func mailDomain(host string) string {
	if d, err := publicsuffix.EffectiveTLDPlusOne(host); err == nil {
		return d
	}
	return host
}

// bannerHost returns the host name a greeting begins with (RFC 5321 4.2), or "".
func bannerHost(line string) string {
	word, _, _ := strings.Cut(strings.TrimSpace(line), " ")
	if netaddr.HostName(word) {
		return word
	}
	return ""
}

// literal writes an address as a domain literal (RFC 5321 4.1.3).
func literal(a netip.Addr) string {
	a = a.Unmap()
	if a.Is6() {
		return "[IPv6:" + a.WithZone("").String() + "]"
	}
	return "[" + a.String() + "]"
}

// inXCLIENT writes an address as XCLIENT does (Postfix XCLIENT_README).
func inXCLIENT(a netip.Addr) string {
	if a = a.Unmap().WithZone(""); a.Is6() {
		return "IPV6:" + a.String()
	}
	return a.String()
}

// twoForeign returns two foreign domains of recipients, the user's own before others.
func (q *inquiry) twoForeign() [2]string {
	to := q.names["to"][0]
	for _, other := range slices.Concat(q.toDomains, q.names["com"]) {
		if !strings.EqualFold(to, other) {
			return [2]string{to, other}
		}
	}
	return [2]string{to, q.names["net"][0]}
}

// isOwn reports whether a domain is the target's own, or above one that is.
func (n names) isOwn(domain string) bool {
	above := func(own string) bool {
		i := len(own) - len(domain)
		return i >= 0 && strings.EqualFold(own[i:], domain) && (i == 0 || own[i-1] == '.')
	}
	return slices.ContainsFunc(n["own-domain"], above) || slices.ContainsFunc(n["own-host"], above)
}

// avoidOwnDomains replaces foreign domains that are the target's own: a mail host of example.org takes mail for
// it, and that is no relaying.
func (n names) avoidOwnDomains() {
	other := map[string]string{"to": "from", "from": "to"} // these two must differ
	for _, key := range append([]string{"from", "to"}, topLevels...) {
		for _, d := range []string{"example.com", "example.org", "example.net"} {
			if !n.isOwn(n[key][0]) {
				break
			}
			if !n.isOwn(d) && (other[key] == "" || n[other[key]][0] != d) {
				n[key] = []string{d}
			}
		}
	}
	n["to-mixed-case"] = []string{mixedCase(n["to"][0])}
}

// first is the first of a list, the zero T where there is none.
func first[T any](list []T) (t T) {
	if len(list) > 0 {
		t = list[0]
	}
	return t
}
