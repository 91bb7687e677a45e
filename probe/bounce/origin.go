package bounce

import (
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/emersion/go-message"
	"golang.org/x/net/publicsuffix"

	"openrelay/probe/netaddr"
)

// original tells what the header of the message that came back says.
func (r *Reader) original(h message.Header, reporter string) *Original {
	o := &Original{
		MessageID: strings.Trim(strings.TrimSpace(h.Get("Message-Id")), "<>"),
		From:      header(h, "From"),
		Subject:   header(h, "Subject"),
	}
	received := h.Values("Received")
	o.Received = len(received)
	if len(r.Ours) == 0 {
		return o
	}
	hosts := []string{reporter}
	for _, line := range received {
		hosts = append(hosts, hostsOf(line)...)
	}
	switch {
	case slices.ContainsFunc(hosts, r.isOurs):
		o.Origin = Ours
	case slices.ContainsFunc(hosts[1:], tells) && !slices.ContainsFunc(hosts, r.isNeighbour):
		o.Origin = Elsewhere
	}
	return o
}

// header is a field in readable form, short.
func header(h message.Header, field string) string {
	s, _ := h.Text(field)
	return shorten(strings.ToValidUTF8(strings.TrimSpace(s), "\uFFFD"), 300)
}

// hostNames finds names of hosts with at least one dot.
var hostNames = regexp.MustCompile(`(?i)\b[a-z0-9_](?:[a-z0-9_-]*[a-z0-9])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9])?)+`)

// hostsOf returns the hosts that a Received line names after "from" and "by" (RFC 5321 4.4): neither
// the recipient after "for" nor the date counts.
func hostsOf(line string) []string {
	var hosts []string
	line, _, _ = strings.Cut(line, ";")
	line = strings.Join(strings.Fields(line), " ")
	if i := strings.Index(line, " for "); i >= 0 {
		line = line[:i]
	}
	for _, a := range addresses(line) {
		hosts = append(hosts, a.String())
	}
	for _, n := range hostNames.FindAllString(line, 20) {
		if _, err := netip.ParseAddr(n); err != nil && strings.ContainsAny(n, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") {
			hosts = append(hosts, n)
		}
	}
	return hosts
}

// tells reports whether a host can be told from others: every network has a 10.0.0.1.
func tells(host string) bool {
	a, err := netip.ParseAddr(host)
	return err != nil || netaddr.Public(a)
}

// isNeighbour reports whether a host belongs to the same domain as one of those given: the list may not
// be complete, so nothing can be said.
func (r *Reader) isNeighbour(host string) bool {
	domain, err := publicsuffix.EffectiveTLDPlusOne(strings.ToLower(strings.Trim(host, ".")))
	return err == nil && slices.ContainsFunc(r.Ours, func(o string) bool {
		ours, err := publicsuffix.EffectiveTLDPlusOne(strings.ToLower(strings.Trim(o, ".")))
		return err == nil && ours == domain
	})
}

// isOurs reports whether a host, by name or address, is one of those given.
func (r *Reader) isOurs(host string) bool {
	if host == "" {
		return false
	}
	host = strings.ToLower(strings.Trim(host, ".[]"))
	addr, err := netip.ParseAddr(host)
	for _, o := range r.Ours {
		o = strings.ToLower(strings.Trim(o, ".[]"))
		if err != nil {
			if o != "" && strings.HasSuffix("."+host, "."+o) {
				return true
			}
			continue
		}
		if p, e := netip.ParsePrefix(o); e == nil && p.Contains(addr.Unmap()) {
			return true
		}
		if a, e := netip.ParseAddr(o); e == nil && a.Unmap() == addr.Unmap() {
			return true
		}
	}
	return false
}
