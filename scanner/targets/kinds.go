package targets

import (
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"go4.org/netipx"

	"openrelay/probe/netaddr"
)

// Kind is one way to name targets.
type Kind struct {
	Form    string // how it is written
	About   string // what it names
	Example string
	Range   bool // it names more than one address, of which none is named by itself

	match func(text string) bool
	parse func(word) (spec, error) // nil for lists
}

// spec is what a text names, but for the ports that go without saying.
type spec struct {
	host   string           // a name to be looked up, as fold writes it; "" for addresses
	mx     bool             // it is a domain whose mail hosts are meant
	addrs  []netip.Addr     // named one by one
	ranges []netipx.IPRange // of which no address is named by itself
	port   uint16           // 0 for the usual ones
}

// KindOf returns the row that a text is read as.
func KindOf(text string) Kind {
	return Kinds[slices.IndexFunc(Kinds, func(k Kind) bool { return k.match(text) })] // the last matches everything
}

// Kinds lists every way to name targets, in the order they are tried.
var Kinds = []Kind{
	{"-", "targets from standard input, as in a file", "-", false,
		func(s string) bool { return s == "-" }, nil},
	{"@FILE", "targets from a file, one per line, # begins a comment; or another program's list", "@targets.txt", false,
		func(s string) bool { return strings.HasPrefix(s, "@") }, nil},
	{"mx:DOMAIN[:PORT]", "the mail hosts of a domain", "mx:example.org", false,
		isMX, word.parseMX},
	{"CIDR[:PORT]", "every address of a network", "192.0.2.0/24", true,
		func(s string) bool { return strings.Contains(s, "/") }, word.parseNetwork},
	{"OCTETS[:PORT]", "addresses as nmap writes them: lists, ranges and * for their numbers", "192.0.2.1,2,5-9", true,
		isOctets, word.parseOctets},
	{"FROM-TO[:PORT]", "every address of a range", "192.0.2.1-20", true,
		isRange, word.parseRange},
	{"IPv6, [IPv6]:PORT", "one address", "[2001:db8::25]:587", false,
		func(s string) bool { return strings.HasPrefix(s, "[") || strings.Count(s, ":") > 1 }, word.parseAddress},
	{"IPv4[:PORT]", "one address", "192.0.2.25", false,
		func(s string) bool { return isNumeric(s) && strings.Contains(s, ".") }, word.parseAddress},
	{"HOST[:PORT]", "every address of a host name, IPv4 and IPv6", "mail.example.org:25", false,
		func(string) bool { return true }, word.parseHost},
}

func isMX(s string) bool { return len(s) >= 3 && strings.EqualFold(s[:3], "mx:") }

// isRange tells 192.0.2.1-20 from the host name mail-2.example.org.
func isRange(s string) bool {
	from, _, found := strings.Cut(strings.TrimPrefix(s, "["), "-")
	_, err := netip.ParseAddr(from)
	return found && err == nil && !strings.Contains(from, "%") // fe80::1%br-0 has a zone
}

// isNumeric reports whether a word, without its port, ends in a number as an IPv4 address does.
func isNumeric(s string) bool {
	host, _, _ := strings.Cut(s, ":")
	return netaddr.EndsInNumber(host)
}

// splitPort cuts the port off host:port, [v6]:port, CIDR:port and so on; 0 where there is none. A
// bare IPv6 address has no port, but the digits after a prefix length can be nothing else.
func (w word) splitPort() (rest string, number uint16, err error) {
	rest, digits, found := w.text, "", false
	slash := strings.IndexByte(rest, '/')
	switch {
	case strings.HasPrefix(rest, "["):
		end := strings.IndexByte(rest, ']')
		if end < 0 {
			return "", 0, w.errorf(howTargets, "%q has no closing bracket", w.text)
		}
		tail := rest[end+1:]
		rest = rest[1:end]
		digits, found = strings.CutPrefix(tail, ":")
		if tail != "" && !found {
			return "", 0, w.errorf(howTargets, "%q has something but a port behind the bracket", w.text)
		}
	case slash >= 0:
		if i := strings.IndexByte(rest[slash:], ':'); i >= 0 {
			rest, digits, found = rest[:slash+i], rest[slash+i+1:], true
		}
	case strings.Count(rest, ":") == 1:
		rest, digits, found = strings.Cut(rest, ":")
	}
	if !found {
		return rest, 0, nil
	}
	n, err := strconv.ParseUint(digits, 10, 16)
	if err != nil || n == 0 {
		return "", 0, w.errorf(howTargets, "port %q of %q is not a number from 1 to 65535", digits, w.text)
	}
	return rest, uint16(n), nil
}

