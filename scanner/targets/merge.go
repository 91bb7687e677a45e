package targets

import (
	"cmp"
	"slices"

	"openrelay/probe"
)

// merge folds together what was named twice. A port the user typed is never optional, even where
// another spec of the same host leaves it to the defaults.
func (p *parser) merge() {
	names := map[string]int{}
	merged := p.names[:0]
	for _, h := range p.names {
		key := h.key()
		i, known := names[key]
		if !known {
			names[key] = len(merged)
			merged = append(merged, hostname{h.name, h.mx, uniquePorts(h.ports), h.about})
			continue
		}
		merged[i].ports = uniquePorts(append(merged[i].ports, h.ports...))
		merged[i].about = merged[i].and(h.about)
	}
	p.names = merged
	p.singles = mergeSingles(p.singles)
}

// mergeSingles keeps one of each address and port, and one more for each further domain whose mail it takes. There may be
// hundreds of thousands, so that their order is sorted instead of a map made of them.
func mergeSingles(all []single) []single {
	order := make([]int, len(all))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int {
		a, b := all[i], all[j]
		return cmp.Or(a.Compare(b.AddrPort), compareBool(a.domain == "", b.domain == ""), cmp.Compare(a.domain, b.domain), cmp.Compare(i, j))
	})
	again := make([]bool, len(all))
	for n := 1; n < len(order); n++ {
		i, kept := order[n], order[n-1]
		s := all[i]
		if s.AddrPort != all[kept].AddrPort || s.domain != "" && s.domain != all[kept].domain {
			continue // without a domain it is no other target
		}
		all[kept].optional = all[kept].optional && s.optional
		all[kept].about = all[kept].and(s.about)
		again[i], order[n] = true, kept
	}
	merged := all[:0]
	for i, s := range all {
		if !again[i] {
			merged = append(merged, s)
		}
	}
	return merged
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// and is what is known of a target by two lines.
func (a about) and(b about) about {
	a.origin, a.domain, a.alike = cmp.Or(a.origin, b.origin), cmp.Or(a.domain, b.domain), cmp.Or(a.alike, b.alike)
	switch {
	case a.local == nil:
		a.local = b.local
	case b.local != nil && a.local != b.local:
		a.local = &probe.Local{Domains: union(a.local.Domains, b.local.Domains), Users: union(a.local.Users, b.local.Users)}
	}
	return a
}

// union is a and what b has besides.
func union(a, b []string) []string {
	a = slices.Clip(a)
	for _, s := range b {
		if !slices.Contains(a, s) {
			a = append(a, s)
		}
	}
	return a
}

func uniquePorts(ports []port) []port {
	var unique []port
	for _, p := range ports {
		i := slices.IndexFunc(unique, func(u port) bool { return u.number == p.number })
		if i < 0 {
			unique = append(unique, p)
			continue
		}
		unique[i].optional = unique[i].optional && p.optional
	}
	return unique
}
