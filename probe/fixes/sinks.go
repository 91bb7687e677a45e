package fixes

var sinks = []Fix{
	{
		MTAs:   testSinks,
		Cause:  "This is a test server. It accepts everything by design, and passes nothing on unless it was told to relay or release messages.",
		Change: "Bind it to loopback or to an inner network, so that strangers do not reach it, and leave relaying off.",
		Ways: []Way{{Steps: []Step{{Run: `# compose file
ports: ["127.0.0.1:1025:1025"]`}}}},
	},
}

var testSinks = []string{"Mailpit", "MailHog", "smtp4dev", "GreenMail", "MailCatcher", "Papercut", "Inbucket", "aiosmtpd"}
