// Package dnstest is a name server for tests, on loopback: block lists that work, and block lists that
// are dead, answer for everything, refuse, or say nothing.
package dnstest

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/miekg/dns"
)

// List is a block list as it behaves. The zero List, with a zone, works and lists nothing but the
// entries every list has (RFC 5782 section 5).
type List struct {
	Zone    string
	Entries map[string]Entry // by what is listed: "192.0.2.1", "2001:db8::1", "spam.example"
	NoTest  bool             // lacks the entries every list has
	All     *Entry           // answers so to everything
}

// Entry is an answer.
type Entry struct {
	Codes  []string // addresses: "127.0.0.2"
	TXT    []string // the strings of one record, in the notation of zone files
	Rcode  int      // dns.RcodeRefused and so on, instead of an answer
	Silent bool     // no answer at all
	Strays bool     // the answer is to another question
	OnTCP  bool     // over UDP the answer is cut off
	Lost   int      // the first so many questions get no answer
}

// Server answers for lists, for hosts, and with the records that were added.
type Server struct {
	Addr    netip.AddrPort
	Latency time.Duration // before each answer

	lists   []List
	hosts   map[string][]string
	udp     *dns.Server
	tcp     *dns.Server
	stopped context.Context
	stop    context.CancelFunc

	mu      sync.Mutex
	queries map[string]int      // by zone
	asked   map[string]int      // by name
	records map[string][]dns.RR // by name
	tcpSeen int
}

// Start serves lists, and the addresses of hosts, on a loopback address until Stop.
func Start(latency time.Duration, lists []List, hosts map[string][]string) (*Server, error) {
	return start("127.0.0.1:0", latency, lists, hosts)
}

// StartAt serves records, which Add adds, at an address of this machine.
func StartAt(address string) (*Server, error) { return start(address, 0, nil, nil) }

func start(address string, latency time.Duration, lists []List, hosts map[string][]string) (*Server, error) {
	s := &Server{Latency: latency, lists: lists, hosts: hosts, queries: map[string]int{}, asked: map[string]int{}, records: map[string][]dns.RR{}}
	s.stopped, s.stop = context.WithCancel(context.Background())
	packets, streams, err := listen(address)
	if err != nil {
		return nil, err
	}
	s.Addr = netip.MustParseAddrPort(packets.LocalAddr().String())
	s.udp = &dns.Server{PacketConn: packets, Handler: dns.HandlerFunc(s.serve)}
	s.tcp = &dns.Server{Listener: streams, Handler: dns.HandlerFunc(s.serve)}
	for _, server := range []*dns.Server{s.udp, s.tcp} {
		ready := make(chan struct{})
		server.NotifyStartedFunc = func() { close(ready) }
		go func() { _ = server.ActivateAndServe() }()
		<-ready
	}
	return s, nil
}

// listen takes one port for UDP and TCP.
func listen(address string) (net.PacketConn, net.Listener, error) {
	var last error
	for range 20 {
		packets, err := net.ListenPacket("udp4", address)
		if err != nil {
			return nil, nil, err
		}
		streams, err := net.Listen("tcp4", packets.LocalAddr().String())
		if err == nil {
			return packets, streams, nil
		}
		last = err
		_ = packets.Close()
	}
	return nil, nil, fmt.Errorf("no port free for UDP and TCP: %w", last)
}

// Stop ends the server.
func (s *Server) Stop() {
	s.stop()
	_ = s.udp.Shutdown()
	_ = s.tcp.Shutdown()
}

// Queries is how many questions about a zone were asked.
func (s *Server) Queries(zone string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.queries[zone]
}

// Asked is how many questions about a name were asked.
func (s *Server) Asked(name string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked[name]
}

// Add adds records in the notation of zone files: "relay.test. MX 10 mx.relay.test."
func (s *Server) Add(records ...string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, text := range records {
		r, err := dns.NewRR(text)
		if err != nil {
			return err
		}
		name := nameOf(r.Header().Name)
		s.records[name] = append(s.records[name], r)
	}
	return nil
}

// Resolver asks this server, and no other.
func (s *Server) Resolver() *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, s.Addr.String())
	}}
}

func nameOf(absolute string) string { return strings.ToLower(strings.TrimSuffix(absolute, ".")) }

// answer answers from the records, by way of aliases. known is false where there is none of that name.
func (s *Server) answer(answer *dns.Msg, q dns.Question) (known bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	name := nameOf(q.Name)
	for range 10 { // an alias may be one of itself
		next := ""
		for _, r := range s.records[name] {
			known, answer.Authoritative = true, true // else an answer without records is one of a server that knows nothing
			alias, isAlias := r.(*dns.CNAME)
			if isAlias {
				next = nameOf(alias.Target)
			}
			if isAlias || r.Header().Rrtype == q.Qtype {
				answer.Answer = append(answer.Answer, r)
			}
		}
		if next == "" {
			break
		}
		name = next
	}
	return known
}

