package mtatest

// courier is Courier, which makes a stranger wait longer after every refusal.
var courier = []Config{
	{
		Name: "courier-closed", MTA: "courier", Verdict: Closed,
		About:   "Debian's Courier without its delays",
		Lines:   "TARPIT=0",
		Foreign: "513 Relaying denied.", Unknown: "550 User <nosuchuser> unknown", Postmaster: "513 Syntax error.",
	},
	{
		Name: "courier-tarpit", MTA: "courier", Verdict: Closed, Masked: "slow",
		About:   "Debian's Courier",
		Foreign: "513 Relaying denied.",
	},
	{
		Name: "courier-open", MTA: "courier", Verdict: Open,
		About:   "Courier whose access file makes every client one to relay for",
		Lines:   "TARPIT=0",
		Files:   map[string]string{"etc/courier/smtpaccess/default": "127\tallow,RELAYCLIENT\n"},
		Foreign: "250 Ok.", Unknown: "550 User <nosuchuser> unknown", Postmaster: "513 Syntax error.",
	},
}
