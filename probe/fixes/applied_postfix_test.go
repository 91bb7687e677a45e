package fixes_test

import "openrelay/internal/mtatest"

// postfixTrusts makes Postfix take every client but the friend for a stranger.
const postfixTrusts = "mynetworks = " + friend + "/32\n"

const (
	postfixBehind = "A proxy stands before Postfix"
	postfixAlone  = "No proxy needs it"
)

var postfixApplied = []applied{
	// What opens each way as one line of main.cf.
	{mta: "Postfix", vector: "plain", config: "postfix-open"},
	{mta: "Postfix", vector: "plain-com", config: "postfix-relays-com"},
	{mta: "Postfix", vector: "plain-net", config: "postfix-relays-net"},
	{mta: "Postfix", vector: "sender-own-domain", config: "postfix-sender-domain"},
	{mta: "Postfix", vector: "sender-localhost", config: "postfix-sender-localhost"},
	{mta: "Postfix", vector: "sender-unqualified", config: "postfix-sender-unqualified"},
	{mta: "Postfix", vector: "null-sender", config: "postfix-sender-null"},
	{mta: "Postfix", vector: "helo-own-host", config: "postfix-helo-host"},
	{mta: "Postfix", vector: "helo-loopback-literal", config: "postfix-helo-loopback"},
	{mta: "Postfix", vector: "percent-own-domain", config: "postfix-percent"},
	{mta: "Postfix", vector: "quoted-own-domain", config: "postfix-quoted"},
	{mta: "Postfix", vector: "bang-bare", config: "postfix-bang-bare"},
	{mta: "Postfix", vector: "double-at-own-host", config: "postfix-double-at-host"},
	{mta: "Postfix", vector: "trailing-at", config: "postfix-trailing-at"},
	{mta: "Postfix", vector: "subdomain-of-own", config: "postfix-relays-subdomains"},

	// The other causes.
	{mta: "Postfix", vector: "plain", server: postfixOpen("smtpd_relay_restrictions =\nsmtpd_recipient_restrictions = permit_mynetworks,\n"+
		"  check_client_access static:OK,\n  reject_unauth_destination\n", "")},
	{mta: "Postfix", vector: "plain-com", server: postfixOpen("smtpd_relay_restrictions = permit_mynetworks\n"+
		"  check_recipient_access inline:{com=OK}, defer_unauth_destination\n", "")},
	{mta: "Postfix", vector: "sender-own-domain", server: postfixOpen("smtpd_relay_restrictions =\n"+
		"smtpd_recipient_restrictions = permit_mynetworks,\n  check_sender_access inline:{local.test=OK},\n  reject_unauth_destination\n", "")},
	{mta: "Postfix", vector: "same-domain", server: postfixPolicy},
	{mta: "Postfix", vector: "percent-own-domain", server: postfixOpen("allow_untrusted_routing = yes\nmydestination = $myhostname\n"+
		"relay_domains = local.test\n", "")},
	{mta: "Postfix", vector: "auth-any", when: "smtpd_sasl_type = dovecot", server: postfixDovecot},
	{mta: "Postfix", vector: "auth-any", when: "smtpd_sasl_type = cyrus, with saslauthd and PAM", server: postfixSaslauthd},
	{mta: "Postfix", vector: "xclient-loopback", server: postfixOpen("smtpd_authorized_xclient_hosts = 0.0.0.0/0\n"+
		"mynetworks = 127.0.0.1 "+friend+"\n", "")},
	{mta: "Postfix", vector: "xclient-private", server: postfixOpen("smtpd_authorized_xclient_hosts = 127.0.0.0/8\n"+
		"mynetworks = 10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 "+friend+"\n", "")},
	{mta: "Postfix", vector: "proxy-v1", when: postfixAlone, server: postfixProxy("smtpd_upstream_proxy_protocol = haproxy\n", "")},
	{mta: "Postfix", vector: "proxy-v2", when: postfixAlone, server: postfixProxy("smtpd_upstream_proxy_protocol = haproxy\n", "")},
	{mta: "Postfix", vector: "proxy-v1", when: postfixBehind, server: postfixProxy("smtpd_upstream_proxy_protocol = haproxy\n", "")},

	// What master.cf sets for one port, chrooted there or not.
	{mta: "Postfix", vector: "plain", server: postfixOpen("", postfixPort+"-o mynetworks=0.0.0.0/0\n")},
	{mta: "Postfix", vector: "plain", server: postfixOpen("", postfixChroot+"-o smtpd_relay_restrictions=\n"+
		" -o { smtpd_recipient_restrictions = check_client_access static:OK, reject_unauth_destination }\n")},
	{mta: "Postfix", vector: "helo-localhost", server: postfixOpen("", postfixChroot+
		"-o { smtpd_relay_restrictions = check_helo_access inline:{localhost=OK}, defer_unauth_destination }\n")},
	{mta: "Postfix", vector: "percent-own-domain", server: postfixOpen("allow_percent_hack = no\n"+
		"virtual_alias_maps = regexp:/etc/postfix/virtual\n", postfixPort+"-o allow_untrusted_routing=yes\n")},
	{mta: "Postfix", vector: "xclient-loopback", server: postfixOpen("mynetworks = 127.0.0.1 "+friend+"\n",
		postfixPort+"-o smtpd_authorized_xclient_hosts=0.0.0.0/0\n")},
	{mta: "Postfix", vector: "proxy-v1", when: postfixAlone, server: postfixProxy("", postfixChroot+"-o smtpd_upstream_proxy_protocol=haproxy\n")},
	{mta: "Postfix", vector: "proxy-v2", when: postfixBehind, server: postfixProxy("", postfixPort+"-o smtpd_upstream_proxy_protocol=haproxy\n")},

	// postscreen before smtpd.
	{mta: "Postfix", vector: "plain", server: postfixOpen(postfixScreening, postfixScreen+"-o mynetworks=0.0.0.0/0\n")},
	{mta: "Postfix", vector: "null-sender", server: postfixOpen(postfixScreening, postfixScreen+
		"-o { smtpd_relay_restrictions = check_sender_access inline:{<>=OK}, defer_unauth_destination }\n")},
	{mta: "Postfix", vector: "proxy-v1", when: postfixAlone, server: postfixProxy(postfixScreening+"postscreen_upstream_proxy_protocol = haproxy\n", postfixScreen)},
}

