package lookup

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"unicode/utf8"

	"github.com/miekg/dns"

	"openrelay/probe/dialogue"
	"openrelay/probe/dnsbl"
)

// reversed is the label an address is asked about by: its octets or nibbles backwards (RFC 5782
// sections 2.1 and 2.4). An IPv4 address within IPv6 counts as IPv6.
func reversed(addr netip.Addr) string {
	b := addr.AsSlice()
	labels := make([]string, 0, 2*len(b))
	for i := len(b) - 1; i >= 0; i-- {
		if addr.Is4() {
			labels = append(labels, fmt.Sprint(b[i]))
			continue
		}
		labels = append(labels, fmt.Sprintf("%x", b[i]&15), fmt.Sprintf("%x", b[i]>>4))
	}
	return strings.Join(labels, ".")
}

// maxCodes is how many addresses of one answer are read: lists give one, or one for each part.
const maxCodes = 32

// addresses asks a list about a label. No address and no trouble: it is not listed.
func (c *Checker) addresses(ctx context.Context, l *list, label string) ([]netip.Addr, dnsbl.Trouble) {
	msg, t := c.ask(ctx, l, label, dns.TypeA)
	if t.Problem != "" {
		return nil, t
	}
	var found []netip.Addr
	for _, rr := range msg.Answer {
		a, ok := rr.(*dns.A)
		if !ok {
			continue // the CNAME on the way
		}
		if addr, ok := netip.AddrFromSlice(a.A); ok && len(found) < maxCodes {
			found = append(found, addr.Unmap())
		}
	}
	return found, dnsbl.Trouble{}
}

// maxReason bounds what is kept of a TXT record, in bytes: people write sentences there, not pages.
const maxReason = 500

// reason is what a list says in words of an entry it has (RFC 5782 section 2.1); empty where it says
// nothing.
func (c *Checker) reason(ctx context.Context, l *list, label string) string {
	msg, t := c.ask(ctx, l, label, dns.TypeTXT)
	if t.Problem != "" {
		return ""
	}
	var said []string
	size := 0
	for _, rr := range msg.Answer {
		txt, ok := rr.(*dns.TXT)
		if !ok {
			continue
		}
		var b strings.Builder
		for _, s := range txt.Txt {
			if size += len(s); size > 4*maxReason { // the library writes a byte as up to four: \027
				break
			}
			b.WriteString(unescaped(s))
		}
		if b.Len() > 0 {
			said = append(said, b.String())
		}
	}
	return bounded(dialogue.Text(strings.Join(said, " / ")), maxReason)
}

// unescaped undoes the library's \DDD and \X, which are the notation of zone files.
func unescaped(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+3 < len(s) && digits(s[i+1:i+4]):
			b = append(b, (s[i+1]-'0')*100+(s[i+2]-'0')*10+s[i+3]-'0')
			i += 3
		case s[i] == '\\' && i+1 < len(s):
			i++
			b = append(b, s[i])
		default:
			b = append(b, s[i])
		}
	}
	return string(b)
}

func digits(s string) bool { return strings.Trim(s, "0123456789") == "" }

// bounded cuts text off between two characters, and shows that it did.
func bounded(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit] + "…"
}

// ask puts one question to the resolvers, as often as it takes to get an answer. Anything but "here it
// is" and "there is no such name" is trouble.
func (c *Checker) ask(ctx context.Context, l *list, label string, kind uint16) (*dns.Msg, dnsbl.Trouble) {
	name := label + "." + l.Zone.Zone
	if l.Key != "" {
		name = label + "." + l.Key + "." + l.Zone.Zone
	}
	question := new(dns.Msg)
	question.SetQuestion(dns.Fqdn(name), kind)
	if _, ok := dns.IsDomainName(name); !ok || len(name) > 253 || strings.ContainsAny(name, "\\ ") {
		return nil, dnsbl.Trouble{Problem: dnsbl.BadName}
	}
	attempts := cmp.Or(c.Attempts, defaultAttempts)
	t := dnsbl.Trouble{Problem: dnsbl.Interrupted}
	for try := range attempts {
		msg, err := c.exchange(ctx, l, question, c.servers[try%len(c.servers)])
		if ctx.Err() != nil || errors.Is(err, errInterrupted) {
			return nil, dnsbl.Trouble{Problem: dnsbl.Interrupted}
		}
		if err == nil && (msg.Rcode == dns.RcodeSuccess || msg.Rcode == dns.RcodeNameError) {
			return msg, dnsbl.Trouble{}
		}
		t = c.troubleOf(msg, err, try+1)
		if t.Problem == dnsbl.Refused && try+1 >= len(c.servers) {
			break // a refusal is an answer: the same server gives no other
		}
	}
	return nil, t
}

func (c *Checker) troubleOf(msg *dns.Msg, err error, asked int) dnsbl.Trouble {
	var network net.Error
	switch {
	case errors.As(err, &network) && network.Timeout():
		return dnsbl.Trouble{Problem: dnsbl.Timeout, Detail: fmt.Sprintf("asked %d times, %v each", asked, cmp.Or(c.Timeout, defaultTimeout))}
	case errors.Is(err, errMismatch):
		return dnsbl.Trouble{Problem: dnsbl.BadAnswer, Detail: err.Error()}
	case errors.As(err, &network):
		return dnsbl.Trouble{Problem: dnsbl.Timeout, Detail: "the resolver cannot be reached"}
	case err != nil:
		return dnsbl.Trouble{Problem: dnsbl.BadAnswer}
	case msg.Rcode == dns.RcodeRefused:
		return dnsbl.Trouble{Problem: dnsbl.Refused}
	case msg.Rcode == dns.RcodeServerFailure:
		return dnsbl.Trouble{Problem: dnsbl.ServFail}
	}
	return dnsbl.Trouble{Problem: dnsbl.BadAnswer, Detail: "response code " + dns.RcodeToString[msg.Rcode]}
}

var (
	errInterrupted = errors.New("interrupted")
	errMismatch    = errors.New("it answers another question")
)

// exchange asks one resolver once: over UDP, and over TCP where the answer does not fit (RFC 1035
// section 4.2).
func (c *Checker) exchange(ctx context.Context, l *list, question *dns.Msg, server string) (*dns.Msg, error) {
	question = question.Copy()
	question.Id = dns.Id()
	msg, err := c.over(ctx, l, "udp", question, server)
	if err == nil && msg.Truncated {
		msg, err = c.over(ctx, l, "tcp", question, server)
	}
	if err == nil && (!msg.Response || len(msg.Question) != 1 || !strings.EqualFold(msg.Question[0].Name, question.Question[0].Name)) {
		return nil, errMismatch
	}
	return msg, err
}

// over sends a question no faster than the list may be asked.
func (c *Checker) over(ctx context.Context, l *list, network string, question *dns.Msg, server string) (*dns.Msg, error) {
	if err := l.limit.Wait(ctx); err != nil {
		return nil, errInterrupted
	}
	select {
	case c.slots <- struct{}{}:
		defer func() { <-c.slots }()
	case <-ctx.Done():
		return nil, errInterrupted
	}
	client := &dns.Client{Net: network, Timeout: cmp.Or(c.Timeout, defaultTimeout), UDPSize: 1232}
	conn, err := client.DialContext(ctx, server)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	defer conn.Close()
	msg, _, err := client.ExchangeWithConnContext(ctx, question, conn)
	return msg, err
}
