package mtatest

// What Postfix says to strangers, as far as its configurations share it.
const (
	postfixDenies  = "454 4.7.1 <b@receiver.test>: Relay access denied"
	postfixUnknown = "550 5.1.1 <nosuchuser@local.test>: Recipient address rejected: User unknown in local recipient table"
	postfixOk      = "250 2.1.5 Ok"
)

// noNetworks makes Postfix take every tester for a stranger.
const noNetworks = "mynetworks = 127.255.255.254/32\n"

// allNetworks makes Postfix take every stranger for a friend.
const allNetworks = "mynetworks = 0.0.0.0/0\n"

// office is a third name for Postfix to add to addresses without a domain, which the probe cannot know.
const office = "myorigin = office.local.test\nmydestination = $myhostname, local.test, office.local.test\n"

// catchAll makes Postfix put whatever is for nobody into alice's mailbox, as its manual shows.
const catchAll = "local_recipient_maps =\nluser_relay = alice@local.test\n"

const postfixTLS = `
smtpd_tls_cert_file = /etc/ssl/mx.pem
smtpd_tls_key_file = /etc/ssl/mx.pem
smtpd_tls_security_level = `

// postfix is Postfix as its manual, its administrators and their haste set it up.
var postfix = []Config{
	{
		Name: "postfix-closed", MTA: "postfix", Verdict: Closed,
		About:   "Debian's Postfix for an internet site, that does not trust loopback",
		Lines:   noNetworks,
		Foreign: postfixDenies, Unknown: postfixUnknown, Postmaster: postfixOk,
	},
	{
		Name: "postfix-open", MTA: "postfix", Verdict: Open,
		About:   "Postfix that counts the whole world as its own network",
		Lines:   allNetworks,
		Foreign: postfixOk, Unknown: postfixUnknown, Postmaster: postfixOk,
	},
	{
		Name: "postfix-reject", MTA: "postfix", Verdict: Closed,
		About:   "Postfix that refuses for good, as most manuals advise",
		Lines:   noNetworks + "smtpd_relay_restrictions = permit_mynetworks reject_unauth_destination",
		Foreign: "554 5.7.1 <b@receiver.test>: Relay access denied", Unknown: postfixUnknown, Postmaster: postfixOk,
	},
	{
		Name: "postfix-relays-com", MTA: "postfix", Verdict: Open, Vector: "plain-com",
		About:   "Postfix whose relay_domains holds a top-level domain, and with it all below",
		Lines:   noNetworks + "relay_domains = com",
		Foreign: postfixDenies, Unknown: postfixUnknown, Postmaster: postfixOk,
		Opens: []string{"EHLO stranger.test", "MAIL FROM:<a@sender.test>", "RCPT TO:<b@example.com>"},
	},
	{
		Name: "postfix-relays-net", MTA: "postfix", Verdict: Open, Vector: "plain-net",
		About:   "Postfix whose relay_domains holds another top-level domain",
		Lines:   noNetworks + "relay_domains = net",
		Foreign: postfixDenies, Unknown: postfixUnknown, Postmaster: postfixOk,
		Opens: plain("a@sender.test", "b@example.net"),
	},
	{
		Name: "postfix-relays-org", MTA: "postfix", Verdict: Open, Vector: "plain-org",
		About:   "Postfix whose relay_domains holds a third top-level domain",
		Lines:   noNetworks + "relay_domains = org",
		Foreign: postfixDenies, Unknown: postfixUnknown, Postmaster: postfixOk,
		Opens: plain("a@sender.test", "b@example.org"),
	},
	{
		Name: "postfix-relays-subdomains", MTA: "postfix", Verdict: Open, Vector: "subdomain-of-own", Masked: "suspect-form-accepted",
		About:   "Postfix that relays to its own domains, as it did by default until 3.0, and so to all hosts below",
		Lines:   noNetworks + "relay_domains = $mydestination",
		Foreign: postfixDenies, Unknown: postfixUnknown, Postmaster: postfixOk,
		Opens: plain("a@sender.test", "b@no-such-host.local.test"),
	},
	{
		Name: "postfix-backscatter", MTA: "postfix", Verdict: Closed,
		About:   "Postfix that accepts unknown local users and bounces later",
		Lines:   noNetworks + "local_recipient_maps =",
		Foreign: postfixDenies, Unknown: postfixOk, Postmaster: postfixOk,
	},
	{
		Name: "postfix-catchall", MTA: "postfix", Verdict: Closed, Masked: "suspect-form-accepted",
		About: "Postfix that takes any local part, foreign%users among them, for one mailbox",
		Lines: noNetworks + catchAll + "allow_untrusted_routing = yes\nallow_percent_hack = no\nswap_bangpath = no\n" +
			"resolve_dequoted_address = no",
		Foreign: postfixDenies, Unknown: postfixOk, Postmaster: postfixOk,
	},
	{
		Name: "postfix-untrusted-routing", MTA: "postfix", Verdict: Closed,
		About:   "Postfix that lets strangers route through it, which alone opens nothing",
		Lines:   noNetworks + "allow_untrusted_routing = yes",
		Foreign: postfixDenies, Unknown: postfixUnknown, Postmaster: postfixOk,
	},
	{
		Name: "postfix-percent", MTA: "postfix", Verdict: Open, Vector: "percent-own-domain",
		About: "Postfix whose alias table turns user%domain@local.test into user@domain",
		Lines: noNetworks + "allow_untrusted_routing = yes\nallow_percent_hack = no\nvirtual_alias_maps = regexp:/etc/postfix/virtual",
		Files: map[string]string{
			"etc/postfix/virtual": `/^(.*)%(.*)@local\.test$/ $1@$2` + "\n",
		},
		Foreign: postfixDenies, Unknown: postfixUnknown, Postmaster: postfixOk,
		Opens: []string{"EHLO stranger.test", "MAIL FROM:<a@sender.test>", "RCPT TO:<b%receiver.test@local.test>"},
	},
	{
		Name: "postfix-bang", MTA: "postfix", Verdict: Open, Vector: "bang-own-domain",
		About: "Postfix whose alias table turns domain!user@local.test into user@domain",
		Lines: noNetworks + "allow_untrusted_routing = yes\nswap_bangpath = no\nvirtual_alias_maps = regexp:/etc/postfix/virtual",
		Files: map[string]string{
			"etc/postfix/virtual": `/^(.*)!(.*)@local\.test$/ $2@$1` + "\n",
		},
		Foreign: postfixDenies, Unknown: postfixUnknown, Postmaster: postfixOk,
		Opens: []string{"EHLO stranger.test", "MAIL FROM:<a@sender.test>", "RCPT TO:<receiver.test!b@local.test>"},
	},
	{
		Name: "postfix-quoted", MTA: "postfix", Verdict: Open, Vector: "quoted-own-domain",
		About: `Postfix whose alias table turns "user@domain"@local.test into user@domain`,
		Lines: noNetworks + "allow_untrusted_routing = yes\nresolve_dequoted_address = no\nvirtual_alias_maps = regexp:/etc/postfix/virtual",
		Files: map[string]string{
			"etc/postfix/virtual": `/^"?([^"]*)@([^"]*)"?@local\.test$/ $1@$2` + "\n",
		},
		Foreign: postfixDenies, Unknown: postfixUnknown, Postmaster: postfixOk,
		Opens: []string{"EHLO stranger.test", "MAIL FROM:<a@sender.test>", `RCPT TO:<"b@receiver.test"@local.test>`},
	},
	{
		Name: "postfix-inside", MTA: "postfix", Verdict: Open,
		About:   "Postfix that takes everything from the servers in front of it, and from everybody else",
		Lines:   allNetworks + "myhostname = inside.local.test",
		Foreign: postfixOk, Unknown: postfixUnknown, Postmaster: postfixOk,
	},
	{
		Name: "postfix-sink", MTA: "postfix", Verdict: Sink,
		About:   "Postfix as a honeypot: accepts everything and throws it away",
		Lines:   allNetworks + "local_recipient_maps =\nrelayhost =\ndefault_transport = discard\nlocal_transport = discard",
		Foreign: postfixOk, Unknown: postfixOk, Postmaster: postfixOk,
	},
	{
		Name: "postfix-bounces", MTA: "postfix", Verdict: Sink,
		About: "Postfix that accepts everything, for a user it does not have, and bounces it",
		Lines: allNetworks + "local_recipient_maps =\nvirtual_alias_domains =\n" +
			"virtual_alias_maps = static:nobody.at.all@local.test\nbounce_queue_lifetime = 0",
		Foreign: postfixOk, Unknown: postfixOk, Postmaster: postfixOk,
	},
}

