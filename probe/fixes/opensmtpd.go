package fixes

var opensmtpd = []Fix{
	{
		MTAs: []string{"OpenSMTPD"}, Vectors: []string{"plain"},
		Cause:  "A rule such as match from any for any action \"relay\" lets everybody send everywhere. Before version 6.4 it is written accept from any for any relay.",
		Change: "Relay from local and for those who log in.",
		Ways: []Way{{Steps: []Step{{Run: `# smtpd.conf
match from any for domain "example.org" action "local"
match from local for any action "relay"
match from any auth for any action "relay"
# then
smtpd -n`}}, Ref: "smtpd.conf(5), match"}},
	},
	{
		MTAs: []string{"OpenSMTPD"}, Vectors: append([]string{"null-sender"}, ownSenders...),
		Cause:  "A rule with mail-from relays from any for this sender, which anybody can write.",
		Change: "Demand a login in that rule: put auth in place of mail-from, or beside it.",
		Ways: []Way{{Steps: []Step{{Run: `# smtpd.conf
match from any auth mail-from "@example.org" for any action "relay"
# then
smtpd -n`}}, Ref: "smtpd.conf(5), match: mail-from, auth"}},
	},
	{
		MTAs: []string{"OpenSMTPD"}, Vectors: heloNames,
		Cause:  "A rule with helo relays from any for this name, which anybody can give.",
		Change: "Take the rule out, and relay from local and for those who log in.",
		Ways: []Way{{Steps: []Step{{Run: `# smtpd.conf
match from local for any action "relay"
match from any auth for any action "relay"
# then
smtpd -n`}}, Ref: "smtpd.conf(5), match: helo"}},
	},
	{
		MTAs: []string{"OpenSMTPD"}, Vectors: []string{"proxy-*"},
		Cause:  "A listener with proxy-v2 is open to everybody, and believes the header of any client.",
		Change: "Let it listen on an inner address that only the proxy reaches.",
		Ways: []Way{{Steps: []Step{{Run: `# smtpd.conf
listen on 10.0.0.5 port 10025 proxy-v2`}}, Ref: "smtpd.conf(5), listen on"}},
	},
}
