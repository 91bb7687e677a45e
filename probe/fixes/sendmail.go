package fixes

var sendmail = []Fix{
	{
		MTAs: []string{"Sendmail"}, Vectors: []string{"plain"},
		Cause:  "sendmail.mc has FEATURE(`promiscuous_relay'), or the access table or relay-domains (class R) gives RELAY to a short prefix that takes this client in. FEATURE(`relay_entire_domain') opens the server to every host whose name ends in its domain.",
		Change: "Take the feature out, build sendmail.cf again, and give RELAY to whole addresses only. Users who send from outside log in.",
		Ways: []Way{{Steps: []Step{{Run: "grep -n relay /etc/mail/sendmail.mc\n" +
			"grep -n RELAY /etc/mail/access; cat /etc/mail/relay-domains\n" +
			"# sendmail.mc\n" +
			"dnl FEATURE(`promiscuous_relay')dnl\n" +
			"# /etc/mail/access\n" +
			"Connect:127.0.0.1     RELAY\n" +
			"Connect:192.0.2.10    RELAY\n" +
			"# then\n" +
			"makemap hash /etc/mail/access < /etc/mail/access"}}, Ref: "cf/README, Anti-spam configuration control"}},
	},
	{
		MTAs: []string{"Sendmail"}, Vectors: topDomains,
		Cause:  "The access table or relay-domains holds a bare top-level domain, which stands for everything below it.",
		Change: "List whole domains, and build the table again.",
		Ways: []Way{{Steps: []Step{{Run: `grep -n RELAY /etc/mail/access; cat /etc/mail/relay-domains
# /etc/mail/access
To:example.org        RELAY
# then
makemap hash /etc/mail/access < /etc/mail/access`}}, Ref: "cf/README, Anti-spam configuration control"}},
	},
	{
		MTAs: []string{"Sendmail"}, Vectors: ownSenders,
		Cause:  "FEATURE(`relay_local_from') relays for every sender of a local domain, and FEATURE(`relay_mail_from') for the senders of the access table. Both believe an address that anybody can write.",
		Change: "Take both features out and build sendmail.cf again. Users who send from outside log in.",
		Ways: []Way{{Steps: []Step{{Run: "grep -n relay_ /etc/mail/sendmail.mc\n" +
			"# sendmail.mc\n" +
			"dnl FEATURE(`relay_local_from')dnl\n" +
			"dnl FEATURE(`relay_mail_from')dnl"}}, Ref: "cf/README, FEATURE relay_local_from and relay_mail_from"}},
	},
	{
		MTAs: []string{"Sendmail"}, Vectors: []string{"percent-*"},
		Cause:  "FEATURE(`loose_relay_check') leaves the address behind the % unchecked.",
		Change: "Take the feature out and build sendmail.cf again.",
		Ways:   []Way{{Steps: []Step{{Run: "# sendmail.mc\ndnl FEATURE(`loose_relay_check')dnl"}}, Ref: "cf/README, FEATURE loose_relay_check"}},
	},
	{
		MTAs: []string{"Sendmail"}, Vectors: []string{"bang-*"},
		Cause:  "Sendmail still routes UUCP paths.",
		Change: "Refuse them, and build sendmail.cf again.",
		Ways:   []Way{{Steps: []Step{{Run: "# sendmail.mc\nFEATURE(`nouucp', `reject')dnl"}}, Ref: "cf/README, FEATURE nouucp"}},
	},
	{
		MTAs: []string{"Sendmail"}, Vectors: []string{"auth-anonymous"},
		Cause:  "TRUST_AUTH_MECH names ANONYMOUS, or the options of AUTH let it through.",
		Change: "Name the mechanisms with a password only, and add y to confAUTH_OPTIONS, which forbids anonymous ones.",
		Ways: []Way{{Steps: []Step{{Run: "# sendmail.mc\n" +
			"define(`confAUTH_OPTIONS', `A p y')dnl\n" +
			"TRUST_AUTH_MECH(`PLAIN LOGIN')dnl\n" +
			"define(`confAUTH_MECHANISMS', `PLAIN LOGIN')dnl"}}, Ref: "cf/README, SMTP authentication"}},
	},
}
