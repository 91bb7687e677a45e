package fixes

var exim = []Fix{
	{
		MTAs: []string{"Exim"}, Vectors: []string{"plain"},
		Cause:  "The list relay_from_hosts takes this client in: it holds * or a wide network, or it ends in a negated item (!192.0.2.1), after which everybody else matches. An IPv6 address in a list with colons falls to pieces. On Debian the list comes from dc_relay_nets.",
		Change: "List addresses, end the list in one that is not negated, and use another separator where there are IPv6 addresses. Nothing in the recipient ACL may accept before the relay check.",
		Ways: []Way{{Steps: []Step{{Run: `exim -bh 203.0.113.9     # a session as that client would have it
# exim.conf
hostlist relay_from_hosts = <; 127.0.0.1 ; ::1
# Debian: /etc/exim4/update-exim4.conf.conf, then update-exim4.conf
dc_relay_nets=''`}}, Ref: "Exim specification, Negated items in lists; The default configuration file"}},
	},
	{
		MTAs: []string{"Exim"}, Vectors: topDomains,
		Cause:  "The list relay_to_domains holds a pattern such as *.com.",
		Change: "List whole domains. On Debian the list comes from dc_relay_domains.",
		Ways: []Way{{Steps: []Step{{Run: `# exim.conf
domainlist relay_to_domains = example.org : example.net
# Debian: /etc/exim4/update-exim4.conf.conf, then update-exim4.conf
dc_relay_domains='example.org:example.net'`}}, Ref: "Exim specification, Domain lists"}},
	},
	{
		MTAs: []string{"Exim"}, Vectors: ownSenders,
		Cause:  "An accept in the recipient ACL (acl_smtp_rcpt) goes by the sender: a line with senders, or a condition on $sender_address. Anybody can write that sender.",
		Change: "Take it out. Accept relaying by client address and by login alone.",
		Ways: []Way{{Steps: []Step{{Run: `# not: accept senders = *@example.org
  accept  hosts         = +relay_from_hosts
          control       = submission
  accept  authenticated = *
          control       = submission
  require message       = relay not permitted
          domains       = +local_domains : +relay_to_domains`}}, Ref: "Exim specification, The default configuration file: ACL configuration"}},
	},
	{
		MTAs: []string{"Exim"}, Vectors: []string{"null-sender", "same-domain", "second-recipient"},
		Cause:  "An accept in the recipient ACL (acl_smtp_rcpt) stands before the relay check, and is about something else: the null sender (senders = :), a comparison of domains, a count of recipients.",
		Change: "Make it a warn or a deny, or move it behind the relay check.",
		Ways: []Way{{Steps: []Step{{Run: `exim -bh 203.0.113.9     # shows which line of the ACL accepts
  require message       = relay not permitted
          domains       = +local_domains : +relay_to_domains`}}, Ref: "Exim specification, Access control lists"}},
	},
	{
		MTAs: []string{"Exim"}, Vectors: heloNames,
		Cause:  "An accept in the recipient ACL (acl_smtp_rcpt) has a condition on $sender_helo_name. Anybody can give that name.",
		Change: "Take it out. Accept relaying by client address and by login alone.",
		Ways: []Way{{Steps: []Step{{Run: `exim -bh 203.0.113.9     # shows which line of the ACL accepts
  accept  hosts         = +relay_from_hosts
  accept  authenticated = *
  require message       = relay not permitted
          domains       = +local_domains : +relay_to_domains`}}, Ref: "Exim specification, Access control lists"}},
	},
	{
		MTAs: []string{"Exim"}, Vectors: localForms,
		Cause:  "percent_hack_domains names this domain, or a redirect router turns the local part into an address, and the guard against such local parts is missing from the recipient ACL.",
		Change: "Leave percent_hack_domains unset, take the router out, and put the guard of the default configuration back. On Debian the guard is CHECK_RCPT_LOCAL_LOCALPARTS.",
		Ways: []Way{{Steps: []Step{{Run: `# no line percent_hack_domains = ...
  deny    message       = Restricted characters in address
          domains       = +local_domains
          local_parts   = ^[.] : ^.*[@%!/|]`}}, Ref: "Exim specification, percent_hack_domains; The default configuration file: ACL configuration"}},
	},
	{
		MTAs: []string{"Exim"}, Vectors: []string{"auth-*"},
		Cause:  "An authenticator succeeds whatever it is given: its server_condition is a plain yes, or an expansion that cannot fail. The ACL accepts whoever is authenticated.",
		Change: "Make server_condition check the password, and remove the authenticator for ANONYMOUS.",
		Ways: []Way{{Steps: []Step{{Run: `exim -bP authenticators
# not: server_condition = yes`}}, Ref: "Exim specification, The plaintext authenticator"}},
	},
	{
		MTAs: []string{"Exim"}, Vectors: []string{"xclient-*"},
		Cause:  "hosts_xclient takes this client in. Whoever may use XCLIENT can say that he is a trusted host, or that he has logged in.",
		Change: "Leave the option unset, or list the addresses of your own proxies.",
		Ways: []Way{{Steps: []Step{{Run: `# exim.conf
hosts_xclient = 10.0.0.5`}}, Ref: "Exim specification, hosts_xclient"}},
	},
	{
		MTAs: []string{"Exim"}, Vectors: []string{"proxy-*"},
		Cause:  "hosts_proxy takes this client in, so that Exim believes its PROXY header.",
		Change: "List the addresses of your own proxies, and nothing wider.",
		Ways: []Way{{Steps: []Step{{Run: `# exim.conf
hosts_proxy = 10.0.0.5`}}, Ref: "Exim specification, Inbound proxies"}},
	},
}
