package lookup

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"

	"openrelay/probe/dnsbl"
)

// rbldnsd starts the server most lists run on. The test is skipped where it is not installed, but fails
// there when the environment says CI=true.
func rbldnsd(t *testing.T, zones ...string) netip.AddrPort {
	t.Helper()
	program, err := exec.LookPath("rbldnsd")
	if err != nil {
		if _, err = os.Stat("/usr/sbin/rbldnsd"); err == nil { // not on everybody's path
			program = "/usr/sbin/rbldnsd"
		}
	}
	if err != nil && os.Getenv("CI") != "true" {
		t.Skip("rbldnsd is not installed: apt-get install rbldnsd")
	}
	if err != nil {
		t.Fatal("rbldnsd is not installed: apt-get install rbldnsd")
	}
	dir, err := os.MkdirTemp("", "rbldnsd")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.CopyFS(dir, os.DirFS("testdata/rbldnsd")); err != nil {
		t.Fatal(err)
	}
	addr := freePort(t)
	args := []string{"-n", "-w", dir, "-b", addr.Addr().String() + "/" + strings.TrimPrefix(addr.String(), addr.Addr().String()+":")}
	if os.Geteuid() == 0 { // it refuses to run as root, and its user must see the files
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		args = append(args, "-u", "nobody")
	}
	cmd := exec.Command(program, append(args, zones...)...)
	var said strings.Builder
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	waitForDNS(t, addr, &said)
	return addr
}

// freePort is a UDP port that nobody has, below those that the kernel hands out: nobody gets it meanwhile.
func freePort(t *testing.T) netip.AddrPort {
	t.Helper()
	for tries := 0; ; tries++ {
		l, err := net.ListenPacket("udp4", fmt.Sprintf("127.0.0.1:%d", 10000+rand.IntN(20000)))
		if err == nil {
			defer l.Close()
			return netip.MustParseAddrPort(l.LocalAddr().String())
		}
		if tries == 100 {
			t.Fatal(err)
		}
	}
}

func waitForDNS(t *testing.T, addr netip.AddrPort, said *strings.Builder) {
	t.Helper()
	client := &dns.Client{Timeout: time.Second}
	question := new(dns.Msg).SetQuestion("2.0.0.127.bl.test.", dns.TypeA)
	for deadline := time.Now().Add(2 * time.Minute); time.Now().Before(deadline); {
		if msg, _, err := client.ExchangeContext(context.Background(), question, addr.String()); err == nil && msg.Rcode != dns.RcodeServerFailure {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatalf("rbldnsd does not answer:\n%s", said)
}

// A real server of block lists is read as it means it.
func TestRbldnsd(t *testing.T) {
	addr := rbldnsd(t, "bl.test:ip4set:ip4", "bl.test:ip6trie:ip6", "dbl.test:dnset:names", "dead.test:ip4set:dead", "wild.test:ip4set:wild", "shut.test:ip4set:ip4", "shut.test:acl:acl")
	c := &Checker{Resolvers: []netip.AddrPort{addr}, Timeout: time.Minute, Rate: 1000, Zones: []dnsbl.Zone{
		{Zone: "bl.test", Asks: dnsbl.IP4 | dnsbl.IP6, Kind: dnsbl.Accusation, Codes: []dnsbl.Code{{Addr: "127.0.0.2", Means: "spam"}, {Addr: "127.0.0.10", Means: "dial-up", Kind: dnsbl.Policy}}},
		{Zone: "dbl.test", Asks: dnsbl.Names, Kind: dnsbl.Accusation},
		{Zone: "dead.test", Asks: dnsbl.IP4, Kind: dnsbl.Accusation},
		{Zone: "wild.test", Asks: dnsbl.IP4, Kind: dnsbl.Accusation},
		{Zone: "shut.test", Asks: dnsbl.IP4, Kind: dnsbl.Accusation},
		{Zone: "elsewhere.test", Asks: dnsbl.IP4, Kind: dnsbl.Accusation},
	}}
	for _, test := range []struct {
		query, zone string
		status      dnsbl.Status
		kind        dnsbl.Kind
		reason      string
		problem     dnsbl.Problem
	}{
		{"203.0.113.7", "bl.test", dnsbl.Listed, dnsbl.Accusation, "sent spam: https://bl.test/203.0.113.7", ""},
		{"198.51.100.9", "bl.test", dnsbl.Listed, dnsbl.Policy, "dial-up", ""},
		{"203.0.113.8", "bl.test", dnsbl.Clean, "", "", ""},
		{"203.0.113.8", "dead.test", dnsbl.NotChecked, "", "", dnsbl.Dead},
		{"203.0.113.8", "wild.test", dnsbl.NotChecked, "", "", dnsbl.Wildcard},
		{"203.0.113.8", "shut.test", dnsbl.NotChecked, "", "", dnsbl.Refused},
		{"203.0.113.8", "elsewhere.test", dnsbl.NotChecked, "", "", dnsbl.Refused},
		{"2001:db8:bad::1", "bl.test", dnsbl.Listed, dnsbl.Accusation, "a /64 of spam", ""},
		{"2001:db8:900d::1", "bl.test", dnsbl.Clean, "", "", ""},
		{"spam.example", "dbl.test", dnsbl.Listed, dnsbl.Accusation, "spam.example links", ""},
		{"www.spam.example", "dbl.test", dnsbl.Listed, dnsbl.Accusation, "", ""},
		{"fine.example", "dbl.test", dnsbl.Clean, "", "", ""},
	} {
		var answers []dnsbl.Listing
		if a, err := netip.ParseAddr(test.query); err == nil {
			answers = c.Addr(t.Context(), a)
		} else {
			answers = c.Name(t.Context(), test.query)
		}
		found := false
		for _, l := range answers {
			if l.Zone != test.zone {
				continue
			}
			found = true
			if l.Status != test.status || l.Kind != test.kind || !strings.Contains(l.Reason, test.reason) || l.Problem != test.problem {
				t.Errorf("%s at %s: %+v", test.query, test.zone, l)
			}
		}
		if !found {
			t.Errorf("%s at %s: no answer", test.query, test.zone)
		}
	}
}
