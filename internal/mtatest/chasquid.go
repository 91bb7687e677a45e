package mtatest

const chasquidDenies = "503 5.7.1 Relay not allowed"

// chasquid is chasquid, which relays for nobody who has not logged in. What can be opened are its hooks.
var chasquid = []Config{
	{
		Name: "chasquid-closed", MTA: "chasquid", Verdict: Closed,
		About:   "chasquid with a domain and a user",
		Foreign: chasquidDenies, Unknown: "550",
	},
	{
		Name: "chasquid-haproxy", MTA: "chasquid", With: "haproxy", Verdict: Closed,
		About:   "chasquid behind HAProxy, by the PROXY protocol",
		Lines:   "haproxy_incoming: true",
		Files:   map[string]string{"mta/server": "send-proxy\n"},
		Foreign: chasquidDenies, Unknown: "550",
	},
	{
		Name: "chasquid-percent", MTA: "chasquid", Verdict: Open, Vector: "percent-own-domain",
		About: "chasquid whose alias-resolve hook turns user%domain@local.test into user@domain",
		Files: map[string]string{
			"etc/chasquid/hooks/alias-resolve": "#!/bin/sh\necho \"$1\" | sed -n 's/^\\(.*\\)%\\(.*\\)@local[.]test$/\\1@\\2/p'\n",
		},
		Foreign: chasquidDenies, Unknown: "550",
		Opens: plain("a@sender.test", "b%receiver.test@local.test"),
	},
}
