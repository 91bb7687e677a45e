package mtatest

// What OpenSMTPD says to strangers. Its rules do not know bare names, so that postmaster without a
// domain is one of the host's name, which the usual rules do not mention.
const (
	opensmtpdDenies     = "550 Invalid recipient: <b@receiver.test>"
	opensmtpdUnknown    = "550 Invalid recipient: <nosuchuser@local.test>"
	opensmtpdPostmaster = "550 Invalid recipient: <postmaster@mx.local.test>"
	opensmtpdOk         = "250 2.1.5 Destination address valid: Recipient ok"
)

// opensmtpdListen is the line by which OpenSMTPD listens, opensmtpdLocal its rule for its own mail.
const (
	opensmtpdListen = "listen on {{.IP}} port {{.Addr.Port}}\n"
	opensmtpdLocal  = "match from any for domain \"local.test\" action \"local\"\n"
)

// opensmtpd is OpenSMTPD with the rules people write.
var opensmtpd = []Config{
	{
		Name: "opensmtpd-closed", MTA: "opensmtpd", Verdict: Closed,
		About:   "OpenSMTPD that takes mail for its own domain",
		Lines:   opensmtpdListen + opensmtpdLocal,
		Foreign: opensmtpdDenies, Unknown: opensmtpdUnknown, Postmaster: opensmtpdPostmaster,
	},
	{
		Name: "opensmtpd-local", MTA: "opensmtpd", Verdict: Closed,
		About:   "OpenSMTPD that takes mail for its own domain and its own name",
		Lines:   opensmtpdListen + opensmtpdLocal + "match from any for local action \"local\"",
		Foreign: opensmtpdDenies, Unknown: opensmtpdUnknown, Postmaster: opensmtpdOk,
	},
	{
		Name: "opensmtpd-open", MTA: "opensmtpd", Verdict: Open,
		About:   "OpenSMTPD that relays from anywhere to anywhere",
		Lines:   opensmtpdListen + opensmtpdLocal + `match from any for any action "relay"`,
		Foreign: opensmtpdOk, Unknown: opensmtpdUnknown, Postmaster: opensmtpdOk,
	},
	{
		Name: "opensmtpd-sender-domain", MTA: "opensmtpd", Verdict: Open, Vector: "sender-own-domain",
		About:   "OpenSMTPD that relays for senders of its own domain",
		Lines:   opensmtpdListen + opensmtpdLocal + `match from any mail-from "@local.test" for any action "relay"`,
		Foreign: opensmtpdDenies, Unknown: opensmtpdUnknown, Postmaster: opensmtpdPostmaster,
		Opens: plain("a@local.test", "b@receiver.test"),
	},
	{
		Name: "opensmtpd-helo-host", MTA: "opensmtpd", Verdict: Open, Vector: "helo-own-host",
		About:   "OpenSMTPD that relays for whoever greets with its own name",
		Lines:   opensmtpdListen + opensmtpdLocal + `match from any helo "mx.local.test" for any action "relay"`,
		Foreign: opensmtpdDenies, Unknown: opensmtpdUnknown, Postmaster: opensmtpdPostmaster,
		Opens: []string{"EHLO mx.local.test", "MAIL FROM:<a@sender.test>", "RCPT TO:<b@receiver.test>"},
	},
	{
		Name: "opensmtpd-proxy", MTA: "opensmtpd", Verdict: Open, Vector: "proxy-v2", Masked: "no-banner",
		About: "OpenSMTPD that expects a proxy before it and is reached without one",
		Lines: "listen on {{.IP}} port {{.Addr.Port}} proxy-v2\n" +
			opensmtpdLocal + `match from src 127.0.0.1 for any action "relay"`,
		Silent: true,
		Opens:  append([]string{"PROXY 2 127.0.0.1"}, plain("a@sender.test", "b@receiver.test")...),
	},
	{
		Name: "opensmtpd-catchall", MTA: "opensmtpd", Verdict: Closed, Masked: "suspect-form-accepted",
		About: "OpenSMTPD that takes any local part of its domain for one mailbox",
		Lines: opensmtpdListen + "action \"catchall\" maildir virtual { \"@local.test\" = alice }\n" +
			"match from any for domain \"local.test\" action \"catchall\"",
		Foreign: opensmtpdDenies, Unknown: opensmtpdOk, Postmaster: opensmtpdPostmaster,
	},
}
