package prober

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"time"

	"openrelay/probe"
	"openrelay/probe/dialogue"
	"openrelay/probe/errno"
	"openrelay/probe/phrasebook"
	"openrelay/probe/wire"
)

// session is one connection to the target, past its greeting and EHLO.
type session struct {
	manner
	style
	conn     *wire.Conn
	memo     *phrasebook.Memo
	desk     *desk
	greeting dialogue.Reply
	ehlo     dialogue.Reply
	extended bool                // EHLO was accepted, not only HELO
	name     string              // we introduced us by
	preface  dialogue.Transcript // everything up to here
}

// offers reports whether the server listed an extension.
func (s *session) offers(keyword string) bool {
	_, ok := s.extension(keyword)
	return ok
}

// extension returns the parameters of an extension that the server listed.
func (s *session) extension(keyword string) (params string, ok bool) {
	params, ok = dialogue.Extension(s.ehlo, keyword)
	return params, ok && s.extended
}

// setback is why a session did not come about.
type setback struct {
	stage   probe.Stage
	reason  probe.Reason
	detail  string
	reply   dialogue.Reply // the refusal, where the server gave one
	said    dialogue.Transcript
	session *session // as far as it came, nil before a greeting
	spoke   bool     // an SMTP server answered
}

// style is how to speak to a server, as far as it has shown by now how it wants to be spoken to.
type style struct {
	literal  bool // our name was refused: introduce us by our address
	noEHLO   bool // EHLO makes the server hang up, or is not heard
	stepwise bool // it loses commands that come in one write
	brisk    bool // QUIT goes out with the last commands
}

// caller makes the connections of one probe, and says on them what it is told to.
type caller struct {
	p      *Prober
	t      probe.Target
	limits Limits
	desk   *desk
	room   wire.Room    // for what the server says
	conns  []*wire.Conn // for the trace
}

// open makes a session: connect, TLS where the port begins with it, greeting, EHLO, STARTTLS, and what
// the vector wants to have happened before.
func (l *caller) open(ctx context.Context, m manner, y style) (*connection, *session) {
	c := &connection{manner: m}
	nc, err := l.p.dial(ctx, l.t, l.limits.Connect)
	if err != nil {
		c.failure = dialSetback(err, l.t.Addr.Addr())
		return c, nil
	}
	c.ours = addrPortOf(nc.LocalAddr())
	s := &session{manner: m, style: y, memo: &l.p.memo, desk: l.desk,
		conn: wire.New(nc, wire.Limits{Greeting: l.limits.Greeting, Reply: l.limits.Reply, Room: &l.room})}
	if l.p.Trace != nil && !m.account {
		l.conns = append(l.conns, s.conn)
	}
	if c.failure = l.begin(ctx, s); c.failure == nil {
		s.preface = s.conn.Since(0)
		c.session = s
	}
	return c, c.session
}

// begin goes through the steps that come before the first question.
func (l *caller) begin(ctx context.Context, s *session) *setback {
	if header := s.header(addrPortOf(s.conn.LocalAddr()), l.t.Addr); header != nil {
		if err := s.conn.Raw(ctx, header); err != nil {
			return s.lost(probe.StageConnect, err)
		}
	}
	if s.via == probe.TLSFirst {
		if err := s.conn.Handshake(ctx, l.tlsConfig(s.manner)); err != nil {
			return &setback{stage: probe.StageTLS, reason: probe.ReasonTLSFailed, detail: s.handshakeFailed(err), said: s.conn.Since(0)}
		}
	}
	if f := s.greet(ctx); f != nil {
		return f
	}
	if f := s.hello(ctx, l.p.Helo); f != nil {
		return f
	}
	if s.via == probe.StartTLS {
		if f := l.startTLS(ctx, s); f != nil {
			return f
		}
	}
	return s.claimed(ctx, s.setup)
}

// dial connects; a named target gets a second try, since one lost packet is no verdict.
func (p *Prober) dial(ctx context.Context, t probe.Target, limit time.Duration) (net.Conn, error) {
	nc, err := p.dialOnce(ctx, t, limit)
	if t.Named && isTimeout(err) && ctx.Err() == nil {
		nc, err = p.dialOnce(ctx, t, limit)
	}
	return nc, err
}

