package fixes_test

import "openrelay/internal/mtatest"

// What the ways say of when they are the ones.
const (
	sendmailOpen     = "Where sendmail.mc has promiscuous_relay or relay_entire_domain"
	sendmailBelieves = "Where sendmail.mc has relay_local_from or relay_mail_from"
	sendmailLoose    = "Where sendmail.mc has loose_relay_check"
	sendmailOwnRule  = "Where a rule of your own stands below SLocal_check_rcpt"
)

// sendmailTrusts is an access table with the friend in it. Nobody has to wait for the greeting.
const sendmailTrusts = "GreetPause:127\t0\nConnect:" + friend + "\tRELAY\n"

var sendmailApplied = []applied{
	{mta: "Sendmail", vector: "plain", when: sendmailOpen, config: "sendmail-promiscuous"},
	{mta: "Sendmail", vector: "plain", when: sendmailOpen, server: sendmailWith("relay-entire-domain", "FEATURE(`relay_entire_domain')dnl",
		"etc/mail/access", "GreetPause:127\t0\n", "etc/hosts", "{{.IP}} mx.local.test mx\n127.0.0.1 localhost\n"+mtatest.Stranger+" pc9.local.test\n")},
	{mta: "Sendmail", vector: "null-sender", when: sendmailOpen, config: "sendmail-promiscuous"},
	{mta: "Sendmail", vector: "plain", when: "Where the access table gives RELAY to a short address",
		server: sendmailWith("access-short", "", "etc/mail/access", "GreetPause:127\t0\nConnect:127\tRELAY\n")},
	{mta: "Sendmail", vector: "plain", when: "Where the access table gives RELAY to a short address",
		server: sendmailWith("access-short-untagged", "", "etc/mail/access", "GreetPause:127\t0\n127.0\tRELAY\n")},
	{mta: "Sendmail", vector: "plain", when: "Where the access table gives RELAY to a short address",
		server: sendmailWith("access-listed", "", "etc/mail/access", sendmailTrusts+"connect:127\trelay\n")},
	{mta: "Sendmail", vector: "plain", when: "Where relay-domains holds a short address",
		server: sendmailWith("relay-domains-short", "", "etc/mail/relay-domains", "127.0\n")},
	{mta: "Sendmail", vector: "plain", when: "Where relay-domains holds a short address",
		server: sendmailWith("relay-domains-comment", "", "etc/mail/relay-domains", "127\t# the office\n")},
	{mta: "Sendmail", vector: "plain", when: sendmailOwnRule, server: sendmailRule("R$*\t$#ok")},

	{mta: "Sendmail", vector: "plain-com", when: "Where it stands in the access table",
		server: sendmailWith("access-com", "", "etc/mail/access", sendmailTrusts+"To:com\tRELAY\n")},
	{mta: "Sendmail", vector: "plain-com", when: "Where it stands in the access table",
		server: sendmailWith("access-com-small", "", "etc/mail/access", sendmailTrusts+"com\trelay\n")},
	{mta: "Sendmail", vector: "plain-com", when: "Where it stands in relay-domains",
		server: sendmailWith("relay-domains-com", "", "etc/mail/relay-domains", "com\n")},
	{mta: "Sendmail", vector: "plain-com", when: "Where it stands in relay-domains",
		server: sendmailWith("relay-domains-dot-com", "", "etc/mail/relay-domains", ".com # all of it\n")},

	{mta: "Sendmail", vector: "sender-own-domain", when: sendmailBelieves, config: "sendmail-local-from"},
	{mta: "Sendmail", vector: "sender-own-domain", when: sendmailBelieves, config: "sendmail-mail-from"},
	{mta: "Sendmail", vector: "sender-own-domain", when: sendmailOwnRule, server: sendmailRule("R$*\t$: $&f\nR$*@local.test\t$#OK")},

	{mta: "Sendmail", vector: "percent-own-domain", when: sendmailLoose, server: sendmailGateway},
	{mta: "Sendmail", vector: "quoted-own-domain", when: sendmailLoose, server: sendmailGateway},
	{mta: "Sendmail", vector: "bang-own-domain", when: sendmailLoose, server: sendmailGateway},
	{mta: "Sendmail", vector: "percent-own-domain", when: sendmailLoose, server: sendmailWith("virtual",
		"FEATURE(`loose_relay_check')dnl\nFEATURE(`virtusertable', `text -k0 -v1 /etc/mail/virtusertable')dnl\nVIRTUSER_DOMAIN(`local.test')dnl",
		"etc/mail/local-host-names", "mx.local.test\n", "etc/mail/virtusertable", "alice@local.test alice\n@local.test %1@mx.local.test\n")},
	{mta: "Sendmail", vector: "bang-own-domain", when: "Where it has nouucp with nospecial",
		server: sendmailWith("nospecial", "FEATURE(`nouucp', `nospecial')dnl\ndefine(`LUSER_RELAY', `hub.receiver.test')dnl")},
	{mta: "Sendmail", vector: "percent-own-domain", when: sendmailOwnRule, server: sendmailRule("R<$*@local.test>\t$#OK")},
	{mta: "Sendmail", vector: "quoted-bare", when: sendmailOwnRule, server: sendmailRule("R<$->\t$#OK")},

	{mta: "Sendmail", vector: "route-own-domain", when: sendmailOwnRule, server: sendmailRule("R<@local.test:$*>\t$#OK")},
	{mta: "Sendmail", vector: "route-two-hops", when: sendmailOwnRule, server: sendmailRule("R<@$=w,$*>\t$# OK")},
	{mta: "Sendmail", vector: "trailing-dot", when: sendmailOwnRule, server: sendmailRule("R<$*@$*.>\t$#OK")},
	{mta: "Sendmail", vector: "no-brackets", when: sendmailOwnRule, server: sendmailRule("R$-@$-.$-\t$#OK")},
	{mta: "Sendmail", vector: "helo-own-host", when: sendmailOwnRule, server: sendmailRule("R$*\t$: $&s\nRmx.local.test\t$#OK")},

	{mta: "Sendmail", vector: "subdomain-of-own", server: sendmailWith("relays-own", "RELAY_DOMAIN(`local.test')dnl")},
	{mta: "Sendmail", vector: "trailing-at", server: sendmailWith("relays-own", "", "etc/mail/relay-domains", "local.test\n")},

	{mta: "Sendmail", vector: "auth-anonymous",
		server: sendmailWith("anonymous", "TRUST_AUTH_MECH(`ANONYMOUS PLAIN LOGIN')dnl\ndefine(`confAUTH_MECHANISMS', `ANONYMOUS PLAIN LOGIN')dnl")},
}

// sendmailGateway takes mail for local.test and hands it on: the domain is none of its own names.
var sendmailGateway = sendmailWith("gateway", "FEATURE(`loose_relay_check')dnl",
	"etc/mail/local-host-names", "mx.local.test\n", "etc/mail/relay-domains", "local.test\n")

// sendmailWith is Sendmail with lines in sendmail.mc, and with files, each a name and a text.
func sendmailWith(name, lines string, files ...string) mtatest.Config {
	c := mtatest.Config{Name: "sendmail-" + name, MTA: "sendmail", Lines: lines, Files: map[string]string{"etc/mail/access": sendmailTrusts}}
	for i := 0; i < len(files); i += 2 {
		c.Files[files[i]] = files[i+1]
	}
	return c
}

// sendmailRule is Sendmail with rules of its administrator's own for recipients.
func sendmailRule(rules string) mtatest.Config {
	return sendmailWith("rule", "LOCAL_RULESETS\nSLocal_check_rcpt\n"+rules+"\n")
}
