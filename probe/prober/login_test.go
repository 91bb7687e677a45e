package prober_test

import (
	"context"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"openrelay/internal/mtatest"
	"openrelay/probe"
	"openrelay/probe/dialogue"
	"openrelay/probe/prober"
	"openrelay/probe/wire"
	"openrelay/scanner/demo"
)

const (
	loginUser = "ada@local.test"
	password  = "Tr0ub4dor&3 käse"
	leftOut   = "(text left out: it may repeat a password)"
)

// loginServer is a mail server with users. It knows ada, and repeats what it is given where echo says so.
type loginServer struct {
	mechanisms []string
	challenge  bool // PLAIN: pass over what came with the command
	echo       bool // in every refusal
	relay      func(to string) error

	mu   sync.Mutex
	said []string // MAIL and RCPT of whoever is logged in, and DATA of anybody
}

func (s *loginServer) start(t *testing.T, insecure bool) (addr string, roots *x509.CertPool) {
	t.Helper()
	config, err := demo.TLS()
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(config.Certificates[0].Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	roots = x509.NewCertPool()
	roots.AddCert(cert)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &userSession{loginServer: s}, nil }))
	server.Domain, server.TLSConfig = "mx.local.test", config
	if insecure {
		server.TLSConfig, server.AllowInsecureAuth = nil, true
	}
	var serving sync.WaitGroup
	serving.Go(func() { _ = server.Serve(l) })
	t.Cleanup(func() { _ = server.Close(); serving.Wait() })
	return l.Addr().String(), roots
}

type userSession struct {
	*loginServer
	user string
	got  []string // every response to a challenge, as it came
}

func (u *userSession) note(format string, args ...any) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.said = append(u.said, fmt.Sprintf(format, args...))
}

func (u *userSession) AuthMechanisms() []string { return u.mechanisms }

func (u *userSession) Auth(mechanism string) (sasl.Server, error) {
	return &userLogin{userSession: u, mechanism: mechanism}, nil
}

// refuse refuses in words that hold all the server was given, in every form it knows.
func (u *userSession) refuse(code int) error {
	message := "go away"
	if u.echo {
		for _, g := range u.got {
			message += fmt.Sprintf(" %q %s %s", g, strings.ReplaceAll(g, "\x00", " "), base64.StdEncoding.EncodeToString([]byte(g)))
			message += " " + strings.ToUpper(base64.StdEncoding.EncodeToString([]byte(g))) + " " + base64.StdEncoding.EncodeToString([]byte(g))[:12]
		}
	}
	return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{5, 7, 8}, Message: message}
}

type userLogin struct {
	*userSession
	mechanism string
	rounds    int
}

func (l *userLogin) Next(response []byte) (challenge []byte, done bool, err error) {
	l.rounds++
	if response != nil {
		l.got = append(l.got, string(response))
	}
	if l.mechanism == sasl.Plain {
		if l.challenge && l.rounds == 1 || response == nil {
			return []byte{}, false, nil
		}
		_, identity, _ := strings.Cut(string(response), "\x00")
		return nil, true, l.verify(identity)
	}
	if len(l.got) < 2 { // LOGIN, in the words of Exchange
		return []byte([]string{"Username:", "Password:"}[len(l.got)]), false, nil
	}
	return nil, true, l.verify(l.got[0] + "\x00" + l.got[1])
}

func (l *userLogin) verify(identity string) error {
	if identity != loginUser+"\x00"+password {
		return l.refuse(535)
	}
	l.user = loginUser
	return nil
}

func (u *userSession) Mail(from string, _ *smtp.MailOptions) error {
	if u.user != "" {
		u.note("MAIL %s", from)
	}
	return nil
}

func (u *userSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	if u.user == "" {
		return &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 7, 1}, Message: "Relay access denied"}
	}
	u.note("RCPT %s", to)
	if u.relay != nil {
		return u.relay(to)
	}
	if u.echo {
		return u.refuse(554)
	}
	return nil
}

func (u *userSession) Data(r io.Reader) error {
	u.note("DATA")
	_, err := io.Copy(io.Discard, r)
	return err
}
func (u *userSession) Reset()        {}
func (u *userSession) Logout() error { return nil }

