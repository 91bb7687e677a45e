package fixes

// HiddenClients is the fix where a server does not see who connects to it, whichever server it is.
var HiddenClients = Fix{
	Cause:  "Address translation or a proxy in front of the server gives every client the same address. If that address is a trusted one, every stranger is trusted.",
	Change: "Let the server see the real address of its clients, and never trust the address of a gateway or a proxy. These are the usual places.",
	Ways: []Way{{Steps: []Step{{Run: `# Docker: /etc/docker/daemon.json
"userland-proxy": false
# Docker, compose file: on IPv4 only, or give the network IPv6
ports: ["0.0.0.0:25:25"]
# Kubernetes: the Service of the mail server
externalTrafficPolicy: Local
# HAProxy: and the PROXY protocol on the mail server's side too
server mail 10.0.0.5:10025 send-proxy-v2
# router or firewall: no source NAT (masquerading) on inbound mail`}}}},
}
