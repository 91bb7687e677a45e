package hostile

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"strings"
	"sync"
	"time"

	"openrelay/probe"
)

func only(r ...probe.Reason) []probe.Reason { return r }

// Reasons of a server that cannot be heard out: what it says is no SMTP, or it is gone.
var (
	cutOff = only(probe.ReasonCutOff)
	slow   = only(probe.ReasonSlow)
	denied = only(probe.ReasonRelayDenied)
	noTLS  = only(probe.ReasonTLSUnavailable)
)

// Honest is not hostile: it relays for nobody, whatever stands around it.
var Honest = Server{"honest", probe.Closed, denied, "", false, talks(func(*call, string) (done, more bool) { return false, true })}

// Servers lists them, and what each of them must not keep a tester from saying.
var Servers = []Server{
	// Without end.
	{"endless line, greeting", probe.Unreachable, only(probe.ReasonNotSMTP), "", true, at(atGreeting, flood("220 ", "x"))},
	{"endless line, EHLO", probe.Inconclusive, cutOff, "", true, at(atHello, flood("250 ", "x"))},
	{"endless line, MAIL", probe.Inconclusive, cutOff, "", true, at(atMail, flood("250 ", "x"))},
	{"endless line, RCPT", probe.Inconclusive, cutOff, "", true, at(atRcpt, flood("550 ", "x"))},
	{"endless line, DATA", probe.Open, only("plain"), "", true, at(atData, flood("354 ", "x"))},
	{"endless line, STARTTLS", probe.Inconclusive, noTLS, "", true, at(atStartTLS, flood("220 ", "x"))},
	{"endless line, QUIT", probe.Closed, denied, "", true, at(atQuit, flood("221 ", "x"))},
	{"endless reply, greeting", probe.Unreachable, only(probe.ReasonNotSMTP), "", true, at(atGreeting, flood("", "220-x\r\n"))},
	{"endless reply, EHLO", probe.Inconclusive, cutOff, "", true, at(atHello, flood("", "250-x\r\n"))},
	{"endless reply, RCPT", probe.Inconclusive, cutOff, "", true, at(atRcpt, flood("", "550-x\r\n"))},
	{"endless replies, RCPT", probe.Inconclusive, cutOff, "", true, at(atRcpt, flood("", "250 x\r\n"))},
	{"endless replies unasked", probe.Inconclusive, cutOff, "", true, at(atGreeting, flood(greeting, "250 x\r\n"))},
	{"endless reply, QUIT", probe.Closed, denied, "", true, at(atQuit, flood("", "221-x\r\n"))},
	{"10,000 lines of EHLO", probe.Inconclusive, cutOff, "", true,
		says2("HELO", "250 mx.local.test\r\n", atHello, strings.Repeat("250-X-EXTENSION\r\n", 9_999)+"250 X\r\n", atRcpt, "-")},
	{"10,000 lines of EHLO, HELO is honest", probe.Closed, denied, "", true,
		says(atHello, strings.Repeat("250-X-EXTENSION\r\n", 9_999)+"250 X\r\n")},

	// Without much of an end.
	{"16 KB to everything, in long lines", probe.Closed, denied, "", false, verbose(500, honestly)},
	{"16 KB to everything, in short lines", probe.Closed, denied, "", false, verbose(33, honestly)},
	{"16 KB to everything, and relays", probe.Open, nil, "", false, verbose(500, openly)},

	// One byte at a time.
	{"drip, greeting", probe.Unreachable, only(probe.ReasonNoBanner), "", false, at(atGreeting, drip(greeting))},
	{"drip, EHLO", probe.Inconclusive, slow, "", false, at(atHello, drip("250 mx.local.test\r\n"))},
	{"drip, MAIL", probe.Inconclusive, slow, "", false, at(atMail, drip("250 2.1.0 Ok\r\n"))},
	{"drip, RCPT", probe.Inconclusive, slow, "", false, at(atRcpt, drip("554 5.7.1 Relay access denied\r\n"))},
	{"drip, DATA", probe.Open, only("plain"), "", false, at(atData, drip("354 go\r\n"))},
	{"drip, STARTTLS", probe.Inconclusive, slow, "", false, at(atStartTLS, drip("220 2.0.0 Ready\r\n"))},
	{"drip, TLS handshake", probe.Inconclusive, slow, "", false, at(atStartTLS, then("220 2.0.0 Ready\r\n", dripLater("\x16\x03\x03\x00\x7a\x02\x00\x00\x76\x03\x03")))},
	{"drip, QUIT", probe.Closed, denied, "", false, at(atQuit, drip("221 2.0.0 Bye\r\n"))},
	{"mute, TLS handshake", probe.Inconclusive, slow, "", false, at(atStartTLS, then("220 2.0.0 Ready\r\n", mute))},

	// No SMTP, though it begins like that.
	{"mixed codes, greeting", probe.Unreachable, only(probe.ReasonNotSMTP), "", false, speaks("220-mx.local.test\r\n250 hello\r\n")},
	{"mixed codes, EHLO", probe.Inconclusive, cutOff, "", false, at(atHello, speaks("250-mx.local.test\r\n220 PIPELINING\r\n"))},
	{"mixed codes, RCPT", probe.Inconclusive, cutOff, "", false, at(atRcpt, speaks("550-5.7.1 Relay access denied\r\n250 2.1.5 Ok\r\n"))},
	{"bare LF", probe.Closed, denied, "", false, bareLF},
	{"bare CR", probe.Inconclusive, only(probe.ReasonSlow, probe.ReasonCutOff), "", false, says(atRcpt, "550 5.7.1 denied\r250 2.1.5 Ok\r")},
	{"bare CR between replies", probe.Inconclusive, cutOff, "", false, says(atRcpt, "554 5.7.1 Relay access denied\r250 2.1.5 Ok\r\n")},
	{"bare CR inside a reply", probe.Closed, denied, "", false, says(atRcpt, "554 5.7.1 Relay access denied\rGo away\r\r\n")},
	{"no line ending", probe.Inconclusive, slow, "", false, says(atRcpt, "554 5.7.1 Relay access denied; ")},
	{"NUL in a reply", probe.Closed, nil, "", false, says(atRcpt, "554 5.7.1 Relay access \x00denied\x00\r\n")},
	{"NUL before a reply", probe.Inconclusive, cutOff, "", false, says(atRcpt, "\x00250 2.1.5 Ok\r\n")},
	{"8-bit", probe.Closed, nil, "", false, says(atRcpt, "554 5.7.1 Relay access denied \xff\xfe\x80\x9b31m\r\n")},
	{"8-bit before a reply", probe.Inconclusive, cutOff, "", false, says(atRcpt, "\xff250 2.1.5 Ok\r\n")},
	{"empty lines", probe.Inconclusive, cutOff, "", false, says(atRcpt, "\r\n250 2.1.5 Ok\r\n")},
	{"code of two digits", probe.Inconclusive, cutOff, "", false, says(atRcpt, "25 Ok\r\n")},
	{"code beyond 599", probe.Inconclusive, cutOff, "", false, says(atRcpt, "650 Ok\r\n")},

	// Out of turn.
	{"reply before the command", probe.Inconclusive, cutOff, "", false, says(atGreeting, greeting+"250 mx.local.test\r\n250 ok\r\n")},
	{"reply too many, RCPT", probe.Inconclusive, nil, "", false, says(atRcpt, "554 5.7.1 Relay access denied\r\n250 2.1.5 Ok\r\n")},
	{"STARTTLS injection", probe.Inconclusive, noTLS, "", false, says(atStartTLS, "220 2.0.0 Ready\r\n250-mx.local.test\r\n250 XCLIENT ADDR\r\n")},
	{"STARTTLS injection, a moment later", probe.Inconclusive, noTLS, "", false,
		at(atStartTLS, then("220 2.0.0 Ready\r\n", later("250-mx.local.test\r\n250 XCLIENT ADDR\r\n")))},

	// TLS.
	{"TLS garbage", probe.Inconclusive, noTLS, "starttls", false, at(atStartTLS, then("220 2.0.0 Ready\r\n", later("\x80garbage\x00\xff\r\n")))},
	{"TLS alert", probe.Inconclusive, noTLS, "starttls", false, at(atStartTLS, then("220 2.0.0 Ready\r\n", later("\x15\x03\x01\x00\x02\x02\x28")))},
	{"TLS 1.0 only", probe.Open, only("plain"), "starttls", false, relaysUnderTLS(func() *tls.Config {
		return &tls.Config{Certificates: certificate("mx.local.test", 24*time.Hour, false), MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS10}
	})},
	{"RSA key exchange only", probe.Open, only("plain"), "starttls", false, relaysUnderTLS(func() *tls.Config {
		return &tls.Config{Certificates: certificate("mx.local.test", 24*time.Hour, true), MaxVersion: tls.VersionTLS12,
			CipherSuites: []uint16{tls.TLS_RSA_WITH_AES_128_CBC_SHA}}
	})},
	{"3DES only", probe.Open, only("plain"), "starttls", false, relaysUnderTLS(func() *tls.Config {
		return &tls.Config{Certificates: certificate("mx.local.test", 24*time.Hour, true), MaxVersion: tls.VersionTLS12,
			CipherSuites: []uint16{tls.TLS_RSA_WITH_3DES_EDE_CBC_SHA}}
	})},
	{"expired certificate", probe.Open, only("plain"), "starttls", false, relaysUnderTLS(func() *tls.Config {
		return &tls.Config{Certificates: certificate("mx.local.test", -24*time.Hour, false)}
	})},
	{"certificate of another name", probe.Open, only("plain"), "starttls", false, relaysUnderTLS(func() *tls.Config {
		return &tls.Config{Certificates: certificate("other.local.test", 24*time.Hour, false)}
	})},

	// Gone.
	{"half close, greeting", probe.Inconclusive, cutOff, "", false, at(atGreeting, then(greeting, halfClose))},
	{"half close, RCPT", probe.Inconclusive, cutOff, "", false, at(atRcpt, halfClose)},
	{"RST, greeting", probe.Unreachable, only(probe.ReasonReset), "", false, (*call).reset},
	{"RST, EHLO", probe.Inconclusive, cutOff, "", false, at(atHello, (*call).reset)},
	{"RST, MAIL", probe.Inconclusive, cutOff, "", false, at(atMail, (*call).reset)},
	{"RST, RCPT", probe.Inconclusive, cutOff, "", false, at(atRcpt, (*call).reset)},
	{"RST, DATA", probe.Open, only("plain"), "", false, at(atData, (*call).reset)},
	{"RST, STARTTLS", probe.Inconclusive, noTLS, "", false, at(atStartTLS, (*call).reset)},
	{"RST, QUIT", probe.Closed, denied, "", false, at(atQuit, (*call).reset)},
	{"RST inside a reply", probe.Inconclusive, cutOff, "", false, at(atRcpt, then("250-2.1.5", (*call).reset))},
	{"zero window", probe.Inconclusive, slow, "", false, zeroWindow},
	{"mute", probe.Unreachable, only(probe.ReasonNoBanner), "", false, mute},

	// Another protocol.
	{"SSH", probe.Unreachable, only(probe.ReasonNotSMTP), "", false, speaks("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n")},
	{"HTTP, which is spoken to first", probe.Unreachable, only(probe.ReasonNoBanner), "", false, mute},
	{"HTTP", probe.Unreachable, only(probe.ReasonNotSMTP), "", false, speaks("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")},
	{"FTP: vsFTPd", probe.Unreachable, only(probe.ReasonNotSMTP), "", false, ftp("220 (vsFTPd 3.0.3)\r\n", "530 Please login with USER and PASS.\r\n")},
	{"FTP: ProFTPD", probe.Unreachable, only(probe.ReasonNotSMTP), "", false, ftp("220 ProFTPD Server (Debian) [127.0.0.1]\r\n", "500 Command not understood\r\n")},
	{"FTP: Pure-FTPd", probe.Unreachable, only(probe.ReasonNotSMTP), "", false,
		ftp("220---------- Welcome to Pure-FTPd [privsep] [TLS] ----------\r\n220-Local time is now 10:00. Server port: 25.\r\n220 You will be disconnected after 15 minutes of inactivity.\r\n",
			"530 You aren't logged in\r\n")},
	{"POP3", probe.Unreachable, only(probe.ReasonNotSMTP), "", false, speaks("+OK POP3 ready\r\n")},
	{"IMAP", probe.Unreachable, only(probe.ReasonNotSMTP), "", false, speaks("* OK IMAP4rev1 ready\r\n")},
	{"MySQL", probe.Unreachable, only(probe.ReasonNotSMTP), "", false, speaks("J\x00\x00\x00\x0a8.0.36\x00")},
	{"MySQL, whose length is a digit", probe.Unreachable, only(probe.ReasonNotSMTP), "", false, speaks("2\x00\x00\x01\xff\x6a\x04Host '127.0.0.1' is not allowed to connect")},
	{"TLS", probe.Open, only("plain"), "", false, tlsFirst},

	// Of ill will.
	{"421 in the greeting", probe.Inconclusive, only(probe.ReasonServiceRefused), "", false, at(atGreeting, speaks("421 4.3.2 Service not available\r\n"))},
	{"421 behind the greeting", probe.Inconclusive, cutOff, "", false, at(atGreeting, speaks(greeting+"421 4.3.2 Service not available\r\n"))},
	{"421 storm", probe.Inconclusive, only(probe.ReasonCutOff, probe.ReasonRateLimited), "", true, at(atGreeting, flood(greeting, "421 4.7.0 Too many errors\r\n"))},
	{"421 to every recipient", probe.Inconclusive, cutOff, "", false, at(atRcpt, speaks("421 4.7.0 Too many errors\r\n"))},
	{"tarpit, longer with every refusal", probe.Closed, denied, "", false, tarpit},
	{"accepts everything", probe.Open, nil, "accepts-everything", false, acceptAll},
	{"lies in turn, by the recipient", probe.Open, nil, "", false, liesInTurn},
	{"lies in turn, by the connection", probe.Open, nil, "", false, liesByConnection},
	{"bans midway", probe.Inconclusive, only(probe.ReasonBannedMidway), "", false, bansMidway},
	{"bans midway by RST", probe.Inconclusive, only(probe.ReasonBannedMidway), "", false, bansByReset},
}

