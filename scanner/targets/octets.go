package targets

import (
	"net/netip"
	"strconv"
	"strings"

	"go4.org/netipx"
)

// mostSpans is how many runs of addresses one spec may come to, and how many addresses named one by one: 192.0.*.1 has 256
// runs.
const mostSpans = 1 << 16

// isOctets tells an address with lists for octets, as nmap takes it, from a range: 192.0.2.1-20 is both, and a range. To nmap
// -192.0.2.1 is 193 addresses, but whoever writes it wants to leave out one.
func isOctets(s string) bool {
	host, _, _ := strings.Cut(s, ":")
	return strings.Count(host, ".") == 3 && host[0] != '-' && strings.Trim(host, "0123456789.,-*") == "" &&
		(strings.ContainsAny(host, ",*") || strings.HasSuffix(host, "-") || strings.Contains(host, "-") && !isRange(host))
}

// octets is what may stand for one number of an address.
type octets [256]bool

// parseOctets reads an address whose octets are lists: 1,2,5 and 1-3 and * are some of several. Where only commas are
// used each address is named by itself.
func (w word) parseOctets() (s spec, err error) {
	host, port, err := w.splitPort()
	if err != nil {
		return s, err
	}
	if err := w.checkPair(host); err != nil {
		return s, err
	}
	var lists [4]octets
	for i, text := range strings.Split(host, ".") {
		if lists[i], err = w.octets(text); err != nil {
			return s, err
		}
	}
	s.port = port
	runs := lists[3].runs()
	for prefix := range prefixes(lists) {
		for _, run := range runs {
			from, to := prefix, prefix
			from[3], to[3] = run[0], run[1]
			s.ranges = append(s.ranges, netipx.IPRangeFrom(netip.AddrFrom4(from), netip.AddrFrom4(to)))
			if len(s.ranges) > mostSpans {
				return s, w.errorf(howTargets, "%q is more than %d separate ranges: name networks", w.text, mostSpans)
			}
		}
	}
	if !strings.ContainsAny(host, "-*") {
		if uint64(len(s.ranges))*uint64(len(lists[3].numbers())) > mostSpans*uint64(len(runs)) {
			return s, w.errorf(howTargets, "%q is more than %d addresses, named one by one: name networks", w.text, mostSpans)
		}
		s.addrs, s.ranges = addrsOf(s.ranges), nil
	}
	return s, w.checkOctets(s)
}

// addrsOf are the addresses of some runs.
func addrsOf(runs []netipx.IPRange) (addrs []netip.Addr) {
	for _, r := range runs {
		for addr := r.From(); r.Contains(addr); addr = addr.Next() {
			addrs = append(addrs, addr)
		}
	}
	return addrs
}

// checkOctets refuses addresses that no server has, if they are named one by one; and runs of which no address is left.
func (w word) checkOctets(s spec) error {
	for _, addr := range s.addrs {
		if what := untestable(addr); what != "" {
			return w.errorf(howTargets, "%q: %s is no server's address (%s)", w.text, addr, what)
		}
	}
	var err error
	for _, r := range s.ranges {
		if err = w.checkRange(r); err == nil {
			return nil
		}
	}
	return err
}

// checkPair refuses 192.0.2.1,25: to nmap it is two addresses, to a spreadsheet an address and a port.
func (w word) checkPair(host string) error {
	addr, number, _ := strings.Cut(host, ",")
	if _, err := netip.ParseAddr(addr); err == nil && (number == "25" || number == "26") {
		return w.errorf(command(addr+":"+number), "%q may be two addresses, or an address and a port", w.text)
	}
	return nil
}

// octets reads the list of one octet. An end that is left out is the lowest, or the highest.
func (w word) octets(text string) (list octets, err error) {
	for part := range strings.SplitSeq(text, ",") {
		first, last, isRange := strings.Cut(part, "-")
		switch {
		case part == "*":
			first, last = "0", "255"
		case !isRange:
			last = first
		case first == "":
			first = "0"
		}
		if last == "" && isRange {
			last = "255"
		}
		from, err1 := strconv.ParseUint(first, 10, 8)
		to, err2 := strconv.ParseUint(last, 10, 8)
		if err1 != nil || err2 != nil || from > to {
			return list, w.errorf(howTargets, "%q is not an IPv4 address: %q is none of its numbers", w.text, part)
		}
		for i := from; i <= to; i++ {
			list[i] = true
		}
	}
	return list, nil
}

// runs are the numbers of the list, those together that follow each other.
func (o octets) runs() (runs [][2]byte) {
	for i, in := range o {
		switch {
		case !in:
		case i > 0 && o[i-1]:
			runs[len(runs)-1][1] = byte(i)
		default:
			runs = append(runs, [2]byte{byte(i), byte(i)})
		}
	}
	return runs
}

// numbers are those of the list.
func (o octets) numbers() (numbers []byte) {
	for i, in := range o {
		if in {
			numbers = append(numbers, byte(i))
		}
	}
	return numbers
}

// prefixes are all choices of the first three numbers.
func prefixes(lists [4]octets) func(yield func([4]byte) bool) {
	return func(yield func([4]byte) bool) {
		a, b, c := lists[0].numbers(), lists[1].numbers(), lists[2].numbers()
		for _, first := range a {
			for _, second := range b {
				for _, third := range c {
					if !yield([4]byte{first, second, third}) {
						return
					}
				}
			}
		}
	}
}
