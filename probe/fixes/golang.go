package fixes

var golang = []Fix{
	{
		MTAs: []string{"maddy"}, Vectors: []string{"plain", "null-sender"},
		Cause:  "default_destination of the endpoint on port 25 delivers to the remote queue.",
		Change: "Reject there. Only the submission endpoint, which demands a login, may deliver to the remote queue.",
		Ways: []Way{{Steps: []Step{{Run: `# maddy.conf, in smtp tcp://0.0.0.0:25 { ... default_source { ...
default_destination {
    reject 550 5.1.1 "User doesn't exist"
}`}}, Ref: "maddy, SMTP message routing (pipeline)"}},
	},
	{
		MTAs: []string{"maddy"}, Vectors: ownSenders,
		Cause:  "The source block for local senders on port 25 delivers their mail anywhere, and anybody can write such a sender.",
		Change: "Reject local senders on port 25. They use submission, where they log in.",
		Ways: []Way{{Steps: []Step{{Run: `# maddy.conf, in smtp tcp://0.0.0.0:25 { ...
source $(local_domains) {
    reject 501 5.1.8 "Use Submission for outgoing SMTP"
}`}}, Ref: "maddy, SMTP message routing (pipeline)"}},
	},
	{
		MTAs: []string{"mox", "chasquid"}, Vectors: []string{"plain", "null-sender", "sender-own-*"},
		Cause:  "This server relays for users who log in, and for nobody else. If it took the recipient, then that domain is configured as one of its own, or something in front of it answers in its name.",
		Change: "Look whether the domain of the recipient is among the domains of the configuration, and what listens on the port.",
		Ways:   []Way{{Steps: []Step{{Run: "ss -ltnp 'sport = :25'"}}}},
	},
	{
		MTAs: []string{"chasquid"}, Vectors: []string{"proxy-*"},
		Cause:  "haproxy_incoming is on, and a port is open to others than the proxy. chasquid believes the header of any client then.",
		Change: "Turn it off, or let only the proxy reach the port.",
		Ways: []Way{{Steps: []Step{{Run: `# chasquid.conf
haproxy_incoming: false`}}, Ref: "chasquid, HAProxy integration"}},
	},
}
