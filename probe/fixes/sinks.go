package fixes

var sinks = []Fix{
	{
		MTAs:   []string{"GreenMail", "MailCatcher", "Inbucket"},
		Cause:  "This is a test server. It accepts every recipient by design, keeps each message, and passes none on.",
		Change: "Strangers should not reach it all the same: they can fill it, and read there what your programs send. Bind it to loopback or to an inner network.",
		Users:  "Programs on other machines can no longer send to it. Let them share the inner network.",
		Ways: []Way{
			{
				When: "MailCatcher or Inbucket without a container",
				Steps: []Step{{Run: `mailcatcher --smtp-ip 127.0.0.1 --http-ip 127.0.0.1
INBUCKET_SMTP_ADDR=127.0.0.1:2500 INBUCKET_WEB_ADDR=127.0.0.1:9000 inbucket`}},
				Ref:  "MailCatcher, README; Inbucket Configuration",
				Read: "2026-11-30",
			},
			inContainer(`- "127.0.0.1:3025:3025"   # GreenMail
- "127.0.0.1:1025:1025"   # MailCatcher
- "127.0.0.1:2500:2500"   # Inbucket
# and so each other port that is published: 8080 (GreenMail), 1080 (MailCatcher), 9000 (Inbucket)`),
		},
	},
	{
		MTAs:   []string{"Mailpit"},
		Cause:  "This is a test server. It accepts every recipient by design and keeps each message. It passes messages on where it was told so: with smtp-relay-all or smtp-relay-matching it relays for everybody who reaches it, and with a relay server set, whoever reaches its web interface can release messages.",
		Change: "Turn automatic relaying off, and bind both ports to loopback or to an inner network.",
		Users:  "Messages stay in Mailpit until somebody releases them by hand. Programs on other machines can no longer send to it. Let them share the inner network.",
		Ways: []Way{
			{
				When: "without a container",
				Look: `tr '\0' '\n' </proc/$(pgrep -xo mailpit)/environ | grep ^MP_SMTP
tr '\0' ' ' </proc/$(pgrep -xo mailpit)/cmdline   # the options of the same names`,
				Steps: []Step{{At: "the environment of Mailpit, which then is restarted", Lines: `MP_SMTP_RELAY_ALL=false
MP_SMTP_RELAY_MATCHING=
MP_SMTP_BIND_ADDR=127.0.0.1:1025
MP_UI_BIND_ADDR=127.0.0.1:8025`}},
				Ref:  "Mailpit documentation, SMTP relaying; Runtime options",
				Read: "2026-11-30",
			},
			inContainer("- \"127.0.0.1:1025:1025\"\n- \"127.0.0.1:8025:8025\"", Step{
				At: "compose.yaml, the environment of the service", Lines: "MP_SMTP_RELAY_ALL: \"false\"   # and no MP_SMTP_RELAY_MATCHING",
			}),
		},
	},
	{
		MTAs:   []string{"MailHog"},
		Cause:  "This is a test server. It accepts every recipient by design and keeps each message. It passes on what somebody releases, and nothing by itself: but whoever reaches its web interface can release messages, through any server that he names there.",
		Change: "Bind both ports to loopback or to an inner network.",
		Users:  "Programs and browsers on other machines no longer reach it. Let them share the inner network.",
		Ways: []Way{
			{
				When: "without a container",
				Steps: []Step{{At: "the environment of MailHog, which then is restarted", Lines: `MH_SMTP_BIND_ADDR=127.0.0.1:1025
MH_UI_BIND_ADDR=127.0.0.1:8025
MH_API_BIND_ADDR=127.0.0.1:8025`}},
				Ref:  "Configuring MailHog",
				Read: "2026-11-30",
			},
			inContainer("- \"127.0.0.1:1025:1025\"\n- \"127.0.0.1:8025:8025\""),
		},
	},
	{
		MTAs:   []string{"smtp4dev"},
		Cause:  "This is a test server. It accepts every recipient by design and keeps each message. It passes messages on where it was told so: with a relay server set, AutomaticEmails and AutomaticRelayExpression make it relay for everybody who reaches it. Whoever reaches its web interface can set them.",
		Change: "Empty the relay options, lock the settings, and let only this machine or an inner network reach it, its web interface too. The file is the one in {AppData}/smtp4dev, which smtp4dev names when it starts: the installed one is overwritten by an update.",
		Users:  "Messages stay in smtp4dev. Nobody changes a setting in the web interface any more. Programs on other machines can no longer send to it. Let them share the inner network.",
		Ways: []Way{
			{
				When: "without a container",
				Steps: []Step{{At: smtp4devFile, Lines: `"ServerOptions": { "LockSettings": true, "AllowRemoteConnections": false },
` + smtp4devRelay}},
				Ref:  "smtp4dev, Configuration; comments in appsettings.json",
				Read: "2026-11-30",
			},
			inContainer("- \"127.0.0.1:5000:80\"\n- \"127.0.0.1:2525:25\"", Step{At: smtp4devFile, Lines: `"ServerOptions": { "LockSettings": true },
` + smtp4devRelay}),
		},
	},
	{
		MTAs:   []string{"Papercut"},
		Cause:  "This is a test server. It accepts every recipient by design and keeps each message. It passes messages on where a rule of the kind Forward or Relay tells it so. Since version 8, whoever reaches the web interface of its service can write such a rule, and before 8.1.1 one that runs programs.",
		Change: "Delete the rules that forward or relay, update it, and let it listen on loopback, its web interface too.",
		Users:  "Messages stay in Papercut. Programs and browsers on other machines no longer reach it.",
		Ways: []Way{
			{
				When:  "the desktop application",
				Steps: []Step{{At: "Rules, and Options", Lines: "Rules: none of the kind Forward or Relay\nSMTP IP: 127.0.0.1"}},
				Ref:   "Papercut SMTP documentation, Desktop App",
				Read:  "2026-11-30",
			},
			{
				When: "the service, which then is restarted",
				Look: `cat rules.json Papercut.Service.Settings.json   # on Windows: type`,
				Steps: []Step{
					{At: "Papercut.Service.Settings.json, beside the keys that are there", Lines: `{ "IP": "127.0.0.1" }`},
					{At: "appsettings.json, beside the keys that are there", Lines: `{ "Urls": "http://localhost:8080" }`},
				},
				Ref:  "Papercut SMTP documentation, Service & Web UI; Release Notes, 8.1.1",
				Read: "2026-11-30",
			},
		},
	},
	{
		MTAs:   []string{"aiosmtpd"},
		Cause:  "This is a program written with a Python library, whose handlers accept every recipient unless the program refuses some. A test server keeps what it takes. A filter passes it on to a server that usually trusts the filter's address, and so every stranger.",
		Change: "Bind a test server to loopback. Put a filter behind Postfix, which then sees the real clients and decides for whom it relays. The handler Proxy of the library cannot stand in front: it answers 250 even for what the server behind it refuses, and the mail is lost. Any other program must refuse by itself.",
		Users:  "Whoever has relayed through the program because it refused nobody must stand in mynetworks, or in the program, or log in to Postfix.",
		Ways: []Way{
			{
				When: "a filter in front of Postfix",
				Look: `# /usr/local/lib/filter.py and the service filter stand for your program, localhost:2525 for
# the port on which Postfix waits for it
grep -nE 'Controller\(' /usr/local/lib/filter.py
postconf mynetworks; postconf -M | grep inet`,
				Steps: []Step{
					{
						At: "/usr/local/lib/filter.py", Out: `^Controller\(`,
						Lines: `Controller(Proxy("localhost", 10026), hostname="localhost", port=10025).start()`,
						Flush: true,
					},
					{At: "/etc/postfix/master.cf", Out: `^localhost:2525 `, Flush: true, Lines: `# whom everybody reaches
smtp            inet  n  -  -  -  20  smtpd
  -o smtpd_proxy_filter=localhost:10025
# to whom the filter gives the mail back
localhost:10026 inet  n  -  -  -  20  smtpd
  -o mynetworks=127.0.0.0/8,[::1]/128
  -o smtpd_client_restrictions=
  -o smtpd_helo_restrictions=
  -o smtpd_sender_restrictions=
  -o smtpd_relay_restrictions=
  -o smtpd_recipient_restrictions=permit_mynetworks,reject
  -o smtpd_data_restrictions=
  -o smtpd_proxy_filter=
  -o receive_override_options=no_unknown_recipient_checks`},
					{Run: `postconf -e 'mynetworks = 127.0.0.0/8 [::1]/128 192.0.2.10/32'`},
				},
				Load: `systemctl restart filter
postfix check && postfix reload`,
				Ref: "SMTPD_PROXY_README; aiosmtpd manual, Handlers",
				Run: "aiosmtpd 1.4.3 and Postfix 3.7 of Debian 12",
			},
			{
				When: "a program that delivers by itself",
				Look: `# /usr/local/lib/filter.py and the service filter stand for your program
grep -nE '^class |handle_RCPT' /usr/local/lib/filter.py`,
				Steps: []Step{{At: "/usr/local/lib/filter.py", Below: `^class .*:$`, Flush: true, Lines: `    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        ours = address.lower().endswith("@example.org")
        if not (ours or session.authenticated or session.peer[0] == "192.0.2.10"):
            return "550 5.7.1 Relaying denied"
        envelope.rcpt_tos.append(address)
        return "250 OK"`}},
				Load: `python3 -m py_compile /usr/local/lib/filter.py
systemctl restart filter`,
				Ref: "aiosmtpd manual, Handlers, handle_RCPT",
				Run: "aiosmtpd 1.4.3 of Debian 12",
			},
			{
				When:  "a test server of the command aiosmtpd",
				Steps: []Step{{Run: `aiosmtpd -n -l 127.0.0.1:8025 -c aiosmtpd.handlers.Sink   # in place of -l 0.0.0.0:8025`}},
				Ref:   "aiosmtpd manual, Command line usage",
				Read:  "2026-11-30",
			},
		},
	},
}

const smtp4devFile = "{AppData}/smtp4dev/appsettings.json"

const smtp4devRelay = `"RelayOptions": { "SmtpServer": "", "AutomaticEmails": [], "AutomaticRelayExpression": "" }`

// inContainer publishes the ports of a container on loopback only, after other steps.
func inContainer(ports string, steps ...Step) Way {
	return Way{
		When:  "in a container of Docker Compose",
		Steps: append(steps, Step{At: "compose.yaml, the ports of the service", Lines: ports}),
		Load:  "docker compose config --quiet && docker compose up -d",
		Ref:   "Docker documentation, Port publishing and mapping",
		Read:  "2026-11-30",
	}
}