func TestLogin(t *testing.T) {
	plain := []string{sasl.Plain}
	deny := func(string) error {
		return &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 7, 1}, Message: "Relay access denied"}
	}
	for name, c := range map[string]struct {
		server   *loginServer
		insecure bool // no TLS is offered
		account  prober.Account
		strange  bool // the certificate is nobody's we know
		target   probe.Target
		want     probe.Outcome
		stage    probe.Stage
		says     string
	}{
		"PLAIN":                  {server: &loginServer{mechanisms: plain}, want: probe.OutcomeAccepted},
		"PLAIN, asked for again": {server: &loginServer{mechanisms: plain, challenge: true}, want: probe.OutcomeAccepted},
		"LOGIN":                  {server: &loginServer{mechanisms: []string{sasl.Login}}, want: probe.OutcomeAccepted},
		"both":                   {server: &loginServer{mechanisms: []string{sasl.Login, sasl.Plain}}, want: probe.OutcomeAccepted},
		"neither":                {server: &loginServer{mechanisms: []string{"CRAM-MD5"}}, want: probe.OutcomeSkipped, stage: "auth", says: "neither PLAIN nor LOGIN"},
		"no login":               {server: &loginServer{}, want: probe.OutcomeSkipped, stage: "auth", says: "no login"},
		"no TLS":                 {server: &loginServer{mechanisms: plain}, insecure: true, want: probe.OutcomeSkipped, stage: "tls", says: "not sent in clear"},
		"an unknown certificate": {server: &loginServer{mechanisms: plain}, strange: true, want: probe.OutcomeFailed, stage: "tls", says: "--auth-ca"},
		"another name":           {server: &loginServer{mechanisms: plain}, target: probe.Target{Named: true, Name: "mx.other.test"}, want: probe.OutcomeFailed, stage: "tls", says: "mx.other.test"},
		"no name":                {server: &loginServer{mechanisms: plain}, target: probe.Target{Named: true}, want: probe.OutcomeFailed, stage: "tls", says: "127.0.0.1"},
		"by MX":                  {server: &loginServer{mechanisms: plain}, target: probe.Target{Named: true, Name: "mx.local.test", Domain: "local.test"}, want: probe.OutcomeSkipped, says: "only DNS says"},
		"out of a range":         {server: &loginServer{mechanisms: plain}, target: probe.Target{Name: "mx.local.test"}, want: probe.OutcomeSkipped, says: "named servers only"},
		"a wrong password":       {server: &loginServer{mechanisms: plain}, account: prober.Account{User: loginUser, Password: "wrong"}, want: probe.OutcomeRefused, stage: "auth", says: "535 5.7.8 (text left out: it may repeat a password)the name or the password is wrong"},
		"a wrong one, repeated":  {server: &loginServer{mechanisms: plain, echo: true}, account: prober.Account{User: "eve@local.test", Password: password}, want: probe.OutcomeRefused, stage: "auth", says: "535 5.7.8 (text left out"},
		"LOGIN, repeated":        {server: &loginServer{mechanisms: []string{sasl.Login}, echo: true}, account: prober.Account{User: "eve@local.test", Password: password}, want: probe.OutcomeRefused, stage: "auth", says: "535 5.7.8 (text left out"},
		"broken":                 {server: &loginServer{mechanisms: plain, relay: deny}, want: probe.OutcomeRefused, stage: "rcpt", says: "554 5.7.1 (text left out: it may repeat a password)relay-denied"},
		"broken, repeated":       {server: &loginServer{mechanisms: plain, challenge: true, echo: true}, want: probe.OutcomeRefused, stage: "rcpt", says: "554 5.7.8 (text left out"},
	} {
		t.Run(name, func(t *testing.T) {
			server := c.server
			addr, roots := server.start(t, c.insecure)
			account := c.account
			if account.User == "" {
				account = prober.Account{User: loginUser, Password: password}
			}
			if !c.strange {
				account.Roots = roots
			}
			target := c.target
			if target == (probe.Target{}) {
				target = probe.Target{Named: true, Name: "mx.local.test"}
			}
			target.Addr = netip.MustParseAddrPort(addr)
			r, dialogues := logIn(t, &account, target)
			l := r.Login
			if l == nil || l.Outcome != c.want || l.Stage != c.stage || l.User != account.User || !strings.Contains(l.Reply+string(l.Meaning)+l.Detail, c.says) {
				t.Fatalf("%+v", l)
			}
			if r.Verdict != probe.Closed {
				t.Errorf("verdict %v (%s): the control changes it", r.Verdict, r.Reason)
			}
			record, err := json.Marshal(r)
			if err != nil {
				t.Fatal(err)
			}
			holdsNo(t, account.User, password, string(record)+dialogues+fmt.Sprintf("%v %+v %#v", account, account, account))
			if c.want == probe.OutcomeAccepted {
				if said := strings.Join(server.said, ", "); said != "MAIL "+loginUser+", RCPT stranger@receiver.test" {
					t.Errorf("a user said %s", said)
				}
				if !strings.Contains(dialogues, "C: AUTH ") || !strings.Contains(dialogues, "[hidden]") {
					t.Errorf("the login is not in the dialogues:\n%s", dialogues)
				}
			}
		})
	}
}

