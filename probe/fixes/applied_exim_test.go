package fixes_test

import (
	"crypto/md5"
	"encoding/base64"
	"net"
	"net/textproto"
	"strings"
	"testing"

	"openrelay/internal/mtatest"
)

const (
	eximDebian = "Debian and Ubuntu"
	eximMacros = "Debian and Ubuntu, with the list in exim4.conf.localmacros"
	eximOther  = "Other systems"
)

// eximFriend makes Debian's Exim trust the client that may relay.
const eximFriend = "MAIN_RELAY_NETS = 127.0.0.1 : " + friend + "\n"

// The row about XCLIENT is not run: no Exim of Debian 12 has it.
var eximApplied = []applied{
	{mta: "Exim", vector: "plain", when: eximDebian, server: eximUpdated("dc_relay_nets", "*", "")},
	{mta: "Exim", vector: "plain", when: eximDebian, server: eximUpdated("dc_relay_nets", "127.0.0.0/8", "")},
	{mta: "Exim", vector: "plain", when: eximMacros, config: "exim-open"},
	{mta: "Exim", vector: "plain", when: eximMacros, server: mtatest.Config{
		Name: "exim-negated", MTA: "exim", Lines: "MAIN_RELAY_NETS = 192.0.2.10 : !192.0.2.1",
	}},
	{mta: "Exim", vector: "plain", when: eximOther, server: eximElsewhere(
		"127.0.0.1 : 127.255.255.254", "0.0.0.0/0")},
	{mta: "Exim", vector: "plain", when: eximOther, server: eximElsewhere(
		"127.0.0.1 : 127.255.255.254", "192.0.2.0/24 : !192.0.2.1")},

	{mta: "Exim", vector: "plain-com", when: eximDebian, server: eximUpdated("dc_relay_domains", "*.com", eximFriend)},
	{mta: "Exim", vector: "plain-com", when: eximMacros, config: "exim-relays-com"},
	{mta: "Exim", vector: "plain-com", when: eximOther, server: eximElsewhere("relay_to_domains =", "relay_to_domains = *.com")},

	{mta: "Exim", vector: "sender-own-domain", when: eximDebian, config: "exim-sender-domain"},
	{mta: "Exim", vector: "sender-own-domain", when: eximOther, server: eximAccepts("senders = *@local.test")},
	{mta: "Exim", vector: "sender-own-user", when: eximOther, server: eximAccepts(
		"condition = ${if eq{$sender_address}{alice@local.test}}")},

	{mta: "Exim", vector: "null-sender", when: eximDebian, config: "exim-sender-null"},
	{mta: "Exim", vector: "null-sender", when: eximOther, server: eximAccepts("senders = :")},
	{mta: "Exim", vector: "same-domain", when: eximDebian, config: "exim-same-domain"},
	{mta: "Exim", vector: "second-recipient", when: eximDebian, config: "exim-second-recipient"},
	{mta: "Exim", vector: "helo-verb", when: eximDebian, config: "exim-helo-verb"},

	{mta: "Exim", vector: "helo-own-host", when: eximDebian, config: "exim-helo-host"},
	{mta: "Exim", vector: "helo-localhost", when: eximOther, server: eximAccepts(
		"condition = ${if eq{$sender_helo_name}{localhost}}")},

	{mta: "Exim", vector: "percent-own-domain", when: eximDebian, config: "exim-percent"},
	{mta: "Exim", vector: "percent-own-domain", when: eximOther, server: eximRewrites("${sg{$local_part}{%}{@}}")},
	{mta: "Exim", vector: "quoted-own-domain", when: eximOther, server: eximRewrites("$local_part")},
	{mta: "Exim", vector: "bang-own-domain", when: eximOther, server: eximRewrites(
		`${sg{$local_part}{^([^!]*)!(.*)}{\$2@\$1}}`)},

	{mta: "Exim", vector: "percent-own-domain", when: eximOther, server: eximElsewhere(
		eximGuard, "^[.]", "@ : local.test", "@", "relay_to_domains =", "relay_to_domains = local.test")}, // to a server behind it

	{mta: "Exim", vector: "auth-any", when: eximDebian, config: "exim-auth-any"},
	{mta: "Exim", vector: "auth-anonymous", when: eximDebian, config: "exim-anonymous"},
	{mta: "Exim", vector: "auth-any", when: eximOther, server: eximElsewhere("begin authenticators", `begin authenticators
anyone:
  driver = plaintext
  public_name = PLAIN
  server_condition = true
`)},

	{mta: "Exim", vector: "proxy-v1", when: eximDebian, config: "exim-proxy"},
	{mta: "Exim", vector: "proxy-v2", when: eximOther, server: eximHeavy(eximElsewhere(
		"acl_smtp_rcpt", "hosts_proxy = *\nacl_smtp_rcpt"))},
}

