package fixes

const (
	sendmailRan     = "Sendmail 8.17 of Debian 12"
	cfReadme        = "cf/README, ANTI-SPAM CONFIGURATION CONTROL"
	buildAccess     = "makemap hash /etc/mail/access </etc/mail/access"
	restartSendmail = "systemctl restart sendmail"
	shortAddress    = `([0-9]+\.?){1,3}|IPv6:([^:]+:?){1,7}` // stands for all that begin with it
	relays          = `[[:blank:]]+..[Ll]`                   // RELAY in the access table, in letters of any size
	endOfLine       = `[[:blank:]]*(#.*)?$`                  // in relay-domains
	lookAtSendmail  = `grep -rnEi 'relay|access_db' /etc/mail --include='*.m[c4]'   # what it includes, too
grep -ni relay /etc/mail/access
echo '$=R' | sendmail -bt   # what relay-domains and RELAY_DOMAIN hold
` + editedByHand
	editedByHand = `m4 /etc/mail/sendmail.mc | diff - /etc/mail/sendmail.cf   # more than a date: edited by hand`
)

// buildSendmailCf makes sendmail.cf of sendmail.mc again. The daemon reads it when it starts. The file keeps its owner and
// mode: whoever sends mail from the shell must be able to read it.
const buildSendmailCf = `m4 /etc/mail/sendmail.mc >/etc/mail/sendmail.cf.new &&
  sendmail -C /etc/mail/sendmail.cf.new -bt </dev/null &&
  cp -p /etc/mail/sendmail.cf /etc/mail/sendmail.cf.old &&
  cp /etc/mail/sendmail.cf.new /etc/mail/sendmail.cf &&
  ` + restartSendmail + `
# FreeBSD: the file is /etc/mail/HOSTNAME.mc, and this is make -C /etc/mail all install restart`

// sendmailRelays gives hosts leave to relay, where the access table is in use. It is a command, since makemap takes no
// line that begins with a space, and none twice.
var (
	sendmailRelays = Step{Run: "# without access_db in sendmail.mc: 192.0.2.10 goes into /etc/mail/relay-domains\n" +
		addAccess("Connect:192.0.2.10")}
	sendmailRelaysTo = Step{Run: addAccess("To:example.org")}
)

func addAccess(key string) string {
	return "grep -q '^" + key + "[[:blank:]]' /etc/mail/access ||\n  echo '" + key + " RELAY' >>/etc/mail/access"
}

// sendmailRule takes a rule out that administrators wrote by hand, as they did before Sendmail had a relay check.
var sendmailRule = Way{
	When: "Where a rule of your own stands below SLocal_check_rcpt",
	Look: `grep -nE -A 20 '^SLocal_check_rcpt' /etc/mail/sendmail.mc
` + editedByHand,
	Steps: []Step{{Run: `# $#OK ends all checks: take the rules with it out of this ruleset
sed -i.old '/^SLocal_check_rcpt/,/^S/{/[$]#[[:space:]]*[Oo][Kk]/d;}' /etc/mail/sendmail.mc`}},
	Load: buildSendmailCf,
	Ref:  cfReadme,
	Run:  sendmailRan,
}

