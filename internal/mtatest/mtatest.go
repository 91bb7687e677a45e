// Package mtatest starts real mail servers on loopback addresses for tests.
//
// Each server runs from packages that .ci/mta-packages unpacked, of Debian, of npm where there is a package-lock.json,
// or built from a Go module where there is a go-module, in a root of its own and in mount and PID namespaces of its
// own: nothing is installed, the machine's /etc and /var are not seen, and the server dies with the test. No mail can
// leave: DNS is answered by this package, and every server sends whatever is not its own to a loopback address where
// nothing listens, unless the test does.
//
// A mail server is a directory of roots, laid over the packages' files, and a file of this package with its rows of
// [Configs]. In the directory stand: packages, the names of Debian's packages, one a line, or one of the other two, of
// which go-module is a line with a module, its version and its sum; mta/start, a script that runs the server; mta/queue,
// one that prints what waits to be sent; where the server is told by systemctl to take a new configuration, mta/reload
// or mta/restart, which do it; and the configuration as text/template has it, to which [Config].Lines are given. A row
// may name another root in With, of a program that stands before the server or beside it: its mta/before is run first.
// Another configuration of a server that is there is a row.
package mtatest

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"text/template"
)

//go:embed enter.sh
var enter string

//go:embed roots
var roots embed.FS

// Server is a mail server that runs until the test that started it ends. What it sends comes from its own
// address, as from a server with only one.
type Server struct {
	Config
	Addr netip.AddrPort // where it accepts mail
	Sink netip.AddrPort // where it sends mail for other domains; nothing listens there

	dir    string // where its root is, its files before they are in it, and its syslog socket
	cmd    *exec.Cmd
	exited chan struct{} // closed when all its processes are gone
	log    journal
	dns    *net.UDPConn
}

// IP is the address of the server and of the name server it asks.
func (s *Server) IP() netip.Addr { return s.Addr.Addr() }

// Certificate is a file with the certificate that the server shows, where it has one, for mx.local.test.
func (s *Server) Certificate() string { return filepath.Join(s.dir, "files/etc/ssl/mx.pem") }

// errUnavailable is why a test is skipped rather than failed.
var errUnavailable = errors.New("no real mail servers here")

// Start runs the server that Configs has under that name and returns when it is ready. The test is
// skipped where real servers cannot run, but fails there when the environment says CI=true.
func Start(t testing.TB, config string) *Server {
	t.Helper()
	return StartBefore(t, config, netip.AddrPort{})
}

// StartBefore is Start for a server that sends mail for other domains to next: to another server, by
// whose name it must not be called itself.
func StartBefore(t testing.TB, config string, next netip.AddrPort) *Server {
	t.Helper()
	c, err := Find(config)
	if err != nil {
		t.Fatal(err)
	}
	return start(t, c, next)
}

// StartConfig is Start for a configuration that is not in Configs.
func StartConfig(t testing.TB, c Config) *Server {
	t.Helper()
	return start(t, c, netip.AddrPort{})
}

func start(t testing.TB, c Config, next netip.AddrPort) *Server {
	t.Helper()
	s := &Server{Config: c, Sink: next}
	t.Cleanup(s.stop)
	packages, err := packagesOf(c.MTA)
	for _, with := range strings.Fields(c.With) {
		if err == nil {
			var more string
			more, err = packagesOf(with)
			packages = more + ":" + packages
		}
	}
	if err == nil {
		err = s.start(packages)
	}
	if errors.Is(err, errUnavailable) && os.Getenv("CI") != "true" {
		t.Skipf("%s: %v", c.Name, err)
	}
	if err != nil {
		t.Fatalf("%s: %v\n%s", c.Name, err, s.Log())
	}
	return s
}

// packagesOf returns the directory where .ci/mta-packages unpacked that server.
func packagesOf(mta string) (string, error) {
	if runtime.GOOS != "linux" {
		return "", fmt.Errorf("%w: they need Linux", errUnavailable)
	}
	if os.Geteuid() != 0 {
		return "", fmt.Errorf("%w: they need root", errUnavailable)
	}
	cache := os.Getenv("OPENRELAY_MTA_CACHE")
	if cache == "" {
		user, err := os.UserCacheDir()
		if err != nil {
			return "", fmt.Errorf("%w: %w", errUnavailable, err)
		}
		cache = filepath.Join(user, "openrelay-mta")
	}
	dir := filepath.Join(cache, mta)
	if _, err := os.Stat(dir); err != nil {
		return "", fmt.Errorf("%w: %s is not unpacked, run .ci/mta-packages", errUnavailable, mta)
	}
	return dir, nil
}

func (s *Server) start(packages string) error {
	var err error
	if s.Addr, err = freeAddr(s.Port); err != nil {
		return err
	}
	if !s.Sink.IsValid() {
		if s.Sink, err = freeAddr(0); err != nil {
			return err
		}
	}
	if s.dir, err = os.MkdirTemp("", "mtatest"); err != nil {
		return err
	}
	if err := os.Mkdir(filepath.Join(s.dir, "root"), 0o755); err != nil {
		return err
	}
	if err := s.expandConfig(); err != nil {
		return err
	}
	if err := s.writeFiles(filepath.Join(s.dir, "files")); err != nil {
		return err
	}
	if err := s.log.listen(filepath.Join(s.dir, "log")); err != nil {
		return err
	}
	if err := s.serveDNS(); err != nil {
		return err
	}
	return s.run(packages)
}

// freeAddr returns a loopback address that nobody uses, with that port, or for 0 the one for mail if it can be
// had. A random one keeps test binaries that run side by side apart.
func freeAddr(port uint16) (netip.AddrPort, error) {
	ip := netip.AddrFrom4([4]byte{127, byte(64 + rand.N(128)), byte(rand.N(256)), byte(1 + rand.N(254))})
	ports := []uint16{port}
	if port == 0 {
		ports = []uint16{25, 0} // 25 is taken where a mail server listens on every address
	}
	for _, port := range ports {
		l, err := net.Listen("tcp4", netip.AddrPortFrom(ip, port).String())
		if err == nil {
			defer l.Close()
			return netip.ParseAddrPort(l.Addr().String())
		}
	}
	return netip.AddrPort{}, fmt.Errorf("cannot listen on %s", ip)
}

// expandConfig fills in the addresses in what the row says outside of files.
func (s *Server) expandConfig() error {
	var err error
	if s.Lines, err = s.expand(s.Lines); err != nil {
		return err
	}
	s.Opens = slices.Clone(s.Opens)
	for i := range s.Opens {
		if s.Opens[i], err = s.expand(s.Opens[i]); err != nil {
			return err
		}
	}
	return nil
}

// writeFiles writes the configuration, which goes over the files of the packages.
func (s *Server) writeFiles(dir string) error {
	for _, root := range slices.Concat([]string{"common"}, strings.Fields(s.With), []string{s.MTA}) {
		tree, err := fs.Sub(roots, "roots/"+root)
		if err != nil {
			return err
		}
		err = fs.WalkDir(tree, ".", func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			text, err := fs.ReadFile(tree, name)
			if err != nil {
				return err
			}
			return s.writeFile(dir, name, string(text))
		})
		if err != nil {
			return err
		}
	}
	for name, text := range s.Files {
		if err := s.writeFile(dir, name, text); err != nil {
			return err
		}
	}
	return nil
}

func (s *Server) writeFile(dir, name, text string) error {
	text, err := s.expand(text)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(text), 0o644)
}

func (s *Server) expand(text string) (string, error) {
	tmpl, err := template.New("").Parse(text)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	err = tmpl.Execute(&b, s)
	return b.String(), err
}
