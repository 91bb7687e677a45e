package fixes

var panels = []Fix{
	{
		MTAs: []string{"mailcow"}, Vectors: []string{"plain"},
		Cause:  "The Postfix of mailcow trusts the container network. Strangers seem to come from its gateway where a masquerading rule or the userland proxy rewrites their address, mostly for IPv6 only: the host has an IPv6 address and the containers have none. Or extra.cf widens mynetworks.",
		Change: "Give the containers IPv6 or publish the port on IPv4 only, take blanket masquerading rules off the host, and keep extra.cf free of networks.",
		Ways: []Way{{Steps: []Step{{Run: `docker compose exec postfix-mailcow postconf mynetworks
docker compose logs postfix-mailcow | grep -i 'connect from'
# mailcow.conf, to leave IPv6 out
SMTP_PORT=0.0.0.0:25
SMTPS_PORT=0.0.0.0:465
SUBMISSION_PORT=0.0.0.0:587`}}, Ref: "mailcow documentation, IPv6; data/conf/postfix/extra.cf"}},
	},
	{
		MTAs: []string{"Zimbra"}, Vectors: []string{"plain"},
		Cause:  "The Postfix of Zimbra takes this client for one of its own: zimbraMtaMyNetworks is too wide.",
		Change: "List the hosts of the installation, and no networks.",
		Ways: []Way{{Steps: []Step{{Run: "zmprov gs $(zmhostname) zimbraMtaMyNetworks\n" +
			"zmprov ms $(zmhostname) zimbraMtaMyNetworks '127.0.0.0/8 [::1]/128 192.0.2.5/32'\n" +
			"postfix reload"}}}},
	},
}

// Products is the table of mail systems around another server.
var Products = []Product{
	{Name: "mailcow", Server: "Postfix"},
	{Name: "Zimbra", Server: "Postfix"},
}
