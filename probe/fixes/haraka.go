package fixes

// Haraka has no check of its configuration but this: it loads every plugin, and says which are asked in which order.
// haraka -i, which makes the directory, leaves docs/Plugins.md there for it.
const loadHaraka = `haraka -o -c /etc/haraka >/dev/null   # loads every plugin, and reads docs/Plugins.md
systemctl restart haraka`

// lookHaraka says which directory is meant, and who decides on recipients.
const lookHaraka = `# /etc/haraka stands for the directory that the service of Haraka names behind -c
haraka -o -c /etc/haraka | sed -n '/^Hook: rcpt /,/^$/p'   # which plugins decide on recipients
`

var haraka = []Fix{
	{
		MTAs: []string{"Haraka"}, Vectors: []string{"plain"},
		Cause:  "Usually relay.ini says all=true, or relay_acl_allow holds a network that is too wide, or a plugin of your own answers OK for every recipient or sets connection.relaying.",
		Change: "Take out what lets everybody relay, list in relay_acl_allow the single hosts that may, and the domains of your own in host_list, for rcpt_to.in_host_list. Restart Haraka: it reads relay.ini and relay_acl_allow again by itself, but not its list of plugins.",
		Users:  "Clients that are not in relay_acl_allow can send to your own domains only, until they log in by one of the auth plugins. Then they may relay as before.",
		Ways: []Way{
			{
				When: "relay.ini says all=true",
				Look: lookHaraka + `grep -nE '^(all|acl|dest_domains)' /etc/haraka/config/relay.ini`,
				Steps: []Step{
					{At: "/etc/haraka/config/relay.ini", Out: `^(all|acl) *=`, Lines: "all=false\nacl=true"},
					{At: "/etc/haraka/config/relay_acl_allow", Lines: "192.0.2.10/32"},
				},
				Load: loadHaraka,
				Ref:  "haraka-plugin-relay, README",
				Run:  "Haraka 3.1.1 with haraka-plugin-relay 1.0.2",
			},
			{
				When:  "relay_acl_allow holds a wide network",
				Look:  lookHaraka + `grep -nE '^[^#]' /etc/haraka/config/relay_acl_allow`,
				Steps: []Step{{At: "/etc/haraka/config/relay_acl_allow", Out: `/([0-9]|1[0-9]|2[0-3])( |#|$)`, Lines: "192.0.2.10/32"}},
				Load:  loadHaraka,
				Ref:   "haraka-plugin-relay, README",
				Run:   "Haraka 3.1.1 with haraka-plugin-relay 1.0.2",
			},
			{
				When: "a plugin of your own, here rcpt_to.everybody, accepts every recipient",
				Look: lookHaraka + `grep -rnE 'relaying *= *true|next\(OK' /etc/haraka/plugins`,
				Steps: []Step{
					{At: "/etc/haraka/config/plugins", Out: `^rcpt_to\.everybody$`, Lines: "rcpt_to.in_host_list"},
					{At: "/etc/haraka/config/host_list", Lines: "example.org"},
				},
				Load: loadHaraka,
				Ref:  "Haraka, docs/plugins/rcpt_to.in_host_list.md",
				Run:  "Haraka 3.1.1",
			},
		},
	},
	{
		MTAs: []string{"Haraka"}, Vectors: append([]string{"subdomain-of-own"}, topDomains...),
		Cause:  "Usually host_list_regex holds a pattern that domains match which are not yours.",
		Change: "Take the pattern out, and list your domains in host_list, one a line.",
		Users:  "Mail for a subdomain of yours that is not in the list is refused.",
		Ways: []Way{{
			Look: lookHaraka + `grep -n . /etc/haraka/config/host_list_regex /etc/haraka/config/host_list`,
			Steps: []Step{
				{At: "/etc/haraka/config/host_list_regex", Out: `\.[*+]`},
				{At: "/etc/haraka/config/host_list", Lines: "example.org"},
			},
			Load: loadHaraka,
			Ref:  "Haraka, docs/plugins/rcpt_to.in_host_list.md",
			Run:  "Haraka 3.1.1",
		}},
	},
	{
		MTAs: []string{"Haraka"}, Vectors: []string{"second-recipient"},
		Cause:  "Usually dest_domains is on in relay.ini. A recipient in a domain of relay_dest_domains.ini makes the whole session one that may relay, and so the next recipient may be anybody.",
		Change: "Turn dest_domains off. Domains of your own belong in host_list, for the plugin rcpt_to.in_host_list. The routes of relay_dest_domains.ini may stay: force_routing reads them without dest_domains.",
		Users:  "Mail for your own domains is no longer sent on as outbound mail: a queue plugin takes it, usually queue/smtp_forward, to the host in smtp_forward.ini. It must name the server where your mailboxes are.",
		Ways: []Way{{
			Look: lookHaraka + `grep -nE '^(all|acl|dest_domains|force_routing)' /etc/haraka/config/relay.ini
cd /etc/haraka/config
grep -nE '^(queue|rcpt_to)' plugins
grep -n . host_list relay_dest_domains.ini`,
			Steps: []Step{
				{At: "/etc/haraka/config/relay.ini", Out: `^dest_domains *=`, Lines: "dest_domains=false"},
				{At: "/etc/haraka/config/host_list", Lines: "example.org"},
				{Run: `cd /etc/haraka/config
grep -qx rcpt_to.in_host_list plugins || printf '\nrcpt_to.in_host_list\n' >>plugins
grep -q '^queue/' plugins || printf '\nqueue/smtp_forward\n' >>plugins`},
				{At: "/etc/haraka/config/smtp_forward.ini", Lines: "[example.org]\n; the server where the mailboxes are\nhost=10.0.0.6\nport=25"},
			},
			Load: loadHaraka,
			Ref:  "haraka-plugin-relay, README; Haraka, docs/plugins/queue/smtp_forward.md",
			Run:  "Haraka 3.1.1 with haraka-plugin-relay 1.0.2",
		}},
	},
	{
		MTAs: []string{"Haraka"}, Vectors: []string{"percent-own-*", "quoted-own-*", "bang-own-*"},
		Cause:  "Haraka accepts every local part in the domains of host_list and passes it on as it is. Usually it is the server behind it that takes the foreign address out of the local part, because it trusts Haraka's address.",
		Change: "Let the server behind Haraka take mail for its own users only, as from a stranger. Where that cannot be, let Haraka refuse these addresses by a plugin that stands before rcpt_to.in_host_list.",
		Users:  "A user of yours whose local part holds %, ! or @ gets no mail from outside any more.",
		Ways: []Way{{
			Look: lookHaraka + `grep -nE '^(rcpt_to|queue)' /etc/haraka/config/plugins
grep -nE '^(host|port) *=' /etc/haraka/config/smtp_forward.ini   # the server behind`,
			Steps: []Step{
				{At: "/etc/haraka/plugins/rcpt_to.no_detour.js", Lines: `exports.hook_rcpt = (next, connection, [rcpt]) => {
    const detour = !connection.relaying && /[%!@]/.test(rcpt.user);
    return detour ? next(DENY, 'relaying denied') : next();
};`},
				{At: "/etc/haraka/config/plugins", Out: `^rcpt_to\.in_host_list$`, Lines: "rcpt_to.no_detour\nrcpt_to.in_host_list"},
			},
			Load: loadHaraka,
			Ref:  "Haraka, docs/Plugins.md",
			Run:  "Haraka 3.1.1",
		}},
	},
	{
		MTAs: []string{"Haraka"}, Vectors: []string{"xclient-*"},
		Cause:  "The plugin xclient is loaded and believes this client: 127.0.0.1 and ::1 always, so also everybody behind a proxy on the same machine, and others by xclient.hosts. Then a plugin of the hook connect lets the claimed address relay: one of your own, or before version 2.8.19 the plugin relay.",
		Change: "Take the plugin out, or list in xclient.hosts your own proxies, by single addresses: it knows no networks.",
		Users:  "A proxy or filter that is not in the list can no longer say who its clients are: to Haraka they all come from the proxy's address.",
		Ways: []Way{
			{
				When:  "no proxy of yours uses XCLIENT",
				Look:  lookXCLIENT,
				Steps: []Step{{At: "/etc/haraka/config/plugins", Out: `^xclient$`}},
				Load:  loadHaraka,
				Ref:   "Haraka, docs/plugins/xclient.md",
				Run:   "Haraka 3.1.1",
			},
			{
				When:  "a proxy of yours uses XCLIENT",
				Look:  lookXCLIENT,
				Steps: []Step{{At: "/etc/haraka/config/xclient.hosts", Out: `^[^#]`, Lines: "10.0.0.5"}},
				Load:  loadHaraka,
				Ref:   "Haraka, docs/plugins/xclient.md",
				Run:   "Haraka 3.1.1",
			},
		},
	},
	{
		MTAs: []string{"Haraka"}, Vectors: []string{"proxy-*"},
		Cause:  "Usually the list of proxies holds more than your proxies. Haraka believes the PROXY header of every client in it, and gives it no greeting before. An IPv6 address without a prefix length stands for its /64.",
		Change: "List your own proxies by single addresses, IPv6 with /128, or none. Haraka reads version 1 of the header only: HAProxy must say send-proxy, not send-proxy-v2.",
		Users:  "A proxy that is not in the list, and sends the header all the same, is refused with 421: its clients cannot send mail.",
		Ways: []Way{
			{
				When:  "version 3.1 and newer",
				Look:  `grep -nE '^hosts' /etc/haraka/config/connection.ini   # in the section [haproxy]`,
				Steps: []Step{{At: "/etc/haraka/config/connection.ini", Out: `^hosts\[\] *=`, Lines: "hosts[]=10.0.0.5"}},
				Load:  loadHaraka,
				Ref:   "Haraka, docs/HAProxy.md",
				Run:   "Haraka 3.1.1",
			},
			{
				When:  "version 3.0 and older",
				Look:  `cat /etc/haraka/config/haproxy_hosts`,
				Steps: []Step{{At: "/etc/haraka/config/haproxy_hosts", Out: `^[^#]`, Lines: "10.0.0.5"}},
				Load:  loadHaraka,
				Ref:   "Haraka, Changes.md, 3.1.0; docs/HAProxy.md of older versions",
				Read:  "2026-11-30",
			},
		},
	},
}

const lookXCLIENT = `# /etc/haraka stands for the directory that the service of Haraka names behind -c
grep -nx xclient /etc/haraka/config/plugins; grep -nE '^[^#]' /etc/haraka/config/xclient.hosts
haraka -o -c /etc/haraka | sed -n '/^Hook: connect /,/^$/p'   # who decides by the address`
