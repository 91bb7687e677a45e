package targets

import (
	"net/netip"
	"slices"
	"strings"

	"go4.org/netipx"

	"openrelay/probe/netaddr"
)

// exclusions are what the user wants left alone.
type exclusions struct {
	addrs *netipx.IPSet
	names []word // folded; their addresses are known once the walk has looked them up
}

func (e exclusions) name(n string) bool {
	return slices.ContainsFunc(e.names, func(w word) bool { return w.text == n })
}

const excludeHint = "openrelay scan --help" // what is typed there must leave out all the same, so no other target is named

// exclusions reads --exclude and the exclude files.
func (o Options) exclusions() (exclusions, error) {
	var words []word
	for _, text := range o.Exclude {
		words = append(words, word{text: text, where: "--exclude"})
	}
	for _, path := range o.ExcludeFiles {
		lines, err := readFile(path, excludeHint)
		if err != nil {
			return exclusions{}, err
		}
		words = append(words, lines...)
	}

	var addrs netipx.IPSetBuilder
	var names []word
	var seen evidence
	for _, w := range words {
		r, name, err := w.exclusion()
		if err != nil && w.where == "--exclude" {
			return exclusions{}, err
		}
		if err != nil {
			return exclusions{}, seen.say(hinted(err, excludeHint), w, excludeHint)
		}
		seen.saw(w)
		if name != "" {
			names = append(names, word{text: name, where: w.where})
			continue
		}
		addrs.AddRange(r)
	}
	return exclusions{built(&addrs), names}, nil
}

// families are the addresses that -4 or -6 leaves out: by what they are, whatever they stand for.
func (o Options) families() *netipx.IPSet {
	switch {
	case o.IPv4Only:
		return setOf("::/0")
	case o.IPv6Only:
		return setOf("0.0.0.0/0")
	}
	return setOf()
}

// exclusion reads one thing to leave alone: addresses, or a name.
func (w word) exclusion() (r netipx.IPRange, name string, err error) {
	if strings.Contains(w.text, "/") {
		r, err = parseNetwork(w)
		return r, "", hinted(err, excludeHint)
	}
	if isRange(w.text) {
		r, err = parseRange(w)
		return r, "", hinted(err, excludeHint)
	}
	if addr, err := netip.ParseAddr(w.text); err == nil {
		addr = addr.Unmap().WithZone("")
		return netipx.IPRangeFrom(addr, addr), "", nil
	}
	if _, err := netaddr.ASCII(w.text); err != nil {
		try := excludeHint
		if meant := meantBy(err); meant != "" {
			try = "openrelay scan --exclude " + meant + " ..."
		}
		return r, "", w.noEntry(err, try, "an address, a CIDR, a range or a host name")
	}
	return r, fold(w.text), nil
}
