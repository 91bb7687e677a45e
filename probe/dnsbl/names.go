package dnsbl

import (
	"strings"

	"golang.org/x/net/publicsuffix"
)

// NamesOf returns the names to ask lists of names about where a host is meant: the host, and the
// domain it is registered under, which is what most lists hold.
func NamesOf(host string) []string {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	domain, err := publicsuffix.EffectiveTLDPlusOne(host)
	if err != nil || domain == host {
		return []string{host}
	}
	return []string{host, domain}
}
