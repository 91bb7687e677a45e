package prober_test

import (
	"bufio"
	"crypto/tls"
	"io"
	"net"
	"strings"
)

// tlsAuth is a server that lists ANONYMOUS in clear, takes it under TLS alone, and relays then.
func tlsAuth(nc net.Conn, config *tls.Config) {
	in := bufio.NewReader(nc)
	var c io.ReadWriter = nc
	enc, trusted := false, false
	say := func(s string) { _, _ = io.WriteString(c, s+"\r\n") }
	say("220 mx.local.test ESMTP")
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimSpace(line)
		verb, _, _ := strings.Cut(line, " ")
		switch verb {
		case "EHLO":
			if enc {
				say("250-mx.local.test\r\n250 AUTH ANONYMOUS")
			} else {
				say("250-mx.local.test\r\n250-STARTTLS\r\n250 AUTH ANONYMOUS")
			}
		case "STARTTLS":
			say("220 go")
			tc := tls.Server(nc, config)
			if tc.Handshake() != nil {
				return
			}
			c, in, enc = tc, bufio.NewReader(tc), true
		case "AUTH":
			if !enc {
				say("538 5.7.11 Encryption required for requested authentication mechanism")
				continue
			}
			trusted = true
			say("235 ok")
		case "RCPT":
			if trusted || line == "RCPT TO:<postmaster>" {
				say("250 ok")
			} else {
				say("554 5.7.1 Relay access denied")
			}
		case "DATA":
			say("354 go")
		case "QUIT":
			say("221 bye")
			return
		default:
			say("250 ok")
		}
	}
}
