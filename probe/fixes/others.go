package fixes

var others = []Fix{
	{
		MTAs: []string{"Stalwart"}, Vectors: []string{"plain", "null-sender", "sender-*", "helo-own-*", "helo-localhost"},
		Cause:  "The expression that allows relaying at the RCPT stage is true for clients that have not logged in. Its default is true for the others only.",
		Change: "Put the default back. In newer versions it is in the web interface, Settings, MTA, Session, RCPT stage.",
		Ways: []Way{{Steps: []Step{{Run: `# config.toml
[session.rcpt]
relay = [ { if = "!is_empty(authenticated_as)", then = true },
          { else = false } ]`}}, Ref: "Stalwart documentation, RCPT stage"}},
	},
	{
		MTAs: []string{"Postal"}, Vectors: []string{"plain", "sender-own-*"},
		Cause:  "A credential of the type SMTP-IP names the address that Postal saw. Behind a container network that is the gateway, and so everybody.",
		Change: "Delete the credential, and let the senders log in with one of the type SMTP.",
		Ways:   []Way{{Ref: "Postal documentation, SMTP-IP credentials"}},
	},
	{
		MTAs: []string{"KumoMTA"}, Vectors: []string{"plain"},
		Cause:  "relay_hosts of the listener takes this client in.",
		Change: "List your own hosts by address.",
		Ways: []Way{{Steps: []Step{{Run: `kumo.start_esmtp_listener {
  listen = '0.0.0.0:25',
  relay_hosts = { '127.0.0.1', '192.0.2.10' },
}`}}, Ref: "KumoMTA reference, relay_hosts"}},
	},
}
