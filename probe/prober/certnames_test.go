package prober_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"openrelay/scanner/demo"
)

// A certificate may hold names without an end. A record holds 1 KiB of each, whole characters, and a mark.
func TestLongNamesOfACertificate(t *testing.T) {
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	for i := range 90 {
		template.Subject.OrganizationalUnit = append(template.Subject.OrganizationalUnit, strings.Repeat("ü", 30))
		template.DNSNames = append(template.DNSNames, fmt.Sprintf("%s-%d.local.test", strings.Repeat("x", 40), i))
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	config := &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{cert}, PrivateKey: key}}}
	target := listenScript(t, &demo.Script{TLS: config})
	target.Name = "mx.local.test"
	res := noPause(t).Probe(t.Context(), target)
	if res.Server.TLS == nil {
		t.Fatalf("no TLS: %+v", res)
	}
	c := res.Server.TLS.Cert
	for _, text := range []string{c.Subject, c.Issuer, c.VerifyError} {
		if len(text) > 1<<10 || len(text) < 1<<10-4 || !utf8.ValidString(text) || !strings.HasSuffix(text, "…") {
			t.Errorf("%d bytes: %q", len(text), text)
		}
	}
}
