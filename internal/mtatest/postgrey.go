package mtatest

const (
	postgreyed       = "450 4.2.0 <b@receiver.test>: Recipient address rejected: Greylisted"
	postgreyedSender = "450 4.2.0 <a@sender.test>: Sender address rejected: Greylisted"
	asksGrey         = "check_policy_service unix:/run/postgrey/socket"
)

// postgrey is Postgrey beside Postfix. It wants to see a stranger again after two seconds, Debian's after
// five minutes.
var postgrey = []Config{
	{
		Name: "postgrey-open", MTA: "postfix", With: "postgrey", Verdict: Open, Masked: "greylisted",
		About:   "Postfix that relays everything but greylists it first",
		Lines:   allNetworks + "smtpd_recipient_restrictions = " + asksGrey,
		Foreign: postgreyed, Unknown: "450 4.2.0 <nosuchuser@local.test>: Recipient address rejected: Greylisted", Postmaster: postfixOk,
		Opens: append(plain("a@sender.test", "b@receiver.test"), "WAIT 3s", "RCPT TO:<b@receiver.test>"),
	},
	{
		Name: "postgrey-closed", MTA: "postfix", With: "postgrey", Verdict: Closed,
		About:   "Postfix that asks Postgrey first, and defers only what it would not refuse anyhow",
		Lines:   noNetworks + "smtpd_sender_restrictions = " + asksGrey,
		Foreign: postfixDenies, Unknown: postgreyedSender, Postmaster: postfixOk,
	},
	{
		Name: "postgrey-hides-closed", MTA: "postfix", With: "postgrey", Verdict: Closed, Masked: "greylisted",
		About:   "Postfix that asks Postgrey first, and defers at once",
		Lines:   noNetworks + "smtpd_sender_restrictions = " + asksGrey,
		Files:   map[string]string{"mta/options": "--greylist-action=DEFER\n"},
		Foreign: postgreyedSender, Unknown: postgreyedSender, Postmaster: postfixOk,
	},
}
