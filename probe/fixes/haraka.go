package fixes

var haraka = []Fix{
	{
		MTAs: []string{"Haraka"}, Vectors: []string{"plain"},
		Cause:  "relay.ini says all=true, or relay_acl_allow holds a wide network, or a plugin sets connection.relaying or answers OK for every recipient.",
		Change: "Turn all off, list single addresses, and name the domains you forward for in dest_domains.",
		Ways: []Way{{Steps: []Step{{Run: `# config/relay.ini
[relay]
all=false
acl=true
# config/relay_acl_allow
192.0.2.10/32`}}, Ref: "Haraka, plugins/relay"}},
	},
	{
		MTAs: []string{"Haraka"}, Vectors: []string{"xclient-*"},
		Cause:  "The plugin xclient is loaded, and its list of hosts takes this client in. Loopback is always in it.",
		Change: "Take the plugin out of config/plugins, or list your own proxies in config/xclient.hosts.",
		Ways: []Way{{Steps: []Step{{Run: `# config/xclient.hosts
10.0.0.5`}}, Ref: "Haraka, plugins/xclient"}},
	},
}
