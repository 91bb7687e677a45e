package mtatest

import (
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
)

// Query types and answer codes (RFC 1035 3.2.2, 4.1.1).
const (
	typeA, typeMX = 1, 15
	nameError     = 3
)

// zones are the domains that exist for the servers, each with all the names below it. Every name has
// an address, which is the sink's, and what the zone says of mail.
var zones = []struct {
	name string
	mx   []byte
}{
	{"local.test", takesMail},
	{"sender.test", takesMail},
	{"receiver.test", takesMail},
	{"stranger.test", takesMail},
	{"example.com", nullMX},
	{"example.net", nullMX},
	{"example.org", nullMX},
	{"9.0.0.127.listed.test", nil}, // a block list that holds the Stranger
}

var (
	takesMail = []byte{0, 10, 2, 'm', 'x', 0xc0, 12} // preference 10, mx. before the name asked for
	nullMX    = []byte{0, 0, 0}                      // preference 0, the root (RFC 7505)
)

// serveDNS answers the server's queries, on the server's own address, until the socket is closed. No
// query leaves the machine.
func (s *Server) serveDNS() error {
	addr := net.UDPAddrFromAddrPort(netip.AddrPortFrom(s.IP(), 53))
	conn, err := net.ListenUDP("udp4", addr)
	if err != nil {
		return fmt.Errorf("name server: %w", err)
	}
	s.dns = conn
	go func() {
		buf := make([]byte, 1500)
		for {
			n, from, err := conn.ReadFromUDPAddrPort(buf)
			if err != nil {
				return
			}
			if answer := answerTo(buf[:n], s.Sink.Addr()); answer != nil {
				conn.WriteToUDPAddrPort(answer, from)
			}
		}
	}()
	return nil
}

// answerTo returns the answer to a query with one question, or nil to what is none.
func answerTo(query []byte, sink netip.Addr) []byte {
	name, typ, end := question(query)
	if end == 0 {
		return nil
	}
	answer := slices.Clone(query[:end])
	clear(answer[2:12])
	answer[2], answer[3] = 0x85, 0x80 // a response, authoritative, recursion asked for and there
	answer[5] = 1
	var data []byte
	answer[3] |= nameError
	for _, z := range zones {
		if name != z.name && !strings.HasSuffix(name, "."+z.name) {
			continue
		}
		answer[3] &^= nameError
		switch typ {
		case typeA:
			data = sink.AsSlice()
		case typeMX:
			data = z.mx
		}
	}
	if data == nil {
		return answer
	}
	answer[7] = 1
	answer = append(answer, 0xc0, 12, 0, byte(typ), 0, 1, 0, 0, 0, 60, 0, byte(len(data)))
	return append(answer, data...)
}

// question returns the name and the type that a query asks for, and where its question ends.
func question(query []byte) (name string, typ uint16, end int) {
	const header = 12
	var labels []string
	i := header
	for i < len(query) && query[i] != 0 {
		next := i + 1 + int(query[i])
		if query[i] > 63 || next > len(query) {
			return "", 0, 0
		}
		labels = append(labels, strings.ToLower(string(query[i+1:next])))
		i = next
	}
	if i+5 > len(query) || binary.BigEndian.Uint16(query[4:]) != 1 {
		return "", 0, 0
	}
	return strings.Join(labels, "."), binary.BigEndian.Uint16(query[i+1:]), i + 5
}
