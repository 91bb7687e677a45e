package report

import (
	"net/netip"

	"openrelay/probe"
	"openrelay/probe/netaddr"
)

// port25 watches whether port 25 is closed to us altogether, as it is on hosted CI runners and with
// many providers. They drop what leaves for port 25, and nothing else.
type port25 struct {
	silent   bool // a connection to port 25 got no answer
	answered bool // one did, be it a refusal
	others   struct{ silent, answered bool }
}

// add takes note of a named target. Addresses of our own networks tell nothing about a provider, nor does what is
// expected to be unreachable and is.
func (p *port25) add(r probe.Result) {
	addr, err := netip.ParseAddrPort(r.Target)
	if err != nil || !r.Named || !netaddr.Public(addr.Addr()) || r.Reason == probe.ReasonNoRouteHere {
		return
	}
	if r.Verdict == probe.Unreachable && r.Standing() == probe.AsExpected {
		return
	}
	silent := r.Verdict == probe.Unreachable && r.Reason == probe.ReasonTimeout && r.Stage == probe.StageConnect
	switch on25 := addr.Port() == 25; {
	case on25 && silent:
		p.silent = true
	case on25:
		p.answered = true
	case silent:
		p.others.silent = true
	default:
		p.others.answered = true
	}
}

// blocked: nobody answered on port 25, and where other ports were tried, somebody answered there.
func (p *port25) blocked() bool {
	return p.silent && !p.answered && (p.others.answered || !p.others.silent)
}