// flood sends begin, and then a pattern as long as anybody takes it.
func flood(begin, pattern string) func(*call) {
	block := []byte(strings.Repeat(pattern, 1+(16<<10)/len(pattern)))
	return func(c *call) {
		for more := c.say(begin); more; {
			_, err := c.Write(block)
			more = err == nil
		}
	}
}

// drip sends one byte in a tenth of a second: ten times as fast as the worst of them, so that tests with
// limits a hundred times as short find it slow too.
func drip(words string) func(*call) {
	return func(c *call) {
		for i := 0; i < len(words) && c.say(words[i:i+1]); i++ {
			time.Sleep(100 * time.Millisecond)
		}
		_ = c.waits()
	}
}

// dripLater waits for a first word, and drips then.
func dripLater(words string) func(*call) {
	return func(c *call) {
		if _, err := c.in.ReadByte(); err == nil {
			drip(words)(c)
		}
	}
}

func mute(c *call) { _ = c.waits() }

// then says words before it attacks.
func then(words string, attack func(*call)) func(*call) {
	return func(c *call) {
		if c.say(words) {
			attack(c)
		}
	}
}

// later says words in a segment of their own.
func later(words string) func(*call) {
	return func(c *call) {
		time.Sleep(30 * time.Millisecond)
		speaks(words)(c)
	}
}