// eximUpdated is Debian's Exim with a value in update-exim4.conf.conf.
func eximUpdated(name, value, lines string) mtatest.Config {
	return mtatest.Config{Name: "exim-" + name, MTA: "exim", Lines: lines, Files: map[string]string{
		"mta/before": "sed -i \"s,^" + name + "=.*," + name + "='" + value + "',\" /etc/exim4/update-exim4.conf.conf\n",
	}}
}

// eximElsewhere is Exim with one file, as its makers ship it, in which an administrator has changed each first text to
// the second.
func eximElsewhere(changes ...string) mtatest.Config {
	return mtatest.Config{Name: "exim-elsewhere", MTA: "exim", Files: map[string]string{
		"etc/exim4/exim4.conf": ".include /etc/exim/exim.conf\n", // what Debian's Exim reads
		"etc/exim/exim.conf":   strings.NewReplacer(changes...).Replace(eximDefault),
	}}
}

// eximAccepts accepts early.
func eximAccepts(condition string) mtatest.Config {
	return eximElsewhere("acl_check_rcpt:", "acl_check_rcpt:\n  accept "+condition)
}

// eximRewrites has no guard, and makes addresses of local parts.
func eximRewrites(data string) mtatest.Config {
	return eximElsewhere(eximGuard, "^[.]", "begin routers", `begin routers
rewrite:
  driver = redirect
  domains = +local_domains
  local_parts = ^.*[@%!]
  data = `+data)
}

const eximGuard = "^[.] : ^.*[@%!/|]"

// eximHeavy is the Exim that knows the PROXY protocol. It says nothing to who does not begin with a header.
func eximHeavy(c mtatest.Config) mtatest.Config {
	c.Name, c.MTA, c.With, c.Silent = "exim-proxy", "exim", "exim-heavy", true
	return c
}

const eximDefault = `primary_hostname = mx.local.test
local_interfaces = {{.IP}}.{{.Addr.Port}}
log_file_path = syslog

domainlist local_domains = @ : local.test
domainlist relay_to_domains =
hostlist relay_from_hosts = 127.0.0.1 : 127.255.255.254

acl_smtp_rcpt = acl_check_rcpt

begin acl
acl_check_rcpt:
  accept  hosts         = :
  deny    message       = Restricted characters in address
          domains       = +local_domains
          local_parts   = ` + eximGuard + `
  accept  local_parts   = postmaster
          domains       = +local_domains
  accept  hosts         = +relay_from_hosts
  accept  authenticated = *
  require message       = relay not permitted
          domains       = +local_domains : +relay_to_domains
  require verify        = recipient
  accept

begin routers
remote:
  driver = accept
  domains = ! +local_domains
  transport = sink
localuser:
  driver = accept
  check_local_user
  transport = mailbox

begin transports
.include /mta/transports
mailbox:
  driver = appendfile
  file = /var/mail/$local_part_data

begin authenticators
`

// Who has the password still logs in, and relays.
func TestEximPassword(t *testing.T) {
	if testing.Short() {
		t.Skip("starts real mail servers")
	}
	t.Parallel()
	a := applied{mta: "Exim", vector: "auth-any", when: eximDebian}
	s := mtatest.Start(t, "exim-auth-any")
	follow(t, s, a.way(t))
	sum := md5.Sum([]byte(mtatest.Password))
	s.Shell(t, "cat >>/etc/exim4/passwd", "alice:{md5}"+base64.StdEncoding.EncodeToString(sum[:])+"\n")
	closes(t, s, a.vector)

	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(mtatest.Stranger)}}
	nc, err := dialer.Dial("tcp4", s.Addr.String())
	if err != nil {
		t.Fatal(err)
	}
	c := textproto.NewConn(nc)
	defer c.Close()
	login := base64.StdEncoding.EncodeToString([]byte("\x00alice\x00" + mtatest.Password))
	for _, line := range []string{"", "EHLO client.test", "AUTH PLAIN " + login, "MAIL FROM:<a@sender.test>", "RCPT TO:<b@receiver.test>"} {
		if line != "" {
			err = c.PrintfLine("%s", line)
		}
		if _, reply, rerr := c.ReadResponse(2); err != nil || rerr != nil {
			t.Fatalf("%s: %s %v %v", line, reply, err, rerr)
		}
	}
}
