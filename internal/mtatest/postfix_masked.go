package mtatest

// postscreen stands before smtpd and tests clients it has not seen.
const postscreen = `{{.Addr}} inet n - n - 1 postscreen
smtpd pass - - n - - smtpd
dnsblog unix - - n - 0 dnsblog
tlsproxy unix - - n - 0 tlsproxy
`

const postscreenDeep = `
postscreen_greet_action = enforce
postscreen_pipelining_enable = yes
postscreen_non_smtp_command_enable = yes
postscreen_bare_newline_enable = yes
postscreen_cache_map = btree:$data_directory/postscreen_cache
`

// permitAll is what Postfix accepts for a rule that lets everything through: it does not start with a
// plain permit.
const permitAll = "check_client_access static:OK, reject_unauth_destination\n"

const (
	needsTLS     = "530 5.7.0 Must issue a STARTTLS command first"
	postscreened = "450 4.3.2 Service currently unavailable"
)

// usersOnly is what Postfix's own example for submission says, and notLoggedIn what strangers are told of it.
const (
	usersOnly = "smtpd_sasl_auth_enable = yes\nsmtpd_sasl_path = smtpd\n" +
		"smtpd_client_restrictions = permit_sasl_authenticated, reject"
	notLoggedIn = "554 5.7.1 <unknown[127.0.0.9]>: Client host rejected: Access denied"
)

var logins = map[string]string{"etc/postfix/sasl/smtpd.conf": "pwcheck_method: auxprop\nmech_list: PLAIN LOGIN\n"}

// overTLS is the plain form after STARTTLS.
var overTLS = []string{"EHLO stranger.test", "STARTTLS", "EHLO stranger.test",
	"MAIL FROM:<a@sender.test>", "RCPT TO:<b@receiver.test>"}