// halfClose says that it will say no more, and goes on listening.
func halfClose(c *call) {
	_ = c.Conn.(interface{ CloseWrite() error }).CloseWrite() // TCP and TLS have it
	_ = c.waits()
}

// zeroWindow greets, and takes nothing in.
func zeroWindow(c *call) {
	if tcp, ok := c.Conn.(*net.TCPConn); ok {
		_ = tcp.SetReadBuffer(1)
	}
	if c.say(greeting) {
		select {
		case <-c.over:
		case <-time.After(patience):
		}
	}
}

// says2 is says for several stages; "-" hangs up.
func says2(words ...string) func(*call) {
	return talks(func(c *call, line string) (done, more bool) {
		for i := 0; i < len(words); i += 2 {
			if line != "" && strings.HasPrefix(strings.ToUpper(line), words[i]) {
				return true, words[i+1] != "-" && c.say(words[i+1])
			}
		}
		return false, true
	})
}

// bareLF ends its lines as Unix does.
func bareLF(c *call) {
	for more := c.say("220 mx.local.test ESMTP\n"); more; {
		line, ok := c.line()
		if line == atStartTLS {
			more = c.say("220 2.0.0 Ready\n") && c.encrypt(plainTLS())
			continue
		}
		more = ok && c.say(strings.ReplaceAll(c.honest(line), "\r\n", "\n")) && line != "QUIT"
	}
}