// logIn probes the plain vector and the control, and returns what was said on all connections.
func logIn(t *testing.T, account *prober.Account, target probe.Target) (*probe.Result, string) {
	t.Helper()
	v, _ := probe.Find("plain")
	var said strings.Builder
	p := &prober.Prober{Vectors: []probe.Vector{v}, Quick: true, Helo: "probe.sender.test", LocalDomains: []string{"local.test"},
		FromDomains: []string{"sender.test"}, ToDomains: []string{"receiver.test"}, Account: account, Evidence: true,
		Limits: prober.Limits{Total: 9 * time.Minute, Retry: -1},
		Trace:  func(_ probe.Target, heard dialogue.Transcript) { said.WriteString(heard.String()) }}
	return p.Probe(context.Background(), target), said.String()
}

// holdsNo fails where a text holds the password in one of its forms.
func holdsNo(t *testing.T, user, password, text string) {
	t.Helper()
	low := strings.ToLower(text)
	for _, form := range []string{password, base64.StdEncoding.EncodeToString([]byte(password)), base64.StdEncoding.EncodeToString([]byte("\x00" + user + "\x00" + password))} {
		form = strings.ToLower(strings.TrimRight(form, "="))
		for _, piece := range []string{form, form[:8], form[len(form)-8:]} {
			if i := strings.Index(low, piece); i >= 0 {
				t.Errorf("%q is in: %s", piece, text[max(0, i-80):min(len(text), i+80)])
			}
		}
	}
}

// TestLoginDomains: a recipient's domain that is refused for itself says nothing of the relay.
func TestLoginDomains(t *testing.T) {
	refuse := func(to string) error {
		return &smtp.SMTPError{Code: 556, EnhancedCode: smtp.EnhancedCode{5, 1, 10}, Message: "Recipient address rejected: Domain " + to + " does not accept mail (nullMX)"}
	}
	for _, every := range []bool{false, true} {
		s := &loginServer{mechanisms: []string{sasl.Plain}, relay: func(to string) error {
			if every || strings.HasSuffix(to, "@receiver.test") {
				return refuse(to)
			}
			return nil
		}}
		addr, roots := s.start(t, false)
		r, _ := logIn(t, &prober.Account{User: loginUser, Password: password, Roots: roots}, probe.Target{Named: true, Name: "mx.local.test", Addr: netip.MustParseAddrPort(addr)})
		want := probe.Login{User: loginUser, Outcome: probe.OutcomeAccepted}
		if every {
			want = probe.Login{User: loginUser, Outcome: probe.OutcomeFailed, Stage: "rcpt", Reply: "556 5.1.10 " + leftOut, Meaning: "recipient-domain-rejected", Detail: r.Login.Detail}
		}
		if *r.Login != want || every && !strings.Contains(r.Login.Detail, "--to-domain") {
			t.Errorf("%+v, want %+v", *r.Login, want)
		}
	}
}

