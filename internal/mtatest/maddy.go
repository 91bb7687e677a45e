package mtatest

// What maddy says to strangers, as its own first configuration has it. Behind it stands the id of the message.
const (
	maddyDenies  = "550 5.1.1 User doesn't exist (msg ID = "
	maddyUnknown = "501 5.1.1 User does not exist (msg ID = "
	maddyOk      = "250 2.0.0 I'll make sure <b@receiver.test> gets this"
	maddyNoName  = "501 5.5.2 Was expecting RCPT arg syntax of TO:<address>" // it wants a domain
)

// What its endpoint on port 25 may do with mail for other domains.
const (
	maddyRejects = `reject 550 5.1.1 "User doesn't exist"`
	maddyRelays  = "deliver_to &remote_queue"
)

// maddyOwnSenders sends its own users to the port where they log in.
const maddyOwnSenders = `    source $(local_domains) {
        reject 501 5.1.8 "Use Submission for outgoing SMTP"
    }
`

// maddy is maddy, which is told block by block where mail goes.
var maddy = []Config{
	{
		Name: "maddy-closed", MTA: "maddy", Verdict: Closed,
		About:   "maddy as it comes, that takes mail for its own domain",
		Lines:   maddyOwnSenders + maddyBlock("default_source", maddyRejects),
		Foreign: maddyDenies, Postmaster: maddyNoName, Unknown: maddyUnknown,
	},
	{
		Name: "maddy-open", MTA: "maddy", Verdict: Open,
		About:   "maddy whose endpoint on port 25 puts mail for all other domains into the remote queue",
		Lines:   maddyOwnSenders + maddyBlock("default_source", maddyRelays),
		Foreign: maddyOk, Postmaster: maddyNoName, Unknown: maddyUnknown,
	},
	{
		Name: "maddy-sender-domain", MTA: "maddy", Verdict: Open, Vector: "sender-own-domain",
		About:   "maddy that sends whatever has a sender of its own domain, without a login",
		Lines:   maddyBlock("source $(local_domains)", maddyRelays) + maddyBlock("default_source", maddyRejects),
		Foreign: maddyDenies, Postmaster: maddyNoName, Unknown: maddyUnknown,
		Opens: plain("a@local.test", "b@receiver.test"),
	},
}

// maddyBlock takes mail of some senders for its own domain, and says what becomes of the rest of it.
func maddyBlock(senders, rest string) string {
	return "    " + senders + ` {
        destination postmaster $(local_domains) {
            deliver_to &local_routing
        }
        default_destination {
            ` + rest + `
        }
    }
`
}
