package fixes

// Postfix reads a parameter from main.cf, unless master.cf sets it for one port. So the lines change it in main.cf and
// take it out of master.cf, for port 25: for the smtpd there, or the one behind its postscreen. The proxy's port is not
// 10025, by which filters such as amavis give mail back.
const (
	// relayRestrictions are the ones that close, whatever stands in the other lists.
	relayRestrictions = `"smtpd_relay_restrictions = permit_mynetworks permit_sasl_authenticated \
  reject_unauth_destination"`

	otherPorts = `# in master.cf; 587: submission/inet, 465: submissions/inet or smtps/inet
`
	relayAlone = `# and permit_tls_clientcerts, if it stands there
postconf -e ` + relayRestrictions + "\n" + otherPorts +
		`postconf -PX smtp/inet/smtpd_relay_restrictions smtpd/pass/smtpd_relay_restrictions`

	instances = "postmulti -l   # several: postmulti -i NAME -x before postconf and postfix\n"
	relayLook = `postconf smtpd_relay_restrictions smtpd_recipient_restrictions relay_domains
postconf -P | grep -E 'restrictions|mynetworks'   # in master.cf`

	proxyLook = instances + `postconf -n | grep proxy_protocol
postconf -P | grep proxy_protocol   # what master.cf sets for one port`
	proxyOff = `postconf -X smtpd_upstream_proxy_protocol postscreen_upstream_proxy_protocol
` + otherPorts + `postconf -PX smtp/inet/smtpd_upstream_proxy_protocol
postconf -PX smtp/inet/postscreen_upstream_proxy_protocol`

	postfixLoad = `postfix check && postfix reload`
	postfix37   = "Postfix 3.7 of Debian 12"
)

