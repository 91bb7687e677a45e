package wire_test

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"math/big"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"openrelay/probe/wire"
)

func TestStartTLS(t *testing.T) {
	cert := selfSigned(t)
	c := serve(t, wire.Limits{}, func(nc net.Conn) {
		in := bufio.NewReader(nc)
		_, _ = in.ReadString('\n')
		_, _ = io.WriteString(nc, "220 go ahead\r\n")
		tc := tls.Server(nc, &tls.Config{Certificates: []tls.Certificate{cert}})
		say("", "250 under TLS\r\n")(tc)
	})
	r, err := c.StartTLS(t.Context(), &tls.Config{InsecureSkipVerify: true})
	if err != nil || r.Code != 220 {
		t.Fatalf("StartTLS = %q, %v", r, err)
	}
	if state, ok := c.TLS(); !ok || len(state.PeerCertificates) != 1 {
		t.Errorf("TLS state %v, %v", state.PeerCertificates, ok)
	}
	if r, err := c.Cmd(t.Context(), "EHLO x"); err != nil || r.Code != 250 {
		t.Errorf("command under TLS: %q, %v", r, err)
	}
}

// Bytes in clear behind the 220 would be read as replies under TLS (CVE-2021-38371 and its family).
func TestStartTLSInjection(t *testing.T) {
	c := serve(t, wire.Limits{}, say("", "220 go ahead\r\n250 injected\r\n"))
	if _, err := c.StartTLS(t.Context(), &tls.Config{InsecureSkipVerify: true}); !errors.Is(err, wire.ErrUnasked) {
		t.Errorf("injected reply: %v, want %v", err, wire.ErrUnasked)
	}
}

// The same in a segment of its own, which comes when the handshake has begun: how a network cuts what a
// server said must not decide what is concluded.
func TestStartTLSInjectionLater(t *testing.T) {
	c := serve(t, wire.Limits{}, func(nc net.Conn) {
		in := bufio.NewReader(nc)
		_, _ = in.ReadString('\n')
		_, _ = io.WriteString(nc, "220 go ahead\r\n")
		_, _ = in.Peek(1)
		_, _ = io.WriteString(nc, "250 injected\r\n")
		_, _ = io.Copy(io.Discard, in)
	})
	if _, err := c.StartTLS(t.Context(), &tls.Config{InsecureSkipVerify: true}); !errors.Is(err, wire.ErrUnasked) || !errors.Is(c.Err(), wire.ErrUnasked) {
		t.Errorf("injected reply: %v, then %v, want %v", err, c.Err(), wire.ErrUnasked)
	}
}

// A handshake has as long as a reply, however long the reply before it took; that it took too long is
// told from that it failed.
func TestHandshakeTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := serve(t, wire.Limits{Reply: 10 * time.Second, Greeting: 10 * time.Second}, func(nc net.Conn) {
			in := bufio.NewReader(nc)
			_, _ = in.ReadString('\n')
			time.Sleep(9 * time.Second)
			_, _ = io.WriteString(nc, "220 go ahead\r\n")
			_, _ = io.Copy(io.Discard, in)
		})
		begun := time.Now()
		_, err := c.StartTLS(t.Context(), &tls.Config{InsecureSkipVerify: true})
		if took := time.Since(begun); !errors.Is(err, wire.ErrTLS) || !errors.Is(err, wire.ErrTimeout) || took != 19*time.Second {
			t.Errorf("%v after %v, want %v after 19 s", err, took, wire.ErrTimeout)
		}
	})
}

func TestStartTLSGarbage(t *testing.T) {
	c := serve(t, wire.Limits{}, func(nc net.Conn) {
		in := bufio.NewReader(nc)
		_, _ = in.ReadString('\n')
		_, _ = io.WriteString(nc, "220 go ahead\r\n")
		_, _ = in.Peek(1)
		_, _ = io.WriteString(nc, "this is not TLS at all\r\n")
		_, _ = io.Copy(io.Discard, in)
	})
	if _, err := c.StartTLS(t.Context(), &tls.Config{InsecureSkipVerify: true}); !errors.Is(err, wire.ErrTLS) {
		t.Errorf("garbage for a handshake: %v, want %v", err, wire.ErrTLS)
	}
}

func selfSigned(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}
