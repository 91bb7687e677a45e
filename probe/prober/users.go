package prober

import (
	"slices"
	"strings"

	"openrelay/probe/netaddr"
)

// ownUsers are the users that were given, as addresses: one with a domain where that is an own one of the target's, one
// without at each own domain that was given or named. What a server says of itself in its greeting is not enough for
// the latter: it would be told who may exist anywhere.
func (q *inquiry) ownUsers(bannerHost string) (users []string) {
	if len(q.local.Users) == 0 {
		return nil
	}
	own := make(names)
	own.own(q.t, q.local.Domains, bannerHost, false)
	domains := distinct(slices.Concat(own["own-domain"], own["own-host"]))
	for _, u := range q.local.Users {
		user, at, full := strings.Cut(u, "@")
		for _, d := range domains {
			if netaddr.User(u) && (full && strings.EqualFold(at, d) || !full && q.isNamed(d)) {
				users = append(users, user+"@"+d)
			}
		}
	}
	if q.p.Quick {
		users = users[:min(1, len(users))]
	}
	return distinct(users)
}

// isNamed reports whether the user gave a domain, or named the target by a host of it.
func (q *inquiry) isNamed(domain string) bool {
	return q.isGiven(domain) || q.t.Named && q.t.Domain == "" && strings.EqualFold(mailDomain(strings.ToLower(strings.TrimSuffix(q.t.Name, "."))), domain)
}
