package expect

import (
	"cmp"
	"encoding/binary"
	"math"
	"math/bits"
	"net/netip"
	"strconv"
	"strings"

	"go4.org/netipx"
)

// Subject is whom a line is about: addresses, a host name, or a domain.
type Subject struct {
	Addrs  []netipx.IPRange // one address or more; or
	Host   string           // every address of a host name; or
	Domain string           // every mail host of a domain (mx:DOMAIN)
	Port   uint16           // 0 for every port
}

// normal is the subject as it is compared: addresses without zones, IPv4 ones as such, in order; names folded.
func (s Subject) normal() Subject {
	var set netipx.IPSetBuilder
	for _, r := range s.Addrs {
		if from, to := normalAddr(r.From()), normalAddr(r.To()); from.BitLen() == to.BitLen() {
			r = netipx.IPRangeFrom(from, to)
		}
		set.AddRange(r)
	}
	addrs, err := set.IPSet()
	if err != nil {
		return Subject{Port: s.Port} // a range that ends before it begins holds nobody
	}
	return Subject{addrs.Ranges(), fold(s.Host), fold(s.Domain), s.Port}
}

func normalAddr(a netip.Addr) netip.Addr { return a.Unmap().WithZone("") }

// fold writes a name the one way it is compared: in lower case, without a final dot.
func fold(name string) string { return strings.ToLower(strings.TrimSuffix(name, ".")) }

// count is how many addresses there are beyond the first. All of IPv6 fits, and more is counted as that.
type count struct{ high, low uint64 }

// beyond counts the addresses of a normal subject beyond the first.
func (s Subject) beyond() (n count) {
	for i, r := range s.Addrs {
		from, to := r.From().As16(), r.To().As16()
		low, borrow := bits.Sub64(binary.BigEndian.Uint64(to[8:]), binary.BigEndian.Uint64(from[8:]), 0)
		high, _ := bits.Sub64(binary.BigEndian.Uint64(to[:8]), binary.BigEndian.Uint64(from[:8]), borrow)
		var carry uint64
		n.low, carry = bits.Add64(n.low, low, uint64(min(i, 1)))
		n.high, carry = bits.Add64(n.high, high, carry)
		if carry > 0 {
			return count{math.MaxUint64, math.MaxUint64}
		}
	}
	return n
}

func (n count) compare(other count) int {
	return cmp.Or(cmp.Compare(n.high, other.high), cmp.Compare(n.low, other.low))
}

// whom is what a result, or a target, can be found by.
type whom struct {
	addr         netip.Addr // invalid where a name has none
	host, domain string
	port         uint16
}

func whomOf(target, name, domain string) whom {
	w := whom{host: fold(name), domain: fold(domain)}
	if addr, err := netip.ParseAddrPort(target); err == nil {
		w.addr, w.port = normalAddr(addr.Addr()), addr.Port()
		return w
	}
	port, _ := strconv.ParseUint(target[strings.LastIndexByte(target, ':')+1:], 10, 16)
	w.port = uint16(port)
	return w
}

// key is what a line about one address or one name is found by.
type key struct {
	addr         netip.Addr
	host, domain string
	port         uint16
	comment      bool
}

// keys lists what lines about one address or name may be found by, those that name fewer addresses first.
func (w whom) keys(comment bool) (keys []key) {
	for _, k := range []key{{addr: w.addr}, {host: w.host}, {domain: w.domain}} {
		if k == (key{}) {
			continue
		}
		k.comment = comment
		for _, port := range []uint16{w.port, 0} {
			k.port = port
			keys = append(keys, k)
		}
	}
	return keys
}