// relaysUnderTLS relays for whoever comes over TLS, however poor that is.
func relaysUnderTLS(make func() *tls.Config) func(*call) {
	config := sync.OnceValue(make)
	return talks(func(c *call, line string) (done, more bool) {
		switch verb := strings.ToUpper(line); {
		case verb == atStartTLS:
			return true, c.say("220 2.0.0 Ready\r\n") && c.encrypt(config())
		case c.tls && strings.HasPrefix(verb, atRcpt):
			return true, c.say("250 2.1.5 Ok\r\n")
		case c.tls && verb == atData:
			return true, c.say("354 go\r\n")
		}
		return false, true
	})
}

// tlsFirst speaks TLS from the first byte on, and relays for everybody there.
func tlsFirst(c *call) {
	if c.encrypt(plainTLS()) {
		acceptAll(c)
	}
}

var plainTLS = sync.OnceValue(func() *tls.Config {
	return &tls.Config{Certificates: certificate("mx.local.test", 24*time.Hour, false)}
})

// acceptAll takes everything, as a test sink or a honeypot does. It throws away what it takes.
func acceptAll(c *call) {
	talks(func(c *call, line string) (done, more bool) {
		switch verb := strings.ToUpper(line); {
		case strings.HasPrefix(verb, "EHLO"):
			return true, c.say("250-mx.local.test\r\n250 PIPELINING\r\n")
		case strings.HasPrefix(verb, atRcpt):
			return true, c.say("250 2.1.5 Ok\r\n")
		case verb == atData:
			return true, c.say("354 go\r\n") && c.waits()
		}
		return false, true
	})(c)
}

