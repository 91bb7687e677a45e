package fixes

var sinks = []Fix{
	{
		MTAs:   testSinks,
		Cause:  "This is a test server. It accepts everything by design, and passes nothing on unless it was told to relay or release messages.",
		Change: "Bind it to loopback or to an inner network, so that strangers do not reach it, and leave relaying off.",
		Ways: []Way{{Steps: []Step{{Run: `# compose file
ports: ["127.0.0.1:1025:1025"]`}}}},
	},
	{
		MTAs:   []string{"go-smtp"},
		Cause:  "This is a program built on a Go library for mail servers. It accepts what its own code accepts: a test server takes everything by design, any other has no relay check.",
		Change: "Bind a test server to loopback. In any other, refuse recipients of foreign domains in Session.Rcpt unless the client has logged in.",
		Ways: []Way{{Steps: []Step{{Run: `func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
    if !s.loggedIn && !isOurs(to) {
        return &smtp.SMTPError{Code: 550, Message: "relaying denied"}
    }`}}}},
	},
}

var testSinks = []string{"Mailpit", "MailHog", "smtp4dev", "GreenMail", "MailCatcher", "Papercut", "Inbucket", "aiosmtpd"}
