package targets

import (
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"
)

// nameServer answers with the aliases of a zone, "a.example CNAME b.example" each, as many links at once as it is told,
// and gives the system's configuration that names it.
type nameServer struct {
	links map[string]string
	most  int  // links in one answer
	cut   bool // over UDP nothing fits
	rcode int  // instead of an answer
}

func (s nameServer) ServeDNS(w dns.ResponseWriter, question *dns.Msg) {
	answer := new(dns.Msg).SetRcode(question, s.rcode)
	if s.cut && w.RemoteAddr().Network() == "udp" {
		answer.Truncated = true
		_ = w.WriteMsg(answer)
		return
	}
	if s.rcode != 0 {
		_ = w.WriteMsg(answer.SetRcode(question, s.rcode))
		return
	}
	name := fold(question.Question[0].Name)
	for range s.most {
		to, is := s.links[name]
		if !is {
			break
		}
		answer.Answer = append(answer.Answer, &dns.CNAME{Hdr: dns.RR_Header{Name: dns.Fqdn(strings.ToUpper(name)), Rrtype: dns.TypeCNAME, Class: dns.ClassINET, Ttl: 1}, Target: dns.Fqdn(to)})
		name = to
	}
	_ = w.WriteMsg(answer)
}

func (s nameServer) start(t *testing.T) *dns.ClientConfig {
	t.Helper()
	packets, streams := onePort(t)
	for _, server := range []*dns.Server{{PacketConn: packets, Handler: s}, {Listener: streams, Handler: s}} {
		started := make(chan struct{}) // before that there is nothing to shut down
		server.NotifyStartedFunc = func() { close(started) }
		go func() { _ = server.ActivateAndServe() }()
		<-started
		t.Cleanup(func() { _ = server.Shutdown() })
	}
	_, port, _ := net.SplitHostPort(packets.LocalAddr().String())
	return &dns.ClientConfig{Servers: []string{"127.0.0.1"}, Port: port, Search: []string{"corp.example"}, Ndots: 1}
}

// onePort is a port for UDP and TCP.
func onePort(t *testing.T) (net.PacketConn, net.Listener) {
	t.Helper()
	for range 50 {
		packets, err := net.ListenPacket("udp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		if streams, err := net.Listen("tcp", packets.LocalAddr().String()); err == nil {
			return packets, streams
		}
		_ = packets.Close()
	}
	t.Fatal("no port is free for both")
	return nil, nil
}

func TestChainOfAliases(t *testing.T) {
	links := map[string]string{"www.example": "one.example", "one.example": "two.example", "two.example": "three.example", "box.corp.example": "lb.example", "cdn.corp.example": "cdn.evil.test",
		"round.example": "about.example", "about.example": "round.example"}
	for name, s := range map[string]nameServer{"whole": {links: links, most: 10}, "link by link": {links: links, most: 1}, "over TCP": {links: links, most: 10, cut: true}} {
		conf := s.start(t)
		for _, c := range []struct {
			host, one string
			want      []string
		}{
			{"www.example", "three.example", []string{"one.example", "two.example", "three.example"}},
			{"www.example", "one.example", []string{"one.example", "two.example", "three.example"}}, // it may be any
			{"two.example", "three.example", []string{"three.example"}},
			{"box", "lb.example", []string{"lb.example"}},
			{"box", "box.corp.example", nil}, // a search domain's
			{"www.example", "www.example.evil.test", []string{"one.example", "two.example", "three.example", "www.example.evil.test"}},
			{"round.example", "about.example", []string{"!", "about.example"}},
			{"other.example", "elsewhere.example", []string{"!", "elsewhere.example"}}, // the resolver was told otherwise
			{"cdn", "cdn.evil.test", []string{"cdn.evil.test"}},                        // its full name is cdn.corp.example
		} {
			got, err := chain(t.Context(), conf, c.host, c.one)
			if err != nil {
				got = append([]string{"!"}, got...)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%s: %s is an alias of %q (%v), want %q", name, c.host, got, err, c.want)
			}
		}
	}
}

// A name server that cannot be had, or has no answer, tells nothing, and the last name is known all the same.
func TestChainWithoutServer(t *testing.T) {
	l, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(l.LocalAddr().String())
	_ = l.Close()
	for name, conf := range map[string]*dns.ClientConfig{
		"nobody there": {Servers: []string{"127.0.0.1"}, Port: port},
		"none":         {Port: "53"},
		"a failure":    nameServer{rcode: dns.RcodeServerFailure}.start(t),
		"a refusal":    nameServer{rcode: dns.RcodeRefused}.start(t),
	} {
		got, err := chain(t.Context(), conf, "www.example", "lb.example")
		if err == nil || !slices.Equal(got, []string{"lb.example"}) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

// One that fails when it is asked again hides no link: the last alone is not the chain.
func TestChainUntold(t *testing.T) {
	for _, rcode := range []int{dns.RcodeServerFailure, dns.RcodeRefused, dns.RcodeNameError} {
		got, err := chain(t.Context(), nameServer{rcode: rcode}.start(t), "www.example", "lb.example")
		if err == nil || !slices.Equal(got, []string{"lb.example"}) {
			t.Errorf("%s: %q, %v", dns.RcodeToString[rcode], got, err)
		}
	}
}

// What needs no name server is told by the system alone.
func TestNoAlias(t *testing.T) {
	silent := &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("no resolver") }}
	got, err := AliasesOf(t.Context(), silent, nil, "localhost")
	if err != nil || len(got) != 0 {
		t.Errorf("localhost is an alias of %q, %v", got, err)
	}
}
