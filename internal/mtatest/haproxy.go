package mtatest

// behind makes Postfix listen where only what stands before it is meant to reach it.
const behind = "{{.IP}}:2525  inet  n  -  n  -  -  smtpd\n"

// Two more, and how HAProxy shares the clients out: each connection goes to the next of the three.
const (
	second = "{{.IP}}:2526  inet  n  -  n  -  -  smtpd\n"
	third  = "{{.IP}}:2527  inet  n  -  n  -  -  smtpd\n"
	turns  = "\tbalance roundrobin\n\tserver second {{.IP}}:2526\n\tserver third {{.IP}}:2527\n"
)

// haproxy is HAProxy before a mail server, which then sees HAProxy's address in place of the client's,
// 127.0.0.1 here, unless both of them speak the PROXY protocol.
var haproxy = []Config{
	{
		Name: "haproxy-postfix-open", MTA: "postfix", With: "haproxy", Verdict: Open,
		About:   "Debian's Postfix, that trusts loopback, behind an HAProxy on the same machine",
		Lines:   "mynetworks = 127.0.0.1/32",
		Files:   map[string]string{"etc/postfix/master.d/smtp": behind},
		Foreign: postfixOk, Unknown: postfixUnknown, Postmaster: postfixOk,
	},
	{
		Name: "haproxy-postfix-closed", MTA: "postfix", With: "haproxy", Verdict: Closed,
		About:   "the same Postfix, that HAProxy tells the client's address by the PROXY protocol",
		Lines:   "mynetworks = 127.0.0.1/32\nsmtpd_upstream_proxy_protocol = haproxy",
		Files:   map[string]string{"etc/postfix/master.d/smtp": behind, "mta/server": "send-proxy\n"},
		Foreign: postfixDenies, Unknown: postfixUnknown, Postmaster: postfixOk,
	},
	{
		Name: "haproxy-exim-open", MTA: "exim", With: "haproxy", Verdict: Open, Trait: "identity-lost",
		About:   "Debian's Exim, that trusts loopback, behind an HAProxy on the same machine",
		Lines:   eximBehind + "MAIN_RELAY_NETS = 127.0.0.1",
		Foreign: eximOk, Unknown: eximOk, Postmaster: eximOk,
	},
	{
		Name: "haproxy-exim-lost", MTA: "exim", With: "haproxy", Verdict: Closed, Trait: "identity-lost",
		About:   "Exim that trusts nobody, and sees HAProxy in every client",
		Lines:   eximBehind + eximNoNetworks,
		Foreign: eximDenies, Unknown: eximUnknown, Postmaster: eximOk,
	},
	{
		Name: "haproxy-opensmtpd-closed", MTA: "opensmtpd", With: "haproxy", Verdict: Closed,
		About: "OpenSMTPD that trusts loopback, and that HAProxy tells the client's address by the PROXY protocol",
		Lines: "listen on {{.IP}} port 2525 proxy-v2\n" + opensmtpdLocal +
			`match from src 127.0.0.1 for any action "relay"`,
		Files:   map[string]string{"mta/server": "send-proxy-v2\n"},
		Foreign: opensmtpdDenies, Unknown: opensmtpdUnknown, Postmaster: opensmtpdPostmaster,
	},
	{
		Name: "haproxy-turns-one-open", MTA: "postfix", With: "haproxy", Verdict: Open, Masked: "answers-differ", Turns: 3,
		About:   "HAProxy before three Postfix, one of which counts the whole world as its own network",
		Lines:   noNetworks,
		Files:   map[string]string{"etc/postfix/master.d/smtp": behind + second + third + "  -o mynetworks=0.0.0.0/0\n", "mta/more": turns},
		Unknown: postfixUnknown, Postmaster: postfixOk,
	},
	{
		Name: "haproxy-turns-closed", MTA: "postfix", With: "haproxy", Verdict: Closed,
		About:   "HAProxy before three Postfix that trust nobody",
		Lines:   noNetworks,
		Files:   map[string]string{"etc/postfix/master.d/smtp": behind + second + third, "mta/more": turns},
		Foreign: postfixDenies, Unknown: postfixUnknown, Postmaster: postfixOk,
	},
}

const eximBehind = "MAIN_LOCAL_INTERFACES = {{.IP}}.2525\n"
