package mtatest

import (
	"crypto/tls"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// Of no server that brokenTLS holds does Go get a TLS session, nor OpenSSL, but where it is only a matter of ciphers.
func TestBrokenTLS(t *testing.T) {
	if testing.Short() {
		t.Skip("starts real mail servers")
	}
	replies := map[string]string{ // to STARTTLS, by the first words of a row's name
		"opensmtpd-pki":   "220 2.0.0 Ready to start TLS",
		"postfix-key":     "454 4.7.0 TLS not available due to local problem",
		"postfix-dhe":     "220 2.0.0 Ready to start TLS",
		"exim-unreadable": "454 TLS currently unavailable",
	}
	for _, c := range brokenTLS {
		kind := strings.TrimSuffix(strings.TrimSuffix(c.Name, "-open"), "-closed")
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			s := Start(t, c.Name)
			d := dial(t, s, Stranger)
			if ehlo := d.say("EHLO stranger.test"); !strings.Contains(ehlo, "STARTTLS") {
				t.Errorf("no STARTTLS in %q", ehlo)
			}
			reply := d.say("STARTTLS")
			if replies[kind] == "" {
				t.Error("no reply to STARTTLS is expected of it")
			}
			d.want(reply, replies[kind])
			if strings.HasPrefix(reply, "220") {
				everything := &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS10}
				for _, suite := range append(tls.CipherSuites(), tls.InsecureCipherSuites()...) {
					everything.CipherSuites = append(everything.CipherSuites, suite.ID)
				}
				if err := tls.Client(d.conn, everything).Handshake(); err == nil {
					t.Error("a TLS session")
				}
			}
			if got, want := openSSLGets(t, s), kind == "postfix-dhe"; got != want {
				t.Errorf("OpenSSL gets a session: %t", got)
			}
		})
	}
}

// openSSLGets reports whether OpenSSL's own client gets a TLS session.
func openSSLGets(t *testing.T, s *Server) bool {
	if _, err := exec.LookPath("openssl"); err != nil && os.Getenv("CI") != "true" {
		t.Skipf("%v: apt-get install openssl", err)
	}
	out, err := exec.Command("openssl", "s_client", "-starttls", "smtp", "-brief", "-connect", s.Addr.String()).CombinedOutput()
	t.Logf("openssl: %v\n%s", err, out)
	return strings.Contains(string(out), "CONNECTION ESTABLISHED")
}
