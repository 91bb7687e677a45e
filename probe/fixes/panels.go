package fixes

// The servers in this file are Postfix and Exim inside products, which write their configuration themselves. None of
// them is run here; the lines that a container's environment or a panel's page take are read.
var panels = []Fix{
	{
		MTAs: []string{"mailcow"}, Vectors: []string{"plain"},
		Cause:  "mailcow's Postfix trusts its container network, and strangers seem to come from the gateway of it: usually over IPv6, where the host has an address and the containers have none. Else extra.cf widens mynetworks, or a rule of the host's firewall masquerades what comes in.",
		Change: "Publish the ports on IPv4 only, or let ENABLE_IPV6=true give the containers IPv6 (since 2025-09), and keep networks out of extra.cf.",
		Users:  "On IPv4 only, nobody reaches the server over IPv6 any more: take its AAAA record out. Programs that extra.cf trusted can send to your own domains only, until they log in or their addresses are listed.",
		Ways: []Way{
			{
				When: "the log shows 172.22.1.1 for clients from everywhere",
				Look: "docker compose logs postfix-mailcow | grep -i 'connect from'",
				Steps: []Step{{At: "mailcow.conf", Out: "^(SMTP|SMTPS|SUBMISSION)_PORT=",
					Lines: "SMTP_PORT=0.0.0.0:25\nSMTPS_PORT=0.0.0.0:465\nSUBMISSION_PORT=0.0.0.0:587"}},
				Load: "docker compose down && docker compose up -d",
				Ref:  "mailcow documentation, IP bindings; Disable IPv6", Read: "2026-11-30",
			},
			{
				When: "extra.cf sets mynetworks; mailcow's own networks must stay in the list",
				Look: `grep -E '^IPV[46]_NETWORK=' mailcow.conf   # 172.22.1 and fd4d:6169:6c63:6f77:: below
docker compose exec postfix-mailcow postconf mynetworks`,
				Steps: []Step{{At: "data/conf/postfix/extra.cf", Out: "^mynetworks",
					Lines: `# lines below it that begin with a space belong to it, and go with it
mynetworks = 127.0.0.0/8 [::ffff:127.0.0.0]/104 [::1]/128 [fe80::]/10
  172.22.1.0/24 [fd4d:6169:6c63:6f77::]/64 192.0.2.10/32`}},
				Load: "docker compose restart postfix-mailcow",
				Ref:  "mailcow documentation, Unauthenticated Relaying", Read: "2026-11-30",
			},
		},
	},
	{
		MTAs: []string{"docker-mailserver"}, Vectors: []string{"plain"},
		Cause:  "Usually PERMIT_DOCKER makes a network of containers trusted, and the gateway of it with them. Strangers seem to come from the gateway, usually over IPv6 without IPv6 in the container; in rootless Podman they seem to be localhost, which is trusted by default.",
		Change: "Trust nobody by address, and let the container see its clients: openrelay explain identity-lost. Versions that do not know the value none take an empty one for it.",
		Users:  "Other containers and programs of the host log in to send.",
		Ways: []Way{{
			Look: `docker exec mailserver postconf mynetworks
grep -n PERMIT_DOCKER mailserver.env compose.yaml
grep -n mynetworks docker-data/dms/config/postfix-main.cf   # goes before PERMIT_DOCKER`,
			Steps: []Step{{At: "mailserver.env", Out: "^PERMIT_DOCKER=", Lines: "PERMIT_DOCKER=none"}},
			Load:  "docker compose up -d --force-recreate mailserver",
			Ref:   "docker-mailserver, Environment Variables, PERMIT_DOCKER; Advanced, IPv6; Advanced, Podman", Read: "2026-11-30",
		}},
	},
	{
		MTAs: []string{"Mailu"}, Vectors: []string{"plain"},
		Cause:  "Mailu's Postfix trusts SUBNET, the network of its containers, and RELAYNETS. Strangers seem to come from the gateway of SUBNET where Docker's userland proxy takes their connections: usually over IPv6, or with iptables switched off in Docker. Else RELAYNETS is too wide.",
		Change: "Switch the userland proxy off, as Mailu asks for, and list hosts in RELAYNETS, or nothing.",
		Users:  "All containers of the machine are restarted, and none that has no IPv6 address is reached over IPv6 any more: take the AAAA record out, or give Mailu IPv6. Programs that are no longer in RELAYNETS can send to your own domains only, until they log in.",
		Ways: []Way{
			{
				When:  "the log shows the gateway of SUBNET",
				Look:  "grep -E '^SUBNET' mailu.env; docker compose logs smtp | grep client=",
				Steps: []Step{{At: "/etc/docker/daemon.json, beside the keys that are there", Lines: `{"userland-proxy": false}`}},
				Load:  "dockerd --validate && systemctl restart docker",
				Ref:   "Mailu, Frequently asked questions, How to make IPv6 work?; Mailu issues 3141 and 3680", Read: "2026-11-30",
			},
			{
				When:  "RELAYNETS is set",
				Look:  "docker compose exec smtp postconf mynetworks",
				Steps: []Step{{At: "mailu.env", Out: "^RELAYNETS=", Lines: "RELAYNETS=192.0.2.10"}},
				Load:  "docker compose up -d",
				Ref:   "Mailu, Configuration reference, Mail settings", Read: "2026-11-30",
			},
		},
	},
	{
		MTAs: []string{"iRedMail"}, Vectors: []string{"plain"},
		Cause:  "Postfix takes this client for one of its own. iRedMail itself trusts 127.0.0.1 alone: usually mynetworks was widened later.",
		Change: "List hosts instead of networks in mynetworks, and the same in MYNETWORKS of iRedAPD, which spares them its checks.",
		Users:  "Programs and devices whose addresses are no longer listed can send to your own domains only, until they log in.",
		Ways: []Way{
			{
				When: "iRedMail",
				Look: "postconf mynetworks smtpd_relay_restrictions; grep -n MYNETWORKS /opt/iredapd/settings.py",
				Steps: []Step{
					{Run: "postconf -e 'mynetworks = 127.0.0.1 192.0.2.10'"},
					{At: "/opt/iredapd/settings.py", Out: "^MYNETWORKS", Lines: "MYNETWORKS = ['192.0.2.10']"},
				},
				Load: "postfix check && postfix reload && systemctl restart iredapd",
				Ref:  "iRedMail, samples/postfix/main.cf; Allow some user to send email without smtp authentication", Read: "2026-11-30",
			},
			{
				When:  "iRedMail Enterprise Edition, which writes main.cf anew when it deploys",
				Look:  "postconf mynetworks; grep -n mynetworks /opt/iredmail/custom/postfix/*",
				Steps: []Step{{At: "/opt/iredmail/custom/postfix/custom.sh", Out: "mynetworks", Lines: "postconf -e mynetworks='127.0.0.1 192.0.2.10'"}},
				Load:  "cd /opt/iredmail/custom/postfix && bash custom.sh && postfix check && postfix reload",
				Ref:   "iRedMail Enterprise Edition (EE): Best Practice", Read: "2026-11-30",
			},
		},
	},
	{
		MTAs: []string{"Zimbra"}, Vectors: []string{"plain"},
		Cause:  "Zimbra's Postfix takes this client for one of its own. Usually zimbraMtaMyNetworks holds a network, with a gateway or a proxy in it; what is set for a server goes before what is set for all.",
		Change: "List the hosts of the installation, and no networks.",
		Users:  "Programs and devices whose addresses are no longer listed can send to your own domains only, until they log in. A server of the installation that is left out cannot send.",
		Ways: []Way{{
			Look: `su - zimbra
zmprov gs $(zmhostname) zimbraMtaMyNetworks; zmprov gcf zimbraMtaMyNetworks; postconf mynetworks`,
			Steps: []Step{{Run: `# as zimbra, with the address of each server of the installation
zmprov ms $(zmhostname) zimbraMtaMyNetworks '127.0.0.0/8 [::1]/128 192.0.2.10/32'`}},
			Load: "postconf mynetworks   # zmconfigd writes it within two minutes\npostfix reload",
			Ref:  "Zimbra Administrator Guide, Zimbra Mail Transfer Agent, Setting Up Trusted Networks", Read: "2026-11-30",
		}},
	},
	{
		MTAs: []string{"cPanel"}, Vectors: []string{"plain"},
		Cause:  "Usually a list of clients that need no login holds this one: \"Trusted SMTP IP addresses\" (/etc/skipsmtpcheckhosts), or /etc/alwaysrelay, whose hosts are added to those that logged in of late (/etc/recent_authed_mail_ips, once /etc/relayhosts).",
		Change: "Take networks, gateways and proxies out of both.",
		Users:  "Programs and devices on those addresses can send to your own domains only, until they log in.",
		Ways: []Way{{
			Look: "grep . /etc/skipsmtpcheckhosts /etc/alwaysrelay /etc/recent_authed_mail_ips",
			Steps: []Step{
				{At: "WHM, Exim Configuration Manager, Basic Editor, Access Lists", Lines: "Trusted SMTP IP addresses: none"},
				{At: "/etc/alwaysrelay", Out: ".", Lines: "192.0.2.10"},
			},
			Load: "/usr/local/cpanel/scripts/restartsrv_tailwatchd   # fills /etc/recent_authed_mail_ips",
			Ref:  "cPanel & WHM documentation, Exim Configuration Manager Basic Editor, Access Lists", Read: "2026-11-30",
		}},
	},
	{
		MTAs: []string{"Plesk"}, Vectors: []string{"plain"},
		Cause:  "Usually relaying is open in the mail server settings of Plesk, or the white list there holds this client: who is on it needs no login.",
		Change: "Let relaying ask for a login, and leave this machine alone on the white list, which webmail needs.",
		Users:  "Programs and devices that were on the white list can send to your own domains only, until they log in or are listed by address.",
		Ways: []Way{{
			Look: "postconf mynetworks smtpd_relay_restrictions smtpd_recipient_restrictions",
			Steps: []Step{{At: "Tools & Settings, Mail Server Settings", Lines: `Relaying: authorization is required
White List: 127.0.0.0/8, ::1/128, 192.0.2.10/32   # Plesk writes and loads them`}},
			Ref: "Plesk support, How to verify that the server is not acting as an open relay", Read: "2026-11-30",
		}},
	},
	{
		MTAs: []string{"Proxmox Mail Gateway"}, Vectors: []string{"plain"},
		Cause:  "This client is in the list of trusted networks, or in the subnet of the gateway itself, which may relay without being listed: usually a router or a proxy there hides the real one.",
		Change: "List hosts instead of networks; where a device of the own subnet hides its clients, write mynetworks yourself.",
		Users:  "A mail server that sends out through the gateway, and is neither listed nor in its subnet, can no longer. Once mynetworks is written into the template, neither the subnet nor the page Networks counts: only what stands there may relay.",
		Ways: []Way{
			{
				When:  "a listed network",
				Look:  "cat /etc/pmg/mynetworks; postconf mynetworks",
				Steps: []Step{{At: "Configuration, Mail Proxy, Networks", Lines: "192.0.2.10/32   # and no networks; Postfix is reloaded when it is saved"}},
				Ref:   "Proxmox Mail Gateway Administration Guide, Mail Proxy Configuration, Networks", Read: "2026-11-30",
			},
			{
				When: "the gateway's own subnet",
				Look: "postconf mynetworks   # what of it must stay, other nodes of a cluster too",
				Steps: []Step{
					{Run: "mkdir -p /etc/pmg/templates && cp -n /var/lib/pmg/templates/main.cf.in /etc/pmg/templates"},
					{At: "/etc/pmg/templates/main.cf.in", Out: "^mynetworks", Lines: "mynetworks = 127.0.0.0/8 [::1]/128 192.0.2.10/32"},
				},
				Load: "pmgconfig sync --restart 1",
				Ref:  "Proxmox Mail Gateway Administration Guide, Service Configuration Templates", Read: "2026-11-30",
			},
		},
	},
}

