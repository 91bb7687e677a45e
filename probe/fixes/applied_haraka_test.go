package fixes_test

import "openrelay/internal/mtatest"

var harakaApplied = []applied{
	{mta: "Haraka", vector: "plain", when: "relay.ini says all=true", config: "haraka-open"},
	{mta: "Haraka", vector: "plain", when: "relay_acl_allow holds a wide network", server: mtatest.Config{
		Name: "haraka-wide-network", MTA: "haraka",
		Lines: "relay\nrcpt_to.in_host_list\n",
		Files: map[string]string{"etc/haraka/config/relay_acl_allow": "127.0.0.0/8 # everybody here\n"},
	}},
	{mta: "Haraka", vector: "plain", when: "a plugin of your own, here rcpt_to.everybody, accepts every recipient", server: mtatest.Config{
		Name: "haraka-everybody", MTA: "haraka",
		Lines: "relay\nrcpt_to.everybody\n",
		Files: trusts(map[string]string{
			"etc/haraka/plugins/rcpt_to.everybody.js": "exports.hook_rcpt = (next) => next(OK);\n",
			"etc/haraka/config/host_list":             "mx.local.test\n",
		}),
	}},
	{mta: "Haraka", vector: "plain-com", server: mtatest.Config{
		Name: "haraka-regex-com", MTA: "haraka",
		Lines: "relay\nrcpt_to.in_host_list\n",
		Files: trusts(map[string]string{"etc/haraka/config/host_list_regex": ".*\\.com\n"}),
	}},
	{mta: "Haraka", vector: "subdomain-of-own", server: mtatest.Config{
		Name: "haraka-regex-own", MTA: "haraka",
		Lines: "relay\nrcpt_to.in_host_list\n",
		Files: trusts(map[string]string{
			"etc/haraka/config/host_list_regex": ".*local.test\n",
			"etc/haraka/config/host_list":       "mx.local.test\n",
		}),
	}},
	{mta: "Haraka", vector: "second-recipient", server: mtatest.Config{
		Name: "haraka-dest-domains-alone", MTA: "haraka",
		Lines: "relay", // no new line at its end, as some editors leave a file
		Files: trusts(map[string]string{
			"etc/haraka/config/relay.ini": "[relay]\ndest_domains=true\nforce_routing=true\n",
			"etc/haraka/config/relay_dest_domains.ini": "[domains]\nany={\"nexthop\":\"{{.Sink}}\"}\n" +
				"local.test={\"action\":\"accept\",\"nexthop\":\"{{.Sink}}\"}\n",
			"etc/haraka/config/host_list": "mx.local.test\n",
		}),
	}},
	{mta: "Haraka", vector: "percent-own-domain", server: harakaBefore},
	{mta: "Haraka", vector: "quoted-own-domain", server: harakaBefore},
	{mta: "Haraka", vector: "bang-own-domain", server: harakaBefore},
	{mta: "Haraka", vector: "xclient-loopback", when: "no proxy of yours uses XCLIENT", server: harakaXCLIENT},
	{mta: "Haraka", vector: "xclient-loopback", when: "a proxy of yours uses XCLIENT", server: harakaXCLIENT},
	{mta: "Haraka", vector: "proxy-v1", when: "version 3.1 and newer", server: mtatest.Config{
		Name: "haraka-proxies", MTA: "haraka",
		Lines: "relay\nrcpt_to.in_host_list\n",
		Files: trusts(map[string]string{
			"mta/setup":                         "sed -i 's,^hosts.*,hosts[]=127.0.0.0/8,' /etc/haraka/config/connection.ini\n",
			"etc/haraka/config/relay_acl_allow": "127.0.0.1/32\n" + friend + "/32\n",
		}),
		Silent: true,
	}},
}

var harakaBefore = mtatest.Config{
	Name: "haraka-before-another", MTA: "haraka",
	Lines: "relay\nrcpt_to.in_host_list\n",
	Files: trusts(map[string]string{}),
}

// By XCLIENT a client may say that it is another one, whom a plugin lets relay when it connects.
var harakaXCLIENT = mtatest.Config{
	Name: "haraka-believes-xclient", MTA: "haraka",
	Lines: "connect.ours\nxclient\nrcpt_to.in_host_list\n",
	Files: map[string]string{
		"etc/haraka/config/xclient.hosts": mtatest.Stranger + "\n",
		"etc/haraka/plugins/connect.ours.js": `exports.hook_connect = (next, connection) => {
    if (['127.0.0.1', '` + friend + `'].includes(connection.remote.ip)) connection.relaying = true;
    next();
};
`,
	},
}

// trusts lets the friend relay, where the files do not say who may.
func trusts(files map[string]string) map[string]string {
	if name := "etc/haraka/config/relay_acl_allow"; files[name] == "" {
		files[name] = friend + "/32\n"
	}
	return files
}
