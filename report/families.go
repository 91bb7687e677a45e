package report

import (
	"fmt"
	"net/netip"

	"openrelay/probe"
)

// families compares what a name is over IPv4 with what it is over IPv6. Today's open relays are often
// closed on one and open on the other: the server sees the clients of one through a proxy.
type families struct {
	names []string
	worst map[string]*[2]probe.Verdict // by name, IPv4 and IPv6; Unreachable until one answers
}

func (f *families) add(r probe.Result) {
	addr, err := netip.ParseAddrPort(r.Target)
	if r.Name == "" || err != nil {
		return
	}
	if f.worst == nil {
		f.worst = make(map[string]*[2]probe.Verdict)
	}
	v := f.worst[r.Name]
	if v == nil {
		v = &[2]probe.Verdict{probe.Unreachable, probe.Unreachable}
		f.worst[r.Name] = v
		f.names = append(f.names, r.Name)
	}
	i := 0
	if addr.Addr().Unmap().Is6() {
		i = 1
	}
	v[i] = max(v[i], r.Verdict)
}

// differences says of which names one family is open and the other is not.
func (f *families) differences() (lines []string) {
	for _, name := range f.names {
		v := f.worst[name]
		if v[0] != v[1] && min(v[0], v[1]) > probe.Unreachable && max(v[0], v[1]) == probe.Open {
			lines = append(lines, fmt.Sprintf("%s: IPv4 %v, IPv6 %v", asLine(name), v[0], v[1]))
		}
	}
	return lines
}