// liesInTurn takes every second foreign recipient, whoever it is.
func liesInTurn(c *call) {
	acceptIf(c, func() bool {
		c.past.mu.Lock()
		defer c.past.mu.Unlock()
		c.past.rcpts++
		return c.past.rcpts%2 == 0
	})
}

// liesByConnection relays on every second connection.
func liesByConnection(c *call) { acceptIf(c, func() bool { return c.n%2 == 0 }) }

func acceptIf(c *call, relays func() bool) {
	accepted := false
	talks(func(c *call, line string) (done, more bool) {
		switch verb := strings.ToUpper(line); {
		case strings.HasPrefix(verb, "EHLO"):
			return true, c.say("250-mx.local.test\r\n250 PIPELINING\r\n")
		case strings.HasPrefix(verb, atMail), verb == "RSET":
			accepted = false
		case strings.HasPrefix(verb, atRcpt) && !strings.Contains(verb, "<NOBODY") && relays():
			accepted = true
			return true, c.say("250 2.1.5 Ok\r\n")
		case verb == atData && accepted:
			return true, c.say("354 go\r\n") && c.waits()
		}
		return false, true
	})(c)
}

// tarpit takes longer over every refusal, up to as long as nobody waits.
func tarpit(c *call) {
	refusals := 0
	talks(func(c *call, line string) (done, more bool) {
		if strings.HasPrefix(strings.ToUpper(line), atRcpt) {
			refusals++
			time.Sleep(min(time.Duration(refusals*refusals)*100*time.Millisecond, 10*time.Second))
		}
		return false, true
	})(c)
}

// enough is how many foreign recipients a server hears before it bans us.
const enough = 8

// bansMidway closes every connection at once that comes after enough refusals.
func bansMidway(c *call) {
	if !c.banned() {
		banning(c)
	}
}

// bansByReset is bansMidway, of a firewall.
func bansByReset(c *call) {
	if c.banned() {
		c.reset()
		return
	}
	banning(c)
}

func (c *call) banned() bool {
	c.past.mu.Lock()
	defer c.past.mu.Unlock()
	return c.past.refused >= enough
}

func banning(c *call) {
	talks(func(c *call, line string) (done, more bool) {
		if strings.HasPrefix(strings.ToUpper(line), atRcpt) {
			c.past.mu.Lock()
			defer c.past.mu.Unlock()
			c.past.refused++
		}
		return false, true
	})(c)
}

// ftp greets like a mail server, and knows none of our commands.
func ftp(welcome, answer string) func(*call) {
	return func(c *call) {
		in := bufio.NewScanner(c.in)
		for more := c.say(welcome); more && in.Scan(); {
			if strings.EqualFold(in.Text(), "QUIT") {
				c.say("221 Goodbye.\r\n")
				return
			}
			more = c.say(answer)
		}
	}
}

// certificate is one for name that nobody has signed, valid from now until then.
func certificate(name string, valid time.Duration, withRSA bool) []tls.Certificate {
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: time.Now().Add(-48 * time.Hour), NotAfter: time.Now().Add(valid),
	}
	if withRSA {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			return nil
		}
		der, _ := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
		return []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil
	}
	der, _ := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	return []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}
}