const (
	postfixPort      = "{{.Addr}} inet n - n - - smtpd\n "
	postfixChroot    = "{{.Addr}} inet n - y - - smtpd\n "
	postfixScreen    = "{{.Addr}} inet n - n - 1 postscreen\nsmtpd pass - - n - - smtpd\n "
	postfixScreening = "postscreen_greet_wait = 1s\n"
)

// postfixOpen is Postfix with these lines in main.cf, and in master.cf with this in place of its port.
func postfixOpen(main, port string) mtatest.Config {
	c := mtatest.Config{Name: "postfix", MTA: "postfix", Lines: postfixTrusts + main, Files: map[string]string{
		"etc/postfix/virtual": `/^(.*)%(.*)@local\.test$/ $1@$2` + "\n",
	}}
	if port != "" {
		c.Files["etc/postfix/master.d/smtp"] = port
	}
	return c
}

// postfixProxy is Postfix that believes the header of a proxy.
func postfixProxy(main, port string) mtatest.Config {
	c := postfixOpen(main+"mynetworks = 127.0.0.1 "+friend+"\n", port)
	c.Silent = true
	return c
}

// postfixPolicy is Postfix with a policy service that lets mail within one domain pass.
var postfixPolicy = mtatest.Config{
	Name: "postfix", MTA: "postfix",
	Lines: postfixTrusts + "smtpd_relay_restrictions = permit_mynetworks check_policy_service unix:private/policy reject_unauth_destination\n",
	Files: map[string]string{
		"etc/postfix/master.d/policy": "policy unix - n n - 0 spawn user=nobody argv=/bin/sh /etc/postfix/policy\n",
		"etc/postfix/policy": `while read -r line; do
	case $line in
	sender=*) sender=${line##*@} ;;
	recipient=*) [ "$sender" = "${line##*@}" ] && answer=OK || answer=DUNNO ;;
	"") printf 'action=%s\n\n' $answer ;;
	esac
done
`,
	},
}

// postfixDovecot and postfixSaslauthd are Postfix that leaves passwords to a program which knows none.
var (
	postfixDovecot = mtatest.Config{
		Name: "postfix", MTA: "postfix", With: "dovecot",
		Lines: postfixTrusts + "smtpd_sasl_auth_enable = yes\nsmtpd_sasl_type = dovecot\nsmtpd_sasl_path = /run/dovecot/postfix\n",
		Files: map[string]string{
			"etc/dovecot/conf.d/10-auth.conf":         "auth_mechanisms = plain login\n!include auth-static.conf.ext\n",
			"etc/dovecot/conf.d/auth-static.conf.ext": "passdb {\n  driver = static\n  args = nopassword=y\n}\n",
		},
	}
	postfixSaslauthd = mtatest.Config{
		Name: "postfix", MTA: "postfix", With: "saslauthd",
		Lines: postfixTrusts + "smtpd_sasl_auth_enable = yes\nsmtpd_sasl_path = smtpd\n",
		Files: map[string]string{
			"etc/postfix/sasl/smtpd.conf": "pwcheck_method: saslauthd\nmech_list: PLAIN LOGIN\n",
			"etc/pam.d/smtp":              "auth required pam_permit.so\naccount required pam_permit.so\n",
		},
	}
)
