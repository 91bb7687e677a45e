package changes

import "openrelay/probe"

func (s *server) state() *State {
	if s == nil {
		return nil
	}
	return &State{s.verdict, s.reason, vectorsOf(s.open), s.banner, s.cert, s.expected}
}

// changes compares a server with what it was.
func (p pair) changes() []Change {
	was, now := p.was, p.now
	switch {
	case was == nil && (now == nil || now.absent):
		return nil
	case was == nil:
		c := p.change(Appeared)
		c.NewlyOpen = now.verdict == probe.Open
		return []Change{c}
	case now == nil:
		return []Change{p.change(Vanished)}
	}
	var all []Change
	if c, changed := p.verdict(); changed {
		all = append(all, c)
	}
	if was.target != now.target && !was.unresolved() && !now.unresolved() {
		all = append(all, p.change(AddressChanged))
	}
	if was.cert != nil && now.cert != nil && normalizeCert(*was.cert) != normalizeCert(*now.cert) {
		all = append(all, p.change(CertificateChanged))
	}
	if was.banner != "" && now.banner != "" && normalize(was.banner) != normalize(now.banner) {
		all = append(all, p.change(BannerChanged))
	}
	return all
}

func (p pair) change(kind Kind) Change {
	c := Change{Type: Type, Schema: probe.Schema, Kind: kind, Was: p.was.state(), Now: p.now.state()}
	of := p.now
	if of == nil || p.was != nil && of.unresolved() { // which stands for every address the name had
		of = p.was
	}
	c.Target, c.Name, c.Domain = of.target, of.name, of.domain
	if kind == AddressChanged {
		c.WasTarget = p.was.target
	}
	return c
}

// verdict compares the verdicts, and where they are the same the vectors, and whether that is expected.
func (p pair) verdict() (c Change, changed bool) {
	open, before := vectorsOf(p.now.open), vectorsOf(p.was.open)
	gained, gone := without(open, before), without(before, open)
	kind := map[probe.Verdict]Kind{probe.Open: Opened, probe.Inconclusive: BecameInconclusive,
		probe.Closed: Closed, probe.Unreachable: BecameUnreachable}[p.now.verdict]
	if p.was.verdict == p.now.verdict {
		kind = VectorsChanged
	}
	c = p.change(kind)
	c.Gained = gained
	c.NotAsked = without(gone, vectorsOf(p.now.refused))
	c.Lost = without(gone, c.NotAsked)
	c.NewlyOpen = p.now.verdict == probe.Open && (p.was.verdict != probe.Open || len(gained) > 0)
	if kind == VectorsChanged {
		return c, len(gained)+len(c.Lost) > 0 || c.Now.worse() && !c.Was.worse()
	}
	return c, true
}