// postfixMasked is Postfix that does not come to the question at once.
var postfixMasked = []Config{
	{
		Name: "postfix-tls-closed", MTA: "postfix", Verdict: Closed,
		About: "Postfix that takes no mail without TLS",
		Lines: noNetworks + postfixTLS + "encrypt",
		Mail:  needsTLS,
	},
	{
		Name: "postfix-tls-open", MTA: "postfix", Verdict: Open,
		About: "Postfix that takes no mail without TLS, and relays everything with it",
		Lines: allNetworks + postfixTLS + "encrypt",
		Mail:  needsTLS, Opens: overTLS,
	},
	{
		Name: "postfix-starttls-closed", MTA: "postfix", Verdict: Closed,
		About:   "Postfix that offers TLS",
		Lines:   noNetworks + postfixTLS + "may",
		Foreign: postfixDenies, Unknown: postfixUnknown, Postmaster: postfixOk,
	},
	{
		Name: "postfix-tls-trust", MTA: "postfix", Verdict: Open,
		About: "Postfix that relays for whoever encrypts",
		Lines: noNetworks + postfixTLS + "may\nsmtpd_relay_restrictions =" +
			" permit_auth_destination, reject_plaintext_session, " + permitAll,
		Foreign: "450 4.7.1 Session encryption is required", Unknown: postfixUnknown, Postmaster: postfixOk,
		Opens: overTLS,
	},
	{
		Name: "postfix-domains-closed", MTA: "postfix", Verdict: Closed,
		About: "Postfix that first asks whether the domains take mail",
		Lines: noNetworks + "smtpd_sender_restrictions = reject_unknown_sender_domain\n" +
			"smtpd_relay_restrictions = reject_unknown_recipient_domain, permit_mynetworks, reject_unauth_destination",
		Foreign: "554 5.7.1 <b@receiver.test>: Relay access denied", Unknown: postfixUnknown, Postmaster: postfixOk,
	},
	{
		Name: "postfix-domains-open", MTA: "postfix", Verdict: Open, Masked: "recipient-domain-rejected",
		About: "Postfix that relays everything, but only between domains that take mail",
		Lines: allNetworks + "smtpd_sender_restrictions = reject_unknown_sender_domain\n" +
			"smtpd_relay_restrictions = reject_unknown_recipient_domain, permit_mynetworks, reject_unauth_destination",
		Foreign: postfixOk, Unknown: postfixUnknown, Postmaster: postfixOk,
	},
	{
		Name: "postfix-submission", MTA: "postfix", Verdict: Closed, Masked: "client-blocked",
		About:   "Postfix as a submission server, that turns away whoever has not logged in",
		Lines:   noNetworks + usersOnly,
		Files:   logins,
		Foreign: notLoggedIn, Unknown: notLoggedIn, Postmaster: postfixOk,
	},
	{
		Name: "postfix-submission-587", MTA: "postfix", Verdict: Closed, Port: 587,
		About:   "the same Postfix on the port for submission",
		Lines:   noNetworks + usersOnly,
		Files:   logins,
		Foreign: notLoggedIn, Unknown: notLoggedIn, Postmaster: postfixOk,
	},
	{
		Name: "postfix-anonymous", MTA: "postfix", Verdict: Closed,
		About:   "Postfix that accepts a login without a name, which it knows not to trust",
		Lines:   noNetworks + "smtpd_sasl_auth_enable = yes\nsmtpd_sasl_path = smtpd\nsmtpd_sasl_security_options =",
		Files:   map[string]string{"etc/postfix/sasl/smtpd.conf": "pwcheck_method: auxprop\nmech_list: ANONYMOUS\n"},
		Foreign: postfixDenies, Unknown: postfixUnknown, Postmaster: postfixOk,
	},
	{
		Name: "postfix-blocked-closed", MTA: "postfix", Verdict: Closed, Masked: "client-blocked",
		About:   "Postfix that finds the tester in a block list",
		Lines:   noNetworks + "smtpd_client_restrictions = reject_rbl_client listed.test",
		Foreign: blocked, Unknown: blocked, Postmaster: postfixOk,
	},
	{
		Name: "postfix-blocked-open", MTA: "postfix", Verdict: Open, Masked: "client-blocked", From: "127.0.0.10",
		About:   "Postfix that relays for everybody who is not in a block list",
		Lines:   allNetworks + "smtpd_client_restrictions = reject_rbl_client listed.test",
		Foreign: blocked, Unknown: blocked, Postmaster: postfixOk,
	},
	{
		Name: "postfix-data", MTA: "postfix", Verdict: Closed, Masked: "unclear",
		About:   "Postfix that accepts every recipient and refuses at DATA",
		Lines:   allNetworks + "smtpd_data_restrictions = reject",
		Foreign: postfixOk, Unknown: postfixUnknown, Postmaster: postfixOk,
	},
	{
		Name: "postfix-limits", MTA: "postfix", Verdict: Closed,
		About:   "Postfix under stress: the first error on a connection is the last",
		Lines:   noNetworks + "smtpd_hard_error_limit = 1",
		Foreign: postfixDenies, Postmaster: "421 4.7.0 mx.local.test Error: too many errors",
	},
	{
		Name: "postfix-rate", MTA: "postfix", Verdict: Open, Masked: "rate-limited",
		About:   "Postfix that relays everything, but takes four connections a minute from one client",
		Lines:   allNetworks + "smtpd_client_event_limit_exceptions =\nsmtpd_client_connection_rate_limit = 4",
		Foreign: postfixOk, Unknown: postfixUnknown, Postmaster: postfixOk,
	},
	{
		Name: "postfix-postscreen-closed", MTA: "postfix", Verdict: Closed, Masked: "greylisted",
		About:   "Postfix behind postscreen with all its tests",
		Lines:   noNetworks + postscreenDeep,
		Files:   map[string]string{"etc/postfix/master.d/smtp": postscreen},
		Foreign: postscreened, Unknown: postscreened, Postmaster: postscreened,
	},
	{
		Name: "postfix-postscreen-open", MTA: "postfix", Verdict: Open, Masked: "greylisted",
		About:   "Postfix that relays everything, behind postscreen with all its tests",
		Lines:   noNetworks + "smtpd_relay_restrictions = " + permitAll + postscreenDeep,
		Files:   map[string]string{"etc/postfix/master.d/smtp": postscreen},
		Foreign: postscreened, Unknown: postscreened, Postmaster: postscreened,
	},
}

// blocked is said of every recipient but a bare postmaster, whom Postfix always accepts.
const blocked = "554 5.7.1 Service unavailable; Client host [127.0.0.9] blocked using listed.test"
