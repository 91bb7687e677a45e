package fixes

var others = []Fix{
	{
		MTAs: []string{"Stalwart"}, Vectors: []string{"plain", "null-sender", "sender-*", "helo-own-*", "helo-localhost"},
		Cause:  "Usually the expression that allows relaying at the RCPT stage is true for clients that have not logged in. Its default is true for the others only.",
		Change: "Put the default back. Since version 0.16 it stands in the WebUI and no longer in a file, and a change counts at once. Where single hosts must relay without a login, add their addresses, never a sender or a HELO name: anybody can say these.",
		Users:  "Programs and devices that have relayed without a login must log in, on a submission port, or their addresses must stand in the expression.",
		Ways: []Way{
			{
				When:  "version 0.16 and newer",
				Steps: []Step{{At: "the WebUI: Settings > MTA > Session > RCPT TO Stage", Lines: "allowRelaying: !is_empty(authenticated_as)   # for all others, and no conditions before it"}},
				Ref:   "Stalwart documentation, RCPT stage; MtaStageRcpt",
				Read:  "2026-11-30",
			},
			{
				When: "version 0.15 and older",
				Look: `stalwart-cli -u https://mail.example.org server list-config session.rcpt.relay`,
				Steps: []Step{{Run: `# once for each key that was listed, in place of KEY: nothing below a key is deleted with it
stalwart-cli -u https://mail.example.org server delete-config KEY`}},
				Load: `stalwart-cli -u https://mail.example.org server reload-config`,
				Ref:  "Stalwart documentation 0.15, RCPT stage; Command line, Configuration; Stalwart source before 0.16, delete-config",
				Read: "2026-11-30",
			},
		},
	},
	{
		MTAs: []string{"Stalwart"}, Vectors: []string{"proxy-*"},
		Cause:  "Usually the networks that are trusted to send a PROXY header take in more than your proxies. Stalwart believes the header of every client in them, and with it any address.",
		Change: "List your own proxies by single addresses, and restart Stalwart.",
		Users:  "A proxy that is not in the list, and sends the header all the same, is refused: its clients cannot send mail.",
		Ways: []Way{
			{
				When: "version 0.16 and newer",
				Steps: []Step{
					{At: "the WebUI: Settings > Network > General", Lines: "proxyTrustedNetworks: 10.0.0.5"},
					{At: "the WebUI: Settings > Network > Listeners, each one that overrides the list", Lines: "overrideProxyTrustedNetworks: 10.0.0.5"},
				},
				Ref:  "Stalwart documentation, Reverse proxy, NGINX; SystemSettings; NetworkListener",
				Read: "2026-11-30",
			},
			{
				When: "version 0.15 and older",
				Steps: []Step{{At: "the configuration file, or the same keys in the web interface", Lines: `[server.proxy]
trusted-networks = ["10.0.0.5"]
[server.listener."smtp".proxy]   # where a listener has a list of its own
trusted-networks = ["10.0.0.5"]`}},
				Ref:  "Stalwart documentation 0.15, Proxy Protocol",
				Read: "2026-11-30",
			},
		},
	},
	{
		MTAs: []string{"Postal"}, Vectors: []string{"proxy-*"},
		Cause:  "Usually proxy_protocol is on. Postal has no list of proxies then: it demands the PROXY header from every client, and believes it. A credential of the type SMTP-IP lets the claimed address relay.",
		Change: "Let only the proxy reach the port: by the address that Postal listens on, or by a firewall. Postal reads version 1 of the header only: HAProxy must say send-proxy, not send-proxy-v2.",
		Users:  "Whoever has connected past the proxy cannot any more. Where the header is turned off, all clients have the proxy's address: no credential of the type SMTP-IP may name it.",
		Ways: []Way{
			{
				When: "a proxy on the same machine needs the header",
				Look: `grep -nE -A 12 '^smtp_server:' /opt/postal/config/postal.yml`,
				Steps: []Step{{At: "/opt/postal/config/postal.yml, in the section smtp_server", Lines: `  proxy_protocol: true
  default_bind_address: 127.0.0.1`}},
				Load: `postal restart`,
				Ref:  "Postal documentation, Configuration reference, smtp_server; The postal command",
				Read: "2026-11-30",
			},
			{
				When:  "no proxy needs the header",
				Look:  `grep -nE -A 12 '^smtp_server:' /opt/postal/config/postal.yml`,
				Steps: []Step{{At: "/opt/postal/config/postal.yml, in the section smtp_server", Lines: "  proxy_protocol: false"}},
				Load:  `postal restart`,
				Ref:   "Postal documentation, Configuration reference, smtp_server; The postal command",
				Read:  "2026-11-30",
			},
		},
	},
	{
		MTAs:   []string{"Postal"},
		Cause:  "Usually a credential of the type SMTP-IP takes this client in: its network is too wide, or it names a gateway or a proxy whose address all clients seem to have. Postal then accepts every recipient, but it is open only for senders in its own domains: at the end of DATA it refuses a message whose From header names another one.",
		Change: "Delete the credential, and let the senders log in with one of the type SMTP. Where that cannot be, enter the single address of the sender.",
		Users:  "Programs that have relayed by their address must log in with the key of an SMTP credential as password; with PLAIN and LOGIN any name will do.",
		Ways: []Way{{
			Steps: []Step{{At: "the web interface: the mail server > Credentials, in each one of the type SMTP-IP that stays", Lines: "Network: 192.0.2.10"}},
			Ref:   "Postal documentation, SMTP Authentication, IP-based authentication and From/Sender validation",
			Read:  "2026-11-30",
		}},
	},
	{
		MTAs: []string{"KumoMTA"}, Vectors: []string{"plain", "null-sender", "same-domain"},
		Cause:  "Usually relay_hosts of the listener takes this client in, or the domain \"*\" has relay_to = true in listener_domains.toml.",
		Change: "List your own hosts in relay_hosts, by single addresses, and give relay_to to your own domains only.",
		Users:  "A host that is not in the list can send to the domains with relay_to only.",
		Ways: []Way{{
			Look: `grep -rnE 'relay_hosts|relay_to' /opt/kumomta/etc/`,
			Steps: []Step{
				{At: "/opt/kumomta/etc/policy/init.lua, in each kumo.start_esmtp_listener", Lines: "  relay_hosts = { '127.0.0.1', '::1', '192.0.2.10' },"},
				{At: "/opt/kumomta/etc/listener_domains.toml, where a domain has one table only", Lines: "[\"*\"]\nrelay_to = false\n[\"example.org\"]\nrelay_to = true"},
			},
			Load: loadKumo,
			Ref:  "KumoMTA reference, relay_hosts; User guide, Configuring Inbound and Relay Domains",
			Read: "2026-11-30",
		}},
	},
	{
		MTAs: []string{"KumoMTA"}, Vectors: []string{"proxy-*", "xclient-*"},
		Cause:  "Usually require_proxy_protocol or allow_xclient stands in the listener itself, or for a network that is too wide. KumoMTA believes every address that a client in it claims.",
		Change: "Put these parameters into a peer block for the address of your own proxy, and nowhere else.",
		Users:  "A proxy that has no block of its own can no longer say who its clients are: with a PROXY header it is refused.",
		Ways: []Way{{
			Look: `grep -rnE 'require_proxy_protocol|allow_xclient' /opt/kumomta/etc/policy/`,
			Steps: []Step{{At: "/opt/kumomta/etc/policy/init.lua, in kumo.start_esmtp_listener", Lines: `  peer = {
    ['10.0.0.5'] = { require_proxy_protocol = true },   -- or allow_xclient
  },`}},
			Load: loadKumo,
			Ref:  "KumoMTA reference, require_proxy_protocol, allow_xclient, peer",
			Read: "2026-11-30",
		}},
	},
	{
		MTAs: []string{"PowerMTA"}, Vectors: []string{"plain", "plain-*", "null-sender", "same-domain"},
		Cause:  "Usually a <source> block that takes this client in, often one for everybody, says always-allow-relaying yes.",
		Change: "Let only the blocks of your own hosts say so, one for each address, and restart PowerMTA. The PowerMTA User's Guide explains all of it, which is no public page: ask its vendor, Bird, before that SparkPost and Port25.",
		Users:  "Programs that feed PowerMTA from an address without such a block are refused. A block that only users who have logged in come to must keep what it has, or they are refused too.",
		Ways: []Way{{
			Look: `grep -nE '<source|always-allow-relaying' /etc/pmta/config   # and the files that it includes`,
			Steps: []Step{
				{At: "/etc/pmta/config, in each <source> block for more than your own hosts", Lines: "    always-allow-relaying no"},
				{At: "/etc/pmta/config, where your own hosts have no block", Lines: `<source 192.0.2.10>
    always-allow-relaying yes
    smtp-service yes
</source>`},
			},
			Ref:  "SparkPost documentation, Using SparkPost with PowerMTA; Sample PowerMTA configuration file",
			Read: "2026-11-30",
		}},
	},
}

const loadKumo = `/opt/kumomta/sbin/kumod --policy /opt/kumomta/etc/policy/init.lua --validate   # since 2024.09.02
systemctl restart kumomta`
