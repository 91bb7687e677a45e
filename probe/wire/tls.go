package wire

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"time"

	"openrelay/probe/dialogue"
)

// StartTLS asks for TLS (RFC 3207) and, if the server agrees, begins it. The reply is the server's
// answer in clear; anything but 220 leaves the conversation as it was. Bytes that came in clear
// behind the 220 would be taken for replies under TLS, so they end the conversation (ErrUnasked).
func (c *Conn) StartTLS(ctx context.Context, config *tls.Config) (dialogue.Reply, error) {
	r, err := c.Cmd(ctx, "STARTTLS")
	if err != nil || r.Code != 220 {
		return r, err
	}
	if n := len(c.in.rest()); n > 0 {
		return r, c.fail(fmt.Errorf("%w: %d bytes in clear behind the reply to STARTTLS", ErrUnasked, n))
	}
	err = c.Handshake(ctx, config)
	var header tls.RecordHeaderError
	if errors.As(err, &header) && header.RecordHeader[0] >= '0' && header.RecordHeader[0] <= '9' { // of a reply, that came a moment later
		err = fmt.Errorf("%w: in clear behind the reply to STARTTLS", ErrUnasked)
		c.err = err
	}
	return r, err
}

// Handshake begins TLS at once: after STARTTLS, or first on a port that begins with TLS.
func (c *Conn) Handshake(ctx context.Context, config *tls.Config) error {
	if c.err != nil {
		return c.err
	}
	limit := min(c.limits.Reply, c.limits.Greeting)
	if !c.until.IsZero() {
		limit = min(limit, time.Until(c.until))
	}
	shake, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	_ = c.nc.SetDeadline(time.Time{}) // what is left of the time for the reply before is not the limit here
	tc := tls.Client(c.nc, config)
	if err := tc.HandshakeContext(shake); err != nil {
		if ctx.Err() != nil {
			return c.fail(ctx.Err())
		}
		if shake.Err() != nil {
			return c.fail(fmt.Errorf("%w: %w", ErrTLS, ErrTimeout))
		}
		return c.fail(fmt.Errorf("%w: %w", ErrTLS, err))
	}
	c.unwatch() // of the connection below
	s := tc.ConnectionState()
	c.nc, c.ctx, c.stop, c.state = tc, nil, nil, &s
	c.Note("TLS begun: %s, %s", tls.VersionName(s.Version), tls.CipherSuiteName(s.CipherSuite))
	return nil
}

// TLS returns the state of the encrypted session; ok is false in clear.
func (c *Conn) TLS() (state tls.ConnectionState, ok bool) {
	if c.state == nil {
		return tls.ConnectionState{}, false
	}
	return *c.state, true
}
