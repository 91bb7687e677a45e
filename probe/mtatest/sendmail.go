package mtatest

// What Sendmail says to strangers, as far as its configurations share it.
const (
	sendmailDenies  = "550 5.7.1 <b@receiver.test>... Relaying denied"
	sendmailUnknown = "550 5.1.1 <nosuchuser@local.test>... User unknown"
	sendmailOk      = "250 2.1.5 "
)

// sendmail is Debian's Sendmail, and the features that once were its defaults.
var sendmail = []Config{
	{
		Name: "sendmail-closed", MTA: "sendmail", Verdict: Closed,
		About:   "Debian's Sendmail",
		Foreign: sendmailDenies, Unknown: sendmailUnknown, Postmaster: sendmailOk,
	},
	{
		Name: "sendmail-promiscuous", MTA: "sendmail", Verdict: Open,
		About:   "Sendmail that relays everything, as it did by default until 1998",
		Lines:   "FEATURE(`promiscuous_relay')dnl",
		Foreign: sendmailOk, Unknown: sendmailUnknown, Postmaster: sendmailOk,
	},
	{
		Name: "sendmail-local-from", MTA: "sendmail", Verdict: Open, Vector: "sender-own-domain",
		About:   "Sendmail that relays for senders of its own domain",
		Lines:   "FEATURE(`relay_local_from')dnl",
		Foreign: sendmailDenies, Unknown: sendmailUnknown, Postmaster: sendmailOk,
		Opens: plain("a@local.test", "b@receiver.test"),
	},
	{
		Name: "sendmail-mail-from", MTA: "sendmail", Verdict: Open, Vector: "sender-own-domain",
		About:   "Sendmail that relays for the senders of its access table",
		Lines:   "FEATURE(`relay_mail_from', `domain')dnl",
		Files:   map[string]string{"etc/mail/access": "From:local.test\tRELAY\n"},
		Foreign: sendmailDenies, Unknown: sendmailUnknown, Postmaster: sendmailOk,
		Opens: plain("a@local.test", "b@receiver.test"),
	},
	{
		Name: "sendmail-loose", MTA: "sendmail", Verdict: Closed,
		About:   "Sendmail that takes a look only at the last of a route's domains",
		Lines:   "FEATURE(`loose_relay_check')dnl",
		Foreign: sendmailDenies, Unknown: sendmailUnknown, Postmaster: sendmailOk,
	},
}