// TestLoginCutOff: a server that hangs up, or goes on asking for ever.
func TestLoginCutOff(t *testing.T) {
	config, roots := demoTLS(t)
	for name, c := range map[string]struct {
		other func(demo.Dialogue) string
		want  probe.Outcome
		says  string
	}{
		"hangs up":      {func(demo.Dialogue) string { return "-" }, probe.OutcomeFailed, wire.ErrClosed.Error()},
		"asks for ever": {func(demo.Dialogue) string { return "334 dGVsbCBtZSBtb3Jl" }, probe.OutcomeFailed, "asks and asks"},
		"repeats it":    {func(d demo.Dialogue) string { return "535 5.7.8 " + d.Line }, probe.OutcomeRefused, "535 5.7.8 " + leftOut},
		"over lines":    {func(d demo.Dialogue) string { return "535-" + d.Line[:30] + "\n535 " + d.Line[30:] }, probe.OutcomeRefused, "535 " + leftOut},
		"as no reply":   {func(d demo.Dialogue) string { return d.Line }, probe.OutcomeFailed, wire.ErrNotSMTP.Error()},
	} {
		t.Run(name, func(t *testing.T) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			s := &demo.Script{TLS: config, Extensions: []string{"AUTH PLAIN"}, Other: c.other}
			go func() { _ = s.Serve(l) }()
			r, dialogues := logIn(t, &prober.Account{User: loginUser, Password: password, Roots: roots},
				probe.Target{Named: true, Name: "mx.local.test", Addr: netip.MustParseAddrPort(l.Addr().String())})
			if r.Login.Outcome != c.want || !strings.Contains(r.Login.Reply+r.Login.Detail, c.says) {
				t.Errorf("%+v", r.Login)
			}
			record, err := json.Marshal(r)
			if err != nil {
				t.Fatal(err)
			}
			holdsNo(t, loginUser, password, string(record)+dialogues)
			before, after, _ := strings.Cut(strings.Join(s.Seen().Commands, "\n"), "\nAUTH")
			if !strings.Contains(before, "RCPT TO:<stranger@receiver.test>") || strings.Contains(after, "AUTH") || strings.Contains(after, "EHLO") {
				t.Errorf("the login is not one, and the last thing; behind it: %q", after)
			}
		})
	}
}

// TestLoginReal logs in to a real server.
func TestLoginReal(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a real mail server")
	}
	s := mtatest.Start(t, "exim-users")
	pem, err := os.ReadFile(s.Certificate())
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		t.Fatal("no certificate")
	}
	for name, c := range map[string]struct {
		password prober.Secret
		roots    *x509.CertPool
		want     probe.Login
	}{
		"alice":        {mtatest.Password, roots, probe.Login{User: "alice", Outcome: probe.OutcomeAccepted}},
		"not alice":    {"another secret", roots, probe.Login{User: "alice", Outcome: probe.OutcomeRefused, Stage: probe.StageAuth, Reply: "535 " + leftOut, Detail: "the name or the password is wrong"}},
		"a stranger's": {mtatest.Password, x509.NewCertPool(), probe.Login{User: "alice", Outcome: probe.OutcomeFailed, Stage: probe.StageTLS}},
	} {
		t.Run(name, func(t *testing.T) {
			r, dialogues := logIn(t, &prober.Account{User: "alice", Password: c.password, Roots: c.roots}, probe.Target{Named: true, Name: "mx.local.test", Addr: s.Addr})
			if c.want.Outcome == probe.OutcomeFailed {
				c.want.Detail = r.Login.Detail
			}
			if *r.Login != c.want || r.Verdict != probe.Closed {
				t.Errorf("%v, %+v\n%s", r.Verdict, *r.Login, s.Log())
			}
			holdsNo(t, "alice", string(c.password), dialogues+r.Login.Reply+r.Login.Detail)
			if sent := strings.Contains(dialogues, "C: AUTH"); sent == (c.want.Outcome == probe.OutcomeFailed) {
				t.Errorf("the password was sent: %v\n%s", sent, dialogues)
			}
		})
	}
	if queue := s.Queue(t); len(queue) > 0 {
		t.Errorf("queued %q", queue)
	}
}
