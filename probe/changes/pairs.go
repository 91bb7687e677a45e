package changes

import (
	"net/netip"
	"slices"
)

// pair is a server before and after; nil where there is none.
type pair struct{ was, now *server }

// pairs matches the servers of the two scans, the surest likeness first:
//
//   - the same name, address and domain;
//   - what likenesses lists, where there is only one on each side;
//   - the same name, where it had, or has, no address at all.
//
// The rest has no counterpart.
func (d *Diff) pairs() []pair {
	var found []pair
	var was, now []*server
	for id, s := range d.after.servers {
		if old, ok := d.before.servers[id]; ok {
			found = append(found, pair{old, s})
		} else {
			now = append(now, s)
		}
	}
	for id, s := range d.before.servers {
		if _, ok := d.after.servers[id]; !ok {
			was = append(was, s)
		}
	}
	for _, likeness := range likenesses {
		found, was, now = match(found, was, now, likeness)
	}
	found, was, now = matchNames(found, was, now)
	for _, s := range was {
		found = append(found, pair{was: s})
	}
	for _, s := range now {
		found = append(found, pair{now: s})
	}
	return found
}

// likenesses lists what two servers may have in common, the surest first. What has not even that is like nothing: nil.
var likenesses = []func(*server) any{
	func(s *server) any { return identity{name: s.name, target: s.target} },     // for another domain, or none
	func(s *server) any { return identity{target: s.target, domain: s.domain} }, // under another name, or none
	func(s *server) any { return s.target },
	func(s *server) any { return s.host(s.domain) }, // the host has moved
	func(s *server) any { return s.host("") },
}

// host is a name at a port of one address family, as the mail host of a domain; nil for what has no name or no address.
func (s *server) host(domain string) any {
	type host struct {
		name, domain string
		port         uint16
		v6           bool
	}
	addr, err := netip.ParseAddrPort(s.target)
	if s.name == "" || err != nil || s.absent {
		return nil
	}
	return host{s.name, domain, addr.Port(), addr.Addr().Unmap().Is6()}
}

// match pairs what is alike, if there is one of a kind on each side.
func match(found []pair, was, now []*server, likeness func(*server) any) ([]pair, []*server, []*server) {
	type sides struct{ was, now []*server }
	alike := map[any]*sides{}
	at := func(s *server) *sides {
		key := likeness(s)
		if key == nil {
			return nil
		}
		if alike[key] == nil {
			alike[key] = &sides{}
		}
		return alike[key]
	}
	for _, s := range was {
		if both := at(s); both != nil {
			both.was = append(both.was, s)
		}
	}
	for _, s := range now {
		if both := at(s); both != nil {
			both.now = append(both.now, s)
		}
	}
	paired := func(s *server) bool {
		both := at(s)
		return both != nil && len(both.was) == 1 && len(both.now) == 1
	}
	for _, s := range was {
		if paired(s) {
			found = append(found, pair{s, at(s).now[0]})
		}
	}
	return found, slices.DeleteFunc(was, paired), slices.DeleteFunc(now, paired)
}

// matchNames pairs the addresses of a name with the record that says that it has none.
func matchNames(found []pair, was, now []*server) ([]pair, []*server, []*server) {
	lost, unknown := unresolved(now), unresolved(was)
	used := map[string]bool{} // names whose record has told what it can
	found, was = matchName(found, was, lost, used, func(s, none *server) pair { return pair{s, none} })
	found, now = matchName(found, now, unknown, used, func(s, none *server) pair { return pair{none, s} })
	told := func(s *server) bool { return s.unresolved() && used[s.name] }
	return found, slices.DeleteFunc(was, told), slices.DeleteFunc(now, told)
}

// matchName takes out of all what has a name that has no address on the other side.
func matchName(found []pair, all []*server, other map[string]*server, used map[string]bool, made func(s, none *server) pair) ([]pair, []*server) {
	return found, slices.DeleteFunc(all, func(s *server) bool {
		none := other[s.name]
		if none == nil || s.unresolved() {
			return false
		}
		found = append(found, made(s, none))
		used[s.name] = true
		return true
	})
}

// unresolved finds, by name, what stands for a name without an address.
func unresolved(all []*server) map[string]*server {
	found := map[string]*server{}
	for _, s := range all {
		if s.unresolved() {
			found[s.name] = s
		}
	}
	return found
}

// unresolved reports whether it stands for a name without an address.
func (s *server) unresolved() bool {
	_, err := netip.ParseAddrPort(s.target)
	return err != nil && s.name != ""
}
