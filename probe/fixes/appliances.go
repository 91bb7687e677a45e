package fixes

// appliances is servers and gateways that are set up in a web interface. None can be run here.
var appliances = []Fix{
	{
		MTAs: []string{"Kerio Connect"}, Vectors: []string{"plain", "plain-*", "null-sender", "same-domain"},
		Cause:  "Usually relay control is set to open relay, or the group of IP addresses that may relay takes this client in.",
		Change: "Allow relay for those who log in only, and keep the group to single addresses of your own.",
		Users:  "Programs and devices that relay by their address must log in, unless a group holds them and no login is demanded: where both are chosen, clients of the group must log in too, and are refused if that fails. Who leaves the group is checked for spam like a stranger.",
		Ways: []Way{{
			Steps: []Step{{
				At: "Configuration > SMTP Server > Relay Control",
				Lines: `(x) Allow relay only for
    [x] Users authenticated through SMTP for outgoing mail
Apply`,
			}},
			Ref:  "Kerio Connect manual, Configuring the SMTP server",
			Read: "2026-11-30",
		}},
	},
	{
		MTAs: []string{"Axigen"}, Vectors: []string{"plain", "plain-*", "null-sender", "same-domain"},
		Cause:  "Usually relaying is allowed from any address without a login, or from an IP range that takes this client in.",
		Change: "Demand a login for relaying, and keep the ranges to single addresses of your own.",
		Users:  "Programs and devices whose addresses are in no range must log in to send to other domains.",
		Ways: []Way{{
			When: "WebAdmin",
			Steps: []Step{{
				At: "Security & Filtering > Acceptance & Routing > Routing Basic Settings",
				Lines: `Allow relaying    [x] Require authentication
Add IP/Range      Single IP 192.0.2.10     # delete wider ones
Save Configuration`,
			}},
			Ref:  "Axigen documentation, Routing Basic Settings",
			Read: "2026-11-30",
		}},
	},
	{
		MTAs: []string{"Sophos Firewall"}, Vectors: []string{"plain", "plain-*", "null-sender", "same-domain"},
		Cause:  "Usually host-based relay is allowed from Any, or from a network that takes this client in.",
		Change: "Allow it from the hosts of your own mail servers only. A host that is allowed and blocked is allowed.",
		Users:  "Hosts that are not allowed can relay only as users of the authenticated relay.",
		Ways: []Way{{
			When: "MTA mode",
			Steps: []Step{{
				At: "Email > Relay settings > Host-based relay",
				Lines: `Allow relay from hosts/networks: 192.0.2.10     # never Any
Apply`,
			}},
			Ref:  "Sophos Firewall help, Relay settings (MTA mode)",
			Read: "2026-11-30",
		}},
	},
	{
		MTAs: []string{"Sophos UTM"}, Vectors: []string{"plain", "plain-*", "null-sender", "same-domain"},
		Cause:  "Usually host-based relay is allowed from Any, or from a network that takes this client in.",
		Change: "Allow it from the hosts of your own mail servers only.",
		Users:  "Hosts that are not allowed can relay only as users of the authenticated relay.",
		Ways: []Way{{
			Steps: []Step{{
				At: "Email Protection > SMTP > Relaying > Host-based Relay",
				Lines: `Allowed hosts/networks: 192.0.2.10
Apply`,
			}},
			Ref:  "Sophos UTM help, Relaying",
			Read: "2026-11-30",
		}},
	},
}