// postfixTrust is Postfix that believes what a stranger says of himself.
var postfixTrust = []Config{
	trusts("postfix-sender-domain", "sender-own-domain", "check_sender_access", "local.test",
		"EHLO stranger.test", "MAIL FROM:<a@local.test>"),
	trusts("postfix-sender-host", "sender-own-host", "check_sender_access", "mx.local.test",
		"EHLO stranger.test", "MAIL FROM:<a@mx.local.test>"),
	trusts("postfix-sender-postmaster", "sender-own-postmaster", "check_sender_access", "postmaster@local.test",
		"EHLO stranger.test", "MAIL FROM:<postmaster@local.test>"),
	trusts("postfix-sender-literal", "sender-own-literal", "check_sender_access", "[{{.IP}}]",
		"EHLO stranger.test", "MAIL FROM:<a@[{{.IP}}]>"),
	trusts("postfix-sender-localhost", "sender-localhost", "check_sender_access", "localhost",
		"EHLO stranger.test", "MAIL FROM:<a@localhost>"),
	trusts("postfix-sender-null", "null-sender", "check_sender_access", "<>",
		"EHLO stranger.test", "MAIL FROM:<>"),
	trusts("postfix-sender-unqualified", "sender-unqualified", "check_sender_access", "office.local.test",
		"EHLO stranger.test", "MAIL FROM:<a>"),
	trusts("postfix-helo-host", "helo-own-host", "check_helo_access", "mx.local.test",
		"EHLO mx.local.test", "MAIL FROM:<a@sender.test>"),
	trusts("postfix-helo-domain", "helo-own-domain", "check_helo_access", "local.test",
		"EHLO local.test", "MAIL FROM:<a@sender.test>"),
	trusts("postfix-helo-localhost", "helo-localhost", "check_helo_access", "localhost",
		"EHLO localhost", "MAIL FROM:<a@sender.test>"),
	trusts("postfix-helo-literal", "helo-own-literal", "check_helo_access", "[{{.IP}}]",
		"EHLO [{{.IP}}]", "MAIL FROM:<a@sender.test>"),
	trusts("postfix-helo-loopback", "helo-loopback-literal", "check_helo_access", "[127.0.0.1]",
		"EHLO [127.0.0.1]", "MAIL FROM:<a@sender.test>"),
	{
		Name: "postfix-xclient", MTA: "postfix", Verdict: Open, Vector: "xclient-loopback", Masked: "xclient-offered",
		About:   "Postfix that lets every client say with XCLIENT who it is",
		Lines:   "mynetworks = 127.0.0.1/32\nsmtpd_authorized_xclient_hosts = 0.0.0.0/0",
		Foreign: postfixDenies, Unknown: postfixUnknown, Postmaster: postfixOk,
		Opens: []string{"EHLO stranger.test", "XCLIENT ADDR=127.0.0.1 NAME=localhost", "EHLO localhost",
			"MAIL FROM:<a@sender.test>", "RCPT TO:<b@receiver.test>"},
	},
	{
		Name: "postfix-xclient-private", MTA: "postfix", Verdict: Open, Vector: "xclient-private", Masked: "xclient-offered",
		About:   "Postfix that relays for private networks, and lets every client say with XCLIENT where it is",
		Lines:   "mynetworks = 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16\nsmtpd_authorized_xclient_hosts = 0.0.0.0/0",
		Foreign: postfixDenies, Unknown: postfixUnknown, Postmaster: postfixOk,
		Opens: []string{"EHLO stranger.test", "XCLIENT ADDR=10.0.0.5 NAME=[UNAVAILABLE]", "EHLO stranger.test",
			"MAIL FROM:<a@sender.test>", "RCPT TO:<b@receiver.test>"},
	},
	{
		Name: "postfix-xclient-login", MTA: "postfix", Verdict: Open, Vector: "xclient-login", Masked: "xclient-offered",
		About: "Postfix that relays for users, and lets every client say with XCLIENT that it is one",
		Lines: noNetworks + "smtpd_authorized_xclient_hosts = 0.0.0.0/0\n" +
			"smtpd_sasl_auth_enable = yes\nsmtpd_sasl_path = smtpd",
		Files:   logins,
		Foreign: postfixDenies, Unknown: postfixUnknown, Postmaster: postfixOk,
		Opens: []string{"EHLO stranger.test", "XCLIENT LOGIN=alice", "EHLO stranger.test",
			"MAIL FROM:<a@sender.test>", "RCPT TO:<b@receiver.test>"},
	},
	{
		Name: "postfix-proxy", MTA: "postfix", Verdict: Open, Vector: "proxy-v1", Masked: "closed-early",
		About:  "Postfix that expects a proxy before it and is reached without one",
		Lines:  "mynetworks = 127.0.0.1/32\nsmtpd_upstream_proxy_protocol = haproxy",
		Silent: true,
		Opens: []string{"PROXY TCP4 127.0.0.1 {{.IP}} 40000 {{.Addr.Port}}", "EHLO stranger.test",
			"MAIL FROM:<a@sender.test>", "RCPT TO:<b@receiver.test>"},
	},
}

// trusts is a row for Postfix with one access table that lets a name relay. A sender without a domain is
// one of office.local.test there.
func trusts(name, vector, restriction, key string, dialogue ...string) Config {
	return Config{
		Name: name, MTA: "postfix", Verdict: Open, Vector: vector,
		About: "Postfix that relays for whoever calls himself " + key + ", by " + restriction,
		Lines: noNetworks + office + "smtpd_relay_restrictions = " + restriction +
			" texthash:/etc/postfix/access, defer_unauth_destination",
		Files:   map[string]string{"etc/postfix/access": key + " OK\n"},
		Foreign: postfixDenies, Unknown: postfixUnknown, Postmaster: postfixOk,
		Opens: append(dialogue, "RCPT TO:<b@receiver.test>"),
	}
}