var sendmail = []Fix{
	{
		MTAs: []string{"Sendmail"}, Vectors: plainForms,
		Cause:  "Usually FEATURE(`promiscuous_relay'), which takes the relay check away, or RELAY for a short address such as 10 in the access table or in relay-domains, which takes this client in. FEATURE(`relay_entire_domain') trusts every host whose name ends in the server's domain. Else a rule of your own answers $#OK.",
		Change: "Take the feature or the rule out, and give RELAY to whole addresses only.",
		Users:  "Programs and devices whose addresses are not listed can send to your own domains only, until they log in.",
		Ways: []Way{
			{
				When:  "Where sendmail.mc has promiscuous_relay or relay_entire_domain",
				Look:  lookAtSendmail,
				Steps: []Step{{At: "/etc/mail/sendmail.mc", Out: "promiscuous_relay|relay_entire_domain"}, sendmailRelays},
				Load:  buildAccess + "\n" + buildSendmailCf,
				Ref:   cfReadme,
				Run:   sendmailRan,
			},
			{
				When: "Where the access table gives RELAY to a short address",
				Steps: []Step{
					{At: "/etc/mail/access", Out: `^(.onnect:)?(` + shortAddress + `)` + relays},
					sendmailRelays,
				},
				Load: buildAccess,
				Ref:  cfReadme,
				Run:  sendmailRan,
			},
			{
				When: "Where relay-domains holds a short address",
				Steps: []Step{{
					At: "/etc/mail/relay-domains", Out: `^(` + shortAddress + `)` + endOfLine,
					Lines: "192.0.2.10",
				}},
				Load: restartSendmail,
				Ref:  cfReadme,
				Run:  sendmailRan,
			},
			sendmailRule,
		},
	},
	{
		MTAs: []string{"Sendmail"}, Vectors: topDomains,
		Cause:  "The access table or relay-domains holds a top-level domain, and with it everything below.",
		Change: "List whole domains.",
		Users:  "Mail for a domain that you relay to and that is not listed is refused.",
		Ways: []Way{
			{
				When: "Where it stands in the access table",
				Look: lookAtSendmail,
				Steps: []Step{
					{At: "/etc/mail/access", Out: `^([Tt]o:)?[.]?[A-Za-z]+` + relays},
					sendmailRelaysTo,
				},
				Load: buildAccess,
				Ref:  cfReadme,
				Run:  sendmailRan,
			},
			{
				When:  "Where it stands in relay-domains",
				Steps: []Step{{At: "/etc/mail/relay-domains", Out: `^[.]?[A-Za-z]+` + endOfLine, Lines: "example.org"}},
				Load:  restartSendmail,
				Ref:   cfReadme,
				Run:   sendmailRan,
			},
		},
	},
	{
		MTAs: []string{"Sendmail"}, Vectors: ownSenders,
		Cause:  "FEATURE(`relay_local_from') relays for every sender of a local domain, and FEATURE(`relay_mail_from') for the senders that the access table names. Else a rule of your own answers $#OK for the sender. All believe an address that anybody can write.",
		Change: "Take the features or the rule out, and give RELAY to the addresses of clients.",
		Users:  "Users who send from addresses that are not listed have to log in.",
		Ways: []Way{
			{
				When:  "Where sendmail.mc has relay_local_from or relay_mail_from",
				Look:  lookAtSendmail,
				Steps: []Step{{At: "/etc/mail/sendmail.mc", Out: "relay_(local|mail)_from"}, sendmailRelays},
				Load:  buildAccess + "\n" + buildSendmailCf,
				Ref:   cfReadme,
				Run:   sendmailRan,
			},
			sendmailRule,
		},
	},
	{
		MTAs: []string{"Sendmail"}, Vectors: []string{"percent-*", "quoted-*", "bang-*"},
		Cause:  "Usually FEATURE(`loose_relay_check'), with a last domain that Sendmail relays to and does not deliver: that of a gateway, a backup MX, a virtual domain. The server behind it, or an entry of virtusertable for a whole domain, then follows the rest of the address. With FEATURE(`nouucp', `nospecial') the form with ! is a local name here, and a path for the mail hub.",
		Change: "Take loose_relay_check out. It opens all three forms, and nouucp closes no more than the one with !. Where nouucp is used, let it reject.",
		Users:  "Mail to users behind UUCP or another network, who are named by such addresses, is refused.",
		Ways: []Way{
			{
				When: "Where sendmail.mc has loose_relay_check",
				Look: `grep -rnE 'loose_relay_check|nouucp|Local_check_rcpt' /etc/mail --include='*.m[c4]'
` + editedByHand,
				Steps: []Step{{At: "/etc/mail/sendmail.mc", Out: "loose_relay_check"}},
				Load:  buildSendmailCf,
				Ref:   cfReadme,
				Run:   sendmailRan,
			},
			{
				When:  "Where it has nouucp with nospecial",
				Steps: []Step{{At: "/etc/mail/sendmail.mc", Out: "nouucp.*nospecial", Lines: "FEATURE(`nouucp', `reject')dnl", Flush: true}},
				Load:  buildSendmailCf,
				Ref:   cfReadme,
				Run:   sendmailRan,
			},
			sendmailRule,
		},
	},
	{
		MTAs: []string{"Sendmail"}, Vectors: append([]string{"route-*", "trailing-dot", "no-brackets"}, heloNames...),
		Cause:  "Usually a rule of your own: one below SLocal_check_rcpt answers $#OK for this form or this HELO name, and then nothing more is checked.",
		Change: "Take the rule out. Sendmail's own relay check reads all of these forms.",
		Users:  "Clients for whom the rule was written have to log in, or need RELAY for their address in the access table.",
		Ways:   []Way{sendmailRule},
	},
	{
		MTAs: []string{"Sendmail"}, Vectors: []string{"subdomain-of-own", "trailing-at"},
		Cause:  "relay-domains, RELAY_DOMAIN or the access table names a domain, and with it every name below. The resolver makes such a name of one that ends in an @, too.",
		Change: "Take the domain out if the mail is delivered here: local-host-names is enough. Else let an entry stand for one name only.",
		Users:  "Mail for names below a listed domain, and from clients with such names, is refused. List each of them.",
		Ways: []Way{{
			Look:  lookAtSendmail,
			Steps: []Step{{At: "/etc/mail/sendmail.mc", Below: "^OSTYPE", Lines: "FEATURE(`relay_hosts_only')dnl", Flush: true}},
			Load:  buildSendmailCf,
			Ref:   cfReadme,
			Run:   sendmailRan,
		}},
	},
	{
		MTAs: []string{"Sendmail"}, Vectors: []string{"auth-anonymous"},
		Cause:  "TRUST_AUTH_MECH names ANONYMOUS, and whoever has logged in by a mechanism of that list may relay.",
		Change: "Take ANONYMOUS out of the list, and add y to confAUTH_OPTIONS, beside the letters that stand there: it forbids logins without a name.",
		Users:  "Programs that log in without a name need one, with a password. Whoever logs in by CRAM-MD5 or by another mechanism than PLAIN and LOGIN needs it in the list.",
		Ways: []Way{{
			Look: `grep -rnE 'AUTH_(MECH|OPTIONS)' /etc/mail --include='*.m[c4]'   # change it where it is
` + editedByHand,
			Steps: []Step{{
				At: "/etc/mail/sendmail.mc", Out: "TRUST_AUTH_MECH|confAUTH_(MECHANISMS|OPTIONS)",
				Lines: "dnl with the letters and the other mechanisms that stood there, without ANONYMOUS\n" +
					"define(`confAUTH_OPTIONS', `A y')dnl\n" +
					"define(`confAUTH_MECHANISMS', `PLAIN LOGIN')dnl\n" +
					"TRUST_AUTH_MECH(`PLAIN LOGIN')dnl",
				Flush: true,
			}},
			Load: buildSendmailCf,
			Ref:  "cf/README, SMTP AUTHENTICATION",
			Run:  sendmailRan,
		}},
	},
}
