package mtatest

const (
	harakaDenies = "550 I cannot deliver mail for <b@receiver.test>"
	harakaOk     = "250 recipient <"
)

// haraka is Haraka, which is a list of plugins. None of them knows the users of a domain.
var haraka = []Config{
	{
		Name: "haraka-closed", MTA: "haraka", Verdict: Closed, Masked: "suspect-form-accepted", Trait: "backscatter",
		About:   "Haraka that takes mail for the domains of its list",
		Lines:   "rcpt_to.in_host_list\n",
		Foreign: harakaDenies, Unknown: harakaOk,
	},
	{
		Name: "haraka-open", MTA: "haraka", Verdict: Open,
		About:   "Haraka that relays everything, by relay.ini's all",
		Lines:   "relay\nrcpt_to.in_host_list\n",
		Files:   map[string]string{"etc/haraka/config/relay.ini": "[relay]\nall=true\nforce_routing=true\n"},
		Foreign: harakaOk, Unknown: harakaOk, Postmaster: harakaOk,
	},
	{
		Name: "haraka-dest-domains", MTA: "haraka", Verdict: Open, Vector: "second-recipient",
		About: "Haraka with its own domain in relay_dest_domains, which makes whoever writes to it a client to relay for",
		Lines: "relay\nrcpt_to.in_host_list\n",
		Files: map[string]string{
			"etc/haraka/config/relay.ini": "[relay]\ndest_domains=true\nforce_routing=true\n",
			"etc/haraka/config/relay_dest_domains.ini": "[domains]\nany={\"nexthop\":\"{{.Sink}}\"}\n" +
				"local.test={\"action\":\"accept\",\"nexthop\":\"{{.Sink}}\"}\n",
		},
		Foreign: "550 You are not allowed to relay",
		Opens:   append(plain("a@sender.test", "alice@local.test"), "RCPT TO:<b@receiver.test>"),
	},
	{
		Name: "haraka-proxy", MTA: "haraka", Verdict: Open, Vector: "proxy-v1", Masked: "no-banner",
		About: "Haraka that relays for its own machine, and believes a PROXY header from everybody",
		Lines: "relay\nrcpt_to.in_host_list\n",
		Files: map[string]string{
			"mta/setup":                         "sed -i 's,^hosts.*,hosts[]=0.0.0.0/0,' /etc/haraka/config/connection.ini\n",
			"etc/haraka/config/relay_acl_allow": "127.0.0.1/32\n",
		},
		Silent: true,
		Opens:  append([]string{"PROXY TCP4 127.0.0.1 {{.IP}} 40000 {{.Addr.Port}}"}, plain("a@sender.test", "b@receiver.test")...),
	},
	{
		Name: "haraka-xclient", MTA: "haraka", Verdict: Closed, Masked: "suspect-form-accepted", Trait: "xclient-offered",
		About: "Haraka that believes XCLIENT from a machine beside it, but asks who may relay before it",
		Lines: "relay\nxclient\nrcpt_to.in_host_list\n",
		Files: map[string]string{
			"etc/haraka/config/xclient.hosts":   Stranger + "\n",
			"etc/haraka/config/relay_acl_allow": "127.0.0.1/32\n",
		},
		Foreign: harakaDenies, Unknown: harakaOk,
	},
	{
		Name: "haraka-sink", MTA: "haraka", Verdict: Sink,
		About: "Haraka that accepts everything and throws it away",
		Lines: "relay\nqueue/discard\n",
		Files: map[string]string{
			"etc/haraka/config/relay.ini": "[relay]\nall=true\n",
			"mta/setup":                   "export YES_REALLY_DO_DISCARD=1\n",
		},
		Foreign: harakaOk, Unknown: harakaOk, Postmaster: harakaOk,
	},
}
