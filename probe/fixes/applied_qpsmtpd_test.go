package fixes_test

import (
	"maps"

	"openrelay/internal/mtatest"
)

// qpsmtpdOpen is qpsmtpd before a Postfix that trusts it, and with those files beside its own.
func qpsmtpdOpen(name string, files map[string]string) mtatest.Config {
	c := mtatest.Config{
		Name: name, MTA: "postfix", With: "qpsmtpd", Verdict: mtatest.Open, Lines: "mynetworks = 127.0.0.1/32",
		Files: map[string]string{"etc/postfix/master.d/smtp": "{{.IP}}:2525  inet  n  -  n  -  -  smtpd\n"},
	}
	maps.Copy(c.Files, files)
	return c
}

var qpsmtpdApplied = []applied{
	{mta: "qpsmtpd", vector: "plain", config: "qpsmtpd-open"},
	{mta: "qpsmtpd", vector: "plain", server: qpsmtpdOpen("qpsmtpd-network", map[string]string{"etc/qpsmtpd/relayclients": "127.0.0.0/8\n"})},
	{mta: "qpsmtpd", vector: "plain-com", server: qpsmtpdOpen("qpsmtpd-com", map[string]string{"etc/qpsmtpd/rcpthosts": "local.test\n.com\n"})},
	{mta: "qpsmtpd", vector: "plain-net", server: qpsmtpdOpen("qpsmtpd-net", map[string]string{
		"etc/qpsmtpd/rcpthosts":        "$include /etc/qpsmtpd/debian-rcpthosts\n",
		"etc/qpsmtpd/debian-rcpthosts": "local.test\n.net\n",
	})},
	{mta: "qpsmtpd", vector: "percent-own-domain", config: "qpsmtpd-percent"},
	{mta: "qpsmtpd", vector: "percent-own-host", config: "qpsmtpd-percent"},
	{mta: "qpsmtpd", vector: "percent-own-domain", server: qpsmtpdOpen("qpsmtpd-badrcptto", map[string]string{
		"etc/qpsmtpd/badrcptto": "nobody@local.test", // no new line at its end, as some editors leave a file
	})},
	{mta: "qpsmtpd", vector: "bang-own-domain", config: "qpsmtpd-bang"},
	{mta: "qpsmtpd", vector: "quoted-own-domain", config: "qpsmtpd-percent"},
	{mta: "qpsmtpd", vector: "double-at-own-domain", server: qpsmtpdOpen("qpsmtpd-debian-plugins", map[string]string{
		"etc/qpsmtpd/plugins": "check_relay\ncheck_badrcptto\nrcpt_ok\nqueue/smtp-forward {{.IP}} 2525\n",
	})},
}