func (p *Prober) dialOnce(ctx context.Context, t probe.Target, limit time.Duration) (net.Conn, error) {
	dial := p.Dial
	if dial == nil {
		dial = (&net.Dialer{}).DialContext
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return dial(ctx, "tcp", t.Addr.String())
}

func isTimeout(err error) bool {
	var ne net.Error
	return errors.As(err, &ne) && ne.Timeout()
}

// dialSetback says why a connection attempt failed. A firewall far away that forbids it by ICMPv6 (RFC 4443 3.1, code 1)
// is no fault of the routes here, though it reads as one: EACCES.
func dialSetback(err error, to netip.Addr) *setback {
	f := &setback{stage: probe.StageConnect, reason: probe.ReasonTimeout, detail: err.Error()}
	var op *net.OpError
	var code syscall.Errno
	switch {
	case errors.As(err, &code):
		f.detail = code.Error()
	case errors.As(err, &op):
		f.detail = op.Err.Error()
	}
	switch {
	case errno.Is(err, syscall.ECONNREFUSED):
		f.reason = probe.ReasonRefused
	case errno.Is(err, syscall.ECONNRESET):
		f.reason = probe.ReasonReset
	case errno.Is(err, syscall.EACCES) && to.Unmap().Is6():
	case errno.Is(err, syscall.ENETUNREACH, syscall.EADDRNOTAVAIL, syscall.EAFNOSUPPORT, syscall.EPERM, syscall.EACCES, syscall.EINVAL):
		f.reason = probe.ReasonNoRouteHere
	}
	return f
}

// greet reads the greeting (RFC 5321 3.1).
func (s *session) greet(ctx context.Context) *setback {
	r, err := s.conn.Greeting(ctx)
	if err != nil {
		f := &setback{stage: phrasebook.Banner, reason: probe.ReasonNoBanner, detail: err.Error(), said: s.conn.Since(0)}
		switch {
		case errors.Is(err, wire.ErrClosed), errors.Is(err, wire.ErrTruncated):
			f.reason = probe.ReasonClosedEarly
		case errors.Is(err, wire.ErrReset):
			f.reason = probe.ReasonReset
		case errors.Is(err, wire.ErrNotSMTP), errors.Is(err, wire.ErrTooLong):
			f.reason = probe.ReasonNotSMTP
		}
		if r, ok := secondThoughts(f.said); ok {
			return s.refused(phrasebook.Banner, r, probe.ReasonServiceRefused)
		}
		return f
	}
	s.greeting = r
	if r.Code/100 == 2 {
		return nil
	}
	_ = s.conn.Quit(ctx)
	return s.turnedAway(r)
}

// turnedAway is the setback of a greeting that is none.
func (s *session) turnedAway(r dialogue.Reply) *setback {
	if r.Code < 400 {
		return &setback{stage: phrasebook.Banner, reason: probe.ReasonNotSMTP, reply: r, said: s.conn.Since(0),
			detail: fmt.Sprintf("greeted with %d", r.Code)}
	}
	return s.refused(phrasebook.Banner, r, probe.ReasonServiceRefused)
}

// secondThoughts: a greeting may begin in good faith, "220-", and end in a refusal. postscreen does so
// with clients it finds on a list.
func secondThoughts(said dialogue.Transcript) (dialogue.Reply, bool) {
	var heard []string
	for _, l := range said {
		if l.From == dialogue.Server {
			heard = append(heard, l.Data)
		}
	}
	if len(heard) < 2 || !strings.HasPrefix(heard[0], "220-") {
		return dialogue.Reply{}, false
	}
	r, err := dialogue.ParseReply(heard[len(heard)-1])
	return r, err == nil && r.Code >= 400
}

// refused is the setback of a server that answers, but not with yes.
func (s *session) refused(stage probe.Stage, r dialogue.Reply, otherwise probe.Reason) *setback {
	f := &setback{stage: stage, reason: otherwise, reply: r, said: s.conn.Since(0), session: s, spoke: true}
	meaning := s.memo.Lookup(stage, r)
	switch meaning {
	case phrasebook.ClientBlocked, phrasebook.RateLimited, phrasebook.Greylisted, phrasebook.HeloRejected:
		f.reason = reasonFor[meaning]
	}
	f.detail = fmt.Sprintf("the server answered %s", quote(r))
	return f
}

// hello introduces us: by our name, and where a server finds fault with that, by our address.
func (s *session) hello(ctx context.Context, ours string) *setback {
	var r dialogue.Reply
	var err error
	s.name = s.heloName(ours)
	_, encrypted := s.conn.TLS()
	first := s.via == probe.StartTLS && !encrypted // only EHLO tells whether there is STARTTLS
	if s.noEHLO || s.setup != nil && s.setup.Verb == "HELO" && !first {
		r, err = s.conn.Cmd(ctx, "HELO "+s.name)
	} else if s.claimsProxy() { // a 5xx may answer the header: no second command
		r, err = s.conn.Cmd(ctx, "EHLO "+s.name)
		s.extended = true
	} else {
		r, s.extended, err = s.conn.Hello(ctx, s.name)
	}
	if err == nil && (s.front != 0 || s.claimsProxy()) {
		err = s.conn.Quiet(ctx, 100*time.Millisecond) // the header may have been answered as a command
	}
	if err != nil {
		return s.lost(phrasebook.Helo, err)
	}
	s.ehlo = r
	if r.Positive() {
		return nil
	}
	_ = s.conn.Quit(ctx)
	return s.unknownTo(r)
}

// unknownTo is the setback of a server that refuses to be introduced to.
func (s *session) unknownTo(r dialogue.Reply) *setback {
	if r.Temporary() {
		return s.refused(phrasebook.Helo, r, probe.ReasonServiceRefused)
	}
	if ftp(s.greeting, r) {
		return &setback{stage: phrasebook.Helo, reason: probe.ReasonNotSMTP, reply: r, said: s.conn.Since(0), session: s,
			detail: fmt.Sprintf("an FTP server: it knows no HELO, and answered %s", quote(r))}
	}
	return s.refused(phrasebook.Helo, r, probe.ReasonHeloRejected)
}

var ftpWords = regexp.MustCompile(`(?i)(ftpd?|filezilla)([^.\w-]|$)|\bUSER and PASS\b`)

// ftp recognises a server that greets with 220, as mail servers do, and refuses to be introduced to
// (RFC 959 5.4).
func ftp(greeting, refusal dialogue.Reply) bool {
	return !strings.Contains(strings.ToUpper(greeting.Text()), "SMTP") &&
		(ftpWords.MatchString(greeting.Text()) || ftpWords.MatchString(refusal.Text()))
}

// lost is the setback of a conversation that broke off.
func (s *session) lost(stage probe.Stage, err error) *setback {
	f := &setback{stage: stage, reason: probe.ReasonCutOff, detail: err.Error(), said: s.conn.Since(0), session: s, spoke: true}
	switch {
	case errors.Is(err, wire.ErrTimeout), errors.Is(err, context.DeadlineExceeded):
		f.reason = probe.ReasonSlow // somebody with more patience may get in
	case errors.Is(err, wire.ErrTLS):
		f.reason = probe.ReasonTLSUnavailable
	}
	return f
}

// heloName is our own name, else our address as a literal, which is honest too (RFC 5321 4.1.4).
func (s *session) heloName(ours string) string {
	switch {
	case s.manner.helo != "":
		return s.manner.helo
	case ours == "" || s.literal:
		return literal(addrOf(s.conn.LocalAddr()))
	}
	return ours
}

func addrOf(a net.Addr) netip.Addr { return addrPortOf(a).Addr() }

func addrPortOf(a net.Addr) netip.AddrPort {
	tcp, ok := a.(*net.TCPAddr)
	if !ok {
		return netip.AddrPortFrom(netip.IPv4Unspecified(), 0) // a connection that is no TCP one, in tests
	}
	ap := tcp.AddrPort()
	return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
}

// startTLS upgrades the session and introduces us again (RFC 3207 4.2).
func (l *caller) startTLS(ctx context.Context, s *session) *setback {
	if !s.offers("STARTTLS") {
		_ = s.conn.Quit(ctx)
		return &setback{stage: probe.StageTLS, reason: probe.ReasonTLSUnavailable, detail: "the server does not offer STARTTLS",
			said: s.conn.Since(0), session: s, spoke: true}
	}
	r, err := s.conn.StartTLS(ctx, l.tlsConfig(s.manner))
	if err != nil {
		f := s.lost(probe.StageTLS, err)
		f.detail = s.handshakeFailed(err)
		if f.reason == probe.ReasonCutOff {
			f.reason = probe.ReasonTLSUnavailable
		}
		return f
	}
	if r.Code != 220 {
		_ = s.conn.Quit(ctx)
		return s.refused(probe.StageTLS, r, probe.ReasonTLSUnavailable)
	}
	return s.hello(ctx, l.p.Helo)
}

// tlsConfig accepts any certificate, version and cipher there is: a bad one is worth a remark, and
// never a reason to leave a relay unfound. No secret ever travels on these sessions, but where we log in.
func (l *caller) tlsConfig(m manner) *tls.Config {
	if m.account {
		return l.verifiedTLS()
	}
	return &tls.Config{ServerName: l.t.Name, InsecureSkipVerify: true, MinVersion: tls.VersionTLS10, CipherSuites: everyCipher}
}

// handshakeFailed says why there is no TLS session, and what we had to offer: Go has no DHE key exchange, with which
// another client may get one.
func (m manner) handshakeFailed(err error) string {
	if m.account {
		return unverified(err)
	}
	if errors.Is(err, wire.ErrTLS) && !errors.Is(err, wire.ErrTimeout) {
		return fmt.Sprintf("%v (we offered TLS 1.0 to 1.3 with ECDHE and RSA key exchange, and no DHE)", err)
	}
	return err.Error()
}

// everyCipher names those too that Go leaves out by default: old servers know no others.
var everyCipher = func() (ids []uint16) {
	for _, suite := range slices.Concat(tls.CipherSuites(), tls.InsecureCipherSuites()) {
		ids = append(ids, suite.ID)
	}
	return ids
}()
