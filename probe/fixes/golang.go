package fixes

import "slices"

// maddyRejects takes relaying out of the endpoint on port 25, in the layout of the file that comes with maddy.
const maddyRejects = `'/^smtp .*:25[^0-9]/,/^}/ {
  s/deliver_to &remote_queue/reject 550 5.7.1 "Relay denied"/
}'`

var golang = []Fix{
	{
		MTAs: []string{"maddy"}, Vectors: slices.Concat([]string{"plain", "null-sender", "same-domain"}, ownSenders),
		Cause:  "The endpoint on port 25 asks for no login, and usually one of its blocks delivers to the remote queue: default_destination does so for everybody, the block of a source for whoever writes such a sender.",
		Change: "Let every block of that endpoint reject what is not for your own domains. Only submission, which asks for a login, delivers to the remote queue. Where a block names another target, put the reject in its place by hand.",
		Users:  "Programs and devices that sent through port 25 log in on port 465 or 587 from now on. maddy trusts no client by its address: for one that cannot log in, add an smtp endpoint on an inner address that others do not reach.",
		Ways: []Way{
			{
				When:  "with its own service",
				Look:  `sed -n '/^smtp /,/^}/p' /etc/maddy/maddy.conf`,
				Steps: []Step{{Run: `sed -i.before ` + maddyRejects + ` /etc/maddy/maddy.conf`}},
				Load: `runuser -u maddy -- maddy verify-config   # version 0.9 and newer
systemctl restart maddy   # a reload is not enough before version 0.9`,
				Ref: "maddy, SMTP message routing (pipeline); Dovecot, Other IMAP servers",
				Run: "maddy 0.9.5",
			},
			{
				When:  "Docker, where the container is called maddy",
				Look:  `docker exec maddy sed -n '/^smtp /,/^}/p' /data/maddy.conf`,
				Steps: []Step{{Run: `docker exec maddy sed -i ` + maddyRejects + ` /data/maddy.conf`}},
				Load: `docker exec maddy maddy -config /data/maddy.conf verify-config   # version 0.9 and newer
docker restart maddy`,
				Ref:  "maddy, Docker; SMTP message routing (pipeline)",
				Read: "2026-11-30",
			},
		},
	},
	{
		MTAs: []string{"chasquid"}, Vectors: localForms,
		Cause:  "Usually the hook alias-resolve turns the address into one of another domain, or a catch-all takes it as the name of a user, and then nothing is relayed. By itself chasquid takes such a local part for the name of a user.",
		Change: "Let the hook print nothing for a local part that holds another address.",
		Users:  "An alias whose name holds one of these characters no longer works. All others do.",
		Ways: []Way{{
			Look: `cat /etc/chasquid/hooks/alias-resolve`,
			Steps: []Step{{
				At: "/etc/chasquid/hooks/alias-resolve", Below: `^#!`,
				Lines: `case ${1%@*} in *[%!@]*) exit 0 ;; esac   # no alias; for a shell script`,
			}},
			Load: `sh -n /etc/chasquid/hooks/alias-resolve   # nothing to load: it is run anew for each recipient`,
			Ref:  "chasquid, Hooks, Alias resolve hook",
			Run:  "chasquid 1.11 of Debian 12",
		}},
	},
	{
		MTAs: []string{"chasquid"}, Vectors: anyRecipient,
		Cause:  "chasquid relays for users who log in and for nobody else, whatever their address, sender or HELO name. If it took this recipient, the domain usually has a directory of its own in domains, with a catch-all or the like, or something in front of chasquid answers in its name.",
		Change: "Take domains out that are not yours: here example.com, the domain of the recipient. If none is there, look what listens on the port.",
		Users:  "Mail for that domain is refused, except from users who log in. Its users can no longer log in.",
		Ways: []Way{{
			Look: `ss -ltnp 'sport = :25'
ls /etc/chasquid/domains`,
			Steps: []Step{{Run: `mv /etc/chasquid/domains/example.com /root/`}},
			Load: `chasquid-util print-config
systemctl restart chasquid`,
			Ref: "chasquid, Aliases, Catch-all",
			Run: "chasquid 1.11 of Debian 12",
		}},
	},
	{
		MTAs: []string{"mox"}, Vectors: anyRecipient,
		Cause:  "mox relays for users who log in and for nobody else. If it took this recipient, it usually is mox localserve, a test server that puts everybody's mail into one mailbox and sends nothing on. Else the domain is one of its own, or something in front of mox answers in its name.",
		Change: "Bind a test server to loopback. In mox serve disable the domains that are not yours: here example.com, the domain of the recipient.",
		Users:  "A test server on loopback is reached by programs of its own machine only. Mail to and from a domain that is disabled is refused.",
		Ways: []Way{
			{
				When: "mox localserve, as the user who runs it",
				Look: `grep -A3 IPs: ~/.config/mox-localserve/mox.conf`,
				Steps: []Step{{
					At: "~/.config/mox-localserve/mox.conf, Listeners, local, in place of the addresses below IPs",
					Lines: `- 127.0.0.1
- ::1`,
				}},
				Load: `# stop mox localserve, and start it again`,
				Ref:  "mox, Command reference, mox localserve",
				Read: "2026-11-30",
			},
			{
				When: "mox serve, in the directory of mox, such as /home/mox",
				Look: `ss -ltnp 'sport = :25'
sed -n '/^Domains:/,/^Accounts:/p' config/domains.conf | grep -E '^[[:space:]][^[:space:]#]'`,
				Steps: []Step{{Run: `./mox config domain disable example.com   # loads it as well
# enable undoes it; where the version has no disable: rm, which cannot be undone`}},
				Load: `./mox config test`,
				Ref:  "mox, Command reference, mox config domain disable",
				Read: "2026-11-30",
			},
		},
	},
	{
		MTAs:   []string{"go-smtp"},
		Cause:  "This is a program built on a Go library for mail servers, and it accepts what its own code accepts. Usually it is a test server, which takes everything by design. Else its Rcpt asks neither for a login nor for the domain.",
		Change: "Bind a test server to loopback. Any other must refuse recipients of foreign domains, unless the client has logged in.",
		Users:  "A test server on loopback is reached by programs of its own machine only. Of any other, clients that send to foreign domains log in.",
		Ways: []Way{
			{
				When:  "a test server",
				Look:  `ss -ltnp   # whether it listens on 0.0.0.0 or [::]`,
				Steps: []Step{{At: "the program's source", Lines: `server.Addr = "127.0.0.1:1025"`}},
				Load:  `# build the program, and start it again`,
				Ref:   "go-smtp, package documentation, Server",
				Read:  "2026-11-30",
			},
			{
				When: "a mail server",
				Steps: []Step{{At: "the program's source", Lines: `func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
    if !s.loggedIn && !isOurs(to) {
        return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 7, 1},
            Message: "Relay denied"}
    }`}},
				Load: `# build the program, and start it again`,
				Ref:  "go-smtp, package documentation, Session",
				Read: "2026-11-30",
			},
		},
	},
}

// anyRecipient are the vectors that ask for a recipient of a foreign domain as it is.
var anyRecipient = slices.Concat([]string{"plain", "null-sender", "same-domain", "helo-*"}, topDomains, ownSenders)
