package mtatest

import (
	"net"
	"os"
	"regexp"
	"strings"
	"sync"
)

// journal gathers what a server prints and what it tells syslog.
type journal struct {
	mu   sync.Mutex
	text strings.Builder
	conn *net.UnixConn
}

// A syslog datagram begins with its priority (RFC 3164 4.1.1).
var priority = regexp.MustCompile(`^<\d{1,3}>`)

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

// listen takes the part of the syslog daemon until the journal is closed.
func (j *journal) listen(path string) error {
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		return err
	}
	j.conn = conn
	if err := os.Chmod(path, 0o666); err != nil { // servers log after they have dropped root
		return err
	}
	go func() {
		buf := make([]byte, 64<<10)
		for {
			n, err := conn.Read(buf)
			if err != nil {
				return
			}
			line := priority.ReplaceAllString(strings.TrimRight(string(buf[:n]), "\x00\n"), "")
			j.Write([]byte(line + "\n"))
		}
	}()
	return nil
}

func (j *journal) close() {
	if j.conn != nil {
		j.conn.Close()
	}
}
