package mtatest

import (
	"fmt"
	"slices"
)

// Stranger is the address to test from. Most configurations hold every loopback address for a
// stranger, but some trust 127.0.0.1, as real servers do.
const Stranger = "127.0.0.9"

// Password is alice's, where a server knows logins.
const Password = "a secret for tests"

// Config is one way to set up a real mail server. Its own domain is local.test, its name is
// mx.local.test, and the only user is alice, who also reads postmaster's mail. The servers can
// resolve the foreign domains sender.test and receiver.test; example.com, .net and .org say there,
// as they do in the world, that they take no mail.
type Config struct {
	Name    string // "postfix-closed"
	MTA     string // a directory of roots: how that server is installed, started and asked
	With    string // others, with spaces between: what stands before the server, or beside it, and is started first; the first one's packages come first
	About   string // what an administrator did, in one sentence
	Verdict Truth
	Vector  string // the one vector that gets through, where only one does
	Trait   string // what must be noted beside the verdict
	Masked  string // why a tester may not get as far as the truth, as a reason of openrelay

	// Lines stand for {{.Lines}} in the server's main configuration file, Files are further files
	// of its root, or other ones in place of those in roots. Both are templates, as the files
	// in roots are.
	Lines string
	Files map[string]string

	// What the replies to MAIL FROM:<a@sender.test> and, after it, to RCPT begin with, in this order on
	// one connection. An empty Mail is 250, and nothing is asked after any other; an empty reply to
	// RCPT is one that takes too long for the tests of this package.
	Mail       string
	Foreign    string // b@receiver.test
	Postmaster string // postmaster, without a domain
	Unknown    string // nosuchuser@local.test

	// Opens is what a stranger says from the first word to the RCPT that should have been
	// refused, where it is not the three commands above. STARTTLS and PROXY are meant as such, and
	// "WAIT 3s" is said to nobody.
	Opens  []string
	From   string // the address to say it from, if it is not the Stranger's
	Port   uint16 // the port it listens on, if it must not be any other; 25 if it can be had
	Turns  int    // so many servers take turns at the connections, and one of them is open
	Silent bool   // gives a stranger no banner: ready as soon as it accepts a connection
}

// Truth is what becomes of a stranger's mail to other domains.
type Truth string

const (
	Closed Truth = "closed" // it is refused
	Open   Truth = "open"   // it is sent on
	Sink   Truth = "sink"   // it is accepted and never seen again
)

// Configs is every configuration that can be started.
var Configs = slices.Concat(
	postfix, postfixTrust, postfixRewriting, postfixMasked, exim, opensmtpd, sendmail, sendmailRules, courier,
	haproxy, postgrey, haraka, chasquid, maddy, aiosmtpd, qpsmtpd, brokenTLS,
)

// Find returns the configuration of that name.
func Find(name string) (Config, error) {
	i := slices.IndexFunc(Configs, func(c Config) bool { return c.Name == name })
	if i < 0 {
		return Config{}, fmt.Errorf("no mail server configuration is called %q", name)
	}
	return Configs[i], nil
}
