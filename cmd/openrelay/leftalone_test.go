//go:build linux

package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"openrelay/internal/dnstest"
)

// linuxPrograms are those that the tests run in a namespace.
var linuxPrograms = map[string]func(){"nameserver": nameServerOf, "dialled": dialled}

// nameServerOf is a program: a name server at ADDRESS with the records that come on standard input.
func nameServerOf() {
	s, err := dnstest.StartAt(os.Args[1])
	if err == nil {
		lines := bufio.NewScanner(os.Stdin)
		for err == nil && lines.Scan() {
			err = s.Add(lines.Text())
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println("ready")
	select {}
}

// dialled is a program: it prints where this machine connects to, as it is seen on its interfaces, those of name
// servers aside.
func dialled() {
	const all = 0x0300 // ETH_P_ALL, in the order of the network
	fd, err := syscall.Socket(syscall.AF_PACKET, syscall.SOCK_DGRAM, all)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println("ready")
	packet := make([]byte, 1<<16)
	for {
		n, from, err := syscall.Recvfrom(fd, packet, 0)
		link, ok := from.(*syscall.SockaddrLinklayer)
		if err != nil || !ok || link.Pkttype != syscall.PACKET_OUTGOING {
			continue
		}
		if to, ok := connecting(packet[:n]); ok && to.Port() != 53 {
			fmt.Println(to)
		}
	}
}

// connecting reads an IP packet: ok if it is the first of a TCP connection.
func connecting(p []byte) (to netip.AddrPort, ok bool) {
	const tcp, syn, ack = 6, 2, 16
	var addr netip.Addr
	switch {
	case len(p) >= 40 && p[0]>>4 == 6 && p[6] == tcp:
		addr = netip.AddrFrom16([16]byte(p[24:40]))
		p = p[40:]
	case len(p) >= 20 && p[0]>>4 == 4 && p[9] == tcp:
		addr = netip.AddrFrom4([4]byte(p[16:20]))
		p = p[4*int(p[0]&15):]
	}
	if !addr.IsValid() || len(p) < 14 || p[13]&(syn|ack) != syn {
		return netip.AddrPort{}, false
	}
	return netip.AddrPortFrom(addr, binary.BigEndian.Uint16(p[2:])), true
}

// inNamespace starts a program that says "ready" when it is, and returns what it says then.
func inNamespace(t *testing.T, namespace, stdin string, program ...string) *bufio.Reader {
	t.Helper()
	cmd := exec.Command("ip", append([]string{"netns", "exec", namespace}, program...)...)
	cmd.Stdin, cmd.Stderr = strings.NewReader(stdin), os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	lines := bufio.NewReader(out)
	if ready, err := lines.ReadString('\n'); err != nil {
		t.Fatalf("%s says %q, %v", program[0], ready, err)
	}
	return lines
}

// world is what the name server of this test says.
func world() string {
	var b strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&b, "thousand.test. A 9.9.%d.%d\n", i/256, i%256)
	}
	for i := range 40 {
		fmt.Fprintf(&b, "many.test. MX 10 mx%d.many.test.\n", i)
		for k := range 50 {
			fmt.Fprintf(&b, "mx%d.many.test. A 9.9.%d.%d\n", i, 100+i, k)
		}
	}
	b.WriteString(`old.test. CNAME mid.test.
mid.test. CNAME real.test.
real.test. A 10.9.1.5
real.test. AAAA 2001:db8:7::5
shop.test. MX 10 mid.test.
shop.test. MX 20 fine.test.
fine.test. A 10.9.1.6
inward.test. MX 10 inner.test.
inner.test. A 127.0.0.1
inner.test. A 10.9.0.2
inner.test. A 169.254.169.254
inner.test. A 168.63.129.16
inner.test. AAAA fd20:ce::254
inner.test. AAAA fd09::2
inner.test. AAAA 64:ff9b:1::a00:1
inner.test. AAAA 64:ff9b::7f00:1
inner.test. AAAA 2002:a09:2::1
alias.test. CNAME inner.test.
ipv4only.arpa. AAAA 2001:db8:64::c000:aa
www.good.test. CNAME evil.test.
evil.test. CNAME mail.good.test.
mail.good.test. A 10.9.1.7
us.test. MX 10 mail.us.test.
mail.us.test. A 9.9.200.1
2.0.0.127.bl.test. A 127.0.0.2
1.200.9.9.bl.test. A 127.0.0.2
cdn.corp.test. CNAME cdn.evil.test.
cdn.evil.test. A 10.9.0.2
`)
	return b.String()
}

