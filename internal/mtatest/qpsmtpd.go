package mtatest

// qpsmtpd is qpsmtpd before a Postfix on the same machine. It knows domains, but no users.
var qpsmtpd = []Config{
	{
		Name: "qpsmtpd-closed", MTA: "postfix", With: "qpsmtpd", Verdict: Closed, Masked: "suspect-form-accepted",
		About:   "qpsmtpd before a Postfix that trusts it no more than others",
		Lines:   noNetworks,
		Files:   map[string]string{"etc/postfix/master.d/smtp": behind},
		Foreign: "550", Unknown: "250",
	},
	{
		Name: "qpsmtpd-open", MTA: "postfix", With: "qpsmtpd", Verdict: Open,
		About:   "qpsmtpd whose relayclients are a whole network",
		Lines:   "mynetworks = 127.0.0.1/32",
		Files:   map[string]string{"etc/postfix/master.d/smtp": behind, "etc/qpsmtpd/relayclients": "127.0.0.\n"},
		Foreign: "250", Unknown: "250",
	},
	{
		Name: "qpsmtpd-percent", MTA: "postfix", With: "qpsmtpd", Verdict: Open, Vector: "percent-own-domain", Masked: "suspect-form-accepted",
		About:   "qpsmtpd before a Postfix that trusts it, and takes user%domain@local.test apart for it",
		Lines:   "mynetworks = 127.0.0.1/32",
		Files:   map[string]string{"etc/postfix/master.d/smtp": behind},
		Foreign: "550", Unknown: "250",
		Opens: plain("a@sender.test", "b%receiver.test@local.test"),
	},
	{
		Name: "qpsmtpd-bang", MTA: "postfix", With: "qpsmtpd", Verdict: Open, Vector: "bang-own-domain", Masked: "suspect-form-accepted",
		About:   "qpsmtpd before a Postfix that trusts it, follows bang paths only, and takes all else for names of one mailbox",
		Lines:   "mynetworks = 127.0.0.1/32\nallow_percent_hack = no\nresolve_dequoted_address = no\n" + catchAll,
		Files:   map[string]string{"etc/postfix/master.d/smtp": behind},
		Foreign: "550", Unknown: "250",
		Opens: plain("a@sender.test", "receiver.test!b@local.test"),
	},
}
