package mtatest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"
)

const readyWithin = 5 * time.Minute

// Log returns all that the server has logged and printed up to now.
func (s *Server) Log() string { return s.log.String() }

// Queue returns the ids of the messages that the server holds in its queue, from its own command for
// that.
func (s *Server) Queue(t testing.TB) []string {
	t.Helper()
	var lines []string
	for line := range strings.Lines(s.Shell(t, ". /mta/queue", "")) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// Shell runs commands as root on the server's machine, with that as their input, and returns what they print on
// standard output. The test fails where they do.
func (s *Server) Shell(t testing.TB, commands, input string) string {
	t.Helper()
	cmd := exec.Command("nsenter", "--target", strconv.Itoa(s.cmd.Process.Pid), "--mount", "--pid", "--uts", "--root", "--wd",
		"env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "sh", "-c", commands)
	var stderr strings.Builder
	cmd.Stdin, cmd.Stderr = strings.NewReader(input), &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s\n%s%s", s.Name, err, commands, out, stderr.String())
	}
	return string(out)
}

// run starts the server and waits until it is ready.
func (s *Server) run(packages string) error {
	cmd := exec.Command("/bin/sh", "-c", enter, "enter", packages, s.dir)
	cmd.Stdout, cmd.Stderr = &s.log, &s.log
	isolate(cmd)
	err := cmd.Start()
	if errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("%w: root may not make namespaces: %w", errUnavailable, err)
	}
	if err != nil {
		return err
	}
	s.cmd, s.exited = cmd, make(chan struct{})
	go func() { cmd.Wait(); close(s.exited) }()
	return s.waitReady()
}

// stop ends every process of the server, and with them its mounts, and removes what is left.
func (s *Server) stop() {
	if s.cmd != nil {
		s.cmd.Process.Kill()
		<-s.exited
	}
	if s.dns != nil {
		s.dns.Close()
	}
	s.log.close()
	if s.dir != "" {
		os.RemoveAll(s.dir)
	}
}

// waitReady returns when the server greets, or accepts where it is one that does not greet.
func (s *Server) waitReady() error {
	ctx, cancel := context.WithTimeout(context.Background(), readyWithin)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		err := s.greets(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-tick.C:
		case <-s.exited:
			return errors.New("ended before it was ready")
		case <-ctx.Done():
			return fmt.Errorf("not ready within %v: %w", readyWithin, err)
		}
	}
}

// greets asks from an address that no test uses, so that the server does not know the tester yet.
func (s *Server) greets(ctx context.Context) error {
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 255, 255, 253)}}
	conn, err := d.DialContext(ctx, "tcp4", s.Addr.String())
	if err != nil {
		return err
	}
	defer conn.Close()
	if s.Silent {
		return nil
	}
	deadline, _ := ctx.Deadline()
	conn.SetDeadline(deadline)
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err == nil && !strings.HasPrefix(line, "220") {
		err = fmt.Errorf("banner %q", line)
	}
	fmt.Fprint(conn, "QUIT\r\n")
	return err
}
