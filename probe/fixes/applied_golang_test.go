package fixes_test

import "openrelay/internal/mtatest"

// maddy and chasquid trust no address: whoever may relay logs in. mox and go-smtp are not among the real servers.
var golangApplied = []applied{
	{mta: "maddy", vector: "plain", when: "with its own service", config: "maddy-open", login: 587},
	{mta: "maddy", vector: "sender-own-domain", when: "with its own service", config: "maddy-sender-domain", login: 587},
	{mta: "chasquid", vector: "percent-own-domain", config: "chasquid-percent", login: 587},
	{mta: "chasquid", vector: "plain", login: 587, server: mtatest.Config{
		Name: "chasquid-foreign-domain", MTA: "chasquid",
		About: "chasquid with a domain of somebody else's, and a catch-all for it",
		Files: map[string]string{"etc/chasquid/domains/receiver.test/aliases": "*: b@sender.test\n"},
	}},
}
