package targets

import (
	"cmp"
	"slices"

	"openrelay/probe"
)

// merge folds together what was named twice. A port the user typed is never optional, even where
// another spec of the same host leaves it to the defaults.
func (p *parser) merge() {
	places := map[string]int{}
	merged := p.names[:0]
	var lines [][]about // that name each
	for _, h := range p.names {
		key := h.key()
		i, known := places[key]
		if !known {
			places[key] = len(merged)
			merged = append(merged, h)
			lines = append(lines, nil)
			continue
		}
		merged[i].ports = append(merged[i].ports, h.ports...)
		lines[i] = append(lines[i], h.about)
	}
	for i := range merged {
		merged[i].ports, merged[i].about = uniquePorts(merged[i].ports), merged[i].and(lines[i])
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
		return cmp.Or(a.Compare(b.AddrPort), cmp.Compare(b.domain, a.domain), cmp.Compare(i, j)) // without a domain last
	})
	again := make([]bool, len(all))
	var lines []about
	for n := 0; n < len(order); {
		kept := order[n]
		lines = lines[:0]
		for n++; n < len(order) && all[order[n]].repeats(all[kept]); n++ {
			s := all[order[n]]
			all[kept].optional = all[kept].optional && s.optional
			lines = append(lines, s.about)
			again[order[n]] = true
		}
		all[kept].about = all[kept].and(lines)
	}
	merged := all[:0]
	for i, s := range all {
		if !again[i] {
			merged = append(merged, s)
		}
	}
	return merged
}

// repeats reports whether a single is no other target than one before it: without a domain it never is.
func (s single) repeats(kept single) bool {
	return s.AddrPort == kept.AddrPort && (s.domain == "" || s.domain == kept.domain)
}

// and is what is known of a target by several lines. There may be very many of one target: a host that takes mail for
// 100,000 domains, each in a line of its own.
func (a about) and(lines []about) about {
	locals := []*probe.Local{a.local}
	for _, b := range lines {
		a.origin, a.domain, a.alike = cmp.Or(a.origin, b.origin), cmp.Or(a.domain, b.domain), cmp.Or(a.alike, b.alike)
		if b.local != nil && b.local != locals[len(locals)-1] {
			locals = append(locals, b.local)
		}
	}
	a.local = together(locals)
	return a
}

// together is what several lines know, of which the first may know nothing.
func together(lines []*probe.Local) *probe.Local {
	if lines[0] == nil {
		lines = lines[1:]
	}
	switch len(lines) {
	case 0:
		return nil
	case 1:
		return lines[0]
	}
	var all probe.Local
	for _, line := range lines {
		all.Domains, all.Users = append(all.Domains, line.Domains...), append(all.Users, line.Users...)
	}
	return &probe.Local{Domains: unique(all.Domains), Users: unique(all.Users)}
}

// unique is each text once, in the order in which they come.
func unique(texts []string) (once []string) {
	seen := map[string]bool{}
	for _, text := range texts {
		if !seen[text] {
			seen[text] = true
			once = append(once, text)
		}
	}
	return once
}

func uniquePorts(ports []port) (unique []port) {
	places := map[uint16]int{}
	for _, p := range ports {
		i, known := places[p.number]
		if !known {
			places[p.number] = len(unique)
			unique = append(unique, p)
			continue
		}
		unique[i].optional = unique[i].optional && p.optional
	}
	return unique
}
