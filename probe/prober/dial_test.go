package prober

import (
	"net"
	"net/netip"
	"os"
	"syscall"
	"testing"

	"openrelay/probe"
)

// What a failed connection attempt says, in the words of the system.
func TestDialSetback(t *testing.T) {
	for _, row := range []struct {
		to     string
		err    syscall.Errno
		reason probe.Reason
	}{
		{"192.0.2.1", syscall.ECONNREFUSED, probe.ReasonRefused},
		{"192.0.2.1", syscall.ECONNRESET, probe.ReasonReset},
		{"192.0.2.1", syscall.EHOSTUNREACH, probe.ReasonTimeout}, // ICMP says so, on behalf of a host or a firewall
		{"2001:db8::1", syscall.EHOSTUNREACH, probe.ReasonTimeout},
		{"2001:db8::1", syscall.EACCES, probe.ReasonTimeout},
		{"192.0.2.1", syscall.EACCES, probe.ReasonNoRouteHere}, // which no ICMP comes to
		{"::ffff:192.0.2.1", syscall.EACCES, probe.ReasonNoRouteHere},
		{"2001:db8::1", syscall.ENETUNREACH, probe.ReasonNoRouteHere},
		{"2001:db8::1", syscall.EPERM, probe.ReasonNoRouteHere},
	} {
		err := &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", row.err)}
		f := dialSetback(err, netip.MustParseAddr(row.to))
		if f.reason != row.reason || f.stage != probe.StageConnect || f.detail != row.err.Error() {
			t.Errorf("%s, %v: %+v", row.to, row.err, f)
		}
	}
}