var postfix = []Fix{
	{
		MTAs: []string{"Postfix"}, Vectors: []string{"plain"},
		Cause:  "Postfix takes this client for one of its own, or a list permits before the relay check. Usually mynetworks is too wide: a /0, a provider's subnet, a container network. Else smtpd_relay_restrictions permits too early, or is empty while smtpd_recipient_restrictions permits too early. Either may be set in master.cf, for one port.",
		Change: "List hosts instead of networks in mynetworks, and end the relay restrictions with reject_unauth_destination.",
		Users:  "Programs and devices whose addresses are no longer in mynetworks, or that only a table let relay, can send to your own domains only, until they log in or their addresses are listed. So can clients that a certificate let relay, if you do not keep what lets them. Domains that permit_mx_backup let in go to relay_domains, or are refused. Tables and policy services that stood in smtpd_relay_restrictions to refuse mail go to smtpd_recipient_restrictions.",
		Ways: []Way{{
			Look: instances + relayLook + "\npostconf mynetworks",
			Steps: []Step{
				{Run: `# if mynetworks holds more than your own hosts: list these, here 192.0.2.10
postconf -e 'mynetworks = 127.0.0.0/8 [::1]/128 192.0.2.10/32'`},
				{Run: relayAlone + `
postconf -PX smtp/inet/mynetworks smtpd/pass/mynetworks`},
			},
			Load: postfixLoad,
			Ref:  "SMTPD_ACCESS_README; postconf(5), mynetworks",
			Run:  postfix37,
		}},
	},
	{
		MTAs: []string{"Postfix"}, Vectors: topDomains,
		Cause:  "Usually relay_domains holds a top-level domain or a pattern, and with it everything below. Else an access table answers OK for that domain before the relay check.",
		Change: "List whole domains in relay_domains, or leave it empty. Where it names a table, mend the table. End the relay restrictions with reject_unauth_destination, and put nothing before it that answers for domains.",
		Users:  "Mail for a domain that you relay to and that is not in the list is refused. Domains of your own users stay in mydestination and virtual_mailbox_domains, and do not belong here.",
		Ways: []Way{{
			Look: relayLook,
			Steps: []Step{
				{Run: `postconf -e 'relay_domains = example.org'   # if you relay to none: nothing behind the =`},
				{Run: relayAlone},
			},
			Load: postfixLoad,
			Ref:  "postconf(5), relay_domains and parent_domain_matches_subdomains",
			Run:  postfix37,
		}},
	},
	{
		MTAs: []string{"Postfix"}, Vectors: ownSenders,
		Cause:  "Usually a check_sender_access table answers OK for this sender before reject_unauth_destination is reached, and OK means that the mail may go anywhere.",
		Change: "Take sender tables out of smtpd_relay_restrictions. In smtpd_sender_restrictions they can still refuse senders, and their OK lets nobody relay.",
		Users:  "Users and programs that could send from outside by their sender address alone must log in, or their addresses must be in mynetworks.",
		Ways:   tableWay("check_sender_access", "smtpd_sender_restrictions", "sender_access"),
	},
	{
		MTAs: []string{"Postfix"}, Vectors: []string{"null-sender", "same-domain"},
		Cause:  "Usually something answers OK for this pair of sender and recipient before reject_unauth_destination is reached: an access table with a row for <>, or a policy service.",
		Change: "Put no access tables and policy services in smtpd_relay_restrictions. In the other lists their OK lets nobody relay.",
		Users:  "Bounces to your own domains still arrive. Programs that could send to other domains without a sender must log in, or their addresses must be in mynetworks. A policy service that stood in smtpd_relay_restrictions, such as greylisting, goes to smtpd_recipient_restrictions.",
		Ways: []Way{{
			Look:  relayLook,
			Steps: []Step{{Run: relayAlone}},
			Load:  postfixLoad,
			Ref:   "SMTPD_ACCESS_README, Dangerous use of smtpd_recipient_restrictions; access(5); SMTPD_POLICY_README",
			Run:   postfix37,
		}},
	},
	{
		MTAs: []string{"Postfix"}, Vectors: heloNames,
		Cause:  "Usually a check_helo_access table answers OK for this name before reject_unauth_destination is reached. Anybody can give that name.",
		Change: "Take HELO tables out of smtpd_relay_restrictions. In smtpd_helo_restrictions they can still refuse names, and their OK lets nobody relay.",
		Users:  "Programs and devices that could send by their HELO name alone must log in, or their addresses must be in mynetworks.",
		Ways:   tableWay("check_helo_access", "smtpd_helo_restrictions", "helo_access"),
	},
	{
		MTAs: []string{"Postfix"}, Vectors: localForms,
		Cause:  "allow_untrusted_routing = yes takes away the guard against addresses within addresses. Then a pattern in an alias table, or another server behind this one, turns the local part into a foreign address.",
		Change: "Put allow_untrusted_routing back to its default, which is no. Then take the patterns for %, ! and @ out of virtual_alias_maps and canonical_maps, and tell the servers behind this one to refuse such addresses too.",
		Users:  "Strangers can no longer write to addresses with %, ! or a second @ in the local part. Clients in mynetworks and users who log in still can.",
		Ways: []Way{{
			Look: `postconf -n | grep -E 'routing|percent|bangpath|dequoted|_maps'
postconf -P | grep routing   # what master.cf sets for one port`,
			Steps: []Step{{Run: `postconf -X allow_untrusted_routing
` + otherPorts + `postconf -PX smtp/inet/allow_untrusted_routing smtpd/pass/allow_untrusted_routing`}},
			Load: postfixLoad,
			Ref:  "postconf(5), allow_untrusted_routing; ADDRESS_REWRITING_README",
			Run:  postfix37,
		}},
	},
	{
		MTAs: []string{"Postfix"}, Vectors: []string{"auth-any"},
		Cause:  "Postfix leaves passwords to Dovecot or Cyrus SASL, and what stands there says yes to every one. Usually that is a static passdb with nopassword in Dovecot, or pam_permit in PAM.",
		Change: "Mend the password check itself: it must fail for a user who does not exist. Then look in the log for who logged in.",
		Users:  "Users whose passwords were never checked must set the right ones in their programs and devices.",
		Ways: []Way{
			{
				When: "smtpd_sasl_type = dovecot",
				Look: `postconf smtpd_sasl_type smtpd_sasl_path
doveadm auth test no-such-user wrong-password   # must fail
grep -rnE '^[^#]*(nopassword|static|pam_permit)' /etc/dovecot /etc/pam.d`,
				Steps: []Step{{
					At:  "/etc/dovecot/conf.d/10-auth.conf",
					Out: `^ *!include auth-static`,
					Lines: `# or where your users are: auth-sql, auth-ldap, auth-passwdfile. Has auth-static a userdb that
# says where mailboxes are, its line stays, and the passdb goes from that file: else mail is lost
!include auth-system.conf.ext`,
				}},
				Load: `doveconf >/dev/null && doveadm reload`,
				Ref:  "SASL_README, Configuring Dovecot SASL; Dovecot documentation, Static Password Database",
				Run:  "Dovecot 2.3 and " + postfix37,
			},
			{
				When: "smtpd_sasl_type = cyrus, with saslauthd and PAM",
				Look: `postconf smtpd_sasl_type smtpd_sasl_path
testsaslauthd -s smtp -u no-such-user -p wrong-password   # must fail
grep -n pam_permit /etc/pam.d/smtp`,
				Steps: []Step{{
					At:  "/etc/pam.d/smtp",
					Out: `^(auth|account).*pam_permit`,
					Lines: `@include common-auth
@include common-account
# Red Hat, in place of these: auth include password-auth, account include password-auth`,
				}},
				Load: `systemctl restart saslauthd   # it may remember passwords: Debian's option -c`,
				Ref:  "SASL_README, Configuring Cyrus SASL",
				Run:  "Cyrus SASL 2.1.28 and " + postfix37,
			},
		},
	},
	{
		MTAs: []string{"Postfix"}, Vectors: []string{"xclient-*"},
		Cause:  "smtpd_authorized_xclient_hosts lists this client. Whoever may use XCLIENT can say that he is 127.0.0.1, or that he has logged in.",
		Change: "Leave the parameter empty, or list the addresses of your own proxies and nothing else.",
		Users:  "A proxy that uses XCLIENT and is not listed, such as nginx, no longer passes its clients on.",
		Ways: []Way{{
			Look: `postconf smtpd_authorized_xclient_hosts
postconf -P | grep xclient   # what master.cf sets for one port`,
			Steps: []Step{{Run: `postconf -e 'smtpd_authorized_xclient_hosts = 10.0.0.5'   # if you have none: nothing behind the =
` + otherPorts + `postconf -PX smtp/inet/smtpd_authorized_xclient_hosts smtpd/pass/smtpd_authorized_xclient_hosts`}},
			Load: postfixLoad,
			Ref:  "XCLIENT_README, Security",
			Run:  postfix37,
		}},
	},
	{
		MTAs: []string{"Postfix"}, Vectors: []string{"proxy-*"},
		Cause:  "A port with smtpd_upstream_proxy_protocol or postscreen_upstream_proxy_protocol is open to everybody. Such a port believes the header of any client: of version 1 since Postfix 2.10, of version 2 since 3.5.",
		Change: "Keep the header to a port that only the proxy reaches, by the address it listens on or by a firewall. Without a proxy, turn it off.",
		Users:  "A port that expects the header takes no mail without it, and one that does not expect it takes no mail with it: change the proxy at the same time. A proxy that sends no header lends its own address to every client, so that address must not be in mynetworks.",
		Ways: []Way{
			{
				When: "A proxy stands before Postfix",
				Look: proxyLook,
				Steps: []Step{
					{Run: `# a port for the proxy. On another machine: the inner address of this one in place of
# 127.0.0.1, and a firewall that lets only 10.0.0.5 reach it. Chroot, the fifth word: as for smtp
postconf -M 127.0.0.1:12525/inet='127.0.0.1:12525 inet n - - - - smtpd'
postconf -P 127.0.0.1:12525/inet/smtpd_upstream_proxy_protocol=haproxy`},
					{Run: proxyOff},
				},
				Load: postfixLoad + `
# then the proxy sends its mail and its header there: HAProxy's send-proxy`,
				Ref: "postconf(5), smtpd_upstream_proxy_protocol; POSTSCREEN_README",
				Run: postfix37,
			},
			{
				When:  "No proxy needs it",
				Look:  proxyLook,
				Steps: []Step{{Run: proxyOff}},
				Load:  postfixLoad,
				Ref:   "postconf(5), smtpd_upstream_proxy_protocol and postscreen_upstream_proxy_protocol",
				Run:   postfix37,
			},
		},
	},
	{
		MTAs: []string{"Postfix"}, Vectors: []string{"subdomain-of-own"},
		Cause:  "relay_domains covers the subdomains of its domains too, because parent_domain_matches_subdomains names it. Up to Postfix 2.11, and later with a compatibility_level below 2, relay_domains is all of mydestination unless it is set.",
		Change: "Take relay_domains out of that list.",
		Users:  "Mail for hosts below your domains is refused, unless relay_domains has them: a host by its name, all of them as .example.org.",
		Ways: []Way{{
			Look: `postconf relay_domains parent_domain_matches_subdomains`,
			Steps: []Step{{Run: `list=$(postconf -h parent_domain_matches_subdomains | sed 's/relay_domains[, ]*//')
postconf -e "parent_domain_matches_subdomains = $list"`}},
			Load: postfixLoad,
			Ref:  "postconf(5), parent_domain_matches_subdomains",
			Run:  postfix37,
		}},
	},
}

// tableWay is the way for a table that lets a name relay. It is needed no more, unless it also refuses.
func tableWay(check, list, table string) []Way {
	return []Way{{
		Look: relayLook + "\npostconf " + list,
		Steps: []Step{
			{Run: relayAlone},
			{Run: `# only if the table is to refuse names: by its name, and without the lines that say OK
touch /etc/postfix/` + table + ` && postmap /etc/postfix/` + table + `
table="` + check + ` $(postconf -h default_database_type):/etc/postfix/` + table + `"
postconf -e "` + list + ` = $(postconf -h ` + list + `), $table"`},
		},
		Load: postfixLoad,
		Ref:  "SMTPD_ACCESS_README, Dangerous use of smtpd_recipient_restrictions; access(5)",
		Run:  postfix37,
	}}
}
