package probe

import (
	"path"
	"slices"
	"strings"
)

// Fix is what the administrator of one mail server should know about a vector it accepted: how
// that server comes to it, and what to change.
type Fix struct {
	MTAs    []string // as phrasebook.Banners names them
	Vectors []string // ids, or patterns of ids as path.Match has them: "sender-own-*"; none for any
	Cause   string
	Change  string
	Lines   string // commands to look with and configuration to set, as they would be typed
	Ref     string // where the server's own documentation says so
}

// Covers reports whether the fix is about a vector.
func (c *Fix) Covers(id string) bool {
	return len(c.Vectors) == 0 || slices.ContainsFunc(c.Vectors, func(pattern string) bool {
		ok, _ := path.Match(pattern, id)
		return ok
	})
}

// FixFor finds the fix of a vector for a server; nil where the vector's own words are all there is.
func FixFor(mta string, v *Vector) *Fix {
	i := slices.IndexFunc(Fixes, func(c Fix) bool { return slices.Contains(c.MTAs, mta) && c.Covers(v.ID) })
	if i < 0 {
		return nil
	}
	return &Fixes[i]
}

// CauseAndFix is the cause and the fix for one server, the vector's own where nothing better is known.
func CauseAndFix(mta string, v *Vector) (cause, fix string) {
	if c := FixFor(mta, v); c != nil {
		return c.Cause, c.Text()
	}
	return v.Why, v.Fix
}

// Text is the fix with its lines below, indented.
func (c *Fix) Text() string {
	if c.Lines == "" {
		return c.Change
	}
	return c.Change + "\n  " + strings.ReplaceAll(c.Lines, "\n", "\n  ")
}

// HiddenClients is the fix where a server does not see who connects to it, whichever server it is.
var HiddenClients = Fix{
	Cause:  "Address translation or a proxy in front of the server gives every client the same address. If that address is a trusted one, every stranger is trusted.",
	Change: "Let the server see the real address of its clients, and never trust the address of a gateway or a proxy. These are the usual places.",
	Lines: `# Docker: /etc/docker/daemon.json
"userland-proxy": false
# Docker, compose file: on IPv4 only, or give the network IPv6
ports: ["0.0.0.0:25:25"]
# Kubernetes: the Service of the mail server
externalTrafficPolicy: Local
# HAProxy: and the PROXY protocol on the mail server's side too
server mail 10.0.0.5:10025 send-proxy-v2
# router or firewall: no source NAT (masquerading) on inbound mail`,
}

// Rows that several servers share, and patterns that several rows do.
var (
	postfixes   = []string{"Postfix", "mailcow", "Zimbra"}
	testSinks   = []string{"Mailpit", "MailHog", "smtp4dev", "GreenMail", "MailCatcher", "Papercut", "Inbucket", "aiosmtpd"}
	ownSenders  = []string{"sender-*"}
	heloNames   = []string{"helo-own-*", "helo-localhost", "helo-loopback-literal"}
	localForms  = []string{"percent-*", "quoted-*", "bang-*", "double-at-*", "trailing-at"}
	topDomains  = []string{"plain-*"}
	qmailFamily = []string{"qmail", "IndiMail"}
)

