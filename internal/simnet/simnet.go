// Package simnet is thousands of mail servers on one port, to measure scans against.
//
// One listener answers for every address of a network, 127.0.0.0/8 unless told otherwise, and what an
// address is, open or closed, slow or silent, is drawn from a hash of the address: see [Options] and
// [Behaviours]. A delayed reply is an entry in a queue, not a goroutine asleep, so that the servers
// costs little beside the scanner it is there to measure. Nothing is relayed: a message is counted
// and thrown away.
//
// It runs on Linux only, where the whole of 127.0.0.0/8 is ours without further ado.
package simnet

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Options say what the servers are like. The zero value is servers that all relay for nobody, offer
// PIPELINING and answer at once.
type Options struct {
	Mix  Mix     // what share of the addresses is what; the rest is closed
	Dead float64 // the share of addresses that the network drops packets to: only Expected knows of it
	Seed uint64  // another seed deals the same shares to other addresses

	Within netip.Prefix // connections to other addresses are reset; 127.0.0.0/8 by default

	Latency      time.Duration // from a command, or the handshake, to its reply: a round trip
	SlowGreeting time.Duration // how long slow servers wait before they greet; 5 s by default
	Tarpit       time.Duration // what every reply of a tarpit takes beside; 1 s by default

	Sequential float64 // the share of addresses that do not offer PIPELINING
	Strict     bool    // 554 and hang up on commands that came too early (RFC 2920 3.1, RFC 5321 4.3.1)

	SoftErrors int           // with that many 4xx and 5xx behind it, every reply waits ErrorDelay; 0 = never
	HardErrors int           // at that many the session ends with 421; 0 = never
	ErrorDelay time.Duration // 1 s by default
}

// Postfix are the error limits of a Postfix that nobody has configured: smtpd_soft_error_limit,
// smtpd_hard_error_limit and smtpd_error_sleep_time.
func (o Options) Postfix() Options {
	o.SoftErrors, o.HardErrors, o.ErrorDelay = 10, 20, time.Second
	return o
}

// filled is o with the defaults in place.
func (o Options) filled() Options {
	o.SlowGreeting = cmp.Or(o.SlowGreeting, 5*time.Second)
	o.Tarpit = cmp.Or(o.Tarpit, time.Second)
	o.ErrorDelay = cmp.Or(o.ErrorDelay, time.Second)
	o.Within = cmp.Or(o.Within, netip.PrefixFrom(netip.AddrFrom4([4]byte{127}), 8))
	return o
}

// Expected is what the server at an IPv4 address is.
func (o Options) Expected(addr netip.Addr) Behaviour {
	if o.draw(addr, drawDead) < o.Dead {
		return dead
	}
	u := o.draw(addr, drawBehaviour)
	for _, share := range o.Mix {
		if u -= share.Fraction; u < 0 {
			return share.Behaviour
		}
	}
	return Behaviours[0]
}

// Pipelines reports whether the server at an address offers PIPELINING.
func (o Options) Pipelines(addr netip.Addr) bool {
	return o.draw(addr, drawPipelining) >= o.Sequential
}

// What is drawn for an address. Each has a hash of its own: who is dead does not change with the mix,
// nor the mix among the living with the share of the dead.
const (
	drawBehaviour = iota
	drawDead
	drawPipelining
)

// draw is a number in [0, 1) that depends on nothing but the address, the seed and what it is for:
// the finaliser of splitmix64.
func (o Options) draw(addr netip.Addr, what uint64) float64 {
	four := addr.Unmap().As4()
	x := uint64(binary.BigEndian.Uint32(four[:])) | what<<32
	x += (o.Seed + 1) * 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return float64((x^x>>31)>>11) / (1 << 53)
}

// Mix is what share of the addresses is what.
type Mix []Share

// Share is one behaviour and how many of the addresses have it, from 0 to 1.
type Share struct {
	Behaviour Behaviour
	Fraction  float64
}

// ParseMix reads a mix such as "open=.02,silent=.01". Errors quote the part that is wrong.
func ParseMix(text string) (Mix, error) {
	var mix Mix
	sum := 0.0
	for part := range strings.SplitSeq(text, ",") {
		if text == "" {
			break
		}
		name, number, _ := strings.Cut(part, "=")
		i := slices.IndexFunc(Behaviours, func(b Behaviour) bool { return b.Name == name })
		if i < 0 {
			return nil, fmt.Errorf("no behaviour is called %q", name)
		}
		f, err := strconv.ParseFloat(number, 64)
		if err != nil || !(f >= 0 && f <= 1) {
			return nil, fmt.Errorf("%q is not a share from 0 to 1", part)
		}
		sum += f
		mix = append(mix, Share{Behaviours[i], f})
	}
	if sum > 1+1e-9 {
		return nil, fmt.Errorf("the shares of %q add up to %.3f", text, sum)
	}
	return mix, nil
}
