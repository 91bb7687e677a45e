package fixes

var windows = []Fix{
	{
		MTAs: []string{"Exchange"}, Vectors: []string{"plain"},
		Cause:  "A receive connector lets anonymous senders send to any recipient (Ms-Exch-SMTP-Accept-Any-Recipient), or is ExternalAuthoritative, and its remote address range takes everybody in. Often it is the default frontend connector, or a NAT makes every stranger an address of the range.",
		Change: "Take the right off every connector but one of its own, whose range lists the devices that need it, by address. Exchange cannot read the PROXY protocol: a load balancer before it must keep the client's address.",
		Ways: []Way{{Steps: []Step{{Run: `Get-ReceiveConnector | ft Identity,RemoteIPRanges,PermissionGroups,AuthMechanism
Get-ReceiveConnector | Get-ADPermission -User "NT AUTHORITY\ANONYMOUS LOGON" |
  where {$_.ExtendedRights -like "*Accept-Any-Recipient*"} | ft Identity
Remove-ADPermission "SERVER\CONNECTOR" -User "NT AUTHORITY\ANONYMOUS LOGON" ` + "`" + `
  -ExtendedRights "Ms-Exch-SMTP-Accept-Any-Recipient"
Set-ReceiveConnector "SERVER\RELAY" -RemoteIPRanges 192.0.2.10,192.0.2.11`}}, Ref: "Microsoft Learn, Allow anonymous relay on Exchange servers"}},
	},
	{
		MTAs: []string{"Exchange"}, Vectors: topDomains,
		Cause:  "An accepted domain with a wildcard covers far more than your own.",
		Change: "List whole domains.",
		Ways:   []Way{{Steps: []Step{{Run: "Get-AcceptedDomain | ft Name,DomainName,DomainType"}}, Ref: "Microsoft Learn, Accepted domains in Exchange Server"}},
	},
	{
		MTAs: []string{"Microsoft 365"}, Vectors: []string{"plain", "sender-own-*"},
		Cause:  "An inbound connector of the tenant (your organisation's servers) matches the address you tested from, and mail over it may leave for anywhere.",
		Change: "Let the connector know your servers by certificate, or by single addresses that nobody else shares.",
		Ways:   []Way{{Steps: []Step{{Run: `Get-InboundConnector | ft Name,Enabled,ConnectorType,SenderIPAddresses,TlsSenderCertificateName`}}, Ref: "Microsoft Learn, Configure mail flow using connectors"}},
	},
	{
		MTAs: []string{"Microsoft IIS SMTP"}, Vectors: []string{"plain"},
		Cause:  "The relay restrictions of the SMTP virtual server grant relaying to all but a list.",
		Change: "In its properties, on the tab Access, under Relay, choose \"Only the list below\" and list your own hosts.",
	},
	{
		MTAs: []string{"hMailServer"}, Vectors: []string{"plain", "plain-*", "null-sender", "same-domain"},
		Cause:  "The IP range that takes this client in allows deliveries from external to external addresses. Of overlapping ranges the one with the highest priority counts.",
		Change: "Untick that box on every range but your own machine's, in the administrator.",
		Ways: []Way{{Steps: []Step{{Run: `Settings > Advanced > IP Ranges > Internet
  [ ] Allow deliveries from external to external e-mail addresses
  [x] Require SMTP authentication: external to external`}}, Ref: "hMailServer documentation, IP ranges"}},
	},
	{
		MTAs: []string{"hMailServer"}, Vectors: ownSenders,
		Cause:  "The IP range that takes this client in allows deliveries from local to external addresses without a login. The sender decides who is local, and anybody can write it.",
		Change: "Require authentication for that box on every range but your own machine's, in the administrator.",
		Ways: []Way{{Steps: []Step{{Run: `Settings > Advanced > IP Ranges > Internet
  [x] Require SMTP authentication: local to external
  [x] Require SMTP authentication: external to external`}}, Ref: "hMailServer documentation, IP ranges"}},
	},
}
