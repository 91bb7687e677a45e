package fixes

// windows is Microsoft's servers, and others that run on Windows alone. None can be run here.
var windows = []Fix{
	{
		MTAs: []string{"Exchange"}, Vectors: []string{"plain"},
		Cause:  "A receive connector whose remote range takes this client in lets it send anywhere: anonymous senders have the right Ms-Exch-SMTP-Accept-Any-Recipient, or the connector is externally secured (ExternalAuthoritative). Usually that is the default frontend connector, or a range that holds the address of a NAT. Of several connectors the one with the narrowest range counts.",
		Change: "Take that off the connector. Devices that must relay get a connector of their own, whose range lists them by address. Exchange does not read the PROXY protocol: a load balancer before it must keep the client's address.",
		Users:  "Devices and programs that relayed over this connector without a login, and that are not in the range of another one, can send to your own domains only.",
		Ways: []Way{
			{
				When: "Anonymous senders have the right (Exchange Management Shell)",
				Look: `Get-ReceiveConnector | ft Identity,Bindings,RemoteIPRanges,PermissionGroups
Get-ReceiveConnector | Get-ADPermission -User "NT AUTHORITY\ANONYMOUS LOGON" |
  where {$_.ExtendedRights -like "*Accept-Any-Recipient*"} | ft Identity`,
				Steps: []Step{{Run: `Remove-ADPermission "SERVER\CONNECTOR" -User "NT AUTHORITY\ANONYMOUS LOGON" ` + "`" + `
  -ExtendedRights "Ms-Exch-SMTP-Accept-Any-Recipient"
# on a connector for your devices: leave the right, and narrow the range
Set-ReceiveConnector "SERVER\RELAY" -RemoteIPRanges 192.0.2.10,192.0.2.11`}},
				Ref:  "Microsoft Learn, Allow anonymous relay on Exchange servers; Remove-ADPermission",
				Read: "2026-11-30",
			},
			{
				When: "Externally secured (Exchange Management Shell)",
				Look: `Get-ReceiveConnector | where {$_.AuthMechanism -like "*ExternalAuthoritative*"} |
  ft Identity,RemoteIPRanges`,
				Steps: []Step{{Run: `# on a connector for your devices: narrow the range
Set-ReceiveConnector "SERVER\RELAY" -RemoteIPRanges 192.0.2.10,192.0.2.11
# on Default Frontend: what setup gave it
Set-ReceiveConnector "SERVER\Default Frontend SERVER" ` + "`" + `
  -AuthMechanism Tls,Integrated,BasicAuth,BasicAuthRequireTLS,ExchangeServer`}},
				Ref:  "Microsoft Learn, Receive connectors: Default Receive connectors created during setup",
				Read: "2026-11-30",
			},
		},
	},
	{
		MTAs: []string{"Exchange"}, Vectors: topDomains,
		Cause:  "Usually an accepted domain with a wildcard covers far more than your own.",
		Change: "List whole domains, and remove the wildcard.",
		Users:  "Mail for a domain that you relay to and that is not in the list is refused.",
		Ways: []Way{{
			When: "Exchange Management Shell",
			Look: `Get-AcceptedDomain | ft Name,DomainName,DomainType`,
			Steps: []Step{{Run: `# first each whole domain that the wildcard covers for you, with the type that it has
New-AcceptedDomain example.org -DomainName example.org -DomainType InternalRelay
Remove-AcceptedDomain "NAME"`}},
			Ref:  "Microsoft Learn, Procedures for accepted domains in Exchange Server; New-AcceptedDomain",
			Read: "2026-11-30",
		}},
	},
	{
		MTAs: []string{"Microsoft 365"}, Vectors: []string{"plain", "sender-own-*"},
		Cause:  "Usually an inbound connector of the tenant (from your organisation's email server) matches the address you tested from, and mail over it may leave for anywhere.",
		Change: "Let the connector know your servers by certificate, or by single addresses that nobody else shares.",
		Users:  "A server of yours that neither shows the certificate nor has one of the addresses can send to your own domains only.",
		Ways: []Way{{
			When: "Exchange Online PowerShell, and the admin center",
			Look: `Get-InboundConnector | ft Name,Enabled,ConnectorType,SenderIPAddresses,TlsSenderCertificateName`,
			Steps: []Step{{
				At:    "Mail flow > Connectors, the connector, Authenticating sent email",
				Lines: `(x) by the subject name on the certificate of the sending server: example.org`,
			}},
			Ref:  "Microsoft Learn, Set up connectors to route mail between Microsoft 365 and your own email servers",
			Read: "2026-11-30",
		}},
	},
	{
		MTAs: []string{"Microsoft IIS SMTP"}, Vectors: []string{"plain"},
		Cause:  "Usually the relay restrictions of the SMTP virtual server grant relaying to all but a list, or the list takes this client in.",
		Change: "Grant it to a list, and put your own hosts on it. A remote domain with a relay setting of its own overrides that for itself.",
		Users:  "Hosts that are not on the list can relay only after a login, if the box for it is ticked.",
		Ways: []Way{{
			When: "IIS manager",
			Steps: []Step{{
				At: "the properties of the SMTP virtual server > Access > Relay",
				Lines: `(x) Only the list below: 192.0.2.10
[x] Allow all computers which successfully authenticate to relay`,
			}},
			Ref:  "Microsoft TechNet, Configuring SMTP Virtual Server Relay Restrictions",
			Read: "2026-11-30",
		}},
	},
	{
		MTAs: []string{"hMailServer"}, Vectors: []string{"plain", "plain-*", "null-sender", "same-domain"},
		Cause:  "Usually the IP range that takes this client in allows deliveries from external to external addresses. Of overlapping ranges the one with the highest priority counts.",
		Change: "Untick that box on every range but your own machine's, in the administrator, and demand a login for it there.",
		Users:  "Programs and devices in that range can no longer send from foreign addresses to foreign ones. From an alias is from a foreign address too.",
		Ways: []Way{{
			When: "hMailServer Administrator",
			Steps: []Step{{
				At: "Settings > Advanced > IP Ranges > Internet",
				Lines: `Allow deliveries from          [ ] External to external e-mail addresses
Require SMTP authentication    [x] External to external e-mail addresses`,
			}},
			Ref:  "hMailServer documentation, IP ranges",
			Read: "2026-11-30",
		}},
	},
	{
		MTAs: []string{"hMailServer"}, Vectors: ownSenders,
		Cause:  "Usually the IP range that takes this client in allows deliveries from local to external addresses without a login. The sender decides who is local, and anybody can write it.",
		Change: "Demand a login for that on every range but your own machine's, in the administrator.",
		Users:  "Users, programs and devices in that range must log in to send to other domains.",
		Ways: []Way{{
			When: "hMailServer Administrator",
			Steps: []Step{{
				At: "Settings > Advanced > IP Ranges > Internet",
				Lines: `Require SMTP authentication    [x] Local to external e-mail addresses
Require SMTP authentication    [x] External to external e-mail addresses`,
			}},
			Ref:  "hMailServer documentation, IP ranges",
			Read: "2026-11-30",
		}},
	},
	{
		MTAs: []string{"MailEnable"}, Vectors: []string{"plain", "plain-*", "null-sender", "same-domain"},
		Cause:  "The relay settings of the SMTP connector let this client relay without a login. Usually the box for privileged IP ranges is ticked and the list of ranges is empty or wide.",
		Change: "Leave relaying to those who log in. Where devices need it by address, list single addresses.",
		Users:  "Programs and devices whose addresses are not on the list must log in.",
		Ways: []Way{{
			When: "MailEnable administration program",
			Steps: []Step{{
				At: "Servers > Localhost > Connectors > SMTP > Properties > Relay",
				Lines: `[x] Allow relay for authenticated senders
[ ] Allow relay for privileged IP ranges     # or single addresses: 192.0.2.10`,
			}},
			Ref:  "MailEnable Enterprise Guide, SMTP - Relay",
			Read: "2026-11-30",
		}},
	},
	{
		MTAs: []string{"MailEnable"}, Vectors: ownSenders,
		Cause:  "Usually relaying is allowed for local sender addresses, which anybody can write.",
		Change: "Untick that box, and leave relaying to those who log in.",
		Users:  "Users, programs and devices must log in to send to other domains.",
		Ways: []Way{{
			When: "MailEnable administration program",
			Steps: []Step{{
				At: "Servers > Localhost > Connectors > SMTP > Properties > Relay",
				Lines: `[x] Allow relay for authenticated senders
[ ] Allow relay for local sender addresses`,
			}},
			Ref:  "MailEnable Enterprise Guide, SMTP - Relay",
			Read: "2026-11-30",
		}},
	},
	{
		MTAs: []string{"MDaemon"}, Vectors: []string{"plain", "plain-*", "null-sender", "same-domain"},
		Cause:  "Usually Relay Control does not forbid relaying, or this client is on the list of trusted hosts or IPs.",
		Change: "Forbid relaying but for those who log in, and keep the trusted lists to single addresses of your own.",
		Users:  "Programs and devices that are not on the trusted lists must log in to send to other domains.",
		Ways: []Way{{
			Steps: []Step{{
				At: "Security > Security Manager (older versions: Security Settings) > Relay Control",
				Lines: `[x] Do not allow message relaying
    [x] ...unless sent via authenticated SMTP session
    [ ] ...unless sent from a trusted host or IP     # or look through that list
    [ ] ...unless sent from a gateway user`,
			}},
			Ref:  "MDaemon help, Relay Control",
			Read: "2026-11-30",
		}},
	},
	{
		MTAs: []string{"MDaemon"}, Vectors: ownSenders,
		Cause:  "Relay Control refuses only what is neither from nor to a local user. A local sender, which anybody can write, may send anywhere: usually because no login is demanded of it, else because this client is trusted.",
		Change: "Demand a login of whoever claims to be a local sender.",
		Users:  "Users, programs and devices must log in to send in the name of your own domains.",
		Ways: []Way{{
			Steps: []Step{{
				At:    "Security > Security Manager (older versions: Security Settings) > SMTP Authentication",
				Lines: `[x] Authentication is always required when mail is from local accounts`,
			}},
			Ref:  "MDaemon help, Relay Control; SMTP Authentication",
			Read: "2026-11-30",
		}},
	},
}
