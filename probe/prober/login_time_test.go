package prober_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"strings"
	"testing"
	"time"

	"openrelay/probe"
	"openrelay/probe/prober"
	"openrelay/scanner/demo"
)

// demoTLS is the certificate of the demo's servers, and who trusts it.
func demoTLS(t *testing.T) (*tls.Config, *x509.CertPool) {
	t.Helper()
	config, err := demo.TLS()
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(config.Certificates[0].Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(cert)
	return config, roots
}

// A login has the time that its target has left, though it is made later: a server that keeps us there takes no longer
// in all than one may. Where no time is left there is none.
func TestLoginHasTheTimeLeft(t *testing.T) {
	config, roots := demoTLS(t)
	const total = time.Minute
	for name, c := range map[string]struct {
		rcpt time.Duration // before each reply to RCPT
		auth bool          // whether it comes to a login
	}{"in the login": {time.Second, true}, "before it": {10 * time.Minute, false}} {
		t.Run(name, func(t *testing.T) {
			s := &demo.Script{TLS: config, Extensions: []string{"AUTH PLAIN"},
				Rcpt:  func(demo.Dialogue) string { time.Sleep(c.rcpt); return "" },
				Other: func(demo.Dialogue) string { time.Sleep(10 * time.Minute); return "235 ok" }}
			target := listen(t, func(l net.Listener) { _ = s.Serve(l) })
			target.Name = "mx.local.test"
			v, _ := probe.Find("plain")
			var later func(context.Context) *probe.Login
			p := &clocked{t: t, Prober: &prober.Prober{Vectors: []probe.Vector{v}, Quick: true, LocalDomains: []string{"local.test"}, Dial: network.DialContext,
				Account:    &prober.Account{User: loginUser, Password: password, Roots: roots},
				Limits:     prober.Limits{Reply: time.Hour, Total: total, Retry: -1},
				LogInLater: func(_ probe.Target, logIn func(context.Context) *probe.Login) { later = logIn }}}
			r := p.while(target, func(ctx context.Context) *probe.Result {
				r := p.Prober.Probe(ctx, target)
				if later != nil {
					r.Login = later(ctx)
				}
				return r
			})
			if p.took != total || r.Login == nil || r.Login.Outcome != probe.OutcomeFailed || r.Login.Detail != "the time for this server is up" {
				t.Errorf("%v of %v, %+v", p.took, total, r.Login)
			}
			if sent := strings.Contains(strings.Join(s.Seen().Commands, "\n"), "AUTH"); sent != c.auth {
				t.Errorf("the password was sent: %t", sent)
			}
		})
	}
}
