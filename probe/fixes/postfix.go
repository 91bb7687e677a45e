package fixes

// relayRestrictions are the ones that close, whatever stands in the other lists.
const relayRestrictions = "'smtpd_relay_restrictions = permit_mynetworks permit_sasl_authenticated reject_unauth_destination'"

var postfix = []Fix{
	{
		MTAs: []string{"Postfix"}, Vectors: []string{"plain"},
		Cause:  "Postfix takes this client for one of its own, or a list permits before the relay check. Usually mynetworks is too wide: a /0, a provider's subnet, a container network. Else smtpd_relay_restrictions is empty and smtpd_recipient_restrictions permits too early, or a port of master.cf overrides them with -o.",
		Change: "List hosts instead of networks in mynetworks, and end the relay restrictions with reject_unauth_destination.",
		Users:  "Programs and devices whose addresses are no longer in mynetworks can send to your own domains only, until they log in.",
		Ways: []Way{{
			Look: `postconf mynetworks smtpd_relay_restrictions smtpd_recipient_restrictions
postconf -P | grep -E 'mynetworks|restrictions'   # what master.cf overrides`,
			Steps: []Step{{Run: `postconf -e 'mynetworks = 127.0.0.0/8 [::1]/128 192.0.2.10/32'
postconf -e ` + relayRestrictions}},
			Load: `postfix check && postfix reload`,
			Ref:  "SMTPD_ACCESS_README; postconf(5), mynetworks",
			Run:  "Postfix 3.7 of Debian 12",
		}},
	},
	{
		MTAs: []string{"Postfix"}, Vectors: topDomains,
		Cause:  "relay_domains holds a top-level domain or a pattern, and with it everything below.",
		Change: "List whole domains in relay_domains, or leave it empty.",
		Users:  "Mail for a domain that you relay to and that is not in the list is refused.",
		Ways: []Way{{
			Look:  `postconf relay_domains parent_domain_matches_subdomains`,
			Steps: []Step{{Run: `postconf -e 'relay_domains = example.org, example.net'`}},
			Load:  `postfix check && postfix reload`,
			Ref:   "postconf(5), relay_domains and parent_domain_matches_subdomains",
			Run:   "Postfix 3.7 of Debian 12",
		}},
	},
	{
		MTAs: []string{"Postfix"}, Vectors: ownSenders,
		Cause:  "A check_sender_access table answers OK for this sender before reject_unauth_destination is reached, and OK means that the mail may go anywhere.",
		Change: "Take sender tables out of smtpd_relay_restrictions, and out of smtpd_recipient_restrictions unless they stand behind reject_unauth_destination. Users who send from outside log in.",
		Ways: []Way{{Steps: []Step{{Run: `postconf smtpd_relay_restrictions smtpd_recipient_restrictions
# main.cf
smtpd_relay_restrictions = permit_mynetworks,
  permit_sasl_authenticated, reject_unauth_destination
smtpd_sender_restrictions =
  check_sender_access hash:/etc/postfix/sender_access`}}, Ref: "SMTPD_ACCESS_README, Dangerous use of smtpd_recipient_restrictions"}},
	},
	{
		MTAs: []string{"Postfix"}, Vectors: []string{"null-sender", "same-domain"},
		Cause:  "Something answers OK for this pair of sender and recipient before reject_unauth_destination is reached: an access table with a row for <>, or a policy service.",
		Change: "Put access tables and policy services behind reject_unauth_destination, or let them answer DUNNO instead of OK.",
		Ways: []Way{{Steps: []Step{{Run: `postconf smtpd_relay_restrictions smtpd_recipient_restrictions
# main.cf
smtpd_relay_restrictions = permit_mynetworks,
  permit_sasl_authenticated, reject_unauth_destination`}}, Ref: "SMTPD_ACCESS_README, Dangerous use of smtpd_recipient_restrictions; access(5)"}},
	},
	{
		MTAs: []string{"Postfix"}, Vectors: heloNames,
		Cause:  "A check_helo_access table answers OK for this name before reject_unauth_destination is reached. Anybody can give that name.",
		Change: "Move HELO checks to smtpd_helo_restrictions, where OK permits no relaying.",
		Ways: []Way{{Steps: []Step{{Run: `postconf smtpd_relay_restrictions smtpd_recipient_restrictions
# main.cf
smtpd_relay_restrictions = permit_mynetworks,
  permit_sasl_authenticated, reject_unauth_destination
smtpd_helo_restrictions =
  check_helo_access hash:/etc/postfix/helo_access`}}, Ref: "SMTPD_ACCESS_README, Dangerous use of smtpd_recipient_restrictions"}},
	},
	{
		MTAs: []string{"Postfix"}, Vectors: localForms,
		Cause:  "allow_untrusted_routing = yes takes away the guard against addresses within addresses. Then a pattern in an alias table, or another server behind this one, turns the local part into a foreign address.",
		Change: "Put the parameters back to their defaults, and take the patterns for %, ! and @ out of virtual_alias_maps and canonical_maps.",
		Ways: []Way{{Steps: []Step{{Run: `postconf -n | grep -E 'routing|percent|bangpath|dequoted|_maps'
postconf -e 'allow_untrusted_routing = no'
postconf -X allow_percent_hack swap_bangpath
postconf -X resolve_dequoted_address append_at_myorigin`}}, Ref: "postconf(5), allow_untrusted_routing; ADDRESS_REWRITING_README"}},
	},
	{
		MTAs: []string{"Postfix"}, Vectors: []string{"auth-anonymous"},
		Cause:  "smtpd_sasl_security_options has lost its noanonymous, so that a login needs no name, and permit_sasl_authenticated lets it relay.",
		Change: "Put noanonymous back, for sessions with TLS too.",
		Ways: []Way{{Steps: []Step{{Run: `postconf -P | grep sasl
# main.cf
smtpd_sasl_security_options = noanonymous
smtpd_sasl_tls_security_options = noanonymous`}}, Ref: "SASL_README, SMTP Server SASL security options"}},
	},
	{
		MTAs: []string{"Postfix"}, Vectors: []string{"auth-any"},
		Cause:  "Postfix leaves passwords to Dovecot or Cyrus SASL, and what stands there says yes to every one: in Dovecot a static passdb, or one with nopassword.",
		Change: "Mend the password check itself. It must fail for a user who does not exist.",
		Ways: []Way{{Steps: []Step{{Run: `postconf smtpd_sasl_type smtpd_sasl_path
doveadm auth test no-such-user wrong-password`}}, Ref: "SASL_README, Configuring SASL authentication in the Postfix SMTP server"}},
	},
	{
		MTAs: []string{"Postfix"}, Vectors: []string{"xclient-*"},
		Cause:  "smtpd_authorized_xclient_hosts lists this client. Whoever may use XCLIENT can say that he is 127.0.0.1, or that he has logged in.",
		Change: "Leave the parameter empty, or list the addresses of your own proxies and nothing else.",
		Ways: []Way{{Steps: []Step{{Run: `postconf smtpd_authorized_xclient_hosts
postconf -P | grep xclient
# main.cf
smtpd_authorized_xclient_hosts =`}}, Ref: "XCLIENT_README, Security"}},
	},
	{
		MTAs: []string{"Postfix"}, Vectors: []string{"proxy-*"},
		Cause:  "A port with smtpd_upstream_proxy_protocol or postscreen_upstream_proxy_protocol is open to everybody. Postfix believes the header of any client on it.",
		Change: "Keep that port for the proxy: let it listen on an inner address, or let a firewall refuse all others.",
		Ways: []Way{{Steps: []Step{{Run: `postconf -n | grep proxy_protocol; postconf -P | grep proxy_protocol
# master.cf
10.0.0.5:10025 inet n - y - - smtpd
  -o smtpd_upstream_proxy_protocol=haproxy`}}, Ref: "postconf(5), smtpd_upstream_proxy_protocol"}},
	},
	{
		MTAs: []string{"Postfix"}, Vectors: []string{"subdomain-of-own"},
		Cause:  "relay_domains covers the subdomains of its domains too, because parent_domain_matches_subdomains names it.",
		Change: "Take relay_domains out of that list.",
		Ways: []Way{{Steps: []Step{{Run: `# main.cf
parent_domain_matches_subdomains = debug_peer_list,
  fast_flush_domains, mynetworks, permit_mx_backup_networks,
  qmqpd_authorized_clients, smtpd_access_maps`}}, Ref: "postconf(5), parent_domain_matches_subdomains"}},
	},
}
