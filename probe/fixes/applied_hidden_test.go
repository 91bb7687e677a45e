package fixes_test

import "openrelay/internal/mtatest"

// The ways that are not here need containers, a cluster or another machine. nginx's stream module is not in the matrix.
var hiddenApplied = []applied{
	{vector: "plain", when: "HAProxy before Postfix, here on its port 2525", server: mtatest.Config{
		Name: "postfix that hides its clients", MTA: "postfix", With: "haproxy",
		Lines: "mynetworks = 127.0.0.1/32 " + friend + "/32",
		Files: map[string]string{"etc/postfix/master.d/smtp": "{{.IP}}:2525  inet  n  -  n  -  -  smtpd\n"},
	}},
	{vector: "plain", when: "HAProxy before Debian's exim4-daemon-heavy, here on its port 2525, on the same machine", server: mtatest.Config{
		Name: "exim that hides its clients", MTA: "exim", With: "exim-heavy haproxy",
		Lines: "MAIN_LOCAL_INTERFACES = {{.IP}}.2525\nMAIN_RELAY_NETS = 127.0.0.1 : " + friend,
		Files: map[string]string{"mta/reload": "kill -HUP $(pidof exim4)\n"},
	}},
	// Comments at the end of the lines that are changed.
	{vector: "plain", when: "HAProxy before Postfix, here on its port 2525", server: mtatest.Config{
		Name: "postfix that hides its clients", MTA: "postfix", With: "haproxy",
		Lines: "mynetworks = 127.0.0.1/32 " + friend + "/32",
		Files: map[string]string{
			"etc/postfix/master.d/smtp": "{{.IP}}:2525  inet  n  -  n  -  1  postscreen\nsmtpd  pass  -  -  n  -  -  smtpd\n",
			"mta/server":                "# the only one",
		},
	}},
	{vector: "plain", when: "HAProxy before OpenSMTPD, here on its port 2525", server: mtatest.Config{
		Name: "opensmtpd that hides its clients", MTA: "opensmtpd", With: "haproxy",
		Lines: "listen on {{.IP}} port 2525 # for HAProxy\nmatch from any for domain \"local.test\" action \"local\"\n" +
			"match from src { 127.0.0.1, " + friend + " } for any action \"relay\"",
		Files: map[string]string{"mta/server": "# the only one"},
	}},
	{vector: "plain", when: "HAProxy before OpenSMTPD, here on its port 2525", server: mtatest.Config{
		Name: "opensmtpd that hides its clients", MTA: "opensmtpd", With: "haproxy",
		Lines: "listen on {{.IP}} port 2525\nmatch from any for domain \"local.test\" action \"local\"\n" +
			"match from src { 127.0.0.1, " + friend + " } for any action \"relay\"",
	}},
}
