package fixes

const (
	smtpdRan    = "OpenSMTPD 6.8 of Debian 12"
	smtpdConf   = "/etc/smtpd.conf"
	lookAtMatch = `grep -nE '^ *(action|match|listen)' /etc/smtpd.conf   # OpenBSD: /etc/mail/smtpd.conf`
	loadSmtpd   = `smtpd -n && systemctl restart opensmtpd   # OpenBSD: rcctl restart smtpd`
	sinceMatch  = "Version 6.4 and newer"
)

// Before 6.4 a rule says itself what becomes of the mail, and whoever has logged in counts as local.
const (
	beforeMatch   = "Version 6.3 and older"
	lookAtAccept  = `grep -nE '^ *(accept|reject|listen)' /etc/smtpd.conf   # OpenBSD: /etc/mail/smtpd.conf`
	acceptTrusted = `# who has logged in is local; for clients see "from" in smtpd.conf(5)
accept from local for any relay`
	acceptRef = "smtpd.conf(5) of OpenBSD 6.3, accept"
)

// matchTrusted are the rules for those who may relay: programs of the server itself, listed clients, logins.
const matchTrusted = `# "relay" is the name of your own action
match from local for any action "relay"
match from src 192.0.2.10 for any action "relay"
match from any auth for any action "relay"`

const smtpdUsers = "Only programs of the server itself, the listed clients, and users who log in can send to other domains. Users need a listener with auth, as on port 587, or with auth-optional."

var opensmtpd = []Fix{
	{
		MTAs: []string{"OpenSMTPD"}, Vectors: plainForms,
		Cause:  "A rule relays from any for any, or from a src so wide that it takes this client in. A mail-from that is empty, or @ alone, is every sender. The first rule that matches decides.",
		Change: "Put rules for those who may relay in the place of that rule. It must go: a stricter one behind it is never reached. The search does not find a rule that names a table or a macro for its clients, goes over several lines or has another order: read all rules for any.",
		Users:  smtpdUsers,
		Ways: []Way{
			{
				When: sinceMatch,
				Look: lookAtMatch,
				Steps: []Step{{
					At: smtpdConf, Out: `^ *match +from +(any|src.*/[0-9]+)( +mail-from +"@?")? +for +any +act`,
					Lines: matchTrusted,
				}},
				Load: loadSmtpd,
				Ref:  "smtpd.conf(5), match",
				Run:  smtpdRan,
			},
			{
				When:  beforeMatch,
				Look:  lookAtAccept,
				Steps: []Step{{At: smtpdConf, Out: `^ *accept +from +any +for +any`, Lines: acceptTrusted}},
				Load:  loadSmtpd,
				Ref:   acceptRef,
				Read:  "2026-11-30",
			},
		},
	},
	{
		MTAs: []string{"OpenSMTPD"}, Vectors: append([]string{"subdomain-of-own"}, topDomains...),
		Cause:  "A rule relays from any for a domain with a wildcard, such as *.com, or one with *. before your own.",
		Change: "Name whole domains and hosts, in the rule or in the table or macro that it names.",
		Users:  "Mail for a domain or host that you relay to and that no rule names is refused.",
		Ways: []Way{{
			Look: lookAtMatch,
			Steps: []Step{{
				At: smtpdConf, Out: `^ *match .*for +domain .*"[*]`,
				Lines: `# the action of that rule stays: for mail that is delivered here it is another than "relay"
match from any for domain "example.org" action "relay"`,
			}},
			Load: loadSmtpd,
			Ref:  "smtpd.conf(5), match",
			Run:  smtpdRan,
		}},
	},
	{
		MTAs: []string{"OpenSMTPD"}, Vectors: ownSenders,
		Cause:  "A rule relays from any for this mail-from, which anybody can write.",
		Change: "Demand a login of these senders, and list clients that cannot log in.",
		Users:  smtpdUsers,
		Ways: []Way{
			{
				When: sinceMatch,
				Look: lookAtMatch,
				Steps: []Step{{
					At: smtpdConf, Out: `^ *match .*(mail-from .* for any|for any .*mail-from) .*action`,
					Lines: `# "relay" is the name of your own action
match from src 192.0.2.10 for any action "relay"
match from any auth mail-from "@example.org" for any action "relay"`,
				}},
				Load: loadSmtpd,
				Ref:  "smtpd.conf(5), match: mail-from, auth",
				Run:  smtpdRan,
			},
			{
				When:  beforeMatch,
				Look:  lookAtAccept,
				Steps: []Step{{At: smtpdConf, Out: `^ *accept +from +any +sender`, Lines: acceptTrusted}},
				Load:  loadSmtpd,
				Ref:   acceptRef,
				Read:  "2026-11-30",
			},
		},
	},
	{
		MTAs: []string{"OpenSMTPD"}, Vectors: heloNames,
		Cause:  "A rule relays from any for this helo, a name that anybody can give.",
		Change: "Put rules for those who may relay in the place of that rule.",
		Users:  smtpdUsers,
		Ways: []Way{{
			Look:  lookAtMatch,
			Steps: []Step{{At: smtpdConf, Out: `^ *match .*(helo .* for any|for any .*helo) .*action`, Lines: matchTrusted}},
			Load:  loadSmtpd,
			Ref:   "smtpd.conf(5), match: helo",
			Run:   smtpdRan,
		}},
	},
	{
		MTAs: []string{"OpenSMTPD"}, Vectors: []string{"proxy-*"},
		Cause:  "A listener with proxy-v2 is open to everybody. OpenSMTPD believes the header of any client on it.",
		Change: "Keep that listener for the proxy: on the loopback address where the proxy runs on this machine, else on an inner address that a firewall keeps for the proxy, 10.0.0.5.",
		Users:  "The proxy must be told the new address and port. Clients that come without a proxy need a listener without proxy-v2.",
		Ways: []Way{{
			Look: lookAtMatch,
			Steps: []Step{{
				At: smtpdConf, Out: `^ *listen .*proxy-v2`,
				Lines: `listen on 127.0.0.1 port 12525 proxy-v2`,
			}},
			Load: loadSmtpd,
			Ref:  "smtpd.conf(5), listen on: proxy-v2",
			Read: "2026-11-30",
		}},
	},
}