// namedNetwork is a network with a name server, in which it is seen who is dialled.
type namedNetwork struct {
	*network
	seen *bufio.Reader
}

func newNamed(t *testing.T) *namedNetwork {
	t.Helper()
	_, err := os.Stat("/proc/sys/net/ipv6")
	n := &namedNetwork{network: newNetwork(t)}
	unless(t, err == nil, "this takes IPv6")
	for _, command := range []string{
		"-n HERE addr add 9.9.200.1/32 dev lo", "-n HERE addr add fd09::2/64 dev cable nodad", "-n THERE addr add fd09::1/64 dev cable nodad",
		"-n HERE route add default via 10.9.0.1", "-n HERE -6 route add default via fd09::1",
		"-n THERE route add local 9.9.0.0/16 dev lo", "-n THERE -6 route add local 2000::/3 dev lo", "-n THERE -6 route add local 64:ff9b::/96 dev lo",
	} {
		ip(t, strings.Fields(strings.NewReplacer("HERE", n.here, "THERE", n.there).Replace(command))...)
	}
	etc := filepath.Join("/etc/netns", n.here) // ip-netns(8): what stands there is /etc's in the namespace
	if err := os.MkdirAll(etc, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(etc); _ = os.Remove("/etc/netns") })
	for name, text := range map[string]string{
		"resolv.conf": "nameserver 10.9.0.1\nsearch corp.test\n",
		"hosts":       "127.0.0.1 localhost\n10.9.0.2 ours.test staged.test\n10.9.1.8 first.test second.test\n",
	} {
		if err := os.WriteFile(filepath.Join(etc, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	inNamespace(t, n.there, world()+"loaded.test. A 10.9.1.1\n", "nameserver", "10.9.0.1:53")
	n.seen = inNamespace(t, n.here, "", "dialled")
	return n
}

// scan runs one, and returns which addresses were dialled, each once. Another scan, of an address that is nobody's
// else, tells where its connections end.
func (n *namedNetwork) scan(t *testing.T, args ...string) (ended int, stderr string, dialled []string) {
	t.Helper()
	const mark = "10.9.1.250:7"
	var out bytes.Buffer
	cmd := n.run(append([]string{"openrelay", "scan", "--profile", "quick", "--local-domain", "local.test", "--ports", "25"}, args...)...)
	cmd.Stderr = &out
	ended = status(t, cmd.Run())
	_ = n.run("openrelay", "scan", mark).Run() // refused
	for {
		line, err := n.seen.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		if line = strings.TrimSpace(line); line == mark {
			break
		}
		dialled = append(dialled, strings.TrimSuffix(line, ":25"))
	}
	slices.Sort(dialled)
	return ended, out.String(), slices.Compact(dialled)
}

// Who is left alone is not dialled: seen on the wire, with a name server that a stranger has a hand in.
func TestNobodyElseIsDialled(t *testing.T) {
	n := newNamed(t)
	file := func(name, text string) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	scope := file("scope.txt", "owner: Ada\nticket: CHG-7\n*.good.test\n")
	second := file("second.txt", "owner: Ada\nticket: CHG-7\nsecond.test\n")
	all := file("all.txt", "owner: Ada\nticket: CHG-7\n*.good.test\nevil.test\n")
	for name, c := range map[string]struct {
		args    string
		status  int
		says    string
		dialled string
	}{
		"a thousand addresses":            {"thousand.test", 2, "1000 public addresses in all: for more than 256, say who authorised it", ""},
		"forty hosts of fifty":            {"mx:many.test", 2, "public addresses in all: for more than 256, say who authorised it", ""},
		"a thousand, authorised":          {"--authorized Ada,7 thousand.test", 3, "", ""},
		"forty hosts, authorised":         {"--authorized Ada,7 mx:many.test", 3, "", ""},
		"nothing said":                    {"--authorized . thousand.test", 2, "says nothing", ""},
		"an excluded name":                {"--exclude old.test 10.9.1.4/31 mx:shop.test real.test", 0, "were excluded", "10.9.1.4 10.9.1.6"},
		"its other family":                {"-6 --exclude old.test [2001:db8:7::5] [2001:db8:7::6]", 0, "were excluded", "[2001:db8:7::6]"},
		"its other addresses":             {"--exclude old.test 64:ff9b::10.9.1.5 2002:a09:105::1 [2001:db8:64::10.9.1.5] 10.9.1.8", 0, "3 addresses or names were excluded", "10.9.1.8"},
		"no such name":                    {"--exclude nowhere.test 10.9.1.8", 2, "openrelay scan --exclude-unresolved", ""},
		"no such name, and all the same":  {"--exclude nowhere.test --exclude-unresolved 10.9.1.8", 0, "the addresses of nowhere.test, which is excluded, are not known", "10.9.1.8"},
		"inward":                          {"mx:inward.test", 3, "", ""},
		"a mail host from itself":         {"mx:us.test", 3, "", ""},
		"inward, by an alias":             {"alias.test", 3, "", ""},
		"inward, and named":               {"mx:inward.test 10.9.0.2", 3, "", "10.9.0.2"},
		"inward, by a search domain":      {"cdn", 3, "", ""},
		"inward, by the hosts file":       {"staged.test", 3, "", "10.9.0.2"}, // whose word is no stranger's
		"a second name in the hosts file": {"--scope " + second + " second.test", 0, "", "10.9.1.8"},
		"a link that is out of scope":     {"--scope " + scope + " www.good.test", 3, "", ""},
		"all links in scope":              {"--scope " + all + " www.good.test", 0, "", "10.9.1.7"},
		"behind the network's translator": {"--exclude 10.9.1.9 2001:db8:64::10.9.1.8/127", 0, "1 addresses or names were excluded", "[2001:db8:64::a09:108]"},
	} {
		t.Run(name, func(t *testing.T) {
			ended, stderr, got := n.scan(t, strings.Fields(c.args)...)
			if ended != c.status || !strings.Contains(stderr, c.says) || strings.Join(got, " ") != c.dialled {
				t.Errorf("exit status %d, want %d; dialled %q, want %q; says\n%s", ended, c.status, got, c.dialled, stderr)
			}
		})
	}
	t.Run("two hundred excluded names", func(t *testing.T) {
		args := []string{"10.9.1.8", "--exclude-unresolved"}
		for i := range 200 {
			args = append(args, "--exclude", fmt.Sprintf("n%d.test", i))
		}
		begun := time.Now()
		ended, _, got := n.scan(t, args...)
		if ended != 0 || len(got) != 1 {
			t.Errorf("exit status %d, dialled %q", ended, got)
		}
		t.Logf("took %v", time.Since(begun))
	})
}

// A mail host may ask block lists about itself, by its domain: that connects to nobody.
func TestListedAtHome(t *testing.T) {
	n := newNamed(t)
	zones := filepath.Join(t.TempDir(), "zones.txt")
	if err := os.WriteFile(zones, []byte("bl.test ip4 accusation Ours\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := n.run("openrelay", "blocklist", "--zones", zones, "--resolver", "10.9.0.1", "mx:us.test").CombinedOutput()
	if ended := status(t, err); ended != 1 || !strings.Contains(string(out), "mail.us.test [9.9.200.1]") {
		t.Errorf("exit status %d\n%s", ended, out)
	}
}
