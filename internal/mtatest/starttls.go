package mtatest

// TLS settings that are offered and lead to no session with Go's TLS, nor, but for the last, with OpenSSL's.
const (
	// Debian 12's OpenSMTPD cannot use its key, whatever kind it is of: "SSL routines::EVP lib".
	opensmtpdPKI = "pki mx.local.test cert \"/etc/ssl/mx.pem\"\npki mx.local.test key \"/etc/ssl/mx.pem\"\n" +
		"listen on {{.IP}} port {{.Addr.Port}} tls pki mx.local.test\n" + opensmtpdLocal
	// Postfix tells its postmaster of every 454, if it is not asked not to.
	postfixOtherKey = "smtpd_tls_security_level = may\nsmtpd_tls_cert_file = /etc/ssl/mx.pem\n" +
		"smtpd_tls_key_file = /etc/ssl/rsa.pem\nnotify_classes =\n"
	eximUnreadable = "MAIN_TLS_ENABLE = yes\nMAIN_TLS_CERTIFICATE = /etc/ssl/mx.pem\nMAIN_TLS_PRIVATEKEY = /etc/ssl/mx.pem\n"
	// Go has no DHE key exchange.
	postfixDHE = "smtpd_tls_security_level = may\nsmtpd_tls_chain_files = /etc/ssl/rsa.pem\n" +
		"smtpd_tls_protocols = <=TLSv1.2\nsmtpd_tls_exclude_ciphers = aNULL, kRSA, kECDHE\n"
)

// brokenTLS is servers that offer STARTTLS and do not get it done, each once closed and once open. In clear
// they answer as ever; how a closed one would answer whoever encrypts, nobody without a session can see.
var brokenTLS = []Config{
	{
		Name: "opensmtpd-pki-closed", MTA: "opensmtpd", Verdict: Closed, Masked: "tls-unavailable",
		About:   "Debian 12's OpenSMTPD with a certificate: every handshake ends in an internal error",
		Lines:   opensmtpdPKI,
		Files:   rootsKey,
		Foreign: opensmtpdDenies, Unknown: opensmtpdUnknown, Postmaster: opensmtpdPostmaster,
	},
	{
		Name: "opensmtpd-pki-open", MTA: "opensmtpd", Verdict: Open,
		About:   "the same OpenSMTPD, that relays from anywhere to anywhere",
		Lines:   opensmtpdPKI + `match from any for any action "relay"`,
		Files:   rootsKey,
		Foreign: opensmtpdOk, Unknown: opensmtpdUnknown, Postmaster: opensmtpdOk,
	},
	{
		Name: "postfix-key-closed", MTA: "postfix", Verdict: Closed, Masked: "tls-unavailable",
		About:   "Postfix with a key that does not fit its certificate: it answers STARTTLS with 454",
		Lines:   noNetworks + postfixOtherKey,
		Files:   rsaKey,
		Foreign: postfixDenies, Unknown: postfixUnknown, Postmaster: postfixOk,
	},
	{
		Name: "postfix-key-open", MTA: "postfix", Verdict: Open,
		About:   "Postfix with a key that does not fit its certificate, that relays everything",
		Lines:   allNetworks + postfixOtherKey,
		Files:   rsaKey,
		Foreign: postfixOk, Unknown: postfixUnknown, Postmaster: postfixOk,
	},
	{
		Name: "postfix-dhe-closed", MTA: "postfix", Verdict: Closed, Masked: "tls-unavailable",
		About:   "Postfix that is left with TLS 1.2 and the DHE-RSA ciphers, which OpenSSL has and Go has not",
		Lines:   noNetworks + postfixDHE,
		Files:   rsaKey,
		Foreign: postfixDenies, Unknown: postfixUnknown, Postmaster: postfixOk,
	},
	{
		Name: "postfix-dhe-open", MTA: "postfix", Verdict: Open,
		About:   "Postfix that is left with TLS 1.2 and the DHE-RSA ciphers, and relays everything",
		Lines:   allNetworks + postfixDHE,
		Files:   rsaKey,
		Foreign: postfixOk, Unknown: postfixUnknown, Postmaster: postfixOk,
	},
	{
		Name: "exim-unreadable-closed", MTA: "exim", Verdict: Closed, Masked: "tls-unavailable",
		About:   "Exim with a key that only root can read: it answers STARTTLS with 454",
		Lines:   eximNoNetworks + eximUnreadable,
		Files:   rootsKey,
		Foreign: eximDenies, Unknown: eximUnknown, Postmaster: eximOk,
	},
	{
		Name: "exim-unreadable-open", MTA: "exim", Verdict: Open,
		About:   "Exim with a key that only root can read, that relays for every host",
		Lines:   "MAIN_RELAY_NETS = *\n" + eximUnreadable,
		Files:   rootsKey,
		Foreign: eximOk, Unknown: eximOk, Postmaster: eximOk,
	},
}

var (
	rootsKey = map[string]string{"mta/before": "chmod 600 /etc/ssl/mx.pem\n"} // as OpenSMTPD demands it
	rsaKey   = map[string]string{"etc/ssl/rsa.pem": "{{.RSA}}"}
)