func (w word) parseMX() (spec, error) {
	domain, err := w.mailDomain()
	if err != nil {
		return spec{}, err
	}
	s, err := domain.parseHost()
	s.mx = true
	return s, err
}

func (w word) parseHost() (s spec, err error) {
	if s.host, s.port, err = w.splitPort(); err != nil {
		return s, err
	}
	if err := w.checkName(s.host); err != nil {
		return s, err
	}
	s.host = fold(s.host)
	return s, nil
}

func (w word) parseAddress() (s spec, err error) {
	host, number, err := w.splitPort()
	if err != nil {
		return s, err
	}
	addr, err := netip.ParseAddr(host)
	if err != nil && strings.Contains(host, ":") {
		return s, w.errorf(howTargets, "%q is not an IPv6 address", w.text)
	}
	if err != nil {
		return s, w.errorf(howTargets, "%q is not an IPv4 address", w.text)
	}
	if port := seemingPort(w.text); port != "" {
		return s, w.errorf(command(port), "%q is an address that seems to end in a port: [%s] is the address", w.text, host)
	}
	addr = byName(addr.Unmap())
	if what := untestable(addr); what != "" {
		return s, w.errorf(howTargets, "%q is no server's address (%s)", w.text, what)
	}
	return spec{addrs: []netip.Addr{addr}, port: number}, nil
}

// mailPorts are the ports that mail servers listen on, and that an IPv6 address may seem to end in.
var mailPorts = []string{"25", "26", "465", "587", "2525"}

// seemingPort reads an IPv6 address without brackets as an address and a port, "[::1]:2525" of "::1:2525". "" where
// that makes no sense: most addresses end in another number, or are none without it.
func seemingPort(text string) string {
	i := strings.LastIndexByte(text, ':')
	if i < 0 || strings.HasPrefix(text, "[") || !slices.Contains(mailPorts, text[i+1:]) {
		return ""
	}
	if addr, err := netip.ParseAddr(text[:i]); err != nil || !addr.Is6() {
		return ""
	}
	return "[" + text[:i] + "]:" + text[i+1:]
}

// byName names the interface of a link-local address that came with its number (RFC 4007 11.2), so that one
// address is one target.
func byName(addr netip.Addr) netip.Addr {
	n, err := strconv.Atoi(addr.Zone())
	if err != nil {
		return addr
	}
	i, err := net.InterfaceByIndex(n)
	if err != nil {
		return addr
	}
	return addr.WithZone(i.Name)
}

func (w word) parseNetwork() (spec, error) {
	if strings.Contains(w.text, "://") {
		return spec{}, w.errorf(howTargets, "%q is a URL: name the host and the port", w.text)
	}
	return w.spanning(parseNetwork)
}

func (w word) parseRange() (spec, error) { return w.spanning(parseRange) }

// spanning reads addresses that are named as a whole.
func (w word) spanning(parse func(word) (netipx.IPRange, error)) (s spec, err error) {
	bare := w
	if bare.text, s.port, err = w.splitPort(); err != nil {
		return s, err
	}
	r, err := parse(bare)
	if err != nil {
		return s, err
	}
	s.ranges = []netipx.IPRange{r}
	return s, w.checkRange(r)
}

// ipv6Limit is how many IPv6 addresses one spec may name. A walk through more meets nobody.
const ipv6Limit = 1 << 16

// checkRange refuses what cannot be walked.
func (w word) checkRange(r netipx.IPRange) error {
	if n, fits := size(r); r.From().Is6() && (!fits || n > ipv6Limit) {
		return w.errorf(command(netip.PrefixFrom(r.From(), 112).Masked().String()),
			"%q has %s: name the hosts, or a prefix of /112 or longer", w.text, sizeText(r))
	}
	if untestableSet.ContainsRange(r) {
		return w.errorf(howTargets, "%q holds no server's address (%s)", w.text, untestable(r.To()))
	}
	return nil
}
