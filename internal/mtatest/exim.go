package mtatest

// What Exim says to strangers, as far as its configurations share it.
const (
	eximDenies  = "550 relay not permitted"
	eximUnknown = "550 Unrouteable address"
	eximOk      = "250 Accepted"
)

// eximNoNetworks makes Exim take every tester for a stranger; Debian would trust 127.0.0.1.
const eximNoNetworks = "MAIN_RELAY_NETS = 127.255.255.254\n"

// exim is Debian's Exim for an internet site, and what administrators put into its template.
var exim = []Config{
	{
		Name: "exim-closed", MTA: "exim", Verdict: Closed,
		About:   "Debian's Exim for an internet site, that does not trust loopback",
		Lines:   eximNoNetworks,
		Foreign: eximDenies, Unknown: eximUnknown, Postmaster: eximOk,
	},
	{
		Name: "exim-open", MTA: "exim", Verdict: Open,
		About:   "Exim that relays for every host, and then verifies no recipient either",
		Lines:   "MAIN_RELAY_NETS = *",
		Foreign: eximOk, Unknown: eximOk, Postmaster: eximOk,
	},
	{
		Name: "exim-relays-com", MTA: "exim", Verdict: Open, Vector: "plain-com",
		About:   "Exim that relays to a whole top-level domain",
		Lines:   eximNoNetworks + "MAIN_RELAY_TO_DOMAINS = *.com",
		Foreign: eximDenies, Unknown: eximUnknown, Postmaster: eximOk,
		Opens: plain("a@sender.test", "b@example.com"),
	},
	{
		Name: "exim-sender-domain", MTA: "exim", Verdict: Open, Vector: "sender-own-domain",
		About:   "Exim that relays for senders of its own domain",
		Lines:   eximNoNetworks,
		Files:   map[string]string{"mta/acl": "  accept senders = *@local.test\n"},
		Foreign: eximDenies, Unknown: eximUnknown, Postmaster: eximOk,
		Opens: plain("a@local.test", "b@receiver.test"),
	},
	{
		Name: "exim-sender-null", MTA: "exim", Verdict: Open, Vector: "null-sender",
		About:   "Exim that lets bounces through to everywhere",
		Lines:   eximNoNetworks,
		Files:   map[string]string{"mta/acl": "  accept senders = :\n"},
		Foreign: eximDenies, Unknown: eximUnknown, Postmaster: eximOk,
		Opens: plain("", "b@receiver.test"),
	},
	{
		Name: "exim-helo-host", MTA: "exim", Verdict: Open, Vector: "helo-own-host",
		About:   "Exim that relays for whoever greets with its own name",
		Lines:   eximNoNetworks,
		Files:   map[string]string{"mta/acl": "  accept condition = ${if eq{$sender_helo_name}{mx.local.test}}\n"},
		Foreign: eximDenies, Unknown: eximUnknown, Postmaster: eximOk,
		Opens: []string{"EHLO mx.local.test", "MAIL FROM:<a@sender.test>", "RCPT TO:<b@receiver.test>"},
	},
	{
		Name: "exim-helo-verb", MTA: "exim", Verdict: Open, Vector: "helo-verb",
		About:   "Exim that relays for scanners and printers, which it knows by their HELO",
		Lines:   eximNoNetworks,
		Files:   map[string]string{"mta/acl": "  accept condition = ${if eq{$received_protocol}{smtp}}\n"},
		Foreign: eximDenies, Unknown: eximUnknown, Postmaster: eximOk,
		Opens: []string{"HELO stranger.test", "MAIL FROM:<a@sender.test>", "RCPT TO:<b@receiver.test>"},
	},
	{
		Name: "exim-same-domain", MTA: "exim", Verdict: Open, Vector: "same-domain",
		About:   "Exim that relays within any one domain",
		Lines:   eximNoNetworks,
		Files:   map[string]string{"mta/acl": "  accept condition = ${if eq{$sender_address_domain}{$domain}}\n"},
		Foreign: eximDenies, Unknown: eximUnknown, Postmaster: eximOk,
		Opens: plain("a@receiver.test", "b@receiver.test"),
	},
	{
		Name: "exim-second-recipient", MTA: "exim", Verdict: Open, Vector: "second-recipient",
		About:   "Exim that asks no more once it has accepted a recipient",
		Lines:   eximNoNetworks,
		Files:   map[string]string{"mta/acl": "  accept condition = ${if >{$recipients_count}{0}}\n"},
		Foreign: eximDenies, Unknown: eximOk, Postmaster: eximOk,
		Opens: append(plain("a@sender.test", "alice@local.test"), "RCPT TO:<b@receiver.test>"),
	},
	{
		Name: "exim-percent", MTA: "exim", Verdict: Open, Vector: "percent-own-domain",
		About:   "Exim with a router for user%domain@local.test, and without Debian's guard against it",
		Lines:   eximNoNetworks + "CHECK_RCPT_LOCAL_LOCALPARTS = ^[.]",
		Files:   map[string]string{"mta/routers": eximSink + eximPercent},
		Foreign: eximDenies, Unknown: eximUnknown, Postmaster: eximOk,
		Opens: plain("a@sender.test", "b%receiver.test@local.test"),
	},
	{
		Name: "exim-percent-closed", MTA: "exim", Verdict: Closed,
		About:   "the same router behind Debian's guard",
		Lines:   eximNoNetworks,
		Files:   map[string]string{"mta/routers": eximSink + eximPercent},
		Foreign: eximDenies, Unknown: eximUnknown, Postmaster: eximOk,
	},
	{
		Name: "exim-percent-local", MTA: "exim", Verdict: Closed, Masked: "suspect-form-accepted",
		About: "Exim that accepts any local part, foreign%users among them, for one mailbox",
		Lines: eximNoNetworks + "CHECK_RCPT_LOCAL_LOCALPARTS = ^[.]",
		Files: map[string]string{"mta/routers": eximSink + `
catchall:
  driver = redirect
  domains = +local_domains
  local_parts = ! alice
  data = alice@local.test
`},
		Foreign: eximDenies, Unknown: eximOk, Postmaster: eximOk,
	},
	{
		Name: "exim-auth-any", MTA: "exim", Verdict: Open, Vector: "auth-any",
		About: "Exim whose login says yes to every name and password",
		Lines: eximNoNetworks,
		Files: map[string]string{"mta/authenticators": `
anyone:
  driver = plaintext
  public_name = PLAIN
  server_condition = yes
  server_set_id = $auth2
`},
		Foreign: eximDenies, Unknown: eximUnknown, Postmaster: eximOk,
		Opens: []string{"EHLO stranger.test", "AUTH PLAIN AG5vYm9keQBub3RoaW5n",
			"MAIL FROM:<a@sender.test>", "RCPT TO:<b@receiver.test>"},
	},
	{
		Name: "exim-users", MTA: "exim", Verdict: Closed,
		About: "Exim that relays for alice, who logs in over TLS",
		Lines: eximNoNetworks + "MAIN_TLS_ENABLE = yes\nMAIN_TLS_CERTIFICATE = /etc/ssl/mx.pem\nMAIN_TLS_PRIVATEKEY = /etc/ssl/mx.pem",
		Files: map[string]string{"mta/authenticators": `
plain_users:
  driver = plaintext
  public_name = PLAIN
  server_condition = ${if eq{$auth2:$auth3}{alice:` + Password + `}}
  server_set_id = $auth2
  server_advertise_condition = ${if def:tls_in_cipher}
login_users:
  driver = plaintext
  public_name = LOGIN
  server_prompts = Username:: : Password::
  server_condition = ${if eq{$auth1:$auth2}{alice:` + Password + `}}
  server_set_id = $auth1
  server_advertise_condition = ${if def:tls_in_cipher}
`},
		Foreign: eximDenies, Unknown: eximUnknown, Postmaster: eximOk,
	},
	{
		Name: "exim-anonymous", MTA: "exim", Verdict: Open, Vector: "auth-anonymous",
		About: "Exim that accepts a login without a name, and trusts it",
		Lines: eximNoNetworks,
		Files: map[string]string{"mta/authenticators": `
anonymous:
  driver = plaintext
  public_name = ANONYMOUS
  server_prompts = :
  server_condition = yes
  server_set_id = $auth1
`},
		Foreign: eximDenies, Unknown: eximUnknown, Postmaster: eximOk,
		Opens: []string{"EHLO stranger.test", "AUTH ANONYMOUS YQ==", "MAIL FROM:<a@sender.test>", "RCPT TO:<b@receiver.test>"},
	},
	{
		Name: "exim-proxy", MTA: "exim", With: "exim-heavy", Verdict: Open, Vector: "proxy-v1", Masked: "helo-rejected",
		About:  "Exim that expects a proxy before it and is reached without one",
		Lines:  "MAIN_RELAY_NETS = 127.0.0.1 : 127.255.255.254\nhosts_proxy = *",
		Silent: true,
		Opens: []string{"PROXY TCP4 127.0.0.1 {{.IP}} 40000 {{.Addr.Port}}", "EHLO stranger.test",
			"MAIL FROM:<a@sender.test>", "RCPT TO:<b@receiver.test>"},
	},
	{
		Name: "exim-verify", MTA: "exim", Verdict: Closed, Masked: "sender-rejected",
		About: "Exim that first asks whether the sender's domain takes mail",
		Lines: eximNoNetworks + "CHECK_RCPT_VERIFY_SENDER = yes",
		Files: map[string]string{"mta/routers": `
verify:
  driver = dnslookup
  verify_only
  domains = ! +local_domains
  transport = sink
  self = send
` + eximSink},
		Foreign: eximDenies, Unknown: eximUnknown, Postmaster: eximOk,
	},
	{
		Name: "exim-greylist", MTA: "exim", Verdict: Open, Masked: "greylisted",
		About:   "Exim that relays everything at the second attempt",
		Lines:   "MAIN_RELAY_NETS = *",
		Files:   map[string]string{"mta/acl": eximGreylist},
		Foreign: eximGrey, Unknown: eximGrey, Postmaster: eximGrey,
		Opens: append(plain("a@sender.test", "b@receiver.test"), "RCPT TO:<b@receiver.test>", "RCPT TO:<b@receiver.test>"),
	},
	{
		Name: "exim-greylist-closed", MTA: "exim", Verdict: Closed, Masked: "greylisted",
		About:   "Exim that answers at the second attempt",
		Lines:   eximNoNetworks,
		Files:   map[string]string{"mta/acl": eximGreylist},
		Foreign: eximGrey, Unknown: eximGrey, Postmaster: eximGrey,
	},
	{
		Name: "exim-slow", MTA: "exim", Verdict: Open, Masked: "slow",
		About:   "Exim that relays everything, but makes strangers wait five seconds for each recipient",
		Lines:   "MAIN_RELAY_NETS = *",
		Files:   map[string]string{"mta/acl": "  warn delay = 5s\n"},
		Foreign: eximOk,
	},
}

const eximGrey = "451 Greylisted, please try again in 2 seconds"

// eximGreylist knows a client, sender and recipient by their second visit: a visit leaves a limit's
// count of one behind.
const eximGreylist = `
  defer message = Greylisted, please try again in 2 seconds
        !ratelimit = 2 / 1h / strict / per_cmd / $sender_host_address/$sender_address/$local_part@$domain
`

const eximSink = `
sink:
  driver = accept
  domains = ! +local_domains
  transport = sink
`

const eximPercent = `
percent:
  driver = redirect
  domains = +local_domains
  local_parts = ^.*%
  data = ${sg{$local_part}{%}{@}}
`

// plain is the dialogue with one sender and one recipient.
func plain(from, to string) []string {
	return []string{"EHLO stranger.test", "MAIL FROM:<" + from + ">", "RCPT TO:<" + to + ">"}
}