// Fixes is the table of fixes. The first row for a server that covers a vector is the one. A vector
// of a server that is not in it has its own words in the table of vectors. Facts that nobody is sure of
// stay out.
var Fixes = []Fix{
	// Postfix.
	{
		MTAs: []string{"Postfix"}, Vectors: []string{"plain"},
		Cause:  "Postfix takes this client for one of its own, or has no relay check. Either mynetworks is too wide (a /0, a provider's subnet, a container network), or smtpd_relay_restrictions is empty, as a compatibility_level below 1 leaves it after an upgrade, or permits too early. In a container, the userland proxy and IPv6 without a container network of its own make strangers look like the gateway.",
		Change: "List hosts instead of networks in mynetworks, and end the relay restrictions with reject_unauth_destination. A port in master.cf may override both with -o. Containers and devices that send mail should log in.",
		Lines: `postconf mynetworks smtpd_relay_restrictions compatibility_level
postconf -P | grep -E 'mynetworks|restrictions'
# main.cf
mynetworks = 127.0.0.0/8 [::1]/128
smtpd_relay_restrictions = permit_mynetworks,
  permit_sasl_authenticated, reject_unauth_destination
compatibility_level = 3.6`,
		Ref: "SMTPD_ACCESS_README; COMPATIBILITY_README; postconf(5), mynetworks",
	},
	{
		MTAs: postfixes, Vectors: topDomains,
		Cause:  "relay_domains holds a top-level domain or a pattern, and with it everything below.",
		Change: "List whole domains in relay_domains, or leave it empty.",
		Lines: `postconf relay_domains parent_domain_matches_subdomains
# main.cf
relay_domains = example.org, example.net`,
		Ref: "postconf(5), relay_domains and parent_domain_matches_subdomains",
	},
	{
		MTAs: postfixes, Vectors: ownSenders,
		Cause:  "A check_sender_access table answers OK for this sender before reject_unauth_destination is reached, and OK means that the mail may go anywhere.",
		Change: "Take sender tables out of smtpd_relay_restrictions, and out of smtpd_recipient_restrictions unless they stand behind reject_unauth_destination. Users who send from outside log in.",
		Lines: `postconf smtpd_relay_restrictions smtpd_recipient_restrictions
# main.cf
smtpd_relay_restrictions = permit_mynetworks,
  permit_sasl_authenticated, reject_unauth_destination
smtpd_sender_restrictions =
  check_sender_access hash:/etc/postfix/sender_access`,
		Ref: "SMTPD_ACCESS_README, Dangerous use of smtpd_recipient_restrictions",
	},
	{
		MTAs: postfixes, Vectors: []string{"null-sender", "same-domain"},
		Cause:  "Something answers OK for this pair of sender and recipient before reject_unauth_destination is reached: an access table with a row for <>, or a policy service.",
		Change: "Put access tables and policy services behind reject_unauth_destination, or let them answer DUNNO instead of OK.",
		Lines: `postconf smtpd_relay_restrictions smtpd_recipient_restrictions
# main.cf
smtpd_relay_restrictions = permit_mynetworks,
  permit_sasl_authenticated, reject_unauth_destination`,
		Ref: "SMTPD_ACCESS_README, Dangerous use of smtpd_recipient_restrictions; access(5)",
	},
	{
		MTAs: postfixes, Vectors: heloNames,
		Cause:  "A check_helo_access table answers OK for this name before reject_unauth_destination is reached. Anybody can give that name.",
		Change: "Move HELO checks to smtpd_helo_restrictions, where OK permits no relaying.",
		Lines: `postconf smtpd_relay_restrictions smtpd_recipient_restrictions
# main.cf
smtpd_relay_restrictions = permit_mynetworks,
  permit_sasl_authenticated, reject_unauth_destination
smtpd_helo_restrictions =
  check_helo_access hash:/etc/postfix/helo_access`,
		Ref: "SMTPD_ACCESS_README, Dangerous use of smtpd_recipient_restrictions",
	},
	{
		MTAs: postfixes, Vectors: localForms,
		Cause:  "allow_untrusted_routing = yes takes away the guard against addresses within addresses. Then a pattern in an alias table, or another server behind this one, turns the local part into a foreign address.",
		Change: "Put the parameters back to their defaults, and take the patterns for %, ! and @ out of virtual_alias_maps and canonical_maps.",
		Lines: `postconf -n | grep -E 'routing|percent|bangpath|dequoted|_maps'
postconf -e 'allow_untrusted_routing = no'
postconf -X allow_percent_hack swap_bangpath
postconf -X resolve_dequoted_address append_at_myorigin`,
		Ref: "postconf(5), allow_untrusted_routing; ADDRESS_REWRITING_README",
	},
	{
		MTAs: postfixes, Vectors: []string{"auth-anonymous"},
		Cause:  "smtpd_sasl_security_options has lost its noanonymous, so that a login needs no name, and permit_sasl_authenticated lets it relay.",
		Change: "Put noanonymous back, for sessions with TLS too.",
		Lines: `postconf -P | grep sasl
# main.cf
smtpd_sasl_security_options = noanonymous
smtpd_sasl_tls_security_options = noanonymous`,
		Ref: "SASL_README, SMTP Server SASL security options",
	},
	{
		MTAs: postfixes, Vectors: []string{"auth-any"},
		Cause:  "Postfix leaves passwords to Dovecot or Cyrus SASL, and what stands there says yes to every one: in Dovecot a static passdb, or one with nopassword.",
		Change: "Mend the password check itself. It must fail for a user who does not exist.",
		Lines: `postconf smtpd_sasl_type smtpd_sasl_path
doveadm auth test no-such-user wrong-password`,
		Ref: "SASL_README, Configuring SASL authentication in the Postfix SMTP server",
	},
	{
		MTAs: postfixes, Vectors: []string{"xclient-*"},
		Cause:  "smtpd_authorized_xclient_hosts lists this client. Whoever may use XCLIENT can say that he is 127.0.0.1, or that he has logged in.",
		Change: "Leave the parameter empty, or list the addresses of your own proxies and nothing else.",
		Lines: `postconf smtpd_authorized_xclient_hosts
postconf -P | grep xclient
# main.cf
smtpd_authorized_xclient_hosts =`,
		Ref: "XCLIENT_README, Security",
	},
	{
		MTAs: postfixes, Vectors: []string{"proxy-*"},
		Cause:  "A port with smtpd_upstream_proxy_protocol or postscreen_upstream_proxy_protocol is open to everybody. Postfix believes the header of any client on it.",
		Change: "Keep that port for the proxy: let it listen on an inner address, or let a firewall refuse all others.",
		Lines: `postconf -n | grep proxy_protocol; postconf -P | grep proxy_protocol
# master.cf
10.0.0.5:10025 inet n - y - - smtpd
  -o smtpd_upstream_proxy_protocol=haproxy`,
		Ref: "postconf(5), smtpd_upstream_proxy_protocol",
	},
	{
		MTAs: postfixes, Vectors: []string{"subdomain-of-own"},
		Cause:  "relay_domains covers the subdomains of its domains too, because parent_domain_matches_subdomains names it.",
		Change: "Take relay_domains out of that list.",
		Lines: `# main.cf
parent_domain_matches_subdomains = debug_peer_list,
  fast_flush_domains, mynetworks, permit_mx_backup_networks,
  qmqpd_authorized_clients, smtpd_access_maps`,
		Ref: "postconf(5), parent_domain_matches_subdomains",
	},
	{
		MTAs: []string{"mailcow"}, Vectors: []string{"plain"},
		Cause:  "The Postfix of mailcow trusts the container network. Strangers seem to come from its gateway where a masquerading rule or the userland proxy rewrites their address, mostly for IPv6 only: the host has an IPv6 address and the containers have none. Or extra.cf widens mynetworks.",
		Change: "Give the containers IPv6 or publish the port on IPv4 only, take blanket masquerading rules off the host, and keep extra.cf free of networks.",
		Lines: `docker compose exec postfix-mailcow postconf mynetworks
docker compose logs postfix-mailcow | grep -i 'connect from'
# mailcow.conf, to leave IPv6 out
SMTP_PORT=0.0.0.0:25
SMTPS_PORT=0.0.0.0:465
SUBMISSION_PORT=0.0.0.0:587`,
		Ref: "mailcow documentation, IPv6; data/conf/postfix/extra.cf",
	},
	{
		MTAs: []string{"Zimbra"}, Vectors: []string{"plain"},
		Cause:  "The Postfix of Zimbra takes this client for one of its own: zimbraMtaMyNetworks is too wide.",
		Change: "List the hosts of the installation, and no networks.",
		Lines: "zmprov gs $(zmhostname) zimbraMtaMyNetworks\n" +
			"zmprov ms $(zmhostname) zimbraMtaMyNetworks '127.0.0.0/8 [::1]/128 192.0.2.5/32'\n" +
			"postfix reload",
	},

	// Exim.
	{
		MTAs: []string{"Exim"}, Vectors: []string{"plain"},
		Cause:  "The list relay_from_hosts takes this client in: it holds * or a wide network, or it ends in a negated item (!192.0.2.1), after which everybody else matches. An IPv6 address in a list with colons falls to pieces. On Debian the list comes from dc_relay_nets.",
		Change: "List addresses, end the list in one that is not negated, and use another separator where there are IPv6 addresses. Nothing in the recipient ACL may accept before the relay check.",
		Lines: `exim -bh 203.0.113.9     # a session as that client would have it
# exim.conf
hostlist relay_from_hosts = <; 127.0.0.1 ; ::1
# Debian: /etc/exim4/update-exim4.conf.conf, then update-exim4.conf
dc_relay_nets=''`,
		Ref: "Exim specification, Negated items in lists; The default configuration file",
	},
	{
		MTAs: []string{"Exim"}, Vectors: topDomains,
		Cause:  "The list relay_to_domains holds a pattern such as *.com.",
		Change: "List whole domains. On Debian the list comes from dc_relay_domains.",
		Lines: `# exim.conf
domainlist relay_to_domains = example.org : example.net
# Debian: /etc/exim4/update-exim4.conf.conf, then update-exim4.conf
dc_relay_domains='example.org:example.net'`,
		Ref: "Exim specification, Domain lists",
	},
	{
		MTAs: []string{"Exim"}, Vectors: ownSenders,
		Cause:  "An accept in the recipient ACL (acl_smtp_rcpt) goes by the sender: a line with senders, or a condition on $sender_address. Anybody can write that sender.",
		Change: "Take it out. Accept relaying by client address and by login alone.",
		Lines: `# not: accept senders = *@example.org
  accept  hosts         = +relay_from_hosts
          control       = submission
  accept  authenticated = *
          control       = submission
  require message       = relay not permitted
          domains       = +local_domains : +relay_to_domains`,
		Ref: "Exim specification, The default configuration file: ACL configuration",
	},
	{
		MTAs: []string{"Exim"}, Vectors: []string{"null-sender", "same-domain", "second-recipient"},
		Cause:  "An accept in the recipient ACL (acl_smtp_rcpt) stands before the relay check, and is about something else: the null sender (senders = :), a comparison of domains, a count of recipients.",
		Change: "Make it a warn or a deny, or move it behind the relay check.",
		Lines: `exim -bh 203.0.113.9     # shows which line of the ACL accepts
  require message       = relay not permitted
          domains       = +local_domains : +relay_to_domains`,
		Ref: "Exim specification, Access control lists",
	},
	{
		MTAs: []string{"Exim"}, Vectors: heloNames,
		Cause:  "An accept in the recipient ACL (acl_smtp_rcpt) has a condition on $sender_helo_name. Anybody can give that name.",
		Change: "Take it out. Accept relaying by client address and by login alone.",
		Lines: `exim -bh 203.0.113.9     # shows which line of the ACL accepts
  accept  hosts         = +relay_from_hosts
  accept  authenticated = *
  require message       = relay not permitted
          domains       = +local_domains : +relay_to_domains`,
		Ref: "Exim specification, Access control lists",
	},
	{
		MTAs: []string{"Exim"}, Vectors: localForms,
		Cause:  "percent_hack_domains names this domain, or a redirect router turns the local part into an address, and the guard against such local parts is missing from the recipient ACL.",
		Change: "Leave percent_hack_domains unset, take the router out, and put the guard of the default configuration back. On Debian the guard is CHECK_RCPT_LOCAL_LOCALPARTS.",
		Lines: `# no line percent_hack_domains = ...
  deny    message       = Restricted characters in address
          domains       = +local_domains
          local_parts   = ^[.] : ^.*[@%!/|]`,
		Ref: "Exim specification, percent_hack_domains; The default configuration file: ACL configuration",
	},
	{
		MTAs: []string{"Exim"}, Vectors: []string{"auth-*"},
		Cause:  "An authenticator succeeds whatever it is given: its server_condition is a plain yes, or an expansion that cannot fail. The ACL accepts whoever is authenticated.",
		Change: "Make server_condition check the password, and remove the authenticator for ANONYMOUS.",
		Lines: `exim -bP authenticators
# not: server_condition = yes`,
		Ref: "Exim specification, The plaintext authenticator",
	},
	{
		MTAs: []string{"Exim"}, Vectors: []string{"xclient-*"},
		Cause:  "hosts_xclient takes this client in. Whoever may use XCLIENT can say that he is a trusted host, or that he has logged in.",
		Change: "Leave the option unset, or list the addresses of your own proxies.",
		Lines: `# exim.conf
hosts_xclient = 10.0.0.5`,
		Ref: "Exim specification, hosts_xclient",
	},
	{
		MTAs: []string{"Exim"}, Vectors: []string{"proxy-*"},
		Cause:  "hosts_proxy takes this client in, so that Exim believes its PROXY header.",
		Change: "List the addresses of your own proxies, and nothing wider.",
		Lines: `# exim.conf
hosts_proxy = 10.0.0.5`,
		Ref: "Exim specification, Inbound proxies",
	},

	// Sendmail.
	{
		MTAs: []string{"Sendmail"}, Vectors: []string{"plain"},
		Cause:  "sendmail.mc has FEATURE(`promiscuous_relay'), or the access table or relay-domains (class R) gives RELAY to a short prefix that takes this client in. FEATURE(`relay_entire_domain') opens the server to every host whose name ends in its domain.",
		Change: "Take the feature out, build sendmail.cf again, and give RELAY to whole addresses only. Users who send from outside log in.",
		Lines: "grep -n relay /etc/mail/sendmail.mc\n" +
			"grep -n RELAY /etc/mail/access; cat /etc/mail/relay-domains\n" +
			"# sendmail.mc\n" +
			"dnl FEATURE(`promiscuous_relay')dnl\n" +
			"# /etc/mail/access\n" +
			"Connect:127.0.0.1     RELAY\n" +
			"Connect:192.0.2.10    RELAY\n" +
			"# then\n" +
			"makemap hash /etc/mail/access < /etc/mail/access",
		Ref: "cf/README, Anti-spam configuration control",
	},
	{
		MTAs: []string{"Sendmail"}, Vectors: topDomains,
		Cause:  "The access table or relay-domains holds a bare top-level domain, which stands for everything below it.",
		Change: "List whole domains, and build the table again.",
		Lines: `grep -n RELAY /etc/mail/access; cat /etc/mail/relay-domains
# /etc/mail/access
To:example.org        RELAY
# then
makemap hash /etc/mail/access < /etc/mail/access`,
		Ref: "cf/README, Anti-spam configuration control",
	},
	{
		MTAs: []string{"Sendmail"}, Vectors: ownSenders,
		Cause:  "FEATURE(`relay_local_from') relays for every sender of a local domain, and FEATURE(`relay_mail_from') for the senders of the access table. Both believe an address that anybody can write.",
		Change: "Take both features out and build sendmail.cf again. Users who send from outside log in.",
		Lines: "grep -n relay_ /etc/mail/sendmail.mc\n" +
			"# sendmail.mc\n" +
			"dnl FEATURE(`relay_local_from')dnl\n" +
			"dnl FEATURE(`relay_mail_from')dnl",
		Ref: "cf/README, FEATURE relay_local_from and relay_mail_from",
	},
	{
		MTAs: []string{"Sendmail"}, Vectors: []string{"percent-*"},
		Cause:  "FEATURE(`loose_relay_check') leaves the address behind the % unchecked.",
		Change: "Take the feature out and build sendmail.cf again.",
		Lines:  "# sendmail.mc\ndnl FEATURE(`loose_relay_check')dnl",
		Ref:    "cf/README, FEATURE loose_relay_check",
	},
	{
		MTAs: []string{"Sendmail"}, Vectors: []string{"bang-*"},
		Cause:  "Sendmail still routes UUCP paths.",
		Change: "Refuse them, and build sendmail.cf again.",
		Lines:  "# sendmail.mc\nFEATURE(`nouucp', `reject')dnl",
		Ref:    "cf/README, FEATURE nouucp",
	},
	{
		MTAs: []string{"Sendmail"}, Vectors: []string{"auth-anonymous"},
		Cause:  "TRUST_AUTH_MECH names ANONYMOUS, or the options of AUTH let it through.",
		Change: "Name the mechanisms with a password only, and add y to confAUTH_OPTIONS, which forbids anonymous ones.",
		Lines: "# sendmail.mc\n" +
			"define(`confAUTH_OPTIONS', `A p y')dnl\n" +
			"TRUST_AUTH_MECH(`PLAIN LOGIN')dnl\n" +
			"define(`confAUTH_MECHANISMS', `PLAIN LOGIN')dnl",
		Ref: "cf/README, SMTP authentication",
	},

	// OpenSMTPD.
	{
		MTAs: []string{"OpenSMTPD"}, Vectors: []string{"plain"},
		Cause:  "A rule such as match from any for any action \"relay\" lets everybody send everywhere. Before version 6.4 it is written accept from any for any relay.",
		Change: "Relay from local and for those who log in.",
		Lines: `# smtpd.conf
match from any for domain "example.org" action "local"
match from local for any action "relay"
match from any auth for any action "relay"
# then
smtpd -n`,
		Ref: "smtpd.conf(5), match",
	},
	{
		MTAs: []string{"OpenSMTPD"}, Vectors: append([]string{"null-sender"}, ownSenders...),
		Cause:  "A rule with mail-from relays from any for this sender, which anybody can write.",
		Change: "Demand a login in that rule: put auth in place of mail-from, or beside it.",
		Lines: `# smtpd.conf
match from any auth mail-from "@example.org" for any action "relay"
# then
smtpd -n`,
		Ref: "smtpd.conf(5), match: mail-from, auth",
	},
	{
		MTAs: []string{"OpenSMTPD"}, Vectors: heloNames,
		Cause:  "A rule with helo relays from any for this name, which anybody can give.",
		Change: "Take the rule out, and relay from local and for those who log in.",
		Lines: `# smtpd.conf
match from local for any action "relay"
match from any auth for any action "relay"
# then
smtpd -n`,
		Ref: "smtpd.conf(5), match: helo",
	},
	{
		MTAs: []string{"OpenSMTPD"}, Vectors: []string{"proxy-*"},
		Cause:  "A listener with proxy-v2 is open to everybody, and believes the header of any client.",
		Change: "Let it listen on an inner address that only the proxy reaches.",
		Lines: `# smtpd.conf
listen on 10.0.0.5 port 10025 proxy-v2`,
		Ref: "smtpd.conf(5), listen on",
	},

	// Courier and qmail, which share RELAYCLIENT.
	{
		MTAs: []string{"Courier"}, Vectors: []string{"plain"},
		Cause:  "RELAYCLIENT is set for this client: by a line of smtpaccess that covers too much, or for the whole server.",
		Change: "Set it for your own hosts only, and run makesmtpaccess. Between the columns stands a tab.",
		Lines: `grep -rn RELAYCLIENT /etc/courier
# /etc/courier/smtpaccess/default
127.0.0.1      allow,RELAYCLIENT
192.0.2.10     allow,RELAYCLIENT
# then
makesmtpaccess`,
		Ref: "makesmtpaccess(8); courier(8), RELAYCLIENT",
	},
	{
		MTAs: []string{"Courier"}, Vectors: topDomains,
		Cause:  "esmtpacceptmailfor holds a line with a dot and a top-level domain, which stands for everything below.",
		Change: "List whole domains there, and run makeacceptmailfor.",
		Lines: `cat /etc/courier/esmtpacceptmailfor.dir/*
# then
makeacceptmailfor`,
		Ref: "makeacceptmailfor(8)",
	},
	{
		MTAs: qmailFamily, Vectors: []string{"plain"},
		Cause:  "RELAYCLIENT is set for this client in the rules of tcpserver, or control/rcpthosts is missing: without that file qmail relays for everybody.",
		Change: "Write the domains you take mail for into rcpthosts, and set RELAYCLIENT for your own hosts only.",
		Lines: `cat /var/qmail/control/rcpthosts; grep -n RELAYCLIENT /etc/tcp.smtp
echo example.org > /var/qmail/control/rcpthosts
# /etc/tcp.smtp
127.:allow,RELAYCLIENT=""
192.0.2.10:allow,RELAYCLIENT=""
:allow
# then
tcprules /etc/tcp.smtp.cdb /etc/tcp.smtp.tmp < /etc/tcp.smtp`,
		Ref: "qmail-smtpd(8), rcpthosts and RELAYCLIENT",
	},
	{
		MTAs: qmailFamily, Vectors: topDomains,
		Cause:  "control/rcpthosts holds a line with a dot and a top-level domain, which stands for everything below.",
		Change: "List whole domains there.",
		Lines:  "grep -n '^[.]' /var/qmail/control/rcpthosts",
		Ref:    "qmail-smtpd(8), rcpthosts",
	},
	{
		MTAs: qmailFamily, Vectors: ownSenders,
		Cause:  "A patch that relays by the sender's address is built in, such as relaymailfrom. Anybody can write that address.",
		Change: "Remove the patch's control file. Users who send from outside log in.",
		Lines:  "ls -l /var/qmail/control/relaymailfrom",
	},
	{
		MTAs: qmailFamily, Vectors: []string{"percent-*"},
		Cause:  "control/percenthack names this domain, so that qmail-send turns % into @ after the recipient check.",
		Change: "Remove the file, and restart qmail-send.",
		Lines:  "rm /var/qmail/control/percenthack",
		Ref:    "qmail-send(8), percenthack",
	},
	{
		MTAs: qmailFamily, Vectors: []string{"auth-any"},
		Cause:  "The AUTH patch asks a program about the password, and the one it was given always says yes. The usual slip is a missing argument on the command line of qmail-smtpd, which makes /bin/true the judge.",
		Change: "Look at the arguments of qmail-smtpd: where the patch wants a host name first, the password checker comes second and /bin/true last.",
	},

	// Microsoft.
	{
		MTAs: []string{"Exchange"}, Vectors: []string{"plain"},
		Cause:  "A receive connector lets anonymous senders send to any recipient (Ms-Exch-SMTP-Accept-Any-Recipient), or is ExternalAuthoritative, and its remote address range takes everybody in. Often it is the default frontend connector, or a NAT makes every stranger an address of the range.",
		Change: "Take the right off every connector but one of its own, whose range lists the devices that need it, by address. Exchange cannot read the PROXY protocol: a load balancer before it must keep the client's address.",
		Lines: `Get-ReceiveConnector | ft Identity,RemoteIPRanges,PermissionGroups,AuthMechanism
Get-ReceiveConnector | Get-ADPermission -User "NT AUTHORITY\ANONYMOUS LOGON" |
  where {$_.ExtendedRights -like "*Accept-Any-Recipient*"} | ft Identity
Remove-ADPermission "SERVER\CONNECTOR" -User "NT AUTHORITY\ANONYMOUS LOGON" ` + "`" + `
  -ExtendedRights "Ms-Exch-SMTP-Accept-Any-Recipient"
Set-ReceiveConnector "SERVER\RELAY" -RemoteIPRanges 192.0.2.10,192.0.2.11`,
		Ref: "Microsoft Learn, Allow anonymous relay on Exchange servers",
	},
	{
		MTAs: []string{"Exchange"}, Vectors: topDomains,
		Cause:  "An accepted domain with a wildcard covers far more than your own.",
		Change: "List whole domains.",
		Lines:  "Get-AcceptedDomain | ft Name,DomainName,DomainType",
		Ref:    "Microsoft Learn, Accepted domains in Exchange Server",
	},
	{
		MTAs: []string{"Microsoft 365"}, Vectors: []string{"plain", "sender-own-*"},
		Cause:  "An inbound connector of the tenant (your organisation's servers) matches the address you tested from, and mail over it may leave for anywhere.",
		Change: "Let the connector know your servers by certificate, or by single addresses that nobody else shares.",
		Lines:  `Get-InboundConnector | ft Name,Enabled,ConnectorType,SenderIPAddresses,TlsSenderCertificateName`,
		Ref:    "Microsoft Learn, Configure mail flow using connectors",
	},
	{
		MTAs: []string{"Microsoft IIS SMTP"}, Vectors: []string{"plain"},
		Cause:  "The relay restrictions of the SMTP virtual server grant relaying to all but a list.",
		Change: "In its properties, on the tab Access, under Relay, choose \"Only the list below\" and list your own hosts.",
	},

	// The servers of this century.
	{
		MTAs: []string{"Haraka"}, Vectors: []string{"plain"},
		Cause:  "relay.ini says all=true, or relay_acl_allow holds a wide network, or a plugin sets connection.relaying or answers OK for every recipient.",
		Change: "Turn all off, list single addresses, and name the domains you forward for in dest_domains.",
		Lines: `# config/relay.ini
[relay]
all=false
acl=true
# config/relay_acl_allow
192.0.2.10/32`,
		Ref: "Haraka, plugins/relay",
	},
	{
		MTAs: []string{"Haraka"}, Vectors: []string{"xclient-*"},
		Cause:  "The plugin xclient is loaded, and its list of hosts takes this client in. Loopback is always in it.",
		Change: "Take the plugin out of config/plugins, or list your own proxies in config/xclient.hosts.",
		Lines: `# config/xclient.hosts
10.0.0.5`,
		Ref: "Haraka, plugins/xclient",
	},
	{
		MTAs: []string{"Stalwart"}, Vectors: []string{"plain", "null-sender", "sender-*", "helo-own-*", "helo-localhost"},
		Cause:  "The expression that allows relaying at the RCPT stage is true for clients that have not logged in. Its default is true for the others only.",
		Change: "Put the default back. In newer versions it is in the web interface, Settings, MTA, Session, RCPT stage.",
		Lines: `# config.toml
[session.rcpt]
relay = [ { if = "!is_empty(authenticated_as)", then = true },
          { else = false } ]`,
		Ref: "Stalwart documentation, RCPT stage",
	},
	{
		MTAs: []string{"maddy"}, Vectors: []string{"plain", "null-sender"},
		Cause:  "default_destination of the endpoint on port 25 delivers to the remote queue.",
		Change: "Reject there. Only the submission endpoint, which demands a login, may deliver to the remote queue.",
		Lines: `# maddy.conf, in smtp tcp://0.0.0.0:25 { ... default_source { ...
default_destination {
    reject 550 5.1.1 "User doesn't exist"
}`,
		Ref: "maddy, SMTP message routing (pipeline)",
	},
	{
		MTAs: []string{"maddy"}, Vectors: ownSenders,
		Cause:  "The source block for local senders on port 25 delivers their mail anywhere, and anybody can write such a sender.",
		Change: "Reject local senders on port 25. They use submission, where they log in.",
		Lines: `# maddy.conf, in smtp tcp://0.0.0.0:25 { ...
source $(local_domains) {
    reject 501 5.1.8 "Use Submission for outgoing SMTP"
}`,
		Ref: "maddy, SMTP message routing (pipeline)",
	},
	{
		MTAs: []string{"mox", "chasquid"}, Vectors: []string{"plain", "null-sender", "sender-own-*"},
		Cause:  "This server relays for users who log in, and for nobody else. If it took the recipient, then that domain is configured as one of its own, or something in front of it answers in its name.",
		Change: "Look whether the domain of the recipient is among the domains of the configuration, and what listens on the port.",
		Lines:  "ss -ltnp 'sport = :25'",
	},
	{
		MTAs: []string{"chasquid"}, Vectors: []string{"proxy-*"},
		Cause:  "haproxy_incoming is on, and a port is open to others than the proxy. chasquid believes the header of any client then.",
		Change: "Turn it off, or let only the proxy reach the port.",
		Lines: `# chasquid.conf
haproxy_incoming: false`,
		Ref: "chasquid, HAProxy integration",
	},
	{
		MTAs: []string{"hMailServer"}, Vectors: []string{"plain", "plain-*", "null-sender", "same-domain"},
		Cause:  "The IP range that takes this client in allows deliveries from external to external addresses. Of overlapping ranges the one with the highest priority counts.",
		Change: "Untick that box on every range but your own machine's, in the administrator.",
		Lines: `Settings > Advanced > IP Ranges > Internet
  [ ] Allow deliveries from external to external e-mail addresses
  [x] Require SMTP authentication: external to external`,
		Ref: "hMailServer documentation, IP ranges",
	},
	{
		MTAs: []string{"hMailServer"}, Vectors: ownSenders,
		Cause:  "The IP range that takes this client in allows deliveries from local to external addresses without a login. The sender decides who is local, and anybody can write it.",
		Change: "Require authentication for that box on every range but your own machine's, in the administrator.",
		Lines: `Settings > Advanced > IP Ranges > Internet
  [x] Require SMTP authentication: local to external
  [x] Require SMTP authentication: external to external`,
		Ref: "hMailServer documentation, IP ranges",
	},
	{
		MTAs: []string{"Postal"}, Vectors: []string{"plain", "sender-own-*"},
		Cause:  "A credential of the type SMTP-IP names the address that Postal saw. Behind a container network that is the gateway, and so everybody.",
		Change: "Delete the credential, and let the senders log in with one of the type SMTP.",
		Ref:    "Postal documentation, SMTP-IP credentials",
	},
	{
		MTAs: []string{"KumoMTA"}, Vectors: []string{"plain"},
		Cause:  "relay_hosts of the listener takes this client in.",
		Change: "List your own hosts by address.",
		Lines: `kumo.start_esmtp_listener {
  listen = '0.0.0.0:25',
  relay_hosts = { '127.0.0.1', '192.0.2.10' },
}`,
		Ref: "KumoMTA reference, relay_hosts",
	},

	// Test sinks: every vector, for the same reason.
	{
		MTAs:   testSinks,
		Cause:  "This is a test server. It accepts everything by design, and passes nothing on unless it was told to relay or release messages.",
		Change: "Bind it to loopback or to an inner network, so that strangers do not reach it, and leave relaying off.",
		Lines: `# compose file
ports: ["127.0.0.1:1025:1025"]`,
	},
	{
		MTAs:   []string{"go-smtp"},
		Cause:  "This is a program built on a Go library for mail servers. It accepts what its own code accepts: a test server takes everything by design, any other has no relay check.",
		Change: "Bind a test server to loopback. In any other, refuse recipients of foreign domains in Session.Rcpt unless the client has logged in.",
		Lines: `func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
    if !s.loggedIn && !isOurs(to) {
        return &smtp.SMTPError{Code: 550, Message: "relaying denied"}
    }`,
	},
}
