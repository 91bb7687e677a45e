package mtatest

// postfixRewriting is Postfix with a table that turns one old form of address, at one name of its own,
// into the foreign address in it, after the relay check has seen its own name.
var postfixRewriting = []Config{
	rewrites("postfix-percent-host", "percent-own-host", `(.*)%(.*)@mx\.local\.test`, "$1@$2", "<b%receiver.test@mx.local.test>"),
	rewrites("postfix-percent-literal", "percent-own-literal", `(.*)%(.*)@\[{{.IP}}\]`, "$1@$2", "<b%receiver.test@[{{.IP}}]>"),
	rewrites("postfix-percent-bare", "percent-bare", `(.*)%(.*)@office\.local\.test`, "$1@$2", "<b%receiver.test>"),
	rewrites("postfix-bang-host", "bang-own-host", `(.*)!(.*)@mx\.local\.test`, "$2@$1", "<receiver.test!b@mx.local.test>"),
	rewrites("postfix-bang-literal", "bang-own-literal", `(.*)!(.*)@\[{{.IP}}\]`, "$2@$1", "<receiver.test!b@[{{.IP}}]>"),
	rewrites("postfix-bang-bare", "bang-bare", `(.*)!(.*)@office\.local\.test`, "$2@$1", "<receiver.test!b>"),
	rewrites("postfix-quoted-host", "quoted-own-host", `"?([^"]*)@([^"]*)"?@mx\.local\.test`, "$1@$2", `<"b@receiver.test"@mx.local.test>`),
	rewrites("postfix-quoted-literal", "quoted-own-literal", `"?([^"]*)@([^"]*)"?@\[{{.IP}}\]`, "$1@$2", `<"b@receiver.test"@[{{.IP}}]>`),
	rewrites("postfix-double-at", "double-at-own-domain", `"?([^"]*)@([^"]*)"?@local\.test`, "$1@$2", `<b@receiver.test@local.test>`),
	rewrites("postfix-double-at-host", "double-at-own-host", `"?([^"]*)@([^"]*)"?@mx\.local\.test`, "$1@$2", `<b@receiver.test@mx.local.test>`),
	rewrites("postfix-double-at-literal", "double-at-own-literal", `"?([^"]*)@([^"]*)"?@\[{{.IP}}\]`, "$1@$2", `<b@receiver.test@[{{.IP}}]>`),
	rewrites("postfix-trailing-at", "trailing-at", `"?([^"]*)@([^"]*)"?@(mx\.local\.test)?`, "$1@$2", "<b@receiver.test@>"),
	rewrites("postfix-colon", "colon", `"?([^":]*):([^"]*)"?@office\.local\.test`, "$2@$1", "<receiver.test:b>"),
	rewrites("postfix-imceasmtp", "imceasmtp", `IMCEASMTP-(.*)\+40(.*)@local\.test`, "$1@$2", "<IMCEASMTP-b+40receiver.test@local.test>"),
}

// rewrites is a row for Postfix with one line in a table of aliases. A recipient without a domain is
// one of office.local.test there.
func rewrites(name, vector, form, address, rcpt string) Config {
	return Config{
		Name: name, MTA: "postfix", Verdict: Open, Vector: vector,
		About: "Postfix whose alias table turns " + rcpt + " into the foreign address in it",
		Lines: noNetworks + office + "allow_untrusted_routing = yes\nallow_percent_hack = no\nswap_bangpath = no\n" +
			"resolve_dequoted_address = no\nresolve_null_domain = yes\nvirtual_alias_maps = regexp:/etc/postfix/virtual",
		Files:   map[string]string{"etc/postfix/virtual": "/^" + form + "$/ " + address + "\n"},
		Foreign: postfixDenies, Unknown: postfixUnknown, Postmaster: postfixOk,
		Opens: []string{"EHLO stranger.test", "MAIL FROM:<a@sender.test>", "RCPT TO:" + rcpt},
	}
}