// OverTCP is how many questions came over TCP.
func (s *Server) OverTCP() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tcpSeen
}

func (s *Server) serve(w dns.ResponseWriter, question *dns.Msg) {
	onTCP := w.RemoteAddr().Network() == "tcp"
	q := question.Question[0]
	name := nameOf(q.Name)
	list, label := s.find(name)
	s.mu.Lock()
	s.queries[list.Zone]++
	s.asked[name]++
	asked := s.asked[name]
	if onTCP {
		s.tcpSeen++
	}
	s.mu.Unlock()
	if s.Latency > 0 {
		select {
		case <-time.After(s.Latency):
		case <-s.stopped.Done():
			return
		}
	}
	answer := new(dns.Msg).SetReply(question)
	switch addrs, ok := s.hosts[name]; {
	case ok:
		answerHost(answer, q, addrs)
	case s.answer(answer, q):
		if !onTCP {
			answer.Truncate(room(question))
		}
	case !list.answer(answer, q, label, asked, onTCP):
		return
	}
	_ = w.WriteMsg(answer)
}

// room is how long an answer over UDP may be.
func room(question *dns.Msg) int {
	if o := question.IsEdns0(); o != nil {
		return int(o.UDPSize())
	}
	return dns.MinMsgSize
}

// answer answers as a list does, asked about a label for the n-th time; false if it does not answer.
func (l List) answer(answer *dns.Msg, q dns.Question, label string, n int, onTCP bool) bool {
	entry, listed := l.lookup(label)
	switch {
	case entry.Silent, n <= entry.Lost:
		return false
	case entry.Rcode != 0:
		answer.Rcode = entry.Rcode
	case !listed:
		answer.Rcode = dns.RcodeNameError
	case entry.OnTCP && !onTCP:
		answer.Truncated = true
	case entry.Strays:
		answer.Question[0].Name = "other." + q.Name
	default:
		entry.write(answer, q)
	}
	return true
}

func (s *Server) find(name string) (List, string) {
	for _, l := range s.lists {
		if label, ok := strings.CutSuffix(name, "."+l.Zone); ok {
			return l, label
		}
	}
	return List{}, ""
}

func (l List) lookup(label string) (Entry, bool) {
	if l.All != nil {
		return *l.All, true
	}
	for listed, e := range l.Entries {
		if labelOf(listed) == label {
			return e, true
		}
	}
	if l.Zone != "" && !l.NoTest {
		for _, listed := range []string{"127.0.0.2", "test"} {
			if labelOf(listed) == label {
				return Entry{Codes: []string{"127.0.0.2"}}, true
			}
		}
		if label == "2.0.0.0.0.0.f.7.f.f.f.f"+strings.Repeat(".0", 20) { // ::FFFF:7F00:2
			return Entry{Codes: []string{"127.0.0.2"}}, true
		}
	}
	return Entry{}, false
}

// labelOf is what something is asked about by, by the library and not by the code that is tested.
func labelOf(listed string) string {
	reversed, err := dns.ReverseAddr(listed)
	if err != nil {
		return listed
	}
	reversed = strings.TrimSuffix(reversed, ".in-addr.arpa.")
	return strings.TrimSuffix(reversed, ".ip6.arpa.")
}

func (e Entry) write(answer *dns.Msg, q dns.Question) {
	header := dns.RR_Header{Name: q.Name, Rrtype: q.Qtype, Class: dns.ClassINET, Ttl: 60}
	switch q.Qtype {
	case dns.TypeA:
		for _, code := range e.Codes {
			answer.Answer = append(answer.Answer, &dns.A{Hdr: header, A: net.ParseIP(code)})
		}
	case dns.TypeTXT:
		if len(e.TXT) > 0 {
			answer.Answer = append(answer.Answer, &dns.TXT{Hdr: header, Txt: e.TXT})
		}
	}
}

func answerHost(answer *dns.Msg, q dns.Question, addrs []string) {
	for _, a := range addrs {
		addr := netip.MustParseAddr(a)
		header := dns.RR_Header{Name: q.Name, Rrtype: q.Qtype, Class: dns.ClassINET, Ttl: 60}
		switch {
		case q.Qtype == dns.TypeA && addr.Is4():
			answer.Answer = append(answer.Answer, &dns.A{Hdr: header, A: addr.AsSlice()})
		case q.Qtype == dns.TypeAAAA && addr.Is6():
			answer.Answer = append(answer.Answer, &dns.AAAA{Hdr: header, AAAA: addr.AsSlice()})
		}
	}
}
