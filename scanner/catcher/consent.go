package catcher

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"regexp"
	"strings"
	"time"

	"openrelay/probe"
	"openrelay/probe/dialogue"
	"openrelay/probe/wire"
)

// Consent finds out whether a domain agrees to get the test messages of a key. Wherever the server stands that
// is tested, no message goes to a domain that did not say so, in one of two ways:
//
//   - it publishes the key's fingerprint, TXT "openrelay=…" at _openrelay.DOMAIN; or
//   - a catcher that has the key answers for it at its MX. The question is a RCPT for a random local
//     part, the answer its HMAC in the text of the refusal. A server without the key cannot give it by
//     accident, and is asked no more than whether it knows a mailbox.
type Consent struct {
	Key      probe.Key
	Helo     string         // our host name, as a scan gives it; our address literal by default
	Resolver *net.Resolver  // net.DefaultResolver by default
	Catch    netip.AddrPort // where our own catcher listens; the zero value if there is none
	// Allowed is asked about every address of a mail host before it is dialled: an error leaves it alone. nil
	// allows all.
	Allowed func(ctx context.Context, host string, addr netip.Addr) error
	// Dial connects to an address; net.Dialer by default.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// Record is the text of the TXT record by which a domain agrees to get messages of that key, at the
// name it belongs at.
func Record(key probe.Key, domain string) (name, text string) {
	return "_openrelay." + domain, "openrelay=" + key.Fingerprint()
}

// NoConsentError says that a domain has not agreed, what was seen, and how it could agree.
type NoConsentError struct {
	Domain string
	TXT    string // what became of the first way
	MX     string // what became of the second
	name   string
	text   string
}

func (e *NoConsentError) Error() string {
	return fmt.Sprintf("%s has not agreed to get test messages: the TXT record %s does not hold this key's fingerprint (%s), and no catcher with this key answers at its MX (%s)",
		e.Domain, e.name, e.TXT, e.MX)
}

// Hint is both ways out.
func (e *NoConsentError) Hint() string {
	return fmt.Sprintf("publish %s. TXT %q, or run on its mail host: openrelay catch --domain %s --key FILE; give the same key file to the scan with --catch-key FILE",
		e.name, e.text, e.Domain)
}

// Ask returns nil if the domain agrees, and a *NoConsentError if it does not.
func (c *Consent) Ask(ctx context.Context, domain string) error {
	if reservedAs(domain) != "" {
		return nil
	}
	name, text := Record(c.Key, domain)
	txt := c.published(ctx, name, text)
	if txt == nil {
		return nil
	}
	q := c.Question(ctx, domain)
	if q.Exempt != "" {
		return nil
	}
	mx := c.answered(ctx, q, domain)
	if mx == nil {
		return nil
	}
	return &NoConsentError{Domain: domain, TXT: txt.Error(), MX: mx.Error(), name: name, text: text}
}

func (c *Consent) resolver() *net.Resolver {
	if c.Resolver != nil {
		return c.Resolver
	}
	return net.DefaultResolver
}

// published looks for the record.
func (c *Consent) published(ctx context.Context, name, text string) error {
	records, err := c.resolver().LookupTXT(ctx, name+".")
	for _, r := range records {
		if strings.EqualFold(strings.TrimSpace(r), text) {
			return nil
		}
	}
	switch {
	case notFound(err):
		return errors.New("there is none")
	case err != nil:
		return lookupError(err)
	}
	return fmt.Errorf("it says %s", dialogue.Text(clip(strings.Join(records, "; "))))
}

// answered asks the mail hosts of a domain.
func (c *Consent) answered(ctx context.Context, q Question, domain string) error {
	if q.Failed != nil {
		return q.Failed
	}
	var why []string
	for _, h := range q.Hosts {
		if h.Own {
			return nil
		}
		err := h.Failed
		if len(h.Addrs) > 0 {
			err = c.challenge(ctx, h.Addrs, domain)
			if err == nil {
				return nil
			}
		}
		for _, err := range append(h.Left, err) {
			if err != nil {
				why = append(why, fmt.Sprintf("%s %v", dialogue.Text(h.Name), err))
			}
		}
	}
	return errors.New(strings.Join(why, "; "))
}

func notFound(err error) bool {
	var dns *net.DNSError
	return errors.As(err, &dns) && dns.IsNotFound
}

// lookupError is a failure of DNS without the name server's address, which is nobody's concern.
func lookupError(err error) error {
	var dns *net.DNSError
	if errors.As(err, &dns) {
		return fmt.Errorf("looking up %s failed: %s", dns.Name, dns.Err)
	}
	return err
}

// A challenge is challengeLetter and 16 characters of base32; no token begins with that letter. The
// answer stands alone in the text of a refusal.
const (
	challengeLetter = "c"
	challengeLength = 1 + 16
	answerPrefix    = "openrelay-consent="
)

var challengeForm = regexp.MustCompile(`^(?i)c[a-z2-7]{16}$`)

func isChallenge(local string) bool { return challengeForm.MatchString(local) }

const (
	patience      = 30 * time.Second // with one mail host, for everything
	dialsPatience = 5 * time.Second  // for one address of it to answer
)

// connect dials the addresses one after the other, until one answers. A name is not dialled: it might lead
// elsewhere by now.
func (c *Consent) connect(ctx context.Context, addrs []netip.Addr) (conn net.Conn, err error) {
	dial := c.Dial
	if dial == nil {
		dial = (&net.Dialer{}).DialContext
	}
	for _, addr := range addrs {
		ctx, cancel := context.WithTimeout(ctx, dialsPatience)
		conn, err = dial(ctx, "tcp", netip.AddrPortFrom(addr, 25).String())
		cancel()
		if err == nil {
			return conn, nil
		}
	}
	return nil, fmt.Errorf("cannot be reached: %w", err)
}

// challenge asks one mail host for the answer that only a holder of the key knows.
func (c *Consent) challenge(ctx context.Context, addrs []netip.Addr, domain string) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	nc, err := c.connect(ctx, addrs)
	if err != nil {
		return err
	}
	conn := wire.New(nc, wire.Limits{Session: patience})
	defer conn.Close()
	local := challengeLetter + strings.ToLower(rand.Text()[:challengeLength-1])
	r, err := c.converse(ctx, conn, []string{"MAIL FROM:<>", "RCPT TO:<" + local + "@" + domain + ">"})
	if err != nil {
		return err
	}
	_ = conn.Quit(ctx)
	if r.Code == 550 && strings.HasSuffix(strings.TrimSpace(r.Text()), answerPrefix+c.Key.Answer(local, domain)) {
		return nil
	}
	if strings.Contains(r.Text(), answerPrefix) {
		return errors.New("is a catcher, with another key or for another domain")
	}
	return fmt.Errorf("is no catcher, it answered %q", dialogue.Text(clip(r.String())))
}

// converse says the commands one after the other and returns the last reply, or the first that refuses.
func (c *Consent) converse(ctx context.Context, conn *wire.Conn, commands []string) (dialogue.Reply, error) {
	r, err := conn.Greeting(ctx)
	if err != nil || !r.Positive() {
		return r, err
	}
	if r, _, err = conn.Hello(ctx, c.helo(conn.LocalAddr())); err != nil || !r.Positive() {
		return r, err
	}
	for _, command := range commands {
		if r, err = conn.Cmd(ctx, command); err != nil || !r.Positive() {
			return r, err
		}
	}
	return r, nil
}

// helo is our name, else our address (RFC 5321 4.1.4).
func (c *Consent) helo(ours net.Addr) string {
	addr := addrOf(ours)
	switch {
	case c.Helo != "":
		return c.Helo
	case addr.Is6():
		return "[IPv6:" + addr.String() + "]"
	}
	return "[" + addr.String() + "]"
}

// clip bounds what is quoted of a stranger.
func clip(s string) string {
	const most = 200
	if len(s) <= most {
		return s
	}
	return s[:most] + "..."
}
