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
		Name: "sendmail-relays-own", MTA: "sendmail", Verdict: Closed, Masked: "suspect-form-accepted",
		About:   "Sendmail that relays to its own domain and so to all names below it, where its resolver looks for every name",
		Lines:   "RELAY_DOMAIN(`local.test')dnl",
		Foreign: sendmailDenies, Unknown: sendmailUnknown, Postmaster: sendmailOk,
	},
	{
		Name: "sendmail-loose", MTA: "sendmail", Verdict: Closed,
		About:   "Sendmail that takes a look only at the last of a route's domains",
		Lines:   "FEATURE(`loose_relay_check')dnl",
		Foreign: sendmailDenies, Unknown: sendmailUnknown, Postmaster: sendmailOk,
	},
}

// sendmailRules is Sendmail with a rule for recipients as administrators wrote them by hand before
// Sendmail had a relay check of its own. Each accepts one old form, with or without a name of its own
// in it; Sendmail then reads in the address what it has always read there.
var sendmailRules = []Config{
	accepts("sendmail-route-domain", "route-own-domain", "<@local.test:$*>", "<@local.test:b@receiver.test>"),
	accepts("sendmail-route-host", "route-own-host", "<@mx.local.test:$*>", "<@mx.local.test:b@receiver.test>"),
	accepts("sendmail-route-literal", "route-own-literal", "<@[{{.IP}}]:$*>", "<@[{{.IP}}]:b@receiver.test>"),
	accepts("sendmail-route-two-hops", "route-two-hops", "<@$=w,$*>", "<@mx.local.test,@local.test:b@receiver.test>"),
	accepts("sendmail-last-domain", "percent-own-domain", "<$*@local.test>", "<b%receiver.test@local.test>"),
	accepts("sendmail-one-token", "quoted-bare", "<$->", `<"b@receiver.test">`),
	accepts("sendmail-canonical", "trailing-dot", "<$*@$*.>", "<b@receiver.test.>"),
	accepts("sendmail-no-brackets", "no-brackets", "$-@$-.$-", "b@receiver.test"),
}

// accepts is a row for Sendmail with a rule that accepts recipients of one form. It does not make the
// tester wait, as Debian's does.
func accepts(name, vector, form, rcpt string) Config {
	return Config{
		Name: name, MTA: "sendmail", Verdict: Open, Vector: vector,
		About: "Sendmail whose administrator accepts " + form + " by a rule of his own",
		Lines: "define(`confBAD_RCPT_THROTTLE', `0')dnl\n" +
			"LOCAL_RULESETS\nSLocal_check_rcpt\nR" + form + "\t$#OK\n",
		Files:   map[string]string{"etc/mail/access": "GreetPause:127\t0\n"},
		Foreign: sendmailDenies, Postmaster: sendmailOk,
		Opens: []string{"EHLO stranger.test", "MAIL FROM:<a@sender.test>", "RCPT TO:" + rcpt},
	}
}