// Products is the table of mail systems around another server.
var Products = []Product{
	{
		Name: "mailcow", Server: "Postfix",
		Note: "In mailcow, main.cf is put back at each start, and what stands in data/conf/postfix/extra.cf is appended: parameters go there, in place of postconf -e, and docker compose restart postfix-mailcow loads them. Domains and users are the web interface's.",
		Ref:  "mailcow documentation, Customize/Expand main.cf", Read: "2026-11-30",
	},
	{
		Name: "docker-mailserver", Server: "Postfix",
		Note: "In docker-mailserver, main.cf is written at each start: parameters go into docker-data/dms/config/postfix-main.cf in place of postconf -e, options of a port into postfix-master.cf as postconf -P takes them. docker compose up -d --force-recreate mailserver loads them.",
		Ref:  "docker-mailserver, Override the Default Configs, Postfix", Read: "2026-11-30",
	},
	{
		Name: "Mailu", Server: "Postfix",
		Note: "In Mailu, main.cf is written at each start of the container smtp, from mailu.env: parameters go into overrides/postfix/postfix.cf in place of postconf -e, one a line, and docker compose restart smtp loads them. The container front stands before Postfix.",
		Ref:  "Mailu, Frequently asked questions, How can I override settings?", Read: "2026-11-30",
	},
	{
		Name: "iRedMail", Server: "Postfix",
		Note: "iRedMail writes Postfix's files once, when it is installed, and what follows holds as it stands. Its Enterprise Edition writes them anew whenever it deploys: there the commands go into /opt/iredmail/custom/postfix/custom.sh.",
		Ref:  "iRedMail, Locations of configuration and log files of major components; iRedMail Enterprise Edition (EE): Best Practice", Read: "2026-11-30",
	},
	{
		Name: "Zimbra", Server: "Postfix",
		Note: "In Zimbra, the settings stand in its LDAP directory, and zmconfigd writes main.cf from them: use zmprov or the Admin Console where there is an attribute. What is written into Postfix's files is lost with the next upgrade at the latest.",
		Ref:  "Zimbra Administrator Guide, Zimbra Mail Transfer Agent, Postfix Configuration Files", Read: "2026-11-30",
	},
	{
		Name: "cPanel", Server: "Exim",
		Note: "In cPanel & WHM, /etc/exim.conf is generated: change it in WHM, Exim Configuration Manager, whose Advanced Editor takes lines of Exim's, and which builds the file and restarts Exim when it saves.",
		Ref:  "cPanel & WHM documentation, Exim Configuration Manager Basic Editor", Read: "2026-11-30",
	},
	{
		Name: "Plesk", Server: "Postfix",
		Note: "Plesk keeps the settings of its mail server itself, and writes them into Postfix's files: use Tools & Settings, Mail Server Settings, for what stands there.",
		Ref:  "Plesk Obsidian Administrator Guide, Configuring Server-Wide Mail Settings", Read: "2026-11-30",
	},
	{
		Name: "Proxmox Mail Gateway", Server: "Postfix",
		Note: "In Proxmox Mail Gateway, main.cf and master.cf are written from templates: copy one from /var/lib/pmg/templates to /etc/pmg/templates, change it there in place of postconf -e, and load it by pmgconfig sync --restart 1.",
		Ref:  "Proxmox Mail Gateway Administration Guide, Service Configuration Templates", Read: "2026-11-30",
	},
}
