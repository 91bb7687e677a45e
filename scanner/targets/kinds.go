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
	add   func(*parser, word) error
}

// KindOf returns the row that a text is read as.
func KindOf(text string) Kind {
	return Kinds[slices.IndexFunc(Kinds, func(k Kind) bool { return k.match(text) })] // the last matches everything
}

// Kinds lists every way to name targets, in the order they are tried.
var Kinds = []Kind{
	{"-", "targets from standard input, one per line", "-", false,
		func(s string) bool { return s == "-" }, (*parser).addStdin},
	{"@FILE", "targets from a file, one per line, # begins a comment", "@targets.txt", false,
		func(s string) bool { return strings.HasPrefix(s, "@") }, (*parser).addFile},
	{"mx:DOMAIN[:PORT]", "the mail hosts of a domain", "mx:example.org", false,
		isMX, (*parser).addMX},
	{"CIDR[:PORT]", "every address of a network", "192.0.2.0/24", true,
		func(s string) bool { return strings.Contains(s, "/") }, (*parser).addNetwork},
	{"FROM-TO[:PORT]", "every address of a range", "192.0.2.1-20", true,
		isRange, (*parser).addRange},
	{"IPv6, [IPv6]:PORT", "one address", "[2001:db8::25]:587", false,
		func(s string) bool { return strings.HasPrefix(s, "[") || strings.Count(s, ":") > 1 }, (*parser).addAddress},
	{"IPv4[:PORT]", "one address", "192.0.2.25", false,
		func(s string) bool { return isNumeric(s) && strings.Contains(s, ".") }, (*parser).addAddress},
	{"HOST[:PORT]", "every address of a host name, IPv4 and IPv6", "mail.example.org:25", false,
		func(string) bool { return true }, (*parser).addHost},
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
			return "", 0, w.errorf(command("[2001:db8::25]:25"), "%q has no closing bracket", w.text)
		}
		tail := rest[end+1:]
		rest = rest[1:end]
		digits, found = strings.CutPrefix(tail, ":")
		if tail != "" && !found {
			return "", 0, w.errorf(command("[2001:db8::25]:25"), "%q has something but a port behind the bracket", w.text)
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
		return "", 0, w.errorf(command("mail.example.org:25"), "port %q of %q is not a number from 1 to 65535", digits, w.text)
	}
	return rest, uint16(n), nil
}

func (p *parser) addStdin(w word) error {
	if p.stdinRead {
		return w.errorf(command("-"), "%q is named twice, but can be read only once", "-")
	}
	p.stdinRead = true
	if p.Stdin == nil {
		return nil
	}
	lines, err := readLines("stdin", p.Stdin)
	if err != nil {
		return err
	}
	return p.addLines(w, lines)
}

func (p *parser) addFile(w word) error {
	path := w.text[1:]
	lines, err := readFile(path, "@FILE reads targets from FILE, one per line")
	if err != nil {
		return err
	}
	for i := range lines {
		lines[i].origin = lines[i].where
	}
	return p.addLines(w, lines)
}

// addLines keeps the lines of a file for later. An empty one is a mistake: a gate that tests
// nothing must not pass.
func (p *parser) addLines(w word, lines []word) error {
	if len(lines) == 0 {
		return w.errorf("a target file names one target per line, such as mail.example.org", "%q names no target", w.text)
	}
	p.files = append(p.files, lines...)
	return nil
}

func (p *parser) addMX(w word) error {
	domain := word{w.text[3:], w.where, w.origin}
	if isNumeric(domain.text) || strings.Count(domain.text, ":") > 1 {
		return w.errorf(command("mx:example.org"), "%q: mx: takes a domain, not an address", w.text)
	}
	return p.addName(domain, true)
}

func (p *parser) addHost(w word) error { return p.addName(w, false) }

func (p *parser) addName(w word, mx bool) error {
	host, number, err := w.splitPort()
	if err != nil {
		return err
	}
	if err := w.checkName(host); err != nil {
		return err
	}
	p.names = append(p.names, hostname{fold(host), mx, p.ports(number, hostPorts), w.origin})
	return nil
}

func (p *parser) addAddress(w word) error {
	host, number, err := w.splitPort()
	if err != nil {
		return err
	}
	addr, err := netip.ParseAddr(host)
	if err != nil && strings.Contains(host, ":") {
		return w.errorf(command("2001:db8::25", "[2001:db8::25]:25"), "%q is not an IPv6 address", w.text)
	}
	if err != nil {
		return w.errorf(command("192.0.2.25"), "%q is not an IPv4 address", w.text)
	}
	addr = byName(addr.Unmap())
	if what := untestable(addr); what != "" {
		return w.errorf(command("192.0.2.25"), "%q is no server's address (%s)", w.text, what)
	}
	for _, port := range p.ports(number, hostPorts) {
		p.singles = append(p.singles, single{netip.AddrPortFrom(addr, port.number), port.optional, w.origin})
	}
	return nil
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

func (p *parser) addNetwork(w word) error {
	if strings.Contains(w.text, "://") {
		return w.errorf(command("mail.example.org:25"), "%q is a URL: name the host and the port", w.text)
	}
	text, number, err := w.splitPort()
	if err != nil {
		return err
	}
	r, err := parseNetwork(word{text: text, where: w.where})
	if err != nil {
		return err
	}
	return p.addAddresses(w, r, number)
}

func (p *parser) addRange(w word) error {
	text, number, err := w.splitPort()
	if err != nil {
		return err
	}
	r, err := parseRange(word{text: text, where: w.where})
	if err != nil {
		return err
	}
	return p.addAddresses(w, r, number)
}

// ipv6Limit is how many IPv6 addresses one spec may name. A walk through more meets nobody.
const ipv6Limit = 1 << 16

func (p *parser) addAddresses(w word, r netipx.IPRange, number uint16) error {
	if n, fits := size(r); r.From().Is6() && (!fits || n > ipv6Limit) {
		return w.errorf(command(netip.PrefixFrom(r.From(), 112).Masked().String()),
			"%q has %s: name the hosts, or a prefix of /112 or longer", w.text, sizeText(r))
	}
	if untestableSet.ContainsRange(r) {
		return w.errorf(command("192.0.2.0/24"), "%q holds no server's address (%s)", w.text, untestable(r.To()))
	}
	for _, port := range p.ports(number, rangePorts) {
		if p.ranges[port] == nil {
			p.ranges[port] = new(netipx.IPSetBuilder)
		}
		p.ranges[port].AddRange(r)
		p.origins.add(r, port.number, w.origin)
	}
	return nil
}
