//go:build linux

package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// network is a network of our own: mail servers at 10.9.1.0 to 10.9.1.255 in one namespace, we in
// another, and a cable between them.
type network struct{ here, there string }

func newNetwork(t *testing.T) *network {
	t.Helper()
	if testing.Short() {
		t.Skip("networks take seconds to fail; not in short mode")
	}
	_, err := exec.LookPath("ip")
	unless(t, os.Getuid() == 0 && err == nil, "a network of our own takes root, and ip(8) from iproute2")
	n := &network{fmt.Sprintf("openrelay-%d-here", os.Getpid()), fmt.Sprintf("openrelay-%d-there", os.Getpid())}
	ip(t, "netns", "add", n.here)
	t.Cleanup(func() { ip(t, "netns", "del", n.here) })
	ip(t, "netns", "add", n.there)
	t.Cleanup(func() { ip(t, "netns", "del", n.there) })
	for _, command := range []string{
		"-n HERE link add cable type veth peer name cable netns THERE",
		"-n HERE link set lo up", "-n THERE link set lo up",
		"-n HERE addr add 10.9.0.2/24 dev cable", "-n THERE addr add 10.9.0.1/24 dev cable",
		"-n HERE link set cable up", "-n THERE link set cable up",
		"-n HERE route add 10.9.1.0/24 via 10.9.0.1", "-n THERE route add local 10.9.1.0/24 dev lo",
	} {
		ip(t, strings.Fields(strings.NewReplacer("HERE", n.here, "THERE", n.there).Replace(command))...)
	}
	servers := exec.Command("ip", "netns", "exec", n.there, "mailservers")
	out, err := servers.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := servers.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = servers.Process.Kill(); _ = servers.Wait() })
	if ready, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Fatalf("the servers say %q, %v", ready, err)
	}
	return n
}

func ip(t *testing.T, args ...string) {
	t.Helper()
	if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
		t.Errorf("ip %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// run runs a program in our namespace.
func (n *network) run(args ...string) *exec.Cmd {
	return exec.Command("ip", append([]string{"netns", "exec", n.here}, args...)...)
}

// The network goes down in the middle of a scan: that is what is said, and not that the rest of the
// servers is dead. Once it is back, the scan goes on.
func TestNetworkDown(t *testing.T) {
	n := newNetwork(t)
	for name, end := range map[string]string{"our end": n.here, "the other end": n.there} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "r.jsonl")
			cmd := n.run("openrelay", "scan", "--profile", "quick", "--local-domain", "local.test", "--workers", "8", "--timeout", "2s",
				"--resume", file, "10.9.1.0/24")
			var stderr bytes.Buffer
			cmd.Stderr = &stderr
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			for lines := 0; lines < 30; time.Sleep(20 * time.Millisecond) {
				data, _ := os.ReadFile(file)
				lines = bytes.Count(data, []byte("\n"))
			}
			ip(t, "-n", end, "link", "set", "cable", "down")
			begun := time.Now()
			s := status(t, cmd.Wait())
			data, _ := os.ReadFile(file)
			if got := wholeLines(t, data); s != statusUsage || got < 30 || got == 256 || !strings.Contains(stderr.String(), "openrelay: error: the network here seems to be down: ") {
				t.Errorf("exit status %d, %d results\n%s", s, got, stderr.String())
			}
			t.Logf("%d results, stopped after %.1f s: %s", wholeLines(t, data), time.Since(begun).Seconds(), stderr.String())

			ip(t, "-n", end, "link", "set", "cable", "up")
			if end == n.here {
				ip(t, "-n", n.here, "route", "add", "10.9.1.0/24", "via", "10.9.0.1")
			}
			if out, err := n.run("openrelay", "scan", "--wait", "2m", "--profile", "quick", "10.9.1.1").CombinedOutput(); err != nil {
				t.Fatalf("the network does not come back: %v\n%s", err, out)
			}
			again := n.run("openrelay", "scan", "--profile", "quick", "--local-domain", "local.test", "--resume", file, "10.9.1.0/24")
			if out, err := again.CombinedOutput(); err != nil {
				t.Errorf("--resume: %v\n%s", err, out)
			}
			if data, _ := os.ReadFile(file); wholeLines(t, data) != 256 {
				t.Errorf("%d results after --resume", wholeLines(t, data))
			}
		})
	}
}

// There are fewer ports to connect from than servers: that takes longer, and changes no verdict.
func TestFewPorts(t *testing.T) {
	n := newNetwork(t)
	if out, err := n.run("sh", "-c", "echo 40000 40020 > /proc/sys/net/ipv4/ip_local_port_range").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for name, more := range map[string][]string{"any address of ours": nil, "--source": {"--source", "10.9.0.2"}} {
		t.Run(name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			cmd := n.run(append([]string{"openrelay"}, quickly(append(more, "--workers", "64", "10.9.1.0/25")...)...)...)
			cmd.Stdout, cmd.Stderr = &stdout, &stderr
			if s := status(t, cmd.Run()); s != 0 || wholeLines(t, stdout.Bytes()) != 128 {
				t.Errorf("exit status %d, %d results\n%s", s, wholeLines(t, stdout.Bytes()), stderr.String())
			}
		})
	}
}
