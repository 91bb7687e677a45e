package mtatest

// aiosmtpd is the server that Python programs are built on, and test sinks.
var aiosmtpd = []Config{
	{
		Name: "aiosmtpd-sink", MTA: "aiosmtpd", Verdict: Sink,
		About:   "aiosmtpd as a sink for tests",
		Foreign: "250 OK", Unknown: "250 OK",
	},
	{
		Name: "aiosmtpd-closed", MTA: "aiosmtpd", Verdict: Closed, Masked: "suspect-form-accepted",
		About:   "aiosmtpd with the recipient check of its manual, which knows no users",
		Files:   map[string]string{"mta/class": "handler.CheckedSink\n"},
		Foreign: "550 not relaying to that domain", Unknown: "250 OK",
	},
	{
		Name: "aiosmtpd-open", MTA: "postfix", With: "aiosmtpd", Verdict: Open,
		About:   "Debian's Postfix, that trusts loopback, behind a filter written with aiosmtpd",
		Lines:   "mynetworks = 127.0.0.1/32",
		Files:   map[string]string{"etc/postfix/master.d/smtp": behind, "mta/class": "handler.OpenProxy\n"},
		Foreign: "250 OK", Unknown: "250 OK",
	},
	{
		Name: "aiosmtpd-percent", MTA: "postfix", With: "aiosmtpd", Verdict: Open, Vector: "percent-own-domain", Masked: "suspect-form-accepted",
		About:   "the same Postfix behind a filter with the recipient check of aiosmtpd's manual",
		Lines:   "mynetworks = 127.0.0.1/32",
		Files:   map[string]string{"etc/postfix/master.d/smtp": behind, "mta/class": "handler.CheckedProxy\n"},
		Foreign: "550 not relaying to that domain", Unknown: "250 OK",
		Opens: plain("a@sender.test", "b%receiver.test@local.test"),
	},
}
